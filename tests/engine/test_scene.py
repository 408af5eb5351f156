from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import (
    Gender,
    MediaRange,
    PictureMode,
    PicturePiece,
    Raster,
    Region,
    Scene,
    Voice,
    checked,
)
from sottovoce_engine.timing import Span

ANNA, BEN = Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Ben", gender=Gender.MAN)
WHISPER = Region(id="0000000a", span=Span(10, 50), register="whisper", voice="Anna", line="close your eyes")
LOUD = Region(id="0000000b", span=Span(40, 90), register="loud", voice="Ben", line="who is there?")


def scene(*regions: Region, pictures: tuple[PicturePiece, ...] = ()) -> Scene:
    return Scene(
        name="night",
        rate=Fraction(24),
        length_frames=100,
        raster=Raster(width=640, height=360),
        voices=(ANNA, BEN),
        regions=regions,
        pictures=pictures,
    )


def picture(start: int, end: int) -> PicturePiece:
    return PicturePiece(span=Span(start, end), source=MediaRange(path="/a.mov", start=Fraction(0)), clip="a")


def test_a_scene_finds_its_regions_and_voices() -> None:
    marked = checked(scene(WHISPER, LOUD))
    assert marked.region("0000000b") is LOUD
    assert marked.voice("Anna") is ANNA
    assert marked.with_regions((LOUD, WHISPER)).regions == (WHISPER, LOUD)


def test_an_unknown_region_names_those_there_are() -> None:
    many = scene(*(replace(WHISPER, id=f"{number:08x}") for number in range(20)))
    with pytest.raises(InputError, match=r"^No region has the id 'x'\. .*: 00000000, .*, 0000000b and 8 more\.$"):
        many.region("x")
    with pytest.raises(InputError, match=r"regions: none\.$"):
        scene().region("x")


@pytest.mark.parametrize(
    ("width", "height", "message"),
    [
        (14, 360, "14x360. Both sides must lie between 16 and 16384"),
        (640, 20_000, "640x20000. Both sides must lie"),
        (641, 360, "641x360. Both sides must be even"),
        (640, 361, "640x361. Both sides must be even"),
    ],
)
def test_a_raster_no_codec_takes(width: int, height: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Raster(width=width, height=height)


def test_pictures_come_in_order() -> None:
    with pytest.raises(ValueError, match="in order"):
        scene(pictures=(picture(50, 60), picture(0, 10)))
    with pytest.raises(ValueError, match="not overlap"):
        scene(pictures=(picture(0, 10), picture(9, 20)))


@given(edges=st.sets(st.integers(0, 60), max_size=12), start=st.integers(0, 60), length=st.integers(0, 30))
def test_a_picture_is_found_wherever_one_lies(edges: set[int], start: int, length: int) -> None:
    ordered = sorted(edges)
    pairs = list(zip(ordered[::2], ordered[1::2], strict=False))
    shown = {frame for pair in pairs for frame in range(*pair)}
    found = scene(pictures=tuple(picture(*pair) for pair in pairs)).has_picture(Span(start, start + length))
    assert found == bool(shown & set(range(start, start + length)))


def test_a_region_is_locked_over_a_picture_and_cut_over_none() -> None:
    marked = scene(WHISPER, LOUD, pictures=(picture(0, 40),))
    assert marked.picture_mode(WHISPER) is PictureMode.LOCK
    assert marked.picture_mode(LOUD) is PictureMode.CUT
    assert marked.picture_mode(replace(WHISPER, picture=PictureMode.CONTINUE)) is PictureMode.CONTINUE


def test_regions_of_two_voices_may_overlap_and_of_one_may_touch() -> None:
    after = replace(WHISPER, id="0000000c", span=Span(50, 60))
    assert checked(scene(WHISPER, LOUD, after)).regions == (WHISPER, LOUD, after)


LONG = "word " * 500

REFUSED = [
    (replace(LOUD, id=WHISPER.id), r"Two regions have the id '0000000a': 'close your eyes' and 'who is there\?'"),
    (replace(LOUD, voice="Anna"), r"Two regions of Anna overlap: 'close your eyes' ends at frame 50 and .* frame 40"),
    (replace(LOUD, voice="Cleo"), r"\(Cleo, frame 40\) has a voice that the scene does not know. Known: Anna, Ben."),
    (replace(LOUD, line=""), r"region of Ben at frame 40 has no line. Write what is said"),
    (replace(LOUD, line=" \n\t"), r"has no line"),
    (replace(LOUD, line="🙂 …?!"), r"'🙂 …\?!' \(Ben, frame 40\) has nothing that can be said"),
    (replace(LOUD, line="\u200b\u202e"), r"has nothing that can be said"),
    (replace(LOUD, line=LONG), r"'word word .*…' .* has a line of 2,500 characters; at most 2,000"),
    (replace(LOUD, span=Span(40, 40)), r"has no length. Drag its end"),
    (replace(LOUD, span=Span(-1, 40)), r"runs from frame -1 to 40, but the timeline runs from 0 to 100"),
    (replace(LOUD, span=Span(40, 101)), r"runs from frame 40 to 101"),
    (replace(LOUD, seed=-1), r"has the seed -1. Give a whole number from 0 to 2147483647"),
    (replace(LOUD, seed=2**31), r"has the seed 2147483648"),
    (replace(LOUD, gain_db=6.5), r"is trimmed by 6.5 dB. Give a value from -6 to 6"),
    (replace(LOUD, gain_db=float("nan")), r"is trimmed by nan dB"),
    (replace(LOUD, lead_frames=-1), r"has a lead of -1 and a tail of 0 frames. Give 0 or more"),
    (replace(LOUD, tail_frames=-2), r"has a lead of 0 and a tail of -2 frames"),
]


@pytest.mark.parametrize(("region", "message"), REFUSED, ids=[message[:30] for _, message in REFUSED])
def test_a_region_that_cannot_be_rendered(region: Region, message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked(scene(WHISPER, region))


def test_a_scene_without_voices_says_so() -> None:
    with pytest.raises(InputError, match=r"It knows none\.$"):
        checked(replace(scene(WHISPER), voices=()))


@pytest.mark.parametrize(
    ("voice", "message"),
    [
        (Voice(name="Anna", gender=Gender.MAN), "Two voices have the name 'Anna'"),
        (Voice(name=" ", gender=Gender.MAN), "A man among the voices has no name"),
    ],
)
def test_voices_have_names_of_their_own(voice: Voice, message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked(replace(scene(), voices=(ANNA, voice)))


def test_drop_frame_needs_a_rate_that_has_it() -> None:
    with pytest.raises(InputError, match=r"at 24 frames a second; it exists only at 29\.97 and 59\.94"):
        checked(replace(scene(), drop_frame=True))
    dropping = replace(scene(), rate=Fraction(30_000, 1001), drop_frame=True)
    assert checked(dropping) is dropping
