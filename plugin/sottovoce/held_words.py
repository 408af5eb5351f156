"""What the takes of a plan are held to, in words."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from sottovoce_engine.plan import Plan
from sottovoce_engine.sound_context import AnchorSound, HeldSound
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import SAMPLE_RATE


def held_as_text(plan: Plan) -> list[str]:
    """One line for each region whose takes are held to something."""
    return [
        f"{planned.region.id}: held to {words}"
        for planned in plan.regions
        if planned.jobs and (words := _held(planned.jobs[0]))
    ]


def _held(job: RenderJob) -> str:
    context = job.context
    if context is None:
        return ""
    parts = [
        f"{_seconds(side, job.rate):.2f} s {where} it"
        for side, where in ((context.before, "before"), (context.after, "after"))
        if side
    ]
    if context.anchor is not None:
        parts.append(_anchor(context.anchor, job))
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _anchor(anchor: AnchorSound, job: RenderJob) -> str:
    named = "a take" if anchor.of_take else f"{Path(anchor.path).name} from {anchor.start / SAMPLE_RATE:.1f} s on"
    given = float((job.window.start - job.model_window.start) / job.rate)
    return f"the voice in {named} ({given:.1f} s of it)"


def _seconds(side: Sequence[HeldSound], rate: Fraction) -> float:
    return float(max(sound.held.length for sound in side) / rate)
