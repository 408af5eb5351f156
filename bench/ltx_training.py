"""Training a LoRA on LTX-2.3 at its full size on one GPU: a stock loop of peft and diffusers beside ours, in one run.

Random weights, random clips of 192x192x97 at 24 frames a second, captions of 1,024 tokens, batch 1, the card's LoRA
(rank 32, 576 layers, float32) over a bf16 transformer, the loss of the sound, AdamW, gradients clipped to a norm of 1.
Stock is the transformer's own forward under bf16 autocast, as diffusers' training scripts run it. Both ways begin from the
same LoRA, clip and noise; the loss and the gradient of the first step are compared. Nothing here says what is learnt.

    python bench/ltx_training.py            on a GPU with 80 GB
    python bench/ltx_training.py --tiny     the same on the CPU with a tiny model: checks the script, its times mean nothing
"""

import argparse
import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import diffusers
import peft
import torch
import transformers
from torch import Tensor
from torch.nn.functional import mse_loss

from sottovoce_engine.renderers.ltx.casting import store_in_fp8
from sottovoce_engine.renderers.ltx.denoising import TIMESTEPS
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape, latent_shape
from sottovoce_engine.renderers.ltx.latents import Latents, Text, noise_for
from sottovoce_engine.renderers.ltx.loading import Part
from sottovoce_engine.renderers.ltx.random_weights import RandomSource, sizes_named
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, time_shift
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.training.adapter import Adapter, add_adapter
from sottovoce_engine.renderers.ltx.training.draws import draws_for, noise_of
from sottovoce_engine.renderers.ltx.training.learning import Example, Learner, example_of
from sottovoce_engine.renderers.ltx.training.optimiser import Optimiser
from sottovoce_engine.scene import Raster
from sottovoce_engine.training.recipe import LoraShape, Recipe

FRAMES, RATE = 97, Fraction(24)
CLIPS = 4
SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bench:
    """What both ways train on."""

    transformer: Any
    adapter: Adapter
    begun: Tensor  # the LoRA's numbers that every way begins from
    shape: LatentShape
    clips: tuple[tuple[Latents, Text], ...]
    device: torch.device
    steps: int  # that are timed

    def example(self, step: int) -> Example:
        """What a step learns from."""
        shift = time_shift(self.shape.video_tokens, ShiftSettings())
        (draw,) = draws_for(step, 1, len(self.clips), SEED, Recipe().timesteps, shift)
        clean, text = self.clips[draw.clip]
        return example_of(clean, noise_of(draw, self.shape), draw.level, text, self.device)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """One way."""

    way: str
    step_ms: float
    first_s: float
    peak_gb: float
    loss: float  # of the first step
    gradient: Tensor  # of the first step, on the CPU


def main() -> None:
    """Prints the table, and writes it where $OUT says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="a tiny model on the CPU: checks the script")
    parser.add_argument("--seconds", type=float, default=70.0, help="no further way is begun after so long")
    arguments = parser.parse_args()
    if not (arguments.tiny or torch.cuda.is_available()):
        print("LTX: no CUDA GPU here, nothing measured (--tiny checks the script on the CPU).")
        return
    started = time.monotonic()
    bench = bench_for(arguments.tiny)
    made = time.monotonic() - started
    lines = [_machine(bench, made)]
    print(lines[0], flush=True)
    found: list[Measured] = []
    for way in _ways(bench):
        if time.monotonic() - started > arguments.seconds:
            lines.append("The ways that are missing did not fit into the time that was given.")
            break
        try:
            found.append(way())
        except (RuntimeError, AssertionError) as error:  # one way failing is a finding; the others are still measured
            lines.append(f"A way failed: {str(error).strip().partition(chr(10))[0]}")
            print(lines[-1], flush=True)
        _cleared(bench.device)
        if found:
            print(f"{found[-1].way}: {found[-1].step_ms:.0f} ms, {time.monotonic() - started:.0f} s so far", flush=True)
    lines += ["", *_table(found)]
    text = "\n".join(lines)
    print(text)
    if os.environ.get("OUT"):
        Path(os.environ["OUT"], "ltx_training.md").write_text(text + "\n", encoding="utf-8")


def bench_for(tiny: bool) -> Bench:
    """The model, made on the device, with a LoRA in it that already changes something."""
    device = torch.device("cpu" if tiny else "cuda")
    sizes = sizes_named("tiny" if tiny else "full")
    settings = LtxSettings(device=device.type, random_weights=True)
    transformer = RandomSource(sizes=sizes, settings=settings).loaded(Part.TRANSFORMER, device)
    adapter = add_adapter(transformer, sizes.layout, LoraShape(), SEED)
    generator = torch.Generator().manual_seed(SEED)
    begun = 0.01 * torch.randn(adapter.numbers.shape, generator=generator)
    shape = latent_shape(17 if tiny else FRAMES, Raster(width=64, height=32) if tiny else _small(), RATE)
    config = sizes.transformer
    widths = (
        config["num_attention_heads"] * config["attention_head_dim"],
        config["audio_num_attention_heads"] * config["audio_attention_head_dim"],
    )
    tokens = 128 if tiny else 1024
    clips = tuple(_clip(shape, tokens, widths, number, generator) for number in range(CLIPS))
    return Bench(
        transformer=transformer,
        adapter=adapter,
        begun=begun.to(device),
        shape=shape,
        clips=clips,
        device=device,
        steps=2 if tiny else 6,
    )


def _small() -> Raster:
    return Recipe().clips.raster


def _clip(
    shape: LatentShape, tokens: int, widths: tuple[int, int], number: int, generator: torch.Generator
) -> tuple[Latents, Text]:
    video, audio = (torch.randn((1, tokens, width), generator=generator).to(torch.bfloat16) for width in widths)
    return noise_for(1_000 + number, shape), Text(video=video, audio=audio)


# The ways


def _ways(bench: Bench) -> Iterator[Callable[[], Measured]]:
    on_gpu = bench.device.type == "cuda"
    yield lambda: _stock(bench, "stock: peft and diffusers, gradient checkpointing", checkpointing=True)
    yield lambda: _stock(bench, "stock: peft and diffusers", checkpointing=False)
    if on_gpu:
        yield lambda: _ours(bench, "ours, one CUDA graph, gradient checkpointing", checkpointing=True, captured=True)
        yield lambda: _ours(bench, "ours, one CUDA graph", checkpointing=False, captured=True)
    yield lambda: _ours(bench, "ours, gradient checkpointing", checkpointing=True, captured=False)
    yield lambda: _ours(bench, "ours", checkpointing=False, captured=False)
    yield lambda: _in_fp8(bench, captured=on_gpu)


def _stock(bench: Bench, way: str, *, checkpointing: bool) -> Measured:
    """Stock's forward, `backward`, torch's clipping and AdamW over peft's parameters."""
    transformer, adapter = bench.transformer, bench.adapter
    transformer.train()
    (transformer.enable_gradient_checkpointing if checkpointing else transformer.disable_gradient_checkpointing)()
    optimiser = torch.optim.AdamW(adapter.weights, lr=1e-4, weight_decay=0.01)

    def step(number: int) -> tuple[float, Tensor | None]:
        example = bench.example(number)
        autocast = torch.autocast("cuda", torch.bfloat16) if bench.device.type == "cuda" else nullcontext()
        with autocast:
            loss = mse_loss(_stock_forward(bench, example).float(), example.target.audio)
        torch.autograd.backward(loss)
        first = None
        if number == 1:
            first = torch.cat([weight.grad.reshape(-1) for weight in adapter.weights if weight.grad is not None]).cpu()
        torch.nn.utils.clip_grad_norm_(adapter.weights, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        return float(loss.detach()), first

    try:
        return _timed(bench, way, step)
    finally:
        transformer.disable_gradient_checkpointing()
        transformer.eval()


def _stock_forward(bench: Bench, example: Example) -> Tensor:
    shape, dtype = bench.shape, torch.bfloat16
    sigma = example.level * TIMESTEPS
    made: Tensor = bench.transformer(
        hidden_states=example.state.video.to(dtype),
        audio_hidden_states=example.state.audio.to(dtype),
        encoder_hidden_states=example.text.video,
        audio_encoder_hidden_states=example.text.audio,
        timestep=sigma,
        audio_timestep=sigma,
        sigma=sigma,
        audio_sigma=sigma,
        num_frames=shape.frames,
        height=shape.rows,
        width=shape.columns,
        fps=float(shape.rate),
        audio_num_frames=shape.audio,
        use_cross_timestep=True,
        return_dict=False,
    )[1]
    return made


def _ours(bench: Bench, way: str, *, checkpointing: bool, captured: bool) -> Measured:
    recipe = Recipe()
    learner = Learner(
        bench.transformer,
        bench.adapter,
        bench.shape,
        recipe.steps.loss,
        checkpointing=checkpointing,
        captured=captured,
    )
    optimiser = Optimiser(bench.adapter.numbers, recipe.steps)

    def step(number: int) -> tuple[float, Tensor | None]:
        gradient, loss = learner.gradient(bench.example(number))
        first = gradient.cpu().clone() if number == 1 else None
        told = float(loss)
        optimiser.step(number, gradient)
        return told, first

    measured = _timed(bench, way, step)
    if captured and not learner.captured:
        raise RuntimeError(f"{way}: could not be captured")
    return measured


def _in_fp8(bench: Bench, *, captured: bool) -> Measured:
    """The last way: the transformer does not come back from it."""
    learnt = (name for name, _ in bench.transformer.named_modules() if "lora_" in name or name.endswith("base_layer"))
    store_in_fp8(bench.transformer, frozenset(learnt))
    return _ours(bench, "ours, weights in fp8, gradient checkpointing", checkpointing=True, captured=captured)


# Measuring


def _timed(bench: Bench, way: str, step: Callable[[int], tuple[float, Tensor | None]]) -> Measured:
    bench.adapter.numbers.copy_(bench.begun)
    _cleared(bench.device)
    if bench.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    started = _now(bench.device)
    loss, gradient = step(1)
    assert gradient is not None
    stamps = [_now(bench.device)]
    for number in range(2, bench.steps + 2):
        step(number)
        stamps.append(_now(bench.device))
    times = [1000 * (after - before) for before, after in pairwise(stamps)]
    return Measured(
        way=way,
        step_ms=statistics.median(times),
        first_s=stamps[0] - started,
        peak_gb=torch.cuda.max_memory_allocated() / 1e9 if bench.device.type == "cuda" else 0.0,
        loss=loss,
        gradient=gradient,
    )


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def _cleared(device: torch.device) -> None:
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def _machine(bench: Bench, made_s: float) -> str:
    name = torch.cuda.get_device_name() if bench.device.type == "cuda" else "CPU, tiny model: times mean nothing"
    parameters = sum(weight.numel() for weight in bench.transformer.parameters()) - bench.adapter.numbers.numel()
    versions = ", ".join(f"{module.__name__} {module.__version__}" for module in (torch, diffusers, peft, transformers))
    return (
        f"{name}; {versions}; {datetime.now(UTC):%Y-%m-%d}; transformer {parameters / 1e9:.2f} B parameters, bf16, random, "
        f"made in {made_s:.0f} s; LoRA {bench.adapter.numbers.numel() / 1e6:.1f} M; {bench.shape.video_tokens} video and "
        f"{bench.shape.audio} audio tokens."
    )


def _table(found: list[Measured]) -> Iterator[str]:
    if not found:
        return
    reference = found[0]
    yield "| way | step, ms | steps a second | stock over it | 2,000 steps, min | first step, s | peak, GB | loss | gradient differs |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in found:
        differs = (row.gradient - reference.gradient).norm() / reference.gradient.norm()
        yield (
            f"| {row.way} | {row.step_ms:.1f} | {1000 / row.step_ms:.2f} | {reference.step_ms / row.step_ms:.2f} "
            f"| {2000 * row.step_ms / 60_000:.1f} | {row.first_s:.1f} | {row.peak_gb:.1f} | {row.loss:.5f} "
            f"| {float(differs):.4f} |"
        )


if __name__ == "__main__":
    main()
