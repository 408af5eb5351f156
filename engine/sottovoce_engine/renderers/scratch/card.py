"""The storyboard card of a take: all that stays the same over its frames, and where the rest is drawn.

    ┌─────────────────────────────────────────┐
    │█ [W] whisper                01:00:04:12 │   register by letter, name and colour; timecode
    │█ Anna   woman, low                      │   voice
    │█                                        │
    │█ Close your eyes, and listen.           │   line
    │█                                        │
    │█ dim bedroom, night                     │   look
    │█ ───┃──────────────────────────────     │   where in the window; the region between its handles
    │█ ▇▇▇▇▇▇▇▇▇▇▇▇▇                          │   mouth level
    └─────────────────────────────────────────┘

Small rasters lose the look first, then the voice, then the names, and keep colour, letter and level.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sottovoce_engine.renderers.scratch.lettering import Box, one_line, set_in
from sottovoce_engine.scene import Raster
from sottovoce_engine.take import RenderJob

GROUND = "#15171B"
_TRACK = "#262A31"
_TEXT = "#F3F0E9"
_MUTED = "#969CA6"
_DARK = "#101114"

_SMALLEST_TYPE = 9  # pixels
TIMECODE_DIGITS, TIMECODE_CHARACTERS = 8, 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card without what moves. Boxes have even sides left and right: colour is stored at half width."""

    picture: NDArray[np.uint8]  # [rows, columns, 3] R'G'B'
    timecode: Box | None  # where it stands, ending at the right; None where there is no room
    digit: int  # pixels across one digit of it
    window: Box | None  # the strip that shows where in the window the frame lies
    level: Box | None  # the track of the mouth level


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measures:
    """Sizes in pixels, from a layout of 1280 by 720."""

    raster: Raster
    unit: float
    margin: int
    band: int

    def type_size(self, size: float, smallest: int = _SMALLEST_TYPE) -> int:
        return max(smallest, round(size * self.unit))

    def pixels(self, size: float) -> int:
        return max(1, round(size * self.unit))

    @property
    def inner(self) -> Box:
        width, height = self.raster.width, self.raster.height
        return Box(
            left=_even(self.band + self.margin), top=self.margin, right=_even(width - self.margin), bottom=height
        )


def card_for(job: RenderJob) -> Card:
    """The card of `job` at its raster."""
    measures = _measures(job.raster)
    image = Image.new("RGB", (job.raster.width, job.raster.height), GROUND)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, measures.band - 1, job.raster.height - 1), fill=job.register.colour)
    level, window = _tracks(draw, job, measures)
    bottom = (window or level or Box(left=0, top=job.raster.height, right=0, bottom=0)).top
    timecode, top = _head(draw, job, measures, bottom)
    room = Box(left=measures.inner.left, top=top, right=measures.inner.right, bottom=bottom - measures.pixels(14))
    _texts(draw, job, measures, room)
    digit = _digit_width(measures)
    return Card(picture=np.asarray(image), timecode=timecode, digit=digit, window=window, level=level)


def _measures(raster: Raster) -> _Measures:
    unit = min(raster.width / (1280 if raster.width >= raster.height else 800), raster.height / 720)
    return _Measures(
        raster=raster,
        unit=unit,
        margin=max(2, round(min(raster.width, raster.height) * 0.065)),
        band=max(2, _even(round(18 * unit))),
    )


def _tracks(draw: ImageDraw.ImageDraw, job: RenderJob, measures: _Measures) -> tuple[Box | None, Box | None]:
    """The mouth level's track at the bottom, and above it the window with its region."""
    inner, height = measures.inner, job.raster.height
    if inner.width < 16:
        return None, None
    thick = max(3, measures.pixels(20))
    bottom = height - max(2, round(measures.margin * 0.75))
    level = Box(left=inner.left, top=bottom - thick, right=inner.right, bottom=bottom)
    draw.rectangle((level.left, level.top, level.right - 1, level.bottom - 1), fill=_TRACK)
    if height < 90:
        return level, None
    thin = max(2, measures.pixels(6))
    above = level.top - max(4, measures.pixels(14))
    window = Box(left=inner.left, top=above - thin, right=inner.right, bottom=above)
    draw.rectangle((window.left, window.top, window.right - 1, window.bottom - 1), fill=_TRACK)
    first = job.region.span.start - job.window.start
    left = window.left + window.width * first // job.window.length
    right = window.left + window.width * (first + job.region.span.length) // job.window.length
    draw.rectangle((left, window.top, max(left, right - 1), window.bottom - 1), fill=_dimmed(job.register.colour))
    return level, window


def _head(draw: ImageDraw.ImageDraw, job: RenderJob, measures: _Measures, bottom: int) -> tuple[Box | None, int]:
    """Letter, register and the timecode's place; what lies below begins at the row returned."""
    inner = measures.inner
    chip = max(11, round(60 * measures.unit))
    top = min(inner.top, max(1, (bottom - chip) // 2))
    if bottom - top < chip or inner.width < chip:
        return None, top
    draw.rounded_rectangle(
        (inner.left, top, inner.left + chip - 1, top + chip - 1), radius=chip // 6, fill=job.register.colour
    )
    letter = one_line(job.register.letter, 2 * chip, max(8, round(chip * 0.68)))
    if letter is not None:
        draw.text(
            (inner.left + chip / 2, top + chip / 2),
            letter.lines[0],
            font=letter.face.at(letter.size),
            fill=_DARK,
            anchor="mm",
        )
    size = measures.type_size(38, 11)
    timecode = _timecode_box(measures, top, chip, size)
    left = inner.left + chip + max(4, measures.pixels(18))
    right = (timecode.left if timecode else inner.right) - measures.pixels(14)
    name = one_line(job.register.name, right - left, size) if right - left >= 3 * size else None
    if name is not None:
        place = Box(left=left, top=top + (chip - name.height) // 2, right=right, bottom=bottom)
        name.draw(draw, place, job.register.colour)
    return timecode, top + chip + max(3, measures.pixels(26))


def _timecode_box(measures: _Measures, top: int, chip: int, size: int) -> Box | None:
    """Eight digits and three separators at the right of the head."""
    inner, digit = measures.inner, _digit_width(measures)
    width = TIMECODE_DIGITS * digit + (TIMECODE_CHARACTERS - TIMECODE_DIGITS) * separator_width(digit)
    if inner.width < chip + size + width:
        return None
    height = min(chip, round(size * 1.25))
    above = top + (chip - height) // 2
    return Box(left=inner.right - width, top=above, right=inner.right, bottom=above + height)


def _digit_width(measures: _Measures) -> int:
    return _even(round(measures.type_size(38, 11) * 0.62) + 1)


def separator_width(digit: int) -> int:
    """Pixels of a `:` beside digits of that width."""
    return max(4, _even(round(digit * 0.55)))


def _texts(draw: ImageDraw.ImageDraw, job: RenderJob, measures: _Measures, room: Box) -> None:
    """Voice, look and, in all that is left between them, the line."""
    top, bottom = room.top, room.bottom
    line_needs = measures.type_size(30, 12)
    voice_size, look_size = measures.type_size(38, 11), measures.type_size(26, 10)
    if bottom - top >= 2 * voice_size + line_needs:
        top = _voice(draw, job, measures, Box(left=room.left, top=top, right=room.right, bottom=bottom), voice_size)
    if job.region.look.strip() and bottom - top >= 2 * line_needs + 2 * look_size:
        rows = 2 if job.raster.height >= 300 else 1
        box = Box(left=room.left, top=0, right=room.right, bottom=round(rows * look_size * 1.28))
        look = set_in(job.region.look, box, look_size, look_size)
        if look is not None:
            bottom -= look.height
            look.draw(draw, Box(left=room.left, top=bottom, right=room.right, bottom=room.bottom), _MUTED)
            bottom -= measures.pixels(18)
    box = Box(left=room.left, top=top, right=room.right, bottom=bottom)
    line = set_in(job.region.line, box, measures.type_size(74, 14), _SMALLEST_TYPE)
    if line is not None:
        middle = top + max(0, round((box.height - line.height) * 0.42))
        line.draw(draw, Box(left=room.left, top=middle, right=room.right, bottom=bottom), _TEXT)


def _voice(draw: ImageDraw.ImageDraw, job: RenderJob, measures: _Measures, room: Box, size: int) -> int:
    """Who speaks; returns the row below."""
    name = one_line(job.voice.name, room.width, size)
    if name is None:
        return room.top
    name.draw(draw, room, _TEXT)
    used = round(name.face.at(size).getlength(name.lines[0])) + max(6, measures.pixels(20))
    about = ", ".join(part for part in (str(job.voice.gender), job.voice.sound.strip()) if part)
    small = measures.type_size(26, 10)
    note = one_line(about, room.width - used, small) if room.width - used > 6 * small else None
    if note is not None:
        top = room.top + (name.height - note.height) // 2 + (size - small) // 6
        note.draw(draw, Box(left=room.left + used, top=top, right=room.right, bottom=room.bottom), _MUTED)
    return room.top + name.height + measures.pixels(20)


def _dimmed(colour: str) -> tuple[int, ...]:
    """A colour half way to the ground."""
    from PIL.ImageColor import getrgb

    return tuple((a + b) // 2 for a, b in zip(getrgb(colour), getrgb(GROUND), strict=True))


def _even(pixels: int) -> int:
    return pixels // 2 * 2
