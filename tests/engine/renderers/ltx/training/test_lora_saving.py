import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import LTX2Pipeline
from safetensors import safe_open
from tests.engine.renderers.ltx.tiny_model import tiny_transformer

from sottovoce_engine.errors import RenderError
from sottovoce_engine.renderers.ltx.bank import LoraState, WeightBank
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latent_shape import latent_shape
from sottovoce_engine.renderers.ltx.latents import Latents, Text, noise_for
from sottovoce_engine.renderers.ltx.lora_file import read_lora
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.training.adapter import Adapter, add_adapter
from sottovoce_engine.renderers.ltx.training.lora_saving import lora_header, save_lora
from sottovoce_engine.training.values import Dataset

from .clips import FORM, RECIPE
from .test_learning import changing, layout_of

# As ComfyUI takes them from the model's own names. Source: comfy/lora.py, comfy/weight_adapter/lora.py.
KEY = re.compile(
    r"diffusion_model\.transformer_blocks\.\d+\.(audio_attn1|audio_attn2|video_to_audio_attn)\."
    r"(to_q|to_k|to_v|to_out\.0)\.lora_(A|B)\.weight"
)
SHAPE = latent_shape(FORM.frames, FORM.raster, FORM.rate)
TRAINED = LoraState(lora="trained", strength=1.0)


@pytest.fixture
def peft_model(own_stock: LTX2Pipeline) -> tuple[object, Adapter]:
    return own_stock.transformer, changing(own_stock.transformer)


def saved(path: Path, adapter: Adapter, data: Dataset, dtype: str = "float32") -> Path:
    layout = layout_of(tiny_transformer())
    return save_lora(path, adapter, lora_header(RECIPE, data, "abcd", layout, 6), dtype, layout)


def forward(transformer: object) -> Latents:
    generator = torch.Generator().manual_seed(8)
    text = Text(
        video=torch.randn((1, 16, 64), generator=generator), audio=torch.randn((1, 16, 32), generator=generator)
    )
    denoiser = RowDenoiser(transformer, Conditions(shape=SHAPE, text=text), (Pass.POSITIVE,))
    with torch.no_grad():
        return denoiser.velocities(noise_for(4, SHAPE), 0.6)[Pass.POSITIVE]


def difference(found: Latents, expected: Latents) -> float:
    return max(float((found.audio - expected.audio).abs().max()), float((found.video - expected.video).abs().max()))


def test_the_keys_are_the_cards_and_the_header_says_how_it_was_made(
    peft_model: tuple[object, Adapter], data: Dataset, tmp_path: Path
) -> None:
    path = saved(tmp_path / "lora.safetensors", peft_model[1], data, "bfloat16")
    with safe_open(path, "pt") as file:
        keys, header = list(file.keys()), file.metadata()
        assert {file.get_tensor(key).dtype for key in keys} == {torch.bfloat16}
    (tmp_path / "plain").touch()
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode  # whoever may read a file may read the LoRA
    assert len(keys) == 2 * 3 * 3 * 4
    assert all(KEY.fullmatch(key) for key in keys)
    recipe = json.loads(header["recipe"])
    assert (recipe["lora"]["alpha"], recipe["steps"]["count"]) == (8, 6)
    assert (header["clips"], header["registers"], header["dataset"]) == ("4", "whisper", data.digest)


def test_the_file_in_our_renderer_is_the_model_that_was_trained(
    peft_model: tuple[object, Adapter], own_stock: LTX2Pipeline, data: Dataset, tiny_model: Path, tmp_path: Path
) -> None:
    lora = read_lora(saved(tmp_path / "lora.safetensors", peft_model[1], data), layout_of(tiny_transformer()))
    assert (lora.report.matched, lora.report.warnings, lora.report.made_for) == (36, (), "LTX-2.3")
    expected = forward(peft_model[0])
    plain = LTX2Pipeline.from_pretrained(tiny_model).transformer
    without = forward(plain)
    bank = WeightBank(plain)
    bank.prepare(TRAINED, lora.pairs)
    bank.use(TRAINED)
    assert difference(forward(plain), expected) <= 1e-5
    assert difference(without, expected) > 1e-2
    own_stock.transformer.disable_adapters()
    assert difference(forward(own_stock.transformer), without) == 0.0


def test_diffusers_loads_every_key_of_it(
    peft_model: tuple[object, Adapter], data: Dataset, tiny_model: Path, tmp_path: Path
) -> None:
    path = saved(tmp_path / "lora.safetensors", peft_model[1], data)
    pipeline = LTX2Pipeline.from_pretrained(tiny_model)
    pipeline.load_lora_weights(path, adapter_name="trained")
    loaded = {name: value for name, value in pipeline.transformer.named_parameters() if "lora_" in name}
    assert len(loaded) == 72
    with safe_open(path, "pt") as file:
        for key in file.keys():  # noqa: SIM118
            name = key.removeprefix("diffusion_model.").removesuffix(".weight") + ".trained.weight"
            assert torch.equal(loaded[name], file.get_tensor(key))
    assert difference(forward(pipeline.transformer), forward(peft_model[0])) <= 1e-5


def test_a_lora_that_is_no_numbers_is_not_saved(data: Dataset, tmp_path: Path) -> None:
    transformer = tiny_transformer()
    adapter = add_adapter(transformer, layout_of(transformer), replace(RECIPE.lora, rank=2), 1)
    adapter.numbers[5] = torch.nan
    with pytest.raises(RenderError, match="Lower learning_rate"):
        saved(tmp_path / "lora.safetensors", adapter, data)
    assert list(tmp_path.iterdir()) == []
