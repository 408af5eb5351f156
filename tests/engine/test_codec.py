import json
import math
import string
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.codec import from_json, from_plain, to_json, to_plain
from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import Manner, Register, register_table
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import (
    FORMAT,
    Failure,
    FootageFrames,
    LockedPicture,
    RenderJob,
    SpokenWord,
    Take,
    TakeFrames,
    Window,
)
from sottovoce_engine.timing import Span

a_text = st.text(max_size=12)
an_int = st.integers(-(2**40), 2**40)
a_number = st.floats(allow_nan=False, allow_infinity=False)
a_span = st.builds(lambda start, length: Span(start, start + length), an_int, st.integers(0, 2**40))
a_rate = st.fractions(min_value=1, max_value=1000, max_denominator=1001)

some_words = st.sampled_from(("", "whispering", "whispering quietly"))
a_register = st.builds(
    Register,
    name=st.sampled_from(("whisper", "under-breath")),
    letter=st.sampled_from(string.ascii_uppercase),
    colour=st.just("#0A1b2C"),
    order=an_int,
    manner=st.builds(
        Manner, woman=some_words, man=some_words, by_voice=st.lists(st.tuples(a_text, some_words)).map(tuple)
    ),
    suffix=some_words,
    lora=st.floats(0, 2),
    loudness_lufs=st.floats(-60, -10),
)
a_job = st.builds(
    RenderJob,
    key=a_text,
    content=a_text,
    region=st.builds(
        Region,
        id=a_text,
        span=a_span,
        register=a_text,
        voice=a_text,
        line=a_text,
        picture=st.none() | st.sampled_from(PictureMode),
        seed=st.none() | an_int,
        gain_db=a_number,
        length_guessed=st.booleans(),
    ),
    voice=st.builds(Voice, name=a_text, gender=st.sampled_from(Gender), sound=a_text),
    register=a_register,
    caption=a_text,
    window=st.builds(
        Window, start=an_int, model_frames=st.integers(1, 60).map(lambda k: 8 * k + 1), divisor=st.integers(1, 4)
    ),
    rate=a_rate,
    start_frame=an_int,
    drop_frame=st.booleans(),
    raster=st.builds(Raster, width=st.just(640), height=st.sampled_from((360, 480))),
    picture=st.sampled_from(PictureMode),
    seed=an_int,
    renderer=a_text,
    continues=a_text,
    from_take=st.none()
    | st.builds(TakeFrames, first=st.integers(0, 500), frames=st.sampled_from((9, 17)), media=a_text),
    from_footage=st.none()
    | st.builds(FootageFrames, path=a_text, start=a_rate, frames=st.sampled_from((1, 9)), content=a_text),
    locked_on=st.none()
    | st.builds(
        LockedPicture,
        path=a_text,
        start=a_rate,
        before=st.integers(-20, 20),
        after=st.integers(21, 90),
        content=a_text,
    ),
)
a_take = st.builds(
    Take,
    job=a_job,
    media=st.sampled_from((f"{'0' * 64}.mov", f"{'f' * 64}.wav")),
    length_frames=st.integers(1, 2**40),
    length_samples=st.integers(1, 2**40),
    words=st.lists(st.builds(SpokenWord, text=a_text, span=a_span), max_size=3).map(tuple),
    words_estimated=st.booleans(),
    made=a_text,
    loudness_lufs=st.none() | a_number,
    true_peak_dbtp=a_number,
    fingerprints=st.lists(st.tuples(a_text, a_text), max_size=3).map(tuple),
    notes=st.lists(a_text, max_size=3).map(tuple),
)

JOB = RenderJob(
    key="k",
    content="c",
    region=Region(id="0000000a", span=Span(0, 24), register="soft", voice="Anna", line="no"),
    voice=Voice(name="Anna", gender=Gender.WOMAN),
    register=register_table().get("soft"),
    caption='(woman, speaking softly): "no", intimate ASMR',
    window=Window(start=-8, model_frames=49),
    rate=Fraction(24_000, 1001),
    start_frame=86_400,
    drop_frame=False,
    raster=Raster(width=640, height=360),
    picture=PictureMode.CUT,
    seed=1,
    renderer="scratch",
)
TAKE = Take(
    job=JOB,
    media=f"{'a' * 64}.mov",
    length_frames=49,
    length_samples=98_098,
    words=(SpokenWord(text="no", span=Span(20_000, 30_000)),),
    words_estimated=False,
    made="2026-01-31T12:00:00+00:00",
    loudness_lufs=None,
    true_peak_dbtp=-3.0,
    fingerprints=(("voice", "1"),),
    notes=("hurried",),
)


def kinds_in(value: object) -> object:
    """The types all the way down: an enum that comes back as its text is equal to it, and wrong."""
    if hasattr(value, "__dataclass_fields__"):
        return type(value), tuple(kinds_in(getattr(value, name)) for name in value.__dataclass_fields__)
    return tuple(kinds_in(part) for part in value) if isinstance(value, tuple) else type(value)


@given(value=a_job | a_take | st.builds(Failure, job=a_job, reason=a_text))
def test_values_come_back_as_they_were(value: RenderJob | Take | Failure) -> None:
    again = from_json(to_json(value, format_version=FORMAT), type(value), format_version=FORMAT, source="record")
    assert again == value
    assert kinds_in(again) == kinds_in(value)


@given(value=a_take)
def test_a_record_is_one_line_of_plain_json(value: Take) -> None:
    text = to_json(value, format_version=FORMAT)
    assert "\n" not in text
    assert json.loads(text) == {"format": FORMAT, "kind": "Take", "value": to_plain(value)}


def test_fractions_travel_as_text() -> None:
    assert to_plain(JOB)["rate"] == "24000/1001"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_written(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        to_json(replace(TAKE, true_peak_dbtp=number), format_version=FORMAT)


def put(*path: str | int, to: object) -> Callable[[Any], None]:
    """A change of one place in a plain record."""

    def change(record: Any) -> None:
        for key in path[:-1]:
            record = record[key]
        record[path[-1]] = to

    return change


DAMAGED: list[tuple[Callable[[Any], object], str]] = [
    (put("note", to=1), "unknown key 'note'. Did you mean 'notes'? Known: job, media, "),
    (put("job", "region", "lines", to=""), "unknown key 'lines'. Did you mean 'line'?"),
    (put("words", 0, "x", to=1), "unknown key 'x'. Known: text, span @ Take.words[0]"),
    (lambda record: record.pop("made"), "'made' is missing @ Take"),
    (lambda record: record["job"]["window"].pop("start"), "'start' is missing @ Take.job.window"),
    (put("made", to=3), "3 is not text @ Take.made"),
    (put("made", to=None), "None is not text @ Take.made"),
    (put("length_frames", to=49.0), "49.0 is not a whole number @ Take.length_frames"),
    (put("length_frames", to=True), "True is not a whole number @ Take.length_frames"),
    (put("length_frames", to="49"), "'49' is not a whole number @ Take.length_frames"),
    (put("words_estimated", to=0), "0 is not true or false @ Take.words_estimated"),
    (put("true_peak_dbtp", to="-3"), "'-3' is not a number @ Take.true_peak_dbtp"),
    (put("true_peak_dbtp", to=False), "False is not a number @ Take.true_peak_dbtp"),
    (put("true_peak_dbtp", to=math.nan), "nan is not a number @ Take.true_peak_dbtp"),
    (put("true_peak_dbtp", to=-math.inf), "-inf is not a number @ Take.true_peak_dbtp"),
    (put("true_peak_dbtp", to=10**400), "is not a number @ Take.true_peak_dbtp"),
    (put("loudness_lufs", to="loud"), "'loud' is not a number @ Take.loudness_lufs"),
    (put("job", to=[]), "[] is not a table of fields @ Take.job"),
    (put("job", to=None), "None is not a table of fields @ Take.job"),
    (put("job", "rate", to=24), "24 is not a fraction such as '24000/1001' @ Take.job.rate"),
    (put("job", "rate", to="1/0"), "'1/0' is not a fraction such as '24000/1001' @ Take.job.rate"),
    (put("job", "rate", to="0.5"), "'0.5' is not a fraction"),
    (put("job", "rate", to="-24"), "a rate is above 0, not -24 @ Take.job"),
    (put("job", "picture", to="locked"), "'locked' is not one of lock, cut, continue, start, shot @ Take.job.picture"),
    (put("job", "voice", "gender", to=[]), "[] is not one of woman, man @ Take.job.voice.gender"),
    (
        put("job", "region", "picture", to=1),
        "1 is not one of lock, cut, continue, start, shot @ Take.job.region.picture",
    ),
    (put("job", "raster", "width", to=641), "641x360. Both sides must be even"),
    (put("job", "window", "model_frames", to=50), "8k+1 frames, 9 or more, not 50 @ Take.job.window"),
    (put("job", "window", "divisor", to=0), "one scene frame or more, not 0 @ Take.job.window"),
    (put("job", "register", "lora", to=3), "has the LoRA strength 3. Give 0 (off) to 2"),
    (put("job", "region", "span", "end", to=-1), "cannot end (-1) before it starts (0) @ Take.job.region.span"),
    (put("notes", to="hurried"), "'hurried' is not a list @ Take.notes"),
    (put("notes", to={}), "{} is not a list @ Take.notes"),
    (put("notes", to=[1]), "1 is not text @ Take.notes[0]"),
    (put("fingerprints", to=["ab"]), "'ab' is not a list @ Take.fingerprints[0]"),
    (put("fingerprints", to=[["a"]]), "['a'] does not hold 2 values @ Take.fingerprints[0]"),
    (put("words", to=["x" * 10_000]), "xxx...xxx"),
    (put("media", to="../../secret.mov"), "media are named by their content, not '../../secret.mov'"),
    (put("media", to="a.mov\n"), "media are named by their content"),
    (put("media", to="a.exe"), "media are named by their content, not 'a.exe'"),
    (put("length_samples", to=0), "a take of 49 frames and 0 samples is none"),
]


@pytest.mark.parametrize(("damage", "reason"), DAMAGED, ids=[reason[:40] for _, reason in DAMAGED])
def test_a_damaged_record_says_where(damage: Callable[[Any], object], reason: str) -> None:
    record = json.loads(json.dumps(to_plain(TAKE)))
    damage(record)
    with pytest.raises(InputError) as caught:
        from_plain(record, Take, "takes/1.json")
    message = str(caught.value)
    assert message.startswith("takes/1.json does not hold a Take: ")
    assert message.endswith(". Restore the file or remove it.")
    assert reason in message.replace("'xxxxxxxxxxxx...xxxxxxxxxxxxx'", "xxx...xxx")
    assert len(message) < 1000


WRONG_FILES: list[tuple[str | bytes, str]] = [
    ("", "is not valid JSON"),
    ("{", "is not valid JSON"),
    (b"\xff\xfe\x00", "is not valid JSON"),
    ("[" * 100_000, "is not valid JSON"),
    ("9" * 10_000, "is not valid JSON"),
    ("null", "is not a Sottovoce Take record"),
    ("[]", "is not a Sottovoce Take record"),
    ('{"format": 1, "kind": "Failure", "value": {}}', "is not a Sottovoce Take record"),
    ('{"format": 2, "kind": "Take", "value": {}}', "has format 2; this version reads up to 1. Update Sottovoce."),
    ('{"format": 2, "kind": "Take", "values": {}}', "has format 2; this version reads up to 1. Update Sottovoce."),
    ('{"format": "1", "kind": "Take", "value": {}}', "is a damaged Take record"),
    ('{"format": true, "kind": "Take", "value": {}}', "is a damaged Take record"),
    ('{"format": 0, "kind": "Take", "value": {}}', "is a damaged Take record"),
    ('{"kind": "Take", "value": {}}', "is a damaged Take record"),
    ('{"format": 1, "kind": "Take"}', "is a damaged Take record"),
    ('{"format": 1, "kind": "Take", "value": {}, "extra": 1}', "is a damaged Take record"),
]


@pytest.mark.parametrize(("text", "message"), WRONG_FILES, ids=[repr(text[:24]) for text, _ in WRONG_FILES])
def test_a_file_that_is_no_record(text: str | bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        from_json(text, Take, format_version=1, source="takes/1.json")
    assert str(caught.value).startswith(f"takes/1.json {message}")


def test_a_number_too_large_for_a_float_is_refused() -> None:
    text = to_json(TAKE, format_version=1).replace('"true_peak_dbtp": -3.0', '"true_peak_dbtp": 1e999')
    with pytest.raises(InputError, match="inf is not a number"):
        from_json(text, Take, format_version=1, source="record")
