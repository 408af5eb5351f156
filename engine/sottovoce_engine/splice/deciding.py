"""Everything that is decided before a sample is mixed: places, joins, levels, room tone, shots."""

from collections.abc import Sequence
from dataclasses import dataclass

from sottovoce_engine.progress import Job
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.arranging import Arranged, arranged, fade_lengths, source_layers
from sottovoce_engine.splice.beds import Gap, Sounding, beds_for, gaps_between
from sottovoce_engine.splice.findings import shows_own_picture
from sottovoce_engine.splice.joining import PlannedJoin, joins_for, take_layers, tone_changes
from sottovoce_engine.splice.levels import Levels, Line, levels_for
from sottovoce_engine.splice.listened import Listened
from sottovoce_engine.splice.listening import ProductionHeard
from sottovoce_engine.splice.meter import from_db
from sottovoce_engine.splice.mix import MixPlan, SourceLayer, ToneLayer
from sottovoce_engine.splice.pictures import Shot, TakeShot, shots_for, with_dissolves
from sottovoce_engine.splice.rooms import ANYWHERE, Room, Tone, rooms_with, tone_for
from sottovoce_engine.splice.running import OpenSounds
from sottovoce_engine.splice.values import SpliceSettings, ToneOrigin, TonePiece
from sottovoce_engine.take import PlacedTake
from sottovoce_engine.timing import Span, sample_at, samples_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A scene as it will be spliced."""

    length_samples: int
    voices: tuple[str, ...]
    takes: tuple[Arranged, ...]
    joins: tuple[PlannedJoin, ...]
    sources: tuple[SourceLayer, ...]
    gaps: tuple[Gap, ...]
    tones: tuple[ToneLayer, ...]
    tone_pieces: tuple[TonePiece, ...]
    levels: Levels
    anchor_lufs: float | None
    shots: tuple[Shot, ...]

    def mix_plan(self, levels: Levels) -> MixPlan:
        """What the sound pass mixes, at these levels."""
        return MixPlan(
            length_samples=self.length_samples,
            voices=self.voices,
            sources=self.sources,
            takes=take_layers(self.takes, self.joins, [from_db(gain) for gain in levels.gains_db]),
            gaps=self.gaps,
            tones=self.tones,
            tone_changes=tone_changes(self.joins, self.length_samples),
        )


def decided(
    scene: Scene,
    placed: Sequence[PlacedTake],
    registers: RegisterTable,
    settings: SpliceSettings,
    missing: frozenset[str],
    sounds: OpenSounds,
    job: Job,
    listened: Listened | None = None,
    near: Span | None = None,
) -> Decided:
    """Decides, listening through `sounds` to what is there.

    Args:
        scene: As planned.
        placed: The chosen takes.
        registers: Their levels.
        settings: What the person asked for.
        missing: Files that are not there.
        sounds: Reads the takes.
        job: May stop it.
        listened: What was heard before; None: nothing.
        near: Only joins in these scene samples are listened to, where no other will be mixed; None: all.

    Raises:
        InputError: A file cannot be read, a register is unknown, or a dissolve names no region.
        JobCancelled: Cancelling was asked for.
    """
    length = sample_at(scene.length_frames, scene.rate)
    sources = source_layers(scene, missing)
    ordered = sorted(placed, key=lambda take: (take.region.span, take.region.id))
    listened = listened or Listened()
    takes = arranged(scene, ordered, sources, settings, sounds, listened, job)
    joins = joins_for(takes, sources, sounds, near)
    heard = _production(scene, takes, sources, listened, job)
    tones, pieces = _tones(scene, takes, heard, settings, missing, length, sounds)
    return Decided(
        length_samples=length,
        voices=_voices(scene, takes),
        takes=takes,
        joins=joins,
        sources=sources,
        gaps=gaps_between([source.span for source in sources], length, fade_lengths(settings).rise),
        tones=tones,
        tone_pieces=pieces,
        levels=_levels(takes, registers, heard, settings),
        anchor_lufs=heard.loudness_lufs,
        shots=_shots(scene, takes, settings),
    )


def _voices(scene: Scene, takes: Sequence[Arranged]) -> tuple[str, ...]:
    """Everyone who speaks in the scene, whether their takes are there or not: stems line up between versions."""
    speaking = {region.voice for region in scene.regions} | {take.region.voice for take in takes}
    known = [voice.name for voice in scene.voices if voice.name in speaking]
    return (*known, *sorted(speaking - set(known)))


def _production(
    scene: Scene, takes: Sequence[Arranged], sources: Sequence[SourceLayer], listened: Listened, job: Job
) -> ProductionHeard:
    dialogue = [source for source in sources if source.dialogue and source.path]
    return listened.production(dialogue, [samples_of(take.region.span, scene.rate) for take in takes], job)


def _levels(
    takes: Sequence[Arranged], registers: RegisterTable, heard: ProductionHeard, settings: SpliceSettings
) -> Levels:
    lines = [
        Line(
            voice=take.region.voice,
            register=take.region.register,
            loudness_lufs=take.place.placed.take.loudness_lufs,
            true_peak_dbtp=take.place.placed.take.true_peak_dbtp,
            trim_db=take.region.gain_db,
        )
        for take in takes
    ]
    return levels_for(lines, registers, anchor_lufs=heard.loudness_lufs, limit_dbtp=settings.true_peak_dbtp)


def _tones(
    scene: Scene,
    takes: Sequence[Arranged],
    heard: ProductionHeard,
    settings: SpliceSettings,
    missing: frozenset[str],
    length_samples: int,
    sounds: OpenSounds,
) -> tuple[tuple[ToneLayer, ...], tuple[TonePiece, ...]]:
    rooms = rooms_with(
        [(take.place.location, take.place.production, take.place.pause) for take in takes], heard.pauses
    ) or (Room(location=ANYWHERE, production=None, take=None),)
    marks = [mark for mark in scene.tones if mark.source.path not in missing]
    tones = _shared([tone_for(room, marks, settings.tone_dbfs, sounds) for room in rooms])
    sounding = [
        Sounding(location=tones[take.place.location].location, sound=take.cuts.sound, fade_in=take.cuts.fade_in)
        for take in takes
    ]
    layers, pieces = [], []
    for bed in beds_for(sounding, length_samples, ANYWHERE):
        tone = tones[bed.location]
        layers.append(ToneLayer(bed=bed, spectrum=tone.spectrum, level_dbfs=tone.level_dbfs))
        pieces.append(
            TonePiece(
                location=bed.location,
                span=bed.span,
                origin=tone.origin,
                level_dbfs=tone.level_dbfs,
                source=tone.source,
                source_seconds=tone.seconds,
            )
        )
    return tuple(layers), tuple(pieces)


def _shared(tones: Sequence[Tone]) -> dict[str, Tone]:
    """Each location's tone; locations with the same tone share the first one's bed, so nothing fades between them."""
    first: dict[object, Tone] = {}
    for tone in tones:
        first.setdefault(_identity(tone), tone)
    return {tone.location: first[_identity(tone)] for tone in tones}


def _identity(tone: Tone) -> object:
    return tone.origin if tone.origin is ToneOrigin.SYNTHETIC else (tone.source, tone.seconds)


def _shots(scene: Scene, takes: Sequence[Arranged], settings: SpliceSettings) -> tuple[Shot, ...]:
    shown = [
        TakeShot(
            span=take.place.shown,
            region=take.region.id,
            path=take.path,
            origin=take.start_frame,
            length_frames=take.place.placed.take.length_frames,
        )
        for take in takes
        if shows_own_picture(take, scene)
    ]
    dissolves = [_dissolved(region_id, scene, takes) for region_id in settings.dissolves]
    return with_dissolves(shots_for(shown, scene.pictures, scene.length_frames), dissolves, settings.dissolve_frames)


def _dissolved(region_id: str, scene: Scene, takes: Sequence[Arranged]) -> str:
    """The region an id means: itself, or the first part of one that was split.

    Raises:
        InputError: No region has it.
    """
    first_part = f"{region_id}-1"
    if any(take.region.id == first_part for take in takes):
        return first_part
    return scene.region(region_id).id
