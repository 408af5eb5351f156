import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.ltx.checkpoint import (
    checkpoint,
    checkpoint_fingerprint,
    checkpoint_folder,
    file_fingerprint,
    folder_fingerprint,
)

from .hub_cache import lay_down
from .single_file_making import save_single_file


@pytest.fixture
def in_the_hubs_cache(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    files = {str(path.relative_to(tiny_model)): path for path in tiny_model.glob("*/*")}
    return lay_down(tmp_path, "someone/tiny-ltx", files)


@pytest.fixture(scope="module")
def single_file(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_single_file(tmp_path_factory.mktemp("single") / "ltx-2.3.safetensors", tiny_model)


@pytest.fixture
def own_model(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny checkpoint, of one's own to damage."""
    shutil.copytree(tiny_model, folder := tmp_path / "own")
    return folder


def test_a_folder_is_found_whole(tiny_model: Path) -> None:
    found = checkpoint(str(tiny_model))
    assert found.folder == tiny_model
    assert (found.layout.version, found.fingerprint) == ("2.3", folder_fingerprint(tiny_model))


def test_a_hub_id_that_was_fetched_is_found_without_a_network(in_the_hubs_cache: Path) -> None:
    assert checkpoint_folder("someone/tiny-ltx") == in_the_hubs_cache
    assert checkpoint("someone/tiny-ltx").layout.version == "2.3"
    assert checkpoint_folder("someone/else") is None


def test_in_the_hubs_cache_the_content_counts_not_the_time(in_the_hubs_cache: Path) -> None:
    before = folder_fingerprint(in_the_hubs_cache)
    blob = (in_the_hubs_cache / "transformer" / "config.json").resolve()
    blob.touch()
    assert folder_fingerprint(in_the_hubs_cache) == before
    other = blob.with_name("f" * 64)
    other.write_bytes(blob.read_bytes())
    link = in_the_hubs_cache / "transformer" / "config.json"
    link.unlink()
    link.symlink_to(other)
    assert folder_fingerprint(in_the_hubs_cache) != before


def test_a_file_is_told_by_its_content(tmp_path: Path) -> None:
    (one := tmp_path / "one").write_bytes(b"weights")
    (same := tmp_path / "same").write_bytes(b"weights")
    (other := tmp_path / "other").write_bytes(b"weighty")
    assert file_fingerprint(one) == file_fingerprint(same) != file_fingerprint(other)
    one.write_bytes(b"changed!")
    assert file_fingerprint(one) != file_fingerprint(same)


def test_a_file_that_is_missing_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        file_fingerprint(tmp_path / "none.safetensors")


def test_a_single_file_takes_what_it_lacks_from_a_folder(single_file: Path, tiny_model: Path) -> None:
    found = checkpoint(str(single_file), str(tiny_model))
    assert (found.folder, found.file, found.layout.version) == (tiny_model, single_file, "2.3")
    assert found.fingerprint == checkpoint_fingerprint(str(single_file), str(tiny_model))
    assert found.fingerprint != checkpoint(str(tiny_model)).fingerprint
    assert checkpoint(str(tiny_model)).file is None


def test_a_single_file_of_a_hub_id_is_found(
    single_file: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    snapshot = lay_down(tmp_path, "Lightricks/LTX-2.3", {"dev.safetensors": single_file})
    found = checkpoint("Lightricks/LTX-2.3/dev.safetensors", str(tiny_model))
    assert found.file == snapshot / "dev.safetensors"


def test_beside_a_single_file_the_folder_needs_no_weights_of_its_parts(single_file: Path, own_model: Path) -> None:
    for part in ("transformer", "connectors", "vae", "audio_vae", "vocoder"):
        (own_model / part / "diffusion_pytorch_model.safetensors").unlink()
    assert checkpoint(str(single_file), str(own_model)).folder == own_model
    with pytest.raises(SetupError, match=r"cannot be loaded: its transformer has no .safetensors file"):
        checkpoint(str(own_model))
    (own_model / "text_encoder" / "model.safetensors").unlink()
    with pytest.raises(SetupError, match=r"cannot be loaded: its text_encoder has no .safetensors file"):
        checkpoint(str(single_file), str(own_model))


def test_a_single_file_without_a_folder_says_what_to_name(single_file: Path) -> None:
    with pytest.raises(
        SetupError, match=r"holds no text encoder. The checkpoint with one 'some/one' is not .*`text_model`"
    ):
        checkpoint(str(single_file), "some/one")
    assert checkpoint_fingerprint(str(single_file), "some/one") == "missing"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda tensors: tensors | {"model.diffusion_model.caption_projection.linear_1.weight": torch.ones(2, 2)},
            r"is LTX-2.0; the LoRA and this renderer are made for LTX-2.3",
        ),
        (
            lambda tensors: {key: value for key, value in tensors.items() if "prompt_adaln" not in key},
            r"is LTX-2.5; the LoRA",
        ),
        (lambda _: {"blocks.0.weight": torch.ones(2)}, r"is no LTX-2 checkpoint"),
        (
            lambda tensors: tensors | {"model.diffusion_model.patchify_proj.weight_scale": torch.ones(1)},
            r"holds quantised weights, which are not understood",
        ),
        (
            lambda tensors: {key: value for key, value in tensors.items() if not key.startswith("vocoder.")},
            r"lacks vocoder. Fetch it again",
        ),
    ],
)
def test_another_single_file_is_refused(
    change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]],
    message: str,
    single_file: Path,
    tiny_model: Path,
    tmp_path: Path,
) -> None:
    save_file(change(load_file(single_file)), path := tmp_path / "other.safetensors")
    with pytest.raises((InputError, SetupError), match=message):
        checkpoint(str(path), str(tiny_model))


def test_a_single_file_that_was_cut_short_or_is_a_pickle_is_refused(
    single_file: Path, tiny_model: Path, tmp_path: Path
) -> None:
    (cut := tmp_path / "cut.safetensors").write_bytes(single_file.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"it was cut short. Download it again"):
        checkpoint(str(cut), str(tiny_model))
    torch.save({"a": torch.ones(1)}, pickle := tmp_path / "pickle.safetensors")
    with pytest.raises(InputError, match=r"is a pickle, whatever its name says"):
        checkpoint(str(pickle), str(tiny_model))


def test_a_lora_is_no_model(tiny_lora: Path, tiny_model: Path) -> None:
    with pytest.raises(InputError, match=r"is no LTX-2 checkpoint"):
        checkpoint(str(tiny_lora), str(tiny_model))


@pytest.mark.parametrize("part", ["transformer", "text_encoder", "vocoder"])
def test_a_pickle_for_a_part_is_refused_whatever_its_name(part: str, own_model: Path) -> None:
    weights = next((own_model / part).glob("*.safetensors"))
    torch.save({"a": torch.ones(1)}, weights)
    with pytest.raises(InputError, match=rf"{weights.name}' is a pickle, whatever its name says"):
        checkpoint(str(own_model))


def test_a_part_that_was_cut_short_is_refused_before_it_is_loaded(own_model: Path) -> None:
    weights = own_model / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-7])
    with pytest.raises(InputError, match=r"it was cut short. Download it again"):
        checkpoint(str(own_model))


def test_a_part_in_several_files_needs_all_of_them(own_model: Path) -> None:
    folder = own_model / "transformer"
    whole = folder / "diffusion_pytorch_model.safetensors"
    tensors = load_file(whole)
    names = sorted(tensors)
    halves = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    for file, half in halves.items():
        save_file({name: tensors[name] for name in half}, folder / file)
    index = {"metadata": {}, "weight_map": {name: file for file, half in halves.items() for name in half}}
    (folder / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    whole.unlink()
    assert checkpoint(str(own_model)).layout.version == "2.3"
    (folder / "b.safetensors").unlink()
    with pytest.raises(SetupError, match=r"its transformer lacks b.safetensors. Fetch it again"):
        checkpoint(str(own_model))


def test_a_damaged_index_is_said_so(own_model: Path) -> None:
    (own_model / "vae" / "x.safetensors.index.json").write_text("[]")
    with pytest.raises(SetupError, match=r"x.safetensors.index.json' cannot be read"):
        checkpoint(str(own_model))


def test_a_hub_id_that_was_not_fetched_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(SetupError, match=r"sottovoce models fetch someone/never-fetched. .*--renderer scratch"):
        checkpoint("someone/never-fetched")
    assert checkpoint_fingerprint("someone/never-fetched") == "missing"
