"""Measures what survives in each export format; writes the table that `export` prints, and docs/formats.md.

python -m docs.formats
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.plugin.exporting.survival_measured import measured, rich_export

from sottovoce.exporting.formats import FORMATS
from sottovoce.exporting.values import Kept, Survival, Trait

HERE = Path(__file__).parent
PAGE = HERE / "formats.md"
TABLE = HERE.parent / "plugin" / "sottovoce" / "exporting" / "survival.toml"

_CELLS = {Kept.ALL: "✔", Kept.PARTLY: "partly", Kept.NONE: "✖"}
_ABOUT = """\
# What survives in which format

Written by `python -m docs.formats`, which exports a scene with two regions, a dissolve, gains, fades, links, two takes
each, coloured markers and metadata in every format, reads each file back with a reader that is not ours, and compares.
A test measures again and fails where this page differs. `sottovoce export` prints the same for the format asked for.

✔ comes back as it was. "partly": some of it does, as said below. ✖ is lost there.
"""
_NOTES = """\
- **mlt**: a take and the dialogue beside it reach one join further than their cuts, so that they crossfade in the player.
  Where the incoming side of a dissolve is one clip on the timeline, it is two there. Other takes, disabled clips, links
  and the start timecode have no place in MLT.
- **fcp7**: of a region's takes only the chosen one. Links are by clip, not by number.
- **edl, avid**: markers only; they are put on a timeline that is there already. Avid has fewer colours.
- **review**: timecode, register, voice and line are seen on the picture; nothing of them is read back.
- **srt**: readers take what stands in angle brackets within a line for a tag and drop it.
- **handover**: every take as sound, without pictures, gains, fades and room tone; numbers and texts in a cue sheet.
"""
_READERS = """\
Read back by: OpenTimelineIO (otio, otioz), otio-fcp-adapter and ElementTree (fcp7), ElementTree (mlt), pysubs2 (srt,
ass), webvtt-py (vtt), Python's csv (cues, avid, handover), ffprobe (review), and for Resolve's EDL its own form.
"""


def main() -> None:
    """Writes both files."""
    with tempfile.TemporaryDirectory() as folder:
        found = measured(rich_export(Path(folder)), Path(folder))
    TABLE.write_text(as_toml(found), encoding="utf-8")
    PAGE.write_text(as_page(found), encoding="utf-8")


def as_toml(found: Mapping[str, Survival]) -> str:
    """The table that comes with the package."""
    tables = []
    for name, survival in found.items():
        rows = "".join(f'"{trait}" = "{kept}"\n' for trait, kept in survival.items())
        tables.append(f"[{name}]\n{rows}")
    return "# Measured: python -m docs.formats\n\n" + "\n".join(tables)


def as_page(found: Mapping[str, Survival]) -> str:
    """The page of the docs."""
    formats = [
        f"| {each.name} | `{each.suffix.strip()}` | {each.about} | {', '.join(each.hosts)} |"
        for each in FORMATS.values()
    ]
    rows = [
        f"| {trait} | " + " | ".join(_CELLS[survival[trait]] for survival in found.values()) + " |" for trait in Trait
    ]
    parts = [
        _ABOUT,
        "\n".join(["| format | file | what it is | opens in |", "|---|---|---|---|", *formats]) + "\n",
        "\n".join(["| | " + " | ".join(found) + " |", "|---|" + ":-:|" * len(found), *rows]) + "\n",
        _NOTES,
        _hosts_drop(),
        _READERS,
    ]
    return "\n".join(parts)


def _hosts_drop() -> str:
    """What the programs' own documentation says."""
    said: dict[str, list[str]] = {}
    for each in FORMATS.values():
        if each.hosts_drop:
            said.setdefault(each.hosts_drop, []).append(each.name)
    rows = [f"- **{', '.join(names)}**: {sentence}.\n" for sentence, names in said.items()]
    return "Besides, of what a file holds, as read and not measured:\n\n" + "".join(rows)


if __name__ == "__main__":
    main()
