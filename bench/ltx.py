"""LTX-2.3 on a GPU: stock diffusers beside ours in one run, over random weights of the full size.

The transformer, the LoRA (rank 32, in the card's layers) and the captions' length are those of LTX-2.3. What takes
no part in sampling (text encoder, decoders) is tiny: nothing here says how a take sounds, or how long decoding takes.
A few steps are timed, the first is left out, and the times of whole runs are scaled from the median step.

    python bench/ltx.py            on a GPU with 80 GB
    python bench/ltx.py --tiny     the same on the CPU with a tiny model: checks the script, its times mean nothing
"""

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import peft
import torch
import transformers
from diffusers import FlowMatchEulerDiscreteScheduler, LTX2VideoTransformer3DModel
from diffusers.pipelines.ltx2 import LTX2TextConnectors
from safetensors.torch import save_file
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.bank import BASE, LoraState, WeightBank
from sottovoce_engine.renderers.ltx.compiled import compiled_blocks
from sottovoce_engine.renderers.ltx.denoising import Conditions, PassByPass
from sottovoce_engine.renderers.ltx.guidance import passes_for
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape, latent_shape
from sottovoce_engine.renderers.ltx.latents import Latents, Text, noise_for
from sottovoce_engine.renderers.ltx.lora_file import LoraPair, read_lora
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3_CONFIG, layout_from_config
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.sampling_settings import BEST, FAST, SamplingSettings
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels
from sottovoce_engine.scene import Raster

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the tests' tiny model and their way to call the pipeline

CAPTION = 'a woman close to a microphone in warm dim light, (woman, whispering): "close your eyes", intimate ASMR'
NEGATIVE = "blurry, noise, echo"
LORA = LoraState(lora="random", strength=1.0)
RANK = 32
SWAPS = 1_000
SEED = 1
Kind = type[PassByPass] | type[RowDenoiser]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is sampled."""

    name: str
    shape: LatentShape
    sampling: SamplingSettings
    steps: int  # of the whole run that times are scaled to


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What everything here works with."""

    pipeline: Any
    device: torch.device
    tokens: int  # of a caption
    cases: tuple[Case, ...]
    text: Text
    negative: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One way through one case."""

    way: str
    case: Case
    step_ms: float
    first_ms: float
    peak_gb: float
    latents: Latents


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="a tiny model on the CPU: checks the script")
    tiny = parser.parse_args().tiny
    if not (tiny or torch.cuda.is_available()):
        print("LTX: no CUDA GPU here, nothing measured (--tiny checks the script on the CPU).")
        return
    torch.set_grad_enabled(False)
    bench = bench_for(tiny, torch.device("cpu" if tiny else "cuda"))
    print_machine(bench)
    with tempfile.TemporaryDirectory() as folder:
        lora = random_lora_file(bench.pipeline.transformer, Path(folder) / "random.safetensors")
        ours = _measure_ours(bench, lora)
        stock = _measure_stock(bench, lora)
    _print_sampling(bench, stock, ours)


# The model


def bench_for(tiny: bool, device: torch.device) -> Bench:
    """The model, with what else its pipeline needs, and the captions."""
    from tests.engine.renderers.ltx.tiny_model import tiny_pipeline

    pipeline = tiny_pipeline()
    if not tiny:
        pipeline.register_modules(transformer=_full_transformer(device), connectors=_connectors(pipeline))
    pipeline.set_progress_bar_config(disable=True)
    pipeline.to(device)
    for part in (pipeline.transformer, pipeline.connectors, pipeline.text_encoder):
        part.to(torch.bfloat16).eval()
    tokens = 128 if tiny else 1024
    return Bench(
        pipeline=pipeline,
        device=device,
        tokens=tokens,
        cases=_cases(tiny),
        text=_text(pipeline, CAPTION, tokens),
        negative=_text(pipeline, NEGATIVE, tokens),
    )


def _full_transformer(device: torch.device) -> Any:
    torch.manual_seed(7)
    torch.set_default_dtype(torch.bfloat16)
    try:
        with device:
            return LTX2VideoTransformer3DModel(**LTX_2_3_CONFIG, rope_type="split", perturbed_attn=True)
    finally:
        torch.set_default_dtype(torch.float32)


def _connectors(tiny: Any) -> Any:
    """From the tiny text encoder's width to captions of the real width."""
    config = dict(tiny.connectors.config)
    heads = {"video_connector_num_attention_heads": 32, "audio_connector_num_attention_heads": 32}
    widths = {"video_connector_attention_head_dim": 128, "audio_connector_attention_head_dim": 64}
    return LTX2TextConnectors.from_config(
        config | heads | widths | {"video_hidden_dim": 4096, "audio_hidden_dim": 2048}
    )


def _text(pipeline: Any, caption: str, tokens: int) -> Text:
    embedding, mask, _, _ = pipeline.encode_prompt(
        [caption], do_classifier_free_guidance=False, max_sequence_length=tokens, device=pipeline.device
    )
    video, audio, _ = pipeline.connectors(embedding, mask, padding_side="left")
    return Text(video=video, audio=audio)


def _cases(tiny: bool) -> tuple[Case, ...]:
    large, small, frames = (Raster(width=768, height=512), Raster(width=192, height=192), 97)
    if tiny:
        large, small, frames = (Raster(width=96, height=64), Raster(width=64, height=32), 17)
    dev = replace(BEST, steps=5, perturbed_blocks=(1,) if tiny else BEST.perturbed_blocks)
    shapes = [(f"{raster}x{frames}", latent_shape(frames, raster, Fraction(24))) for raster in (large, small)]
    return (
        *(Case(name=f"{name}, dev, 4 passes", shape=shape, sampling=dev, steps=30) for name, shape in shapes),
        Case(name=f"{shapes[0][0]}, distilled, 1 pass", shape=shapes[0][1], sampling=FAST, steps=FAST.step_count),
    )


def random_lora_file(transformer: Any, path: Path) -> Path:
    """A LoRA of the card's rank over the card's layers, with the card's keys, in bf16."""
    layout = layout_from_config(dict(transformer.config))
    generator = torch.Generator().manual_seed(11)
    weights = {}
    for module in sorted(layout.card_modules):
        outputs, inputs = layout.modules[module]
        rank = min(RANK, outputs, inputs)
        for key, shape, deviation in (("A", (rank, inputs), inputs**-0.5), ("B", (outputs, rank), 0.02)):
            factor = torch.randn(shape, generator=generator) * deviation
            weights[f"diffusion_model.{module}.lora_{key}.weight"] = factor.to(torch.bfloat16)
    save_file(weights, path)
    return path


# Ours


def _measure_ours(bench: Bench, lora: Path) -> list[Measured]:
    transformer = bench.pipeline.transformer
    pairs = read_lora(lora, layout_from_config(dict(transformer.config))).pairs
    before = _fingerprint(transformer, pairs)
    bank = WeightBank(transformer)
    prepared_ms = milliseconds(bench.device, lambda: bank.prepare(LORA, pairs))
    bank.use(LORA)
    made = [_our_run(bench, case, PassByPass, "ours: bank, pass by pass") for case in bench.cases]
    together = "ours: bank, passes together"
    made += [_our_run(bench, case, RowDenoiser, together) for case in bench.cases]
    compiled = compiled_blocks("aot_eager" if bench.device.type == "cpu" else "inductor")
    made += [_our_run(bench, case, RowDenoiser, f"{together}, compiled", block=compiled) for case in bench.cases]
    again = f"{together}, compiled, once more"
    made.append(_our_run(bench, bench.cases[0], RowDenoiser, again, block=compiled))
    _print_floor(bench)
    _print_bank(bench, bank, pairs, before, prepared_ms)
    return made


def _denoiser(bench: Bench, case: Case, kind: Kind, **more: Any) -> PassByPass | RowDenoiser:
    conditions = Conditions(
        shape=case.shape, text=bench.text, negative=bench.negative, perturbed_blocks=case.sampling.perturbed_blocks
    )
    if not case.sampling.needs_negative:
        conditions = replace(conditions, negative=None)
    return kind(bench.pipeline.transformer, conditions, passes_for(case.sampling), **more)


def _our_run(bench: Bench, case: Case, kind: Kind, way: str, **more: Any) -> Measured:
    stamps: list[float] = []
    noise = noise_for(SEED, case.shape)
    forget_peak(bench.device)
    latents = sampled(
        _denoiser(bench, case, kind, **more),
        Latents(video=noise.video.to(bench.device), audio=noise.audio.to(bench.device)),
        noise_levels(case.sampling, case.shape.video_tokens, ShiftSettings()),
        case.sampling,
        Job(lambda _: stamps.append(now(bench.device))),
    )
    return _measured(bench, way, case, stamps, latents)


# Stock


def _measure_stock(bench: Bench, lora: Path) -> list[Measured]:
    pipeline = bench.pipeline
    pipeline.load_lora_weights(lora, adapter_name="random")
    made = [stock_run(bench, case, "stock, adapter unfused") for case in bench.cases]
    pipeline.fuse_lora(components=["transformer"], adapter_names=["random"])
    return made + [stock_run(bench, case, "stock, adapter fused by peft") for case in bench.cases]


def stock_run(bench: Bench, case: Case, way: str) -> Measured:
    """Stock's way through a case, picture and sound together."""
    from tests.engine.renderers.ltx.stock_sampling import normalised, stock_arguments

    pipeline = bench.pipeline
    scheduler = pipeline.scheduler
    if case.sampling.sigmas:  # the stock scheduler would shift fixed levels, too
        pipeline.scheduler = FlowMatchEulerDiscreteScheduler.from_config(
            scheduler.config, use_dynamic_shifting=False, shift_terminal=None
        )
    stamps: list[float] = []

    def stamp(_pipeline: Any, _step: int, _time: Any, _tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        stamps.append(now(bench.device))
        return {}

    forget_peak(bench.device)
    started = now(bench.device)
    made = pipeline(
        prompt=[CAPTION],
        negative_prompt=[NEGATIVE],
        height=case.shape.rows * 32,
        width=case.shape.columns * 32,
        num_frames=(case.shape.frames - 1) * 8 + 1,
        frame_rate=float(case.shape.rate),
        generator=[torch.Generator("cpu").manual_seed(SEED)],
        max_sequence_length=bench.tokens,
        output_type="latent",
        callback_on_step_end=stamp,
        **stock_arguments(case.sampling),
    )
    pipeline.scheduler = scheduler
    return _measured(bench, way, case, [started, *stamps], normalised(pipeline, made.frames, made.audio))


# Measuring


def _measured(bench: Bench, way: str, case: Case, stamps: list[float], latents: Latents) -> Measured:
    steps = [1000 * (after - before) for before, after in itertools.pairwise(stamps)]
    peak = torch.cuda.max_memory_allocated() / 1e9 if bench.device.type == "cuda" else 0.0
    median = statistics.median(steps[1:])
    print(f"{way} | {case.name} | {', '.join(f'{step:.0f}' for step in steps)} ms | {peak:.1f} GB", file=sys.stderr)
    return Measured(way=way, case=case, step_ms=median, first_ms=steps[0], peak_gb=peak, latents=latents)


def now(device: torch.device) -> float:
    """Seconds, once the device is done with all it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def milliseconds(device: torch.device, act: Callable[[], object]) -> float:
    """How long something takes."""
    started = now(device)
    act()
    return 1000 * (now(device) - started)


def forget_peak(device: torch.device) -> None:
    """The most memory that was taken counts anew from here."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _fingerprint(transformer: Any, pairs: tuple[LoraPair, ...]) -> dict[str, Tensor]:
    """The LoRA's layers bit by bit, in the host's memory; of every other weight two sums over its bits, one by place."""
    changed = {f"{pair.module}.weight" for pair in pairs}
    return {
        name: (value.view(torch.int16).to("cpu", copy=True) if name in changed else _sums(value.view(torch.int16)))
        for name, value in transformer.state_dict().items()
    }


def _sums(bits: Tensor) -> Tensor:
    flat = bits.reshape(-1).to(torch.int64)
    return torch.stack((flat.sum(), (flat * torch.arange(1, len(flat) + 1, device=flat.device)).sum()))


# Tables


def print_machine(bench: Bench) -> None:
    """The card, versions, the day."""
    name = torch.cuda.get_device_name() if bench.device.type == "cuda" else "CPU, tiny model: times mean nothing"
    parameters = sum(weight.numel() for weight in bench.pipeline.transformer.parameters())
    versions = {module.__name__: module.__version__ for module in (torch, diffusers, peft, transformers)}
    print(f"{name}; {', '.join(f'{key} {value}' for key, value in versions.items())}; ", end="")
    print(f"{datetime.now(UTC):%Y-%m-%d}; transformer {parameters / 1e9:.2f} B parameters, bf16, random weights.")


def _print_floor(bench: Bench) -> None:
    """What the arithmetic of a step alone would take at the rate of a large matrix product."""
    side = 8192 if bench.device.type == "cuda" else 256
    left, right = (torch.randn(side, side, device=bench.device, dtype=torch.bfloat16) for _ in range(2))
    times = [milliseconds(bench.device, lambda: left @ right) for _ in range(20)]
    rate = 2 * side**3 / statistics.median(times[5:]) * 1e3
    print(f"\nA bf16 matrix product of {side} by {side} runs at {rate / 1e12:.0f} TFLOP/s.\n")
    print("| case | arithmetic of a step, TFLOP | at that rate, ms |\n|---|---|---|")
    for case in bench.cases:
        noise = noise_for(SEED, case.shape)
        state = Latents(video=noise.video.to(bench.device), audio=noise.audio.to(bench.device))
        with FlopCounterMode(display=False) as counter:
            _denoiser(bench, case, RowDenoiser).velocities(state, 1.0)
        work = counter.get_total_flops()
        print(f"| {case.name} | {work / 1e12:.0f} | {1e3 * work / rate:.0f} |", flush=True)


def _print_bank(
    bench: Bench, bank: WeightBank, pairs: tuple[LoraPair, ...], before: dict[str, Tensor], prepared_ms: float
) -> None:
    def median_swap(one: WeightBank) -> float:
        times = [milliseconds(bench.device, partial(one.use, to)) for _ in range(10) for to in (LORA, BASE)]
        return statistics.median(times[2:])

    bank.use(BASE)
    resident = median_swap(bank)
    for swap in range(SWAPS):
        bank.use(BASE if swap % 2 else LORA)
    after = _fingerprint(bench.pipeline.transformer, pairs)
    same = sum(torch.equal(before[name], after[name]) for name in before)
    shelf = bank.size_bytes() / 1e9
    print("\n| the bank | |\n|---|---|")
    print(f"| layers, size with the base's shelf | {len(pairs)}, {shelf:.2f} GB |")
    print(f"| prepared in | {prepared_ms:.0f} ms |")
    print(f"| one swap, resident, median of 18 | {resident:.2f} ms (goal 10) |")
    print(f"| base weights bit-identical after {SWAPS} swaps | {same} of {len(before)} |", flush=True)
    far = WeightBank(bench.pipeline.transformer, on_host=True)
    far.prepare(LORA, pairs)
    print(f"| one swap, shelf in the host's pinned memory | {median_swap(far):.0f} ms |", flush=True)


def _print_sampling(bench: Bench, stock: list[Measured], ours: list[Measured]) -> None:
    for case in bench.cases:
        rows = [row for row in (*stock, *ours) if row.case is case]
        reference = rows[0]
        print(f"\n{case.name}: {case.shape.video_tokens} video and {case.shape.audio} audio tokens, LoRA on.\n")
        print(f"| way | step, ms | {case.steps} steps, s (scaled) | stock over it | first step, s ", end="")
        print("| peak, GB | video differs | sound differs |\n|---|---|---|---|---|---|---|---|")
        for row in rows:
            video = difference(row.latents.video, reference.latents.video)
            audio = difference(row.latents.audio, reference.latents.audio)
            print(
                f"| {row.way} | {row.step_ms:.1f} | {row.step_ms * case.steps / 1000:.2f} "
                f"| {reference.step_ms / row.step_ms:.2f} | {row.first_ms / 1000:.1f} | {row.peak_gb:.1f} "
                f"| {video:.4f} | {audio:.4f} |"
            )


def difference(found: Tensor, expected: Tensor) -> float:
    """Relative error in the 2-norm."""
    return float((found.float() - expected.float()).norm() / expected.float().norm())


if __name__ == "__main__":
    main()
