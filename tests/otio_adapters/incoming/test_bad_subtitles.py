"""Subtitles as they come: in old encodings, out of order, damaged, or no subtitles at all."""

import itertools
from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Scene
from sottovoce_engine.timing import Span
from sottovoce_otio.timeline import ReadOptions, read_timeline

from .reading_lines import REGISTERS, scene_in, spoken_in, srt_of

FRENCH = srt_of("ÉLODIE (chuchotant) : Ça va, t’es là ?", "Déjà… « Viens »")
JAPANESE = srt_of("アンナ：（小声で）目を閉じて、静かに聞いて。", "わかった。もう行こう。")
LONG_JAPANESE = srt_of("目を閉じて、静かに聞いて。　もう行こう。" * 40)
RUSSIAN = srt_of("Закрой глаза и слушай меня.")
ENGLISH = srt_of("ANNA: (whispering) Don’t go…")


def refused(path: Path, content: str | bytes, words: str, options: ReadOptions | None = None) -> None:
    with pytest.raises(InputError, match=words) as caught:
        scene_in(path, content, options)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith((".", "?", ")")), message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(
    "text", [FRENCH, JAPANESE, LONG_JAPANESE, RUSSIAN, ENGLISH], ids=["fr", "ja", "long", "ru", "en"]
)
def test_unicode_in_every_encoding_reads_without_a_guess(encoding: str, text: str, tmp_path: Path) -> None:
    said = spoken_in(scene_in(tmp_path / "plain.srt", text))
    scene = scene_in(tmp_path / "lines.srt", text.encode(encoding))
    assert spoken_in(scene) == said
    assert not any("guessed" in note for note in scene.notes)


@pytest.mark.parametrize(
    ("text", "encoding", "guess"),
    [(FRENCH, "cp1252", "Windows-1252"), (ENGLISH, "cp1252", "Windows-1252"), (JAPANESE, "shift_jis", "Shift-JIS")],
)
def test_an_old_encoding_is_guessed_and_said_so(text: str, encoding: str, guess: str, tmp_path: Path) -> None:
    said = spoken_in(scene_in(tmp_path / "plain.srt", text))
    scene = scene_in(tmp_path / "lines.srt", text.encode(encoding))
    assert spoken_in(scene) == said
    assert any(f"{guess} was guessed" in note for note in scene.notes)


def test_an_encoding_that_cannot_be_told_is_asked_for(tmp_path: Path) -> None:
    refused(tmp_path / "lines.srt", RUSSIAN.encode("cp1251"), "cannot be told from its letters")
    scene = scene_in(tmp_path / "lines.srt", RUSSIAN.encode("cp1251"), ReadOptions(encoding="cp1251"))
    assert spoken_in(scene) == [("WOMAN", "normal", "Закрой глаза и слушай меня.")]


def test_an_encoding_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "a.srt", FRENCH.encode("cp1252"), "is not in ascii", ReadOptions(encoding="ascii"))
    refused(tmp_path / "b.srt", FRENCH, "No encoding is called 'klingon'", ReadOptions(encoding="klingon"))
    refused(tmp_path / "c.srt", FRENCH, "No encoding is called 'base64'", ReadOptions(encoding="base64"))
    refused(tmp_path / "d.srt", b"\xff\xfe1\x00\n\x00\x01", "begins as utf-16 and is damaged")


def cues(*timed: tuple[str, str, str]) -> str:
    return "\n".join(f"{n}\n{start} --> {end}\n{text}\n" for n, (start, end, text) in enumerate(timed, 1))


def spans(scene: Scene) -> list[tuple[int, int, str]]:
    return [(region.span.start, region.span.end, region.line) for region in scene.regions]


def test_overlapping_cues_of_one_voice_follow_one_another(tmp_path: Path) -> None:
    text = cues(
        ("00:00:00,000", "00:00:05,000", "ANNA: One."),
        ("00:00:03,000", "00:00:06,000", "ANNA: Two."),
        ("00:00:03,000", "00:00:06,000", "BEN: Three."),
        ("00:00:03,000", "00:00:06,000", "ANNA: Two."),
    )
    scene = scene_in(tmp_path / "lines.srt", text)
    assert sorted(spans(scene)) == [(0, 72, "One."), (72, 144, "Three."), (72, 144, "Two.")]
    assert any("cut off where the next begins" in note for note in scene.notes)
    assert any("counts once" in note for note in scene.notes)


def test_cues_of_one_voice_at_the_same_time_share_it(tmp_path: Path) -> None:
    timed = [("00:00:00,000", "00:00:00,100", f"ANNA: Number {n}.") for n in range(5)]
    scene = scene_in(tmp_path / "lines.srt", cues(*timed))
    found = [region.span for region in scene.regions]
    assert len(found) == 5
    assert all(before.end == after.start for before, after in itertools.pairwise(found))


def test_cues_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    text = cues(("00:00:04,000", "00:00:05,000", "ANNA: Two."), ("00:00:00,000", "00:00:01,000", "ANNA: One."))
    assert spans(scene_in(tmp_path / "lines.srt", text)) == [(0, 24, "One."), (96, 120, "Two.")]


def test_negative_cues_are_left_out_cut_or_guessed(tmp_path: Path) -> None:
    text = cues(
        ("-00:00:05,000", "-00:00:02,000", "ANNA: Never."),
        ("-00:00:01,000", "00:00:01,000", "ANNA: Cut."),
        ("00:00:04,000", "00:00:03,000", "ANNA: Backwards, and quite long."),
    )
    scene = scene_in(tmp_path / "lines.srt", text)
    assert [(region.span.start, region.line) for region in scene.regions] == [
        (0, "Cut."),
        (96, "Backwards, and quite long."),
    ]
    assert scene.regions[0].span == Span(0, 24)
    assert scene.regions[1].length_guessed
    assert scene.regions[1].span.length > 24
    said = " ".join(scene.notes)
    assert "1 before second 0 and left out" in said
    assert "1 partly before second 0" in said
    assert "1 ending before they begin" in said


def test_hours_of_three_digits_are_no_wrapped_ones(tmp_path: Path) -> None:
    """pysubs2 alone reads 100:00:01 as 00:00:01."""
    text = cues(("00:00:01,000", "00:00:02,000", "ANNA: One."), ("100:00:01,000", "100:00:02,000", "ANNA: Two."))
    scene = scene_in(tmp_path / "lines.srt", text)
    assert spans(scene) == [(24, 48, "One.")]
    assert any("1 beyond 100 hours" in note for note in scene.notes)
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Anna>One.\n\n999:00:01.000 --> 999:00:02.000\n<v Anna>Two.\n"
    assert spans(scene_in(tmp_path / "lines.vtt", vtt)) == [(24, 48, "One.")]
    scene = scene_in(tmp_path / "late.srt", cues(("99:00:01,000", "99:00:02,000", "ANNA: One.")))
    assert (scene.start_frame, spans(scene)) == (99 * 3600 * 24, [(24, 48, "One.")])


def test_cues_counted_from_a_timecode_begin_there(tmp_path: Path) -> None:
    scene = scene_in(tmp_path / "lines.srt", cues(("10:00:01,000", "10:00:02,000", "ANNA: One.")))
    assert (scene.start_frame, scene.length_frames, spans(scene)) == (10 * 3600 * 24, 48, [(24, 48, "One.")])
    assert any("timecode 10:00:00:00" in note for note in scene.notes)


@pytest.mark.parametrize("name", ["lines.srt", "lines.ass", "lines.vtt"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"just some words\n", "no cue|cannot be read as"),
        (b'{"OTIO_SCHEMA": "Timeline.1"}', "no cue|cannot be read as"),
        (bytes(range(256)) * 8, "no text|cannot be told|no cue|cannot be read as"),
    ],
)
def test_what_holds_no_subtitles_is_refused(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    refused(tmp_path / name, content, words)


def test_subtitles_without_a_word_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "a.srt", srt_of("[thunder]", "♪♪"), "no line that is spoken.*2 without anything spoken")
    refused(tmp_path / "b.vtt", "WEBVTT\n\n", "has no cue")
    refused(tmp_path / "c.ass", "[Script Info]\n\n[V4+ Styles]\n\n[Events]\n", "no line of dialogue")
    damaged = "[V4+ Styles]\n\n[Events]\nDialogue: 0,soon,later,Default,,0,0,0,,Hi.\n"
    refused(tmp_path / "d.ass", damaged, "cannot be read as SubStation: Failed to parse timestamp")


def test_cues_whose_times_cannot_be_read_are_told(tmp_path: Path) -> None:
    text = srt_of("One.") + "\n2\n00:00:05 --> 00:00:06\nTwo.\n"
    assert any(
        "1 cues of 'lines' have times that cannot be read" in note
        for note in scene_in(tmp_path / "lines.srt", text).notes
    )
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\nOne.\n\n00:05.000 --> soon\nTwo.\n"
    assert any(
        "1 cues of 'b' have times that cannot be read" in note for note in scene_in(tmp_path / "b.vtt", vtt).notes
    )


def test_a_hundred_megabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "large.srt"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)  # takes no room on the disk
    with pytest.raises(InputError, match="is larger than 32 MB"):
        read_timeline(path, REGISTERS)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.srt").mkdir()
    for name, words in (("folder.srt", "is a folder"), ("missing.srt", "cannot be read")):
        with pytest.raises(InputError, match=words):
            read_timeline(tmp_path / name, REGISTERS)


def test_a_line_too_long_to_be_spoken_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "lines.srt", srt_of("word " * 700), "at most 2,000 can be spoken in one region")
    refused(tmp_path / "more.srt", srt_of("(a) - b\n" * 3000), "'more' has a text of 23,999 characters in one place")
