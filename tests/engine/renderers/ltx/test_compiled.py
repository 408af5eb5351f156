import itertools
import logging
import shutil
import sys

import pytest
import torch
from diffusers import LTX2Pipeline

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.compiled import (
    activation_rates,
    block_function,
    compiled_blocks,
    compiled_locked,
    compiled_rates,
    locked_functions,
)
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latent_shape import latent_shape
from sottovoce_engine.renderers.ltx.latents import noise_for
from sottovoce_engine.renderers.ltx.locked import LockedDenoiser
from sottovoce_engine.renderers.ltx.locked_functions import EAGER
from sottovoce_engine.renderers.ltx.locked_states import picture_states
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.rows import block_rows
from sottovoce_engine.renderers.ltx.settings import LtxSettings

from .locked_sampling import SOME_PASSES, conditions_for, states_of
from .stock_sampling import CAPTIONS, RASTER, RATE, relative_error, text_of

PASSES = (Pass.POSITIVE, Pass.PERTURBED, Pass.ISOLATED)
COMPILED = LtxSettings(device="cpu", compiled=True)


def test_blocks_are_compiled_where_the_settings_ask_for_it() -> None:
    assert block_function(LtxSettings()) is block_rows
    if not shutil.which("g++"):
        pytest.skip("no C++ compiler here")
    assert block_function(COMPILED) is compiled_blocks()


def test_blocks_are_captured_whole_and_anew_for_two_shapes_at_most(stock: LTX2Pipeline) -> None:
    torch._dynamo.reset()
    variants = [torch._dynamo.utils.counters["stats"]["unique_graphs"]]
    for frames in (9, 17, 25):
        shape = latent_shape(frames, RASTER, RATE)
        conditions = Conditions(
            shape=shape,
            text=text_of(stock, CAPTIONS[:1]),
            perturbed_blocks=(2,),
        )
        with torch.inference_mode():
            found = RowDenoiser(stock.transformer, conditions, PASSES, block=compiled_blocks("eager")).velocities(
                noise_for(1, shape), 0.7
            )
            expected = RowDenoiser(stock.transformer, conditions, PASSES).velocities(noise_for(1, shape), 0.7)
        variants.append(torch._dynamo.utils.counters["stats"]["unique_graphs"])
        for kind in PASSES:
            assert relative_error(found[kind].video, expected[kind].video) <= 1e-6
            assert relative_error(found[kind].audio, expected[kind].audio) <= 1e-6
    made = [after - before for before, after in itertools.pairwise(variants)]
    assert made == [2, 2, 0]  # one before the perturbed block and one in it


@pytest.mark.skipif(sys.platform == "win32", reason="the compiler is not looked for on the path there")
def test_without_a_compiler_blocks_run_as_they_are_and_a_warning_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with caplog.at_level(logging.WARNING):
        assert block_function(COMPILED) is block_rows
    assert "there is no compiler: install one of g++" in caplog.text


def test_the_sounds_side_is_captured_whole_by_the_compiler_and_stays_the_same(stock: LTX2Pipeline) -> None:
    torch._dynamo.reset()
    conditions, compiled = conditions_for(stock, 2), compiled_locked("eager")
    with torch.inference_mode():
        found, expected = (
            LockedDenoiser(
                stock.transformer,
                conditions,
                SOME_PASSES[-1],
                picture_states(stock.transformer, conditions, SOME_PASSES[-1], Job(), function=functions.picture),
                functions=functions,
            ).velocities(states_of(1, 2), 0.7)
            for functions in (compiled, EAGER)
        )
    for kind in SOME_PASSES[-1]:
        assert relative_error(found[kind].audio, expected[kind].audio) <= 1e-6


def test_the_functions_of_locked_pictures_and_of_the_vocoder_are_compiled_where_blocks_are() -> None:
    assert locked_functions(LtxSettings()) is EAGER
    assert activation_rates(LtxSettings()) is None
    if not shutil.which("g++"):
        pytest.skip("no C++ compiler here")
    assert locked_functions(COMPILED) is compiled_locked()
    assert activation_rates(COMPILED) is compiled_rates()
