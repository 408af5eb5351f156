import hashlib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.engine.training.spoken_recordings import (
    ANNA,
    BEN,
    LINES,
    SMALL,
    close_together,
    hum,
    in_a_row,
    judge,
    preparing,
    recording,
    room,
    said,
    write_movie,
    write_wav,
)

from sottovoce.examples.numbered import write_numbered_movie
from sottovoce_engine.judge.register_finding import Verdict
from sottovoce_engine.judge.voicing import voicing_of
from sottovoce_engine.media.frames import rgb_from_frame
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.training.prepared import Prepared, PreparedClip
from sottovoce_engine.training.preparing import clock, prepared_clips
from sottovoce_engine.training.recipe import ClipForm
from sottovoce_engine.training.recordings import Cue, LabelledRecording

LENGTH = 194_000
TEXT = "\n".join(LINES)


def _prepared(folder: Path, *recordings: LabelledRecording, form: ClipForm | None = None) -> Prepared:
    return prepared_clips(recordings, folder / "out", preparing(form), Job())


def _clips(prepared: Prepared) -> tuple[PreparedClip, ...]:
    return tuple(clip for _, found in prepared.recordings for clip in found.clips)


def _sound(prepared: Prepared, clip: PreparedClip) -> Sound:
    with SoundReader(prepared.media / clip.media) as reader:
        return reader.read(Span(0, reader.length_samples))


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def whispers(tmp_path_factory: pytest.TempPathFactory) -> tuple[LabelledRecording, Prepared]:
    """Three whispered lines at 44.1 kHz in mono, without a picture."""
    folder = tmp_path_factory.mktemp("whispers")
    one = recording(write_wav(folder / "a.wav", in_a_row(LINES, "whisper", 1.2), 44_100), "whisper", text=TEXT)
    return one, _prepared(folder, one)


def test_a_recording_is_cut_into_its_lines(whispers: tuple[LabelledRecording, Prepared]) -> None:
    _, prepared = whispers
    clips = _clips(prepared)
    assert [clip.written for clip in clips] == list(LINES)
    assert [clip.finding.verdict for clip in clips] == [Verdict.WHISPER] * 3
    assert prepared.left_out == ()


def test_a_clip_is_what_the_model_is_trained_on(whispers: tuple[LabelledRecording, Prepared]) -> None:
    _, prepared = whispers
    for clip in _clips(prepared):
        found = probe(prepared.media / clip.media)
        assert found.picture is not None
        assert found.sound is not None
        assert (found.picture.frames, found.picture.rate) == (97, Fraction(24))
        assert found.picture.raster == Raster(width=192, height=192)
        assert (found.sound.sample_rate, found.sound.channels, found.sound.samples) == (SAMPLE_RATE, 2, LENGTH)


def test_the_speech_is_the_recordings_own_and_nothing_else_is(whispers: tuple[LabelledRecording, Prepared]) -> None:
    one, prepared = whispers
    with SoundReader(one.path) as reader:
        for clip in _clips(prepared):
            sound = _sound(prepared, clip)
            own = reader.read(clip.span)
            assert np.abs(sound[:, clip.speech.start : clip.speech.end] - own).max() < 1e-4
            active = np.flatnonzero(voicing_of(sound, judge().register_thresholds).active) * SAMPLE_RATE // 100
            assert clip.speech.start - 4_800 < active.min()
            assert active.max() < clip.speech.end + 4_800


def test_a_clip_is_padded_with_the_recordings_own_room(whispers: tuple[LabelledRecording, Prepared]) -> None:
    _, prepared = whispers
    sound = _sound(prepared, _clips(prepared)[0])
    for part in (sound[:, :20_000], sound[:, -20_000:]):
        level = 10 * np.log10(np.mean(part.astype(np.float64) ** 2))
        assert -75 < level < -63


def test_a_recording_without_a_picture_gets_plain_grey(whispers: tuple[LabelledRecording, Prepared]) -> None:
    _, prepared = whispers
    clip = _clips(prepared)[0]
    assert not clip.has_picture
    with PictureReader(prepared.media / clip.media, Raster(width=192, height=192)) as reader:
        shown = rgb_from_frame(reader.frame(Fraction(2)), 192, 192)
    assert shown.min() > 120
    assert shown.max() < 136


def test_what_is_prepared_is_not_prepared_again(
    whispers: tuple[LabelledRecording, Prepared], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, prepared = whispers

    def refuse(path: Path | str) -> None:
        raise AssertionError(f"{path} is read again")

    before = _files(one.path.parent)
    monkeypatch.setattr("sottovoce_engine.training.preparing.SoundReader", refuse)
    assert _prepared(one.path.parent, one) == prepared
    moved = one.path.with_name("moved.wav")
    one.path.rename(moved)
    try:  # by content: another name, the same clips
        assert _clips(_prepared(one.path.parent, replace(one, path=moved))) == _clips(prepared)
    finally:
        moved.rename(one.path)
    assert _files(one.path.parent) == before


def test_a_clip_that_is_lost_is_made_again_and_is_the_same(tmp_path: Path) -> None:
    one = recording(write_wav(tmp_path / "a.wav", in_a_row(LINES[:1], "normal", 0.5)), "normal", text=LINES[0])
    prepared = _prepared(tmp_path, one, form=SMALL)
    for path in prepared.media.iterdir():
        path.unlink()
    assert _prepared(tmp_path, one, form=SMALL) == prepared
    for record in (tmp_path / "out" / "clips").glob("*.json"):
        record.write_text("{")
    assert _prepared(tmp_path, one, form=SMALL) == prepared
    assert len(list(prepared.media.iterdir())) == 1


def test_other_words_or_another_form_make_other_clips(tmp_path: Path) -> None:
    one = recording(write_wav(tmp_path / "a.wav", in_a_row(LINES[:1], "normal", 0.5)), "normal", text="One.")
    first = _clips(_prepared(tmp_path, one, form=SMALL))[0]
    said_otherwise = _clips(_prepared(tmp_path, replace(one, text="Two."), form=SMALL))[0]
    assert (said_otherwise.written, said_otherwise.media) == ("Two.", first.media)
    shorter = ClipForm(frames=49, rate=Fraction(25), raster=Raster(width=64, height=96))
    small = _prepared(tmp_path, one, form=shorter)
    found = probe(small.media / _clips(small)[0].media)
    assert found.picture is not None
    assert (found.picture.frames, found.picture.rate, str(found.picture.raster)) == (49, Fraction(25), "64x96")


def test_a_movies_picture_fills_the_raster_and_keeps_its_time(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", in_a_row(LINES[:2], "normal", 1.5, BEN))
    seconds = float(probe(path).seconds)
    prepared = _prepared(tmp_path, recording(path, "normal", BEN, "\n".join(LINES[:2])))
    for clip in _clips(prepared):
        assert clip.has_picture
        with PictureReader(prepared.media / clip.media, Raster(width=192, height=192)) as reader:
            frame = rgb_from_frame(
                reader.frame(Fraction(clip.speech.start + clip.speech.end, 2 * SAMPLE_RATE)), 192, 192
            )
        light = frame.mean(axis=(0, 2))
        assert light.min() > 30  # the movie's black sides are cropped away
        middle = (clip.span.start + clip.span.end) / 2 / SAMPLE_RATE
        assert light.mean() == pytest.approx(40 + 200 * middle / seconds, abs=12)


def test_cues_say_what_is_said_when(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", close_together(LINES[:2], "soft"))
    (whole,) = _clips(_prepared(tmp_path, recording(path, "soft", text="Both."), form=SMALL))
    middle = len(said(LINES[0], "soft")) - 40_000
    spans = {"First.": Span(0, middle), "Second.": Span(middle, whole.span.end), "Third.": Span(480_000, 528_000)}
    cues = tuple(Cue(span=span, text=text) for text, span in spans.items())
    prepared = _prepared(tmp_path, replace(recording(path, "soft"), cues=cues), form=SMALL)
    clips = _clips(prepared)
    assert prepared.left_out == ("a.wav: from 0:10.0: nobody speaks where 'Third.' should be said",)
    assert [clip.written for clip in clips] == ["First.", "Second."]
    assert clips[0].span.end < middle < clips[1].span.start


def test_lines_that_do_not_match_the_clips_are_told(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", in_a_row(LINES, "whisper", 1.2))
    for text, why in (
        ("One.\nTwo.", "2 lines of text are not one for each of 3 clips"),
        ("", "nobody wrote what is said"),
    ):
        prepared = _prepared(tmp_path, recording(path, "whisper", text=text), form=SMALL)
        assert _clips(prepared) == ()
        assert why in prepared.left_out[0]


def _broken(path: Path) -> Path:
    write_wav(path, said(LINES[0], "normal"))
    path.write_bytes(path.read_bytes()[:30])
    return path


def _cut_short(path: Path) -> Path:
    flac = write_wav(path.with_suffix(".flac"), in_a_row(LINES, "normal", 0.5))
    flac.write_bytes(flac.read_bytes()[: flac.stat().st_size // 2])
    return flac


def _text(path: Path) -> Path:
    path.write_text("no sound at all")
    return path


def _only_picture(path: Path) -> Path:
    movie, raster = path.with_suffix(".mov"), Raster(width=64, height=64)
    write_numbered_movie(movie, source_id=1, frames=24, rate=Fraction(24), raster=raster, sine_hz=None)
    return movie


BAD: dict[Callable[[Path], Path], str] = {
    _broken: "cannot be read",
    _cut_short: "Invalid data found",
    _text: "cannot be read as sound or picture",
    _only_picture: "holds no sound",
    lambda path: write_wav(path, np.zeros(3 * SAMPLE_RATE, np.float32)): "nobody speaks",
    lambda path: write_wav(path, room(3 * SAMPLE_RATE)): "nobody speaks",
    lambda path: write_wav(path, hum(400_000)): "without a pause",
    lambda path: path: "does not exist",
}


def test_bad_files_are_told_and_the_others_are_prepared(tmp_path: Path) -> None:
    bad = [recording(make(tmp_path / f"{number}.wav"), "whisper", text="x") for number, make in enumerate(BAD)]
    good = recording(write_wav(tmp_path / "good.wav", said(LINES[0], "whisper")), "whisper", text=LINES[0])
    prepared = _prepared(tmp_path, *bad, good, form=SMALL)
    assert [clip.written for clip in _clips(prepared)] == [LINES[0]]
    assert len(prepared.left_out) == len(BAD)
    for told, why in zip(prepared.left_out, BAD.values(), strict=True):
        assert why in told


def test_it_can_be_stopped_and_goes_on(tmp_path: Path) -> None:
    two = [
        recording(write_wav(tmp_path / f"{number}.wav", said(line, "whisper")), "whisper", ANNA, line)
        for number, line in enumerate(LINES[:2])
    ]
    job = Job(report=lambda progress: job.cancel() if progress.done == 1 else None)
    with pytest.raises(JobCancelled):
        prepared_clips(two, tmp_path / "out", preparing(SMALL), job)
    assert len(list((tmp_path / "out" / "clips").glob("*.json"))) == 1
    assert len(_clips(_prepared(tmp_path, *two, form=SMALL))) == 2


@pytest.mark.parametrize(
    ("samples", "shown"), [(0, "0:00.0"), (61 * 48_000 + 4_800, "1:01.1"), (3601 * 48_000, "1:00:01.0")]
)
def test_places_are_told_as_players_show_them(samples: int, shown: str) -> None:
    assert clock(samples) == shown
