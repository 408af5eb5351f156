"""The small model as a checkpoint in diffusers' layout, which `sottovoce` reads like that of the large one.

python -m bench.learned.checkpoint        from .learned/weights to .learned/model
"""

import argparse
import shutil
from pathlib import Path

import torch
from bench.learned.base import reader
from bench.learned.corpus import FOLDER as CORPUS
from bench.learned.weights import FOLDER as WEIGHTS
from bench.learned.weights import begun, go_on_from
from diffusers import FlowMatchEulerDiscreteScheduler, LTX2Pipeline

from sottovoce_engine.renderers.ltx.loading import Part
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings

MODEL = Path(".learned/model")

_TRAINED = {
    Part.TRANSFORMER: "transformer",
    Part.CONNECTORS: "connectors",
    Part.VAE: "vae",
    Part.AUDIO_VAE: "audio_vae",
    Part.VOCODER: "vocoder",
}


def main() -> None:
    """Writes it, in bf16."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--model", type=Path, default=MODEL)
    chosen = parser.parse_args()
    write_checkpoint(chosen.weights, chosen.corpus, chosen.model)
    files = sorted(path for path in chosen.model.rglob("*") if path.is_file())
    for path in files:
        print(f"{path.stat().st_size / 2**20:7.2f} MiB  {path}")
    print(f"{sum(path.stat().st_size for path in files) / 2**20:7.2f} MiB in all")


def write_checkpoint(weights: Path, corpus: Path, model: Path, dtype: torch.dtype = torch.bfloat16) -> None:
    """Every part with the weights that there are; those that were not trained yet are named, and random."""
    parts = {}
    for part, name in _TRAINED.items():
        parts[part] = begun(part).eval()
        if not go_on_from(parts[part], name, weights):
            print(f"the {name} was not trained", flush=True)
        parts[part].to(dtype)
    shift = ShiftSettings()
    tokenizer, encoder = reader(corpus)
    pipeline = LTX2Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(
            use_dynamic_shifting=True,
            base_shift=shift.base_shift,
            max_shift=shift.max_shift,
            base_image_seq_len=shift.base_tokens,
            max_image_seq_len=shift.max_tokens,
            shift_terminal=shift.terminal,
        ),
        vae=parts[Part.VAE],
        audio_vae=parts[Part.AUDIO_VAE],
        text_encoder=encoder.to(dtype),
        tokenizer=tokenizer,
        connectors=parts[Part.CONNECTORS],
        transformer=parts[Part.TRANSFORMER],
        vocoder=parts[Part.VOCODER],
    )
    shutil.rmtree(model, ignore_errors=True)
    pipeline.save_pretrained(model)


if __name__ == "__main__":
    main()
