"""What works beside a window gets less of the processor than the window, and asks for it before anything is loaded."""

import os
import sys
from pathlib import Path

import pytest
from tests.engine.renderers.test_worker import ENTRY, jobs_of

from sottovoce_engine.judge.apart import JudgeApart
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.worker import Worker

HERE = Path(__file__).parent


@pytest.mark.skipif(sys.platform == "win32", reason="priorities are told otherwise there")
@pytest.mark.parametrize("stands_back", [False, True])
def test_a_renderer_stands_back_where_it_is_asked_to(
    stands_back: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE / "renderers"))
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    with Worker(ENTRY, tmp_path, stands_back=stands_back) as worker:
        assert len(list(worker.render(jobs_of("speak"), Job()))) == 1
        assert worker.pid is not None
        its = os.getpriority(os.PRIO_PROCESS, worker.pid)
    assert its == (min(19, ours + 5) if stands_back else ours)


@pytest.mark.skipif(sys.platform == "win32", reason="priorities are told otherwise there")
def test_the_judge_beside_a_window_stands_back() -> None:
    ours, session = os.getpriority(os.PRIO_PROCESS, 0), weight_of_session()
    with JudgeApart() as apart:
        assert apart._process.submit(os.getpriority, os.PRIO_PROCESS, 0).result() == min(19, ours + 5)
        assert weight_of_session() == session, "the window's session is its own, too"


def weight_of_session() -> str:
    """As Linux tells it, where it weighs sessions at all."""
    told = Path("/proc/self/autogroup")
    return told.read_text(encoding="ascii") if told.exists() else ""
