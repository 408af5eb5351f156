from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import soxr
from bench.learned import corpus
from bench.learned.copies import heard_in
from bench.learned.corpus import BASE, CLIP_SAMPLES, QUIET, RATE, Clip, planned, said
from bench.learned.lines import LONGEST_SECONDS, SHORTEST_SECONDS, lines

from sottovoce_engine.judge.register import Verdict
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.timing import SAMPLE_RATE


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    return list(planned(2))


def part(clips: list[Clip], name: str) -> list[Clip]:
    return [clip for clip in clips if clip.part == name]


def test_no_line_comes_twice_and_all_are_as_long_as_asked() -> None:
    some = list(islice(lines(3), 200))
    assert len(set(some)) == 200
    assert all(SHORTEST_SECONDS <= speaking_seconds(line) <= LONGEST_SECONDS for line in some)


def test_the_base_never_hears_or_reads_of_a_whisper(clips: list[Clip]) -> None:
    base = part(clips, "base")
    assert {clip.register for clip in base} == set(BASE)
    assert not any("whispering" in clip.caption or "softly" in clip.caption for clip in base)


def test_the_lora_has_what_its_card_says(clips: list[Clip]) -> None:
    quiet = part(clips, "quiet")
    assert len(quiet) == 74
    assert {clip.register for clip in quiet} == set(QUIET)
    voices = {(clip.voice, clip.gender) for clip in quiet}
    assert sorted(gender for _, gender in voices) == ["man"] * 4 + ["woman"] * 4
    assert all(len({clip.register for clip in quiet if clip.voice == voice}) == 2 for voice, _ in voices)


def test_lines_voices_and_looks_that_are_held_out_occur_nowhere_else(clips: list[Clip]) -> None:
    held, others = part(clips, "held"), [clip for clip in clips if clip.part != "held"]

    def looks(some: list[Clip]) -> set[str]:
        return {clip.caption.partition(", (")[0].partition(" ")[2].partition(" ")[2] for clip in some}

    def words(some: list[Clip]) -> set[str]:
        return {clip.line.rstrip(".!?").lower() for clip in some}  # another end makes no other line

    for of in (words, lambda some: {clip.voice for clip in some}, looks):
        assert of(held)
        assert not of(held) & of(others)


def test_clips_are_what_their_register_says_and_the_same_every_time(clips: list[Clip]) -> None:
    for register, verdict in (("whisper", Verdict.WHISPER), ("normal", Verdict.VOICED)):
        clip = next(clip for clip in part(clips, "held") if clip.register == register)
        sound = said(clip)
        assert sound.shape == (CLIP_SAMPLES,)
        np.testing.assert_array_equal(sound, said(clip))
        at_48k = soxr.resample(sound / np.float32(32_768), RATE, SAMPLE_RATE)
        assert heard_in(np.stack([at_48k, at_48k]), clip).verdict is verdict


def test_what_is_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clips: list[Clip]) -> None:
    monkeypatch.setattr(corpus, "FOLDER", tmp_path)
    written = list(corpus._write_shard(0, clips[:2]))
    sounds = corpus.read_sounds(written, tmp_path)
    assert sounds.shape == (2, CLIP_SAMPLES)
    np.testing.assert_array_equal(sounds[1], said(clips[1]))
