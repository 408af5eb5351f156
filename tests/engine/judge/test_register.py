from dataclasses import replace

import numpy as np
import pytest

from sottovoce_engine.codec import to_plain
from sottovoce_engine.judge.effort import PUBLISHED, has_rule, is_whispered
from sottovoce_engine.judge.register import (
    NormalVoice,
    RegisterFinding,
    RegisterThresholds,
    Verdict,
    judged_register,
)
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.registers import Manner, Register, register_table
from sottovoce_engine.scene import Gender, Voice
from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import SAMPLE_RATE, Span

from .signals import Mono, noise, voiced, whispered

THRESHOLDS = thresholds_of("register", RegisterThresholds)
REGISTERS = register_table()
ANNA, BEN = Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Ben", gender=Gender.MAN)
OWN = replace(REGISTERS.get("normal"), name="sing-song", manner=Manner(woman="singing", man="singing"))
SILENCE = np.zeros(SAMPLE_RATE, np.float32)


def judged(
    sound: Mono, asked: str | Register, *words: SpokenWord, voice: Voice = BEN, strict: bool = False
) -> RegisterFinding:
    register = REGISTERS.get(asked) if isinstance(asked, str) else asked
    return judged_register(sound[None], words or None, register, voice, None, THRESHOLDS, strict=strict)


def word(text: str, start: float, end: float) -> SpokenWord:
    return SpokenWord(text=text, span=Span(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)))


def half() -> tuple[Mono, tuple[SpokenWord, ...]]:
    """Two seconds of whisper, one word with a voice, one second of whisper."""
    sound = np.concatenate([whispered(2.0, level=0.03), voiced(0.6, level=0.05), whispered(1.4, level=0.03)])
    return sound, (word("close", 0.0, 1.0), word("your", 1.0, 2.0), word("eyes", 2.0, 2.6), word("now", 2.6, 4.0))


@pytest.mark.parametrize(
    ("sound", "asked", "verdict", "passes"),
    [
        (whispered(), "whisper", Verdict.WHISPER, True),
        (voiced(), "whisper", Verdict.VOICED, False),
        (voiced(), "soft", Verdict.VOICED, True),
        (voiced(), "normal", Verdict.VOICED, True),
        (voiced(f0_hz=300), "scream", Verdict.VOICED, True),
        (whispered(), "soft", Verdict.WHISPER, False),
        (whispered(), "shout", Verdict.WHISPER, False),
        (SILENCE, "whisper", Verdict.SILENT, False),
        (noise(2.0, 0.1), "whisper", Verdict.SILENT, False),
        (SILENCE, OWN, Verdict.SILENT, False),
        (voiced(), OWN, Verdict.VOICED, None),
        (whispered(), OWN, Verdict.WHISPER, None),
    ],
)
def test_what_is_asked_decides_what_passes(
    sound: Mono, asked: str | Register, verdict: Verdict, passes: bool | None
) -> None:
    found = judged(sound, asked)
    assert (found.verdict, found.passes, found.amber) == (verdict, passes, False)


def test_a_right_whisper_needs_no_words() -> None:
    assert judged(whispered(), "whisper").why == ()


def test_what_fails_says_so_in_an_editors_words() -> None:
    assert judged(voiced(), "whisper").why[0].startswith("spoken with voice, not whispered (v 0.")
    assert judged(whispered(), "loud").why[0].startswith("whispered, where 'loud' has a voice (v 0.")
    assert judged(SILENCE, "soft").why == ("nobody speaks: it is silent: nothing rises above -80 dBFS but clicks",)
    assert judged(voiced(), OWN).why == ("'sing-song' is a register of your own: measured as voiced, not checked",)


def test_a_voiced_word_among_whispered_ones_is_amber_and_named() -> None:
    sound, words = half()
    found = judged(sound, "whisper", *words)
    assert (found.verdict, found.passes, found.amber) == (Verdict.MIXED, True, True)
    assert found.why == ("half-whispered: with voice in 'eyes'",)
    assert [one.verdict for one in found.words] == [Verdict.WHISPER, Verdict.WHISPER, Verdict.VOICED, Verdict.WHISPER]
    strict = judged(sound, "whisper", *words, strict=True)
    assert (strict.verdict, strict.passes, strict.amber) == (Verdict.MIXED, False, True)


def test_one_voiced_word_is_enough_however_whispered_the_rest() -> None:
    sound = np.concatenate([whispered(5.0, level=0.03), voiced(0.4, level=0.05)])
    word_times = (word("hush", 0.0, 5.0), word("now", 5.0, 5.4))
    found, without = judged(sound, "whisper", *word_times), judged(sound, "whisper")
    assert found.v is not None
    assert found.v < THRESHOLDS.second_opinion_above
    assert found.stretches < THRESHOLDS.mixed_above
    assert (found.verdict, without.verdict) == (Verdict.MIXED, Verdict.WHISPER)


def test_without_word_times_voiced_stretches_give_it_away() -> None:
    sound, _ = half()
    found = judged(sound, "whisper")
    assert found.verdict is Verdict.MIXED
    assert THRESHOLDS.mixed_above < found.stretches < 0.4
    assert found.why[0].startswith("half-whispered: ")
    assert found.why[0].endswith("% of it has a voice")


def test_breath_over_a_voice_is_uncertain_until_it_is_one_or_the_other() -> None:
    voice, breath = voiced(3.0, level=0.05), whispered(3.0, level=0.05)
    verdicts = []
    for share in (0.0, 0.3, *np.arange(0.40, 0.56, 0.02), 1.0):
        found = judged(np.asarray((1 - share) * voice + share * breath, np.float32), "whisper")
        verdicts.append(found.verdict)
        if found.verdict is Verdict.UNCERTAIN:
            assert found.amber
            assert found.passes
            assert found.voiced_share is not None
            assert found.why[0].startswith("neither clearly whispered nor clearly voiced (v 0.")
    assert verdicts[0] is Verdict.VOICED
    assert verdicts[-1] is Verdict.WHISPER
    assert {Verdict.UNCERTAIN, Verdict.MIXED} & set(verdicts[1:-1])


def test_a_scream_that_fills_its_clip_is_heard() -> None:
    phase = 2 * np.pi * 500 * np.arange(SAMPLE_RATE) / SAMPLE_RATE
    scream = np.asarray(0.1 * sum(np.sin(k * phase) / k for k in range(1, 8)), np.float32)
    found = judged(scream, "scream")
    assert (found.verdict, found.passes) == (Verdict.VOICED, True)
    assert found.f0_hz == pytest.approx(500, rel=0.02)


def test_only_the_line_is_judged_where_its_words_are_known() -> None:
    sound = np.concatenate([voiced(1.5, level=0.05), noise(0.5, 1e-4), whispered(1.5, level=0.05)])
    assert judged(sound, "whisper", word("now", 2.0, 3.5)).verdict is Verdict.WHISPER
    assert judged(sound, "whisper").verdict is not Verdict.WHISPER


def test_a_word_too_short_to_measure_is_not_judged() -> None:
    found = judged(voiced(2.0), "normal", word("a", 0.50, 0.55), word("long", 0.0, 2.0), word("late", 5.0, 6.0))
    assert [one.v is None for one in found.words] == [True, False, True]
    assert [one.verdict for one in found.words] == [Verdict.UNCERTAIN, Verdict.VOICED, Verdict.UNCERTAIN]


def test_the_nearer_to_a_good_whisper_the_smaller_the_distance() -> None:
    better, worse = judged(whispered(), "whisper").distance, judged(half()[0], "whisper").distance
    assert better is not None
    assert worse is not None
    assert better < worse
    assert judged(voiced(), OWN).distance is None
    assert judged(SILENCE, "whisper").distance is None


def test_effort_is_measured_against_published_voices_until_there_is_a_normal_take() -> None:
    found = judged(voiced(f0_hz=120), "normal")
    assert found.effort is not None
    assert found.effort.reference == PUBLISHED
    assert found.why[-1] == "compared with published voices: this voice has no normal take yet"
    assert found.f0_hz == pytest.approx(120, rel=0.02)
    assert found.alpha_db is not None
    normal = NormalVoice(takes=3, f0_hz=120.0, alpha_db=found.alpha_db, loudness_lufs=None)
    own = judged_register(voiced()[None], None, REGISTERS.get("normal"), BEN, normal, THRESHOLDS)
    assert own.why == ()
    assert own.effort is not None
    assert own.effort.score == pytest.approx(1.0, abs=0.01)
    shout = judged_register(voiced()[None], None, REGISTERS.get("shout"), BEN, normal, THRESHOLDS)
    assert shout.passes, "effort is a score, never a gate"
    assert shout.why[0].startswith("sounds nearer to normal than to shout: less effort than asked for (")


def test_whose_takes_should_have_no_voice() -> None:
    whisper, soft = REGISTERS.get("whisper"), REGISTERS.get("soft")
    hush = replace(whisper, name="hush", manner=Manner(woman="", man="", by_voice=(("Ben", "whispering hoarsely"),)))
    assert [is_whispered(register) for register in (whisper, soft, hush, OWN)] == [True, False, True, False]
    assert [has_rule(register) for register in (whisper, soft, hush, OWN)] == [True, True, True, False]
    muttered = replace(soft, manner=Manner(woman="all but whispering", man=""))
    assert not is_whispered(muttered), "soft is soft by its name"


def test_music_and_two_speakers_get_a_verdict() -> None:
    times = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    beat = np.exp(-4.0 * (times % 0.5))
    chord = np.asarray(beat * sum(np.sin(2 * np.pi * hz * times) for hz in (220, 277.2, 329.6)) * 0.1, np.float32)
    both = voiced(3.0, f0_hz=110) + voiced(3.0, f0_hz=197, seed=2)
    for sound in (chord, both):
        assert judged(sound, "whisper").verdict in (Verdict.VOICED, Verdict.UNCERTAIN, Verdict.MIXED)


@pytest.mark.parametrize("sound", [np.zeros(0, np.float32), np.zeros(480, np.float32), voiced(), half()[0]])
def test_a_finding_is_plain_data(sound: Mono) -> None:
    plain = to_plain(judged(sound, "whisper", word("eyes", 0.0, 0.5)))
    assert plain["asked"] == "whisper"
    assert plain["words"][0]["text"] == "eyes"
