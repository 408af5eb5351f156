"""The sound pass: the mix and its stems are written to disk block by block, and every true peak is seen."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.sound import WavWriter
from sottovoce_engine.progress import Job
from sottovoce_engine.splice.fades import Samples
from sottovoce_engine.splice.levels import PEAK_MARGIN_DB
from sottovoce_engine.splice.meter import TruePeakMeter, from_db, to_db
from sottovoce_engine.splice.mix import MixedBlock, MixPlan, mixed_blocks
from sottovoce_engine.splice.running import OpenSounds
from sottovoce_engine.timing import SAMPLE_RATE, Span

STAGE = "sound"

_BYTES = 2 * np.dtype(np.float32).itemsize
_AROUND_PEAK = SAMPLE_RATE // 200  # 5 ms: who sounds at a peak
_HEARD_AT_PEAK = 0.1  # a take that brings less than this share of a peak is not concerned


@dataclass(frozen=True, slots=True, kw_only=True)
class Stems:
    """Files of the sound pass."""

    mix: Path  # raw float32, left and right in turn: exact, and readable at any sample
    voices: tuple[Path, ...]  # in the plan's order
    tone: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """A second of the mix whose true peak exceeds the limit."""

    at: int  # scene sample of the peak
    peak_dbtp: float
    source_dbtp: float  # of the timeline's own sound there
    regions: tuple[str, ...]  # the takes heard at the peak
    needed_db: float  # by which they would have to be lower; 0: the source exceeds by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundtrack:
    """What the sound pass wrote and saw."""

    files: Stems
    length_samples: int
    true_peak_dbtp: float
    overs: tuple[Over, ...]
    clipped: int  # samples of stems beyond full scale

    def sound(self, span: Span) -> Samples:
        """The mix over `span`, which lies inside the scene, as `[2, samples]`."""
        flat = np.fromfile(self.files.mix, np.float32, count=2 * span.length, offset=span.start * _BYTES)
        return np.ascontiguousarray(flat.reshape(-1, 2).T)


def write_soundtrack(plan: MixPlan, sounds: OpenSounds, files: Stems, limit_dbtp: float, job: Job) -> Soundtrack:
    """Writes mix and stems.

    Raises:
        InputError: A source cannot be read, or the files cannot be written there.
        SetupError: The disk is full.
        JobCancelled: Cancelling was asked for.
    """
    meter, overs = TruePeakMeter(limit_dbtp), list[Over]()
    with ExitStack() as stack:
        try:
            mix = stack.enter_context(files.mix.open("wb"))
        except OSError as error:
            raise write_error(files.mix, error) from error
        voices = [stack.enter_context(WavWriter(path)) for path in files.voices]
        tone = stack.enter_context(WavWriter(files.tone))
        for block in mixed_blocks(plan, sounds):
            job.step(STAGE, block.span.start, plan.length_samples)
            peak = meter.add(block.mix)
            if peak > from_db(limit_dbtp):
                overs.append(_over(block, peak, limit_dbtp))
            for writer, sound in zip([*voices, tone], [*block.voices, block.tone], strict=True):
                writer.write(sound)
            try:
                mix.write(np.ascontiguousarray(block.mix.T).data)
            except OSError as error:
                raise write_error(files.mix, error) from error
        clipped = sum(writer.clipped for writer in [*voices, tone])
    job.step(STAGE, plan.length_samples, plan.length_samples)
    return Soundtrack(
        files=files,
        length_samples=plan.length_samples,
        true_peak_dbtp=meter.dbtp,
        overs=tuple(overs),
        clipped=clipped,
    )


def _over(block: MixedBlock, peak: float, limit_dbtp: float) -> Over:
    """Who is concerned by a peak, and by how much they would have to come down."""
    at = int(np.abs(block.mix).max(axis=0).argmax())
    near = slice(max(0, at - _AROUND_PEAK), at + _AROUND_PEAK)
    meter = TruePeakMeter(limit_dbtp)
    meter.add(block.source[:, max(0, near.start - _AROUND_PEAK) : near.start])  # or its start would count as a step
    source = meter.add(block.source[:, near])
    heard = []
    for take, inside, sound in block.takes:
        part = inside.common(Span(near.start, min(near.stop, block.span.length)))
        if part is not None:
            level = float(np.abs(sound[:, part.start - inside.start : part.end - inside.start]).max())
            if level >= _HEARD_AT_PEAK * peak:
                heard.append(take.region)
    allowed = from_db(limit_dbtp - PEAK_MARGIN_DB) - source
    needed = to_db((peak - source) / allowed) if heard and 0.0 < allowed < peak - source else 0.0
    return Over(
        at=block.span.start + at,
        peak_dbtp=to_db(peak),
        source_dbtp=to_db(source),
        regions=tuple(heard),
        needed_db=needed,
    )
