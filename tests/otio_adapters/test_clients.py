"""Real programs open what is written: GES renders it, OTIO's own tools read it.

The adapter that GES reads through takes source ranges for places in the file, and it plays clips that are
disabled: both are its own, and not asserted.
"""

import json
import os
import signal
import subprocess
import sys
import sysconfig
from fractions import Fraction
from pathlib import Path

import pytest
from tests.programs import lacking, need_ges, need_program

from sottovoce_otio.timeline import read_timeline
from sottovoce_otio.writing import write_otio, write_otioz

from .coded_media import HEIGHT, WIDTH, heard, seen
from .coded_scenes import CHOSEN, HERTZ, LENGTH, SOURCE, TONE_HERTZ, coded_scene, expected
from .spliced_scenes import REGISTERS

pytestmark = pytest.mark.xdist_group("hosts")

SITE_PACKAGES = sysconfig.get_path("purelib")


@pytest.fixture(scope="module", params=[Fraction(24), Fraction(24_000, 1001)], ids=["24", "23.976"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with out.otio, out.otioz and their media; one region, two takes, picture and sound."""
    folder = tmp_path_factory.mktemp("scene")
    rate: Fraction = request.param
    timeline = coded_scene(folder, rate)
    write_otio(timeline, folder / "out.otio")
    assert write_otioz(timeline, folder / "out.otioz") == ()
    return folder


def test_ges_renders_the_chosen_take_frame_by_frame(scene: Path, tmp_path: Path) -> None:
    need_ges()
    rate = read_timeline(scene / "out.otio", REGISTERS).scene.rate
    out = tmp_path / "out.mkv"
    command = [
        *("ges-launch-1.0", f"--load={(scene / 'out.otio').as_uri()}", "-o", out.as_uri()),
        f"--video-caps=video/x-raw,framerate={rate.numerator}/{rate.denominator},width={WIDTH},height={HEIGHT}",
        "--format=video/x-matroska:video/x-vp8:audio/x-vorbis",
    ]
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    environment |= {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(SITE_PACKAGES)}
    # It hangs where media are missing and ends with 0 where it wrote nothing, so only the file counts.
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert out.exists(), done.stderr[-2000:]
    frames = seen(out)
    if rate == 24:
        assert frames == [expected(frame) for frame in range(LENGTH)]
    else:  # GES counts in nanoseconds, and may be one frame off at rates that are no whole numbers
        assert abs(len(frames) - LENGTH) <= 1
        assert {file for file, _ in frames[32:68]} == {CHOSEN}
        assert {file for file, _ in [*frames[:28], *frames[72:]]} == {SOURCE}
    inside, outside = (1.5, 2.7), (0.2, 1.0)
    assert heard(out, HERTZ[CHOSEN], inside) > 0.2
    assert heard(out, HERTZ[CHOSEN], outside) < 0.01
    assert heard(out, HERTZ[SOURCE], outside) > 0.2
    assert heard(out, HERTZ[2], inside) < 0.01  # the other take
    assert heard(out, TONE_HERTZ, inside) > 0.005  # room tone


def test_otio_s_own_tools_read_it(scene: Path) -> None:
    stat = _run("otiostat", str(scene / "out.otio"))
    assert "error" not in stat
    assert "number of tracks: 5" in stat
    assert "top level rate: 2" in stat
    listed = _run("otiotool", "--input", str(scene / "out.otio"), "--list-clips", "--list-markers", "--list-tracks")
    assert "TRACK: ANNA (Sottovoce) (Audio)" in listed
    assert listed.count("CLIP: ANNA whisper: close your eyes") == 2
    region_id = read_timeline(scene / "out.otio", REGISTERS).scene.regions[0].id
    assert f"[SV:{region_id}]" in listed
    assert "local: 00:00:01:06 duration: 40.0" in listed


@pytest.mark.parametrize("name", ["out.otio", "out.otioz"])
def test_otioconvert_keeps_the_scene(scene: Path, name: str, tmp_path: Path) -> None:
    _run("otioconvert", "-i", str(scene / name), "-o", str(tmp_path / "converted.otio"))
    before = read_timeline(scene / "out.otio", REGISTERS).scene
    after = read_timeline(tmp_path / "converted.otio", REGISTERS).scene
    assert (after.regions, after.voices, after.length_frames) == (before.regions, before.voices, before.length_frames)


def test_otio_converts_it_for_older_versions(scene: Path, tmp_path: Path) -> None:
    """Clip.1 has a single media reference: the chosen take is the one that stays."""
    _run(
        "otioconvert",
        "-i",
        str(scene / "out.otio"),
        "-o",
        str(tmp_path / "old.otio"),
        "-A",
        "target_schema_versions={'Clip': 1}",
    )
    document = json.loads((tmp_path / "old.otio").read_text())
    clips = [
        child for track in document["tracks"]["children"] for child in track["children"] if "media_reference" in child
    ]
    urls = {clip["media_reference"]["target_url"] for clip in clips if clip["name"].startswith("ANNA")}
    assert urls == {(scene / f"take {CHOSEN}.mov").as_uri()}


def test_raven_opens_it(scene: Path) -> None:
    assert _raven_says(scene / "out.otio").startswith("Loaded")


def test_raven_says_what_it_cannot_open(tmp_path: Path) -> None:
    """So that the test before this one can fail."""
    (tmp_path / "damaged.otio").write_text('{"OTIO_SCHEMA": "Timeline.1", "tracks": ')
    assert _raven_says(tmp_path / "damaged.otio").startswith("Error loading")


def _raven_says(timeline: Path) -> str:
    """What raven says of a file; it never ends by itself."""
    if sys.platform != "linux":
        pytest.skip("raven comes with its libraries for Linux alone")
    need_program("xvfb-run", "apt-get install xvfb")
    raven = Path(sys.executable).with_name("raven")
    if not raven.exists():
        lacking("raven is missing: pip install opentimelineio-raven")
    command = ["timeout", "60", "xvfb-run", "-a", str(raven), str(timeline)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as running:
        said = (line.removeprefix("LOG: ") for line in running.stdout or ())
        try:
            return next((line for line in said if line.startswith(("Loaded", "Error loading"))), "nothing")
        finally:
            os.killpg(running.pid, signal.SIGTERM)


def _run(tool: str, *arguments: str) -> str:
    program = Path(sys.executable).parent / tool
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout + done.stderr
