"""Whatever a file holds, it is read or refused in words, and what is read can be worked on."""

import itertools
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Scene
from sottovoce_otio.incoming.reading import LineReading, drafted
from sottovoce_otio.suffixes import LINE_SUFFIXES

from .reading_lines import REGISTERS

PIECES = [
    "ANNA", "Anna", "BEN (V.O.)", "(whispering)", "[softly]", "[SV:1f0c9a42]", "- ", "-", ":", "：", "（小声で）", "アンナ", "Come in.",
    "♪", "<i>", "</i>", "<v.whisper Anna>", "<v Ben>", "</v>", "<c.soft>", "</c>", "{\\an8}", "\n", "\n\n", "1\n", "00:00:01,000 --> 00:00:02,000\n",
    "00:01.000 --> 00:02.000\n", "-00:00:01,000 --> 00:00:00,500\n", "WEBVTT\n\n", "NOTE", "STYLE\n", "[Script Info]\n", "[Events]\n",
    "Dialogue: 0,0:00:01.00,0:00:02.00,Whisper,Anna,0,0,0,,Hi.\n", "Dialogue: ", ",", ";", "\t", '"', "line,in,out,register\n", "00:00:01:00",
    "01:00:00;00", "user\t01:00:00:00\tV1\tred\tANNA whisper: hi\t20\n", "INT. KITCHEN\n\n", "^", "@", "~", "[[", "]]", "/*", "*/", "<FinalDraft><Content>",
    '<Paragraph Type="Character"><Text>ANNA</Text></Paragraph>', '<Paragraph Type="Dialogue"><Text>Hi.</Text></Paragraph>',
    "</Content></FinalDraft>", "&amp;", "&", "\\N", "\u202e", "\u0000", "🤫",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=25).map("".join)
HEADS = {
    ".vtt": "WEBVTT\n\n00:00.000 --> 00:02.000\n",
    ".srt": "1\n00:00:00,000 --> 00:00:02,000\n",
    ".csv": "line,in,out,register,character\n",
    ".fountain": "ANNA\n",
    ".ass": "[V4+ Styles]\n\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,",
    ".txt": "user\t01:00:00:00\tV1\tred\t",
}
READING = LineReading(registers=REGISTERS, rate=Fraction(24))


def sound(scene: Scene) -> None:
    """What every scene keeps: lines that can be said, in time, and no voice over itself."""
    by_voice = sorted(scene.regions, key=lambda region: (region.voice, region.span))
    for before, after in itertools.pairwise(by_voice):
        assert before.voice != after.voice or before.span.end <= after.span.start
    for region in scene.regions:
        assert any(character.isalnum() for character in region.line)
        assert 0 <= region.span.start < region.span.end <= scene.length_frames
    assert len({region.id for region in scene.regions}) == len(scene.regions)


@pytest.mark.parametrize("suffix", LINE_SUFFIXES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, headed=st.booleans())
def test_any_text_is_read_or_refused(suffix: str, text: str, headed: bool) -> None:
    with suppress(InputError):
        sound(drafted((HEADS.get(suffix, "") if headed else "") + text, suffix, "any", READING))


CUES = st.lists(
    st.tuples(st.integers(-2_000, 8_000), st.integers(-500, 3_000), st.sampled_from(["ANNA", "BEN", ""])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=80)
@given(cues=CUES, rate=st.sampled_from([Fraction(24), Fraction(24_000, 1001), Fraction(60)]))
def test_cues_in_any_order_and_overlap_make_a_sound_scene(cues: list[tuple[int, int, str]], rate: Fraction) -> None:
    def clock(milliseconds: int) -> str:
        sign, seconds = "-" if milliseconds < 0 else "", abs(milliseconds)
        return f"{sign}00:00:{seconds // 1000:02},{seconds % 1000:03}"

    text = "\n".join(
        f"{number}\n{clock(start)} --> {clock(start + length)}\n{voice + ': ' if voice else ''}Line {number}.\n"
        for number, (start, length, voice) in enumerate(cues)
    )
    with suppress(InputError):
        scene = drafted(text, ".srt", "any", LineReading(registers=REGISTERS, rate=rate))
        sound(scene)
        after_zero = sum(start > 0 for start, _, _ in cues)
        assert len(scene.regions) >= after_zero
