"""Where scene frames lie on the screen.

pixels   0                        width
         |-----------|-----------|
frames   first       ...         first + width * frames_per_pixel
"""

import math
from dataclasses import dataclass, replace

FINEST = 1 / 40  # a frame is 40 pixels wide
_AIR = 0.02  # of the timeline, left free behind its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A stretch of the timeline over a width of pixels."""

    first: float  # the scene frame at the left edge
    frames_per_pixel: float
    width: int  # pixels
    length_frames: int  # of the whole timeline

    def x(self, frame: float) -> float:
        """Pixels from the left edge to a frame's beginning."""
        return (frame - self.first) / self.frames_per_pixel

    def frame(self, x: float) -> int:
        """The frame whose beginning lies nearest."""
        return round(self.first + x * self.frames_per_pixel)

    @property
    def last(self) -> float:
        """The scene frame at the right edge."""
        return self.first + self.width * self.frames_per_pixel

    def at_ratio(self, ratio: float) -> "Scale":
        """The same stretch in a screen's own pixels, `ratio` of them to each of ours."""
        width = math.ceil(self.width * ratio - 1e-6)
        return replace(self, frames_per_pixel=self.frames_per_pixel / ratio, width=width)

    def zoomed(self, factor: float, x: float) -> "Scale":
        """`factor` times as many frames on a pixel, the frame under `x` staying there."""
        per_pixel = min(max(self.frames_per_pixel * factor, FINEST), self._coarsest)
        return replace(
            self, first=self.first + x * (self.frames_per_pixel - per_pixel), frames_per_pixel=per_pixel
        ).within()

    def scrolled(self, frames: float) -> "Scale":
        return replace(self, first=self.first + frames).within()

    def resized(self, width: int) -> "Scale":
        """Over another width: the whole timeline stays whole, else a frame keeps its size."""
        if self.frames_per_pixel >= self._coarsest:
            return whole(self.length_frames, width)
        return replace(self, width=max(1, width)).within()

    def showing(self, frame: int) -> "Scale":
        """The nearest stretch that has the frame on the screen, with air before it where it had to move."""
        if self.first <= frame < self.last:
            return self
        return replace(self, first=frame - (self.last - self.first) / 8).within()

    def within(self) -> "Scale":
        """The nearest stretch that shows no more than the timeline and a little air behind it."""
        per_pixel = min(max(self.frames_per_pixel, FINEST), self._coarsest)
        latest = max(0.0, self.length_frames * (1 + _AIR) - self.width * per_pixel)
        return replace(self, first=min(max(self.first, 0.0), latest), frames_per_pixel=per_pixel)

    @property
    def _coarsest(self) -> float:
        return max(FINEST, self.length_frames * (1 + _AIR) / max(1, self.width))


def whole(length_frames: int, width: int) -> Scale:
    """The whole timeline over a width."""
    return Scale(first=0.0, frames_per_pixel=1e12, width=max(1, width), length_frames=length_frames).within()
