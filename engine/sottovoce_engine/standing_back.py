"""A process that works beside a window leaves the processor to it, and ends with it.

window    ▂ ▂▂   ▂ ▂▂▂▂ ▂         what a person waits for: short, and at once
renderer  ▅▅▅  ▅▅▅     ▅▅▅▅▅▅     what is left; all of it, where nobody works in the window
"""

import contextlib
import multiprocessing
import os
import sys
import threading
from pathlib import Path

_NICENESS = 5
_GROUP = Path("/proc/self/autogroup")


def stand_back() -> None:
    """Gives this process less of a processor than others have, where the system can."""
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), below_normal)
        return
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    if os.getsid(0) == os.getpid():  # Linux weighs sessions against each other; one of several is not ours to weigh
        with contextlib.suppress(OSError):
            _GROUP.write_text(str(_NICENESS), encoding="ascii")


def end_with_parent() -> None:
    """From now on this process, begun by `multiprocessing`, ends once the one that began it is gone, killed or not."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "this runs in a process that was begun by another one"
    parent.join()
    os._exit(0)
