import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.judge.effort import (
    EFFORT_REGISTERS,
    OWN,
    PUBLISHED,
    NormalVoice,
    effort_of,
    efforts_db,
)
from sottovoce_engine.judge.normal_voices import normal_voice
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Voice

from .signals import noise, voiced, whispered

THRESHOLDS = thresholds_of("register", RegisterThresholds)
ANNA, BEN = Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Ben", gender=Gender.MAN)
NORMAL = NormalVoice(takes=3, f0_hz=200.0, alpha_db=-8.0, loudness_lufs=-27.0)


def test_the_registers_told_by_effort_are_the_shipped_ones_that_have_a_voice() -> None:
    assert set(EFFORT_REGISTERS) == set(register_table().names) - {"whisper"}
    efforts = list(efforts_db(THRESHOLDS).values())
    assert efforts == sorted(efforts)
    assert efforts_db(THRESHOLDS)["normal"] == 0.0


@pytest.mark.parametrize("register", EFFORT_REGISTERS)
@pytest.mark.parametrize("voice", [ANNA, BEN])
def test_a_take_as_the_register_is_expected_to_be_fits_it_best(register: str, voice: Voice) -> None:
    db = efforts_db(THRESHOLDS)[register]
    per_db = THRESHOLDS.alpha_per_db_woman if voice is ANNA else THRESHOLDS.alpha_per_db_man
    f0 = NORMAL.f0_hz * 2 ** (db * THRESHOLDS.f0_semitones_per_db / 12)
    for level in (None, -27.0 + db):
        found = effort_of(f0, NORMAL.alpha_db + db * per_db, level, register, voice, NORMAL, THRESHOLDS)
        assert found.effort_db == pytest.approx(db)
        assert (found.nearest, found.reference) == (register, OWN)
        assert found.score == pytest.approx(1.0)
        assert found.distance == pytest.approx(0.0, abs=1e-6)
        assert found.level_db == (None if level is None else pytest.approx(db))


@given(semitones=st.floats(-6, 12), brighter=st.floats(-6, 12))
def test_more_effort_is_higher_and_brighter(semitones: float, brighter: float) -> None:
    def effort(f0_steps: float, alpha: float) -> float:
        f0 = NORMAL.f0_hz * 2 ** (f0_steps / 12)
        return effort_of(f0, NORMAL.alpha_db + alpha, None, "loud", ANNA, NORMAL, THRESHOLDS).effort_db

    assert effort(semitones + 1, brighter) > effort(semitones, brighter)
    assert effort(semitones, brighter + 1) > effort(semitones, brighter)


def test_published_voices_are_less_sure() -> None:
    own = effort_of(260.0, -6.0, None, "normal", ANNA, NORMAL, THRESHOLDS)
    published = effort_of(273.0, -3.6, None, "normal", ANNA, None, THRESHOLDS)
    assert published.reference == PUBLISHED
    assert published.score is not None
    assert own.score is not None
    assert published.f0_semitones == pytest.approx(own.f0_semitones, abs=0.1)
    assert published.score > own.score
    assert effort_of(120.0, -5.6, None, "normal", BEN, None, THRESHOLDS).effort_db == pytest.approx(0.0)


def test_a_register_of_the_persons_own_has_no_score() -> None:
    found = effort_of(200.0, -8.0, None, "sing-song", ANNA, NORMAL, THRESHOLDS)
    assert (found.score, found.distance, found.expected_db, found.nearest) == (None, None, None, "normal")


def test_a_normal_voice_is_the_middle_of_its_takes() -> None:
    takes = [voiced(f0_hz=hz, level=level)[None] for hz, level in ((110, 0.05), (120, 0.05), (190, 0.1))]
    found = normal_voice(takes, THRESHOLDS)
    assert found is not None
    assert (found.takes, found.loudness_lufs) == (3, None)
    assert found.f0_hz == pytest.approx(120, rel=0.02)
    trusted = normal_voice(takes, THRESHOLDS, levels_trusted=True)
    assert trusted is not None
    assert trusted.loudness_lufs is not None
    louder = normal_voice([2 * take for take in takes], THRESHOLDS, levels_trusted=True)
    assert louder is not None
    assert louder.loudness_lufs == pytest.approx(trusted.loudness_lufs + 6.02, abs=0.05)


def test_takes_without_a_voice_are_no_reference() -> None:
    silent = [whispered()[None], noise(1.0, 0.1)[None]]
    assert normal_voice(silent, THRESHOLDS) is None
    assert normal_voice([], THRESHOLDS) is None
    mixed = normal_voice([*silent, voiced(f0_hz=150)[None]], THRESHOLDS)
    assert mixed is not None
    assert mixed.takes == 1
