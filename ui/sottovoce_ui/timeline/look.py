"""Everything that a picture of the timeline's rows depends on, as one value: an equal one needs no new picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QFont, QImage

from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Scene
from sottovoce_ui.timeline.colours import Colours, RegionColours
from sottovoce_ui.timeline.rows import Row
from sottovoce_ui.timeline.scale import Scale


class Peaks(Protocol):
    """The lowest and highest samples of sound files."""

    @property
    def measured_files(self) -> int:
        """How many files are known: where that grows, waveforms are drawn anew."""
        ...

    def at(self, path: str, starts: NDArray[np.float64], seconds: float) -> NDArray[np.float32] | None:
        """`[len(starts), 2]` in ±1, lowest and highest of the `seconds` from each start on; NaN outside the file.

        None where the file is not measured (yet).
        """
        ...


class Pictures(Protocol):
    """Small pictures of files."""

    @property
    def made_pictures(self) -> int:
        """How many there are: where that grows, rows of pictures are drawn anew."""
        ...

    def at(self, path: str, start: Fraction, height: int) -> QImage | None:
        """What a file shows `start` seconds after its first frame, so many pixels high; None where there is none (yet)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the rows look like."""

    rows: tuple[Row, ...]
    scale: Scale
    columns: Scale  # the same stretch in the screen's own pixels
    ratio: float  # of them to one of ours
    font: QFont
    scene: Scene
    colours: Colours
    registers: RegisterTable
    region_colours: Mapping[str, RegionColours]  # by register
    peaks: Peaks | None = None
    measured_files: int = 0
    pictures: Pictures | None = None
    made_pictures: int = 0
    selection: frozenset[str] = frozenset()
    states: Mapping[str, str] = field(default_factory=dict)  # a mark for regions that need something, by id

    def pixels(self, length: float) -> int:
        """A length in the screen's own pixels, so that a hairline is neither lost nor blurred."""
        return max(1, round(length * self.ratio))


@dataclass(slots=True)
class Drawn:
    """What was drawn, for those who count."""

    regions: int = 0
    clips: int = 0
    ticks: int = 0
