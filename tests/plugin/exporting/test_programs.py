"""Real programs play what is exported: every frame and every sine is the one the timeline asks for."""

import os
import sysconfig
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from tests.otio_adapters.coded_media import HEIGHT, WIDTH
from tests.programs import need_ges, need_program

from sottovoce.exporting.formats import FORMATS
from sottovoce.exporting.values import Export, Links
from sottovoce_engine.progress import Job

from .numbered_scene import ANNA, ANNA_SPAN, GAIN_DB, HERTZ, numbered_export, sounding
from .running import ran
from .watching import assert_shows_the_scene, assert_sounds_like_the_scene, peak, samples

pytestmark = pytest.mark.xdist_group("hosts")


@pytest.fixture(scope="module", params=[Fraction(24), Fraction(24_000, 1001)], ids=["24", "23.976"])
def export(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Export:
    return numbered_export(tmp_path_factory.mktemp("scene"), request.param)


@pytest.mark.parametrize("links", list(Links))
def test_melt_plays_the_project(export: Export, links: Links) -> None:
    need_program("melt", "apt-get install melt")
    folder = export.loaded.path.parent / links
    folder.mkdir()
    _write("mlt", export, folder / "scene.mlt", links)
    movie = folder / "played.mkv"
    _melted(folder / "scene.mlt", movie)
    assert_shows_the_scene(movie)
    assert_sounds_like_the_scene(movie, export.scene.rate)
    assert_takes_fade_across_the_cut(movie, export.scene.rate)


def assert_takes_fade_across_the_cut(movie: Path, rate: Fraction) -> None:
    """Anna's take rises evenly over the two frames around its first cut and falls over those around its last."""
    sound, played = samples(movie), 0.25 * 10 ** (GAIN_DB / 20)
    for cut, direction in zip(ANNA_SPAN, (1, -1), strict=True):
        for quarters in (-2, -1, 0, 1, 2):
            at = round((cut + Fraction(quarters, 2)) * 48_000 / rate)
            level = peak(sound[at - 240 : at + 240], HERTZ[ANNA])
            assert level == pytest.approx(played * (0.5 + direction * quarters / 4), abs=0.02), (cut, quarters)


def test_ges_plays_the_timeline(tmp_path: Path) -> None:
    """At a whole rate, from files whose timecode is 0, without the dissolve's shares and without what is silent.

    The adapter it reads through takes timecode for places in the file, plays what is disabled, knows no gains, and
    makes the second half of a dissolve in its own way.
    """
    need_ges()
    export = numbered_export(tmp_path, Fraction(24), first_code=0)
    _write("otio", export, tmp_path / "scene.otio")
    movie = tmp_path / "played.mkv"
    command = [
        *("ges-launch-1.0", f"--load={(tmp_path / 'scene.otio').as_uri()}", "-o", movie.as_uri()),
        f"--video-caps=video/x-raw,framerate=24/1,width={WIDTH},height={HEIGHT}",
        "--format=video/x-matroska:video/x-vp8:audio/x-vorbis",
    ]
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    environment |= {"PATH": "/usr/bin:/bin", "PYTHONPATH": sysconfig.get_path("purelib")}
    said = ran(command, tmp_path, environment=environment)
    assert movie.exists(), said
    assert_shows_the_scene(movie, dissolved=False)
    sound = samples(movie)
    for frame in (26, 38, 80, 98):
        stretch = sound[frame * 2000 : (frame + 4) * 2000]
        for hertz in sounding(frame):
            assert peak(stretch, hertz) > 0.007, (frame, hertz)
        assert peak(stretch, HERTZ[3]) < 0.001  # a take that is not chosen


def _melted(project: Path, movie: Path) -> None:
    codecs = ("vcodec=mpeg4", "qscale=2", "acodec=pcm_s16le", "real_time=-1", "terminate_on_pause=1")
    said = ran(["melt", str(project), "-consumer", f"avformat:{movie}", *codecs], project.parent)
    assert movie.exists(), said


def _write(name: str, export: Export, path: Path, links: Links = Links.ABSOLUTE) -> None:
    assert FORMATS[name].write(replace(export, links=links), path, Job()) == ()
