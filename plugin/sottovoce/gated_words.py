"""The windows that several regions share, shown to a person or to a program."""

from collections.abc import Mapping

from sottovoce_engine.codec import to_plain
from sottovoce_engine.planned import Plan, PlannedRegion
from sottovoce_engine.take import Gating


def gated_as_text(plan: Plan) -> list[str]:
    """One line for each window of several registers."""
    rate = plan.scene.rate
    return [
        f"one window (experimental): {', '.join(f'{one.region.id} {one.region.register}' for one in regions)}: "
        f"{float(gating.window.length / rate):.1f} s, {gating.window.model_frames} frames"
        for gating, regions in gated_regions(plan).items()
    ]


def gated_as_plain(plan: Plan) -> list[dict[str, object]]:
    """The same as JSON values."""
    return [
        {
            "regions": [one.region.id for one in regions],
            "registers": [one.region.register for one in regions],
            "window": to_plain(gating.window),
            "edge_ms": gating.edge_ms,
            "leak": gating.leak,
            "caption": gating.caption,
        }
        for gating, regions in gated_regions(plan).items()
    ]


def gated_regions(plan: Plan) -> Mapping[Gating, tuple[PlannedRegion, ...]]:
    """The regions of each window that would be sampled for several of them, where any is to be rendered."""
    found: dict[Gating, tuple[PlannedRegion, ...]] = {}
    for planned in plan.regions:
        if planned.gating is not None:
            found[planned.gating] = (*found.get(planned.gating, ()), planned)
    return {gating: regions for gating, regions in found.items() if any(one.jobs for one in regions)}
