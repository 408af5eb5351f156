import inspect
from typing import Any

import pytest
import torch
from diffusers import LTX2VideoTransformer3DModel

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3, LTX_2_3_CONFIG, layout_from_config

from .tiny_model import tiny_transformer


def linear_layers(model: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    return {
        name: tuple(module.weight.shape)
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear)
    }


def transformer(**differences: Any) -> LTX2VideoTransformer3DModel:
    with torch.device("meta"):
        return LTX2VideoTransformer3DModel(**{"num_layers": 2, **differences})


def test_the_layout_of_a_config_is_what_the_class_builds_from_it() -> None:
    model = tiny_transformer()
    assert dict(layout_from_config(dict(model.config)).modules) == linear_layers(model)


def test_the_full_size_layout_is_what_the_class_builds() -> None:
    config = {**LTX_2_3_CONFIG, "num_layers": 2}
    assert dict(layout_from_config(config).modules) == linear_layers(transformer(**config))


def test_the_built_in_config_is_the_classes_own_but_for_what_is_new_in_2_3() -> None:
    defaults = inspect.signature(LTX2VideoTransformer3DModel.__init__).parameters
    differing = {key for key, value in LTX_2_3_CONFIG.items() if defaults[key].default != value}
    assert differing == {
        "gated_attn",
        "cross_attn_mod",
        "audio_gated_attn",
        "audio_cross_attn_mod",
        "use_prompt_embeddings",
    }


def test_the_whisper_lora_has_the_size_its_card_implies() -> None:
    assert len(LTX_2_3.card_modules) == 48 * 3 * 4
    parameters = sum(32 * sum(LTX_2_3.modules[name]) for name in LTX_2_3.card_modules)
    assert round(parameters / 1e6) == 82


@pytest.mark.parametrize(
    ("differences", "version"),
    [
        ({}, "2.0"),
        ({"use_prompt_embeddings": False, "cross_attn_mod": True, "audio_cross_attn_mod": True}, "2.3"),
        (
            {
                "use_prompt_embeddings": False,
                "cross_attn_mod": True,
                "audio_cross_attn_mod": True,
                "use_prompt_adaln_single": False,
            },
            "2.5",
        ),
    ],
)
def test_versions_are_told_apart_and_laid_out_as_the_class_does(differences: dict[str, Any], version: str) -> None:
    model = transformer(**differences)
    layout = layout_from_config(dict(model.config))
    assert layout.version == version
    assert dict(layout.modules) == linear_layers(model)


def test_another_models_config_is_refused_with_what_it_lacks() -> None:
    with pytest.raises(InputError, match=r"no config of an LTX-2 transformer: 'audio_num_attention_heads'.*checkpoint"):
        layout_from_config({"num_attention_heads": 24, "attention_head_dim": 128, "num_layers": 28})
