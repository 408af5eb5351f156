import logging
from dataclasses import replace
from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.ltx.batches import batches_for
from sottovoce_engine.renderers.ltx.lora_file import read_lora
from sottovoce_engine.renderers.ltx.loras import loras_for
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout, layout_from_config
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.take import RenderJob

from .render_jobs import PIXELS, render_job
from .tiny_model import save_tiny_lora, tiny_transformer


@pytest.fixture(scope="module")
def layout() -> ModelLayout:
    return layout_from_config(dict(tiny_transformer().config))


def with_lora(job: RenderJob, path: Path | None, strength: float = 1.0) -> RenderJob:
    return replace(job, register=replace(job.register, lora=strength, lora_file=str(path or "")))


def test_every_state_has_its_lora_and_a_shared_file_is_read_once(
    tiny_lora: Path, tmp_path: Path, layout: ModelLayout
) -> None:
    other = save_tiny_lora(tmp_path / "other.safetensors", seed=99)
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(tiny_lora.read_bytes())
    whisper = render_job("1")
    jobs = [
        whisper,
        with_lora(whisper, other),
        with_lora(whisper, None, 0.5),
        with_lora(whisper, copy),
        render_job("5", "loud"),
    ]
    settings = LtxSettings(lora=str(tiny_lora), pixels=PIXELS)
    batches = batches_for(jobs, settings)
    loras = loras_for(batches, settings, layout)
    assert len(loras) == 3
    assert {(state.strength, lora.report.path) for state, lora in loras.items()} == {
        (1.0, str(tiny_lora)),
        (0.5, str(tiny_lora)),
        (1.0, str(other)),
    }
    full, half = (next(state for state in loras if state.strength == strength) for strength in (1.0, 0.5))
    assert loras[full] is loras[half]
    assert [pair.module for pair in loras[full].pairs] == [pair.module for pair in read_lora(tiny_lora, layout).pairs]


def test_what_it_warns_of_is_logged_once(tmp_path: Path, layout: ModelLayout, caplog: pytest.LogCaptureFixture) -> None:
    few = save_tiny_lora(tmp_path / "few.safetensors", targets=r".*\.audio_attn1\.to_q")
    settings = LtxSettings(lora=str(few), pixels=PIXELS)
    jobs = [render_job("1"), with_lora(render_job("2"), None, 0.5)]
    with caplog.at_level(logging.WARNING):
        loras_for(batches_for(jobs, settings), settings, layout)
    assert [record.getMessage().count("It leaves") for record in caplog.records] == [1]


def test_a_registers_own_lora_is_checked_like_the_settings(
    tiny_lora: Path, tmp_path: Path, layout: ModelLayout
) -> None:
    settings = LtxSettings(lora=str(tiny_lora), pixels=PIXELS)
    (cut := tmp_path / "cut.safetensors").write_bytes(tiny_lora.read_bytes()[:-100])
    with pytest.raises(InputError, match="cut short"):
        loras_for(batches_for([with_lora(render_job("1"), cut)], settings), settings, layout)
    with pytest.raises(SetupError, match=r"none.safetensors' is not on this machine"):
        batches_for([with_lora(render_job("1"), tmp_path / "none.safetensors")], settings)
