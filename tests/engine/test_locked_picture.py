"""What of the timeline's own picture the sound of a region is made for."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from sottovoce_engine.planned import Plan, RegionState
from sottovoce_engine.scene import MediaRange, PictureMode, PicturePiece
from sottovoce_engine.session import footage_looked_at
from sottovoce_engine.starts import FootageLook
from sottovoce_engine.take import LockedPicture, Take
from sottovoce_engine.timing import Span

from .test_starts import job_of, plan, scene_of, take_of

REGION = Span(96, 144)  # its window, handles of 24 and the tail included: frames 72 to 177
WINDOW = Span(72, 177)
CLIP, STILL = FootageLook(still=False, content="clip"), FootageLook(still=True, content="still")
LOOKS = {"/a.mov": CLIP, "/b.mov": replace(CLIP, content="b"), "/still.png": STILL}


def piece(start: int, end: int, path: str = "/a.mov", at: Fraction = Fraction(2)) -> PicturePiece:
    return PicturePiece(span=Span(start, end), source=MediaRange(path=path, start=at), clip=path)


def locked(*pieces: PicturePiece, span: Span = REGION, renderer: str = "ltx", chosen: tuple[Take, ...] = ()) -> Plan:
    scene = scene_of([Span(0, 24), span], PictureMode.LOCK, pictures=pieces)
    return plan(scene, footage=LOOKS, renderer=renderer, chosen=chosen)


def watched(*pieces: PicturePiece) -> LockedPicture:
    found = job_of(locked(*pieces).regions[1]).locked_on
    assert found is not None
    return found


def test_the_clip_under_the_window_is_watched_frame_by_frame() -> None:
    found = locked(piece(40, 300)).regions[1]
    job = job_of(found)
    assert (job.window.span, found.notes) == (WINDOW, ())
    assert job.locked_on == LockedPicture(
        path="/a.mov", start=2 + Fraction(56, 24), before=24, after=81, content="clip"
    )
    times = [job.locked_on.time(frame - 96, job.rate) for frame in range(72, 177)]
    assert times == [2 + Fraction(frame - 40, 24) for frame in range(72, 177)]


def test_beyond_a_cut_the_frame_next_to_it_is_held_and_said() -> None:
    found = locked(piece(40, 90, "/b.mov"), piece(90, 150), piece(150, 300, "/b.mov")).regions[1]
    given = job_of(found).locked_on
    assert given is not None
    times = [given.time(frame - 96, Fraction(24)) for frame in (72, 89, 90, 91, 149, 150, 176)]
    assert times == [2 + Fraction(frame, 24) for frame in (0, 0, 0, 1, 59, 59, 59)]
    assert found.notes == (
        "the window reaches over a cut in the picture: the frame of '/a.mov' next to it is held there",
    )


def test_under_a_region_with_a_cut_the_clip_shown_longest_is_watched() -> None:
    found = locked(piece(40, 110, "/b.mov"), piece(110, 300)).regions[1]
    given = job_of(found).locked_on
    assert given is not None
    assert (given.content, given.before) == ("clip", -14)
    assert given.time(0, Fraction(24)) == given.time(14, Fraction(24)) == 2
    assert found.notes == ("the picture changes under it: its sound is made for '/a.mov' alone",)


def test_a_clip_runs_on_through_its_dissolve() -> None:
    mixed = replace(piece(70, 100), dissolve_from=piece(0, 1, "/b.mov").source, dissolve=Span(70, 100))
    whole = watched(piece(70, 300))
    parted = watched(piece(0, 70, "/b.mov"), mixed, piece(100, 300, at=2 + Fraction(30, 24)))
    assert parted == whole


def test_a_still_is_held_throughout() -> None:
    given = watched(piece(40, 300, "/still.png"))
    assert given.is_still
    assert {given.time(frame, Fraction(24)) for frame in range(-24, 90)} == {0}


@pytest.mark.parametrize(
    ("pieces", "note"),
    [
        ((), "there is no picture under it to make its sound for"),
        ((piece(40, 300, ":black:"),), "there is no picture under it to make its sound for"),
        (
            (piece(40, 300, "/gone.mov"),),
            "the picture under it, '/gone.mov', cannot be read: its sound is made with a picture of its own",
        ),
    ],
)
def test_without_a_picture_it_is_said(pieces: tuple[PicturePiece, ...], note: str) -> None:
    found = locked(*pieces).regions[1]
    assert (job_of(found).locked_on, found.notes) == (None, (note,))


def test_a_renderer_that_watches_nothing_is_given_nothing_and_keeps_its_keys() -> None:
    one, other = (job_of(locked(piece(40, 300, path), renderer="scratch").regions[1]) for path in ("/a.mov", "/b.mov"))
    assert one.locked_on is None
    assert one.key == other.key


def test_keys_hold_what_is_watched_and_not_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    def key(*pieces: PicturePiece) -> str:
        return job_of(locked(*pieces).regions[1]).key

    one = key(piece(40, 300))
    assert key(piece(40, 300, "/b.mov")) != one
    assert key(piece(40, 300, at=Fraction(3))) != one
    assert key(piece(40, 900)) == one, "what lies outside the window changes nothing"
    monkeypatch.setitem(LOOKS, "/moved/a.mov", CLIP)
    assert key(piece(40, 300, "/moved/a.mov")) == one


def test_another_picture_under_a_take_is_noted() -> None:
    take = take_of(job_of(locked(piece(40, 300)).regions[1]))

    def notes(*pieces: PicturePiece, span: Span = REGION) -> tuple[str, ...]:
        found = locked(*pieces, span=span, chosen=(take,)).regions[1]
        assert found.state is RegionState.PINNED
        return found.notes

    assert notes(piece(40, 300)) == ()
    assert notes(piece(40, 300), span=Span(100, 144)) == (), "trimmed, it lies where it lay"
    assert notes(piece(40, 300, "/b.mov")) == (
        "its sound was made for another picture than the one under it now: lips may not match",
    )
    moved = "the picture under it lies {} apart from where its sound was made for it: lips may not match"
    assert notes(piece(40, 300), span=Span(97, 145)) == (moved.format("1 frame"),)
    assert notes(piece(40, 300, at=Fraction(3))) == (moved.format("24 frames"),)
    assert notes(piece(41, 300), span=Span(97, 145)) == (), "moved together"


def test_pictures_that_stay_are_looked_at_for_renderers_that_watch_them(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (16, 16)).save(path)
    scene = scene_of([Span(0, 24), REGION], PictureMode.LOCK, pictures=(piece(40, 300, str(path)),))
    assert footage_looked_at(scene) == {}
    assert footage_looked_at(scene, locked=True)[str(path)].still
