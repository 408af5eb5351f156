"""Resolve's list of markers."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from sottovoce.exporting.formats import FORMATS
from sottovoce_engine.progress import Job
from sottovoce_engine.timing import Span
from sottovoce_otio.resolve_edl import write_resolve_edl
from sottovoce_otio.ruler_marks import MarkColour, RulerMark

from .numbered_scene import ANNA_SPAN, BEN_SPAN, numbered_export


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(24_000, 1001)], ids=["24", "23.976"])
def test_markers_lie_at_their_record_timecode(rate: Fraction, tmp_path: Path) -> None:
    export = numbered_export(tmp_path, rate)
    assert FORMATS["edl"].write(export, tmp_path / "night markers.edl", Job()) == ()
    lines = (tmp_path / "night markers.edl").read_bytes().decode().split("\r\n")
    assert lines[:3] == ["TITLE: night", "FCM: NON-DROP FRAME", ""]
    assert lines[3] == "001  001      V     C        01:00:00:10 01:00:00:11 01:00:00:10 01:00:00:11"
    assert lines[4] == "warmer |C:ResolveColorPink |M:grade me |D:1"
    anna, ben = export.scene.regions
    for line, text, region, (start, end) in ((6, 7, anna, ANNA_SPAN), (9, 10, ben, BEN_SPAN)):
        assert lines[line].split()[4] == f"01:00:{start // 24:02}:{start % 24:02}"
        assert f"[SV:{region.id}]" in lines[text]
        assert lines[text].endswith(f" |D:{end - start}")


def test_drop_frame_is_said_and_counted(tmp_path: Path) -> None:
    """29.97: the frame after 00:00:59;29 is 00:01:00;02."""
    scene = numbered_export(tmp_path, Fraction(24)).scene
    dropping = replace(scene, rate=Fraction(30_000, 1001), drop_frame=True, start_frame=0, length_frames=4000)
    mark = RulerMark(span=Span(1800, 1830), name="a|b\nc", comment="", colour=MarkColour.RED, is_region=False)
    write_resolve_edl([mark], dropping, tmp_path / "drop.edl")
    text = (tmp_path / "drop.edl").read_text()
    assert "FCM: DROP FRAME" in text
    assert re.search(r"001 +001 +V +C +00:01:00;02 00:01:00;03 00:01:00;02 00:01:00;03", text)
    assert " |C:ResolveColorRed |M:a/b c |D:30" in text
