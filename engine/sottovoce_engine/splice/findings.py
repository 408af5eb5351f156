"""What the editor is told about each region and about the scene: everything that is not simply as marked."""

from collections.abc import Mapping, Sequence

from sottovoce_engine.contexts import voice_free
from sottovoce_engine.scene import PictureMode, Scene
from sottovoce_engine.splice.arranging import Arranged
from sottovoce_engine.splice.cuts import FadeLengths
from sottovoce_engine.splice.pictures import DissolveShot, Shot
from sottovoce_engine.splice.soundtrack import Over
from sottovoce_engine.splice.values import GroupLevel, SpliceSettings
from sottovoce_engine.timing import SAMPLE_RATE, Span, frame_at, timecode


def overrun_frames(take: Arranged, scene: Scene) -> int:
    """Scene frames of speech outside the region's sound edges, begun ones counted."""
    return _begun_frames(take.place.slip.before + take.place.slip.after, scene)


def shows_own_picture(take: Arranged, scene: Scene) -> bool:
    """Whether the region is shown as its take was rendered."""
    return scene.picture_mode(take.region) is not PictureMode.LOCK and take.place.placed.take.has_picture


def dissolves_by_region(shots: Sequence[Shot]) -> Mapping[str, Span]:
    """The scene frames of the dissolve into each region that has one."""
    return {shot.after.region: shot.span for shot in shots if isinstance(shot, DissolveShot)}


def region_notes(
    take: Arranged,
    following: Sequence[Arranged],
    scene: Scene,
    settings: SpliceSettings,
    lengths: FadeLengths,
    dissolve: Span | None,
) -> tuple[str, ...]:
    """What differs from the mark. `following` are the next regions."""
    region, made, slip = take.region, take.place.placed.take, take.place.slip
    notes = []
    if slip.frames:
        notes.append(f"slipped by {_frames(slip.frames, signed=True)} so that its words lie inside the region")
    if overrun := overrun_frames(take, scene):
        held = "; it was not slipped, because its picture runs on over a cut" if take.place.held else ""
        notes.append(f"overruns by {_frames(overrun)}: every word is kept, beyond the region's edge{held}")
    if slip.lost:
        notes.append(
            f"{_frames(_begun_frames(slip.lost, scene))} of its words lie beyond the scene's end and are not heard"
        )
    notes += [
        f"its words overlap with those of '{other.region.id}' by {_frames(shared)}: both are heard"
        for other in following
        if (shared := _shared_frames(take, other, scene))
    ]
    notes += _picture_notes(take, scene)
    notes += _cut_notes(take, scene)
    notes += _fade_notes(take, lengths)
    if not Span(take.start_frame, take.start_frame + made.length_frames).contains(region.span):
        notes.append("its take does not cover the whole region; the rest keeps what the timeline has, or room tone")
    if scene.picture_mode(region) is not PictureMode.LOCK and not made.has_picture:
        notes.append("its take brings no picture; the timeline's own is shown, or black")
    if region.id in settings.dissolves and dissolve is None:
        notes.append("no dissolve: it needs a picture of its own and handles on both sides")
    if voice_free(made):
        notes.append("voice not held: its take was rendered without an anchor of its voice")
    if made.words_estimated:
        notes.append("word times are estimated")
    return tuple(notes)


def peak_notes(overs: Sequence[Over], scene: Scene, limit_dbtp: float) -> tuple[str, ...]:
    """The peaks that stay over the limit, and why."""
    return tuple(
        f"{_clock(over.at, scene)}: {over.peak_dbtp:.1f} dBTP, over the limit of {limit_dbtp:g}; "
        + (
            "the timeline's own sound does that by itself and was left as it is"
            if over.source_dbtp > limit_dbtp
            else f"the timeline's own sound brings {over.source_dbtp:.1f} dBTP of it; lowering the takes further would bury them"
        )
        for over in overs
    )


def level_notes(levels: Sequence[GroupLevel]) -> tuple[str, ...]:
    """Groups that could not have the level their register asks for."""
    notes = [
        f"{level.voice} {level.register} lies {level.lowered_db:.1f} dB under its target, for the true peak's sake"
        for level in levels
        if level.lowered_db >= 0.05
    ]
    notes += [
        f"{level.voice} {level.register} has no line long enough to measure; it takes the gain of the nearest register"
        for level in levels
        if level.measured_lufs is None
    ]
    return tuple(notes)


def missing_take_notes(scene: Scene, spliced: Sequence[str]) -> tuple[str, ...]:
    """Regions that have no take."""
    there = set(spliced)
    return tuple(
        f"'{region.id}' ({region.voice} {region.register}) has no take; the timeline's own sound and picture stay"
        for region in scene.regions
        if region.id not in there
    )


def _cut_notes(take: Arranged, scene: Scene) -> list[str]:
    laid, cuts = take.place.laid, take.cuts
    start = laid.edges.start + (cuts.fade_in.length // 2 if laid.seam_before else 0)  # where a seam's fade lies
    end = laid.edges.end - (cuts.fade_out.length // 2 if laid.seam_after else 0)
    notes = []
    for side, cut, edge, by_hand in (
        ("starts", cuts.sound.start, start, cuts.cut_in.later),
        ("ends", cuts.sound.end, end, cuts.cut_out.later),
    ):
        moved = frame_at(cut, scene.rate) - frame_at(edge, scene.rate)
        if moved:
            where = "after" if moved > 0 else "before"
            why = ": its cut was moved there" if by_hand else ", where no word is cut"
            notes.append(f"its sound {side} {_frames(abs(moved))} {where} the mark{why}")
    return notes


def _picture_notes(take: Arranged, scene: Scene) -> list[str]:
    if not shows_own_picture(take, scene):
        return []
    run_on = take.place.shown.end - take.region.span.end
    notes = [f"its picture runs on for {_frames(run_on)}, to the region that continues it"] if run_on else []
    return [*notes, take.place.chain_note] if take.place.chain_note else notes


def _fade_notes(take: Arranged, lengths: FadeLengths) -> list[str]:
    laid = take.place.laid
    rise, fall = max(lengths.rise, laid.seam_before), max(lengths.fall, laid.seam_after)
    short = [
        f"fade {side} is {_ms(cut.fade.length)}, as asked for; its seam is heard for {_ms(seam)}"
        for side, cut, seam in (("in", take.cuts.cut_in, laid.seam_before), ("out", take.cuts.cut_out, laid.seam_after))
        if cut.asked.fade and cut.fade.length < seam
    ]
    return short + [
        f"fade {side} shortened to {_ms(cut.fade.length)}: there is no more room between words"
        for side, cut, wanted in (("in", take.cuts.cut_in, rise), ("out", take.cuts.cut_out, fall))
        if cut.fade.length < wanted and not cut.asked.fade
    ]


def _shared_frames(take: Arranged, other: Arranged, scene: Scene) -> int:
    if take.place.laid.picture.overlaps(other.place.laid.picture):
        return 0  # the editor marked an overlap
    shared = take.place.speech.common(other.place.speech)
    if shared is None:
        return 0
    return _begun_frames(shared.length, scene)


def _begun_frames(samples: int, scene: Scene) -> int:
    return -(-samples * scene.rate.numerator // (SAMPLE_RATE * scene.rate.denominator))


def _frames(count: int, *, signed: bool = False) -> str:
    number = f"{count:+d}" if signed else str(count)
    return f"{number} frame" if abs(count) == 1 else f"{number} frames"


def _ms(samples: int) -> str:
    return f"{1000 * samples / SAMPLE_RATE:.0f} ms"


def _clock(sample: int, scene: Scene) -> str:
    return timecode(scene.start_frame + frame_at(sample, scene.rate), scene.rate, drop=scene.drop_frame)
