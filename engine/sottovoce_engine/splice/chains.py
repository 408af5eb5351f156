"""Takes whose pictures run on over a cut, from the take before or from the timeline's own footage.

take A    |hh|#### A ####|hhhh|
take B              |xxx....|##### B #####|hh|      x  A's frames, given to B
shown     |  |     A        |      B      |  |      A runs on to B's region, where no other picture lies between

Neither of the two slips: moved by a frame against the other, the motion would jump at the cut.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sottovoce_engine.scene import PictureMode, Scene
from sottovoce_engine.take import PlacedTake, seam_frames
from sottovoce_engine.timing import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """How the takes of a scene hold together. Everything is by region id."""

    shown: Mapping[str, Span]  # scene frames a take's own picture is shown over: its region, and on to its follower's
    held: frozenset[str]  # takes that must not slip
    notes: Mapping[str, str]  # what is to be said where a cut is not as it was asked for


def chains_of(scene: Scene, placed: Sequence[PlacedTake]) -> Chains:
    """The chains of the takes that are placed, one for each region."""
    by_key = {take.take.key: take for take in placed if take.take.has_picture}
    shown: dict[str, Span] = {take.region.id: take.region.span for take in placed}
    held: set[str] = set()
    notes: dict[str, str] = {}
    for take in placed:
        mode, job = scene.picture_mode(take.region), take.take.job
        if mode is PictureMode.START and job.from_footage is not None:
            held.add(take.region.id)
        if mode is not PictureMode.CONTINUE or not job.continues:
            continue
        before = by_key.get(job.continues)
        if before is None or scene.picture_mode(before.region) is PictureMode.LOCK:
            notes[take.region.id] = (
                "it continues from a take that is not shown before it: the picture jumps at its start"
            )
        elif seam_frames(take.take, take.start_frame, before.start_frame):
            notes[take.region.id] = (
                "it does not lie where the take it continues from ends: the picture jumps at its start"
            )
        else:
            held |= {before.region.id, take.region.id}
            shown[before.region.id] = _run_on(scene, before, take)
    return Chains(shown=shown, held=frozenset(held), notes=notes)


def _run_on(scene: Scene, before: PlacedTake, after: PlacedTake) -> Span:
    """The frames a take is shown over, where the next one continues it."""
    own = before.region.span
    gap = Span(own.end, max(own.end, after.region.span.start))
    if not gap.length or scene.has_picture(gap):
        return own
    return Span(own.start, max(own.end, min(gap.end, before.start_frame + before.take.length_frames)))
