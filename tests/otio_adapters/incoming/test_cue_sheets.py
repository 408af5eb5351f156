"""Cue sheets and Avid's markers, as people and programs write them."""

from fractions import Fraction
from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Gender
from sottovoce_engine.timing import Span
from sottovoce_otio.timeline import ReadOptions

from .reading_lines import at_rate, scene_in, spoken_in

NTSC_24, NTSC_30 = Fraction(24_000, 1001), Fraction(30_000, 1001)
SAID = [("ANNA", "whisper", "Close your eyes, and listen."), ("BEN", "shout", "Stay there!")]
SHEETS = {
    "ours": (
        "\ufeffcue,reel,scene,character,timecode in,timecode out,register,line,note,take,status,gender,id\r\n"
        'SC1-001,R1,1,ANNA,00:00:01:00,00:00:03:12,whisper,"Close your eyes, and listen.",,1,chosen,woman,1f0c9a42\r\n'
        "SC1-002,R1,1,BEN,00:00:04:00,00:00:05:00,shout,Stay there!,,1,chosen,man,2f0c9a42\r\n"
    ),
    "semicolons": (
        "Charakter;Figur;TC In;TC Out;Dialogue;Direction\n"
        ";ANNA;00:00:01:00;00:00:03:12;Close your eyes, and listen.;flüsternd\n"
        ";BEN;00:00:04:00;00:00:05:00;Stay there!;brüllend\n"
    ),
    "tabs under a title": (
        "ADR CUE SHEET\tNight\n\nLine\tStart Time\tEnd Time\tSpeaker\tManner\n"
        "Close your eyes, and listen.\t0:01\t3.5\tANNA\tin a whisper\nStay there!\t4\t00:00:05,0\tBEN\tshouting\n"
    ),
    "hints in the line": (
        'Cue_No.|IN|Duration|Character|Text\n1|00:00:01:00|00:00:02:12|ANNA|"(whispering) Close your eyes, and listen."\n'
        "2|00:00:04:00|1.0||BEN: (shouting) Stay there!\n3|00:00:06:00|||\n"
    ),
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_understood_whatever_its_columns_are_called(name: str, tmp_path: Path) -> None:
    scene = scene_in(tmp_path / "cues.csv", SHEETS[name])
    assert spoken_in(scene) == SAID
    assert [region.span for region in scene.regions] == [Span(24, 84), Span(96, 120)]


def test_a_spreadsheets_unicode_text_is_one(tmp_path: Path) -> None:
    text = SHEETS["tabs under a title"].replace("\n", "\r\n")
    assert spoken_in(scene_in(tmp_path / "cues.txt", text.encode("utf-16"))) == SAID


def test_cue_gender_and_id_are_kept(tmp_path: Path) -> None:
    scene = scene_in(tmp_path / "cues.csv", SHEETS["ours"])
    assert [(region.cue, region.id) for region in scene.regions] == [("SC1-001", "1f0c9a42"), ("SC1-002", "2f0c9a42")]
    assert scene.voice("BEN").gender is Gender.MAN


def test_the_takes_of_one_line_are_one_region(tmp_path: Path) -> None:
    """The sheet of a handover has a row for each take."""
    text = (
        "file,cue,character,timecode in,timecode out,register,line,take,status\n"
        "a.wav,1,ANNA,00:00:01:00,00:00:02:00,whisper,Hush.,1,chosen\n"
        "b.wav,1,ANNA,00:00:01:00,00:00:02:00,whisper,Hush.,2,alternate\n"
    )
    scene = scene_in(tmp_path / "cues.csv", text)
    assert spoken_in(scene) == [("ANNA", "whisper", "Hush.")]
    assert any("1 say what another one says" in note for note in scene.notes)


ROW = "character,timecode in,timecode out,register,line\nANNA,{},{},whisper,Hush.\n"


@pytest.mark.parametrize(
    ("start", "end", "rate", "first", "span"),
    [
        ("01:00:00:00", "01:00:01:00", Fraction(24), 86_400, Span(0, 24)),
        ("01:00:00:00", "01:00:01:00", NTSC_24, 86_400, Span(0, 24)),
        ("10:00:00:12", "10:00:01:00", NTSC_24, 864_000, Span(12, 24)),
        ("01:00:00;00", "01:00:01;00", NTSC_30, 107_892, Span(0, 30)),
        ("00:01:00;02", "00:02:00;02", NTSC_30, 0, Span(1800, 3598)),
    ],
)
def test_timecodes_are_exact(start: str, end: str, rate: Fraction, first: int, span: Span, tmp_path: Path) -> None:
    """Drop-frame skips two numbers a minute: 00:01:00;02 is frame 1800."""
    scene = scene_in(tmp_path / "cues.csv", ROW.format(start, end), at_rate(rate))
    assert (scene.start_frame, scene.regions[0].span, scene.drop_frame) == (first, span, ";" in start)


def test_drop_frame_says_its_rate(tmp_path: Path) -> None:
    scene = scene_in(tmp_path / "cues.csv", ROW.format("01:00:00;00", "01:00:01;00"))
    assert (scene.rate, scene.drop_frame) == (NTSC_30, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no row of headings with a time and a line"),
        ("line,character\nHush.,ANNA\n", "no row of headings with a time and a line"),
        (ROW.format("soon", "00:00:02:00"), "'cues', row 2: 'soon' is no timecode"),
        (ROW.format("00:00:01:30", "00:00:02:00"), "row 2: '00:00:01:30' does not exist at 24"),
        (ROW.format("00:01:00;00", "00:01:01;00"), "drop-frame timecode skips"),
        (ROW.format("00:00:01:00", "00:00:02:00").replace("whisper", "wisper"), "row 2 has the register 'wisper'. Did you mean 'whisper'"),
        ("line,in\n" + '"' + "x" * 200_000 + '",1\n', "is no table: field larger"),
        ("line,in\n,1\n", "no line that is spoken"),
    ],
)  # fmt: skip
def test_what_is_no_cue_sheet_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        scene_in(tmp_path / "cues.csv", text)


AVID = (
    "Editor\t01:00:01:00\tV1\tred\tANNA whisper: Close your eyes, and listen.\t60\t\tRed\r\n"
    "Editor\t01:00:02:00\tA1\tgreen\tFix this noise\t1\r\n"
    "Editor\t01:00:04:00\tV1\tblue\tBEN (man, shouting): Stay there!\t24\r\n"
    "Editor\t01:00:06:00\tV1\tblue\tANNA (softly): And now?\r\n"
)


def test_avid_markers_are_read_as_typed_marks(tmp_path: Path) -> None:
    scene = scene_in(tmp_path / "markers.txt", AVID.encode("utf-16"), at_rate(NTSC_24))
    assert spoken_in(scene) == [*SAID, ("ANNA", "soft", "And now?")]
    assert [region.span for region in scene.regions][:2] == [Span(24, 84), Span(96, 120)]
    assert scene.start_frame == 86_400
    assert scene.regions[2].length_guessed
    assert any("1 are no marks of a line" in note for note in scene.notes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("just a text\n", "no line with Avid's fields"),
        (
            "E\t01:00:00:99\tV1\tred\tANNA whisper: Hi.\n",
            "the marker 'ANNA whisper: Hi.': '01:00:00:99' does not exist",
        ),
        ("E\t01:00:00:00\tV1\tred\tANNA wisper: Hi.\n", "Did you mean 'whisper'"),
        ("E\t01:00:00:00\tV1\tred\tFix this\n", "no line that is spoken"),
    ],
)
def test_what_holds_no_avid_markers_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        scene_in(tmp_path / "markers.txt", text, ReadOptions())
