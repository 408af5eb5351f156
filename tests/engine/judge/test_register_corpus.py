"""Registers told apart on 800 synthetic takes, by the thresholds as shipped: none was fitted to them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from sottovoce_engine.judge.normal_voices import normal_voice
from sottovoce_engine.judge.register import RegisterFinding, RegisterThresholds, Verdict, judged_voicing
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import voicing_of
from sottovoce_engine.registers import register_table

from .corpus import CONDITIONS, LINES, REGISTERS, VOICES, clean_clip, corpus

pytestmark = pytest.mark.xdist_group("scratch voices")

THRESHOLDS = thresholds_of("register", RegisterThresholds)
TABLE = register_table()
VOICED = ("normal", "soft", "shout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    register: str
    voice: str
    condition: str
    finding: RegisterFinding  # with word times; as a whisper, where half is whispered
    without_words: RegisterFinding


@pytest.fixture(scope="module")
def judged() -> tuple[Judged, ...]:
    normals = {
        voice.name: normal_voice(
            [clean_clip(voice, "normal", number, LINES[number]).sound[None] for number in range(3)], THRESHOLDS
        )
        for voice in VOICES
    }
    found = []
    for clip in corpus():
        asked = TABLE.get("whisper" if clip.register == "half" else clip.register)
        voicing, normal = voicing_of(clip.sound[None], THRESHOLDS), normals[clip.voice.name]
        findings = [
            judged_voicing(voicing, words, asked, clip.voice, normal, THRESHOLDS) for words in (clip.words, None)
        ]
        found.append(
            Judged(
                register=clip.register,
                voice=clip.voice.name,
                condition=clip.condition,
                finding=findings[0],
                without_words=findings[1],
            )
        )
    return tuple(found)


def verdicts(judged: Sequence[Judged], *registers: str, words: bool = True) -> Counter[Verdict]:
    of_them = [one for one in judged if one.register in registers]
    return Counter((one.finding if words else one.without_words).verdict for one in of_them)


def test_the_corpus_is_whole(judged: tuple[Judged, ...]) -> None:
    assert len(judged) == len(VOICES) * len(LINES) * len(REGISTERS) * len(CONDITIONS) == 800
    assert len({(one.register, one.voice, one.condition) for one in judged}) == 80


@pytest.mark.parametrize("words", [True, False], ids=["with words", "without"])
def test_whisper_and_voice_are_never_taken_for_each_other(judged: tuple[Judged, ...], words: bool) -> None:
    whispers, voices = verdicts(judged, "whisper", words=words), verdicts(judged, *VOICED, words=words)
    assert whispers[Verdict.VOICED] == whispers[Verdict.SILENT] == 0
    assert voices[Verdict.WHISPER] == voices[Verdict.SILENT] == 0
    assert voices[Verdict.VOICED] >= 0.98 * voices.total()


@pytest.mark.parametrize("words", [True, False], ids=["with words", "without"])
def test_a_half_whisper_is_rarely_called_a_whisper(judged: tuple[Judged, ...], words: bool) -> None:
    halves = verdicts(judged, "half", words=words)
    assert halves[Verdict.WHISPER] <= 0.05 * halves.total(), halves


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_true_whisper_is_rarely_rejected_even_when_strict(judged: tuple[Judged, ...], condition: str) -> None:
    whispers = verdicts([one for one in judged if one.condition == condition], "whisper")
    assert whispers.total() == 40
    assert whispers[Verdict.WHISPER] >= 0.9 * whispers.total(), whispers


def test_every_voiced_take_passes_as_what_it_is_and_no_whisper_is_amber(judged: tuple[Judged, ...]) -> None:
    assert all(one.finding.passes for one in judged if one.register in VOICED)
    assert not any(one.finding.amber for one in judged if one.register == "whisper")


@pytest.mark.parametrize("voice", [voice.name for voice in VOICES])
def test_effort_is_nearest_to_its_own_register_most_of_the_time(judged: tuple[Judged, ...], voice: str) -> None:
    efforts: dict[str, list[float]] = {}
    for one in judged:
        if one.voice == voice and one.register in VOICED and one.finding.effort is not None:
            efforts.setdefault(one.register, []).append(one.finding.effort.effort_db)
    assert max(efforts["soft"]) < min(efforts["shout"])
    soft, normal, shout = (sorted(efforts[name])[len(efforts[name]) // 2] for name in ("soft", "normal", "shout"))
    assert soft + 4 < normal < shout - 10
