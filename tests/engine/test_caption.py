import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sottovoce_engine.caption import caption_for, look_with_voice, spoken_line
from sottovoce_engine.registers import Manner, Register, register_table
from sottovoce_engine.scene import Gender, Region, Voice
from sottovoce_engine.timing import Span

REGISTERS = register_table()
CARD_FORM = re.compile(
    r'(?:(?P<look>[^"()]+), )?\((?P<gender>woman|man)(?:, (?P<manner>[^"()]+))?\): "(?P<line>[^"]*)"'
    r'(?:, (?P<suffix>[^"()]+))?'
)
HARD_TEXT = (
    'he said "run", and (then) [nothing] {more}',
    "one\r\ntwo\u2028three\x00\x1b[31m\x7f",
    '"), (man, shouting): "gone',
    "“curly” «guillemets» „low‟ ＂wide＂",
    "（full） 【width】 〈angle〉",
    "\u202eright to left\u202c שלום, مرحبا",
    "🙂👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "\ue000\ue000, \ue000",
)

a_text = st.text(max_size=60) | st.text(st.sampled_from('ab ,."“”()[]\n\u202e\ue000:'), max_size=40)


def caption(
    register: str, gender: Gender, line: str, *, look: str = "", sound: str = "", words: Register | None = None
) -> str:
    voice = Voice(name="Anna", gender=gender, sound=sound)
    region = Region(id="0000000a", span=Span(0, 24), register=register, voice=voice.name, line=line, look=look)
    return caption_for(region, voice, words or REGISTERS.get(register))


@pytest.mark.parametrize(
    ("register", "gender", "expected"),
    [
        ("whisper", Gender.WOMAN, '(woman, whispering): "no", intimate ASMR'),
        ("whisper", Gender.MAN, '(man, whispering quietly): "no", intimate ASMR'),
        ("soft", Gender.WOMAN, '(woman, speaking softly): "no", intimate ASMR'),
        ("soft", Gender.MAN, '(man, speaking softly): "no", intimate ASMR'),
        ("quieter", Gender.WOMAN, '(woman): "no", intimate ASMR'),
        ("quieter", Gender.MAN, '(man): "no", intimate ASMR'),
        ("normal", Gender.WOMAN, '(woman, speaking): "no"'),
        ("loud", Gender.MAN, '(man, speaking loudly): "no"'),
        ("shout", Gender.WOMAN, '(woman, shouting): "no"'),
        ("scream", Gender.MAN, '(man, screaming): "no"'),
    ],
)
def test_the_words_of_every_register(register: str, gender: Gender, expected: str) -> None:
    assert caption(register, gender, "no") == expected
    assert caption(register, gender, "no", look="a kitchen") == f"a kitchen, {expected}"


def test_the_examples_of_the_model_card() -> None:
    """Its three published captions, each ended as its form ends."""
    close = "a woman sitting close to a microphone in warm dim lighting"
    assert (
        caption("whisper", Gender.WOMAN, "close your eyes and listen", look=close)
        == f'{close}, (woman, whispering): "close your eyes and listen", intimate ASMR'
    )
    desk = "a man at a desk late at night"
    assert (
        caption("soft", Gender.MAN, "I've been thinking about this all day", look=desk)
        == f'{desk}, (man, speaking softly): "I\'ve been thinking about this all day", intimate ASMR'
    )
    in_her_words = Manner(woman="whispering", man="", by_voice=(("Anna", "whispering quietly"),))
    own_words = replace(REGISTERS.get("whisper"), manner=in_her_words)
    skincare = "a woman doing a skincare routine"
    assert (
        caption("whisper", Gender.WOMAN, "this is my favourite step", look=skincare, words=own_words)
        == f'{skincare}, (woman, whispering quietly): "this is my favourite step", intimate ASMR'
    )


@pytest.mark.parametrize(
    ("look", "sound", "expected"),
    [
        ("", "", ""),
        ("a dark kitchen.", "", "a dark kitchen"),
        ("a dark kitchen", "low, tired", "a dark kitchen, low, tired voice"),
        ("", "low, tired", "a woman with a low, tired voice"),
        ("", "old", "a woman with an old voice"),
        ('a sign that says "OPEN"', "", "a sign that says 'OPEN'"),
        (" ,\n", "()", ""),
    ],
)
def test_look_and_voice(look: str, sound: str, expected: str) -> None:
    voice = Voice(name="Anna", gender=Gender.WOMAN, sound=sound)
    region = Region(id="0000000a", span=Span(0, 24), register="soft", voice="Anna", line="no", look=look)
    assert look_with_voice(region, voice) == expected


@given(
    register=st.sampled_from(REGISTERS.registers),
    gender=st.sampled_from(Gender),
    line=a_text | st.sampled_from(HARD_TEXT),
    look=a_text | st.sampled_from(HARD_TEXT),
    sound=a_text | st.sampled_from(HARD_TEXT),
)
def test_a_caption_reads_back_into_its_parts(
    register: Register, gender: Gender, line: str, look: str, sound: str
) -> None:
    voice = Voice(name="Anna", gender=gender, sound=sound)
    region = Region(id="0000000a", span=Span(0, 24), register=register.name, voice="Anna", line=line, look=look)
    parts = CARD_FORM.fullmatch(caption_for(region, voice, register))
    assert parts is not None
    assert (parts["look"] or "") == look_with_voice(region, voice)
    assert parts["gender"] == gender
    assert (parts["manner"] or "") == register.manner.words_for(voice)
    assert parts["line"] == spoken_line(line)
    assert (parts["suffix"] or "") == register.suffix


@given(text=a_text | st.sampled_from(HARD_TEXT))
@example(text="\u200b")
def test_a_spoken_line_is_one_plain_line(text: str) -> None:
    spoken = spoken_line(text)
    assert not set(spoken) & set('"“”()[]{}\n\r\t')
    assert spoken == spoken.strip()
    assert "  " not in spoken
    assert {unicodedata.category(character) for character in spoken} & {"Cc", "Cs", "Co", "Zl", "Zp"} == set()
    assert spoken_line(spoken) == spoken


@given(words=st.lists(st.text(st.sampled_from("abcé日'’-,.!?…1ש"), min_size=1, max_size=8), max_size=8))
def test_ordinary_text_stays_as_it_is(words: list[str]) -> None:
    assert spoken_line(" ".join(words)) == " ".join(words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It cost 1,000,000.", "It cost 1,000,000."),
        ("He said “no”.", "He said 'no'."),
        ("Wait (please)!", "Wait, please!"),
        ("(softly) Come here", "softly, Come here"),
        ("one [two] three", "one, two, three"),
        ("one, (two), three (four)", "one, two, three, four"),
        ("((one))", "one"),
        ("one\n  two\tthree", "one two three"),
        ("I was going to,", "I was going to,"),
        ("mi\u00adcro\u200bphone", "microphone"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_lines_on_one_line(text: str, expected: str) -> None:
    assert spoken_line(text) == expected
