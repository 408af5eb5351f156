"""How much memory is free, on the graphics card and beside it, asked without torch."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_MIB = 1 << 20
_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")
_QUERY = ("--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader,nounits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A graphics card as its driver describes it."""

    name: str
    total_bytes: int
    free_bytes: int
    driver: str


def graphics_card() -> Card | None:
    """The first NVIDIA card, which is the one torch takes; None where there is none or its driver does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        told = subprocess.run(
            [program, *_QUERY], capture_output=True, text=True, errors="replace", timeout=20, check=True
        ).stdout
        name, total, free, driver = (field.strip() for field in told.strip().splitlines()[0].rsplit(",", 3))
        return Card(name=name, total_bytes=int(total) * _MIB, free_bytes=int(free) * _MIB, driver=driver)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def host_free_bytes() -> int:
    """What programs can still take of the machine's memory, or of the container's where that is less."""
    return min(_available(), _left_to_container())


def _available() -> int:
    """Free pages and those that the kernel gives up when asked: files it keeps in memory."""
    try:
        for line in _MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def _left_to_container() -> int:
    """Limit less use of this process's control group; without a limit more than any machine has."""
    try:
        limit = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
        files = next(
            int(line.split()[1])
            for line in (_CGROUP / "memory.stat").read_text().splitlines()
            if line.startswith("inactive_file ")
        )
    except (OSError, ValueError, StopIteration):
        return 1 << 62
    return max(0, limit - used + files)
