from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.renderers.ltx.waves import waves_of

from .render_jobs import render_job

JOB = render_job("0")


@given(
    befores=st.lists(st.integers(-3, 30), max_size=12),  # below 0: no job of the batch
    order=st.randoms(use_true_random=False),
)
def test_a_take_comes_in_the_wave_after_the_one_it_continues_from(befores: list[int], order: object) -> None:
    jobs = [
        replace(JOB, key=str(number), continues="" if before == -1 else str(min(before, number - 1)))
        for number, before in enumerate(befores)
    ]
    shuffled = list(jobs)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    waves = waves_of(shuffled)
    wave_of = {job.key: number for number, wave in enumerate(waves) for job in wave}
    assert sorted(wave_of) == sorted(job.key for job in jobs)
    for job in jobs:
        assert wave_of[job.key] == (wave_of[job.continues] + 1 if job.continues in wave_of else 0)
    for wave in waves:
        assert [job for job in shuffled if job in wave] == list(wave)


def test_five_thousand_takes_in_one_chain() -> None:
    jobs = [replace(JOB, key=str(number), continues=str(number - 1)) for number in range(5000)]
    assert [len(wave) for wave in waves_of(jobs[::-1])] == [1] * 5000
