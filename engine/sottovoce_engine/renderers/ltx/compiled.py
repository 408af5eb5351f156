"""The functions that run a block: as they are, or compiled."""

import logging
import os
import shutil
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from platformdirs import user_cache_path
from torch import Tensor
from torch.utils._triton import has_triton

from sottovoce_engine.renderers.ltx.anti_aliasing import Rates, doubled, halved
from sottovoce_engine.renderers.ltx.locked_functions import EAGER, LockedFunctions
from sottovoce_engine.renderers.ltx.locked_sound import Answers, SoundRows, answers, sound_rows
from sottovoce_engine.renderers.ltx.locked_states import picture_rows
from sottovoce_engine.renderers.ltx.rows import Rows, block_rows
from sottovoce_engine.renderers.ltx.settings import LtxSettings

BlockFunction = Callable[..., tuple[Tensor, Tensor]]

_LOG = logging.getLogger(__name__)
_CACHE = "TORCHINDUCTOR_CACHE_DIR"  # torch's own choice is emptied when the machine starts
_C_COMPILERS, _CPP_COMPILERS = (
    ("gcc", "clang", "cc"),
    ("g++", "clang++", "c++"),
)  # Triton's launchers; the CPU's kernels
_VARIANTS = (
    64  # kept: three for every number of takes, before, in and after the perturbed blocks, of fixed and of any length
)


def block_function(settings: LtxSettings) -> BlockFunction:
    """`block_rows`, compiled where the settings ask for it and this machine can; where it cannot, a warning says so."""
    return compiled_blocks() if _compiles(settings) else block_rows


def locked_functions(settings: LtxSettings) -> LockedFunctions:
    """Those for sound over a picture that stays, compiled where `block_rows` is."""
    return compiled_locked() if _compiles(settings) else EAGER


def activation_rates(settings: LtxSettings) -> Rates | None:
    """Those of the vocoder's activations, compiled where `block_rows` is; None: diffusers' own are faster."""
    return compiled_rates() if _compiles(settings) else None


@cache
def compiled_blocks(backend: str = "inductor") -> BlockFunction:
    """`block_rows`, compiled: one function for the whole process, so that nothing is compiled twice.

    The first shape is compiled for itself; with the second, lengths become variables, and every further one is free.
    What was compiled is kept on disk from run to run.
    How many rows there are stays fixed: it is one of few numbers, and kernels are better for knowing it.

    Args:
        backend: What of torch turns the captured function into kernels.
    """
    compiled = _compiled(block_rows, backend)

    def run(
        block: Any, video: Tensor, audio: Tensor, captions: Any, modulation: Any, places: Any, rows: Rows, **more: bool
    ) -> tuple[Tensor, Tensor]:
        _mark_static(video, audio, rows.caption, rows.perturbed)
        made: tuple[Tensor, Tensor] = compiled(block, video, audio, captions, modulation, places, rows, **more)
        return made

    return run


@cache
def compiled_locked(backend: str = "inductor") -> LockedFunctions:
    """Those for sound over a picture that stays, compiled likewise.

    Args:
        backend: See `compiled_blocks`.
    """
    asked, sounded, seen = (_compiled(function, backend) for function in (answers, sound_rows, picture_rows))

    def run_answers(block: Any, state: Tensor, captions: Tensor, *more: Any) -> Answers:
        _mark_static(state, captions)
        made: Answers = asked(block, state, captions, *more)
        return made

    def run_rows(
        block: Any, audio: Tensor, given: Answers, modulation: Any, places: Any, rows: SoundRows, **more: bool
    ) -> Tensor:
        _mark_static(audio, *given, rows.caption, rows.perturbed)
        made: Tensor = sounded(block, audio, given, modulation, places, rows, **more)
        return made

    def run_picture(block: Any, video: Tensor, captions: Tensor, *more: Any) -> tuple[Tensor, Tensor]:
        _mark_static(video, captions)
        made: tuple[Tensor, Tensor] = seen(block, video, captions, *more)
        return made

    return LockedFunctions(answers=run_answers, rows=run_rows, picture=run_picture)


@cache
def compiled_rates(backend: str = "inductor") -> Rates:
    """Those of the vocoder's activations: lengths and channels are variables from the beginning, as it has many.

    Args:
        backend: See `compiled_blocks`.
    """
    return Rates(
        doubled=_compiled(doubled, backend, dynamic=True),
        halved=_compiled(halved, backend, dynamic=True),
    )


def _compiled(function: Callable[..., Any], backend: str, *, dynamic: bool | None = None) -> Callable[..., Any]:
    os.environ.setdefault(_CACHE, str(user_cache_path("sottovoce", appauthor=False) / "compiled"))
    torch._dynamo.config.recompile_limit = max(torch._dynamo.config.recompile_limit, _VARIANTS)
    return torch.compile(function, fullgraph=True, backend=backend, dynamic=dynamic)


def _mark_static(*tensors: Tensor | None) -> None:
    """How many rows, streams or captions there are is no variable."""
    for tensor in tensors:
        if tensor is not None:
            torch._dynamo.mark_static(tensor, 0)


def _compiles(settings: LtxSettings) -> bool:
    """Whether the settings ask for it and this machine can; where it cannot, a warning says so."""
    missing = _missing_for_compiling(settings) if settings.compiled else ""
    if missing:
        _LOG.warning("Blocks are not compiled, so steps take longer: %s.", missing)
    return settings.compiled and not missing


def _missing_for_compiling(settings: LtxSettings) -> str:
    """What torch.compile needs and this machine lacks; empty where there is nothing."""
    on_gpu = settings.device != "cpu" and torch.cuda.is_available()
    if on_gpu and not has_triton():
        return "torch finds no Triton for this GPU"
    names = _C_COMPILERS if on_gpu else _CPP_COMPILERS
    if os.environ.get("CC" if on_gpu else "CXX") or sys.platform == "win32" or any(map(shutil.which, names)):
        return ""
    return f"there is no compiler: install one of {', '.join(names)}"
