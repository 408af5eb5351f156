"""Forced alignment: where each word of an English line lies, and how well the sound bears it out.

The line is laid over the sound with the acoustic model inside pocketsphinx. Every frame of 10 ms has a
score: how much less likely the line's own sound is there than the likeliest of all sounds. A wrong line
fails to fit or fits badly; a right one fits well, but so does a wrong one now and then: fitting proves
nothing.

    sound      . . . ~~~~~~ ~~~ . ~~~~~~~~~~ . .      silence may lie anywhere between words
    words           |listen|did|  |you | hear|
    score            -2.1   -3.0   -1.8  -9.4         per frame; "hear" is doubtful
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.line_graph import Edge, LineGraph, line_graph, path_through
from sottovoce_engine.judge.model_sound import MODEL_RATE, for_models
from sottovoce_engine.judge.word_edges import mended_edges
from sottovoce_engine.judge.written_words import ENGLISH, WrittenWord, written_words
from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import SAMPLE_RATE, Span

_FRAME = SAMPLE_RATE // 100
_LEAST = 5e-324  # pocketsphinx hands out probabilities, and those of long words round to 0
_LONGEST_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedWord:
    """A word as written, where it lies, and how well it fits."""

    word: SpokenWord
    score: float | None  # per frame, natural log, 0 at best; None: laid between its neighbours, not looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """A whole line laid over a sound."""

    words: tuple[AlignedWord, ...]
    score: float  # per frame of speech, natural log, 0 at best


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A run of frames in which one edge of the line's graph was found."""

    name: str
    frames: Span
    score: float  # summed


class Aligner:
    """The acoustic model, loaded once (0.2 s). One alignment at a time, from any thread."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        # All sounds are scored, not only those the line may hold, so that a frame's best is the same for every line.
        self._decoder = Decoder(lm=None, loglevel="FATAL", cmn="batch", compallsen=True)
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def aligned(self, sound: NDArray[np.float32], line: str) -> Alignment | None:
        """`line` (English) laid over `sound` (`[channels, samples]`, 48 kHz); None where it does not fit at all.

        A word without a pronunciation (of another script) is laid between its neighbours.
        """
        words = written_words(line, ENGLISH)
        graph, pcm = line_graph(words), _pcm(sound)
        if graph is None or pcm is None:
            return None
        with self._lock:
            parts = self._searched(graph, pcm)
        path = path_through(graph, [tuple(part.name.split("_")) for part in parts])
        if path is None:
            return None
        frames = sum(part.frames.length for part in parts)
        placed = _placed(words, path, parts, sound.shape[1])
        spans = mended_edges([aligned.word.span for aligned in placed], sound)
        return Alignment(
            words=tuple(
                replace(aligned, word=replace(aligned.word, span=span))
                for aligned, span in zip(placed, spans, strict=True)
            ),
            score=sum(part.score for part in parts) / frames,
        )

    def _searched(self, graph: LineGraph, pcm: bytes) -> list[_Part]:
        """What was found of the graph, in order; nothing where no way through it fits."""
        names = ["_".join(edge.phones) for edge in graph.edges]
        for name, edge in zip(names, graph.edges, strict=True):
            if name not in self._told:
                self._decoder.add_word(name, " ".join(edge.phones), update=False)
                self._told.add(name)
        edges = [(edge.start, edge.end, 1.0, name) for name, edge in zip(names, graph.edges, strict=True)]
        self._decoder.add_fsg("line", self._decoder.create_fsg("line", 0, graph.final, edges))
        self._decoder.activate_search("line")
        self._decoder.reinit_feat()  # else what was heard before changes the scores a little
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        return [
            _Part(
                name=segment.word,
                frames=Span(segment.start_frame, segment.end_frame + 1),
                score=math.log(max(segment.ascore, _LEAST)),
            )
            for segment in self._decoder.seg() or ()
            if segment.word in self._told
        ]


@cache
def shared_aligner() -> Aligner:
    """The aligner of this process, loaded when first asked for."""
    return Aligner()


def aligned_words(sound: NDArray[np.float32], line: str) -> tuple[SpokenWord, ...] | None:
    """Where each word of the English `line` lies in `sound` (`[channels, samples]`, 48 kHz), as written.

    None where the line does not fit. A word of another script is laid between its neighbours.
    """
    alignment = shared_aligner().aligned(sound, line)
    return None if alignment is None else tuple(aligned.word for aligned in alignment.words)


def _placed(
    words: Sequence[WrittenWord], path: Sequence[Edge], parts: Sequence[_Part], length: int
) -> tuple[AlignedWord, ...]:
    """Every written word with its place: that of its parts, else what lies free between its neighbours."""
    found: dict[int, list[_Part]] = {}
    for edge, part in zip(path, parts, strict=True):
        found.setdefault(edge.word, []).append(part)
    placed = []
    for index, word in enumerate(words):
        mine = found.get(index)
        if mine:
            span = Span(min(mine[0].frames.start * _FRAME, length), min(mine[-1].frames.end * _FRAME, length))
            score = sum(part.score for part in mine) / sum(part.frames.length for part in mine)
        else:
            span, score = _between(index, found, length), None
        placed.append(AlignedWord(word=SpokenWord(text=word.text, span=span), score=score))
    return tuple(placed)


def _between(index: int, found: dict[int, list[_Part]], length: int) -> Span:
    """The share of a word that was not looked for in what lies between the words that were found."""
    before = max((place for place in found if place < index), default=-1)
    after = min((place for place in found if place > index), default=None)
    start = min(found[before][-1].frames.end * _FRAME if before in found else 0, length)
    if after is None:
        return Span(start, start)
    end = max(start, min(found[after][0].frames.start * _FRAME, length))
    step = (end - start) / (after - before - 1)
    return Span(start + round((index - before - 1) * step), start + round((index - before) * step))


def _pcm(sound: NDArray[np.float32]) -> bytes | None:
    """The sound as 16-bit samples; None where no word can be in it, or it is too long to be searched."""
    mono = for_models(sound)
    if mono is None or len(mono) > _LONGEST_SECONDS * MODEL_RATE:
        return None
    return (np.clip(mono, -1.0, 1.0) * 32_767).astype(np.int16).tobytes()
