"""Jobs as a plan would make them, small enough for the tiny model."""

from fractions import Fraction
from pathlib import Path

from sottovoce_engine.caption import caption_for
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.settings import VARIABLE
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import RenderJob, TakeFrames, Window
from sottovoce_engine.timing import Span

SCENE_RASTER = Raster(width=320, height=180)
PIXELS = 128 * 64
TEXT_TOKENS = 128


def render_job(
    key: str,
    register: str = "whisper",
    *,
    line: str = "close your eyes and listen",
    picture: PictureMode = PictureMode.CUT,
    rate: Fraction = Fraction(24),
    divisor: int = 1,
    seed: int = 1,
    model_frames: int = 9,
    raster: Raster = SCENE_RASTER,
    continues: str = "",
    from_take: TakeFrames | None = None,
) -> RenderJob:
    voice = Voice(name="ANNA", gender=Gender.WOMAN)
    window = Window(start=0, model_frames=model_frames, divisor=divisor)
    region = Region(
        id=f"{key:0>8}", span=Span(2, window.length - 2), register=register, voice="ANNA", line=line, look="a dim room"
    )
    given = register_table().get(register)
    return RenderJob(
        key=key,
        content=key,
        region=region,
        voice=voice,
        register=given,
        caption=caption_for(region, voice, given),
        window=window,
        rate=rate,
        start_frame=0,
        drop_frame=False,
        raster=raster,
        picture=picture,
        seed=seed,
        renderer="ltx",
        continues=continues,
        from_take=from_take,
    )


def write_settings(path: Path, model: Path, lora: Path | None, **more: object) -> dict[str, str]:
    """Settings for the tiny model on the CPU, and the environment that names them."""
    given = {
        "preset": "fast",
        "model": str(model),
        "lora": "" if lora is None else str(lora),
        "device": "cpu",
        "dtype": "float32",
        "pixels": PIXELS,
        "text_tokens": TEXT_TOKENS,
        "cache": str(path.parent / "captions"),
        **more,
    }
    lines = ["format = 1", *(f"{name} = {_toml(value)}" for name, value in given.items())]
    path.write_text("\n".join(lines) + "\n")
    return {VARIABLE: str(path)}


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
