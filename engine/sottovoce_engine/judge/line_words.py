"""A line beside what a recogniser heard: read alike, compared, and put back into the words as they are written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sottovoce_engine.judge.line_finding import WordDiff
from sottovoce_engine.judge.pronouncing import sound_alike
from sottovoce_engine.judge.reading_alike import ReadWord, read_alike
from sottovoce_engine.judge.recognition import Heard, HeardWord
from sottovoce_engine.judge.word_diff import Change, Step, character_error_rate, word_steps
from sottovoce_engine.judge.written_words import ENGLISH, WrittenWord, written_words
from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import Span

_AMOUNT = re.compile(r"[$£€]\d[\d,.]*")
_SCALE = re.compile(r"(hundred|thousand|million|billion|trillion)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How far what was heard is from the line."""

    cer: float
    diff: tuple[WordDiff, ...]
    words: tuple[SpokenWord, ...]  # of the line, as written, where something was heard in their place


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """Both texts in written and in spoken words."""

    line: tuple[WrittenWord, ...]
    line_read: tuple[ReadWord, ...]
    heard_read: tuple[ReadWord, ...]
    heard: tuple[HeardWord, ...]  # for each written word of what was heard


def compared(line: str, heard: Heard, language: str | None) -> Comparison:
    """`line` against `heard`; outside English only the letters count."""
    pairs = _written(heard.words, language)
    meant = written_words(line, language)
    line_read, heard_read = read_alike(meant, [word for word, _ in pairs])
    texts = _Texts(line=meant, line_read=line_read, heard_read=heard_read, heard=tuple(source for _, source in pairs))
    said, got = [word.word for word in line_read], [word.word for word in heard_read]
    steps = word_steps(said, got, sound_alike if language == ENGLISH else _never)
    return Comparison(
        cer=character_error_rate(said, got, steps),
        diff=tuple(_diff(texts, run) for run in _runs(texts, steps)),
        words=_spoken(texts, steps),
    )


def _never(_: Sequence[str], __: Sequence[str]) -> bool:
    return False


def _written(words: Sequence[HeardWord], language: str | None) -> list[tuple[WrittenWord, HeardWord]]:
    """The heard words as written ones, an amount together with its scale ("$5", "million")."""
    joined: list[HeardWord] = []
    for word in words:
        if joined and _AMOUNT.fullmatch(joined[-1].text) and _SCALE.match(word.text):
            last = joined.pop()
            word = HeardWord(
                text=f"{last.text} {word.text}",
                span=Span(last.span.start, max(last.span.end, word.span.end)),
                probability=min(last.probability, word.probability),
            )
        joined.append(word)
    return [(written, word) for word in joined for written in written_words(word.text, language)]


def _runs(texts: _Texts, steps: Sequence[Step]) -> list[Step]:
    """The steps, with those that lead without a change through one written word of the line made one."""
    runs: list[Step] = []
    for step in steps:
        last = runs[-1] if runs else None
        if (
            last is not None
            and last.change is step.change is Change.SAME
            and texts.line_read[last.line_end - 1].written == texts.line_read[step.line_start].written
        ):
            runs[-1] = Step(
                change=Change.SAME,
                line_start=last.line_start,
                line_end=step.line_end,
                heard_start=last.heard_start,
                heard_end=step.heard_end,
            )
        else:
            runs.append(step)
    return runs


def _diff(texts: _Texts, step: Step) -> WordDiff:
    heard = tuple(dict.fromkeys(texts.heard_read[place].written for place in range(step.heard_start, step.heard_end)))
    return WordDiff(
        change=step.change,
        line=_line_text(texts, step),
        heard=" ".join(dict.fromkeys(texts.heard[index].text for index in heard)),
        span=_place(texts, step),
    )


def _line_text(texts: _Texts, step: Step) -> str:
    """The line's words of a step: as written where the step takes all that is spoken of them."""
    taken = texts.line_read[step.line_start : step.line_end]
    written = dict.fromkeys(word.written for word in taken)
    whole = sum(word.written in written for word in texts.line_read)
    if whole == len(taken):
        return " ".join(texts.line[index].text for index in written)
    return " ".join(word.word for word in taken)


def _place(texts: _Texts, step: Step) -> Span:
    """Where the step's words were heard; for missing ones, what lies between their neighbours."""
    heard = [texts.heard[word.written].span for word in texts.heard_read]
    if step.heard_start < step.heard_end:
        return Span(heard[step.heard_start].start, max(span.end for span in heard[step.heard_start : step.heard_end]))
    start = heard[step.heard_start - 1].end if step.heard_start else 0
    end = heard[step.heard_start].start if step.heard_start < len(heard) else start
    return Span(start, max(start, end))


def _spoken(texts: _Texts, steps: Sequence[Step]) -> tuple[SpokenWord, ...]:
    """The line's written words in whose place something was heard, with the time of it."""
    spans: dict[int, Span] = {}
    for step in steps:
        if step.heard_start == step.heard_end:
            continue
        place = _place(texts, step)
        for word in texts.line_read[step.line_start : step.line_end]:
            known = spans.get(word.written, place)
            spans[word.written] = Span(min(known.start, place.start), max(known.end, place.end))
    return tuple(SpokenWord(text=texts.line[index].text, span=span) for index, span in sorted(spans.items()))
