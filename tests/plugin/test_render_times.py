"""How long renders took, from real ones."""

from pathlib import Path

import pytest
from tests.plugin.small_scene import write_small_scene

from sottovoce.folders import cache_folder
from sottovoce.planning import estimated_seconds
from sottovoce.project import read_project
from sottovoce.reading import default_reading
from sottovoce.render_times import NAME, RenderTimes, TimedBatch, render_timed, render_times
from sottovoce_engine.plan import PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.worker import Worker
from sottovoce_engine.store import Store


def test_a_render_is_remembered_and_the_next_plan_says_so(tmp_path: Path) -> None:
    project = read_project(write_small_scene(tmp_path / "scene.otio"), default_reading())
    assert not render_times().rate("scratch").measured
    with Store.opened(project.store_root) as store, Worker("scratch", store.media.root) as worker:
        plan = project.plan(PlanSettings(), {})
        render_timed(plan, worker, store, Job())
        again = project.plan(PlanSettings(again=True), store.takes())
    (batch,) = render_times().batches
    assert batch.renderer == "scratch"
    assert batch.seconds > 0
    assert render_times().rate("scratch").measured
    assert not render_times().rate("ltx").measured
    assert estimated_seconds(again) == pytest.approx(batch.seconds, rel=0.1), "as many windows of that length"


def test_a_damaged_record_is_none() -> None:
    cache_folder().mkdir(parents=True)
    (cache_folder() / NAME).write_text("not json", encoding="utf-8")
    assert render_times() == RenderTimes()


def test_the_last_batches_of_each_renderer_count() -> None:
    times = RenderTimes(batches=(TimedBatch(renderer="ltx", window_s=1.0, seconds=7.0),))
    for number in range(30):
        times = times.with_batch(TimedBatch(renderer="scratch", window_s=2.0, seconds=2.0 if number < 10 else 6.0))
    assert times.rate("scratch").seconds == 3.0
    assert times.rate("ltx").seconds == 7.0
    assert len(times.batches) == 21
