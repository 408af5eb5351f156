import subprocess
import sys

_MANY_AT_ONCE = """
import sys, threading
from sottovoce_engine.media.vocoder import world
sys.setswitchinterval(1e-6)
together, found = threading.Barrier(8), []
def use():
    together.wait()
    found.append(hasattr(world(), "cheaptrick"))
threads = [threading.Thread(target=use) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(found)
"""


def test_threads_that_ask_for_it_at_once_all_get_it_whole() -> None:
    ran = subprocess.run([sys.executable, "-c", _MANY_AT_ONCE], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str([True] * 8)
