"""Windows of several lines, as a plan would gate them."""

from fractions import Fraction

from sottovoce_engine.caption import caption_for
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Region, Voice
from sottovoce_engine.take import GatedLine, Gating, LockedPicture, Window
from sottovoce_engine.timing import Span

RATE = Fraction(24)
ANNA, BEN = Voice(name="ANNA", gender=Gender.WOMAN), Voice(name="BEN", gender=Gender.MAN)
WHISPER, NORMAL = ("whisper", ANNA, "close your eyes"), ("normal", BEN, "who is there?")
Spoken = tuple[str, Voice, str]


def gated_line(spoken: Spoken, span: Span) -> GatedLine:
    register, voice, line = register_table().get(spoken[0]), spoken[1], spoken[2]
    region = Region(id="0000000a", span=span, register=register.name, voice=voice.name, line=line, look="a dim room")
    caption = caption_for(region, voice, register)
    return GatedLine(span=span, voice=voice, register=register, line=line, caption=caption)


def gating_of(
    *lines: tuple[Spoken, Span],
    model_frames: int = 17,
    edge_ms: int = 80,
    leak: float = 0.0,
    locked_on: LockedPicture | None = None,
) -> Gating:
    """One window from frame 0 on."""
    return Gating(
        window=Window(start=0, model_frames=model_frames),
        lines=tuple(gated_line(spoken, span) for spoken, span in lines),
        caption=f"a dim room, {'; '.join(spoken[2] for spoken, _ in lines)}",
        locked_on=locked_on,
        edge_ms=edge_ms,
        leak=leak,
    )
