"""A timeline of 5,000 regions: reading, planning and writing, each beside OTIO's own share of it.

The marks are typed, as an editor would, over a dialogue track of 1,000 clips. The written timeline has a take
for every region; the takes are described, not rendered. The ratio is to what OTIO alone needs to load,
or clone and serialise, the same file: the floor nobody who uses OTIO can go below.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import opentimelineio as otio

from sottovoce_engine.plan import Plan, PlanSettings, plan_for
from sottovoce_engine.registers import register_table
from sottovoce_engine.splice.values import Spliced, SplicedRegion, ToneOrigin, TonePiece
from sottovoce_engine.take import PlacedTake, RenderJob, Take
from sottovoce_engine.timing import Span, samples_of
from sottovoce_otio.scene_timeline import scene_document
from sottovoce_otio.timeline import LoadedTimeline, read_timeline
from sottovoce_otio.working_copy import write_working_copy
from sottovoce_otio.writing import write_otio

REGIONS = 5_000
RATE = 24
LENGTH = 40  # frames from one region's start to the next
RUNS = 3
VOICES = ("Anna", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus")


def main() -> None:
    """Prints one table."""
    registers = register_table()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.otio"
        write_large(path)
        loaded = read_timeline(path, registers)
        assert len(loaded.scene.regions) == REGIONS
        spliced = spliced_of(
            plan_for(
                loaded.scene,
                registers,
                PlanSettings(),
                chosen={},
                known={},
                fingerprint=lambda _register: "large timeline",
            )
        )
        rows: list[tuple[str, Callable[[], object], Callable[[], object] | None]] = [
            (
                "read",
                lambda: read_timeline(path, registers),
                lambda: otio.adapters.read_from_file(str(path)),
            ),
            (
                "plan",
                lambda: plan_for(
                    loaded.scene,
                    registers,
                    PlanSettings(),
                    chosen={},
                    known={},
                    fingerprint=lambda _register: "large timeline",
                ),
                None,
            ),
            (
                "write the working copy",
                lambda: write_working_copy(loaded, registers, ()),
                lambda: loaded.timeline.clone().to_json_string(2),
            ),
            (
                "write the new timeline",
                lambda: _write_new(loaded, spliced, path),
                None,
            ),
        ]
        print(f"| {REGIONS:,} regions | median of {RUNS}, s | OTIO alone, s | ratio |")
        print("|---|---|---|---|")
        total = 0.0
        for name, ours, floor in rows:
            seconds = _median_seconds(ours)
            total += seconds
            if floor is None:
                print(f"| {name} | {seconds:.2f} | | |")
            else:
                floor_s = _median_seconds(floor)
                print(f"| {name} | {seconds:.2f} | {floor_s:.2f} | {seconds / floor_s:.1f} |")
        print(f"| all four (to stay under 5) | {total:.2f} | | |")


def write_large(path: Path) -> None:
    """Writes the timeline with its typed marks."""
    timeline = otio.schema.Timeline("large")
    timeline.metadata["sottovoce"] = {"raster": "640x360"}
    track = otio.schema.Track("Dialogue", kind=otio.schema.TrackKind.Audio)
    for index in range(REGIONS // 5):
        track.append(otio.schema.Clip(f"clip {index}", source_range=_range(0, 5 * LENGTH)))
    timeline.tracks.append(track)
    names = register_table().names
    for index in range(REGIONS):
        text = f"{VOICES[index % 7]} {names[index % len(names)]}: this is line number {index}"
        timeline.tracks.markers.append(otio.schema.Marker(name=text, marked_range=_range(index * LENGTH, LENGTH - 4)))
    otio.adapters.write_to_file(timeline, str(path))


def _write_new(loaded: LoadedTimeline, spliced: Spliced, source: Path) -> None:
    target = source.with_name("new.otio")
    target.unlink(missing_ok=True)
    write_otio(scene_document(loaded, spliced, register_table()), target)


def spliced_of(plan: Plan) -> Spliced:
    """What a splice would have made of the plan, without any sound."""
    regions = tuple(_region(job) for job in plan.jobs)
    whole = samples_of(Span(0, plan.scene.length_frames), plan.scene.rate)
    tone = TonePiece(
        location="", span=whole, origin=ToneOrigin.SYNTHETIC, level_dbfs=-52.0, source=None, source_seconds=0.0
    )
    return Spliced(
        regions=regions,
        joins=(),
        notes=(),
        movie=Path("/large.mov"),
        mp4=None,
        stems=(),
        tone_stem=Path("/large room tone.wav"),
        tone_pieces=(tone,),
        levels=(),
        anchor_lufs=None,
        true_peak_dbtp=-3.0,
    )


def _region(job: RenderJob) -> SplicedRegion:
    take = Take(
        job=job,
        media=f"{sha256(job.key.encode()).hexdigest()}.mov",
        length_frames=job.window.length,
        length_samples=job.length_samples,
        words=(),
        words_estimated=True,
        made="2026-01-01T00:00:00+00:00",
        loudness_lufs=-30.0,
        true_peak_dbtp=-12.0,
    )
    sound = samples_of(job.region.span, job.rate)
    return SplicedRegion(
        placed=PlacedTake(region=job.region, take=take, path=f"/{take.media}"),
        slip_frames=0,
        sound=sound,
        fade_in=sound,
        fade_out=sound,
        gain_db=0.0,
        speech=sound,
        own_picture=True,
    )


def _range(start: int, length: int) -> Any:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, RATE), otio.opentime.RationalTime(length, RATE))


def _median_seconds(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
