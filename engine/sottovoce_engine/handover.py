"""What is handed to the mix: every take of every region, where it lies, with what it has of handles.

    take                 |.....hhhhhh|### line ###|hhhhhhhhhh......|       h  one second, or what there is
    file                      |hhhhhh|### line ###|hhhhhhhhhh|
    samples since midnight    ^ time reference

The line reaches from the region's sound edges to wherever the take's words run beyond them. Takes are handed over as
rendered: no gain, no fade, no room tone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.ranking import Esteem
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.splice.arranging import slip_of, sound_edges
from sottovoce_engine.splice.chains import chains_of
from sottovoce_engine.splice.values import SplicedRegion
from sottovoce_engine.take import RECORDING, PlacedTake, Take
from sottovoce_engine.timing import SAMPLE_RATE, Span, frames_in_day, sample_at

HANDLE = SAMPLE_RATE
LEAST_HANDLE_FRAMES = 8
_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedTake:
    """A take as it goes to the mix. Spans are scene samples."""

    placed: PlacedTake  # the region, this take alone, its file
    number: int  # of the take, from 1
    chosen: bool
    esteem: Esteem
    origin: int  # scene sample of the take's first
    line: Span  # the region's sound edges and the take's words
    span: Span  # what of the take is handed over: the line with its handles

    @property
    def region(self) -> Region:
        return self.placed.region

    @property
    def take(self) -> Take:
        return self.placed.take

    @property
    def handles(self) -> tuple[int, int]:
        """Samples before and after the line."""
        return self.line.start - self.span.start, self.span.end - self.line.end

    @property
    def synthetic(self) -> bool:
        """Whether a machine made the voice; of a recording that was brought in nobody knows here."""
        return self.take.job.renderer != RECORDING

    @property
    def circled(self) -> bool:
        """Whether it is the one to be used."""
        return self.chosen or self.esteem < Esteem.STARRED

    @property
    def status(self) -> str:
        """The choice, and what a person noted: "chosen, approved", "alternate"."""
        noted = "" if self.esteem in (Esteem.NONE, Esteem.REJECTED) else f", {self.esteem.name.lower()}"
        return ("chosen" if self.chosen else "alternate") + noted


def handed_takes(
    scene: Scene, regions: Sequence[SplicedRegion], esteem: Mapping[str, Esteem]
) -> tuple[HandedTake, ...]:
    """Every take of every region, by region and number; a rejected one is left out unless it is the chosen one.

    Args:
        scene: As marked.
        regions: As spliced, with all their takes.
        esteem: What people said of takes, by key.
    """
    held = chains_of(scene, [region.placed for region in regions]).held
    return tuple(
        handed
        for region in regions
        for handed in _of_region(region, scene, esteem, held=region.placed.region.id in held)
    )


def time_reference(handed: HandedTake, scene: Scene) -> int:
    """Samples from midnight, as the scene's timecode counts it, to the file's first.

    Distances within a scene are the scene's own, so that files keep their places against each other to the sample.

    Source: EBU Tech 3285, TimeReference.
    """
    day = sample_at(frames_in_day(scene.rate, drop=scene.drop_frame), scene.rate)
    return (sample_at(scene.start_frame, scene.rate) + handed.span.start) % day


def short_handles(handed: Iterable[HandedTake], scene: Scene) -> tuple[str, ...]:
    """What is to be said of takes that have less than a second, or less than 8 frames, beside their line."""
    short = [each for each in handed if min(each.handles) < HANDLE]
    least = sample_at(LEAST_HANDLE_FRAMES, scene.rate)
    scarce = [each for each in short if min(each.handles) < least]
    sentences = [_scarce(each, scene) for each in scarce[:_SHOWN]]
    if len(scarce) > _SHOWN:
        sentences.append(f"{len(scarce) - _SHOWN} more takes have under {LEAST_HANDLE_FRAMES} frames beside their line")
    if short:
        have = "1 take has" if len(short) == 1 else f"{len(short)} takes have"
        sentences.append(f"{have} less than 1 s on a side of the line; the cue sheet says how much")
    return tuple(sentences)


def _of_region(
    region: SplicedRegion, scene: Scene, esteem: Mapping[str, Esteem], *, held: bool
) -> Iterator[HandedTake]:
    for number, placed in enumerate(region.placed.by_number, start=1):
        chosen = placed.take.key == region.placed.take.key
        said = esteem.get(placed.take.key, Esteem.NONE)
        if said is Esteem.REJECTED and not chosen:
            continue
        slip = region.slip_frames if chosen else slip_of(placed, scene, held=held).frames
        origin = sample_at(placed.start_frame + slip, scene.rate)
        line = _line(placed, origin, scene.rate)
        yield HandedTake(
            placed=placed,
            number=number,
            chosen=chosen,
            esteem=said,
            origin=origin,
            line=line,
            span=_with_handles(line, Span(origin, origin + placed.take.length_samples), scene),
        )


def _line(placed: PlacedTake, origin: int, rate: Fraction) -> Span:
    """The region's sound edges with the take's words, as far as the take reaches."""
    edges, speech = sound_edges(placed.region, rate), placed.take.speech.shifted(origin)
    whole = Span(min(edges.start, speech.start), max(edges.end, speech.end))
    return whole.common(Span(origin, origin + placed.take.length_samples)) or speech


def _with_handles(line: Span, material: Span, scene: Scene) -> Span:
    """The line with a second on both sides: never beyond the take, never before midnight, which no file can say."""
    start = max(line.start - HANDLE, material.start, min(_midnight(scene), line.start))
    return Span(start, min(line.end + HANDLE, material.end))


def _scarce(handed: HandedTake, scene: Scene) -> str:
    frames = int(min(handed.handles) * scene.rate / SAMPLE_RATE)
    at_midnight = handed.span.start == _midnight(scene) and handed.origin < handed.span.start
    remedy = "give the timeline a later start timecode" if at_midnight else "render it again"
    return (
        f"{handed.region.id} {handed.region.voice} take {handed.number} has {frames} frames on a side of its line, under "
        f"{LEAST_HANDLE_FRAMES}: {remedy} to have more"
    )


def _midnight(scene: Scene) -> int:
    """The scene sample at timecode 00:00:00:00."""
    return -sample_at(scene.start_frame, scene.rate)
