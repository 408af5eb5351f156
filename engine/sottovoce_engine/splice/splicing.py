"""The splice: chosen takes and the timeline's own material become one scene, on disk.

Everything is written to a folder beside the results and moved into place at the end, so that an error or
a cancel leaves nothing behind.

    arrange ─► listen ─► levels, tone ─► sound pass ─► joins measured ─► picture ─► mp4 ─► into place
                            ▲                │
                            └── true peak ◄──┘  groups concerned are lowered, and the pass runs again
"""

import math
from collections.abc import Sequence
from contextlib import ExitStack

from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice import findings
from sottovoce_engine.splice.arranging import fade_lengths
from sottovoce_engine.splice.deciding import Decided, decided
from sottovoce_engine.splice.levels import Group, Levels
from sottovoce_engine.splice.measuring import measured_joins
from sottovoce_engine.splice.movies import write_movie, write_review
from sottovoce_engine.splice.offline import check_media, check_takes, offline_notes
from sottovoce_engine.splice.outputs import Outputs, staged_outputs
from sottovoce_engine.splice.running import OpenSounds
from sottovoce_engine.splice.soundtrack import Over, Soundtrack, Stems, write_soundtrack
from sottovoce_engine.splice.values import JoinFigures, Spliced, SplicedRegion, SpliceSettings, SpliceTarget
from sottovoce_engine.take import PlacedTake

__all__ = ["check_media", "splice"]

# Under the timeline's own sound takes give way by this much at most; beyond, a note says so. Among themselves they
# come down as far as it takes.
_MOST_LOWERED_DB = 6.0
_NO_SOURCE_DBTP = -40.0
_LEAST_LOWERED_DB = 0.3
_NO_MATTER_DB = 0.01
_NEAR = 4  # regions after one whose words may run into its own


def splice(
    scene: Scene,
    placed: Sequence[PlacedTake],
    registers: RegisterTable,
    settings: SpliceSettings,
    target: SpliceTarget,
    job: Job,
) -> Spliced:
    """Puts the chosen takes together with the timeline's own material.

    Outside regions and joins the sound is the source's, sample for sample; picture and stems are exactly as
    long as the timeline. Regions without a take keep what the timeline has.

    Raises:
        InputError: Media or takes are missing or unreadable, or the folder cannot be written to.
        SetupError: The disk is full.
        JobCancelled: Cancelling was asked for; nothing was written.
    """
    if scene.length_frames < 1:
        raise InputError(f"The timeline '{scene.name}' is empty. Put a clip, a gap or a marked region on it.")
    missing = check_media(scene, settings)
    check_takes(scene, placed)
    job.step("sound", 0, 1)
    with ExitStack() as stack:
        with OpenSounds() as sounds:
            made = decided(scene, placed, registers, settings, missing, sounds, job)
            files = stack.enter_context(staged_outputs(target, made.voices))
            soundtrack, levels = _sound(made, sounds, settings, files, job)
        joins = measured_joins(made, soundtrack.sound, job)
        write_movie(files.aside(files.movie), scene, made.shots, soundtrack, missing, job)
        if files.mp4 is not None:
            write_review(files.aside(files.mp4), files.aside(files.movie), scene, soundtrack, job)
        job.check()
        files.move_into_place()
    return _result(scene, settings, made, levels, soundtrack, joins, files, missing)


def _sound(
    made: Decided, sounds: OpenSounds, settings: SpliceSettings, files: Outputs, job: Job
) -> tuple[Soundtrack, Levels]:
    """The sound pass, again with groups lowered while that helps against peaks over the limit."""
    stems = Stems(
        mix=files.staged / "mix.f32",
        voices=tuple(files.aside(stem) for stem in files.stems),
        tone=files.aside(files.tone),
    )
    levels, given = made.levels, dict[Group, float]()
    groups = {take.region.id: (take.region.voice, take.region.register) for take in made.takes}
    while True:
        soundtrack = write_soundtrack(made.mix_plan(levels), sounds, stems, settings.true_peak_dbtp, job)
        needed = _needed(soundtrack.overs, groups, given)
        if not needed:
            return soundtrack, levels
        levels = levels.lowered(needed)
        given |= {group: given.get(group, 0.0) + lower for group, lower in needed.items()}


def _needed(overs: Sequence[Over], groups: dict[str, Group], given: dict[Group, float]) -> dict[Group, float]:
    """By how much each group still has to and may come down."""
    needed: dict[Group, float] = {}
    for over in overs:
        for group in {groups[region] for region in over.regions if over.needed_db > 0.0}:
            left = _MOST_LOWERED_DB - given.get(group, 0.0) if over.source_dbtp > _NO_SOURCE_DBTP else math.inf
            lower = min(max(over.needed_db, _LEAST_LOWERED_DB), left)
            if lower > _NO_MATTER_DB:
                needed[group] = max(needed.get(group, 0.0), lower)
    return needed


def _result(
    scene: Scene,
    settings: SpliceSettings,
    made: Decided,
    levels: Levels,
    soundtrack: Soundtrack,
    joins: tuple[JoinFigures, ...],
    files: Outputs,
    missing: frozenset[str],
) -> Spliced:
    clipped = (f"{soundtrack.clipped} samples of the stems lie beyond full scale",) if soundtrack.clipped else ()
    notes = (
        *offline_notes(scene, missing),
        *findings.missing_take_notes(scene, [take.region.id for take in made.takes]),
        *findings.level_notes(levels.groups),
        *findings.peak_notes(soundtrack.overs, scene, settings.true_peak_dbtp),
        *clipped,
    )
    return Spliced(
        regions=_regions(scene, settings, made, levels),
        joins=joins,
        notes=notes,
        movie=files.movie,
        mp4=files.mp4,
        stems=tuple(zip(made.voices, files.stems, strict=True)),
        tone_stem=files.tone,
        tone_pieces=made.tone_pieces,
        levels=levels.groups,
        anchor_lufs=made.anchor_lufs,
        true_peak_dbtp=soundtrack.true_peak_dbtp,
        shots=tuple(piece for piece in scene.pictures if piece.is_shot),
    )


def _regions(scene: Scene, settings: SpliceSettings, made: Decided, levels: Levels) -> tuple[SplicedRegion, ...]:
    dissolves, lengths = findings.dissolves_by_region(made.shots), fade_lengths(settings)
    found = []
    for index, (take, gain) in enumerate(zip(made.takes, levels.gains_db, strict=True)):
        dissolve = dissolves.get(take.region.id)
        beside = made.takes[index + 1 : index + 1 + _NEAR]
        found.append(
            SplicedRegion(
                placed=take.place.placed,
                slip_frames=take.place.slip.frames,
                sound=take.cuts.sound,
                fade_in=take.cuts.fade_in,
                fade_out=take.cuts.fade_out,
                gain_db=gain,
                speech=take.place.speech,
                overrun_frames=findings.overrun_frames(take, scene),
                own_picture=findings.shows_own_picture(take, scene),
                shown=take.place.shown,
                dissolve=dissolve,
                notes=findings.region_notes(take, beside, scene, settings, lengths, dissolve),
            )
        )
    return tuple(found)
