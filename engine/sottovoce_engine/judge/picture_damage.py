"""Damage to a take's picture: black, frozen, or not as many frames as there should be.

frames     |a|b|c|c|c|c|c|c|c|c|c|c|c|c|d|#|e|
frozen         |-----------------------|             nothing moves for half a second
black                                    |#|
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.damage_values import DamageFinding, DamageKind, DamageThresholds, Severity
from sottovoce_engine.media.container import opened_media, picture_stream, read_only
from sottovoce_engine.media.frames import planes_of
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.probe import PictureInfo, probe
from sottovoce_engine.scene import Raster
from sottovoce_engine.take import Take
from sottovoce_engine.timing import Span

_SMALL = 128  # pixels along the longer side
_BLOCK = 8  # of those: a mouth that moves changes a few blocks
_SHOWN = 40  # places in a finding
_SCRATCH = "scratch"  # its pictures are cards that stand still by design


def should_move(take: Take) -> bool:
    """Whether a frozen picture in it would be damage."""
    return take.job.renderer != _SCRATCH


def judged_picture(
    path: Path | str, *, expected_frames: int | None, moving: bool, thresholds: DamageThresholds
) -> tuple[DamageFinding, ...]:
    """What is wrong with the file's picture, the gravest first; places are frames from its first one.

    Args:
        path: A movie.
        expected_frames: How many frames it should have; None where any number will do.
        moving: Whether something should move in it; a card or a still may stand.
        thresholds: [damage].

    Raises:
        InputError: The file cannot be read, or holds no picture.
    """
    picture = probe(path).picture
    if picture is None:
        raise InputError(f"{path} holds no picture. Give a movie, or judge its sound alone.")
    frames = _looked_at(Path(path), picture, thresholds)
    found = [*_black(frames, thresholds)]
    if moving:
        found += _frozen(frames, picture.rate, thresholds)
    if expected_frames is not None and frames.count != expected_frames:
        found.append(_wrong_count(frames.count, expected_frames))
    return tuple(sorted(found, key=lambda finding: finding.passes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frames:
    """What was seen of the frames, each array one value a frame."""

    black: NDArray[np.bool_]
    held: NDArray[np.bool_]  # looks like the one before

    @property
    def count(self) -> int:
        return self.black.size


def _looked_at(path: Path, picture: PictureInfo, thresholds: DamageThresholds) -> _Frames:
    black, held = [], []
    before: NDArray[np.float32] | None = None
    for luma in _small_frames(path, picture):
        black.append(bool(luma.max() <= thresholds.black_luma))
        held.append(before is not None and _difference(before, luma) <= thresholds.frozen_difference)
        before = luma
    return _Frames(black=np.array(black, np.bool_), held=np.array(held, np.bool_))


def _small_frames(path: Path, picture: PictureInfo) -> Iterator[NDArray[np.float32]]:
    """The luma of each frame, made small."""
    scale = max(1.0, max(picture.raster.width, picture.raster.height) / _SMALL)
    sides = (max(16, round(side / scale / _BLOCK) * _BLOCK) for side in (picture.raster.width, picture.raster.height))
    count = _counted_frames(path)
    with PictureReader(path, Raster(**dict(zip(("width", "height"), sides, strict=True)))) as reader:
        for number in range(count):
            yield planes_of(reader.frame(Fraction(number) / picture.rate))[0].astype(np.float32)


def _counted_frames(path: Path) -> int:
    """As many as the file holds, whatever its header says."""
    with opened_media(path) as container:
        stream = picture_stream(container)
        if stream is None:
            return 0
        read_only(stream)
        return sum(packet.size > 0 for packet in container.demux(stream))


def _difference(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """Mean steps of luma by which the most changed block differs."""
    steps = np.abs(after - before)
    rows, columns = steps.shape[0] // _BLOCK, steps.shape[1] // _BLOCK
    blocks = steps[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    return float(blocks.mean(axis=(1, 3)).max())


def _black(frames: _Frames, thresholds: DamageThresholds) -> Iterator[DamageFinding]:
    runs = _runs(frames.black)
    if runs:
        share = float(frames.black.mean())
        fails = share >= thresholds.black_fails_share
        words = "the whole picture is black" if share == 1.0 else f"the picture is black {_at(runs)}"
        yield _finding(DamageKind.BLACK, fails, runs, share, thresholds.black_fails_share if fails else 0.0, words)


def _frozen(frames: _Frames, rate: Fraction, thresholds: DamageThresholds) -> Iterator[DamageFinding]:
    """A frame that is held belongs to the stand together with the one it repeats; black is told by itself."""
    shortest = math.ceil(thresholds.frozen_noticeable_s * rate)
    stands = (Span(max(0, run.start - 1), run.end) for run in _runs(frames.held & ~frames.black))
    runs = tuple(stand for stand in stands if stand.length >= shortest)
    if runs:
        longest = max(run.length for run in runs)
        share = sum(run.length for run in runs) / frames.count
        words = f"the picture stands still {_at(runs)}, for up to {float(longest / rate):.1f} s"
        fails = share >= thresholds.frozen_fails_share
        bar = thresholds.frozen_fails_share if fails else shortest / frames.count
        yield _finding(DamageKind.FROZEN, fails, runs, share, bar, words)


def _wrong_count(count: int, expected: int) -> DamageFinding:
    off = count - expected
    words = f"{abs(off)} frames too {'many' if off > 0 else 'few'}: {count} instead of {expected}"
    return DamageFinding(
        kind=DamageKind.FRAMES,
        severity=Severity.FAILS,
        where=(Span(min(count, expected), max(count, expected)),),
        places=1,
        measured=float(off),
        bar=0.0,
        unit="frames",
        why=(words,),
    )


def _runs(frames: NDArray[np.bool_]) -> tuple[Span, ...]:
    edges = np.flatnonzero(np.diff(frames.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    return tuple(Span(int(start), int(end)) for start, end in edges)


def _finding(
    kind: DamageKind, fails: bool, runs: tuple[Span, ...], share: float, bar: float, words: str
) -> DamageFinding:
    return DamageFinding(
        kind=kind,
        severity=Severity.FAILS if fails else Severity.NOTICEABLE,
        where=runs[:_SHOWN],
        places=len(runs),
        measured=share,
        bar=bar,
        unit="of the frames",
        why=(words,),
    )


def _at(runs: tuple[Span, ...]) -> str:
    first, more = runs[0], len(runs) - 1
    place = f"at frame {first.start}" if first.length == 1 else f"from frame {first.start} to {first.end - 1}"
    return place if not more else f"{place} and at {more} more {'places' if more > 1 else 'place'}"
