"""The review movie, decoded again; moviepy's own part in it is the strip."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.otio_adapters.coded_media import HEIGHT, seen, write_coded_movie
from tests.programs import need_program

from sottovoce.exporting.formats import FORMATS
from sottovoce.exporting.review import strip_of
from sottovoce.exporting.values import Export
from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job

from .numbered_scene import ANNA_SPAN, BEN_SPAN, LENGTH, numbered_export
from .running import ran
from .watching import peak, pictures, samples

_FILE, _HERTZ = 7, 440.0


pytestmark = pytest.mark.xdist_group("review")  # the movies are made once


@pytest.fixture(scope="module", params=[Fraction(24), Fraction(24_000, 1001)], ids=["24", "23.976"])
def reviewed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Export, Path]:
    folder = tmp_path_factory.mktemp("scene")
    export = numbered_export(folder, request.param)
    movie = write_coded_movie(folder / "spliced.mov", file=_FILE, frames=LENGTH, rate=request.param, hertz=_HERTZ)
    export = replace(export, spliced=replace(export.spliced, movie=movie))
    assert FORMATS["review"].write(export, folder / "night review.mp4", Job()) == ()
    return export, folder / "night review.mp4"


def test_every_frame_and_the_sound_are_the_movie_s(reviewed: tuple[Export, Path]) -> None:
    export, movie = reviewed
    assert seen(movie) == [(_FILE, frame) for frame in range(LENGTH)]
    sound = samples(movie)
    assert abs(len(sound) - LENGTH * 48_000 / export.scene.rate) <= 1024  # a packet of AAC
    for frame in (10, 60, 110):
        assert peak(sound[frame * 2000 : (frame + 4) * 2000], _HERTZ) == pytest.approx(0.25, abs=0.01)


def test_ffprobe_sees_rate_length_and_timecode(reviewed: tuple[Export, Path]) -> None:
    need_program("ffprobe", "apt-get install ffmpeg")
    export, movie = reviewed
    entries = "stream=codec_name,r_frame_rate,nb_frames:stream_tags=timecode"
    said = ran(["ffprobe", "-v", "error", "-show_entries", entries, "-of", "json", str(movie)], movie.parent)
    picture, sound = json.loads(said)["streams"][:2]
    rate = export.scene.rate
    assert picture["r_frame_rate"] == f"{rate.numerator}/{rate.denominator}"
    assert (picture["codec_name"], picture["nb_frames"]) == ("h264", str(LENGTH))
    assert picture["tags"]["timecode"] == "01:00:00:00"
    assert sound["codec_name"] == "aac"


def test_the_timecode_changes_with_every_frame_and_the_caption_with_the_region(reviewed: tuple[Export, Path]) -> None:
    export, _ = reviewed
    strip = strip_of(export.scene)
    rows = strip.h
    clocks, captions = [], []
    for frame in range(LENGTH):
        written = strip.get_frame(float((frame + Fraction(1, 8)) / export.scene.rate))
        clocks.append(written[: rows // 3, : strip.w // 3].tobytes())
        captions.append(written[rows // 3 :].tobytes())
    assert len(set(clocks)) == LENGTH
    changes = [frame for frame in range(1, LENGTH) if captions[frame] != captions[frame - 1]]
    assert changes == [*ANNA_SPAN, *BEN_SPAN]
    assert captions[0] == captions[ANNA_SPAN[1]] == captions[LENGTH - 1] == bytes(len(captions[0]))


def test_the_strip_is_burnt_in(reviewed: tuple[Export, Path]) -> None:
    """Where it writes, the movie is light; beside, the picture shows through, darkened."""
    export, movie = reviewed
    rows = strip_of(export.scene).h
    frame = ANNA_SPAN[0] + 5
    written = strip_of(export.scene).get_frame(float((frame + Fraction(1, 8)) / export.scene.rate)).max(axis=2)
    shown = pictures(movie)[frame][HEIGHT - rows :]
    assert float(np.mean(shown[written > 230])) > 160
    assert float(np.mean(shown[written < 5])) < 80
    assert np.sum(written[rows // 3 :] > 150) > 100  # the line is there


def test_a_movie_that_is_gone_is_told(tmp_path: Path) -> None:
    export = numbered_export(tmp_path, Fraction(24))
    with pytest.raises(InputError, match=r"night.mov' is gone. Splice the scene again"):
        FORMATS["review"].write(export, tmp_path / "night review.mp4", Job())
    assert not (tmp_path / "night review.mp4").exists()
