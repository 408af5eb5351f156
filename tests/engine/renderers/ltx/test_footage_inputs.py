"""What the model is given of footage of any kind, from the file over the plan to its frames; and that the file stays."""

from collections.abc import Sequence
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sottovoce_engine.plan import plan_for
from sottovoce_engine.planned import PlannedRegion, PlanSettings
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.given import locked_pictures
from sottovoce_engine.scene import Gender, MediaRange, PicturePiece, Raster, Region, Scene, Voice
from sottovoce_engine.session import footage_looked_at
from sottovoce_engine.timing import Span

from .odd_footage import FRAMES, halves, level, write_footage

MODEL = Raster(width=128, height=64)
REGION = Span(8, 16)
WHOLE = Span(0, FRAMES)
VARIABLE = tuple(sum(20 if number % 2 else 60 for number in range(count)) for count in range(FRAMES + 6))  # 20, 60, 20
CONFORMED = "its sound is made for a conformed copy, the file itself stays as it is"


def combed(number: int) -> NDArray[np.uint8]:
    """The upper field shows the frame, the lower one is white."""
    picture = halves(number)
    picture[1::2] = 255
    return picture


def turned(number: int) -> NDArray[np.uint8]:
    return np.rot90(halves(number), -1)


def odd(number: int) -> NDArray[np.uint8]:
    return halves(number, 321, 181)


KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "plain.mp4": ({}, ""),
    "phone.mp4": ({"milliseconds": VARIABLE, "frames": len(VARIABLE)}, "of a variable frame rate"),
    "turned.mp4": ({"picture": turned, "rotation": 90}, "turned by 90°"),
    "tv.mp4": ({"picture": combed, "options": {"crf": "4", "x264-params": "tff=1"}}, "interlaced"),
    "camera.mkv": ({"codec": "ffv1", "pixels": "yuv422p10le", "options": {}}, "10 bit"),
    "odd.mkv": ({"codec": "ffv1", "pixels": "yuv444p", "picture": odd, "options": {}}, ""),
    "hdr.mkv": ({"codec": "ffv1", "pixels": "yuv420p10le", "options": {}, "colour": (9, 16, 9)}, "HDR (PQ)"),
    "broadcast.mkv": ({"codec": "ffv1", "pixels": "yuv420p10le", "options": {}, "colour": (9, 18, 9)}, "HDR (HLG)"),
}


def planned_over(*pieces: PicturePiece) -> PlannedRegion:
    scene = Scene(
        name="night",
        rate=Fraction(24),
        length_frames=FRAMES,
        raster=Raster(width=320, height=180),
        voices=(Voice(name="Anna", gender=Gender.WOMAN),),
        regions=(Region(id="00000001", span=REGION, register="loud", voice="Anna", line="stay"),),
        pictures=pieces,
    )
    return plan_for(
        scene,
        register_table(),
        PlanSettings(renderer="ltx", handle_frames=8),
        chosen={},
        known={},
        fingerprint=lambda _: "f",
        footage=footage_looked_at(scene, locked=True),
    ).regions[0]


def over(path: Path, span: Span = WHOLE) -> PicturePiece:
    return PicturePiece(span=span, source=MediaRange(path=str(path), start=Fraction(0)), clip=path.name)


def watched(planned: PlannedRegion) -> tuple[list[int], NDArray[np.uint8]]:
    """The scene frames of the window, and the model's pictures at them."""
    (job,) = planned.jobs
    pictures = locked_pictures(job, MODEL)
    assert pictures is not None
    return list(range(job.window.start, job.window.start + len(pictures))), pictures


def right(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    assert pictures[:, 16:-16, 16:48].max() < 12, "the left half is black"
    found: NDArray[np.float64] = pictures[:, 16:-16, 80:112].mean(axis=(1, 2, 3))
    return found


def levels_at(frames: Sequence[int], times: Sequence[float] | None = None) -> list[int]:
    """What plain footage shows at scene frames; before and after it the ends are held."""
    times = [number / 24 for number in range(FRAMES)] if times is None else times
    seen = [min(max(frame, 0), FRAMES - 1) / 24 for frame in frames]
    return [level(max(number for number, time in enumerate(times) if time <= at + 1e-6)) for at in seen]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_footage_is_watched_upright_whole_in_time_and_left_alone(kind: str, tmp_path: Path) -> None:
    asked, said = KINDS[kind]
    path = write_footage(tmp_path / kind, **asked)
    before = sha256(path.read_bytes()).hexdigest()
    planned = planned_over(over(path))
    assert planned.notes == ((f"'{kind}' is {said}: {CONFORMED}",) if said else ())
    frames, pictures = watched(planned)
    times = [milliseconds / 1000 for milliseconds in VARIABLE] if kind == "phone.mp4" else None
    found, expected = right(pictures), levels_at(frames, times)
    if said.startswith("HDR"):
        assert (np.diff(found) >= 0).all()
        assert found[-1] > found[0] + 60
    else:
        np.testing.assert_allclose(found, expected, atol=4)
    assert sha256(path.read_bytes()).hexdigest() == before


def test_a_still_is_held(tmp_path: Path) -> None:
    Image.fromarray(halves(7)).save(tmp_path / "card.png")
    planned = planned_over(over(tmp_path / "card.png"))
    assert planned.notes == ()
    np.testing.assert_allclose(right(watched(planned)[1]), level(7), atol=2)


@pytest.mark.parametrize(("frames", "missing"), [(14, 10), (4, 20)])
def test_a_file_that_ends_before_its_clip_is_held_and_said(frames: int, missing: int, tmp_path: Path) -> None:
    path = write_footage(tmp_path / "short.mp4", frames=frames)
    planned = planned_over(over(path))
    short = REGION.end - frames
    assert planned.notes == (
        f"the file of 'short.mp4' ends {short} frames before the picture under it does: its last frame is held",
    )
    at, pictures = watched(planned)
    expected = [level(min(max(frame, 0), FRAMES - missing - 1)) for frame in at]
    np.testing.assert_allclose(right(pictures), expected, atol=4)


def test_a_clip_that_ends_inside_the_region_and_a_cut_beside_it(tmp_path: Path) -> None:
    path = write_footage(tmp_path / "a.mp4")
    ends = planned_over(over(path, Span(0, 13)))
    assert ends.notes == ("the picture changes under it: its sound is made for 'a.mp4' alone",)
    at, pictures = watched(ends)
    np.testing.assert_allclose(right(pictures), [level(min(max(frame, 0), 12)) for frame in at], atol=4)
    other = write_footage(tmp_path / "b.mp4", picture=lambda number: halves(23 - number))
    cut = planned_over(over(other, Span(0, 7)), over(path, Span(7, FRAMES)))
    assert cut.notes == ("the window reaches over a cut in the picture: the frame of 'a.mp4' next to it is held there",)
    at, pictures = watched(cut)
    np.testing.assert_allclose(right(pictures), [level(min(max(frame - 7, 0), 16)) for frame in at], atol=4)
