"""Hearing what is said, with a Whisper model that the person has: a folder, or a name in the hub's cache.

Nothing is ever downloaded. The line is never shown to the model: a model that is told what to hear hears it.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import RenderError, SetupError
from sottovoce_engine.judge.model_sound import for_models
from sottovoce_engine.timing import SAMPLE_RATE, Span

_INSTALL = "pip install 'sottovoce[words]'"
_FILES = ("model.bin", "config.json", "tokenizer.json")  # without the last one faster-whisper would fetch it


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """A word the model heard."""

    text: str  # as the model writes it, without spaces
    span: Span  # samples from the sound's start, 48 kHz
    probability: float  # 0..1


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a model heard in a sound."""

    text: str
    language: str  # as Whisper names it: given, or detected
    words: tuple[HeardWord, ...]


class Recogniser:
    """A Whisper model, loaded once and used for every take. One sound at a time, from any thread.

    Attributes:
        name: What the person named the model.
    """

    def __init__(self, model: str, *, device: str = "cpu", threads: int = 0) -> None:
        """Loads the model.

        Args:
            model: A folder with a CTranslate2 Whisper model, or a name in the hub's cache ("small").
            device: "cpu", or "cuda" where no render needs the memory.
            threads: Of the processor; 0 is the library's choice.

        Raises:
            SetupError: faster-whisper is not installed, or the model is not there or damaged.
        """
        self.name = model
        folder = _folder_of(model)
        try:
            from faster_whisper import WhisperModel

            kind = "int8" if device == "cpu" else "float16"
            self._model: Any = WhisperModel(
                str(folder), device=device, compute_type=kind, cpu_threads=threads, local_files_only=True
            )
        except Exception as error:  # CTranslate2 and tokenizers raise types of their own
            raise SetupError(
                f"The Whisper model '{model}' cannot be loaded on {device}: {error}. Name a folder with a complete "
                "CTranslate2 Whisper model, and a device that this machine has."
            ) from error
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the model's memory back. The recogniser hears nothing afterwards."""
        self._model = None

    def understands(self, language: str | None) -> bool:
        """Whether the model was trained on that language; None, not known, any multilingual model finds out."""
        if not self._open.model.is_multilingual:
            return language == "en"
        return language is None or language in self._open.supported_languages

    def heard(self, sound: NDArray[np.float32], language: str | None, check: Callable[[], None]) -> Heard:
        """What is said in `sound`.

        Args:
            sound: `[channels, samples]`, 48 kHz.
            language: As Whisper names it; None: the one it is found to be.
            check: Called between stretches of half a minute; stops the work by raising.

        Raises:
            RenderError: The model failed on it.
        """
        mono = for_models(sound)
        if mono is None:
            return Heard(text="", language=language or "", words=())
        model, words, texts = self._open, list[HeardWord](), list[str]()
        with self._lock:
            try:
                segments, info = model.transcribe(mono, language=language, **_OPTIONS)
                for segment in segments:
                    check()
                    texts.append(segment.text.strip())
                    words += [_heard_word(word, sound.shape[1]) for word in segment.words or () if word.word.strip()]
            except (RuntimeError, ValueError) as error:
                raise RenderError(f"The Whisper model '{self.name}' failed: {error}. Try another model.") from error
        return Heard(text=" ".join(texts), language=info.language, words=tuple(words))

    @property
    def _open(self) -> Any:
        if self._model is None:
            raise ValueError("the recogniser is closed")
        return self._model


# One try at temperature 0: the same sound is heard the same each time. No filter of voice activity and none of
# "no speech": both take whispers for silence. Nothing carried over from one half minute to the next.
_OPTIONS = {
    "beam_size": 1,
    "temperature": 0.0,
    "condition_on_previous_text": False,
    "vad_filter": False,
    "no_speech_threshold": None,
    "word_timestamps": True,
}


def _folder_of(model: str) -> Path:
    """The folder of the model's files.

    Raises:
        SetupError: There is none with all of them, or faster-whisper is missing.
    """
    try:
        from faster_whisper.utils import download_model
    except ImportError as error:
        raise SetupError(
            f"Hearing words needs faster-whisper, which is not installed. Install it: {_INSTALL}"
        ) from error
    folder = Path(model).expanduser()
    if not folder.is_dir():
        try:
            folder = Path(download_model(model, local_files_only=True))
        except Exception as error:  # the hub raises types of its own
            raise SetupError(
                f"The Whisper model '{model}' is neither a folder nor in the hub's cache. Name a folder with a "
                f"CTranslate2 Whisper model, or fetch it once: hf download Systran/faster-whisper-{model}"
            ) from error
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise SetupError(
            f"The folder '{folder}' holds no Whisper model: {', '.join(missing)} is missing. Name one in the form of "
            "CTranslate2, such as Systran/faster-whisper-small."
        )
    return folder


def _heard_word(word: Any, length: int) -> HeardWord:
    start = min(max(0, round(word.start * SAMPLE_RATE)), length)
    end = min(max(start, round(word.end * SAMPLE_RATE)), length)
    probability = float(word.probability)
    return HeardWord(
        text=word.word.strip(), span=Span(start, end), probability=probability if math.isfinite(probability) else 0.0
    )
