"""Right lines pass, wrong ones do not, and where nobody can tell nothing passes."""

import json
from functools import cache

import numpy as np
import pytest

from sottovoce_engine.codec import from_plain, to_plain
from sottovoce_engine.judge.alignment import shared_aligner
from sottovoce_engine.judge.line import LineThresholds, is_whispered, judged_line
from sottovoce_engine.judge.line_finding import LineFinding, LineVerdict
from sottovoce_engine.judge.line_words import compared
from sottovoce_engine.judge.recognition import Heard
from sottovoce_engine.registers import register_table

from .spoken_lines import THRESHOLDS, chord, noise, spoken, whisper

pytestmark = pytest.mark.xdist_group("scratch voices")

LINES = (
    "Close your eyes, and listen to the river.",
    "It's the third door on the left, you can't miss it.",
    "Sit down.",
    "I'm gonna wait right here until nine o'clock.",
)
REGISTERS = register_table()
NORMAL = REGISTERS.get("normal")
TAKES = [(line, register) for line in LINES for register in ("normal", "soft", "whisper")]


def voice_of(line: str) -> str:
    return "woman" if LINES.index(line) % 2 else "man"


@cache
def heard(line: str, register: str) -> Heard:
    return whisper().heard(spoken(line, register, voice_of(line)), "en", lambda: None)


def judged(
    sound: np.ndarray, line: str, register: str = "normal", *, by_alignment: bool = False, language: str | None = "en"
) -> LineFinding:
    return judged_line(
        sound,
        line,
        REGISTERS.get(register),
        language=language,
        recogniser=shared_aligner() if by_alignment else whisper(),
        thresholds=THRESHOLDS,
    )


def test_right_lines_are_heard_in_every_register() -> None:
    bounds = {"whisper": THRESHOLDS.cer_whisper}
    accepted = [
        compared(line, heard(line, register), "en").cer <= bounds.get(register, THRESHOLDS.cer_voiced)
        for line, register in TAKES
    ]
    assert np.mean(accepted) >= 0.95


def test_no_wrong_line_is_accepted() -> None:
    rates = {
        (line, other, register): compared(other, heard(line, register), "en").cer
        for line, register in TAKES
        for other in LINES
        if other != line
    }
    nearest = min(rates, key=lambda pair: rates[pair])
    assert rates[nearest] > max(THRESHOLDS.cer_voiced, THRESHOLDS.cer_whisper), nearest


def test_right_lines_are_not_contradicted_by_alignment_and_most_wrong_ones_are() -> None:
    right, wrong = [], []
    for place, (line, register) in enumerate(TAKES):
        sound = spoken(line, register, voice_of(line))
        other = LINES[(LINES.index(line) + 1 + place % 2) % len(LINES)]
        right.append(judged(sound, line, register, by_alignment=True).verdict)
        wrong.append(judged(sound, other, register, by_alignment=True).verdict)
    assert right.count(LineVerdict.NOT_CONTRADICTED) >= 0.95 * len(TAKES)
    assert wrong.count(LineVerdict.CONTRADICTED) >= 0.9 * len(TAKES)


def test_what_is_said_passes_and_says_who_heard_it() -> None:
    finding = judged(spoken(LINES[1]), LINES[1])
    assert (finding.verdict, finding.passes, finding.why) == (LineVerdict.SAID, True, ())
    assert finding.by.startswith("faster-whisper ")
    assert [word.text for word in finding.words] == LINES[1].split()


def test_alignment_never_lets_a_line_pass() -> None:
    finding = judged(spoken(LINES[1]), LINES[1], by_alignment=True)
    assert (finding.verdict, finding.passes, finding.by) == (LineVerdict.NOT_CONTRADICTED, None, "pocketsphinx")
    assert "does not prove" in finding.why[0]


def test_alignment_names_the_words_that_fit_badly() -> None:
    finding = judged(spoken(LINES[1]), LINES[1].replace("the left", "the window"), by_alignment=True)
    assert finding.verdict is LineVerdict.NOT_CONTRADICTED
    assert finding.why[1:] == ("doubtful: window,",)
    assert len(judged(spoken(LINES[1]), LINES[1], by_alignment=True).why) == 1


def test_a_wrong_line_says_what_was_heard_and_which_words_differ() -> None:
    finding = judged(spoken(LINES[0]), "Close your eyes, and never listen to your brother again.")
    assert (finding.verdict, finding.passes) == (LineVerdict.NOT_SAID, False)
    assert "of the letters differ" in finding.why[0]
    assert "river" in finding.why[0]
    assert any(reason.startswith("missing: ") and "never" in reason for reason in finding.why)


def test_a_dropped_word_is_named_on_a_take_that_passes() -> None:
    finding = judged(
        spoken("I did tell somebody about the money in the car."), "I did not tell somebody about the money in the car."
    )
    assert finding.passes is True
    assert "missing: not" in finding.why


def test_a_whisper_has_the_looser_bound() -> None:
    finding = judged(spoken(LINES[0], "whisper"), LINES[0], "whisper")
    assert finding.bound == THRESHOLDS.cer_whisper > THRESHOLDS.cer_voiced
    assert [register.name for register in REGISTERS.registers if is_whispered(register)] == ["whisper"]


def test_a_language_that_nobody_knows_is_not_checked() -> None:
    for by_alignment in (False, True):
        for line, language in (("日本語です。", None), ("Ça va ?", None), (LINES[0], "fr"), ("Привет", "ru")):
            finding = judged(spoken(LINES[0]), line, by_alignment=by_alignment, language=language)
            assert (finding.verdict, finding.passes) == (LineVerdict.NOT_CHECKED, None)
            assert "language" in finding.why[0]


def test_without_a_recogniser_nothing_is_checked() -> None:
    finding = judged_line(spoken(LINES[0]), LINES[0], NORMAL, language=None, recogniser=None, thresholds=THRESHOLDS)
    assert (finding.verdict, finding.passes, finding.language) == (LineVerdict.NOT_CHECKED, None, "en")


@pytest.mark.parametrize("line", ["", "🎉", "…"])
def test_a_line_without_words_is_not_checked(line: str) -> None:
    assert judged(spoken(LINES[0]), line).verdict is LineVerdict.NOT_CHECKED


SOUNDS = {
    "empty": np.zeros((1, 0), np.float32),
    "no channel": np.zeros((0, 48_000), np.float32),
    "10 ms": noise(0.01),
    "silence": np.zeros((2, 96_000), np.float32),
    "not a number": np.full((1, 48_000), np.nan, np.float32),
    "white noise": noise(2.0),
    "music": chord(2.0),
    "5.1 noise": np.repeat(noise(1.0), 6, axis=0),
}


@pytest.mark.parametrize("name", SOUNDS)
@pytest.mark.parametrize("line", ["Thank you.", LINES[0]])
def test_where_nobody_speaks_no_line_is_said(name: str, line: str) -> None:
    by_ear = judged(SOUNDS[name], line)
    assert (by_ear.verdict, by_ear.passes) == (LineVerdict.NOT_SAID, False)
    assert by_ear.why
    assert judged(SOUNDS[name], line, by_alignment=True).passes is not True


def test_two_at_once_do_not_both_pass() -> None:
    first, second = spoken(LINES[0], "normal", "woman"), spoken(LINES[1], "normal", "man")
    length = min(first.shape[1], second.shape[1])
    both = first[:, :length] + second[:, :length]
    findings = [judged(both, line) for line in (LINES[0], LINES[1])]
    assert [finding.passes for finding in findings].count(True) <= 1


def test_a_very_long_line_and_a_very_long_sound_get_a_verdict() -> None:
    assert judged(spoken(LINES[2]), " ".join(LINES) * 100).verdict is LineVerdict.NOT_SAID
    assert judged(spoken(LINES[2]), " ".join(LINES) * 100, by_alignment=True).verdict is LineVerdict.CONTRADICTED
    finding = judged(np.broadcast_to(np.float32(0.1), (1, 48_000 * 601)), LINES[0])
    assert finding.verdict is LineVerdict.NOT_CHECKED
    assert "601 s" in finding.why[0]


def test_the_thresholds_decide() -> None:
    strict = LineThresholds(
        cer_voiced=-1.0, cer_whisper=0.0, sureness=0.0, fit=0.0, word_fit=0.0, longest_seconds=1000.0
    )
    for recogniser, verdict in ((whisper(), LineVerdict.NOT_SAID), (shared_aligner(), LineVerdict.CONTRADICTED)):
        finding = judged_line(
            spoken(LINES[0]), LINES[0], NORMAL, language="en", recogniser=recogniser, thresholds=strict
        )
        assert finding.verdict is verdict


def test_a_finding_travels_as_json() -> None:
    finding = judged(spoken(LINES[0]), LINES[0])
    assert from_plain(json.loads(json.dumps(to_plain(finding))), LineFinding, "a test") == finding
