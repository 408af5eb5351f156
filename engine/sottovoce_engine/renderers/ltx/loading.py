"""A checkpoint's models from disk, stage by stage. safetensors only: a pickle is never opened."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers.pipelines import ltx2
from diffusers.pipelines.ltx2 import vocoder as vocoders
from safetensors import SafetensorError

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.ltx.captions import TextModels
from sottovoce_engine.renderers.ltx.decoding import DecodingModels
from sottovoce_engine.renderers.ltx.settings import LtxSettings

_VOCODERS = ("LTX2VocoderWithBWE", "LTX2Vocoder")


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


def load_text_models(folder: Path, settings: LtxSettings, device: torch.device) -> TextModels:
    """Tokenizer, text encoder and connectors.

    Raises:
        SetupError: They cannot be loaded, or do not fit into memory.
    """
    with _told_in_words(folder):
        return TextModels(
            tokenizer=transformers.AutoTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True),
            encoder=transformers.Gemma3ForConditionalGeneration.from_pretrained(
                folder / "text_encoder", dtype=_dtype(settings), use_safetensors=True, local_files_only=True
            ).to(device),
            connectors=_part(ltx2.LTX2TextConnectors, folder / "connectors", _dtype(settings), device),
        )


def load_transformer(folder: Path, settings: LtxSettings, device: torch.device) -> Any:
    """The transformer.

    Raises:
        SetupError: It cannot be loaded, or does not fit into memory.
    """
    with _told_in_words(folder):
        return _part(diffusers.LTX2VideoTransformer3DModel, folder / "transformer", _dtype(settings), device)


def load_decoding_models(folder: Path, settings: LtxSettings, device: torch.device) -> DecodingModels:
    """Both decoders, and the vocoder in float32.

    Raises:
        SetupError: They cannot be loaded, or do not fit into memory.
    """
    with _told_in_words(folder):
        return DecodingModels(
            vae=_part(diffusers.AutoencoderKLLTX2Video, folder / "vae", _dtype(settings), device),
            audio_vae=_part(diffusers.AutoencoderKLLTX2Audio, folder / "audio_vae", _dtype(settings), device),
            vocoder=_part(_vocoder_class(folder / "vocoder"), folder / "vocoder", torch.float32, device),
        )


def free_memory() -> None:
    """Gives back what models that are no longer held took on the GPU, so that the next stage finds room."""
    if torch.cuda.is_available():
        gc.collect()  # hooks tie models into cycles
        torch.cuda.empty_cache()


def _part(kind: Any, folder: Path, dtype: torch.dtype, device: torch.device) -> Any:
    loaded = kind.from_pretrained(folder, torch_dtype=dtype, use_safetensors=True, local_files_only=True)
    return loaded.to(device).eval()


def _dtype(settings: LtxSettings) -> torch.dtype:
    return {"bfloat16": torch.bfloat16, "float32": torch.float32}[settings.dtype]


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
    except torch.OutOfMemoryError as error:
        raise SetupError(
            f"The checkpoint '{folder}' does not fit into the GPU's memory ({error}). End what else uses the GPU, or "
            "render with --renderer scratch."
        ) from error
    except (OSError, ValueError, SafetensorError) as error:
        raise SetupError(
            f"The checkpoint '{folder}' cannot be loaded: {_first_line(error)}. Fetch it again, as safetensors."
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
