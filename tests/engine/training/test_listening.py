import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.engine.training.spoken_recordings import LINES, hum, in_a_row, room, said, write_wav

from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.training.listening import Block, blocks_of

BLOCK = 3 * SAMPLE_RATE


def _blocks(path: Path, block_samples: int = BLOCK) -> list[Block]:
    with SoundReader(path) as reader:
        return list(blocks_of(reader, block_samples=block_samples))


@pytest.mark.parametrize("register", ["whisper", "normal"])
def test_blocks_hold_the_same_pieces_as_the_whole(tmp_path: Path, register: str) -> None:
    path = write_wav(tmp_path / "a.wav", in_a_row(LINES, register, 0.7))
    (whole,) = _blocks(path, 600 * SAMPLE_RATE)
    blocks = _blocks(path)
    assert len(blocks) > 2
    assert [block.span.start for block in blocks[1:]] == [block.span.end for block in blocks[:-1]]
    assert blocks[-1].span.end == whole.span.end
    found = [piece for block in blocks for piece in block.pieces]
    assert len(found) == len(whole.pieces)
    for piece, same in zip(found, whole.pieces, strict=True):
        assert abs(piece.start - same.start) < SAMPLE_RATE // 20  # each block has a floor of its own
        assert abs(piece.end - same.end) < SAMPLE_RATE // 20


@pytest.mark.parametrize("beside", [0, 4_000, 30_000])
def test_what_is_to_stay_whole_lies_in_one_block(tmp_path: Path, beside: int) -> None:
    path = write_wav(tmp_path / "a.wav", in_a_row(LINES, "normal", 0.7))
    (all_of_it,) = _blocks(path, 600 * SAMPLE_RATE)
    for first, last in zip(all_of_it.pieces, all_of_it.pieces[1:], strict=False):
        span = Span(first.start + beside, last.end - beside)  # marks are set inside the speech or at its edges
        with SoundReader(path) as reader:
            blocks = list(blocks_of(reader, [span], block_samples=6 * SAMPLE_RATE))
        assert sum(block.span.overlaps(span) for block in blocks) == 1
        assert sum(len(block.pieces) for block in blocks) == len(all_of_it.pieces)
        assert [block.span.start for block in blocks[1:]] == [block.span.end for block in blocks[:-1]]
        assert blocks[-1].span.end == all_of_it.span.end


def test_what_fits_into_no_block_is_divided_all_the_same(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", in_a_row(LINES, "normal", 0.7))
    with SoundReader(path) as reader:
        blocks = list(blocks_of(reader, [Span(0, reader.length_samples)], block_samples=BLOCK))
        assert blocks[-1].span.end == reader.length_samples
    assert len(blocks) > 1


def test_the_room_of_a_recording_is_known_where_there_is_a_pause(tmp_path: Path) -> None:
    (block,) = _blocks(write_wav(tmp_path / "a.wav", in_a_row(LINES[:1], "normal", 1.0)), 600 * SAMPLE_RATE)
    assert block.room is not None
    assert -75 < block.room.level_dbfs < -63


def test_a_recording_of_nothing_has_no_pieces(tmp_path: Path) -> None:
    for name, sound in (("silence", np.zeros(2 * BLOCK, np.float32)), ("room", room(2 * BLOCK))):
        assert [block.pieces for block in _blocks(write_wav(tmp_path / f"{name}.wav", sound))] == [(), ()]


def test_sound_without_a_pause_is_one_piece_a_block(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "hum.wav", hum(2 * BLOCK))
    pieces = [piece for block in _blocks(path) for piece in block.pieces]
    assert [piece.length for piece in pieces] == [BLOCK, BLOCK]


def test_values_that_are_no_sound_do_no_harm(tmp_path: Path) -> None:
    sound = in_a_row(LINES[:1], "normal", 0.5).copy()
    sound[100], sound[200], sound[300] = np.nan, np.inf, 1e30
    soundfile.write(tmp_path / "bad.wav", sound, SAMPLE_RATE, subtype="FLOAT")
    (block,) = _blocks(tmp_path / "bad.wav", 600 * SAMPLE_RATE)
    assert np.isfinite(block.sound).all()
    assert len(block.pieces) >= 1


def test_an_hour_is_not_held_in_memory(tmp_path: Path) -> None:
    """A minute in blocks of four seconds: the whole would be 23 MB as stereo, a block is 1.5."""
    path, minute = tmp_path / "long.wav", np.concatenate([said(LINES[1], "normal"), room(SAMPLE_RATE)])
    with soundfile.SoundFile(path, "w", 16_000, 1) as file:
        for _ in range(60 * SAMPLE_RATE // len(minute)):
            file.write(minute[::3])
    tracemalloc.start()
    try:
        with SoundReader(path) as reader:
            pieces = sum(len(block.pieces) for block in blocks_of(reader, block_samples=4 * SAMPLE_RATE))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert pieces >= 60 * SAMPLE_RATE // len(minute)
    assert peak < 16e6
