"""Scenes through LTX-2.3's stages: on cards of several sizes, and beside stock diffusers.

Every model has its full size and random weights. Distilled, 8 steps, 768x512, 97 frames at 24 a second.

    no cap      two regions, one with the LoRA and one without
    24 GiB      the same, captions from the cache
    16 GiB      the same, captions encoded anew
    40 GiB      eight regions in four registers: ours, and stock `LTX2Pipeline` with `enable_model_cpu_offload`, region
                by region, in whole wall time; both begin with every weight in the host's memory; ours ends with takes
                on disk, stock with arrays

For the first three, weights are made on the GPU in place of a disk; that time is told apart.

    python bench/ltx_scene.py          on a GPU with 80 GB, beside 100 GB of memory; --stock 4 for half of stock's scene
    python bench/ltx_scene.py --tiny   the same on the CPU with a tiny model: checks the script, its times mean nothing
"""

import argparse
import copy
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTX2Pipeline
from torch import nn

from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.loading import ModelSource, Part
from sottovoce_engine.renderers.ltx.model_sizes import LTX_2_3_SIZES, RANDOM_TINY_SIZES
from sottovoce_engine.renderers.ltx.placement_words import in_words
from sottovoce_engine.renderers.ltx.random_weights import RandomSource, byte_tokenizer, random_lora, sizes_named
from sottovoce_engine.renderers.ltx.sampling_settings import FAST
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.stages import Stages
from sottovoce_engine.scene import Raster
from sottovoce_engine.take import Failure, RenderJob

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the tests' jobs and their way to call the pipeline

GIB = 1 << 30
CPU = torch.device("cpu")
REGISTERS = ("whisper", "normal", "soft", "loud")
LINES = (
    "close your eyes and listen",
    "the train leaves at nine",
    "nobody knows we are here",
    "get away from the window",
    "I kept every letter",
    "then we take the other road",
    "it is nearly over now",
    "somebody open that door",
)
PARTS = (Part.TEXT_ENCODER, Part.CONNECTORS, Part.TRANSFORMER, Part.VAE, Part.AUDIO_VAE, Part.VOCODER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What everything here works with."""

    tiny: bool
    device: torch.device
    folder: Path
    lora: Path

    def settings(self, captions: str) -> LtxSettings:
        return LtxSettings(
            preset="fast",
            sampling=FAST,
            device=self.device.type,
            random_weights=True,
            random_size="tiny" if self.tiny else "full",
            raster="128x64" if self.tiny else "768x512",
            text_tokens=128 if self.tiny else 1024,
            lora=str(self.lora),
            cache=str(self.folder / captions),
        )


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="a tiny model on the CPU: checks the script")
    parser.add_argument("--stock", type=int, default=len(LINES), help="regions that stock renders")
    given = parser.parse_args()
    if not (given.tiny or torch.cuda.is_available()):
        print("LTX: no CUDA GPU here, nothing measured (--tiny checks the script on the CPU).")
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    torch.set_grad_enabled(False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lora = random_lora(folder, "bench", sizes_named("tiny" if given.tiny else "full").layout)
        bench = Bench(tiny=given.tiny, device=torch.device("cpu" if given.tiny else "cuda"), folder=folder, lora=lora)
        jobs = _jobs(bench)
        print(
            "\n| way | wall, s | of it loading | captions | sampling | decoding | peak, GB |\n|---|---|---|---|---|---|---|"
        )
        for cap, captions in ((None, "first"), (24, "first"), (16, "second")):
            name = f"ours, {'no cap' if cap is None else f'{cap} GiB'}, 2 regions"
            _ours(bench, name, jobs[:2], _MadeSource(bench, cap), cap=cap, captions=captions)
        held = _HostSource(bench)
        _ours(bench, "ours, 40 GiB, 8 regions", jobs, held, cap=40, captions="third")
        _stock(bench, jobs[: given.stock], held)


def _jobs(bench: Bench) -> list[RenderJob]:
    from tests.engine.renderers.ltx.render_jobs import render_job

    frames, raster = (9, Raster(width=128, height=64)) if bench.tiny else (97, Raster(width=768, height=512))
    return [
        render_job(
            f"scene{number}",
            REGISTERS[number % len(REGISTERS)],
            line=line,
            model_frames=frames,
            raster=raster,
            seed=number + 1,
        )
        for number, line in enumerate(LINES[:2] if bench.tiny else LINES)
    ]


# Where weights come from


class _HostSource:
    """Every model in the host's memory; what is asked for is copied from there."""

    def __init__(self, bench: Bench) -> None:
        source = RandomSource(sizes=sizes_named("tiny" if bench.tiny else "full"), settings=bench.settings("first"))
        started = _now(bench)
        _cap(bench, None)
        self.models = {part: _made(source, part, bench, CPU) for part in PARTS}
        self.seconds = 0.0
        print(f"every model made and put into the host's memory in {_now(bench) - started:.0f} s", flush=True)

    def loaded(self, part: Part, device: torch.device) -> Any:
        return byte_tokenizer() if part is Part.TOKENIZER else _copied(self.models[part], device)


class _MadeSource:
    """Random weights, made on the GPU without regard to the cap: what a disk would bring."""

    def __init__(self, bench: Bench, cap: int | None) -> None:
        self._bench, self._cap = bench, cap
        self._source = RandomSource(
            sizes=sizes_named("tiny" if bench.tiny else "full"), settings=bench.settings("first")
        )
        self.seconds = 0.0

    def loaded(self, part: Part, device: torch.device) -> Any:
        if part is Part.TOKENIZER:
            return byte_tokenizer()
        started = _now(self._bench)
        _cap(self._bench, None)
        model = _made(self._source, part, self._bench, device)
        _cap(self._bench, self._cap)
        self.seconds += _now(self._bench) - started
        return model


def _made(source: ModelSource, part: Part, bench: Bench, device: torch.device) -> Any:
    model = source.loaded(part, bench.device)
    for weight in (*model.parameters(), *model.buffers()) if device != bench.device else ():
        away = torch.empty(weight.shape, dtype=weight.dtype).zero_()  # touched by all cores, then copied by one
        weight.data = away.copy_(weight.data)
    if bench.device.type == "cuda":
        torch.cuda.empty_cache()
    return model


def _copied(model: nn.Module, device: torch.device) -> nn.Module:
    memo: dict[int, Any] = {}
    for weight in model.parameters():
        memo[id(weight)] = nn.Parameter(weight.data.to(device), requires_grad=False)
    for buffer in model.buffers():
        memo[id(buffer)] = buffer.to(device)
    return copy.deepcopy(model, memo)


# Ours


@dataclass(slots=True)
class _Watch:
    """How long each stage took, from the progress it reports."""

    bench: Bench
    seconds: dict[str, float] = field(default_factory=dict)
    stage: str = ""
    since: float = 0.0

    def __call__(self, progress: Progress) -> None:
        now = _now(self.bench)
        if self.stage:
            self.seconds[self.stage] = self.seconds.get(self.stage, 0.0) + now - self.since
        self.stage, self.since = progress.stage, now


def _ours(
    bench: Bench,
    way: str,
    jobs: Sequence[RenderJob],
    source: "_HostSource | _MadeSource",
    *,
    cap: int | None = None,
    captions: str,
) -> None:
    sizes = sizes_named("tiny" if bench.tiny else "full")
    settings = bench.settings(captions)
    _cap(bench, cap)
    models = HeldModels(
        source, RANDOM_TINY_SIZES if bench.tiny else LTX_2_3_SIZES, sizes.layout, settings, bench.device
    )
    stages = Stages(
        media=MediaFolder(Path(tempfile.mkdtemp(dir=bench.folder))),
        settings=settings,
        models=models,
        layout=sizes.layout,
        shift=ShiftSettings(),
        fingerprint="random",
        folder=bench.folder,
    )
    watch = _Watch(bench)
    started = _now(bench)
    failed = []
    try:
        failed = [made.reason for made in stages.outcomes(jobs, Job(watch)) if isinstance(made, Failure)]
    except Exception:  # the other ways are still to be measured
        logging.exception("%s", way)
        models.free()
        return
    wall = _now(bench) - started - source.seconds
    stage = dict.fromkeys(("loading the model", "captions", "sampling", "decoding"), 0.0) | watch.seconds
    figures = " | ".join(f"{seconds:.1f}" for seconds in stage.values())
    print(f"| {way} | {wall:.1f} | {figures} | {_peak(bench):.1f} |", flush=True)
    print(
        f"  made {len(jobs) - len(failed)} takes; {source.seconds:.1f} s of loading were for making weights", flush=True
    )
    print(f"  {in_words(models.placement)}. {models.stepped_down}", flush=True)
    for reason in failed:
        print(f"  FAILED: {reason}", flush=True)
    models.free()


# Stock


def _stock(bench: Bench, jobs: Sequence[RenderJob], held: _HostSource) -> None:
    from tests.engine.renderers.ltx.stock_sampling import stock_arguments

    _cap(bench, 40)
    pipeline = LTX2Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=False, shift_terminal=None),
        tokenizer=byte_tokenizer(),
        **{part.value: held.models[part] for part in PARTS},
    )
    pipeline.vocoder.to(pipeline.transformer.dtype)  # stock gives it what the audio VAE gives
    pipeline.set_progress_bar_config(disable=True)
    if not bench.tiny:
        pipeline.enable_model_cpu_offload()
    loaded, times = False, []
    for asked in jobs:
        started = _now(bench)
        if asked.register.lora and not loaded:
            pipeline.load_lora_weights(bench.lora, adapter_name="whisper")
            loaded = True
        if loaded:
            (pipeline.enable_lora if asked.register.lora else pipeline.disable_lora)()
        settings = bench.settings("first")
        raster = settings.raster_for(asked.raster)
        pipeline(
            prompt=[asked.caption],
            height=raster.height,
            width=raster.width,
            num_frames=asked.window.model_frames,
            frame_rate=float(asked.model_rate),
            generator=[torch.Generator("cpu").manual_seed(asked.seed)],
            max_sequence_length=settings.text_tokens,
            output_type="np",
            **stock_arguments(FAST),
        )
        times.append(_now(bench) - started)
        print(f"  stock, {asked.register.name}: {times[-1]:.1f} s", flush=True)
    scaled = sum(times) * len(LINES) / len(times)
    print(
        f"| stock, cpu offload, 40 GiB, 8 regions (from {len(times)}) | {scaled:.1f} | | | | | {_peak(bench):.1f} |",
        flush=True,
    )
    pipeline.remove_all_hooks()
    pipeline.to("cpu")


# Measuring


def _now(bench: Bench) -> float:
    if bench.device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def _cap(bench: Bench, gib: int | None) -> None:
    if bench.device.type == "cuda":
        torch.cuda.empty_cache()
        total = torch.cuda.mem_get_info()[1]
        torch.cuda.set_per_process_memory_fraction(1.0 if gib is None else gib * GIB / total)
        torch.cuda.reset_peak_memory_stats()


def _peak(bench: Bench) -> float:
    return torch.cuda.max_memory_reserved() / 1e9 if bench.device.type == "cuda" else 0.0


if __name__ == "__main__":
    main()
