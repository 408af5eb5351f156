"""`sottovoce train`: a LoRA for registers of one's own, from a folder of recordings."""

import argparse
import json
import sys
from collections.abc import Iterable

from sottovoce.judge_asked import judge_of
from sottovoce.results_folder import make_results_folder
from sottovoce.settings import load_settings
from sottovoce.terminal import ExitCode, print_error, progress_job
from sottovoce.training.plan_words import preparation_shown, training_shown
from sottovoce.training.preparation import Mismatches, Preparation, prepare, settled, write_dataset
from sottovoce.training.running import Result, trained
from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import JobCancelled
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.settings import ltx_settings
from sottovoce_engine.training.recipe_file import read_recipe, recipe_example
from sottovoce_engine.training.values import Dataset, MachinePlan

_PATIENCE_SECONDS = 60.0  # after Ctrl-C: a step on a slow machine takes its time, and what it made is kept


def run(arguments: argparse.Namespace) -> ExitCode:
    """Trains, or says what would be trained; what was done when a person stops it is kept.

    Raises:
        InputError: Recordings, the recipe or the folder cannot be used, or clips do not measure as they are labelled.
        SetupError: The machine cannot train.
        RenderError: The training failed.
    """
    if arguments.recipe_example:
        print(recipe_example(), end="")
        return ExitCode.DONE
    _check_places(arguments)
    try:
        return _run(arguments)
    except (JobCancelled, KeyboardInterrupt):
        print_error(
            f"Stopped. What was prepared and learnt is kept in '{arguments.output}'; the same command goes on from there."
        )
        return ExitCode.CANCELLED


def _run(arguments: argparse.Namespace) -> ExitCode:
    """Prepares, says what would be trained, trains, and writes a registers file beside the LoRA."""
    settings = load_settings()
    recipe = read_recipe(arguments.recipe, register_table(arguments.registers or settings.registers_file))
    judge = judge_of(arguments, settings)
    make_results_folder(arguments.output)
    with progress_job(quiet=arguments.json) as job:
        found = prepare(arguments.folder, arguments.output, recipe, judge, arguments.keep, job)
    _tell(arguments, preparation_shown(found))
    found = settled(found, _decided(arguments, found))
    dataset, note = found.dataset()
    write_dataset(dataset, arguments.output)
    machine = None if arguments.prepare_only else _machine(dataset, found)
    _tell(arguments, training_shown(dataset, note, recipe.recipe, machine))
    result = None
    if not _only_looks(arguments):
        with progress_job(quiet=arguments.json, patience_seconds=_PATIENCE_SECONDS) as job:
            result = trained(dataset, found, ltx_settings(), arguments.output, judge, job)
        _tell(arguments, _shown(result))
    if arguments.json:
        print(_plain(found, dataset, machine, result))
    return ExitCode.DONE


def _only_looks(arguments: argparse.Namespace) -> bool:
    return bool(arguments.prepare_only or arguments.plan)


def _tell(arguments: argparse.Namespace, lines: Iterable[str]) -> None:
    """Prints what a person reads; a program gets it all at the end."""
    if not arguments.json:
        print("\n".join(lines), flush=True)


def _check_places(arguments: argparse.Namespace) -> None:
    if arguments.folder is None:
        raise InputError(
            "Name the folder of recordings: sottovoce train FOLDER -o OUT. docs/training.md shows how they lie."
        )
    if arguments.output is None:
        raise InputError(f"Name the folder that results go to: sottovoce train '{arguments.folder}' -o OUT")
    if arguments.output.resolve() == arguments.folder.resolve():
        raise InputError(f"'{arguments.output}' holds the recordings. Name another folder with -o: results go there.")


def _decided(arguments: argparse.Namespace, found: Preparation) -> Mismatches:
    """What to do about clips that mismatch: as the options say, else as a person at the terminal does."""
    if arguments.leave_out_mismatches:
        return Mismatches.LEAVE_OUT
    if arguments.keep_mismatches or _only_looks(arguments):
        return Mismatches.KEEP
    if not found.mismatches or arguments.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return Mismatches.ASK
    answer = input("Leave them out, keep them, or stop? [l/k/S] ").strip().lower()
    return {"l": Mismatches.LEAVE_OUT, "k": Mismatches.KEEP}.get(answer[:1], Mismatches.ASK)


def _machine(dataset: Dataset, found: Preparation) -> MachinePlan:
    from sottovoce_engine.renderers.ltx.training.machine import machine_plan

    return machine_plan(dataset, found.recipe.recipe, ltx_settings())


def _shown(result: Result) -> list[str]:
    names = ", ".join(f"'{name}'" for name in result.taught)
    return [
        "",
        f"trained   {result.trained.steps:,} steps, loss {result.trained.loss:.4f} at the end",
        *(f"          {note}" for note in result.trained.notes),
        *([f"heard     {result.heard}"] if result.heard else []),
        f"plot      {result.plot}",
        f"LoRA      {result.trained.lora}",
        f"registers {result.registers}",
        "",
        f"{names} can be asked for now: sottovoce render TIMELINE --renderer ltx --registers '{result.registers}'",
        f"or for good, also in the panel: registers_file = {json.dumps(str(result.registers))} in the settings.",
    ]


def _plain(found: Preparation, dataset: Dataset, machine: MachinePlan | None, result: Result | None) -> str:
    plain = {
        "dataset": to_plain(dataset),
        "mismatches": [clip.name for clip in found.mismatches],
        "left_out": list(found.left_out),
        "machine": None if machine is None else {**to_plain(machine), "fits": machine.fits},
        "trained": None if result is None else to_plain(result.trained),
        "registers": None if result is None else str(result.registers),
        "plot": None if result is None else str(result.plot),
    }
    return json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False)
