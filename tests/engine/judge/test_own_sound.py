"""A take is judged by its own sound, not by what is held beside its region."""

from pathlib import Path

import numpy as np
import pytest

from sottovoce_engine.judge.own_sound import OwnSound
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.sound import SoundReader, WavWriter
from sottovoce_engine.timing import Span

LENGTH = 48_000
WHOLE = Span(0, LENGTH)
LOUD = np.full((2, LENGTH), 0.5, np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "take.wav"
    with WavWriter(path) as wav:
        wav.write(LOUD)
    return path


def read(path: Path, own: Span, span: Span = WHOLE) -> Sound:
    with SoundReader(path) as reader:
        found = OwnSound(reader, own)
        assert found.length_samples == LENGTH
        return found.read(span)


def test_what_lies_beside_it_is_silent_and_its_edges_do_not_click(path: Path) -> None:
    found = read(path, Span(10_000, 30_000))
    assert not found[:, :10_000].any()
    assert not found[:, 30_000:].any()
    np.testing.assert_array_equal(found[:, 10_480:29_520], LOUD[:, 10_480:29_520])
    assert np.abs(np.diff(found[0])).max() < 0.5 / 400


def test_any_part_of_it_is_read_alike(path: Path) -> None:
    own = Span(10_000, 30_000)
    whole = read(path, own)
    for span in (Span(0, 100), Span(9_900, 10_300), Span(15_000, 20_000), Span(29_000, 31_000), Span(40_000, 48_000)):
        np.testing.assert_array_equal(read(path, own, span), whole[:, span.start : span.end])


def test_what_begins_or_ends_with_the_file_has_no_edge_there(path: Path) -> None:
    np.testing.assert_array_equal(read(path, Span(0, LENGTH)), LOUD)
    np.testing.assert_array_equal(read(path, Span(0, 30_000))[:, :29_000], LOUD[:, :29_000])
    np.testing.assert_array_equal(read(path, Span(10_000, LENGTH))[:, 11_000:], LOUD[:, 11_000:])
