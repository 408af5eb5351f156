"""Suggesting in a process of its own: as beside the caller, stopped at once, and missed in words when it dies."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from tests.engine.judge.spoken_lines import spoken
from tests.plugin.spoken_timeline import LINE, recording, silence, timeline_over

from sottovoce.project import read_project
from sottovoce.reading import Reading, default_reading, judge_from
from sottovoce.suggesting_apart import suggestions_apart
from sottovoce_engine.errors import RenderError
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.scene import Scene
from sottovoce_engine.suggesting import suggestions_for


@pytest.fixture
def reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reading:
    monkeypatch.setenv("SOTTOVOCE_HOME", str(tmp_path / "home"))
    return default_reading()


@pytest.fixture
def scene(tmp_path: Path, reading: Reading) -> Scene:
    placed = recording(tmp_path / "dialogue.wav", [silence(2.0), 0.5 * spoken(LINE), silence(1.0)])
    timeline = timeline_over(tmp_path / "dialogue.wav", placed[-1][1] - 1.0)
    return read_project(timeline, reading).loaded.scene


def test_it_suggests_what_is_suggested_beside_the_caller(scene: Scene, reading: Reading) -> None:
    told: list[Progress] = []
    found = suggestions_apart(scene, (), reading, Job(told.append))
    judge = judge_from(reading.settings)
    assert judge is not None
    beside = suggestions_for(scene, (), judge, reading.registers, Job())
    assert [replaced_id(each) for each in found.found] == [replaced_id(each) for each in beside.found]
    assert len(found.found) == 1
    assert told
    assert not multiprocessing.active_children()


def replaced_id(suggestion: object) -> str:
    """What is suggested, without the id that is drawn for it."""
    region = getattr(suggestion, "region", None)
    return repr(suggestion).replace(getattr(region, "id", ""), "")


def test_it_is_stopped_at_once(scene: Scene, reading: Reading) -> None:
    job = Job(lambda _: job.cancel())
    with pytest.raises(JobCancelled):
        suggestions_apart(scene, (), reading, job)
    assert not multiprocessing.active_children()


def test_its_death_is_told_in_words(scene: Scene, reading: Reading) -> None:
    def kill(_: Progress) -> None:
        for process in multiprocessing.active_children():
            os.kill(process.pid or 0, signal.SIGKILL)

    with pytest.raises(RenderError, match=r"ended before it was done \(code -9\)\. Suggest again"):
        suggestions_apart(scene, (), reading, Job(kill))
