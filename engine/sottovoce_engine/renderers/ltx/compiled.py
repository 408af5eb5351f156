"""The function that runs a block: as it is, or compiled."""

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
    if not settings.compiled:
        return block_rows
    missing = _missing_for_compiling(settings)
    if missing:
        _LOG.warning("Blocks are not compiled, so steps take longer: %s.", missing)
        return block_rows
    return compiled_blocks()


@cache
def compiled_blocks(backend: str = "inductor") -> BlockFunction:
    """`block_rows`, compiled: one function for the whole process, so that nothing is compiled twice.

    The first shape is compiled for itself; with the second, lengths become variables, and every further one is free.
    What was compiled is kept on disk from run to run.
    How many rows there are stays fixed: it is one of few numbers, and kernels are better for knowing it.

    Args:
        backend: What of torch turns the captured function into kernels.
    """
    os.environ.setdefault(_CACHE, str(user_cache_path("sottovoce", appauthor=False) / "compiled"))
    torch._dynamo.config.recompile_limit = max(torch._dynamo.config.recompile_limit, _VARIANTS)
    compiled = torch.compile(block_rows, fullgraph=True, backend=backend)

    def run(
        block: Any, video: Tensor, audio: Tensor, captions: Any, modulation: Any, places: Any, rows: Rows, **more: bool
    ) -> tuple[Tensor, Tensor]:
        for tensor in (video, audio, rows.caption, rows.perturbed):
            if tensor is not None:
                torch._dynamo.mark_static(tensor, 0)
        return compiled(block, video, audio, captions, modulation, places, rows, **more)

    return run


def _missing_for_compiling(settings: LtxSettings) -> str:
    """What torch.compile needs and this machine lacks; empty where there is nothing."""
    on_gpu = settings.device != "cpu" and torch.cuda.is_available()
    if on_gpu and not has_triton():
        return "torch finds no Triton for this GPU"
    names = _C_COMPILERS if on_gpu else _CPP_COMPILERS
    if os.environ.get("CC" if on_gpu else "CXX") or sys.platform == "win32" or any(map(shutil.which, names)):
        return ""
    return f"there is no compiler: install one of {', '.join(names)}"
