"""The embedded English voice: hibari's network, asked for its phoneme durations as well.

The exported graph keeps the durations to itself, though they say exactly where each word lies:

    ids -> text encoder -> durations -> one column per 12.5 ms -> spectra, f0 -> sound
                              |
                              +-- declared as further outputs here
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any

import numpy as np

from sottovoce_engine.errors import RenderError, SetupError
from sottovoce_engine.renderers.scratch.utterance import Array, Check, SaidWord, Utterance, settled
from sottovoce_engine.timing import Span

_GIVEN = "/Cast_32_output_0"  # units each phoneme is given
_UNIT_SAMPLES = 600  # 25 ms
_LEAD_SAMPLES = 960  # sound comes 40 ms before the phoneme's own units (measured at the onset of 54 s-sounds)
_LEAST_SECONDS = 0.035  # a phoneme: ordinary lines take 0.05 to 0.08
_F0_HOP = 300
_LOWEST_F0 = 71.0
_USUAL_F0 = 205.0
_MAX_PHONEMES = 250  # about 20 s: above, the network's attention grows slow
_LONGEST_WORD = 40  # characters: the dictionary's time grows with the cube of them
_PIECE = re.compile(r"[^-_/.]{1,30}[-_/.]{0,2}|[-_/.]{1,30}")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)  # Nooooo
_REPEATED = re.compile(r"([^\w\s])\1{3,}")  # !!!!!!
_SOUNDS = {"sh": "ʃʃʃ", "shh": "ʃʃʃ", "ssh": "ʃʃʃ", "gr": "ɡɹɹ", "grr": "ɡɹɹ", "br": "bɹɹ", "brr": "bɹɹ", "tsk": "tsk"}
_SOUND = re.compile(rf"^(\W*)({'|'.join(_SOUNDS)})(\W*)$", re.IGNORECASE)
_JOINT = re.compile(r"\]\(")  # hibari's own mark-up for phonemes; in a line it is punctuation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrase:
    """A sentence, or a part of one: what the network says at once."""

    ids: tuple[int, ...]  # phonemes, with a silence at both ends
    words: tuple[tuple[int, Span], ...]  # (number of the word in the line, positions in `ids`)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spelt:
    """A word as the network's dictionary spells it."""

    text: str
    phonemes: str  # with the pause after it: punctuation and a space


class HibariLine:
    """A line in phonemes."""

    def __init__(self, words: tuple[str, ...], phrases: tuple[_Phrase, ...], seed: int) -> None:
        self._words, self._phrases, self._seed = words, phrases, seed

    @property
    def least_seconds(self) -> float:
        return _LEAST_SECONDS * sum(len(phrase.ids) for phrase in self._phrases)

    def said(self, pace: float, check: Check) -> Utterance:
        """The line said at `pace`; the network itself shortens no phoneme under 25 ms."""
        rng = np.random.default_rng(self._seed)
        sounds, pitches, spans = [], [], dict[int, Span]()
        start = 0
        for phrase in self._phrases:
            check()
            sound, f0, given = _said(phrase.ids, pace, rng)
            edges = start - _LEAD_SAMPLES + np.concatenate(([0], np.cumsum(given))) * _UNIT_SAMPLES
            for number, place in phrase.words:
                here = Span(max(0, int(edges[place.start])), max(0, int(edges[place.end])))
                before = spans.get(number, here)
                spans[number] = Span(min(before.start, here.start), max(before.end, here.end))
            sounds.append(sound)
            pitches.append(f0)
            start += len(sound)
        whole = np.concatenate(sounds).astype(np.float64)
        words = tuple(SaidWord(text=self._words[number], span=spans[number]) for number in sorted(spans))
        return Utterance(
            sound=whole,
            f0=_each_5_ms(np.concatenate(pitches)),
            words=settled(words, whole),
            estimated=False,
            usual_f0=_USUAL_F0,
            tract=1.0,
        )


def read_line(text: str, seed: int) -> HibariLine | None:
    """`text` in phonemes, or None where it holds nothing this voice can say.

    Raises:
        RenderError: The dictionary gave up on the text.
    """
    words = tuple(_JOINT.sub("] (", text).split())
    pieces = tuple((piece, number) for number, word in enumerate(words) for piece in _pieces(word))
    with _reading:  # the dictionary fills its caches as it goes
        try:
            spelt = _spelt(" ".join(_with_sounds(piece) for piece, _ in pieces))
        except (IndexError, KeyError, ValueError, AttributeError) as error:
            raise RenderError(f"The English voice cannot read '{text[:60]}': {error}. Write it another way.") from error
    phrases = tuple(_phrases(spelt, _numbers(pieces, tuple(word.text for group in spelt for word in group))))
    return HibariLine(words, phrases, seed) if phrases else None


def load() -> None:
    """Loads network and dictionary now, rather than with the first line."""
    _network()
    _dictionary()


_reading = threading.Lock()


def _said(ids: tuple[int, ...], pace: float, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Sound [samples], f0 [columns of 12.5 ms] and units per phoneme."""
    from hibari import dsp

    session, _ = _network()
    names = ["lh", "theta", "ln", "lr", "phi", "f0"]
    fed = {"ids": np.array([ids], np.int64), "speed": np.array([pace], np.float32)}
    *spectra, given = session.run([*names, _GIVEN], fed)
    columns = [spectrum[0] for spectrum in spectra]
    return dsp.synth(*columns, rng), columns[-1], given


def _each_5_ms(columns: Array) -> Array:
    """f0 given at the middle of each 12.5 ms, as f0 each 5 ms from 0; what glides to silence is unvoiced."""
    places = (np.arange(len(columns)) + 0.5) * _F0_HOP
    frames = np.arange(len(columns) * _F0_HOP // 120 + 1) * 120
    f0 = np.interp(frames, places, columns)
    return np.where(f0 < _LOWEST_F0, 0.0, f0)


def _spelt(text: str) -> list[list[_Spelt]]:
    """The words of each sentence."""
    from hibari import Hibari
    from hibari.g2p.normalize import normalize

    dictionary, sentences = _dictionary(), []
    for sentence in Hibari.split_sentences(text):
        words, written, phonemes = [], "", ""
        for token in dictionary.phonemize_tokens(dictionary.tokenize(normalize(sentence))):
            written, phonemes = written + token.text, phonemes + (token.phonemes or "")
            if token.whitespace:
                words.append(_Spelt(text=written, phonemes=phonemes + " "))
                written = phonemes = ""
        words.append(_Spelt(text=written, phonemes=phonemes))
        sentences.append(words)
    return sentences


def _pieces(word: str) -> tuple[str, ...]:
    """The word as the dictionary knows it; one that no person would write in parts that can be read."""
    plain = _REPEATED.sub(r"\1\1\1", _DRAWN_OUT.sub(r"\1", word))
    return (plain,) if len(plain) <= _LONGEST_WORD else tuple(_PIECE.findall(plain))


def _with_sounds(piece: str) -> str:
    """`piece`, or its phonemes where it is a sound that the dictionary would spell letter by letter."""
    match = _SOUND.match(piece)
    return f"{match[1]}[{match[2]}](/{_SOUNDS[match[2].lower()]}/){match[3]}" if match else piece


def _numbers(written: tuple[tuple[str, int], ...], spelt: tuple[str, ...]) -> list[int]:
    """For each spelt word, the number of the written one it belongs to.

    written    Dr.     Lee    paid   $9     at   3:45
    spelt      Doctor  Lee    paid   $9     at   three  forty-five

    Args:
        written: Words as written, or parts of them, each with the word's number.
        spelt: Words as the dictionary has rewritten them.
    """
    numbers = [0] * len(spelt)
    matcher = SequenceMatcher(a=[word.lower() for word, _ in written], b=[w.lower() for w in spelt], autojunk=False)
    for _, from_written, to_written, from_spelt, to_spelt in matcher.get_opcodes():
        share = (to_written - from_written) / max(1, to_spelt - from_spelt)
        for place in range(from_spelt, to_spelt):
            nearest = from_written + int((place - from_spelt) * share)
            numbers[place] = written[min(nearest, len(written) - 1)][1]
    return numbers


def _phrases(sentences: list[list[_Spelt]], numbers: list[int]) -> Iterator[_Phrase]:
    """The sentences in the network's ids; long ones in parts, cut between words."""
    _, vocabulary = _network()
    place = iter(numbers)
    for sentence in sentences:
        ids, words = [0], list[tuple[int, Span]]()
        for word in sentence:
            number = next(place)
            spoken = [vocabulary[c] for c in word.phonemes if c in vocabulary]
            if words and len(ids) + len(spoken) > _MAX_PHONEMES:
                yield _Phrase(ids=(*ids, 0), words=tuple(words))
                ids, words = [0], []
            sounding = [i for i, c in enumerate(c for c in word.phonemes if c in vocabulary) if _sounds(c)]
            if sounding:
                start = words[-1][1].end if words else len(ids) + sounding[0]
                words.append((number, Span(start, len(ids) + sounding[-1] + 1)))
            ids += spoken
        if words:
            yield _Phrase(ids=(*ids, 0), words=tuple(words))


def _sounds(phoneme: str) -> bool:
    """Whether the phoneme is a speech sound rather than a pause."""
    return phoneme not in ' ;:,.!?—…"“”()'


@cache
def _network() -> tuple[Any, dict[str, int]]:
    """The network's session, with the durations among its outputs, and its phoneme numbers."""
    from pathlib import Path

    from hibari import Hibari
    from hibari.voices import voice_path

    try:
        # Repeated fields of serialised protobuf messages add up when the messages are joined, so that
        # a tail that holds a graph of one output declares it without a parser.
        model = Path(voice_path("heart", download_missing=False)).read_bytes() + _output(_GIVEN)
        voice = Hibari(model=model)
    except Exception as error:  # onnxruntime raises types of its own for a damaged or changed file
        raise SetupError(
            f"The embedded voice cannot be loaded: {error}. Reinstall it: pip install --force-reinstall hibari-tts==0.2.1"
        ) from error
    return voice.sess, voice.vocab


@cache
def _dictionary() -> Any:
    from hibari.g2p import G2P

    return G2P()


def _output(name: str) -> bytes:
    """A serialised ONNX model that holds nothing but one more output of its graph.

    Source: onnx.proto: ModelProto.graph = 7, GraphProto.output = 12, ValueInfoProto.name = 1.
    """
    message = name.encode()
    for field in (1, 12, 7):
        message = bytes([field << 3 | 2, len(message)]) + message  # length-delimited, under 128 bytes
    return message
