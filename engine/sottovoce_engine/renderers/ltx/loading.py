"""A checkpoint's parts from disk, one at a time. safetensors only: a pickle is never opened."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import diffusers
import torch
import transformers
from diffusers.pipelines import ltx2
from diffusers.pipelines.ltx2 import vocoder as vocoders
from safetensors import SafetensorError

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.ltx.checkpoint import Checkpoint
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.single_file import part_from
from sottovoce_engine.renderers.ltx.single_file_keys import FILE_PARTS

_VOCODERS = ("LTX2VocoderWithBWE", "LTX2Vocoder")


class Part(StrEnum):
    """What a checkpoint consists of, by the names of its folders."""

    TOKENIZER = "tokenizer"
    TEXT_ENCODER = "text_encoder"
    CONNECTORS = "connectors"
    TRANSFORMER = "transformer"
    VAE = "vae"
    AUDIO_VAE = "audio_vae"
    VOCODER = "vocoder"


class ModelSource(Protocol):
    """Where models come from: a checkpoint, or nowhere at all (`random_weights.py`)."""

    def loaded(self, part: Part, device: torch.device) -> Any:
        """One part, ready to use on that device. The tokenizer has no device.

        Raises:
            SetupError: It cannot be loaded.
            torch.OutOfMemoryError: It does not fit onto the device.
        """
        ...


def device_for(settings: LtxSettings) -> torch.device:
    """The device that everything runs on.

    Raises:
        SetupError: There is no GPU that torch can use, and the settings do not ask for the CPU.
    """
    if settings.device == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        built = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
        raise SetupError(
            f"torch {torch.__version__} (built with {built}) finds no GPU it can use. Check the driver with nvidia-smi "
            "and install a torch build for its CUDA version. Or render with --renderer scratch, which needs no GPU."
        )
    return torch.device("cuda")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSource:
    """A checkpoint in diffusers' layout, or a single file with such a folder beside it."""

    checkpoint: Checkpoint
    settings: LtxSettings

    def loaded(self, part: Part, device: torch.device) -> Any:
        file, folder = self.checkpoint.file, self.checkpoint.folder / part
        with _told_in_words(file or self.checkpoint.folder):
            if part is Part.TOKENIZER:
                return transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            kind, dtype = class_of(part, folder), dtype_for(part, self.settings)
            if file is not None and part in FILE_PARTS:
                return part_from(file, kind, folder, dtype).to(device)
            named = "dtype" if part is Part.TEXT_ENCODER else "torch_dtype"
            model = kind.from_pretrained(folder, use_safetensors=True, local_files_only=True, **{named: dtype})
            return model.to(device).eval()


def dtype_for(part: Part, settings: LtxSettings) -> torch.dtype:
    """What a part is held in. The vocoder is in float32 always: in bf16 its error nearly doubles."""
    if part is Part.VOCODER:
        return torch.float32
    return {"bfloat16": torch.bfloat16, "float32": torch.float32}[settings.dtype]


def class_of(part: Part, folder: Path | None = None) -> Any:
    """The class of a part with weights.

    Args:
        part: Any but the tokenizer.
        folder: Where its config lies, which says what kind of vocoder it is; None: LTX-2.3's.
    """
    match part:
        case Part.TEXT_ENCODER:
            return transformers.Gemma3ForConditionalGeneration
        case Part.CONNECTORS:
            return ltx2.LTX2TextConnectors
        case Part.TRANSFORMER:
            return diffusers.LTX2VideoTransformer3DModel
        case Part.VAE:
            return diffusers.AutoencoderKLLTX2Video
        case Part.AUDIO_VAE:
            return diffusers.AutoencoderKLLTX2Audio
        case _:
            return vocoders.LTX2VocoderWithBWE if folder is None else _vocoder_class(folder)


def _vocoder_class(folder: Path) -> Any:
    name = json.loads((folder / "config.json").read_bytes()).get("_class_name")
    if name not in _VOCODERS:
        raise OSError(f"its vocoder is a '{name}', which is not known")
    return getattr(vocoders, name)


@contextmanager
def _told_in_words(folder: Path) -> Iterator[None]:
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    try:
        yield
    except (OSError, ValueError, SafetensorError) as error:
        raise SetupError(
            f"The checkpoint '{folder}' cannot be loaded: {_first_line(error)}. Fetch it again, as safetensors."
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
