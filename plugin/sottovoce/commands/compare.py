"""`sottovoce compare`: one region's sound over its locked picture, made fast and made exactly."""

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path

from sottovoce.comparing import Comparison, Made, compared
from sottovoce.project import read_project
from sottovoce.reading import judge_from, judge_settings_of, plan_settings_from, reading_of
from sottovoce.results_folder import make_results_folder
from sottovoce.tables import table
from sottovoce.terminal import ExitCode, progress_job
from sottovoce_engine.codec import to_plain
from sottovoce_engine.judge.judgement import headline
from sottovoce_engine.names import free_number, numbered
from sottovoce_engine.plan import PlanSettings
from sottovoce_otio.placing import new_file


def run(arguments: argparse.Namespace) -> ExitCode:
    """Renders the region both ways and prints the figures of both beside each other."""
    project = read_project(arguments.timeline, reading_of(arguments))
    settings = judge_settings_of(arguments, project.reading.settings)
    asked = _asked(arguments, plan_settings_from(project.reading.settings))
    with progress_job(quiet=arguments.json) as job:
        found = compared(project, arguments.region, asked, judge_from(settings, arguments.language), job)
    folder = None if arguments.output is None else _copied(found, arguments.output)
    if arguments.json:
        print(json.dumps(_plain(found), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_shown(found, folder)))
    return ExitCode.DONE


def _asked(arguments: argparse.Namespace, settings: PlanSettings) -> PlanSettings:
    given = {"seed": arguments.seed, "handle_frames": arguments.handles}
    changes = {name: value for name, value in given.items() if value is not None}
    return replace(settings, renderer="ltx", takes=1, **changes)


def _shown(found: Comparison, folder: Path | None) -> list[str]:
    rows = [
        ("cost", *(f"{made.cost_seconds:.2f} s" for made in (found.fast, found.exact))),
        ("loudness", *(_decibels(made.take.loudness_lufs, "LUFS") for made in (found.fast, found.exact))),
        ("true peak", *(_decibels(made.take.true_peak_dbtp, "dBTP") for made in (found.fast, found.exact))),
        *((name, *(_figure(made, name) for made in (found.fast, found.exact))) for name in _REGISTER_FIGURES),
        ("judged", *(headline(made.judgement) for made in (found.fast, found.exact))),
        ("take", *(made.take.key for made in (found.fast, found.exact))),
    ]
    apart = found.difference
    return [
        table((f"region {found.region}", "fast", "exact"), rows),
        "",
        f"between the two: correlation {apart.correlation:.3f} at {apart.lag_ms:+.1f} ms, mel distance "
        f"{apart.mel_db:.1f} dB, level {_decibels(apart.level_db, 'dB')}",
        *([] if folder is None else [f"written to {folder}"]),
    ]


_REGISTER_FIGURES = ("v", "voiced_share", "f0_hz", "alpha_db", "distance")  # of the judge's finding about the register


def _figure(made: Made, name: str) -> str:
    finding = None if made.judgement is None else made.judgement.register
    value = None if finding is None else getattr(finding, name)
    return "" if value is None else f"{value:.2f}"


def _decibels(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:+.1f} {unit}"


def _plain(found: Comparison) -> dict[str, object]:
    return {
        "region": found.region,
        "difference": to_plain(found.difference),
        **{
            made.mode: {
                "take": made.take.key,
                "path": str(made.path),
                "seed": made.take.job.seed,
                "cost_seconds": round(made.cost_seconds, 3),
                "seconds": {stage: round(spent, 3) for stage, spent in made.seconds.items() if stage},
                "loudness_lufs": made.take.loudness_lufs,
                "true_peak_dbtp": made.take.true_peak_dbtp,
                "judged": headline(made.judgement),
                "register": None if made.judgement is None else to_plain(made.judgement.register),
            }
            for made in (found.fast, found.exact)
        },
    }


def _copied(found: Comparison, folder: Path) -> Path:
    """Both sounds and the figures, under names that are free."""
    make_results_folder(folder)
    names = {made.mode: f"{found.region} {made.mode}.wav" for made in (found.fast, found.exact)}
    figures = f"{found.region} compared.json"
    number = free_number(folder, [*names.values(), figures])
    for made in (found.fast, found.exact):
        with new_file(folder / numbered(names[made.mode], number), "sound") as staged:
            shutil.copyfile(made.path, staged)
    with new_file(folder / numbered(figures, number), "figures") as staged:
        staged.write_text(json.dumps(_plain(found), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return folder
