"""Text set into a box: wrapped, as large as fits, cut with an ellipsis only when the smallest does not."""

import unicodedata
from dataclasses import dataclass

from PIL.ImageDraw import ImageDraw
from PIL.ImageFont import FreeTypeFont

from sottovoce_engine.renderers.scratch.faces import Face, face_for, in_drawing_order, reads_leftwards

_LEADING = 1.28  # line height over type size
_ELLIPSIS = "..."
_MOST_BALANCED = 4  # lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Pixels; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettering:
    """Lines of text at a size."""

    face: Face
    size: int
    lines: tuple[str, ...]

    @property
    def height(self) -> int:
        return round(len(self.lines) * self.size * _LEADING)

    def draw(self, draw: ImageDraw, box: Box, colour: str) -> None:
        """Draws from the top of `box`, from its right edge where the text reads leftwards."""
        font = self.face.at(self.size)
        leftwards = reads_leftwards(self.face.text)
        for index, line in enumerate(self.lines):
            top = box.top + round((index + 0.5) * self.size * _LEADING)
            at = (box.right if leftwards else box.left, top)
            draw.text(at, in_drawing_order(line), font=font, fill=colour, anchor="rm" if leftwards else "lm")


def set_in(text: str, box: Box, largest: int, smallest: int) -> Lettering | None:
    """`text` in `box` at the largest size that fits; None where not even one line of the smallest does."""
    face = face_for(text)
    if not face.text or box.width < 2 * smallest or box.height < smallest:
        return None
    low, high = smallest, max(smallest, min(largest, box.height))
    best = _set(face, low, box)
    while low <= high:
        size = (low + high) // 2
        lettering = _set(face, size, box)
        if lettering.height <= box.height and _words_fit(lettering, box):
            best, low = lettering, size + 1
        else:
            high = size - 1
    room = max(1, int(box.height / (best.size * _LEADING) + 0.02))
    return _balanced(best, box) if len(best.lines) <= room else _cut(best, box, room)


def one_line(text: str, width: int, size: int) -> Lettering | None:
    """`text` in one line of at most `width` pixels, cut where it is longer."""
    return set_in(text, Box(left=0, top=0, right=width, bottom=round(size * _LEADING)), size, size)


def _set(face: Face, size: int, box: Box) -> Lettering:
    return Lettering(face=face, size=size, lines=tuple(_wrapped(face.text, face.at(size), box.width)))


def _balanced(lettering: Lettering, box: Box) -> Lettering:
    """A few lines made about equally long: no single word is left over on the last one."""
    if not 2 <= len(lettering.lines) <= _MOST_BALANCED:
        return lettering
    narrow, wide = box.width // 2, box.width
    while wide - narrow > max(2, lettering.size // 4):
        width = (narrow + wide) // 2
        tried = _set(lettering.face, lettering.size, Box(left=0, top=0, right=width, bottom=box.height))
        narrow, wide = (narrow, width) if len(tried.lines) == len(lettering.lines) else (width, wide)
    return _set(lettering.face, lettering.size, Box(left=0, top=0, right=wide, bottom=box.height))


def _wrapped(text: str, font: FreeTypeFont, width: int) -> list[str]:
    """Lines of at most `width` pixels: broken between words, inside a word only when it alone is too long."""
    space, lines = font.getlength(" "), [""]
    used = 0.0
    for word in text.split():
        length = font.getlength(word)
        if lines[-1] and used + space + length <= width:
            lines[-1], used = f"{lines[-1]} {word}", used + space + length
            continue
        if lines[-1]:
            lines.append("")
        while length > width and len(word) > 1:
            fits = min(max(1, int(len(word) * width / length)), len(word) - 1)
            while fits > 1 and font.getlength(word[:fits]) > width:
                fits -= 1
            # No line begins with what closes the one before it.
            while fits > 1 and unicodedata.category(word[fits]) in ("Po", "Pe", "Pf"):
                fits -= 1
            lines[-1:] = [word[:fits], ""]
            word = word[fits:]
            length = font.getlength(word)
        lines[-1], used = word, length
    return [line for line in lines if line]


def _words_fit(lettering: Lettering, box: Box) -> bool:
    """Whether no word had to be broken that should stay whole."""
    font = lettering.face.at(lettering.size)
    return all(font.getlength(word) <= box.width for word in lettering.face.text.split() if not _may_break(word))


def _may_break(word: str) -> bool:
    """Whether it is longer than any word, or of a script without spaces."""
    return len(word) > 24 or any(
        "\u0e00" <= character <= "\u0eff" or unicodedata.east_asian_width(character) in "WF" for character in word
    )


def _cut(lettering: Lettering, box: Box, room: int) -> Lettering:
    """`lettering` without the lines beyond `room`, the last one ending in an ellipsis."""
    font = lettering.face.at(lettering.size)
    last = lettering.lines[room - 1]
    while last and font.getlength(last + _ELLIPSIS) > box.width:
        last = last[:-1].rstrip()
    return Lettering(face=lettering.face, size=lettering.size, lines=(*lettering.lines[: room - 1], last + _ELLIPSIS))
