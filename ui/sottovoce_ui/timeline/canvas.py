"""A picture that arrays and a painter write alike, in the screen's own pixels."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

_FORMAT = QImage.Format.Format_RGB32


class Canvas:
    """Opaque; `pixels[y, x]` is 0xffRRGGBB of `image`."""

    def __init__(self, width: int, height: int) -> None:
        self.image = QImage(max(1, width), max(1, height), _FORMAT)
        self.pixels = pixels_of(self.image)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.image.width(), self.image.height()

    def fill(self, left: int, top: int, right: int, bottom: int, colour: QColor) -> None:
        """A rectangle, half-open."""
        self.pixels[top:bottom, max(0, left) : max(0, right)] = colour.rgb()


def pixels_of(image: QImage) -> NDArray[np.uint32]:
    """`[height, width]`: the memory of an image of 32 bits a pixel; it must outlive what is returned."""
    return np.frombuffer(image.bits(), np.uint32).reshape(image.height(), image.width())
