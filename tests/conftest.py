import os

from hypothesis import settings

# A run in CI must not fail by the luck of a seed, nor by a slow neighbour on the same machine.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")
