"""Sound over a locked picture on a GPU: takes of a region side by side, beside stock diffusers' joint take in one run.

The transformer, the LoRA (rank 32, in the card's layers), the captions' length, the audio VAE and the vocoder are those of
LTX-2.3, all with random weights: nothing here says how a take sounds. Stock samples picture and sound together with
the adapter on, as `LTX2Pipeline` does: all 8 steps of the distilled preset, 5 of the 30 steps of dev, scaled.

"Everything" is one wall time from a new picture's latents and noise to sound in the host's memory: the picture's states,
sampling, audio VAE and vocoder in float32. What was compiled and captured for the first picture is there by then.

    python -m bench.ltx_locked            on a GPU with 80 GB
    python -m bench.ltx_locked --cap 24   under 24 GiB: blocks streamed, then fp8; states on the card, on the host, anew
    python -m bench.ltx_locked --tiny     the same on the CPU with a tiny model: checks the script, its times mean nothing
"""

import argparse
import itertools
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from bench.ltx import (
    LORA,
    Bench,
    Case,
    bench_for,
    difference,
    forget_peak,
    milliseconds,
    now,
    print_machine,
    random_lora_file,
    stock_run,
)
from torch import Tensor

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.anti_aliasing import PLAIN, phases_apart
from sottovoce_engine.renderers.ltx.bank import BASE, WeightBank
from sottovoce_engine.renderers.ltx.compiled import compiled_locked, compiled_rates
from sottovoce_engine.renderers.ltx.decoding import DecodingModels, decoded_sounds
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.guidance import passes_for
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.joined_layers import join_sound_layers
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import KeptVideo, Latents, Text, noise_for, stacked
from sottovoce_engine.renderers.ltx.loading import Part
from sottovoce_engine.renderers.ltx.locked import LockedDenoiser, LockedPlan, WatchedStates
from sottovoce_engine.renderers.ltx.lora_file import read_lora
from sottovoce_engine.renderers.ltx.model_layout import layout_from_config
from sottovoce_engine.renderers.ltx.model_sizes import LTX_2_3_SIZES, RANDOM_TINY_SIZES
from sottovoce_engine.renderers.ltx.placement import Watched
from sottovoce_engine.renderers.ltx.placement_words import in_words
from sottovoce_engine.renderers.ltx.random_weights import RandomSource, random_lora, sizes_named
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.sampling_settings import FAST
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.working_memory import Load

REPEATS = 3
PICTURES = 3
GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Takes of one region over a picture that is new."""

    case: Case
    takes: int
    first_s: float  # compiling and capturing included
    states_ms: float
    step_ms: float
    decoding_ms: float
    all_ms: float
    beyond_gb: float  # the most that states and sampling took beside weights and bank

    @property
    def sampling_ms(self) -> float:
        """Of all takes."""
        return self.step_ms * self.case.steps


class Locked:
    """One way of sampling sound over pictures that stay, and its decoders."""

    def __init__(self, bench: Bench, plan: LockedPlan, transformer: Any, decoders: DecodingModels | None) -> None:
        """Holds no picture's states yet."""
        self.bench, self.plan, self.decoders = bench, plan, decoders
        self.transformer = transformer
        self.watched = WatchedStates()
        self._number = itertools.count()

    def denoiser(self, case: Case, takes: int) -> LockedDenoiser:
        """Over a picture that was not there before."""
        number = next(self._number)
        conditions = conditions_for(self.bench, case, takes, number)
        passes = passes_for(case.sampling)
        return self.watched.denoiser(self.transformer, number, conditions, passes, Job(), self.plan)

    def latents(self, denoiser: LockedDenoiser, case: Case, noise: Latents) -> Latents:
        """Takes of that picture."""
        levels = noise_levels(case.sampling, case.shape.video_tokens, ShiftSettings())
        return sampled(denoiser, noise, levels, case.sampling, Job(), kept=picture(self.bench, case, 0))

    def sounds(self, made: Latents) -> list[Any]:
        """Those of takes, in the host's memory."""
        assert self.decoders is not None
        rows = [Latents(video=made.video[:0], audio=made.audio[row : row + 1]) for row in range(len(made.audio))]
        return decoded_sounds(rows, self.decoders)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="a tiny model on the CPU: checks the script")
    parser.add_argument("--cap", type=int, help="GiB that may be used of the card")
    given = parser.parse_args()
    if not (given.tiny or torch.cuda.is_available()):
        print("LTX: no CUDA GPU here, nothing measured (--tiny checks the script on the CPU).")
        return
    torch.set_grad_enabled(False)
    device = torch.device("cpu" if given.tiny else "cuda")
    with tempfile.TemporaryDirectory() as name, torch.inference_mode():
        if given.cap:
            _capped(bench_for(given.tiny, device), given.cap, given.tiny, Path(name))
        else:
            _beside_stock(bench_for(given.tiny, device), given.tiny, Path(name))


# What is sampled


def picture(bench: Bench, case: Case, number: int) -> KeptVideo:
    """One of a few pictures."""
    share = torch.ones(case.shape.video_tokens, device=bench.device)
    return KeptVideo(share=share, clean=_pictures(case.name, case.shape, bench.device)[number % PICTURES])


@cache
def _pictures(_name: str, shape: LatentShape, device: torch.device) -> tuple[Tensor, ...]:
    return tuple(noise_for(1_000 + number, shape).video.to(device) for number in range(PICTURES))


def noise_of(bench: Bench, case: Case, takes: int) -> Latents:
    """The takes' own."""
    noise = stacked([noise_for(seed, case.shape) for seed in range(1, takes + 1)])
    return Latents(video=noise.video.to(bench.device), audio=noise.audio.to(bench.device))


def conditions_for(bench: Bench, case: Case, takes: int, number: int) -> Conditions:
    """Of takes of one caption over one picture."""
    return Conditions(
        shape=case.shape,
        text=Text(video=bench.text.video.repeat(takes, 1, 1), audio=bench.text.audio.repeat(takes, 1, 1)),
        negative=bench.negative if case.sampling.needs_negative else None,
        kept=picture(bench, case, number),
        perturbed_blocks=case.sampling.perturbed_blocks,
    )


# Beside stock


def _beside_stock(bench: Bench, tiny: bool, folder: Path) -> None:
    print_machine(bench)
    transformer = bench.pipeline.transformer
    lora = random_lora_file(transformer, folder / "random.safetensors")
    join_sound_layers(transformer)
    bank = WeightBank(transformer)
    bank.prepare(LORA, read_lora(lora, layout_from_config(dict(transformer.config))).pairs)
    dev, _, distilled = bench.cases
    plan = LockedPlan() if tiny else LockedPlan(functions=compiled_locked(), captured=True)
    ours = Locked(bench, plan, transformer, _decoders(bench, tiny))
    bank.use(LORA)
    _check_swaps(ours, distilled, bank)
    made = [_measured(ours, distilled, takes) for takes in ((2, 3) if tiny else (8, 32, 1))]
    made.append(_measured(ours, dev, 2 if tiny else 8))
    ours.watched.free()
    bank.use(BASE)
    bench.pipeline.load_lora_weights(lora, adapter_name="random")
    stock = {case.name: stock_run(bench, case, "stock, adapter unfused") for case in (distilled, dev)}
    print("\n| case | stock's step, ms | its whole sampling, s |\n|---|---|---|")
    for case in (distilled, dev):
        print(f"| {case.name} | {stock[case.name].step_ms:.1f} | {stock[case.name].step_ms * case.steps / 1e3:.2f} |")
    _print(made, {name: one.step_ms for name, one in stock.items()})


def _decoders(bench: Bench, tiny: bool) -> DecodingModels:
    name = "tiny" if tiny else "full"
    dtype = "float32" if tiny else "bfloat16"  # of the audio VAE, which a CPU would decode in bf16 for minutes
    settings = LtxSettings(device=bench.device.type, dtype=dtype, random_weights=True, random_size=name)
    source = RandomSource(sizes=sizes_named(name), settings=settings)
    vocoder = source.loaded(Part.VOCODER, bench.device)
    phases_apart(vocoder, PLAIN if tiny else compiled_rates())
    return DecodingModels(vae=None, audio_vae=source.loaded(Part.AUDIO_VAE, bench.device), vocoder=vocoder)


def _check_swaps(ours: Locked, case: Case, bank: WeightBank) -> None:
    """Replayed graphs follow the bank: each state's sound is the one of plain blocks in that state."""
    quick = ours.denoiser(case, 2)
    plain = Locked(ours.bench, LockedPlan(), ours.transformer, None)
    slow = plain.denoiser(case, 2)
    noise = noise_of(ours.bench, case, 2)
    sounds: dict[str, Tensor] = {}
    print("\n| LoRA state, in turn over one graph | differs from plain blocks |\n|---|---|")
    for number, state in enumerate((LORA, BASE, LORA)):
        bank.use(state)
        found, expected = (ours.latents(one, case, noise).audio for one in (quick, slow))
        sounds[f"{number}"] = found.clone()
        print(f"| {'base' if state == BASE else 'LoRA'} | {difference(found, expected):.4f} |")
    print(f"\nThe states' sounds differ by {difference(sounds['0'], sounds['1']):.3f}, the first and last by ", end="")
    print(f"{difference(sounds['0'], sounds['2']):.1e}.", flush=True)


def _measured(ours: Locked, case: Case, takes: int) -> Measured:
    device = ours.bench.device
    ours.watched.free()
    noise = noise_of(ours.bench, case, takes)
    forget_peak(device)
    weights, started = _held(device), now(device)
    denoiser = ours.denoiser(case, takes)
    made = ours.latents(denoiser, case, noise)
    first_s, beyond = now(device) - started, _peak(device) - weights
    ours.sounds(made)

    def everything() -> None:
        ours.sounds(ours.latents(ours.denoiser(case, takes), case, noise_of(ours.bench, case, takes)))

    def median_ms(act: Callable[[], object]) -> float:
        return statistics.median([milliseconds(device, act) for _ in range(REPEATS if device.type == "cuda" else 1)])

    found = Measured(
        case=case,
        takes=takes,
        first_s=first_s,
        step_ms=median_ms(lambda: ours.latents(denoiser, case, noise)) / case.sampling.step_count,
        states_ms=median_ms(lambda: ours.denoiser(case, takes)),
        decoding_ms=median_ms(lambda: ours.sounds(made)),
        all_ms=median_ms(everything),
        beyond_gb=beyond / 1e9,
    )
    print(f"{case.name}, {takes} takes: {found.step_ms:.1f} ms a step", file=sys.stderr)
    return found


def _print(made: list[Measured], stock_step_ms: dict[str, float]) -> None:
    print(
        "\n| takes | a step, ms | sampling, ms a take | stock over it | states | decoding | everything, ms a take ",
        end="",
    )
    print(
        "| stock's sampling over it | beyond weights, GB | first picture, s |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for one in made:
        stock_ms = stock_step_ms[one.case.name] * one.case.steps
        scaled = one.all_ms + one.step_ms * (one.case.steps - one.case.sampling.step_count)
        print(
            f"| {one.takes}: {one.case.name} | {one.step_ms:.2f} | {one.sampling_ms / one.takes:.1f} "
            f"| {stock_ms / (one.sampling_ms / one.takes):.1f} | {one.states_ms:.0f} | {one.decoding_ms:.0f} "
            f"| {scaled / one.takes:.1f} | {stock_ms / (scaled / one.takes):.1f} | {one.beyond_gb:.2f} | {one.first_s:.1f} |",
            flush=True,
        )


# Under a cap


class _MadeSource:
    """Random weights, made on the GPU without regard to the cap: what a disk would bring."""

    def __init__(self, settings: LtxSettings, device: torch.device, gib: int) -> None:
        self._source = RandomSource(sizes=sizes_named(settings.random_size), settings=settings)
        self._device, self._gib = device, gib

    def loaded(self, part: Part, device: torch.device) -> Any:
        _cap(self._device, None)
        model = self._source.loaded(part, self._device)
        for weight in (*model.parameters(), *model.buffers()) if device != self._device else ():
            weight.data = torch.empty(weight.shape, dtype=weight.dtype).copy_(weight.data)
        _cap(self._device, self._gib)
        return model


def _capped(bench: Bench, gib: int, tiny: bool, folder: Path) -> None:
    """Streamed and fp8 weights, the states in every place they can have."""
    case, takes, name = bench.cases[2], 2 if tiny else 8, "tiny" if tiny else "full"
    bench.pipeline.register_modules(transformer=None)
    sizes = RANDOM_TINY_SIZES if tiny else LTX_2_3_SIZES
    layout = sizes_named(name).layout
    lora = random_lora(folder, name, layout)
    print(
        f"\n| under {gib} GiB, {takes} takes | states | made, ms | a step, ms | peak, GB | differs |\n|---|---|---|---|---|---|"
    )
    for memory in ("streamed", "fp8"):
        settings = LtxSettings(
            preset="fast", sampling=FAST, device=bench.device.type, memory=memory, random_weights=True, random_size=name
        )
        models = HeldModels(_MadeSource(settings, bench.device, gib), sizes, layout, settings, bench.device)
        _cap(bench.device, gib)
        models.make_room_for(_load(case, bench))
        held = models.sampling(Job())
        held.bank.prepare(LORA, read_lora(lora, layout).pairs)
        held.bank.use(LORA)
        _print_places(bench, case, takes, held.transformer, memory)
        print(f"\n{in_words(models.placement)}\n", flush=True)
        del held
        models.free()


def _print_places(bench: Bench, case: Case, takes: int, transformer: Any, memory: str) -> None:
    noise = noise_of(bench, case, takes)
    first: Tensor | None = None
    for kept in Watched:
        ours = Locked(bench, LockedPlan(kept=kept), transformer, None)
        forget_peak(bench.device)
        started = now(bench.device)
        denoiser = ours.denoiser(case, takes)
        states_ms = 1e3 * (now(bench.device) - started)
        made = ours.latents(denoiser, case, noise).audio
        first = made if first is None else first
        step_ms = milliseconds(bench.device, partial(ours.latents, denoiser, case, noise)) / case.sampling.step_count
        print(
            f"| {memory} | {kept} | {states_ms:.0f} | {step_ms:.0f} | {_peak(bench.device) / 1e9:.1f} "
            f"| {difference(made, first):.1e} |",
            flush=True,
        )


def _cap(device: torch.device, gib: int | None) -> None:
    if device.type == "cuda":
        torch.cuda.empty_cache()
        total = torch.cuda.mem_get_info()[1]
        torch.cuda.set_per_process_memory_fraction(1.0 if gib is None else gib * GIB / total)


def _load(case: Case, bench: Bench) -> Load:
    shape = case.shape
    return Load(
        video_tokens=shape.video_tokens,
        audio_tokens=shape.audio,
        text_tokens=bench.tokens,
        frames=(shape.frames - 1) * 8 + 1,
        pixels=shape.rows * shape.columns * 32 * 32,
        passes=1,
        takes=1,
        watched=1,
    )


def _held(device: torch.device) -> int:
    return torch.cuda.memory_allocated() if device.type == "cuda" else 0


def _peak(device: torch.device) -> int:
    return torch.cuda.max_memory_allocated() if device.type == "cuda" else 0


if __name__ == "__main__":
    main()
