"""Lines laid over a scene that is there: at the right place, beside what it has."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Gender, Raster, Region, Scene, Voice
from sottovoce_engine.timing import Span
from sottovoce_otio.incoming.laying import laying_of
from sottovoce_otio.incoming.onto import with_lines, with_script
from sottovoce_otio.incoming.reading import LineReading, timed_lines_in
from sottovoce_otio.incoming.screenplay import ScriptLine
from sottovoce_otio.incoming.values import TimedLine, TimedLines
from sottovoce_otio.vocabulary import SpokenMark

from .reading_lines import REGISTERS

NTSC_24 = Fraction(24_000, 1001)
ANNA, BEN = Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Ben", gender=Gender.MAN)


def scene_of(*regions: Region, start: int = 0, rate: Fraction = NTSC_24) -> Scene:
    """A scene of 500 frames."""
    scene = Scene(
        name="night",
        rate=rate,
        length_frames=500,
        raster=Raster(width=320, height=180),
        start_frame=start,
        voices=(ANNA, BEN),
    )
    return scene.with_regions(regions)


def region(start: int, end: int, line: str, voice: str = "Anna", number: int = 1) -> Region:
    return Region(id=f"{number:08x}", span=Span(start, end), register="soft", voice=voice, line=line)


def lines_of(*timed: tuple[float, float, str, str], rate: Fraction | None = None) -> TimedLines:
    return TimedLines(
        lines=tuple(
            TimedLine(
                start=Fraction(start), end=Fraction(end), said=SpokenMark(register="normal", line=line, voice=voice)
            )
            for start, end, voice, line in timed
        ),
        rate=rate,
    )


HOUR = 86_400  # frames of 01:00:00:00


@pytest.mark.parametrize(
    ("sheet_in", "start", "at"),
    [
        ("01:00:01:00", HOUR, 24),
        ("00:59:55:00", HOUR - 240, 120),
        ("01:00:01:00", 0, 24),
        ("00:00:01:00", HOUR, 24),
        ("10:00:01:00", HOUR, 24),
    ],
)
def test_timecode_lies_at_the_timelines_own_where_it_can(sheet_in: str, start: int, at: int) -> None:
    sheet = f"in,duration,character,line\n{sheet_in},00:00:01:00,Anna,Hush.\n"
    found = timed_lines_in(sheet, ".csv", "the sheet", LineReading(registers=REGISTERS, rate=NTSC_24))
    onto = with_lines(scene_of(start=start), found)
    assert [each.span for each in onto.scene.regions] == [Span(at, at + 24)]


def test_subtitles_count_from_the_first_frame() -> None:
    onto = with_lines(scene_of(start=HOUR), lines_of((1, 2, "Anna", "Hush.")))
    assert [each.span for each in onto.scene.regions] == [Span(24, 48)]
    assert onto.notes == ()


def test_what_is_there_stays_as_it_is() -> None:
    there = (region(48, 96, "Close your eyes."), region(96, 120, "Now.", "Ben", 2))
    found = lines_of(
        (2.1, 4, "Ben", "Close your eyes!"),
        (1, 3, "Anna", "Wait here."),
        (3.5, 5, "Anna", "I am late."),
        (4, 5, "Ben", "What?"),
    )
    onto = with_lines(scene_of(*there), found)
    assert set(there) < set(onto.scene.regions)
    assert [(each.line, each.span) for each in onto.scene.regions if each.id in onto.added] == [
        ("Wait here.", Span(24, 48)),
        ("I am late.", Span(96, 120)),
    ]
    assert "lines that stand on the timeline already were left as they are there" in onto.notes
    assert any("'What?' has no room beside what Ben says there" in note for note in onto.notes)


def test_lines_beyond_the_end_are_cut_or_left_out() -> None:
    onto = with_lines(scene_of(), lines_of((20, 30, "Anna", "Cut."), (21, 22, "Ben", "Out.")))
    assert [(each.line, each.span.end) for each in onto.scene.regions] == [("Cut.", 500)]
    assert any("1 lines begin outside the timeline" in note for note in onto.notes)
    with pytest.raises(InputError, match="None of the 1 lines lies on 'night'"):
        with_lines(scene_of(), lines_of((21, 22, "Ben", "Out.")))


TIMED = st.tuples(
    st.integers(0, 20), st.integers(0, 6), st.sampled_from(["Anna", "Ben", "Cleo"]), st.sampled_from("abcdef")
)


@given(
    lines=st.lists(TIMED, min_size=1, max_size=10),
    there=st.lists(st.tuples(st.integers(0, 24), st.integers(1, 20)), max_size=5),
)
def test_no_voice_speaks_over_itself_and_nothing_there_is_touched(
    lines: list[tuple[int, int, str, str]], there: list[tuple[int, int]]
) -> None:
    regions = [
        region(20 * slot, 20 * slot + length, f"Stands {slot}", number=slot + 1) for slot, length in dict(there).items()
    ]
    found = lines_of(*((start, start + length, voice, f"Line {name}") for start, length, voice, name in lines))
    onto = with_lines(scene_of(*regions), found)  # checks the scene, too
    assert set(regions) <= set(onto.scene.regions)
    assert {each.id for each in onto.scene.regions} == {each.id for each in regions} | set(onto.added)


def test_a_script_brings_its_voices_and_takes_nobody_away() -> None:
    script = [
        ScriptLine(said=SpokenMark(register="whisper", line="Close your eyes.", voice="CLEO"), dual=False, scene=0)
    ]
    nobody = Voice(name="WOMAN", gender=Gender.WOMAN)
    scene = replace(scene_of(), voices=(ANNA, nobody))
    scene = scene.with_regions((replace(region(0, 40, "Close your eyes", "WOMAN"), register="normal"),))
    onto = with_script(scene, laying_of(scene.regions, script), script)
    assert [(each.voice, each.register) for each in onto.scene.regions] == [("CLEO", "whisper")]
    assert [voice.name for voice in onto.scene.voices] == ["Anna", "CLEO"]
    assert onto.changed == ("00000001",)
