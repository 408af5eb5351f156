"""Hands the current timeline of DaVinci Resolve (18.5 or newer) to Sottovoce and brings the result back as a new one.

The timeline itself is only read. For Python 3.6 and newer, whichever Resolve finds; nothing but its own library.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

PYTHON, EXCHANGE, ACTION = "@PYTHON@", "@EXCHANGE@", "@ACTION@"  # filled in when it is installed
# Of Resolve's own Python and libraries, which are not Sottovoce's.
_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


def main(app: Any) -> None:
    """Does what this script was installed for.

    Raises:
        SystemExit: It cannot be done; the message says what to do.
    """
    project = app.GetProjectManager().GetCurrentProject()
    timeline = project.GetCurrentTimeline() if project else None
    if not timeline:
        _fail("open a timeline first.")
    path = _exchange_path(timeline)
    if ACTION != "bring_back":
        _hand_over(app, timeline, path)
    if ACTION == "open":
        _run("panel", str(path))
    elif ACTION == "render":
        _run("render", str(path), "-o", str(path.with_name(path.stem + " rendered")))
    _bring_back(project, _result_of(path))


def _exchange_path(timeline: Any) -> Path:
    """One file for each timeline, also where two have the same name: the takes are kept beside it."""
    name = re.sub(r"[^0-9A-Za-z _-]", "_", timeline.GetName())
    return Path(EXCHANGE) / f"{name} {timeline.GetUniqueId()[:8]}.otio"


def _hand_over(app: Any, timeline: Any, path: Path) -> None:
    if getattr(app, "EXPORT_OTIO", None) is None:
        _fail("this Resolve writes no OpenTimelineIO. Update it to 18.5 or newer.")
    if not timeline.Export(str(path), app.EXPORT_OTIO):
        _fail(f"Resolve could not write '{path}'. Make that folder, and let Resolve write there.")


def _bring_back(project: Any, result: Path) -> None:
    name = _free_name(project, result.stem)
    options = {"timelineName": name, "importSourceClips": True, "sourceClipsPath": str(result.parent)}
    made = project.GetMediaPool().ImportTimelineFromFile(str(result), options)
    made = made or _timeline_named(project, name)  # it may make one and yet return none
    if not made:
        _fail(f"Resolve did not take '{result}'. Save the project, or import it by hand: File > Import > Timeline.")
    project.SetCurrentTimeline(made)
    print(f"Sottovoce: '{made.GetName()}' is the result.")
    offline = _offline_clips(made)
    if offline:
        print(
            f"Sottovoce: {offline} of its clips are offline. Delete it and import '{result}' by hand, which finds them: "
            "File > Import > Timeline."
        )


def _timeline_named(project: Any, name: str) -> Any:
    timelines = (project.GetTimelineByIndex(index) for index in range(1, project.GetTimelineCount() + 1))
    return next((timeline for timeline in timelines if timeline.GetName() == name), None)


def _free_name(project: Any, wanted: str) -> str:
    name, number = wanted, 2
    while _timeline_named(project, name):
        name, number = f"{wanted} {number}", number + 1
    return name


def _offline_clips(timeline: Any) -> int:
    items = (
        item
        for kind in ("video", "audio")
        for track in range(1, timeline.GetTrackCount(kind) + 1)
        for item in timeline.GetItemListInTrack(kind, track) or ()
    )
    return sum(1 for item in items if not item.GetMediaPoolItem())


def _result_of(path: Path) -> Path:
    done = _started(["host", "result", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said, refused = done.communicate()
    if done.returncode:
        _fail(refused.decode("utf-8", "replace").strip())
    return Path(said.decode("utf-8").strip())


def _run(*arguments: str) -> None:
    """Runs a command to its end and shows what it says as it says it."""
    process = _started(list(arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for line in process.stdout or ():
        print(line.decode("utf-8", "replace").rstrip())
    process.wait()


def _started(arguments: "list[str]", stdout: int, stderr: int) -> "subprocess.Popen[bytes]":
    environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    environment["PYTHONUTF8"] = "1"
    try:
        return subprocess.Popen(
            [PYTHON, "-m", "sottovoce", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=environment,
        )
    except OSError as error:
        _fail(f"'{PYTHON}' does not start: {error}. Install the launcher again: sottovoce host install resolve-python")
        raise


def _fail(message: str) -> None:
    raise SystemExit(f"Sottovoce: {message}")


def _resolve() -> Any:
    """Resolve itself puts `resolve` here when the script is started from its menu."""
    found = globals().get("resolve")
    if found is not None:
        return found
    import DaVinciResolveScript  # type: ignore[import-not-found]  # by the paths that Resolve's README says

    return DaVinciResolveScript.scriptapp("Resolve")


if __name__ == "__main__":
    main(_resolve())
