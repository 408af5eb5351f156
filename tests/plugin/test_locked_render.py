"""Sound over footage and over a rendered shot, with the tiny model: from the command line to what the editor gets back."""

import hashlib
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import opentimelineio as otio
import pytest
from tests.media_making import decoded_frames, frame_number

from sottovoce.cli import run
from sottovoce.reading import default_reading
from sottovoce.scene_desk import SceneDesk
from sottovoce.terminal import ExitCode
from sottovoce_engine.progress import Job
from sottovoce_engine.store import Store
from sottovoce_engine.take import Take

from .recut_scene import MARKS, write_cut, write_footage
from .tiny_ltx import TINY

pytestmark = pytest.mark.xdist_group("render")

QUICK = ["--renderer", "ltx", "--handles", "8", "--no-judge", "--no-mp4", *TINY]
_KILLED_AFTER_TWO_TAKES = """
import os, signal, sys
from sottovoce.cli import run
from sottovoce_engine.media.durable import watch_write_points
kept = []
def watch(point):
    if point == "take moved":
        kept.append(point)
        if len(kept) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
watch_write_points(watch)
run(sys.argv[1:])
"""


def digests_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def takes_of(source: Path) -> dict[str, Take]:
    with Store.opened(source.with_suffix(".sottovoce"), writing=False) as store:
        return store.takes()


def clips_on(timeline: Path, track: str) -> list[tuple[str, int, int]]:
    """(media, first frame of its source range, frames) of each clip."""
    read = otio.adapters.read_from_file(str(timeline))
    found = next(each for each in read.tracks if each.name == track)
    return [
        (clip.media_reference.target_url, int(clip.source_range.start_time.value), int(clip.duration().value))
        for clip in found
        if isinstance(clip, otio.schema.Clip)
    ]


def packets_of(movie: Path, first: int, count: int) -> list[bytes]:
    with av.open(str(movie)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    return packets[first : first + count]


def test_a_killed_render_goes_on_where_it_was_and_pictures_stay_through_it_and_through_retakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anna over footage; Ben over nothing, so that a shot is rendered for him."""
    write_footage(tmp_path / "footage")
    source = write_cut(tmp_path / "scene.otio", (("street", 24, 48), ("", 0, 48)), tmp_path / "footage", MARKS)
    before, out = digests_of(tmp_path / "footage"), tmp_path / "out"
    asked = ["render", str(source), "-o", str(out), "--picture", "shot", "--takes", "2", *QUICK]
    killed = subprocess.run([sys.executable, "-c", _KILLED_AFTER_TWO_TAKES, *asked], check=False, env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    records, media = (source.with_suffix(".sottovoce") / name for name in ("takes", "media"))
    first = {path.name: path.stat().st_mtime_ns for path in records.glob("*.json")}
    assert len(first) == 2

    assert run(asked) is ExitCode.DONE
    takes = takes_of(source)
    assert {name: (records / name).stat().st_mtime_ns for name in first} == first, "what is there is not made again"
    (shot,) = (take for take in takes.values() if take.job.is_shot)
    sounds = [take for take in takes.values() if not take.job.is_shot]
    assert sorted((take.job.voice.name, take.job.on_shot is not None) for take in sounds) == [
        *[("Anna", False)] * 2,
        *[("Ben", True)] * 2,
    ]
    assert not any(take.has_picture for take in sounds)
    kept = {name: (media / name).read_bytes() for name in shot.files}
    ben = next(take.job.region for take in sounds if take.job.on_shot is not None)

    assert run([*asked, "--takes", "1", "--again", "--only", ben.id]) is ExitCode.DONE
    (retake,) = (take for key, take in takes_of(source).items() if key not in takes)
    assert retake.job.on_shot is not None
    assert (retake.job.on_shot.shot, retake.job.on_shot.latents) == (shot.key, shot.latents)
    assert {name: (media / name).read_bytes() for name in shot.files} == kept
    assert digests_of(tmp_path / "footage") == before

    lead = ben.span.start - shot.job.window.start
    for name in ("scene", "scene_v002"):
        assert clips_on(out / f"{name}.otio", "V1") == clips_on(source, "V1")
        shown = [((media / shot.media).as_uri(), lead, ben.span.length)]
        assert clips_on(out / f"{name}.otio", "Sottovoce picture") == shown
        frames = list(decoded_frames(out / f"{name}.mov"))
        assert [frame_number(frame) for frame in frames[:48]] == [(1, 24 + number) for number in range(48)]
        copied = packets_of(out / f"{name}.mov", ben.span.start, ben.span.length)
        assert copied == packets_of(media / shot.media, lead, ben.span.length)
    desk = SceneDesk(default_reading())
    opened = desk.open(source, Job())
    (shown_there,) = desk.joins(opened.draft, Job()).shots
    desk.close()
    assert shown_there.source.path == str(media / shot.media), "what the panel shows under a join that is heard alone"
    assert (shown_there.span, shown_there.source.start) == (ben.span, Fraction(lead, 24))
    capsys.readouterr()
    assert run(["clean", str(source), "--yes", "--json"]) is ExitCode.DONE
    assert set(takes_of(source)) >= {shot.key, retake.key}
    assert (media / shot.latents).is_file()
