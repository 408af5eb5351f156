"""What the launcher uses of DaVinci Resolve's scripting objects, by the README that comes with Resolve.

A stand-in: it says what was called, and never was a real Resolve.

python stand_in_resolve.py SCRIPT EXPORTED NAME [KIND]     its current timeline has NAME and exports a copy of EXPORTED

KIND    old: a Resolve before 18.5    refuses: takes no timeline    silent: takes it and returns none
        offline: finds one of two media
"""

import os
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any


def called(*what: object) -> None:
    print("CALLED", *what, sep="\t", flush=True)


class Timeline:
    def __init__(self, name: str, exported: str, kind: str) -> None:
        self._name, self._exported, self._kind = name, exported, kind

    def GetName(self) -> str:  # noqa: N802
        return self._name

    def GetUniqueId(self) -> str:  # noqa: N802
        return "1f0c9a42-aaaa-bbbb-cccc-000000000000"

    def Export(self, path: str, kind: str) -> bool:  # noqa: N802
        called("Export", path, kind)
        if not Path(path).parent.is_dir():
            return False
        shutil.copyfile(self._exported, path)
        return True

    def GetTrackCount(self, kind: str) -> int:  # noqa: N802
        return 1 if kind == "audio" else 0

    def GetItemListInTrack(self, kind: str, track: int) -> list[Any]:  # noqa: N802
        assert (kind, track) == ("audio", 1)
        return [Item(there=True), Item(there=self._kind != "offline")]


class Item:
    def __init__(self, *, there: bool) -> None:
        self._there = there

    def GetMediaPoolItem(self) -> object:  # noqa: N802
        return self if self._there else None


class Resolve:
    """Project manager, project and media pool in one."""

    def __init__(self, exported: str, name: str, kind: str) -> None:
        self._timelines, self._kind = [Timeline(name, exported, kind)] if name else [], kind
        if kind != "old":
            self.EXPORT_OTIO = "otio"

    def GetProjectManager(self) -> Any:  # noqa: N802
        return self

    GetCurrentProject = GetMediaPool = GetProjectManager

    def GetCurrentTimeline(self) -> Timeline | None:  # noqa: N802
        return self._timelines[0] if self._timelines else None

    def GetTimelineCount(self) -> int:  # noqa: N802
        return len(self._timelines)

    def GetTimelineByIndex(self, index: int) -> Timeline:  # noqa: N802
        return self._timelines[index - 1]

    def SetCurrentTimeline(self, timeline: Timeline) -> None:  # noqa: N802
        called("SetCurrentTimeline", timeline.GetName())

    def ImportTimelineFromFile(self, path: str, options: dict[str, Any]) -> Timeline | None:  # noqa: N802
        wanted = options["importSourceClips"]
        called("Import", path, options["timelineName"], str(wanted).lower(), options["sourceClipsPath"])
        if self._kind == "refuses":
            return None
        self._timelines.append(Timeline(options["timelineName"], "", self._kind))
        return None if self._kind == "silent" else self._timelines[-1]


if __name__ == "__main__":
    os.environ["PYTHONHOME"] = "/nowhere"  # Resolve's own
    script, exported, name, kind = [*sys.argv[1:], ""][:4]
    runpy.run_path(script, init_globals={"resolve": Resolve(exported, name, kind)}, run_name="__main__")
