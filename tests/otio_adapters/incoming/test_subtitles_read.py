"""Subtitles as regions: every form in which a subtitle says who speaks, and how."""

from fractions import Fraction
from pathlib import Path

import pytest

from sottovoce_engine.scene import Gender, Voice
from sottovoce_engine.timing import Span
from sottovoce_otio.timeline import ReadOptions

from .reading_lines import at_rate, scene_in, spoken_in, srt_of

FORMS = [
    ("Come in.", [("WOMAN", "normal", "Come in.")]),
    ("(whispering) Come in.", [("WOMAN", "whisper", "Come in.")]),
    ("[softly] Come in.", [("WOMAN", "soft", "Come in.")]),
    ("[softly]\nCome in.", [("WOMAN", "soft", "Come in.")]),
    ("<i>(under her breath)</i> idiot", [("WOMAN", "whisper", "idiot")]),
    ("<i>Come in.</i>", [("WOMAN", "normal", "Come in.")]),
    ('<font color="#ffff00">ANNA: Come in.</font>', [("ANNA", "normal", "Come in.")]),
    ("{\\an8}ANNA: Come in.", [("ANNA", "normal", "Come in.")]),
    ("ANNA: Come in.", [("ANNA", "normal", "Come in.")]),
    ("ANNA: (whispering) Come in.", [("ANNA", "whisper", "Come in.")]),
    ("ANNA (whispering): Come in.", [("ANNA", "whisper", "Come in.")]),
    ("(whispering) ANNA: Come in.", [("ANNA", "whisper", "Come in.")]),
    ("ANNA: (beat, softly) Come in.", [("ANNA", "soft", "Come in.")]),
    ("Anna whispers: Come in.", [("Anna", "whisper", "Come in.")]),
    ("[Anna whispering] Come in.", [("Anna", "whisper", "Come in.")]),
    ("BEN (V.O.): It was late.", [("BEN", "normal", "It was late.")]),
    ("BEN (V.O.)\nIt was late.", [("BEN", "normal", "It was late.")]),
    ("BEN (V.O., sotto voce): It was late.", [("BEN", "soft", "It was late.")]),
    ("MAN: Over here!", [("MAN", "normal", "Over here!")]),
    ("Come in. (whispering)", [("WOMAN", "whisper", "Come in.")]),
    ("I know. (whispering) Come in.", [("WOMAN", "normal", "I know."), ("WOMAN", "whisper", "Come in.")]),
    ("- Hi.\n- Hello.", [("SPEAKER 1", "normal", "Hi."), ("SPEAKER 2", "normal", "Hello.")]),
    ("- Hi. - Hello.", [("SPEAKER 1", "normal", "Hi."), ("SPEAKER 2", "normal", "Hello.")]),
    ("-Hi.\n-(whispering) Hello.", [("SPEAKER 1", "normal", "Hi."), ("SPEAKER 2", "whisper", "Hello.")]),
    ("- ANNA: Hi.\n- BEN: Hello.", [("ANNA", "normal", "Hi."), ("BEN", "normal", "Hello.")]),
    ("ANNA: Hi.\nBEN: (shouting) Hello.", [("ANNA", "normal", "Hi."), ("BEN", "shout", "Hello.")]),
    ("ANNA: Hi, it's\nme again.", [("ANNA", "normal", "Hi, it's me again.")]),
    ("- Wait for me.", [("WOMAN", "normal", "Wait for me.")]),
    ("Wait. - No.", [("WOMAN", "normal", "Wait. - No.")]),
    ("[door slams] Who is there?", [("WOMAN", "normal", "Who is there?")]),
    ("ANNA: [laughs] Stop it.", [("ANNA", "normal", "Stop it.")]),
    ("It is 10:30 now.", [("WOMAN", "normal", "It is 10:30 now.")]),
    ("[Anna, whispering] Come in.", [("Anna", "whisper", "Come in.")]),
    ("Anna: (softly) Come in.", [("Anna", "soft", "Come in.")]),
    ("Mrs. Hill: Come in.", [("Mrs. Hill", "normal", "Come in.")]),
    ("BEN (ON PHONE): Come in.", [("BEN", "normal", "Come in.")]),
    ("DR. SMITH [over radio]: Come in.", [("DR. SMITH", "normal", "Come in.")]),
    ("[WHISPERS] Come in. [NORMAL VOICE] Now.", [("WOMAN", "whisper", "Come in."), ("WOMAN", "normal", "Now.")]),
    (">> ANNA: Hi.\n>> BEN: Hello.", [("ANNA", "normal", "Hi."), ("BEN", "normal", "Hello.")]),
    (">> Hi. >> Hello.", [("SPEAKER 1", "normal", "Hi."), ("SPEAKER 2", "normal", "Hello.")]),
    ("He said (softly).", [("WOMAN", "soft", "He said.")]),
    ("Wait [sighs], please.", [("WOMAN", "normal", "Wait, please.")]),
    ("Ça va ?", [("WOMAN", "normal", "Ça va ?")]),
    ("Look: a star.", [("WOMAN", "normal", "Look: a star.")]),
    ("LOOK: A STAR.", [("WOMAN", "normal", "LOOK: A STAR.")]),
    ("“Close your eyes.”", [("WOMAN", "normal", "Close your eyes.")]),
    ("ÉLODIE (chuchotant): Viens.", [("ÉLODIE", "whisper", "Viens.")]),
    ("MÜLLER: (leise) Komm.", [("MÜLLER", "quieter", "Komm.")]),
    ("ANA (susurrando): Ven.", [("ANA", "whisper", "Ven.")]),
    ("（小声で）おいで", [("WOMAN", "whisper", "おいで")]),
    ("アンナ：おいで", [("アンナ", "normal", "おいで")]),
    ("（アンナ）おいで", [("アンナ", "normal", "おいで")]),
    ("（アンナ）（囁いて）おいで", [("アンナ", "whisper", "おいで")]),
    ("SC12-034 ANNA whisper: Come in. [SV:1f0c9a42]", [("ANNA", "whisper", "Come in.")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FORMS, ids=[text for text, _ in FORMS])
def test_a_cue_is_understood(text: str, expected: list[tuple[str, str, str]], tmp_path: Path) -> None:
    assert spoken_in(scene_in(tmp_path / "lines.srt", srt_of(text, seconds=4))) == expected


def test_a_name_in_ordinary_letters_is_one_where_it_stands_twice(tmp_path: Path) -> None:
    scene = scene_in(tmp_path / "lines.srt", srt_of("Anna: Come in.", "Look: a star.", "Anna: It is cold."))
    assert [voice for voice, _, _ in spoken_in(scene)] == ["Anna", "WOMAN", "Anna"]


def test_a_name_in_brackets_is_one_where_it_is_known(tmp_path: Path) -> None:
    text = srt_of("[Anna]\nCome in.", "[sighs] Yes.", "[Anna] It is cold.", "[Anna sighs] So.", "[Ben] No.")
    voices = [voice for voice, _, _ in spoken_in(scene_in(tmp_path / "lines.srt", text))]
    assert voices == ["Anna", "WOMAN", "Anna", "Anna", "WOMAN"]


def test_who_is_named_on_the_command_line_speaks_what_nobody_else_does(tmp_path: Path) -> None:
    options = ReadOptions(voices=(Voice(name="Ben", gender=Gender.MAN),))
    scene = scene_in(tmp_path / "lines.srt", srt_of("Come in.", "ANNA: No."), options)
    assert spoken_in(scene) == [("Ben", "normal", "Come in."), ("ANNA", "normal", "No.")]
    assert scene.voice("Ben").gender is Gender.MAN


def test_sounds_and_songs_are_left_out_and_said_so(tmp_path: Path) -> None:
    text = srt_of("[thunder]", "♪ Over the hills ♪", "♪ Over the hills\nand far away", "Come in. ♪ la la ♪", "...")
    scene = scene_in(tmp_path / "lines.srt", text)
    assert spoken_in(scene) == [("WOMAN", "normal", "Come in.")]
    assert any("4 without anything spoken" in note for note in scene.notes)


@pytest.mark.parametrize(
    "rate", [Fraction(24), Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001), Fraction(60)]
)
def test_times_are_exact_at_every_rate(rate: Fraction, tmp_path: Path) -> None:
    scene = scene_in(tmp_path / "lines.srt", srt_of(*(f"Line {n}" for n in range(50)), seconds=7), at_rate(rate))
    assert scene.rate == rate
    assert [region.span for region in scene.regions] == [
        Span(round(7 * n * rate), round(7 * (n + 1) * rate)) for n in range(50)
    ]
    assert scene.length_frames == round(350 * rate)
    assert scene.pictures == ()


def test_two_speakers_share_the_time_of_their_cue(tmp_path: Path) -> None:
    text = srt_of("- Yes.\n- I have been waiting for you since the morning.", seconds=4)
    first, second = scene_in(tmp_path / "lines.srt", text).regions
    assert (first.span.start, second.span.end) == (0, 96)
    assert first.span.end == second.span.start
    assert first.span.length * 3 < second.span.length


def test_the_same_file_gives_the_same_ids(tmp_path: Path) -> None:
    text = srt_of("Come in.", "Come in.", "- Hi. - Hello.")
    ids = [region.id for region in scene_in(tmp_path / "lines.srt", text).regions]
    assert len(set(ids)) == 4
    assert ids == [region.id for region in scene_in(tmp_path / "again.srt", text).regions]


ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,20,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,2,2,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.00,0:00:02.00,Whisper,Anna,0,0,0,,Come in.
Dialogue: 0,0:00:02.00,0:00:04.00,Default,Ben,0,0,0,soft,It is late,\\Nvery late.
Dialogue: 0,0:00:04.00,0:00:06.00,Default,,0,0,0,,{\\i1}ANNA (whispering):{\\i0} No.
Dialogue: 0,0:00:06.00,0:00:08.00,AnnaShouting,,0,0,0,,Run!
Dialogue: 0,0:00:08.00,0:00:10.00,Default,Ben,0,0,0,,{\\pos(10,10)}(whispering) Hush.
Dialogue: 0,0:00:08.00,0:00:10.00,Signs_Top,,0,0,0,,STATION
Dialogue: 0,0:00:08.00,0:00:10.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}
Comment: 0,0:00:08.00,0:00:10.00,Default,,0,0,0,,Check this.
"""
ASS_SAYS = [
    ("Anna", "whisper", "Come in."),
    ("Ben", "soft", "It is late, very late."),
    ("Anna", "whisper", "No."),
    ("Anna", "shout", "Run!"),
    ("Ben", "whisper", "Hush."),
]


def test_actor_style_and_effect_of_substation_count(tmp_path: Path) -> None:
    scene = scene_in(tmp_path / "lines.ass", ASS)
    assert spoken_in(scene) == ASS_SAYS
    assert any("2 events of 'lines' are drawings, signs or songs" in note for note in scene.notes)


def test_substation_alpha_reads_the_same(tmp_path: Path) -> None:
    styles, events = ASS.split("[Events]")
    old = f"[Script Info]\nScriptType: v4.00\n\n[V4 Styles]\n\n[Events]{events}".replace(
        "Dialogue: 0,", "Dialogue: Marked=0,"
    )
    assert styles
    assert spoken_in(scene_in(tmp_path / "lines.ssa", old)) == ASS_SAYS


VTT = """WEBVTT - a scene

STYLE
::cue(.soft) { color: cyan }

NOTE whispered, mostly

SC12-034
00:00.000 --> 00:02.000 align:start
<v.whisper Anna>Come in &amp; sit.</v>

2
00:02.000 --> 00:06.000
<v Anna>Is it late?
<v.loud Ben>Very late, my dear.

00:06.000 --> 00:08.000
<c.soft>I know.</c>

00:08.000 --> 00:12.000
<v Anna>I know. <c.shout>Run!</c>

00:12.000 --> 00:14.000
<v Ben><i>(whispering)</i> <00:13.000>Hush.

1:00:00.000 --> 1:00:02.000
<b>ANNA:</b> The end.
"""


def test_voices_and_classes_of_webvtt_count(tmp_path: Path) -> None:
    scene = scene_in(tmp_path / "lines.vtt", VTT)
    assert spoken_in(scene) == [
        ("Anna", "whisper", "Come in & sit."),
        ("Anna", "normal", "Is it late?"),
        ("Ben", "loud", "Very late, my dear."),
        ("WOMAN", "soft", "I know."),
        ("Anna", "normal", "I know."),
        ("Anna", "shout", "Run!"),
        ("Ben", "whisper", "Hush."),
        ("Anna", "normal", "The end."),
    ]
    assert [region.cue for region in scene.regions][:2] == ["SC12-034", ""]
    assert scene.regions[-1].span == Span(3600 * 24, 3602 * 24)
