"""A scene's lines written as subtitles, by OpenTimelineIO's own tools, and read again."""

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Gender, Raster, Region, Scene, Voice
from sottovoce_engine.timing import Span
from sottovoce_otio.subtitles import subtitle_text

from .incoming.reading_lines import REGISTERS, at_rate, scene_in, srt_of

SCENE = Scene(
    name="night",
    rate=Fraction(24_000, 1001),
    length_frames=2000,
    raster=Raster(width=320, height=180),
    voices=(Voice(name="Anna", gender=Gender.WOMAN), Voice(name="OLD BEN", gender=Gender.MAN)),
    regions=(
        Region(
            id="1f0c9a42", span=Span(7, 61), register="whisper", voice="Anna", line="Close your eyes.", cue="SC12-034"
        ),
        Region(
            id="2f0c9a42", span=Span(61, 100), register="normal", voice="OLD BEN", line="It's late & < 0, isn't it?"
        ),
        Region(id="3f0c9a42", span=Span(61, 101), register="quieter", voice="Anna", line="Yes."),
        Region(id="4f0c9a42", span=Span(1500, 1999), register="scream", voice="OLD BEN", line="Élodie! 走れ!"),
    ),
)


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".ass", ".ssa"])
def test_what_is_written_reads_back_as_it_was(suffix: str, tmp_path: Path) -> None:
    back = scene_in(tmp_path / f"night{suffix}", subtitle_text(SCENE, suffix, REGISTERS), at_rate(SCENE.rate))
    expected = [replace(region, cue=region.cue if suffix == ".vtt" else "") for region in SCENE.regions]
    if suffix == ".srt":  # has no place for ids
        expected = [replace(region, id=found.id) for region, found in zip(expected, back.regions, strict=True)]
    assert list(back.regions) == expected
    assert back.voice("OLD BEN").gender is Gender.MAN


def test_a_format_that_cannot_hold_it_is_refused() -> None:
    long = replace(SCENE, length_frames=11 * 3600 * 24)
    with pytest.raises(InputError, match="more than 10 hours"):
        subtitle_text(long, ".ass", REGISTERS)
    with pytest.raises(InputError, match=r"no subtitles in '.sub'"):
        subtitle_text(SCENE, ".sub", REGISTERS)


def tool(name: str, *arguments: str, folder: Path) -> str:
    """Runs one of OpenTimelineIO's own programs, which find the adapters by their entry point."""
    command = [str(Path(sys.executable).with_name(name)), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("suffix", ["srt", "ass", "ssa", "vtt"])
def test_otioconvert_converts_both_ways(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"a.{suffix}").write_text(subtitle_text(SCENE, f".{suffix}", REGISTERS), encoding="utf-8")
    tool("otioconvert", "-i", f"a.{suffix}", "-o", "a.otio", "-a", "rate=25", folder=tmp_path)
    markers = otio.adapters.read_from_file(str(tmp_path / "a.otio")).tracks.markers
    assert [marker.marked_range.start_time.rate for marker in markers] == [25] * 4
    assert [marker.name.partition(":")[0] for marker in markers] == [
        f"{'SC12-034 ' if suffix == 'vtt' else ''}Anna whisper", "OLD BEN normal", "Anna quieter", "OLD BEN scream",
    ]  # fmt: skip
    assert markers[0].metadata["sottovoce"]["region"]["line"] == "Close your eyes."
    tool("otioconvert", "-i", "a.otio", "-o", f"b.{suffix}", folder=tmp_path)
    assert "Close your eyes." in (tmp_path / f"b.{suffix}").read_text(encoding="utf-8")


def test_otiostat_reads_subtitles(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_bytes(srt_of("ÉLODIE: Viens.", "Déjà.").encode("cp1252"))
    said = tool("otiostat", "a.srt", folder=tmp_path)
    assert "number of tracks: 1" in said
    assert "parsed: True" in said


def test_the_adapters_read_text_and_refuse_a_rate_that_is_none() -> None:
    timeline = otio.adapters.read_from_string(
        "\ufeff" + srt_of("Hi.").replace("\n", "\r\n"), "sottovoce_srt", rate="23.976"
    )
    assert timeline.tracks.markers[0].marked_range.duration.rate == 24_000 / 1001
    with pytest.raises(InputError, match="The rate 'fast' is no number"):
        otio.adapters.read_from_string(srt_of("Hi."), "sottovoce_srt", rate="fast")
