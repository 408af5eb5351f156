"""The function that runs a block: as it is, or compiled."""

import logging
import os
import shutil
import sys
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor
from torch.utils._triton import has_triton

from sottovoce_engine.renderers.ltx.rows import block_rows
from sottovoce_engine.renderers.ltx.settings import LtxSettings

BlockFunction = Callable[..., tuple[Tensor, Tensor]]

_LOG = logging.getLogger(__name__)
_C_COMPILERS, _CPP_COMPILERS = (
    ("gcc", "clang", "cc"),
    ("g++", "clang++", "c++"),
)  # Triton's launchers; the CPU's kernels
_SHAPES = 64  # compiled variants kept: each shape has three, before, in and after the perturbed blocks


def block_function(settings: LtxSettings) -> BlockFunction:
    """`block_rows`, compiled where the settings ask for it and this machine can; where it cannot, a warning says so."""
    if not settings.compiled:
        return block_rows
    missing = _missing_for_compiling(settings)
    if missing:
        _LOG.warning("Blocks are not compiled, so steps take longer: %s.", missing)
        return block_rows
    return _compiled()


@cache
def _compiled() -> BlockFunction:
    """One for the whole process, so that a shape is compiled once."""
    torch._dynamo.config.recompile_limit = max(torch._dynamo.config.recompile_limit, _SHAPES)
    return torch.compile(block_rows, dynamic=False, fullgraph=True)


def _missing_for_compiling(settings: LtxSettings) -> str:
    """What torch.compile needs and this machine lacks; empty where there is nothing."""
    on_gpu = settings.device != "cpu" and torch.cuda.is_available()
    if on_gpu and not has_triton():
        return "torch finds no Triton for this GPU"
    names = _C_COMPILERS if on_gpu else _CPP_COMPILERS
    if os.environ.get("CC" if on_gpu else "CXX") or sys.platform == "win32" or any(map(shutil.which, names)):
        return ""
    return f"there is no compiler: install one of {', '.join(names)}"
