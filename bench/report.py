"""How fast the report page of a scene is made, and how large it is.

50 regions of four seconds, rendered by the scratch voice in every register, judged and spliced; then the page is
made again from the finished scene. The goal is under 5 s.
"""

import json
import tempfile
import time
from pathlib import Path

import opentimelineio as otio

from sottovoce.deciding import Asked
from sottovoce.project import read_project
from sottovoce.reading import default_reading, plan_settings_from
from sottovoce.rendering import RenderedScene, render_scene
from sottovoce.report_page.hearing import heard
from sottovoce.report_page.page import page
from sottovoce.report_page.writing import write_report_page
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table

REGIONS = 50
RATE = 24
LENGTH = 4 * RATE
EVERY = 5 * RATE
RUNS = 3
LINE = "close your eyes and listen, did you hear that, down by the river?"


def main() -> None:
    """Prints one table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        scene = _rendered(folder)
        rendered = time.perf_counter() - started
        report = json.loads(scene.files.report.read_text(encoding="utf-8"))
        whole, sound, text = [], [], []
        for run in range(RUNS):
            started = time.perf_counter()
            write_report_page(folder / f"{run}.html", report, scene.spliced)
            whole.append(time.perf_counter() - started)
            started = time.perf_counter()
            read = heard(scene.spliced)
            sound.append(time.perf_counter() - started)
            started = time.perf_counter()
            page(report, read)
            text.append(time.perf_counter() - started)
        print(f"| {len(scene.spliced.regions)} regions of 4 s, {len(scene.spliced.joins)} joins | best of {RUNS} |")
        print("|---|---|")
        print(f"| the page, written | {min(whole):.2f} s |")
        print(f"| of that, the sound: read, voiced, made small, its loudness | {min(sound):.2f} s |")
        print(f"| of that, the page's text | {min(text):.2f} s |")
        print(f"| the page's size | {(folder / '0.html').stat().st_size / 1e6:.1f} MB |")
        print(f"| the whole render before it | {rendered:.0f} s |")


def _rendered(folder: Path) -> RenderedScene:
    timeline = otio.schema.Timeline("bench")
    timeline.metadata["sottovoce"] = {"raster": "320x180"}
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    track.append(otio.schema.Gap(source_range=_range(0, REGIONS * EVERY)))
    timeline.tracks.append(track)
    names = register_table().names
    for place in range(REGIONS):
        text = f"{'Anna' if place % 2 else 'Ben (man)'} {names[place % len(names)]}: {LINE}"
        timeline.tracks.markers.append(otio.schema.Marker(name=text, marked_range=_range(place * EVERY + 8, LENGTH)))
    path = folder / "bench.otio"
    otio.adapters.write_to_file(timeline, str(path))
    reading = default_reading()
    settings = plan_settings_from(reading.settings)
    return render_scene(read_project(path, reading), settings, Asked(folder=folder / "out", mp4=False), Job())


def _range(start: int, length: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, RATE), otio.opentime.RationalTime(length, RATE))


if __name__ == "__main__":
    main()
