"""A plan, shown to a person or to a program."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sottovoce.gated_words import gated_as_plain, gated_as_text
from sottovoce.held_words import held_as_text
from sottovoce.render_times import render_times
from sottovoce.tables import table
from sottovoce_engine.codec import to_plain
from sottovoce_engine.estimating import estimate_of
from sottovoce_engine.plan import Plan, PlannedRegion
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import timecode

if TYPE_CHECKING:
    from sottovoce_engine.renderers.ltx.memory_report import MemoryReport


def plan_as_text(plan: Plan, judged: Mapping[str, str] | None = None) -> str:
    """One row per region and a last line with the estimate; `judged` says how chosen takes fared, by region id."""
    if not plan.regions:
        return "No regions are marked on this timeline: nothing to render."
    rows = [_row(plan, planned, (judged or {}).get(planned.region.id, "")) for planned in plan.regions]
    headings = ("id", "in", "window", "picture", "state", "takes", "judged", "voice", "register", "line")
    notes = [f"{planned.region.id}: {note}" for planned in plan.regions for note in planned.notes]
    return "\n".join(
        [
            table(headings, rows),
            "",
            *shots_as_text(plan),
            *gated_as_text(plan),
            *held_as_text(plan),
            *notes,
            estimate_as_text(plan),
            *memory_as_text(plan),
        ]
    )


def shots_as_text(plan: Plan) -> list[str]:
    """One line for each picture that regions share."""
    return [
        f"shot under {', '.join(region.id for region in shot.regions)}: "
        f"{float(shot.span.length / plan.scene.rate):.1f} s, "
        + (f"seed {shot.job.seed}, " if shot.take or shot.wanted else "")
        + ("there" if shot.take else "to be rendered first" if shot.wanted else "not rendered")
        for shot in plan.shots
    ]


def estimate_as_text(plan: Plan) -> str:
    """What would be rendered, and about how long it would take."""
    if not plan.jobs:
        return "Nothing to render: every region has its take."
    rendered = sum(1 for planned in plan.regions if planned.jobs)
    return (
        f"{len(plan.jobs)} take{'s' if len(plan.jobs) > 1 else ''} of {rendered} of {len(plan.regions)} regions to "
        f"render with {plan.settings.renderer}: about {_duration(estimated_seconds(plan))}."
    )


def memory_as_text(plan: Plan) -> tuple[str, ...]:
    """Where the model's weights would lie; nothing for a renderer without any, or with nothing to render."""
    report = _memory(plan)
    return () if report is None else (f"{report.machine}. {report.told}",)


def estimated_seconds(plan: Plan) -> float:
    """From the length of all windows, and how long this renderer took on this machine."""
    return estimate_of(plan, render_times().rate(plan.settings.renderer)).seconds


def plan_as_plain(plan: Plan, judged: Mapping[str, str] | None = None) -> dict[str, object]:
    """The plan as JSON values."""
    return {
        "settings": to_plain(plan.settings),
        "regions": [
            {
                "region": to_plain(planned.region),
                "state": str(planned.state),
                "picture": str(planned.picture),
                "caption": planned.caption,
                "chosen": planned.chosen.key if planned.chosen else None,
                "judged": (judged or {}).get(planned.region.id),
                "jobs": [_job(job) for job in planned.jobs],
                "notes": list(planned.notes),
            }
            for planned in plan.regions
        ],
        "gated_windows": gated_as_plain(plan),
        "shots": [
            {
                "key": shot.key,
                "seed": shot.job.seed,
                "regions": [region.id for region in shot.regions],
                "span": to_plain(shot.span),
                "there": shot.take is not None,
                "to_render": shot.wanted,
                "notes": list(shot.notes),
            }
            for shot in plan.shots
        ],
        "takes_to_render": len(plan.jobs),
        "estimated_seconds": round(estimated_seconds(plan), 1),
        "memory": _memory_as_plain(plan),
        "notes": list(plan.scene.notes),
    }


def _job(job: RenderJob) -> dict[str, object]:
    return {"key": job.key, "seed": job.seed, "window": to_plain(job.window), "held_to": to_plain(job.context)}


def _memory_as_plain(plan: Plan) -> dict[str, object] | None:
    report = _memory(plan)
    if report is None:
        return None
    placement = None if report.placement is None else to_plain(report.placement)
    return {"machine": report.machine, "told": report.told, "placement": placement}


def _memory(plan: Plan) -> "MemoryReport | None":
    if plan.settings.renderer != "ltx" or not plan.jobs:
        return None
    from sottovoce_engine.renderers.ltx.memory_report import memory_report
    from sottovoce_engine.renderers.ltx.settings import ltx_settings

    return memory_report(ltx_settings(), plan.jobs)


def _row(plan: Plan, planned: PlannedRegion, judged: str) -> tuple[str, ...]:
    scene, region = plan.scene, planned.region
    window = planned.jobs[0].window if planned.jobs else planned.chosen.job.window if planned.chosen else None
    return (
        region.id,
        timecode(scene.start_frame + region.span.start, scene.rate, drop=scene.drop_frame),
        f"{window.model_frames} fr" if window else "",
        str(planned.picture),
        str(planned.state),
        str(len(planned.jobs)),
        judged,
        region.voice,
        region.register,
        region.line,
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
