"""Reading small files of lines as scenes."""

from fractions import Fraction
from pathlib import Path

from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Scene
from sottovoce_otio.timeline import ReadOptions, read_timeline

REGISTERS = register_table()


def scene_in(path: Path, content: str | bytes, options: ReadOptions | None = None) -> Scene:
    """The scene of a file with this content, which reading must not touch."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    before = path.read_bytes()
    scene = read_timeline(path, REGISTERS, options).scene
    assert path.read_bytes() == before
    return scene


def spoken_in(scene: Scene) -> list[tuple[str, str, str]]:
    """(voice, register, line) of every region, in order."""
    return [(region.voice, region.register, region.line) for region in scene.regions]


def at_rate(rate: Fraction | int) -> ReadOptions:
    return ReadOptions(rate=Fraction(rate))


def srt_of(*texts: str, seconds: int = 2) -> str:
    """Cues one after the other, each `seconds` long."""
    cues = []
    for number, text in enumerate(texts):
        start, end = (f"00:{at // 60:02}:{at % 60:02},000" for at in (number * seconds, (number + 1) * seconds))
        cues.append(f"{number + 1}\n{start} --> {end}\n{text}\n")
    return "\n".join(cues)
