"""Anna and Ben find a fox in their kitchen. Two voices, seven registers, two locations, no picture.

The marks are what an editor types: the voice, then the LoRA card's own caption form.

seconds    0         5         10        15        20        25        30
kitchen    | [Anna] [Ben] [Anna] [ Ben ] [Anna] ~gap~ [ Ben ][Anna]
hallway                                                        [Ben][Ben
                                                                    [Anna] ~gap~ [Ben][Anna] |
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from sottovoce.examples.parts import empty_timeline, gap, marker, track
from sottovoce_engine.caption import caption_for
from sottovoce_engine.registers import RegisterTable, register_table
from sottovoce_engine.scene import Gender, Raster, Region, Scene, Voice
from sottovoce_engine.timing import Span
from sottovoce_otio.ours import KEY, scene_metadata
from sottovoce_otio.region_marks import marker_colour

RATE = Fraction(24)
START_FRAME = 86_400  # 01:00:00:00
LENGTH_FRAMES = 744
HALLWAY_FRAME = 478  # where the scene moves on to the hallway

ANNA = Voice(name="Anna", gender=Gender.WOMAN, sound="clear")
BEN = Voice(name="Ben", gender=Gender.MAN, sound="low")

KITCHEN = "a dark kitchen at night, one lamp over the table"
HALLWAY = "a narrow hallway at night, the front door standing open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the scene."""

    span: Span
    voice: Voice
    register: str
    look: str
    text: str


def _line(start: int, end: int, voice: Voice, register: str, look: str, text: str) -> Line:
    return Line(span=Span(start, end), voice=voice, register=register, look=look, text=text)


LINES = (
    _line(24, 72, ANNA, "whisper", KITCHEN, "Ben. Don't put the light on."),
    _line(80, 116, BEN, "whisper", KITCHEN, "Why? What is it?"),
    _line(124, 176, ANNA, "whisper", KITCHEN, "There's a fox under the table."),
    _line(186, 248, BEN, "soft", KITCHEN, "It must have come in by the cat flap."),
    _line(258, 306, ANNA, "quieter", KITCHEN, "She's thin. Look at her paw."),
    _line(354, 426, BEN, "soft", KITCHEN, "Easy, girl. Nobody is going to hurt you."),
    _line(434, 474, ANNA, "normal", KITCHEN, "I'll open the back door."),
    _line(482, 523, BEN, "loud", HALLWAY, "Anna! She's in the hall!"),
    _line(528, 571, BEN, "shout", HALLWAY, "The front door! Open it!"),
    _line(559, 593, ANNA, "scream", HALLWAY, "She's between my feet!"),
    _line(636, 660, BEN, "normal", HALLWAY, "She's gone."),
    _line(670, 722, ANNA, "quieter", HALLWAY, "Leave the flap open tomorrow."),
)


def timeline() -> Any:
    """The scene as an editor marks it, before anything is rendered."""
    registers = register_table()
    scene = Scene(
        name="night",
        rate=RATE,
        length_frames=LENGTH_FRAMES,
        raster=Raster(width=640, height=360),
        voices=(ANNA, BEN),
    )
    made = empty_timeline(scene.name, START_FRAME, RATE)
    made.metadata[KEY] = scene_metadata(scene)
    for name, kind in (("V1", "Video"), ("A1", "Audio")):
        rooms = [gap(HALLWAY_FRAME, RATE, "kitchen"), gap(LENGTH_FRAMES - HALLWAY_FRAME, RATE, "hallway")]
        made.tracks.append(track(name, kind, rooms))
    made.tracks.markers.extend(
        marker(_mark(line, registers), line.span, RATE, marker_colour(registers.get(line.register).colour))
        for line in LINES
    )
    made.tracks.markers.append(marker("Score: nothing here, let the room be heard", Span(306, 354), RATE, "WHITE"))
    return made


def _mark(line: Line, registers: RegisterTable) -> str:
    """`Ben: a dark kitchen, (man, speaking softly): "Easy.", intimate ASMR`."""
    region = Region(
        id="", span=line.span, register=line.register, voice=line.voice.name, line=line.text, look=line.look
    )
    caption = caption_for(region, replace(line.voice, sound=""), registers.get(line.register))
    return f"{line.voice.name}: {caption}"
