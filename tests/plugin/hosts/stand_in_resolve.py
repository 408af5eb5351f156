"""What the launcher uses of DaVinci Resolve's scripting objects, by the README that comes with Resolve.

A stand-in: it says what was called, and never was a real Resolve.

python stand_in_resolve.py SCRIPT EXPORTED NAME [old|refuses]
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
    def __init__(self, name: str, exported: str) -> None:
        self._name, self._exported = name, exported

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


class Resolve:
    """Project manager, project and media pool in one."""

    def __init__(self, exported: str, name: str, kind: str) -> None:
        self._timeline, self._kind = Timeline(name, exported) if name else None, kind
        if kind != "old":
            self.EXPORT_OTIO = "otio"

    def GetProjectManager(self) -> Any:  # noqa: N802
        return self

    GetCurrentProject = GetMediaPool = GetProjectManager

    def GetCurrentTimeline(self) -> Timeline | None:  # noqa: N802
        return self._timeline

    def GetTimelineCount(self) -> int:  # noqa: N802
        return 1

    def GetTimelineByIndex(self, index: int) -> Timeline | None:  # noqa: N802
        assert index == 1
        return self._timeline

    def SetCurrentTimeline(self, timeline: Timeline) -> None:  # noqa: N802
        called("SetCurrentTimeline", timeline.GetName())

    def ImportTimelineFromFile(self, path: str, options: dict[str, Any]) -> Timeline | None:  # noqa: N802
        wanted = options["importSourceClips"]
        called("Import", path, options["timelineName"], str(wanted).lower(), options["sourceClipsPath"])
        return None if self._kind == "refuses" else Timeline(options["timelineName"], "")


if __name__ == "__main__":
    os.environ["PYTHONHOME"] = "/nowhere"  # Resolve's own
    script, exported, name, kind = [*sys.argv[1:], ""][:4]
    runpy.run_path(script, init_globals={"resolve": Resolve(exported, name, kind)}, run_name="__main__")
