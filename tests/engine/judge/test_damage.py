from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sottovoce_engine.codec import to_json
from sottovoce_engine.judge.damage import judged_damage, judged_damage_of
from sottovoce_engine.judge.damage_values import DamageFinding, DamageKind, DamageThresholds, Severity
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.registers import register_table
from sottovoce_engine.timing import SAMPLE_RATE, Span

from .corpus import CONDITIONS, LINES, VOICES, Clip, corpus

pytestmark = pytest.mark.xdist_group("scratch voices")

THRESHOLDS = thresholds_of("damage", DamageThresholds)
EVERY_REGISTER = register_table().names
WOMAN, MAN = VOICES[0], VOICES[2]
MS = SAMPLE_RATE // 1000

Mono = NDArray[np.float32]


def damage(sound: np.ndarray, *, expected: int | None = None, speech: Span | None = None) -> tuple[DamageFinding, ...]:
    found = judged_damage(
        np.atleast_2d(sound).astype(np.float32), expected_samples=expected, thresholds=THRESHOLDS, speech=speech
    )
    for finding in found:
        assert finding.kind in to_json(finding, format_version=1)
        assert len(finding.where) <= finding.places
        assert finding.why
    return found


def only(found: tuple[DamageFinding, ...], kind: DamageKind) -> DamageFinding:
    assert [finding.kind for finding in found] == [kind], found
    return found[0]


def of_kind(found: tuple[DamageFinding, ...], kind: DamageKind) -> DamageFinding:
    return next(finding for finding in found if finding.kind is kind)


@cache
def spoken(register: str, voice: int = 2, line: int = 3) -> Clip:
    return next(corpus((VOICES[voice],), (LINES[line],), (register,), ("clean",)))


def speech_of(clip: Clip) -> Span:
    return Span(clip.words[0].span.start, clip.words[-1].span.end)


def noise(seconds: float, channels: int = 1, level: float = 0.1) -> Mono:
    shape = (channels, round(seconds * SAMPLE_RATE))
    return np.asarray(level * np.random.default_rng(3).standard_normal(shape), np.float32)


def tone(hertz: float, seconds: float = 3.0, level: float = 0.3) -> Mono:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(level * np.sin(2 * np.pi * hertz * times), np.float32)


registers = st.sampled_from(EVERY_REGISTER)


# Clean speech


@pytest.mark.parametrize("voice", [WOMAN, MAN], ids=["woman", "man"])
def test_nothing_is_wrong_with_speech_in_any_register_and_room(voice: object) -> None:
    clips = list(corpus((voice,), LINES[6:7], EVERY_REGISTER, CONDITIONS))  # type: ignore[arg-type]
    assert len(clips) == len(EVERY_REGISTER) * len(CONDITIONS)
    for clip in clips:
        length = clip.sound.size
        assert damage(clip.sound, expected=length, speech=speech_of(clip)) == (), (clip.register, clip.condition)


@pytest.mark.parametrize("register", EVERY_REGISTER)
@pytest.mark.parametrize("gain_db", [0.0, -20.0])
def test_sixteen_bits_are_no_damage(register: str, gain_db: float) -> None:
    sound = spoken(register).sound * 10 ** (gain_db / 20)
    assert damage(np.round(sound * 32_768) / 32_768) == ()


def test_a_plosive_after_silence_is_no_click() -> None:
    sound = noise(2.0, level=2e-4)[0]
    for place in (24_000, 60_000):
        burst = np.random.default_rng(place).standard_normal(40 * MS) * np.exp(-np.arange(40 * MS) / (4 * MS))
        sound[place : place + 40 * MS] += (0.2 * burst).astype(np.float32)
    assert damage(sound) == ()


# Each kind of damage, at several strengths and places


@settings(max_examples=40)
@given(register=registers, share=st.floats(0.05, 0.95), strength=st.floats(4.0, 12.0), sign=st.sampled_from([-1, 1]))
def test_a_click_is_found_where_it_is(register: str, share: float, strength: float, sign: int) -> None:
    sound = spoken(register).sound.copy()
    place = int(share * sound.size)
    sound[place] += sign * strength * np.abs(sound).max()
    finding = of_kind(damage(sound), DamageKind.CLICK)
    assert finding.places == 1
    assert finding.where[0].grown(24, 24).contains(Span(place, place + 1))
    assert finding.severity is Severity.NOTICEABLE
    assert f"at {finding.where[0].start / SAMPLE_RATE:.2f} s" in finding.why[0]


@settings(max_examples=40)
@given(register=registers, share=st.floats(0.1, 0.9), length_ms=st.integers(4, 250))
def test_a_hole_in_speech_is_found_where_it_is(register: str, share: float, length_ms: int) -> None:
    clip = spoken(register)
    speech, sound = speech_of(clip), clip.sound.copy()
    start = speech.start + int(share * speech.length)
    hole = Span(start, start + length_ms * MS)
    slope = np.abs(np.diff(sound))
    loud = np.sqrt(np.mean(slope[speech.start : speech.end] ** 2))
    sides = (slope[hole.start - 2 * MS : hole.start], slope[hole.end : hole.end + 2 * MS])
    assume(hole.end < speech.end and min(np.sqrt(np.mean(side**2)) for side in sides) > loud / 5)
    sound[hole.start : hole.end] = 0.0
    finding = of_kind(damage(sound), DamageKind.DROPOUT)
    assert finding.places == 1
    assert finding.where[0].grown(MS, MS).contains(hole)
    assert hole.grown(10 * MS, 10 * MS).contains(finding.where[0])  # the voice may be at the floor beside it anyway
    assert finding.passes == (finding.measured < THRESHOLDS.dropout_fails_ms)


def test_speech_that_is_muted_down_to_the_room_is_found_and_a_pause_is_not() -> None:
    clip = spoken("loud")
    sound = clip.sound.copy()
    start = int(np.convolve(sound**2, np.ones(60 * MS), "valid").argmax()) + 10 * MS  # inside the loudest vowel
    sound[start : start + 40 * MS] = sound[: 40 * MS]  # the room alone
    finding = only(damage(sound), DamageKind.DROPOUT)
    assert finding.where[0].grown(MS, MS).contains(Span(start + MS, start + 39 * MS))


@settings(max_examples=40)
@given(register=registers, depth_db=st.floats(6.0, 20.0), gain_db=st.floats(-30.0, 0.0))
def test_clipping_is_found_at_any_level(register: str, depth_db: float, gain_db: float) -> None:
    sound = spoken(register).sound / np.abs(spoken(register).sound).max()
    limit = 10 ** (-depth_db / 20)
    clipped = np.clip(sound, -limit, limit) / limit * 10 ** (gain_db / 20)
    finding = of_kind(damage(clipped), DamageKind.CLIPPING)
    highest = int(np.abs(sound).argmax())
    assert any(span.start <= highest < span.end for span in finding.where) or finding.places > len(finding.where)
    assert 0.0 < finding.measured <= 100.0 * np.count_nonzero(np.abs(sound) >= 0.998 * limit) / SAMPLE_RATE


def test_deep_clipping_fails_and_a_clipped_peak_is_told() -> None:
    sound = spoken("loud").sound / np.abs(spoken("loud").sound).max()
    deep = of_kind(damage(np.clip(4.0 * sound, -1.0, 1.0)), DamageKind.CLIPPING)
    slight = only(damage(np.clip(1.3 * sound, -1.0, 1.0)), DamageKind.CLIPPING)
    assert (deep.severity, slight.severity) == (Severity.FAILS, Severity.NOTICEABLE)


def test_what_lies_beyond_full_scale_will_clip() -> None:
    sound = spoken("loud").sound / np.abs(spoken("loud").sound).max()
    assert only(damage(3.0 * sound), DamageKind.CLIPPING).severity is Severity.FAILS


@settings(max_examples=30)
@given(
    register=registers,
    mains=st.sampled_from([50, 60]),
    under_db=st.floats(0.0, 25.0),
    phases=st.lists(st.floats(0.0, 6.28), min_size=4, max_size=4),
)
def test_hum_is_found_under_every_register(register: str, mains: int, under_db: float, phases: list[float]) -> None:
    clip = spoken(register)
    sound = np.tile(clip.sound, 2)
    loudness = float(np.sqrt(np.mean(clip.sound[speech_of(clip).start : speech_of(clip).end] ** 2)))
    times = np.arange(sound.size) / SAMPLE_RATE
    hum = sum(
        share * np.sin(2 * np.pi * mains * harmonic * times + phase)
        for (harmonic, share), phase in zip(((1, 1.0), (2, 0.5), (3, 0.5), (5, 0.2)), phases, strict=True)
    )
    finding = of_kind(damage(sound + hum / np.std(hum) * loudness * 10 ** (-under_db / 20)), DamageKind.HUM)
    assert f"{mains} Hz" in finding.why[0]
    assert finding.where == (Span(0, sound.size),)


def test_the_place_of_hum_is_where_it_hums() -> None:
    sound = np.tile(spoken("normal").sound, 12)
    hum = (
        tone(50, sound.size / SAMPLE_RATE, 0.01)[: sound.size] + tone(150, sound.size / SAMPLE_RATE, 0.01)[: sound.size]
    )
    sound[10 * SAMPLE_RATE : 20 * SAMPLE_RATE] += hum[10 * SAMPLE_RATE : 20 * SAMPLE_RATE]
    assert only(damage(sound), DamageKind.HUM).where == (Span(10 * SAMPLE_RATE, 20 * SAMPLE_RATE),)


@settings(max_examples=20)
@given(offset=st.floats(0.004, 0.2), sign=st.sampled_from([-1, 1]))
def test_an_offset_is_measured(offset: float, sign: int) -> None:
    finding = only(damage(spoken("quieter").sound + sign * offset), DamageKind.DC)
    assert finding.measured == pytest.approx(offset, rel=0.02)
    assert finding.passes == (finding.measured < THRESHOLDS.dc_fails)


@settings(max_examples=20)
@given(share=st.floats(0.0, 0.99), length=st.integers(1, 3000), value=st.sampled_from([np.nan, np.inf, -np.inf]))
def test_what_is_no_number_is_found_where_it_is(share: float, length: int, value: float) -> None:
    sound = spoken("soft").sound.copy()
    start = int(share * sound.size)
    sound[start : start + length] = value
    finding = of_kind(damage(sound), DamageKind.NOT_A_NUMBER)
    assert finding.where == (Span(start, min(sound.size, start + length)),)
    assert not finding.passes


def test_silence_fails_and_so_does_silence_where_the_words_should_be() -> None:
    assert not only(damage(np.zeros((2, 96_000))), DamageKind.SILENCE).passes
    assert "empty" in only(damage(np.zeros((2, 0))), DamageKind.SILENCE).why[0]
    sound = noise(4.0, level=2e-4)
    sound[:, :SAMPLE_RATE] += noise(1.0)
    assert damage(sound, speech=Span(0, SAMPLE_RATE)) == ()
    words = Span(2 * SAMPLE_RATE, 3 * SAMPLE_RATE)
    finding = only(damage(sound, speech=words), DamageKind.SILENCE)
    assert finding.where == (words,)
    assert "where the words should be" in finding.why[0]


@pytest.mark.parametrize("off", [-2000, -1, 1, 480])
def test_a_wrong_length_says_by_how_much(off: int) -> None:
    sound = spoken("normal").sound
    finding = only(damage(sound, expected=sound.size - off), DamageKind.LENGTH)
    assert finding.measured == off
    assert finding.where[0].length == abs(off)
    assert ("long" if off > 0 else "short") in finding.why[0]


# Where it lies, whatever the length and the channels


def test_damage_in_one_channel_is_found() -> None:
    clip = spoken("normal")
    left, right = clip.sound, clip.sound.copy()
    word = clip.words[2].span
    right[word.start + 1_000 : word.start + 2_440] = 0.0
    assert only(damage(np.stack([left, right])), DamageKind.DROPOUT).places == 1


def test_a_hole_across_two_stretches_is_one_hole() -> None:
    sound = noise(25.0, level=0.05)
    sound[:, 10 * SAMPLE_RATE - 1_440 : 10 * SAMPLE_RATE + 1_440] = 0.0
    finding = only(damage(sound), DamageKind.DROPOUT)
    assert finding.places == 1
    assert finding.where[0].length == pytest.approx(2_880, abs=96)


def test_long_sound_is_read_piece_by_piece() -> None:
    block = noise(13.0, 2)
    clicked = 100 * SAMPLE_RATE + 17
    asked = []

    def read(span: Span) -> Mono:
        asked.append(span)
        sound = block[:, : span.length].copy()
        if span.start <= clicked < span.end:
            sound[:, clicked - span.start] += 3.0
        return sound

    found = judged_damage_of(read, 180 * SAMPLE_RATE, expected_samples=None, thresholds=THRESHOLDS)
    assert max(span.length for span in asked) <= 14 * SAMPLE_RATE
    where = only(found, DamageKind.CLICK).where
    assert len(where) == 1
    assert where[0].grown(24, 24).contains(Span(clicked, clicked + 1))


def test_many_clicks_are_one_finding_of_bounded_size() -> None:
    sound = noise(20.0, level=0.01)
    places = np.arange(20_000, sound.size - 20_000, 8_000)
    sound[:, places] += 0.5
    finding = only(damage(sound), DamageKind.CLICK)
    assert finding.places == len(places)
    assert len(finding.where) == 40
    assert not finding.passes
    assert "more places" in finding.why[0]


# Sound that is no speech


def test_a_minute_of_white_noise_has_no_clicks() -> None:
    assert damage(noise(60.0, 2)) == ()


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(noise(0.01, 2), id="10 ms"),
        pytest.param(noise(1 / SAMPLE_RATE), id="one sample"),
        pytest.param(noise(2.0, 6), id="5.1"),
        pytest.param(np.asarray(np.random.default_rng(1).uniform(-1, 1, (1, 96_000)), np.float32), id="uniform noise"),
        pytest.param(tone(997), id="tone"),
        pytest.param(tone(440) + tone(450), id="beats"),
        pytest.param(tone(20, level=0.9), id="deep tone"),
        pytest.param(tone(220) * np.exp(-tone(2) * 3) * 0.1, id="music"),
    ],
)
def test_other_sound_is_whole(sound: Mono) -> None:
    assert damage(sound) == ()


@pytest.mark.parametrize("value", [0.5, 1e37, -1e37, np.nan])
def test_nonsense_gets_a_verdict(value: float) -> None:
    assert not damage(np.full((2, 48_000), value))[0].passes


@pytest.mark.parametrize("rate", [8_000, 192_000])
def test_files_of_other_rates_are_judged_like_any(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "voice.wav"
    times = np.arange(3 * rate) / rate
    speechlike = np.random.default_rng(2).standard_normal(times.size) * 0.1 * (1.2 + np.sin(2 * np.pi * 3 * times))
    speechlike[rate : rate + rate // 20] = 0.0
    soundfile.write(path, speechlike, rate, subtype="PCM_16")
    with SoundReader(path) as reader:
        found = judged_damage_of(
            reader.read, reader.length_samples, expected_samples=3 * SAMPLE_RATE, thresholds=THRESHOLDS
        )
    hole = only(found, DamageKind.DROPOUT).where[0]
    assert hole.start == pytest.approx(SAMPLE_RATE, abs=3 * MS)
    assert hole.length == pytest.approx(50 * MS, abs=4 * MS)
