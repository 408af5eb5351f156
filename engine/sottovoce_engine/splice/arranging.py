"""Where everything lies: the timeline's own sound, and every take with its slip, its cuts and its location."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side, key_of_side
from sottovoce_engine.progress import Job
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.splice.chains import Chains, chains_of
from sottovoce_engine.splice.cut_wishes import CutWish
from sottovoce_engine.splice.cuts import Cuts, FadeLengths, Laid, cuts_for
from sottovoce_engine.splice.fades import Fade
from sottovoce_engine.splice.listened import Listened
from sottovoce_engine.splice.listening import LONGEST_BREATH, Pause, TakeHeard
from sottovoce_engine.splice.meter import from_db
from sottovoce_engine.splice.mix import SourceLayer
from sottovoce_engine.splice.one_pass import OnePass, one_pass_of
from sottovoce_engine.splice.rooms import location_of
from sottovoce_engine.splice.running import OpenSounds, Running
from sottovoce_engine.splice.slips import Slip, slip_for
from sottovoce_engine.splice.values import SpliceSettings
from sottovoce_engine.take import PlacedTake, Take
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at, samples_of

# Words laid out by length and energy may be off by this much; no fade comes nearer.
_ESTIMATED_GUARD = SAMPLE_RATE * 40 // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is asked of a region's two joins; None: nothing."""

    coming_in: JoinWish | None
    going_out: JoinWish | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a take lies, whoever its neighbours are."""

    placed: PlacedTake
    slip: Slip
    speech: Span  # scene samples, first word to last
    laid: Laid
    location: str
    production: tuple[str, ...]  # files of the dialogue under the region
    pause: Pause | None  # of the take
    shown: Span  # scene frames over which its own picture is shown, if it is
    held: bool  # it does not slip: its picture runs on over a cut
    chain_note: str  # what is to be said where its picture or sound should run on over a cut and does not
    wishes: "Wishes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """A take in its place, cut to its neighbours."""

    place: Place
    cuts: Cuts

    @property
    def region(self) -> Region:
        return self.place.placed.region

    @property
    def path(self) -> str:
        return self.place.placed.path

    @property
    def span(self) -> Span:
        """The scene samples over which the take is heard."""
        return Span(self.cuts.fade_in.start, self.cuts.fade_out.end)

    @property
    def origin(self) -> int:
        """The scene sample of the take's first."""
        return self.place.laid.material.start

    @property
    def start_frame(self) -> int:
        """The scene frame of the take's first."""
        return self.place.placed.start_frame + self.place.slip.frames


def source_layers(scene: Scene, missing: frozenset[str]) -> tuple[SourceLayer, ...]:
    """The timeline's own sound; files in `missing` are silent."""
    return tuple(
        SourceLayer(
            path="" if piece.source.path in missing else piece.source.path,
            origin=sample_at(piece.span.start, scene.rate) - round(piece.source.start * SAMPLE_RATE),
            span=samples_of(piece.span, scene.rate),
            gain=from_db(piece.gain_db),
            dialogue=piece.dialogue,
            rise=None if piece.fade_in is None else Fade(span=samples_of(piece.fade_in, scene.rate)),
            fall=None if piece.fade_out is None else Fade(span=samples_of(piece.fade_out, scene.rate)),
        )
        for piece in scene.sounds
    )


def fade_lengths(settings: SpliceSettings) -> FadeLengths:
    """The settings' fades in samples."""
    return FadeLengths(rise=fade_samples(settings.fade_in_ms), fall=fade_samples(settings.fade_out_ms))


def fade_samples(milliseconds: float) -> int:
    """A fade's length in samples."""
    return round(milliseconds * SAMPLE_RATE / 1000)


def sound_edges(region: Region, rate: Fraction) -> Span:
    """The scene samples that a region's sound is cut at: its own edges, or beyond them for a J or L cut."""
    return samples_of(region.sound_span, rate)


def slip_of(placed: PlacedTake, scene: Scene, *, held: bool) -> Slip:
    """By how much a take is slipped so that its speech lies in its region; `held` takes keep their place."""
    return slip_for(
        placed.take.speech,
        start_frame=placed.start_frame,
        length_frames=placed.take.length_frames,
        frames=placed.region.span,
        edges=sound_edges(placed.region, scene.rate),
        scene_frames=scene.length_frames,
        rate=scene.rate,
        held=held,
    )


def arranged(
    scene: Scene,
    placed: Sequence[PlacedTake],
    sources: Sequence[SourceLayer],
    settings: SpliceSettings,
    sounds: OpenSounds,
    listened: Listened,
    job: Job,
) -> tuple[Arranged, ...]:
    """Every take in its place, in the order given: by region.

    Raises:
        InputError: A take's file is missing or damaged.
    """
    spoken = [source for source in sources if source.dialogue]
    dialogue, lengths, chains = Running(spoken), fade_lengths(settings), chains_of(scene, placed)
    one_pass = one_pass_of(scene, placed, [source.span for source in spoken])
    asked, ids = {wish.key: wish for wish in settings.joins}, {take.region.id for take in placed}
    places = []
    for take in placed:
        job.check()
        region = samples_of(take.region.span, scene.rate)
        near = dialogue.during(region.grown(10 * SAMPLE_RATE, SAMPLE_RATE))
        heard = listened.take(take.take, take.path, sounds)
        wishes = wishes_of(take.region.id, asked, ids)
        places.append(_place(take, scene, near, lengths, chains, one_pass, heard, wishes))
    cuts = cuts_for([place.laid for place in places], lengths, sample_at(scene.length_frames, scene.rate))
    return tuple(Arranged(place=place, cuts=cut) for place, cut in zip(places, cuts, strict=True))


def wishes_of(region_id: str, asked: Mapping[JoinKey, JoinWish], ids: Collection[str]) -> Wishes:
    """What is asked of a region's joins; `ids` are those of all regions."""
    return Wishes(
        coming_in=asked.get(key_of_side(region_id, Side.IN, ids)),
        going_out=asked.get(key_of_side(region_id, Side.OUT, ids)),
    )


def _place(
    placed: PlacedTake,
    scene: Scene,
    dialogue: Sequence[SourceLayer],
    lengths: FadeLengths,
    chains: Chains,
    one_pass: OnePass,
    heard: TakeHeard,
    wishes: Wishes,
) -> Place:
    region, take, rate = placed.region, placed.take, scene.rate
    filled = replace(region, span=one_pass.spans.get(region.id, region.span))
    edges, slip = sound_edges(filled, rate), slip_of(placed, scene, held=region.id in chains.held)
    origin = sample_at(placed.start_frame + slip.frames, rate)
    speech = take.speech.shifted(origin)
    material = Span(origin, origin + take.length_samples)
    before, after = seams = _seams(take)
    guarded = _guarded(speech, material, seams) if take.words_estimated else speech
    laid = Laid(
        region=region.id,
        voice=region.voice,
        picture=samples_of(filled.span, rate),
        edges=edges,
        material=material,
        speech=guarded,
        onset=min(guarded.start, speech.start - heard.lead_in),
        reach=_reach(edges.start, lengths.rise, dialogue),
        source_ends=_lonely_end([layer.span for layer in dialogue], edges.start, lengths.rise),
        source_starts=_lonely_start([layer.span for layer in dialogue], edges.end, lengths.fall),
        seam_before=before,
        seam_after=after,
        runs_into=one_pass.following.get(region.id, ""),
        asked_in=_cut_wish(wishes.coming_in),
        asked_out=_cut_wish(wishes.going_out),
    )
    under = tuple(dict.fromkeys(layer.path for layer in dialogue if layer.path and layer.span.overlaps(laid.picture)))
    location = location_of(region, _footage(scene, region.span) or next(iter(under), ""))
    return Place(
        placed=placed,
        slip=slip,
        speech=speech,
        laid=laid,
        location=location,
        production=under,
        pause=heard.pause,
        shown=_shown(chains.shown[region.id], filled, scene),
        held=region.id in chains.held,
        chain_note=chains.notes.get(region.id, "") or one_pass.notes.get(region.id, ""),
        wishes=wishes,
    )


def _cut_wish(wish: JoinWish | None) -> CutWish | None:
    if wish is None:
        return None
    return CutWish(fade=fade_samples(wish.fade_ms or 0.0), later=wish.moved_samples)


def _shown(own: Span, filled: Region, scene: Scene) -> Span:
    """The frames a take's own picture is shown over: as far as its sound, where the timeline shows nothing else."""
    gaps = (Span(min(filled.span.start, own.start), own.start), Span(own.end, max(own.end, filled.span.end)))
    before, after = (gap.length if not scene.has_picture(gap) else 0 for gap in gaps)
    return own.grown(before, after)


def _seams(take: Take) -> tuple[int, int]:
    """How far the seams at a region's start and end are heard, in samples; 0 where nothing beside it is held."""
    context, heard = take.job.context, max(1, take.reach_samples)
    return (0, 0) if context is None else (heard if context.before else 0, heard if context.after else 0)


def _guarded(speech: Span, material: Span, seams: tuple[int, int]) -> Span:
    """Speech with room for what its estimate may be off by, where the take has it; at a seam the fade needs that room."""
    before, after = (0 if seam else _ESTIMATED_GUARD for seam in seams)
    return speech.grown(before, after).common(material) or speech


def _reach(edge: int, fade: int, dialogue: Sequence[SourceLayer]) -> int:
    """How early a cut may lie to keep a breath: it may reach out over room tone, never over the timeline's dialogue."""
    window = Span(edge - LONGEST_BREATH - fade, edge)
    ends = [min(layer.span.end, edge - fade // 2) for layer in dialogue if layer.span.overlaps(window)]
    return max([window.start, *ends])


def _lonely_end(dialogue: Sequence[Span], edge: int, fade: int) -> int | None:
    """Where dialogue stops near the edge and none goes on: a fade beyond it would have one side only."""
    ends = [span.end for span in dialogue if edge - fade < span.end <= edge + fade // 2]
    lonely = [end for end in ends if not any(span.start <= end < span.end for span in dialogue)]
    return max(lonely, default=None)


def _lonely_start(dialogue: Sequence[Span], edge: int, fade: int) -> int | None:
    """Where dialogue begins near the edge and none was there before it."""
    starts = [span.start for span in dialogue if edge - fade // 2 <= span.start < edge + fade]
    lonely = [start for start in starts if not any(span.start < start <= span.end for span in dialogue)]
    return min(lonely, default=None)


def _footage(scene: Scene, span: Span) -> str:
    """The file of the picture under the span's first frame that has one."""
    index = max(0, bisect_right(scene.pictures, span.start, key=lambda piece: piece.span.start) - 1)
    return next((piece.source.path for piece in scene.pictures[index : index + 2] if piece.span.overlaps(span)), "")
