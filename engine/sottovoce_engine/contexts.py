"""What a take will be held to: the timeline's own dialogue beside its region, and the anchor of its voice.

What is held is what will be heard there: dialogue that stays, up to the next region, the next cut or the next gap.
The rest of a region's own line is about to be replaced and says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import PictureMode, Region, Scene
from sottovoce_engine.sound_context import LEAD_STEP, AnchorSound, HeldSound, SoundContext
from sottovoce_engine.surroundings import Stretch, Surroundings
from sottovoce_engine.take import Take, Window
from sottovoce_engine.timing import SAMPLE_RATE, Span, frames_in
from sottovoce_engine.windows import MODEL_MAX_SECONDS

HOLDING = ("ltx",)  # renderers that invent a voice for every take, unless it is held to one
MOST_CONTEXT_SECONDS = 2.0
LEAST_ANCHOR_SECONDS, MOST_ANCHOR_SECONDS = 1, 3

_STARTS_FROM_FRAMES = "its voice is not held: its picture starts from given frames, which lie where an anchor would"
_LEAST_ROOM_SECONDS = Fraction(1, 5)  # less says nothing of a room


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """Sound that a voice cannot be held to."""

    reason: str  # goes on from "its voice is not held: "


Anchor = AnchorSound | Unusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What takes of a scene may be held to."""

    contents: Mapping[str, str] = field(default_factory=dict)  # by path, of the dialogue that can be read
    anchors: Mapping[str, Anchor] = field(default_factory=dict)  # by voice


NO_HOLDINGS = Holdings()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedContext:
    """What a region's take is held to if it is rendered now, and what is to be said of it."""

    context: SoundContext | None = None
    notes: tuple[str, ...] = ()


FREE = PlannedContext()


def check_context_seconds(seconds: float) -> None:
    """Makes sure that so much sound beside a region can be held.

    Raises:
        InputError: It is less than nothing or more than is of use.
    """
    if not 0.0 <= seconds <= MOST_CONTEXT_SECONDS:
        raise InputError(
            f"A context of {seconds:g} s was asked for. Give 0 (none) to {MOST_CONTEXT_SECONDS:g}: so much of the sound "
            "beside a region is held on either side."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Says for each region of a scene what its take is held to."""

    scene: Scene
    around: Surroundings | None  # None: nothing beside a region is held
    holdings: Holdings
    seconds: float  # of dialogue on either side
    renderer: str

    def handle(self, region: Region, handle_frames: int) -> int:
        """The handles of a region's window, which are `handle_frames` where nothing else is needed."""
        return handle_for(region, self.scene, handle_frames=handle_frames, seconds=self.seconds, renderer=self.renderer)

    def context(self, region: Region, window: Window) -> PlannedContext:
        """What the region's take is held to in its window."""
        anchored = region.voice in self.holdings.anchors
        if self.renderer not in HOLDING or not (self.seconds > 0 or anchored):
            return FREE
        if not is_held(region, self.scene, self.renderer):
            return PlannedContext(notes=(_STARTS_FROM_FRAMES,)) if anchored else FREE
        return context_for(region, self.scene, window, self.around, self.holdings, seconds=self.seconds)


def handle_for(region: Region, scene: Scene, *, handle_frames: int, seconds: float, renderer: str) -> int:
    """The handles of a region's window: as wide as the sound that is held in them, and never less than asked for."""
    if not (seconds and is_held(region, scene, renderer)):
        return handle_frames
    return max(handle_frames, frames_in(seconds, scene.rate) + max(region.lead_frames, region.tail_frames))


def is_held(region: Region, scene: Scene, renderer: str) -> bool:
    """Whether a region's take can be held to anything: its voice is invented, and no frames open its window."""
    return renderer in HOLDING and scene.picture_mode(region) not in (PictureMode.CONTINUE, PictureMode.START)


def context_for(
    region: Region, scene: Scene, window: Window, around: Surroundings | None, holdings: Holdings, *, seconds: float
) -> PlannedContext:
    """What the take of a region is held to in its window.

    Args:
        region: One whose take can be held.
        scene: Its scene.
        window: Of the region, as wide as `handle_for` has it.
        around: Of the scene; None: nothing beside the region is held.
        holdings: What there is to hold.
        seconds: Of sound on either side.
    """
    held: tuple[tuple[HeldSound, ...], ...] = ((), ())
    notes: list[str] = []
    if around is not None:
        frames = frames_in(seconds, scene.rate)
        before = around.before(region, max(window.start, region.sound_span.start - frames))
        after = around.after(region, min(window.span.end, region.sound_span.end + frames))
        held = tuple(_held(found, region, scene, holdings) for found in (before, after))
        notes += [] if any(held) else [_why_none((*before, *after), holdings)]
    anchor, lead, note = _anchored(region, scene, window, holdings)
    notes += [note] if note else []
    if not (any(held) or anchor):
        return PlannedContext(notes=tuple(notes))
    return PlannedContext(
        context=SoundContext(before=held[0], after=held[1], anchor=anchor, lead_frames=lead), notes=tuple(notes)
    )


def held_so(take: Take, context: SoundContext | None) -> bool:
    """Whether a take is held to what its region's would be held to now, wherever the files lie."""
    return _without_places(take.job.context) == _without_places(context)


def voice_free(take: Take) -> bool:
    """Whether a take speaks in whatever voice its renderer came up with."""
    context = take.job.context
    return take.job.renderer in HOLDING and (context is None or context.anchor is None)


def voice_note(take: Take, planned: PlannedContext) -> str:
    """What is to be said where a take's voice is held otherwise than its region's is now; "" if it is not."""
    now = None if planned.context is None else planned.context.anchor
    then = None if take.job.context is None else take.job.context.anchor
    if now is None or take.job.renderer not in HOLDING or _known(now) == _known(then):
        return ""
    if then is None:
        return "it was rendered before its voice had an anchor: render it again to hold it"
    return "its voice is held to another anchor than the one picked now"


def _why_none(found: Sequence[tuple[Stretch, Span]], holdings: Holdings) -> str:
    unread = next((stretch.clip for stretch, _ in found if stretch.path not in holdings.contents), "")
    if unread:
        return f"the sound beside it, '{unread}', cannot be read: the room is not held"
    return "there is no dialogue beside it that stays: the room is not held"


def _held(
    found: Sequence[tuple[Stretch, Span]], region: Region, scene: Scene, holdings: Holdings
) -> tuple[HeldSound, ...]:
    first = region.span.start
    return tuple(
        HeldSound(
            path=stretch.path,
            start=stretch.start + (first - stretch.span.start) / scene.rate,
            held=span.shifted(-first),
            gain_db=stretch.gain_db,
            content=holdings.contents[stretch.path],
        )
        for stretch, span in found
        if stretch.path in holdings.contents and span.length >= _LEAST_ROOM_SECONDS * scene.rate
    )


def _anchored(region: Region, scene: Scene, window: Window, holdings: Holdings) -> tuple[AnchorSound | None, int, str]:
    """(anchor, model frames it is given in, what is to be said where a voice with one is not held)."""
    anchor = holdings.anchors.get(region.voice)
    match anchor:
        case None:
            return None, 0, ""
        case Unusable(reason=reason):
            return None, 0, f"its voice is not held: {reason}"
    rate = scene.rate / window.divisor
    room = floor(MODEL_MAX_SECONDS * rate) - window.model_frames
    there = min(Fraction(anchor.length, SAMPLE_RATE), Fraction(MOST_ANCHOR_SECONDS)) * rate
    lead = min(floor(there), room) // LEAD_STEP * LEAD_STEP
    if lead < floor(LEAST_ANCHOR_SECONDS * rate) // LEAD_STEP * LEAD_STEP:
        return (
            None,
            0,
            (
                f"its voice is not held: its window of {float(window.model_frames / rate):.1f} s leaves no room for an anchor "
                f"under the model's {MODEL_MAX_SECONDS} s"
            ),
        )
    return anchor, lead, ""


def _without_places(context: SoundContext | None) -> object:
    if context is None:
        return None
    sides = [
        [(sound.start, sound.held, sound.gain_db, sound.content) for sound in side]
        for side in (context.before, context.after)
    ]
    return sides, _known(context.anchor), context.lead_frames


def _known(anchor: AnchorSound | None) -> object:
    return None if anchor is None else (anchor.content, anchor.start, anchor.length)
