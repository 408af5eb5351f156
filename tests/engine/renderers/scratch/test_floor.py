import itertools

import numpy as np

from sottovoce_engine.renderers.scratch.floor import room_floor
from sottovoce_engine.take import RenderJob

from .measuring import level_db
from .scratch_jobs import scratch_job


def octaves_db(job: RenderJob) -> list[float]:
    power = np.abs(np.fft.rfft(room_floor(job).astype(np.float64))) ** 2
    edges = [round(f * job.length_samples / 48_000) for f in (62, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000)]
    return [float(10 * np.log10(power[a:b].sum())) for a, b in itertools.pairwise(edges)]


def test_no_take_is_digitally_silent() -> None:
    noise = room_floor(scratch_job("x", look="dim bedroom"))
    assert len(noise) == scratch_job("x").length_samples
    assert abs(level_db(noise.astype(np.float64)) + 66.0) < 1.6
    assert np.abs(noise).max() < 10 ** (-50 / 20)


def test_the_same_job_sounds_the_same_and_another_seed_has_other_grains() -> None:
    one = room_floor(scratch_job("x", look="dim bedroom"))
    assert np.array_equal(one, room_floor(scratch_job("x", look="dim bedroom")))
    other = room_floor(scratch_job("x", look="dim bedroom", seed=2))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.05


def test_a_location_has_its_own_colour_whatever_the_seed() -> None:
    kitchen, again = (octaves_db(scratch_job("x", location="kitchen", seed=seed)) for seed in (1, 2))
    assert np.abs(np.subtract(kitchen, again)).max() < 1.5
    others = [octaves_db(scratch_job("x", look=look)) for look in ("street", "dim bedroom", "forest")]
    for other in others:
        assert np.abs(np.subtract(kitchen, other)).max() > 1.5


def test_the_location_counts_before_the_look() -> None:
    one = octaves_db(scratch_job("x", location="kitchen", look="close up"))
    other = octaves_db(scratch_job("x", location="kitchen", look="wide shot"))
    assert np.abs(np.subtract(one, other)).max() < 0.1
