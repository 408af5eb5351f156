"""Whether a take says its line.

A recogniser may say so; laying the line over the sound may only fail to contradict it; where neither
knows the language, nothing is said.

    recogniser     letters that differ   |..... said .....|......... not said ........
                                         0              bound                        1
    alignment      fit per frame         |... contradicted ...|.. not contradicted ..|
                                        does not fit        bound                    0
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.alignment import Aligner, Alignment
from sottovoce_engine.judge.line_finding import LineFinding, LineVerdict, WordDiff
from sottovoce_engine.judge.line_language import language_of
from sottovoce_engine.judge.line_words import compared
from sottovoce_engine.judge.model_sound import for_models
from sottovoce_engine.judge.recognition import Heard, Recogniser
from sottovoce_engine.judge.word_diff import Change
from sottovoce_engine.judge.written_words import ENGLISH, written_words
from sottovoce_engine.registers import Register
from sottovoce_engine.timing import SAMPLE_RATE

_ALIGNMENT = "pocketsphinx"
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class LineThresholds:
    """The table [line] of thresholds.toml."""

    cer_voiced: float
    cer_whisper: float
    sureness: float
    fit: float
    word_fit: float
    longest_seconds: float


def judged_line(
    sound: NDArray[np.float32],
    line: str,
    register: Register,
    *,
    language: str | None,
    recogniser: Recogniser | Aligner | None,
    thresholds: LineThresholds,
    check: Callable[[], None] = lambda: None,
) -> LineFinding:
    """Whether `sound` says `line`.

    Args:
        sound: `[channels, samples]`, 48 kHz.
        line: As it stands in the region.
        register: A whispered line is heard less well; its bound is looser.
        language: Of the line, as Whisper names it ("en"); None: as its letters and words say.
        recogniser: What listens; None: nobody does.
        thresholds: The bounds.
        check: Stops the work by raising.

    Raises:
        RenderError: The recogniser failed.
    """
    language = language or language_of(line)
    if recogniser is None:
        return _unchecked("Nobody listened: no recogniser was given.", language)
    reason = _reason_not_to_listen(sound, line, language, recogniser, thresholds)
    if reason:
        return _unchecked(reason, language)
    if for_models(sound) is None:
        why = "Nothing is said: the take is silent or shorter than a word."
        return LineFinding(verdict=LineVerdict.NOT_SAID, passes=False, why=(why,), by="", language=language, cer=1.0)
    if isinstance(recogniser, Aligner):
        return _by_alignment(sound, line, recogniser, thresholds)
    bound = thresholds.cer_whisper if is_whispered(register) else thresholds.cer_voiced
    return _by_recognition(recogniser.heard(sound, language, check), line, language, recogniser, bound, thresholds)


def _unchecked(why: str, language: str | None) -> LineFinding:
    return LineFinding(verdict=LineVerdict.NOT_CHECKED, passes=None, why=(why,), by="", language=language)


def _reason_not_to_listen(
    sound: NDArray[np.float32],
    line: str,
    language: str | None,
    recogniser: Recogniser | Aligner,
    thresholds: LineThresholds,
) -> str:
    """Why the line cannot be checked; "" where it can."""
    if not written_words(line, language):
        return "The line holds no words."
    seconds = sound.shape[1] / SAMPLE_RATE
    if seconds > thresholds.longest_seconds:
        return f"The sound is {seconds:.0f} s long; lines are checked in up to {thresholds.longest_seconds:.0f} s."
    if isinstance(recogniser, Aligner):
        known = language == ENGLISH
        return "" if known else f"Without a Whisper model only English is checked; {_spelt(language)}"
    if not recogniser.understands(language):
        return f"The Whisper model '{recogniser.name}' does not know this language; {_spelt(language)}"
    return ""


def _spelt(language: str | None) -> str:
    return f"the line's language is '{language}'." if language else "the line's language is not known. Name it."


def _by_recognition(
    heard: Heard, line: str, language: str | None, recogniser: Recogniser, bound: float, thresholds: LineThresholds
) -> LineFinding:
    language = language or heard.language
    comparison = compared(line, heard, language)
    probabilities = [word.probability for word in heard.words]
    sure = bool(probabilities) and sum(probabilities) / len(probabilities) >= thresholds.sureness
    said = comparison.cer <= bound and sure
    return LineFinding(
        verdict=LineVerdict.SAID if said else LineVerdict.NOT_SAID,
        passes=said,
        why=_why(comparison.diff, comparison.cer, bound, heard.text, sure),
        by=f"faster-whisper {recogniser.name}",
        language=language,
        cer=comparison.cer,
        bound=bound,
        heard=heard.text,
        diff=comparison.diff,
        words=comparison.words,
    )


def _by_alignment(sound: NDArray[np.float32], line: str, aligner: Aligner, thresholds: LineThresholds) -> LineFinding:
    alignment = aligner.aligned(sound, line)
    fits = alignment is not None and alignment.score >= thresholds.fit
    if alignment is None:
        why = "The line does not fit the sound: no way to lay its words over it was found."
    elif fits:
        why = "The line fits the sound, which does not prove that it is said. A Whisper model can tell."
    else:
        why = f"The line fits the sound badly: {alignment.score:.1f} per frame, below {thresholds.fit:.1f}."
    return LineFinding(
        verdict=LineVerdict.NOT_CONTRADICTED if fits else LineVerdict.CONTRADICTED,
        passes=None if fits else False,
        why=(why, *_doubts(alignment, thresholds.word_fit)) if fits else (why,),
        by=_ALIGNMENT,
        language=ENGLISH,
        bound=thresholds.fit,
        fit=None if alignment is None else alignment.score,
        words=() if alignment is None or not fits else tuple(aligned.word for aligned in alignment.words),
    )


def _doubts(alignment: Alignment | None, bound: float) -> tuple[str, ...]:
    """The words of a line that fits as a whole, that fit badly themselves."""
    words = alignment.words if alignment else ()
    doubtful = [aligned.word.text for aligned in words if aligned.score is not None and aligned.score < bound]
    return (f"doubtful: {_listed(doubtful)}",) if doubtful else ()


def is_whispered(register: Register) -> bool:
    """Whether lines in `register` have no voice, by its name or its manner words."""
    return "whisper" in f"{register.name} {register.manner.woman} {register.manner.man}".lower()


def _why(diff: tuple[WordDiff, ...], cer: float, bound: float, heard: str, sure: bool) -> tuple[str, ...]:
    """The reasons in words: how much differs, then which words."""
    if not heard:
        return ("No words were heard.",)
    reasons = []
    if cer > bound:
        reasons.append(f"{cer:.0%} of the letters differ; up to {bound:.0%} would pass. Heard: “{heard}”")
    elif not sure:
        reasons.append(f"The recogniser is not sure of any word; it may have heard speech in noise. Heard: “{heard}”")
    for change, words in (
        (Change.MISSING, [step.line for step in diff if step.change is Change.MISSING]),
        (Change.WRONG, [f"{step.heard} for {step.line}" for step in diff if step.change is Change.WRONG]),
        (Change.ADDED, [step.heard for step in diff if step.change is Change.ADDED]),
    ):
        if words:
            reasons.append(f"{change.value}: {_listed(words)}")
    return tuple(reasons)


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - _MOST_NAMED} more" if len(words) > _MOST_NAMED else ""
    return ", ".join(words[:_MOST_NAMED]) + more
