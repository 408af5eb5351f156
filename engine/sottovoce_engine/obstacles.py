"""What stands in the way of a region, told the moment it does, before anything is planned; each with what to do."""

import math

from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.timing import timecode
from sottovoce_engine.windows import MODEL_MAX_SECONDS, parts_of_region

_HURRIED = 1.5  # times the usual pace


def obstacles(region: Region, scene: Scene, registers: RegisterTable) -> tuple[str, ...]:
    """All there are for a region as it is now, the gravest first."""
    found = (
        _register_missing(region, registers),
        _line_missing(region),
        _too_long(region, scene),
        _hurried_with_remedy(region, scene),
    )
    return tuple(each for each in found if each)


def waits(region: Region, scene: Scene) -> bool:
    """Whether a region is left out of renders until a person changes it: it has no line, or no window holds it."""
    if not region.line.strip():
        return True
    try:
        parts_of_region(region, scene.rate)
    except InputError:
        return True
    return False


def hurry(region: Region, scene: Scene) -> str:
    """That a line has not the time it needs; "" where it has."""
    needed, there = speaking_seconds(region.line), float(region.span.length / scene.rate)
    if needed <= _HURRIED * there:
        return ""
    return f"the line needs about {needed:.1f} s and has {there:.1f} s: it will sound hurried"


def _register_missing(region: Region, registers: RegisterTable) -> str:
    if region.register in registers.names:
        return ""
    return (
        f"There is no register '{region.register}'. Choose another one, or open the timeline with the file of registers "
        "that has it."
    )


def _line_missing(region: Region) -> str:
    return "" if region.line.strip() else "The region has no line, and is left out of renders. Type what is said."


def _too_long(region: Region, scene: Scene) -> str:
    try:
        parts = len(parts_of_region(region, scene.rate))
    except InputError as error:
        return f"{error} Until then it is left out of renders."
    seconds = float(region.span.length / scene.rate)
    if parts == 1:
        return ""
    return (
        f"{seconds:.1f} s do not fit into one window of {MODEL_MAX_SECONDS} s: it is rendered in {parts} parts, cut between "
        "words. Split it yourself to say where."
    )


def _hurried_with_remedy(region: Region, scene: Scene) -> str:
    told = hurry(region, scene) if region.line.strip() else ""
    if not told:
        return ""
    end = region.span.start + math.ceil(speaking_seconds(region.line) * scene.rate)
    if end > scene.length_frames:
        return f"{told}. Shorten the line, or start the region earlier."
    there = timecode(scene.start_frame + end, scene.rate, drop=scene.drop_frame)
    return f"{told}. Trim its end to {there}, or shorten the line."
