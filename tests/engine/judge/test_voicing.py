import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import (
    FRAME_SAMPLES,
    Voicing,
    alpha_db,
    frames_of,
    mean_v,
    median_f0_hz,
    stretches_share,
    voiced_share,
    voicing_from,
    voicing_of,
)
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.timing import SAMPLE_RATE, Span

from .signals import Mono, noise, voiced, whispered

THRESHOLDS = thresholds_of("register", RegisterThresholds)
SOUNDS = st.one_of(
    st.builds(voiced, f0_hz=st.floats(80, 400), seed=st.integers(1, 50)), st.builds(whispered, seed=st.integers(1, 50))
)


def heard(sound: Mono) -> Voicing:
    return voicing_of(sound[None], THRESHOLDS)


def v_of(sound: Sound) -> float:
    voicing = voicing_of(sound, THRESHOLDS)
    v = mean_v(voicing, voicing.active)
    assert v is not None
    return v


@given(sound=SOUNDS, gain_db=st.floats(-40, 60))
@settings(max_examples=25)
def test_level_changes_nothing(sound: Mono, gain_db: float) -> None:
    louder = np.asarray(sound * 10 ** (gain_db / 20), np.float32)
    assert v_of(louder[None]) == pytest.approx(v_of(sound[None]), abs=1e-4)


@given(sound=SOUNDS)
@settings(max_examples=15)
def test_polarity_and_a_second_channel_change_nothing(sound: Mono) -> None:
    v = v_of(sound[None])
    assert v_of(-sound[None]) == pytest.approx(v, abs=1e-6)
    assert v_of(np.stack((sound, sound))) == pytest.approx(v, abs=1e-6)
    assert v_of(np.stack((sound, -sound))) == pytest.approx(v, abs=1e-6), "channels that cancel each other"
    assert v_of(np.stack((sound, np.zeros_like(sound)))) == pytest.approx(v, abs=1e-4), "on one side"


@pytest.mark.parametrize("f0_hz", [75, 95, 120, 160, 210, 300, 380, 450, 600, 750])
def test_pitch_is_found_from_a_low_man_to_a_scream(f0_hz: float) -> None:
    voicing = heard(voiced(f0_hz=f0_hz))
    found = median_f0_hz(voicing, voicing.active, THRESHOLDS.voiced_above)
    assert found is not None
    assert abs(12 * np.log2(found / f0_hz)) < 0.3


@pytest.mark.parametrize("seed", range(1, 6))
def test_breath_and_voice_lie_far_apart(seed: int) -> None:
    breath, voice = heard(whispered(seed=seed)), heard(voiced(f0_hz=100 + 30 * seed, seed=seed))
    assert v_of(whispered(seed=seed)[None]) < THRESHOLDS.second_opinion_above
    assert v_of(voiced(f0_hz=100 + 30 * seed, seed=seed)[None]) > THRESHOLDS.voiced_above + 0.1
    assert stretches_share(breath, breath.active, THRESHOLDS.voiced_above) < 0.05
    assert stretches_share(voice, voice.active, THRESHOLDS.voiced_above) > 0.8
    shares = [voiced_share(one, one.active) for one in (breath, voice)]
    assert shares[0] is not None
    assert shares[1] is not None
    assert shares[0] < 0.3 < 0.8 < shares[1]
    assert median_f0_hz(breath, breath.active, THRESHOLDS.voiced_above) is None


@pytest.mark.parametrize("make", [voiced, whispered])
def test_only_what_stands_out_of_the_floor_is_spoken(make: type) -> None:
    line: Mono = make(seconds=1.0)
    floor = noise(4.0, 0.002)
    sound = floor.copy()
    sound[SAMPLE_RATE : 2 * SAMPLE_RATE] += line
    active = heard(sound).active
    inside = frames_of(Span(SAMPLE_RATE - 960, 2 * SAMPLE_RATE + 960))
    assert active[inside].sum() > 30
    assert active[inside].sum() == active.sum()


def test_a_click_is_not_the_loudest_speech() -> None:
    sound = whispered(seconds=2.0)
    before = heard(sound).active
    sound[SAMPLE_RATE : SAMPLE_RATE + 96] += noise(0.002, 0.8)
    after = heard(sound).active
    assert (before ^ after).sum() < 8


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (np.zeros(0, np.float32), "there is no sound"),
        (np.zeros(100, np.float32), "there is no sound"),
        (np.zeros(SAMPLE_RATE, np.float32), "it is silent: nothing rises above -80 dBFS but clicks"),
        (noise(1.0, 1e-6), "it is silent"),
        (noise(3.0, 0.1), "nothing stands out of an even sound"),
        (voiced(seconds=0.05), "it is shorter than 150 ms"),
        (np.pad(voiced(seconds=0.3)[-5_000:], 48_000), "there are less than 150 ms of speech"),
    ],
    ids=["empty", "2 ms", "zeros", "dither", "white noise", "50 ms", "a grunt"],
)
def test_where_nobody_speaks_it_says_why(sound: Mono, why: str) -> None:
    voicing = heard(sound)
    assert not voicing.active.any()
    assert voicing.why_silent.startswith(why)
    assert mean_v(voicing, voicing.active) is None
    assert alpha_db(voicing, voicing.active) is None
    assert voiced_share(voicing, voicing.active) is None


def test_values_that_are_no_numbers_count_as_silence() -> None:
    sound = voiced(seconds=2.0)
    broken = sound.copy()
    broken[: SAMPLE_RATE // 2] = np.nan
    broken[SAMPLE_RATE // 2 : SAMPLE_RATE // 2 + 10] = np.inf
    sound[: SAMPLE_RATE // 2 + 10] = 0.0
    assert v_of(broken[None]) == pytest.approx(v_of(sound[None]), abs=1e-6)
    assert heard(np.full(SAMPLE_RATE, 1e30, np.float32)).v.shape == (100,)


def test_alpha_follows_the_balance_of_high_and_low() -> None:
    times = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    gate = (np.sin(2 * np.pi * 2 * times) > 0).astype(np.float32)
    low, high = np.sin(2 * np.pi * 500 * times), np.sin(2 * np.pi * 2500 * times)
    for wanted in (-15.0, 0.0, 10.0):
        voicing = heard(np.asarray(0.1 * gate * (low + high * 10 ** (wanted / 20)), np.float32))
        assert alpha_db(voicing, voicing.active) == pytest.approx(wanted, abs=0.3)


def test_a_dull_floor_does_not_darken_a_voice() -> None:
    sound = np.concatenate([noise(1.0, 1e-5), voiced(2.0), noise(1.0, 1e-5)])
    rumble = np.convolve(noise(4.0, 0.6), np.full(96, 1 / 96), "same").astype(np.float32)
    noisy = sound + rumble
    raw = heard(noisy)
    mean = 10 * np.log10(raw.high_power[raw.active].mean() / raw.low_power[raw.active].mean())
    values = [alpha_db(voicing, voicing.active) for voicing in (heard(sound), heard(noisy))]
    assert values[0] is not None
    assert values[1] == pytest.approx(values[0], abs=0.9)
    assert mean < values[0] - 1.5, "the floor is loud enough to matter"


def test_a_long_sound_is_read_in_short_stretches_and_measures_as_a_whole() -> None:
    minute = np.tile(voiced(seconds=2.0), 24)
    asked: list[Span] = []

    def read(span: Span) -> Sound:
        asked.append(span)
        return minute[None, span.start : span.end]

    parts = voicing_from(read, len(minute), THRESHOLDS)
    assert max(span.length for span in asked) <= 31 * SAMPLE_RATE
    assert len(parts.v) == len(minute) // FRAME_SAMPLES
    shifted = heard(minute[15 * SAMPLE_RATE :])
    edge = 1500  # the second stretch begins here for one, and in the middle of a stretch for the other
    assert np.allclose(parts.v[edge + 100 : edge + 2800], shifted.v[100:2800], atol=2e-3)


def test_the_second_opinion_covers_the_first_ten_minutes() -> None:
    syllables = voiced(seconds=3.0)
    silence = np.zeros((1, 31 * SAMPLE_RATE), np.float32)
    length = 11 * 60 * SAMPLE_RATE

    def read(span: Span) -> Sound:
        if span.start < 3 * SAMPLE_RATE:
            return np.pad(syllables[None, span.start :], ((0, 0), (0, max(0, span.end - 3 * SAMPLE_RATE))))
        return silence[:, : span.length]

    voicing = voicing_from(read, length, THRESHOLDS)
    assert len(voicing.coarse) == 600 * 8_000
    share = voiced_share(voicing, voicing.active)
    assert share is not None
    assert share > 0.8
