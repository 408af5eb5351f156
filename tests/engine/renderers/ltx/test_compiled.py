import logging
import sys

import pytest
import torch
from diffusers import LTX2Pipeline

from sottovoce_engine.renderers.ltx.compiled import block_function
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import noise_for
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.rows import block_rows
from sottovoce_engine.renderers.ltx.settings import LtxSettings

from .stock_sampling import CAPTIONS, SHAPE, relative_error, text_of

COMPILED = LtxSettings(device="cpu", compiled=True)


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # torch's compiler uses what torch deprecates
def test_blocks_are_compiled_where_the_settings_ask_for_it(stock: LTX2Pipeline) -> None:
    assert block_function(LtxSettings()) is block_rows
    block = block_function(COMPILED)
    assert block is block_function(COMPILED)
    if block is block_rows:
        pytest.skip("no C++ compiler here")
    conditions = Conditions(shape=SHAPE, text=text_of(stock, CAPTIONS[:1]))
    noise = noise_for(1, SHAPE)
    with torch.inference_mode():
        expected = RowDenoiser(stock.transformer, conditions, (Pass.POSITIVE,)).velocities(noise, 0.7)
        found = RowDenoiser(stock.transformer, conditions, (Pass.POSITIVE,), block=block).velocities(noise, 0.7)
    assert relative_error(found[Pass.POSITIVE].video, expected[Pass.POSITIVE].video) <= 1e-5
    assert relative_error(found[Pass.POSITIVE].audio, expected[Pass.POSITIVE].audio) <= 1e-5


@pytest.mark.skipif(sys.platform == "win32", reason="the compiler is not looked for on the path there")
def test_without_a_compiler_blocks_run_as_they_are_and_a_warning_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with caplog.at_level(logging.WARNING):
        assert block_function(COMPILED) is block_rows
    assert "there is no compiler: install one of g++" in caplog.text
