import os
import signal
import sys

from hypothesis import settings

# A run in CI must not fail by the luck of a seed, nor by a slow neighbour on the same machine.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# Tests run side by side, a process for each core: threads inside them, and inside what they start, would only wait for
# each other. Set before anything that reads it is imported; processes started later inherit it.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# Hundreds of processes are started by the tests: each would compile all of Sottovoce anew, and every run all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Where the tests run in a shell's background, Ctrl-C is ignored, and so it would be in every process that they start and stop.
signal.signal(signal.SIGINT, signal.default_int_handler)
