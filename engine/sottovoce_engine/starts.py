"""What a region's picture starts from: nothing, the take before it, or the timeline's own picture under it.

continue     take before  |....###############|......|
             window                    |xxxxx|######## region ########|....|       x  given frames
             shown        |... take before ..|###### new take ########|

So the motion runs on over the cut, and no frame is shown twice. Of a clip that runs up to the region the same
holds; a still is given as one frame, right before the cut.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.scene import BLACK, PictureMode, PicturePiece, Region, Scene
from sottovoce_engine.take import (
    RECORDING,
    FootageFrames,
    LockedPicture,
    RenderJob,
    ShotFrames,
    Take,
    TakeFrames,
    Window,
    seam_frames,
    take_start,
)
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import divisor_for

FOOTAGE_OVERLAP = 9  # model frames of a clip: enough to say how it moves
OVERLAPS = (FOOTAGE_OVERLAP, 17)  # of a take; one frame alone would stall the motion


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageLook:
    """What has to be known of a picture file before a take can start from it."""

    still: bool
    content: str  # tells this file from others and from itself after a change
    seconds: Fraction | None = None  # of its picture; None where the file does not say
    unlike: tuple[str, ...] = ()  # what of it a model cannot watch as it is: "interlaced", "HDR (PQ)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The take that a region continues from, made or about to be."""

    key: str
    media: str  # "" where it is about to be made
    start: int  # scene frame of its first frame
    length: int  # scene frames
    renderer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A region that shows a picture of its own, with its take, if there is or will be one."""

    span: Span
    take: Before | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureStart:
    """What a region's picture starts from, if it is rendered now."""

    continues: str = ""  # key of the take before
    from_take: TakeFrames | None = None
    from_footage: FootageFrames | None = None
    locked_on: LockedPicture | None = None  # it stays, and sound is made for it
    on_shot: ShotFrames | None = None  # so is this one, rendered for several regions
    window: Window | None = None  # which part of that shot; None: the region with its handles
    lead_frames: int | None = None  # scene frames of the window before the region; None: a handle
    notes: tuple[str, ...] = ()


ANEW = PictureStart()


def shown_before(frame: int, shown: Sequence[Shown]) -> Shown | None:
    """Whose picture is shown right before a scene frame: of those that last, the one that began last.

    Where none lasts so long, it is the one that ended last.
    """
    earlier = (each for each in shown if each.span.start < frame)
    return max(earlier, key=lambda each: (min(each.span.end, frame), each.span.start), default=None)


def still_shown(frame: int, shown: Sequence[Shown]) -> list[Shown]:
    """Those that may yet be shown right before `frame` or a later one."""
    lasting = [each for each in shown if each.span.end > frame]
    last_ended = shown_before(frame, [each for each in shown if each.span.end <= frame])
    return lasting if last_ended is None else [last_ended, *lasting]


def before_from(found: Take | RenderJob | None, region: Region, rate: Fraction) -> Before | None:
    """What `region`'s follower continues from, given the take chosen for it or the job that will be."""
    match found:
        case Take() if found.has_picture and found.job.rate == rate:
            return Before(
                key=found.key,
                media=found.media,
                start=take_start(found, region),
                length=found.length_frames,
                renderer=found.job.renderer,
            )
        case RenderJob():
            return Before(
                key=found.key, media="", start=found.window.start, length=found.length_frames, renderer=found.renderer
            )
    return None


def start_for(
    region: Region,
    scene: Scene,
    *,
    overlap: int,
    renderer: str,
    before: Before | None,
    footage: Mapping[str, FootageLook],
) -> PictureStart:
    """What the region's picture starts from.

    Args:
        region: The region.
        scene: Its scene.
        overlap: Model frames given of a take.
        renderer: That renders the region.
        before: The take whose picture is shown right before it.
        footage: What is known of the timeline's pictures, by path; those that cannot be read are not there.
    """
    match scene.picture_mode(region):
        case PictureMode.CONTINUE:
            return _continued(region, scene.rate, overlap, renderer, before)
        case PictureMode.START:
            return _from_footage(region, scene, footage)
        case PictureMode.LOCK | PictureMode.CUT | PictureMode.SHOT:
            return ANEW


def starts_so(take: Take, start: PictureStart) -> bool:
    """Whether the take starts from what its region starts from now. Starting from anything will do where that is nothing.

    A recording starts from nothing and never could: whoever added it knows its picture. So does sound that was made
    for no picture at all.
    """
    job = take.job
    if job.renderer == RECORDING:
        return True
    if start.on_shot is not None:
        if job.on_shot is not None:
            return job.on_shot.shot == start.on_shot.shot
        return job.picture is PictureMode.LOCK and job.locked_on is None
    if start.from_footage is not None:
        return job.from_footage is not None and job.from_footage.content == start.from_footage.content
    return not start.continues or job.continues == start.continues


def why_not_so(take: Take, start: PictureStart, before: Before | None) -> str:
    """Why a take that does not start so is stale."""
    if start.on_shot is not None:
        return "its sound was not made for the shot that is under it now"
    if start.from_footage is not None:
        return "its take does not start from the picture that is under it now"
    if before is not None and not before.media:
        return "the take it continues from is rendered in this plan"
    if take.job.continues:
        return "it continues from a take that is not chosen any more"
    return "its take does not continue from the one before it"


def seam_note(take: Take, region: Region, start: PictureStart, before: Before | None, rate: Fraction) -> str:
    """What is to be said where a take that starts so does not start seamlessly, as things lie now; "" if it does."""
    first_frame = take_start(take, region)
    if before is not None and start.continues and take.job.renderer != RECORDING:
        apart = seam_frames(take, first_frame, before.start)
        return f"it lies {_moved(apart)} than the take it continues from: the picture jumps at the cut" if apart else ""
    given, now = take.job.from_footage, start.from_footage
    if given is None or now is None or now.frames == 1 or start.lead_frames is None:
        return ""
    due = now.start + (first_frame - (region.span.start - start.lead_frames)) / rate
    apart = round((due - given.start) * rate)
    return f"it lies {_moved(apart)} than the footage it starts from: the picture jumps at the cut" if apart else ""


def _continued(region: Region, rate: Fraction, overlap: int, renderer: str, before: Before | None) -> PictureStart:
    if before is None:
        return PictureStart(notes=("there is no take before it to continue from: its picture starts anew",))
    divisor = divisor_for(rate)
    frames = max(given for given in OVERLAPS if given <= max(OVERLAPS[0], min(overlap, before.length // divisor)))
    lead = frames * divisor
    due = region.span.start - lead - before.start
    first = min(max(due, 0), before.length - lead)
    notes = []
    if due > first:
        notes.append(
            f"the take before it ends {_frames(due - first)} before it starts: it continues from that take's last frames"
        )
    if due < first:
        notes.append(
            f"the take before it starts {_frames(first - due)} too late to run on over the cut: it continues from that "
            "take's first frames"
        )
    if before.renderer != renderer:
        notes.append(f"it continues from a take that '{before.renderer}' made")
    return PictureStart(
        continues=before.key,
        from_take=TakeFrames(first=first, frames=frames, media=before.media),
        lead_frames=lead,
        notes=tuple(notes),
    )


def _from_footage(region: Region, scene: Scene, footage: Mapping[str, FootageLook]) -> PictureStart:
    piece = scene.picture_at(region.span.start)
    if piece is None or not piece.source.path or piece.source == BLACK:
        return PictureStart(notes=("there is no picture under its first frame: its picture starts anew",))
    look = footage.get(piece.source.path)
    if look is None:
        return PictureStart(
            notes=(f"the picture under its first frame, '{piece.clip}', cannot be read: its picture starts anew",)
        )
    divisor = divisor_for(scene.rate)
    frames, at, notes = _footage_frames(piece, look, region.span.start, divisor)
    return PictureStart(
        from_footage=FootageFrames(
            path=piece.source.path,
            start=Fraction(0) if look.still else piece.source.start + (at - piece.span.start) / scene.rate,
            frames=frames,
            content=look.content,
        ),
        lead_frames=frames * divisor,
        notes=notes,
    )


def _footage_frames(
    piece: PicturePiece, look: FootageLook, start: int, divisor: int
) -> tuple[int, int, tuple[str, ...]]:
    """(model frames, the scene frame of the first, notes): those before the region, else the piece's first ones."""
    lead = FOOTAGE_OVERLAP * divisor
    if look.still:
        return 1, start, ()
    if piece.span.start <= start - lead:
        return FOOTAGE_OVERLAP, start - lead, ()
    if piece.span.length < lead:
        return 1, start, (f"only {_frames(piece.span.length)} of '{piece.clip}' are shown: it starts from one of them",)
    if piece.span.start == start:
        return FOOTAGE_OVERLAP, start, ()
    return (
        FOOTAGE_OVERLAP,
        piece.span.start,
        (f"'{piece.clip}' starts only {_frames(start - piece.span.start)} before it: the picture jumps at the cut",),
    )


def _moved(frames: int) -> str:
    return f"{_frames(abs(frames))} {'later' if frames > 0 else 'earlier'}"


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"
