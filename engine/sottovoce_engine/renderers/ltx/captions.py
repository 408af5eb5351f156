"""Captions to what the transformer reads, each distinct one once, kept on disk by content."""

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from sottovoce_engine.errors import SetupError
from sottovoce_engine.media.durable import moved_into_place, staged_path
from sottovoce_engine.renderers.ltx.latents import Text

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextModels:
    """The first stage's models."""

    tokenizer: Any
    encoder: Any
    connectors: Any
    device: torch.device  # where they compute; their weights may come there layer by layer


class CaptionCache:
    """Encoded captions as files: 12.6 MB each in bf16, where the raw embedding would be 385."""

    def __init__(self, folder: Path, *, encoder: str, tokens: int, dtype: str) -> None:
        """Reads nothing yet.

        Args:
            folder: Where the files lie.
            encoder: Fingerprint of text encoder and connectors.
            tokens: Length that captions are padded to.
            dtype: What they are computed in.
        """
        self._folder = folder
        self._made_by = [encoder, tokens, dtype]

    def path(self, caption: str) -> Path:
        text = json.dumps([*self._made_by, caption], ensure_ascii=False)
        return self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:40]}.safetensors"

    def get(self, caption: str) -> Text | None:
        """On the CPU; None where it was not encoded before, or the file is damaged."""
        path = self.path(caption)
        try:
            held = load_file(path)
            return Text(video=held["video"], audio=held["audio"])
        except (OSError, SafetensorError, KeyError) as error:
            if path.exists():
                _LOG.warning("The encoded caption %s is damaged and is encoded again: %s", path, error)
            return None

    def put(self, caption: str, text: Text) -> None:
        """A full or read-only disk costs the cache, not the render."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            staged = staged_path(self._folder, "safetensors")
            try:
                save_file({"video": text.video.cpu(), "audio": text.audio.cpu()}, staged)
                moved_into_place(staged, self.path(caption), "caption")
            finally:
                staged.unlink(missing_ok=True)
        except (OSError, SafetensorError) as error:
            _LOG.warning("An encoded caption cannot be kept in %s: %s", self._folder, error)


@torch.inference_mode()
def encoded(caption: str, models: TextModels, tokens: int) -> Text:
    """One caption after the connectors, `[1, tokens, width]` each.

    Raises:
        SetupError: The connectors leave padding, which those of LTX-2.3 do not.

    Source: LTX2Pipeline of diffusers: Gemma's states of all layers, padded on the left, side by side.
    """
    models.tokenizer.padding_side = "left"
    if models.tokenizer.pad_token is None:
        models.tokenizer.pad_token = models.tokenizer.eos_token
    read = models.tokenizer(
        [caption.strip()], padding="max_length", max_length=tokens, truncation=True, return_tensors="pt"
    ).to(models.device)
    states = models.encoder(
        input_ids=read.input_ids, attention_mask=read.attention_mask, output_hidden_states=True
    ).hidden_states
    layers = torch.stack(states, dim=-1).flatten(2, 3)
    video, audio, mask = models.connectors(layers.to(models.connectors.dtype), read.attention_mask, padding_side="left")
    if not bool(mask.all()):
        raise SetupError(
            "The checkpoint's connectors leave padding in captions, which those of LTX-2.3 do not. Fetch an LTX-2.3 "
            "checkpoint."
        )
    return Text(video=video, audio=audio)
