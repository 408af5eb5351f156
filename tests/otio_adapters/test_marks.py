from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.caption import caption_for
from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import RegisterTable, register_table
from sottovoce_engine.scene import Gender, PictureMode, Region, Voice
from sottovoce_engine.timing import Span
from sottovoce_otio.marks import said_in, text_with_mark, vocabulary, written_mark
from sottovoce_otio.vocabulary import DoubtfulText, SpokenMark, ToneText

WOMAN, MAN = Gender.WOMAN, Gender.MAN
REGISTERS = register_table()
KNOWN = vocabulary(REGISTERS)
WITH_ANNA = vocabulary(REGISTERS, ["Anna"])


def mark(
    register: str, line: str, voice: str = "", gender: Gender | None = None, look: str = "", cue: str = ""
) -> SpokenMark:
    return SpokenMark(register=register, line=line, voice=voice, gender=gender, look=look, cue=cue)


UNDERSTOOD = [
    # A register and a line.
    ("whisper: close your eyes", mark("whisper", "close your eyes")),
    ("Whisper:close your eyes", mark("whisper", "close your eyes")),
    ("WHISPER : close your eyes", mark("whisper", "close your eyes")),
    ("soft: it is late", mark("soft", "it is late")),
    ("quieter: it is late", mark("quieter", "it is late")),
    ("normal: it is late", mark("normal", "it is late")),
    ("loud: over here!", mark("loud", "over here!")),
    ("shout: run!", mark("shout", "run!")),
    ("scream: no!", mark("scream", "no!")),
    ("whispering: “close your eyes”", mark("whisper", "close your eyes")),
    ("softly: 'tis late", mark("soft", "'tis late")),
    ("sotto voce: not now", mark("soft", "not now")),
    ("whisper： close your eyes", mark("whisper", "close your eyes")),
    ("whisper: he said: wait", mark("whisper", "he said: wait")),
    ("whisper:", mark("whisper", "")),
    # A voice, too.
    ("ANNA whisper: come in", mark("whisper", "come in", "ANNA")),
    ("Anna whispers: come in", mark("whisper", "come in", "Anna")),
    ("Anna, whispering: come in", mark("whisper", "come in", "Anna")),
    ("Anna - whisper: come in", mark("whisper", "come in", "Anna")),
    ("ANNA speaking softly: come in", mark("soft", "come in", "ANNA")),
    ("ANNA in a whisper: come in", mark("whisper", "come in", "ANNA")),
    ("ANNA sotto voce: come in", mark("soft", "come in", "ANNA")),
    ("ANNA normal: come in", mark("normal", "come in", "ANNA")),
    ("OLD MAN shout: get out", mark("shout", "get out", "OLD MAN", MAN)),
    ("Mrs. Hill soft: get out", mark("soft", "get out", "Mrs. Hill", WOMAN)),
    ("GUARD #2 shouts: halt", mark("shout", "halt", "GUARD #2")),
    ("Ludwig van Beethoven loud: what?", mark("loud", "what?", "Ludwig van Beethoven")),
    ("ÉLODIE whisper: viens", mark("whisper", "viens", "ÉLODIE")),
    ("アンナ whisper: 目を閉じて", mark("whisper", "目を閉じて", "アンナ")),
    ("woman whisper: come in", mark("whisper", "come in", "", WOMAN)),
    ("a man shouting: come in", mark("shout", "come in", "", MAN)),
    # Brackets beside a voice.
    ('Anna (whispering): "close your eyes"', mark("whisper", "close your eyes", "Anna")),
    ("Anna [whisper]: close your eyes", mark("whisper", "close your eyes", "Anna")),
    ("ANNA (hushed): close your eyes", mark("soft", "close your eyes", "ANNA")),
    ("ANNA (low, tired): close your eyes", mark("quieter", "close your eyes", "ANNA")),
    ("ANNA (beat, softly): close your eyes", mark("soft", "close your eyes", "ANNA")),
    ("ANNA (whispering to Ben): close your eyes", mark("whisper", "close your eyes", "ANNA")),
    ("BEN (man) loud: over here", mark("loud", "over here", "BEN", MAN)),
    ("BEN (under his breath): damn", mark("whisper", "damn", "BEN", MAN)),
    ("Anna (whispering) “close your eyes”", mark("whisper", "close your eyes", "Anna")),
    ('Anna whispers "close your eyes"', mark("whisper", "close your eyes", "Anna")),
    ("ANNA, softly, “close your eyes”", mark("soft", "close your eyes", "ANNA")),
    ("ANNA\n(whispering)\nClose your eyes.\nNow.", mark("whisper", "Close your eyes. Now.", "ANNA")),
    ("ANNA: (whispering) close your eyes", mark("whisper", "close your eyes", "ANNA")),
    ("Anna: [softly] close your eyes", mark("soft", "close your eyes", "Anna")),
    ("BEN (V.O.): It was late.", mark("normal", "It was late.", "BEN")),
    ("BEN (V.O., whispering): It was late.", mark("whisper", "It was late.", "BEN")),
    ("BEN (V.O.) (CONT'D): It was late.", mark("normal", "It was late.", "BEN")),
    ("BEN (O.S.): (shouting) Wait!", mark("shout", "Wait!", "BEN")),
    ("BEN (CONT’D): It was late.", mark("normal", "It was late.", "BEN")),
    ("ANNA whisper: (beat) come in", mark("whisper", "come in", "ANNA")),
    # Brackets before the line.
    ("[softly] I am here", mark("soft", "I am here")),
    ("[whisper] I am here", mark("whisper", "I am here")),
    ("(beat, softly) I am here", mark("soft", "I am here")),
    ("(beat) (softly) I am here", mark("soft", "I am here")),
    ("(sotto voce) not now", mark("soft", "not now")),
    ("<i>(under her breath)</i> idiot", mark("whisper", "idiot", "", WOMAN)),
    ("(whispering) ANNA: come in", mark("whisper", "come in", "ANNA")),
    # The LoRA card's form.
    ('(man, speaking softly): "I\'ve been thinking"', mark("soft", "I've been thinking", "", MAN)),
    ('(man, whispering quietly): "hello"', mark("whisper", "hello", "", MAN)),
    ('(woman): "hello", intimate ASMR', mark("quieter", "hello", "", WOMAN)),
    ('(woman, speaking): "hello"', mark("normal", "hello", "", WOMAN)),
    ("(woman, whispering): hello there", mark("whisper", "hello there", "", WOMAN)),
    (
        'a woman in warm dim lighting, (woman, whispering): "close your eyes and listen", intimate ASMR',
        mark("whisper", "close your eyes and listen", "", WOMAN, "a woman in warm dim lighting"),
    ),
    (
        'a man at a desk (late, tired), (man, speaking softly): "all day"',
        mark("soft", "all day", "", MAN, "a man at a desk (late, tired)"),
    ),
    ('Anna: a dim room, (woman, whispering): "hi"', mark("whisper", "hi", "Anna", WOMAN, "a dim room")),
    # Cues.
    ("SC12-034 ANNA whisper: the line", mark("whisper", "the line", "ANNA", cue="SC12-034")),
    ("12A ANNA (softly): the line", mark("soft", "the line", "ANNA", cue="12A")),
    ("Scene 4 ANNA whisper: the line", mark("whisper", "the line", "ANNA", cue="Scene-4")),
    # Whatever the line holds.
    ("whisper: 🤫 shh 👩‍👧", mark("whisper", "🤫 shh 👩‍👧")),
    ("whisper: עצמי עיניים", mark("whisper", "עצמי עיניים")),
    ("whisper: a\x00b\x1b[31mc \u202edcba", mark("whisper", "ab[31mc dcba")),
    ("whisper: close\r\nyour\teyes", mark("whisper", "close your eyes")),
    ('whisper: "Wait," he said. "Now."', mark("whisper", '"Wait," he said. "Now."')),
    ("whisper: the (old) house", mark("whisper", "the (old) house")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), UNDERSTOOD, ids=[text for text, _ in UNDERSTOOD])
def test_a_typed_mark_is_understood(text: str, expected: SpokenMark) -> None:
    assert said_in(text, KNOWN) == expected


LEFT_ALONE = [
    "", "   ", "Marker 1", "Note: fix colour", "scene 4: cut here", "NOTE: whisper this louder", "TODO: softer music",
    "loud", "whisper", "Normal", "soft focus", "Soft focus: check", "loud noise on mic: denoise", "Too loud: bring down",
    "too soft: refocus", "Music loud: lower", "Music too loud here", "Very loud: fix", "MUSIC (softly): fade in", "SFX: scream",
    "SFX (loud): door", "VFX: remove wire (soft edges)", "ADR: \"come in\"", "TITLE: \"Two years later\"",
    "Lower third: \"John Smith\"", "Shot: wide", "shot: wide", "short: trim", "cloud: replace sky", "load: new lut",
    "stream: master", "cream: skin tone", "screen: replace", "scout: location", "whimper: foley", "quiet: please",
    "Quiet on set", "Chapter 2: The Whisper", "Fade out: 12 frames", "ANNA: check focus", "Anna: pick up line here", "BEN",
    "Ben (V.O.)", "(beat)", "(whispering)", "[softly]", "[music softly playing]", "[loud noise] fix", "(quiet)",
    "(man) fix his tie", "(man): fix his tie", "(laughs): loop", "not whispering: fix", "Cut on whisper: see 12",
    "https://example.com/a:b", "12:34:56:07 whisper", "10:20", "Make it loud: more gain", "Scene 12 (cont'd): pick up here",
    "Chase (cont'd): tighten", "Reminder (loud): clipping", "Reminder: (loud) part is clipping", "Room tone needed: record",
    "the room tones down", "Temp music: replace", "Anna (blue dress): continuity", "1: whisper", "#4", ":", "::", "): (",
    "🤫", "🤫: x", "אנה: עצמי", "Take 3 (good): print", "A (whisper) B", "Whisper track: mute", "Approved: yes", 'Replace "whisper" with "shout"', 'Soft focus "dream" look', 'Use the "loud" take', 'Night soft "dream"',
    'Chapter "The Whisper"',
    "sort: by date", "sofa: replace", "Crowd screaming: lower", "Rain loud: denoise",
]  # fmt: skip


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_no_mark_is_left_alone(text: str) -> None:
    assert said_in(text, KNOWN) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("wisper: hello", "whisper"),
        ("whsiper: hello", "whisper"),
        ("Wispering: hello", "whisper"),
        ("luod: hello", "loud"),
        ("sotf: hello", "soft"),
        ("screem: hello", "scream"),
        ("quiter: hello", "quieter"),
        ("nomal: hello", "normal"),
        ("shuot: hello", "shout"),
        ("ANNA wisper: hello", "whisper"),
        ("SC12 ANNA wisper: hello", "whisper"),
        ("Anna (wispering): hello", "whisper"),
        ("Anna (whsipering, tired): hello", "whisper"),
        ('(woman, wispering): "hello"', "whisper"),
        ("ANNA wisper: hello [SV:1f0c9a42]", "whisper"),
    ],
)
def test_a_misspelt_register_is_named(text: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"Did you mean '{meant}'"):
        said_in(text, KNOWN)


@pytest.mark.parametrize(
    "text", ["ANNA mumble: hello [SV:1f0c9a42]", "[SV:1f0c9a42]", "hello [SV:1f0c9a42]", '(woman, laughing): "ha"']
)
def test_what_is_surely_ours_must_name_a_register(text: str) -> None:
    with pytest.raises(InputError, match=r"which is not known.*Known: whisper, soft"):
        said_in(text, KNOWN)


@pytest.mark.parametrize("tag", ["[SV:]", "[SV:xyz]", "[SV:1f0c9a4]", "[SV:1f0c9a42-1]"])
def test_a_damaged_tag_is_named(tag: str) -> None:
    with pytest.raises(InputError, match="8 to 32 hex digits"):
        said_in(f"ANNA whisper: hello {tag}", KNOWN)


def test_a_known_voice_is_one_however_it_is_written() -> None:
    assert said_in("anna whisper: come in", WITH_ANNA) == mark("whisper", "come in", "anna")
    assert said_in('ANNA: "come in"', WITH_ANNA) == mark("normal", "come in", "ANNA")
    assert said_in("Anna: (hushed) come in", WITH_ANNA) == mark("soft", "come in", "Anna")


@pytest.mark.parametrize("text", ["(soft) music", "[loud] fan", "(normal) grade from here"])
def test_an_adjective_in_brackets_alone_is_doubtful(text: str) -> None:
    assert isinstance(said_in(text, KNOWN), DoubtfulText)


@pytest.mark.parametrize("text", ["Anna: pick up the line here", "Anna (blue dress): check", "berta whisper: come in"])
def test_a_doubtful_text_is_left_alone_with_a_reason(text: str) -> None:
    said = said_in(text, WITH_ANNA)
    assert isinstance(said, DoubtfulText)
    assert text.split(" ")[0].rstrip(":") in said.reason


@pytest.mark.parametrize(
    ("text", "location"),
    [("room tone: kitchen", "kitchen"), ("Room Tone - the night street", "the night street"), ("[room tone]", ""), ("roomtone", ""),
     ("Roomtone: kitchen", "kitchen")],
)  # fmt: skip
def test_room_tone_is_understood(text: str, location: str) -> None:
    assert said_in(text, KNOWN) == ToneText(location=location)


def test_a_users_register_is_a_hint_for_itself() -> None:
    breathy = replace(REGISTERS.get("soft"), name="breathy", letter="B")
    known = vocabulary(RegisterTable(registers=(*REGISTERS.registers, breathy)))
    assert said_in("ANNA breathy: come in", known) == mark("breathy", "come in", "ANNA")
    assert said_in("breathy: come in", known) == mark("breathy", "come in")
    assert said_in("ANNA (breathy): come in", KNOWN) == mark("soft", "come in", "ANNA")


def region(**changes: object) -> Region:
    base = Region(id="1f0c9a42", span=Span(0, 48), register="whisper", voice="ANNA", line="the line", cue="SC12-034")
    return replace(base, **changes)  # type: ignore[arg-type]


def test_our_own_form() -> None:
    text = written_mark(region(), Voice(name="ANNA", gender=WOMAN))
    assert text.name == text.comment == text.note == "SC12-034 ANNA whisper: the line [SV:1f0c9a42]"
    of_a_man = written_mark(region(voice="BEN", cue=""), Voice(name="BEN", gender=MAN))
    assert of_a_man.name == "BEN whisper: the line [SV:1f0c9a42]"
    assert of_a_man.comment == of_a_man.note == "BEN (man) whisper: the line [SV:1f0c9a42]"


def test_our_mark_is_appended_once() -> None:
    first = text_with_mark("temp cut", "ANNA whisper: hello [SV:1f0c9a42]")
    assert first == "temp cut | ANNA whisper: hello [SV:1f0c9a42]"
    assert text_with_mark(first, "ANNA soft: hello [SV:1f0c9a42]") == "temp cut | ANNA soft: hello [SV:1f0c9a42]"
    assert text_with_mark("", "x") == text_with_mark("  ", "x") == "x"
    said = said_in(first, KNOWN)
    assert said == replace(mark("whisper", "hello", "ANNA"), id="1f0c9a42")


def test_a_typed_mark_before_ours_does_not_swallow_it() -> None:
    text = text_with_mark("whisper: close your eyes", "WOMAN whisper: close your eyes [SV:1f0c9a42]")
    assert said_in(text, KNOWN) == SpokenMark(
        register="whisper", line="close your eyes", voice="WOMAN", gender=WOMAN, id="1f0c9a42"
    )


@pytest.mark.parametrize("mode", PictureMode)
def test_a_tag_says_where_the_picture_comes_from(mode: PictureMode) -> None:
    for text in (
        f"Anna whisper: close your eyes [picture: {mode}]",
        f"[picture:{mode}] Anna (whispering): close your eyes",
        f"Anna (whispering) [Picture = {mode.upper()}]: close your eyes",
        f"temp | Anna whisper: close your eyes [picture: {mode}] [SV:1f0c9a42]",
    ):
        said = said_in(text, KNOWN)
        assert isinstance(said, SpokenMark)
        assert (said.voice, said.register, said.line, said.picture) == ("Anna", "whisper", "close your eyes", mode)


def test_a_picture_tag_alone_is_no_mark_and_an_unknown_one_is_named() -> None:
    assert said_in("temp cut [picture: continue]", KNOWN) is None
    assert said_in("picture: continue", KNOWN) is None
    assert said_in("ANNA (CONT'D): (softly) wait", KNOWN) == mark("soft", "wait", "ANNA")
    with pytest.raises(
        InputError, match=r"'close your eyes' has the tag '\[picture: contine\]'\. Did you mean 'continue'"
    ):
        said_in("whisper: close your eyes [picture: contine]", KNOWN)


def test_a_mark_before_ours_says_nothing_about_the_picture() -> None:
    text = "whisper: hello [picture: continue] | ANNA whisper: hello [picture: cut] [SV:1f0c9a42]"
    said = said_in(text, KNOWN)
    assert isinstance(said, SpokenMark)
    assert said.picture is PictureMode.CUT


def test_our_own_form_says_where_the_picture_comes_from_where_metadata_may_be_lost() -> None:
    text = written_mark(region(picture=PictureMode.START, cue=""), Voice(name="ANNA", gender=WOMAN))
    assert text.name == "ANNA whisper: the line [SV:1f0c9a42]"
    assert text.comment == text.note == "ANNA whisper: the line [picture: start] [SV:1f0c9a42]"


words = st.text(
    st.characters(categories=["Lu", "Ll", "Lo", "Nd"], include_characters="'-!?,.… 🤫"), min_size=1, max_size=60
)
names = st.from_regex(r"\A[A-Z][a-zéß'-]{0,9}( [A-Z][a-z]{1,9}){0,2}\Z")


@given(voice=names, register=st.sampled_from(REGISTERS.names), line=words, gender=st.sampled_from(Gender), cue=st.sampled_from(["", "SC12-034", "7B"]))  # fmt: skip
def test_what_we_write_reads_back(voice: str, register: str, line: str, gender: Gender, cue: str) -> None:
    written = region(voice=voice, register=register, line=" ".join(line.split()), cue=cue)
    texts = written_mark(written, Voice(name=voice, gender=gender))
    for text in (texts.name, texts.comment, f"temp | {texts.note}"):
        said = said_in(text, KNOWN)
        assert isinstance(said, SpokenMark)
        found = (said.id, said.voice, said.register, said.line, said.cue)
        assert found == (written.id, voice, register, written.line, cue)
    if gender is MAN:
        comment = said_in(texts.comment, KNOWN)
        assert isinstance(comment, SpokenMark)
        assert comment.gender is MAN


def test_known_voices_with_any_name_read_back() -> None:
    for voice in ("R2 D2", "loud Larry", "the narrator", "12", "Anna 2"):
        text = written_mark(region(voice=voice, cue="A cue"), Voice(name=voice, gender=WOMAN)).name
        said = said_in(text, vocabulary(REGISTERS, [voice]))
        assert isinstance(said, SpokenMark)
        assert (said.cue, said.voice) == ("A-cue", voice)


@pytest.mark.parametrize("register", REGISTERS.names)
@pytest.mark.parametrize("gender", Gender)
def test_the_caption_of_every_register_reads_back(register: str, gender: Gender) -> None:
    voice = Voice(name="ANNA", gender=gender)
    caption = caption_for(region(register=register, look="a dim room, at night"), voice, REGISTERS.get(register))
    assert said_in(caption, KNOWN) == mark(register, "the line", "", gender, "a dim room, at night")


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(InputError):
        said_in(text, WITH_ANNA)


@pytest.mark.parametrize(
    "text", ["(" * 10_000, "[(" * 5_000 + ":", "a " * 5_000 + ": x", "whisper: " + "(beat " * 2_000, "A" * 10_000]
)
def test_hostile_texts_take_no_time(text: str) -> None:
    said_in(text, KNOWN)
