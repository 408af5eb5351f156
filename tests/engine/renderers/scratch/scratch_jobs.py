"""Render jobs for the scratch renderer."""

from fractions import Fraction

from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import window_for

REGISTERS = register_table()
SMALL = Raster(width=320, height=180)


def never_stops() -> None:
    """Nobody asks this work to stop."""


def scratch_job(
    line: str,
    register: str = "normal",
    gender: str = "woman",
    *,
    name: str = "",
    sound: str = "",
    seconds: float = 2.5,
    rate: Fraction = Fraction(24),
    seed: int = 1,
    look: str = "",
    location: str = "",
    raster: Raster = SMALL,
    picture: PictureMode = PictureMode.CUT,
    start: int = 48,
    start_frame: int = 86_400,
    drop_frame: bool = False,
    handle_frames: int = 24,
    key: str = "job",
) -> RenderJob:
    voice = Voice(name=name or {"woman": "Anna", "man": "Ben"}[gender], gender=Gender(gender), sound=sound)
    span = Span(start, start + max(1, round(seconds * rate)))
    region = Region(
        id="1f0c9a42", span=span, register=register, voice=voice.name, line=line, look=look, location=location
    )
    return RenderJob(
        key=key,
        content="content",
        region=region,
        voice=voice,
        register=REGISTERS.get(register),
        caption="",
        window=window_for(span, rate, handle_frames),
        rate=rate,
        start_frame=start_frame,
        drop_frame=drop_frame,
        raster=raster,
        picture=picture,
        seed=seed,
        renderer="scratch",
    )
