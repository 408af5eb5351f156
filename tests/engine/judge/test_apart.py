"""The judge in a process of its own says what it says beside the caller, and ends with it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.engine.judge.spoken_lines import speech
from tests.engine.test_judged_takes import LINE, scene_of, spoken_take

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.apart import JudgeApart
from sottovoce_engine.judge.frame_listening import frames_heard
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.judged_takes import JudgedTakes
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.store import Store


def test_takes_are_judged_alike_also_after_the_process_was_killed(tmp_path: Path) -> None:
    assert speech(LINE, "normal").sound.size
    with Store.opened(tmp_path / "scene.sottovoce") as store, JudgeApart() as apart:
        take = spoken_take(store)
        beside = Judge()
        wanted = beside.judged_take(take, store.path(take))
        assert apart.fingerprint == beside.fingerprint
        assert apart.judged_take(take, store.path(take)) == wanted
        with JudgedTakes(apart, store, scene_of(take)) as judged:
            assert judged.finished([take], Job())[take.key].line == wanted.line
        with pytest.raises(InputError, match="none"):
            apart.judged_take(take, tmp_path / "none.wav")
        (process,) = apart._process._processes.values()
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        assert apart.judged_take(take, store.path(take)) == wanted


def test_what_is_heard_every_10_ms_is_told_by_the_process(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "scene.sottovoce") as store, JudgeApart() as apart:
        take = spoken_take(store)
        wanted = frames_heard(take.job, store.path(take), apart.register_thresholds, Job())
        assert np.array_equal(apart.frames(take, store.path(take), tmp_path / "apart", Job()).kinds, wanted)
        with pytest.raises(InputError, match="none"):
            apart.frames(take, tmp_path / "none.wav", tmp_path / "apart", Job())
    with pytest.raises(JobCancelled):
        apart.frames(take, store.path(take), tmp_path / "elsewhere", Job())
    assert np.array_equal(apart.frames(take, store.path(take), tmp_path / "apart", Job()).kinds, wanted), "it is kept"


JUDGING = """
import os, sys
from sottovoce_engine.judge.apart import JudgeApart
apart = JudgeApart()
print(apart._process.submit(os.getpid).result(), flush=True)
os.kill(os.getpid(), 9)
"""


def test_the_process_ends_when_its_window_is_killed() -> None:
    done = subprocess.run([sys.executable, "-c", JUDGING], stdout=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    process = int(done.stdout)
    until = time.monotonic() + 10
    while Path(f"/proc/{process}/stat").exists() and " Z " not in Path(f"/proc/{process}/stat").read_text():
        assert time.monotonic() < until, "it is still there"
        time.sleep(0.05)


IMPORTING = """
import sys
import sottovoce_engine.judge.apart, sottovoce_engine.judged_takes
print([name for name in ("scipy", "pocketsphinx") if name in sys.modules])
"""


def test_what_measures_is_imported_by_the_process_alone() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTING], stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
