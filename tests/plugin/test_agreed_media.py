"""Going on without media that are missing: with those a person was asked about, not with what vanishes later."""

from pathlib import Path

import opentimelineio as otio
import pytest

from sottovoce.cli import run
from sottovoce.scene_desk import SceneDesk
from sottovoce.terminal import ExitCode
from sottovoce_engine.errors import InputError

from .small_scene import LENGTH_FRAMES, write_small_scene
from .spoken_timeline import recording, silence
from .test_joins_at_hand import JOB, READING, rendered

pytestmark = pytest.mark.xdist_group("render")


def with_music(source: Path, *recordings: Path) -> None:
    """A track of music for each, whether it is there or not."""
    timeline = otio.adapters.read_from_file(str(source))
    whole = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(LENGTH_FRAMES, 24))
    for number, path in enumerate(recordings, 2):
        track = otio.schema.Track(f"A{number} music", kind=otio.schema.TrackKind.Audio)
        media = otio.schema.ExternalReference(str(path), available_range=whole)
        track.append(otio.schema.Clip(path.stem, media_reference=media, source_range=whole))
        timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(source))


def test_what_vanishes_after_the_opening_was_agreed_to_by_nobody(tmp_path: Path) -> None:
    source, there = write_small_scene(tmp_path / "night.otio"), tmp_path / "there.wav"
    recording(there, [silence(5.0)])
    with_music(source, tmp_path / "gone.wav", there)
    desk = SceneDesk(READING)
    draft = rendered(desk, source)
    assert desk.splice(draft, tmp_path / "out", JOB).movie.exists(), "without what was missing when it was opened"

    there.unlink()
    again = desk.reread(draft, JOB)
    assert {each.path.name for each in again.offline} == {"gone.wav", "there.wav"}
    with pytest.raises(InputError, match=r"there\.wav"):
        desk.splice(again.draft, tmp_path / "later", JOB)
    desk.close()


def test_an_export_that_splices_anew_asks_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, movie = write_small_scene(tmp_path / "night.otio"), tmp_path / "out" / "night.mov"
    with_music(source, tmp_path / "gone.wav")
    offline = ["--offline-media"]
    assert run(["render", str(source), "-o", str(movie.parent), "--no-mp4", "--no-judge", *offline]) is ExitCode.DONE
    export = ["export", str(source), "--to", "mlt", "-o", str(tmp_path / "mlt")]
    assert run(export) is ExitCode.DONE, "it is as it was spliced"
    movie.unlink()
    capsys.readouterr()
    assert run(export) is ExitCode.INPUT
    assert "gone.wav" in capsys.readouterr().err
    assert run([*export, *offline]) is ExitCode.DONE
