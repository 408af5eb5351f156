"""Joins in the panel's application: seen before a splice, heard alone, asked for, spliced as asked, kept."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest

from sottovoce.cli import run
from sottovoce.reading import Reading
from sottovoce.scene_desk import SceneDesk
from sottovoce.settings import Settings
from sottovoce.terminal import ExitCode
from sottovoce_engine.choices import with_chosen
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.editing.joins import with_join
from sottovoce_engine.editing.spans import moved
from sottovoce_engine.join_wishes import JoinWish
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_engine.timing import Span
from sottovoce_ui.desk import SceneFiles

from .small_scene import LENGTH_FRAMES, write_small_scene

READING = Reading(settings=Settings(judge=False), registers=register_table())
JOB = Job()

pytestmark = pytest.mark.xdist_group("render")


def sound_in(path: Path) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    with SoundReader(path) as reader:
        return reader.read(Span(0, reader.length_samples))


def rendered(desk: SceneDesk, source: Path) -> Draft:
    opened = desk.open(source, JOB)
    chosen = desk.render(opened.draft, opened.settings, JOB, lambda _: None)
    return replace(opened.draft, choices=with_chosen(opened.draft.choices, chosen))


def as_first_format(written: str) -> str:
    """A record of a splice as it was kept before joins could be asked for anything."""
    record = json.loads(written)
    record["format"] = 1
    del record["value"]["handed"], record["value"]["settings"]["joins"]
    record["value"]["spliced"]["joins"] = []
    return json.dumps(record)


def test_a_wish_is_seen_heard_spliced_kept_and_obeyed_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, desk = write_small_scene(tmp_path / "night.otio"), SceneDesk(READING)
    draft = rendered(desk, source)
    before = desk.joins(draft, JOB)
    assert (before.joins[0].before, before.joins[0].after) == ("room tone", draft.regions[0].id)
    assert (before.figures, before.files, before.current) == ({}, None, False)
    first = desk.splice(draft, tmp_path / "out", JOB)
    there = desk.joins(draft, JOB)
    assert there.current
    assert not there.stale
    assert there.files == first
    assert set(there.figures) == {join.key for join in there.joins}

    key = there.joins[0].key
    far = JoinWish(key=there.joins[3].key, moved_samples=-300_000)
    asked = with_join(with_join(draft, JoinWish(key=key, fade_ms=20.0, moved_samples=-2_400)), far)
    now = desk.joins(asked, JOB)
    assert now.joins[0].at == there.joins[0].at - 2_400
    assert now.joins[0].fade.length == 960
    assert now.stale == {key, far.key}
    assert not now.current
    heard = desk.hear_join(asked, key, JOB)
    second = desk.splice(asked, tmp_path / "out", JOB)
    assert second.movie != first.movie
    start = heard.span.start * 2_000
    alone, whole = sound_in(heard.file), sound_in(second.movie)
    assert np.abs(alone - whole[:, start : start + alone.shape[1]]).max() < 1e-6
    assert whole.shape == sound_in(first.movie).shape
    assert desk.joins(asked, JOB).figures[key].fade == now.joins[0].fade
    assert desk.joins(draft, JOB).stale == {key, far.key}, "undone, the figures are of another cut again"

    desk.save(asked)
    desk.close()
    assert not heard.file.exists()
    assert SceneDesk(READING).open(source, JOB).draft.joins == asked.joins
    assert run(["splice", str(source), "-o", str(tmp_path / "cli"), "--no-mp4", "--no-judge"]) is ExitCode.DONE
    assert "its cut was moved 6250 ms earlier and" in capsys.readouterr().out, "what could not be done is said"
    assert np.array_equal(sound_in(tmp_path / "cli" / "night.mov"), whole)
    report = json.loads((tmp_path / "cli" / "report.json").read_text())
    assert report["joins"][0]["fade_samples"] == [now.joins[0].fade.start, now.joins[0].fade.end]


def test_figures_are_of_the_last_splice_after_another_opening(tmp_path: Path) -> None:
    source, desk = write_small_scene(tmp_path / "night.otio"), SceneDesk(READING)
    draft = rendered(desk, source)
    files: SceneFiles = desk.splice(draft, tmp_path / "out", JOB)
    desk.save(draft)
    desk.close()
    desk = SceneDesk(READING)
    again = desk.open(source, JOB).draft
    found = desk.joins(again, JOB)
    assert found.files == files
    assert found.current
    assert len(found.figures) == 4
    record = source.with_name("night.sottovoce") / "spliced.json"
    written = record.read_text()
    record.write_text(as_first_format(written))
    older = desk.joins(again, JOB)
    assert older.current, "a record of the first format is read"
    assert (older.files, older.figures) == (None, {})
    record.write_text(written)
    late = moved(again, {again.regions[1].id}, 2)
    assert {key.region_id for key in desk.joins(late, JOB).stale} == {again.regions[1].id}
    files.movie.unlink()
    assert desk.joins(again, JOB).files is None
    desk.close()


def test_an_export_without_a_splice_goes_on_without_media_as_the_person_agreed(tmp_path: Path) -> None:
    source = write_small_scene(tmp_path / "night.otio")
    timeline = otio.adapters.read_from_file(str(source))
    whole = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(LENGTH_FRAMES, 24))
    gone = otio.schema.ExternalReference(str(tmp_path / "gone.wav"), available_range=whole)
    music = otio.schema.Track("A2 music", kind=otio.schema.TrackKind.Audio)
    music.append(otio.schema.Clip("music", media_reference=gone, source_range=whole))
    timeline.tracks.append(music)
    otio.adapters.write_to_file(timeline, str(source))
    desk = SceneDesk(READING)
    draft = rendered(desk, source)
    refused = run(["export", str(source), "--to", "srt", "-o", str(tmp_path / "cli")])
    assert refused is ExitCode.INPUT, "nobody agreed to that there"
    (written,) = desk.export(draft, ["srt"], tmp_path / "out", JOB)
    assert written.exists()
    desk.save(draft)
    desk.close()
