"""A timeline of 5,000 regions in every export format, the review movie left out: it decodes and encodes a movie.

The takes are described, not rendered; the handover to the mix, which copies their sound, is left out, too.
CPU seconds stand beside the wall's, which count whatever else the machine does.

python -m bench.export
"""

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.large_timeline import REGIONS, spliced_of, write_large

from sottovoce.exporting.formats import FORMATS
from sottovoce.exporting.values import Export, Format
from sottovoce_engine.plan import PlanSettings, plan_for
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_otio.timeline import read_timeline

RUNS = 3
MOST_SECONDS = 5
_NOT_MEASURED = ("review", "handover")  # they copy media, of which there are none here


def main() -> None:
    """Prints one table."""
    with tempfile.TemporaryDirectory() as folder:
        export = _export(Path(folder))
        print(f"| {REGIONS:,} regions | median of {RUNS}, s | CPU, s | file, MB |")
        print("|---|---|---|---|")
        for each in FORMATS.values():
            if each.name not in _NOT_MEASURED:
                print(_row(each, export, Path(folder)))
        print(f"\nEach is to stay under {MOST_SECONDS} s.")


def _row(each: Format, export: Export, folder: Path) -> str:
    walls, cpus = [], []
    path = folder / f"exported{each.suffix}"
    for _ in range(RUNS):
        path.unlink(missing_ok=True)
        wall, cpu = time.perf_counter(), time.process_time()
        each.write(export, path, Job())
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    size = path.stat().st_size / 2**20
    return f"| {each.name} | {statistics.median(walls):.2f} | {statistics.median(cpus):.2f} | {size:.1f} |"


def _export(folder: Path) -> Export:
    registers = register_table()
    write_large(folder / "large.otio")
    loaded = read_timeline(folder / "large.otio", registers)
    plan = plan_for(
        loaded.scene, registers, PlanSettings(), chosen={}, known={}, fingerprint=lambda _register: "export"
    )
    spliced = replace(spliced_of(plan), tone_stem=folder / "tone.wav")
    return Export(name="large", loaded=loaded, scene=loaded.scene, spliced=spliced, registers=registers)


if __name__ == "__main__":
    main()
