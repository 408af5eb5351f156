"""The child process: `python -m sottovoce_engine.renderers.child`, started by the worker only.

The standard streams are taken over before anything else is imported: a library that prints to stdout,
or a program it starts that reads stdin, cannot come between the messages.

    fd 0   nothing to read          the messages come in over a private copy
    fd 1   the same as fd 2         the messages go out over a private copy
    fd 2   the worker's log
"""

import os
import signal
import sys

STANDING_BACK = "--standing-back"  # asked for where a person works in a window beside it

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Serves batches until the worker goes."""
    incoming, outgoing = _private_pipes()
    _end_when_the_parent_does()
    if STANDING_BACK in sys.argv[1:]:
        from sottovoce_engine.standing_back import stand_back

        stand_back()
    from sottovoce_engine.renderers.serving import serve

    serve(incoming, outgoing)


def _private_pipes() -> tuple[int, int]:
    """Copies of stdin and stdout that no library and no program started from here can reach."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return incoming, outgoing


def _end_when_the_parent_does() -> None:
    """Beside the end of stdin, which a thread watches: the kernel's own word, where there is one.

    It also holds where a library keeps Python's lock for minutes, so that no thread can run.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
