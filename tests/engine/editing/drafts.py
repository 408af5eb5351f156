"""Drafts to edit in tests."""

from fractions import Fraction

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.scene import Gender, Raster, Region, Scene, Voice
from sottovoce_engine.timing import Span

LENGTH = 240


def region(number: int, start: int, end: int, voice: str = "ANNA", line: str = "come closer, please") -> Region:
    return Region(id=f"{number:08x}", span=Span(start, end), register="whisper", voice=voice, line=line)


def draft(*regions: Region) -> Draft:
    voices = (Voice(name="ANNA", gender=Gender.WOMAN), Voice(name="BEN", gender=Gender.MAN))
    scene = Scene(
        name="night",
        rate=Fraction(24),
        length_frames=LENGTH,
        raster=Raster(width=320, height=180),
        voices=voices,
    )
    return Draft(scene=scene.with_regions(regions))


def spans(of: Draft) -> dict[str, tuple[int, int]]:
    """Where each region lies, by the last digit of its id."""
    return {each.id[-1]: (each.span.start, each.span.end) for each in of.regions}
