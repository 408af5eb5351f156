"""The chosen takes of a project as they lie now, without anything being rendered or spliced."""

from dataclasses import dataclass

from sottovoce.project import Project
from sottovoce.reading import plan_settings_from
from sottovoce_engine import session
from sottovoce_engine.scene import Scene
from sottovoce_engine.store import Store
from sottovoce_engine.take import PlacedTake


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedNow:
    """A scene that a splice could be made of."""

    scene: Scene  # as planned
    placed: tuple[PlacedTake, ...]
    without: tuple[str, ...]  # ids of regions that have no take


def placed_now(project: Project) -> PlacedNow:
    """What a splice would put together.

    Raises:
        InputError: The scene cannot be planned, or the store not be read.
    """
    with Store.opened(project.takes_root, writing=False) as store:
        takes = store.takes()
        plan = session.with_shots(project.plan(plan_settings_from(project.reading.settings), takes), takes, store.path)
        placement = session.placement(plan, store, session.choices_after(plan, takes, (), project.opinions({})))
    return PlacedNow(scene=plan.scene, placed=placement.placed, without=placement.without)
