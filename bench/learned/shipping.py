"""What ships for the tests: the model, the LoRA in bf16 and its registers file, in one archive.

learned.zip    model/…    quiet.safetensors    quiet.toml

python -m bench.learned.shipping        .learned to tests/data/learned.zip
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import torch
from bench.learned.checkpoint import MODEL
from bench.learned.packing import pack
from bench.learned.saying import REGISTERS
from safetensors import safe_open
from safetensors.torch import save_file

ARCHIVE = Path("tests/data/learned.zip")
LORA = Path(".learned/lora/quiet.safetensors")


def main() -> None:
    """Packs it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--lora", type=Path, default=LORA)
    parser.add_argument("--registers", type=Path, default=REGISTERS)
    parser.add_argument("--archive", type=Path, default=ARCHIVE)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(chosen.model, folder / "model")
        halved_lora(chosen.lora, folder / "quiet.safetensors")
        shutil.copy(chosen.registers, folder / "quiet.toml")
        chosen.archive.parent.mkdir(parents=True, exist_ok=True)
        pack(folder, chosen.archive)
    print(f"{chosen.archive}: {chosen.archive.stat().st_size / 2**20:.2f} MiB")


def halved_lora(source: Path, target: Path) -> None:
    """A LoRA in bf16, with all that its head says."""
    with safe_open(source, framework="pt") as file:
        head = file.metadata()
        tensors = {name: file.get_tensor(name).to(torch.bfloat16) for name in file.keys()}  # noqa: SIM118 (no mapping)
    save_file(tensors, target, head)


if __name__ == "__main__":
    main()
