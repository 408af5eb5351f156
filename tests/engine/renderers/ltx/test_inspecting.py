import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.ltx.inspecting import CheckpointReport, Fitness, inspected
from sottovoce_engine.renderers.ltx.lora_file import LoraReport
from sottovoce_engine.renderers.ltx.settings import LtxSettings

from .single_file_making import save_single_file
from .tiny_model import BLOCKS, RANK

FILE_PARTS = ["transformer", "connectors", "vae", "audio_vae", "vocoder"]


@pytest.fixture
def settings(tiny_model: Path) -> LtxSettings:
    return LtxSettings(model=str(tiny_model), text_model=str(tiny_model))


@pytest.fixture
def own_model(tiny_model: Path, tmp_path: Path) -> Path:
    shutil.copytree(tiny_model, folder := tmp_path / "own")
    return folder


def checkpoint_of(path: Path, settings: LtxSettings) -> CheckpointReport:
    found = inspected(str(path), settings)
    assert isinstance(found, CheckpointReport)
    return found


def test_a_lora_is_checked_against_the_settings_model(tiny_lora: Path, settings: LtxSettings) -> None:
    found = inspected(str(tiny_lora), settings)
    assert isinstance(found, LoraReport)
    assert (found.ranks, found.matched, found.model_version) == ((RANK,), BLOCKS * 3 * 4, "2.3")
    with pytest.raises(InputError, match=r"made for another model: .*2048 inputs"):
        inspected(str(tiny_lora), LtxSettings(model="/nowhere"))


def test_a_folder_is_told_part_by_part(tiny_model: Path, settings: LtxSettings) -> None:
    found = checkpoint_of(tiny_model, settings)
    assert (found.form, found.version, found.missing, found.fitness, found.why) == (
        "folder",
        "2.3",
        (),
        Fitness.READY,
        "",
    )
    transformer = next(part for part in found.parts if part.name == "transformer")
    weights = load_file(tiny_model / "transformer" / "diffusion_pytorch_model.safetensors")
    assert transformer.tensors == len(weights)
    assert transformer.parameters == sum(tensor.numel() for tensor in weights.values())
    assert transformer.size_bytes == 4 * transformer.parameters
    assert transformer.dtypes == ("F32",)
    assert [part.name for part in found.parts] == ["transformer", "text_encoder", *FILE_PARTS[1:]]


def test_a_single_file_is_told_like_its_folder(tiny_model: Path, tmp_path: Path, settings: LtxSettings) -> None:
    path = save_single_file(tmp_path / "one.safetensors", tiny_model)
    found, folder = checkpoint_of(path, settings), checkpoint_of(tiny_model, settings)
    assert (found.form, found.version, found.fitness) == ("single file", "2.3", Fitness.READY)
    by_name = {part.name: part for part in folder.parts}
    assert [part.name for part in found.parts] == FILE_PARTS
    assert all(part == by_name[part.name] for part in found.parts)
    alone = checkpoint_of(path, LtxSettings(text_model="/nowhere"))
    assert alone.fitness is Fitness.LACKING
    assert "holds no text encoder" in alone.why


def test_what_is_missing_is_named(own_model: Path, settings: LtxSettings) -> None:
    shutil.rmtree(own_model / "vocoder")
    (own_model / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    found = checkpoint_of(own_model, settings)
    assert found.missing == ("vocoder", "weights of vae")
    assert found.fitness is Fitness.LACKING
    assert "lacks vocoder" in found.why


def test_another_version_is_refused_and_named(own_model: Path, settings: LtxSettings) -> None:
    path = own_model / "transformer" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"use_prompt_embeddings": True}))
    found = checkpoint_of(own_model, settings)
    assert (found.version, found.fitness) == ("2.0", Fitness.REFUSED)
    assert "is LTX-2.0; the LoRA and this renderer are made for LTX-2.3" in found.why


def test_a_damaged_part_is_refused_and_the_others_are_told(own_model: Path, settings: LtxSettings) -> None:
    torch.save({}, own_model / "vae" / "diffusion_pytorch_model.safetensors")
    found = checkpoint_of(own_model, settings)
    assert found.fitness is Fitness.REFUSED
    assert "is a pickle, whatever its name says" in found.why
    assert {part.name: bool(part.tensors) for part in found.parts}["vae"] is False
    assert {part.name: bool(part.tensors) for part in found.parts}["transformer"] is True


def test_anything_else_is_neither(tmp_path: Path, settings: LtxSettings) -> None:
    save_file({"blocks.0.weight": torch.ones(2)}, path := tmp_path / "other.safetensors")
    with pytest.raises(InputError, match=r"is neither a LoRA nor an LTX checkpoint. It holds 'blocks.0.weight'"):
        inspected(str(path), settings)
    with pytest.raises(SetupError, match=r"'/nowhere' is not on this machine"):
        inspected("/nowhere", settings)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SetupError, match=r"has no .safetensors file"):
        inspected(str(tmp_path / "empty"), settings)


def test_inspecting_pays_for_no_torch(tiny_model: Path) -> None:
    code = (
        "import sys\nfrom sottovoce_engine.renderers.ltx.inspecting import inspected\n"
        "from sottovoce_engine.renderers.ltx.settings import LtxSettings\n"
        f"inspected({str(tiny_model)!r}, LtxSettings())\n"
        "print([name for name in ('torch', 'diffusers', 'peft', 'transformers', 'safetensors') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
