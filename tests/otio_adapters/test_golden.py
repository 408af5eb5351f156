"""Files as this version writes them, and as every later version must still read them.

The samples stay as they are. Where what is written changes on purpose, write new ones with

    python -m tests.otio_adapters.test_golden

and keep the old ones under a name of their own, with a test that they are still read.
"""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from sottovoce_engine.choices import Choice, TakeNote
from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side
from sottovoce_engine.scene import Gender, Region, Voice
from sottovoce_engine.timing import Span
from sottovoce_otio.scene_timeline import scene_timeline
from sottovoce_otio.timeline import LoadedTimeline, read_timeline
from sottovoce_otio.working_copy import read_working_copy, write_working_copy
from sottovoce_otio.writing import write_otio

from .spliced_scenes import REGISTERS, loaded_timeline, mark, source_timeline, spliced_of, spliced_region

DATA = Path(__file__).with_name("data")
TIMELINE, COPY = DATA / "night_format_1.otio", DATA / "night_format_4.sv.otio"
OLDER_TIMELINE = DATA / "night_format_1_without_range.otio"  # of the editor's own markers
OLDER_COPIES = tuple(DATA / f"night_format_{number}.sv.otio" for number in (1, 2, 3))
RELINKED = (("/footage/street.mov", "/backup/day 1/street.mov"),)
JOINS = (
    JoinWish(key=JoinKey("1f0c9a42", Side.OUT), fade_ms=240.0, moved_samples=-4_000),
    JoinWish(key=JoinKey("88aa0001", Side.IN), tone=False, tone_db=-3.0),
)
TAKES = Path("/takes")  # none are there, nor needed

CHOICES = (
    Choice(
        region_id="1f0c9a42",
        take_key="a" * 32,
        approved=True,
        notes=(TakeNote(take_key="b" * 32, starred=True, rating=4, text="breathy"),),
    ),
)
LATER_CHOICES = (
    replace(CHOICES[0], picked=True),
    Choice(
        region_id="88aa0001",
        take_key="c" * 32,
        notes=(
            TakeNote(take_key="c" * 32, circled=True, approved=True, who="Mo", when="2026-01-31T12:00:00+00:00"),
            TakeNote(take_key="d" * 32, alt=True, rejected=True),
        ),
    ),
)


def loaded_in(folder: Path) -> LoadedTimeline:
    timeline = source_timeline()
    mark(timeline, "ANNA whisper: close your eyes [SV:1f0c9a42]", 20, 40)
    mark(timeline, "BEN (man) shout: stay there! [SV:88aa0001]", 100, 36)
    return loaded_timeline(timeline, folder)


def write_samples(folder: Path, timeline: Path, copy: Path) -> None:
    loaded = loaded_in(folder)
    first, second = loaded.scene.regions
    regions = (
        spliced_region(first, loaded.scene, TAKES, picture=True),
        spliced_region(second, loaded.scene, TAKES, picture=True, slip=2, dissolve=Span(94, 106)),
    )
    write_otio(scene_timeline(loaded, spliced_of(loaded.scene, TAKES, regions), REGISTERS), timeline)
    noted = write_working_copy(
        loaded,
        REGISTERS,
        LATER_CHOICES,
        settings=(("seed", "7"),),
        deleted=("e" * 32,),
        relinked=RELINKED,
        joins=JOINS,
    )
    noted.rename(copy)


def test_what_is_written_is_the_sample(tmp_path: Path) -> None:
    write_samples(tmp_path, tmp_path / "out.otio", tmp_path / "copy.otio")
    for written, sample in (("out.otio", TIMELINE), ("copy.otio", COPY)):
        assert json.loads((tmp_path / written).read_text()) == json.loads(sample.read_text())


@pytest.mark.parametrize("timeline", [OLDER_TIMELINE, TIMELINE])
def test_the_samples_of_a_timeline_are_read(timeline: Path) -> None:
    scene = read_timeline(timeline, REGISTERS).scene
    assert scene.voices == (Voice(name="ANNA", gender=Gender.WOMAN), Voice(name="BEN", gender=Gender.MAN))
    assert scene.regions == (
        Region(id="1f0c9a42", span=Span(20, 60), register="whisper", voice="ANNA", line="close your eyes"),
        Region(id="88aa0001", span=Span(100, 136), register="shout", voice="BEN", line="stay there!"),
    )
    assert {piece.track for piece in scene.sounds} == {"A1", "A2 music"}  # our own tracks are not the scene's


@pytest.mark.parametrize(
    ("copy", "choices"), list(zip((*OLDER_COPIES, COPY), (CHOICES, *[LATER_CHOICES] * 3), strict=True))
)
def test_the_samples_of_a_working_copy_are_read(copy: Path, choices: tuple[Choice, ...]) -> None:
    found = read_working_copy(copy)
    assert found is not None
    assert found.choices == choices
    assert found.settings == (("seed", "7"),)
    assert found.deleted == (() if copy in OLDER_COPIES[:2] else ("e" * 32,))
    assert found.relinked == (() if copy in OLDER_COPIES[:2] else RELINKED)
    assert found.joins == (JOINS if copy == COPY else ())
    assert found.regions == read_timeline(copy, REGISTERS).scene.regions
    assert found.regions == read_timeline(TIMELINE, REGISTERS).scene.regions


if __name__ == "__main__":
    for sample in (TIMELINE, COPY):
        sample.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as name:
        write_samples(Path(name), TIMELINE, COPY)
    sys.exit(0)
