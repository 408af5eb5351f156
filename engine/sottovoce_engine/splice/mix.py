"""The mix, block by block: memory does not grow with the scene, and files are open only while they sound.

             outside            fade              under the region
dialogue     1                  falling           0
other sound  1                  1                 1
take         -                  rising            gain
tone         0, or 1 in gaps    equal power       1
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sottovoce_engine.splice.beds import Bed, Gap
from sottovoce_engine.splice.fades import Fade, Samples, equal_power
from sottovoce_engine.splice.running import OpenSounds, Running
from sottovoce_engine.splice.tone import Spectrum, bed_loop
from sottovoce_engine.timing import SAMPLE_RATE, Span

BLOCK_SAMPLES = SAMPLE_RATE
_NOTHING = 1e-6  # weights that add up to 1 but for rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLayer:
    """A take laid over the scene."""

    region: str
    voice: str
    path: str
    origin: int  # scene sample of the file's first
    gain: float
    fade_in: Fade
    fade_out: Fade

    @property
    def span(self) -> Span:
        return Span(self.fade_in.span.start, self.fade_out.span.end)

    def weight(self, block: Span) -> Samples | float:
        """How much this take replaces what lies under it."""
        if self._between_fades(block):
            return 1.0
        return self.fade_in.weight(block) * (1.0 - self.fade_out.weight(block))

    def envelope(self, block: Span) -> Samples | float:
        if self._between_fades(block):
            return self.gain
        return self.gain * self.fade_in.rising(block) * self.fade_out.falling(block)

    def _between_fades(self, block: Span) -> bool:
        return self.fade_in.span.end <= block.start and block.end <= self.fade_out.span.start

    def held(self, block: Span) -> Samples | float:
        """The common gain its two fades give to what it replaces."""
        return self.fade_in.held(block) * self.fade_out.held(block)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLayer:
    """A piece of the timeline's own sound."""

    path: str  # "": silence where media is missing
    origin: int
    span: Span
    gain: float
    dialogue: bool
    rise: Fade | None  # crossfades inside the source
    fall: Fade | None

    def envelope(self, block: Span) -> Samples | float:
        gain: Samples | float = self.gain
        if self.rise is not None:
            gain = gain * self.rise.rising(block)
        if self.fall is not None:
            gain = gain * self.fall.falling(block)
        return gain


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneLayer:
    """A bed and the sound it is made of."""

    bed: Bed
    spectrum: Spectrum
    level_dbfs: float

    @property
    def span(self) -> Span:
        return self.bed.span

    def envelope(self, block: Span) -> Samples | float:
        gain: Samples | float = 1.0
        if self.bed.rise is not None:
            gain = gain * self.bed.rise.rising(block)
        if self.bed.fall is not None:
            gain = gain * self.bed.fall.falling(block)
        return gain


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneChange:
    """Room tone lifted, lowered or off, from one join to the next, as a person wants it."""

    gain: float
    rise: Fade
    fall: Fade | None  # None: to the scene's end
    span: Span

    def part(self, block: Span) -> Samples:
        """How far it holds for each sample of `block`."""
        rising = self.rise.weight(block)
        return rising if self.fall is None else rising * (1.0 - self.fall.weight(block))


@dataclass(frozen=True, slots=True, kw_only=True)
class MixPlan:
    """All that sounds, each kind in order of its start."""

    length_samples: int
    voices: tuple[str, ...]
    sources: tuple[SourceLayer, ...]
    takes: tuple[TakeLayer, ...]
    gaps: tuple[Gap, ...]
    tones: tuple[ToneLayer, ...]
    tone_changes: tuple[ToneChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedBlock:
    """One block of everything, each `[2, samples]`. The mix is the sum of source, voices and tone."""

    span: Span
    mix: Samples
    source: Samples
    voices: tuple[Samples, ...]  # in the plan's order
    tone: Samples
    takes: tuple[tuple[TakeLayer, Span, Samples], ...]  # each take heard, where it lies in the block, its sound


class _Readers:
    """The files of the layers that sound. Each piece of source has a reader of its own: two may share a file."""

    def __init__(self, takes: OpenSounds) -> None:
        self._takes = takes
        self._sources: dict[SourceLayer, OpenSounds] = {}

    def take(self, layer: TakeLayer, part: Span) -> Samples:
        return self._takes.sound(layer.path, part.shifted(-layer.origin))

    def source(self, layer: SourceLayer, part: Span) -> Samples:
        return self._sources.setdefault(layer, OpenSounds()).sound(layer.path, part.shifted(-layer.origin))

    def close(self, before: int | None = None) -> None:
        """Closes what has ended; everything, where no sample is named."""
        for layer in [layer for layer in self._sources if before is None or layer.span.end <= before]:
            self._sources.pop(layer).close()


def mixed_blocks(
    plan: MixPlan, sounds: OpenSounds, block_samples: int = BLOCK_SAMPLES, span: Span | None = None
) -> Iterator[MixedBlock]:
    """The scene from its first sample to its last, or over `span` (scene samples), in blocks. `sounds` reads the takes.

    Raises:
        InputError: A file is missing, damaged or holds no sound.
    """
    sources, takes = Running(plan.sources), Running(plan.takes)
    gaps, tones, changes = Running(plan.gaps), Running(plan.tones), Running(plan.tone_changes)
    readers, loops = _Readers(sounds), dict[str, Samples]()
    try:
        whole = span or Span(0, plan.length_samples)
        for start in range(whole.start, whole.end, block_samples):
            block = Span(start, min(start + block_samples, whole.end))
            over = takes.during(block)
            covered = np.zeros(block.length, np.float32)
            for take in over:
                covered += take.weight(block)
            source = _source(sources.during(block), over, covered, block, readers)
            laid = tuple(_laid(take, block, readers) for take in over)
            voices = tuple(_summed(voice, laid, block) for voice in plan.voices)
            tone = _tone(tones.during(block), gaps.during(block), covered, block, loops)
            changed = changes.during(block)
            if changed:
                tone *= _tone_gain(changed, block)
            mix = source + tone
            for voice in voices:
                mix += voice
            yield MixedBlock(span=block, mix=mix, source=source, voices=voices, tone=tone, takes=laid)
            readers.close(block.end)
    finally:
        readers.close()


def _source(
    layers: Sequence[SourceLayer], over: Sequence[TakeLayer], covered: Samples, block: Span, readers: _Readers
) -> Samples:
    total = np.zeros((2, block.length), np.float32)
    left = _left(over, covered, block) if any(layer.dialogue for layer in layers) else None
    for layer in layers:
        part, inside = _part(layer.span, block)
        gain = layer.envelope(part)
        if layer.dialogue and left is not None:
            gain = gain * left[inside]
            if not np.any(gain):
                continue
        total[:, inside] += readers.source(layer, part) * gain
    return total


def _left(over: Sequence[TakeLayer], covered: Samples, block: Span) -> Samples | None:
    """The gain of dialogue under takes; None where no take lies."""
    if not over:
        return None
    left = 1.0 - covered
    left[left < _NOTHING] = 0.0
    for take in over:
        left *= take.held(block)
    return left


def _laid(take: TakeLayer, block: Span, readers: _Readers) -> tuple[TakeLayer, Span, Samples]:
    part, inside = _part(take.span, block)
    return take, Span(inside.start, inside.stop), readers.take(take, part) * take.envelope(part)


def _summed(voice: str, laid: Sequence[tuple[TakeLayer, Span, Samples]], block: Span) -> Samples:
    total = np.zeros((2, block.length), np.float32)
    for take, inside, sound in laid:
        if take.voice == voice:
            total[:, inside.start : inside.end] += sound
    return total


def _tone(
    layers: Sequence[ToneLayer], gaps: Sequence[Gap], covered: Samples, block: Span, loops: dict[str, Samples]
) -> Samples:
    total = np.zeros((2, block.length), np.float32)
    weight = np.minimum(sum((gap.weight(block) for gap in gaps), covered), 1.0)
    heard = {layer.bed.location for layer in layers}
    for location in loops.keys() - heard:
        del loops[location]
    if not weight.any():
        return total
    gain = equal_power(weight)
    for layer in layers:
        part, inside = _part(layer.span, block)
        if layer.bed.location not in loops:
            loops[layer.bed.location] = bed_loop(layer.spectrum, layer.level_dbfs, layer.bed.location)
        total[:, inside] += _looped(loops[layer.bed.location], part) * (gain[inside] * layer.envelope(part))
    return total


def _tone_gain(changes: Sequence[ToneChange], block: Span) -> Samples:
    gain = np.ones(block.length, np.float32)
    for change in changes:
        gain += np.float32(change.gain - 1.0) * change.part(block)
    return np.maximum(gain, 0.0, out=gain)


def _looped(loop: Samples, part: Span) -> Samples:
    """What a bed that has run since the scene's start holds over `part`."""
    pieces, at = [], part.start
    while at < part.end:
        first = at % loop.shape[1]
        pieces.append(loop[:, first : first + part.end - at])
        at += pieces[-1].shape[1]
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)


def _part(span: Span, block: Span) -> tuple[Span, slice]:
    """What a layer that overlaps the block has in it: in scene samples, and as indices of the block."""
    part = Span(max(span.start, block.start), min(span.end, block.end))
    return part, slice(part.start - block.start, part.end - block.start)
