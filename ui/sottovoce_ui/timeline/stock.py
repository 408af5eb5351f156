"""What is painted once and copied often, for one look of the window: words, boxes, letters."""

from dataclasses import dataclass

from sottovoce_ui.timeline.boxes import Boxes
from sottovoce_ui.timeline.look import Look
from sottovoce_ui.timeline.rows import LANE
from sottovoce_ui.timeline.words import Words

LANE_INSET = 3.0  # pixels above and below the boxes of a lane


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stock:
    """Made for a font, a screen's ratio, and colours."""

    look: Look  # the first it was made for
    words: Words
    boxes: Boxes

    def fits(self, look: Look) -> bool:
        """Whether it can be used for another look."""
        made = self.look
        return (
            made.ratio == look.ratio
            and made.font == look.font
            and made.colours is look.colours
            and made.region_colours is look.region_colours
        )


def stock_for(look: Look) -> Stock:
    """The stock of a look."""
    height = int(LANE * look.ratio) - 2 * look.pixels(LANE_INSET)
    return Stock(
        look=look,
        words=Words(look.font, look.ratio),
        boxes=Boxes(look.registers, look.region_colours, look.colours, height=height, font=look.font, ratio=look.ratio),
    )
