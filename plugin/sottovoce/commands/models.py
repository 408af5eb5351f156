"""`sottovoce models`: what the LTX renderer needs, what of it is here, and fetching it when asked to."""

import argparse
import json
import sys
from collections.abc import Sequence

from sottovoce.model_words import checkpoint_shown, lora_shown, needs_shown, size_shown, wrapped
from sottovoce.settings import load_settings
from sottovoce.terminal import ExitCode, progress_job
from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.checkpoint import missing_packages
from sottovoce_engine.renderers.ltx.fetching import FetchPlan, fetch, fetch_plan
from sottovoce_engine.renderers.ltx.inspecting import Fitness, inspected
from sottovoce_engine.renderers.ltx.lora_file import LoraReport
from sottovoce_engine.renderers.ltx.needs import Need, Standing, needs
from sottovoce_engine.renderers.ltx.settings import LtxSettings, ltx_settings
from sottovoce_engine.renderers.ltx.sources import hub_name


def run(arguments: argparse.Namespace) -> ExitCode:
    """Lists, fetches or inspects.

    Raises:
        InputError: What is to be inspected or fetched is not named, cannot be used, or nobody agreed.
        SetupError: It is not on this machine, or the hub cannot be reached.
    """
    settings = ltx_settings()
    match arguments.action:
        case "fetch":
            return _fetch(arguments, settings)
        case "inspect":
            return _inspect(arguments, settings)
        case _:
            return _list(arguments, settings)


def _list(arguments: argparse.Namespace, settings: LtxSettings) -> ExitCode:
    if arguments.what:
        raise InputError(f"Say what to do with '{arguments.what}': sottovoce models inspect {arguments.what}")
    packages, found = missing_packages(), _needs(arguments, settings)
    if arguments.json:
        plain = {
            "preset": settings.preset,
            "missing_packages": list(packages),
            "needs": [_plain(need) for need in found],
        }
        print(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        print("\n".join(needs_shown(settings, packages, found)))
    if any(need.standing is Standing.UNUSABLE for need in found):
        return ExitCode.INPUT
    ready = not packages and all(need.standing is Standing.HERE for need in found)
    return ExitCode.DONE if ready else ExitCode.SETUP


def _needs(arguments: argparse.Namespace, settings: LtxSettings) -> tuple[Need, ...]:
    registers = register_table(arguments.registers or load_settings().registers_file)
    return needs(settings, registers.registers)


def _plain(need: Need) -> dict[str, object]:
    return {**to_plain(need), "hub_id": need.hub_id}


def _fetch(arguments: argparse.Namespace, settings: LtxSettings) -> ExitCode:
    found = _needs(arguments, settings)
    plans = _plans(arguments.what, found)
    missing = [plan for plan in plans if plan.missing]
    if not missing:
        return _fetched(arguments, plans, "Everything is here: there is nothing to fetch.")
    licences = {need.hub_id: need.licence for need in found}
    if not (arguments.yes or _agreed(missing, licences)):
        return _fetched(arguments, (), "Nothing was fetched.")
    with progress_job(quiet=arguments.json) as job:
        for plan in missing:
            fetch(plan, job)
    size = sum(plan.fetch_bytes for plan in missing)
    return _fetched(arguments, plans, f"Fetched {size_shown(size)} into '{missing[0].folder}'.")


def _plans(what: str | None, found: Sequence[Need]) -> tuple[FetchPlan, ...]:
    """What was asked for, else all that is missing and can be fetched."""
    roles = {need.named: need.role for need in found}
    if what:
        hub_id, file = hub_name(what)
        if not hub_id:
            raise InputError(f"'{what}' is no hub id. Write owner/name, such as diffusers/LTX-2.3-Diffusers.")
        return (fetch_plan(hub_id, file, roles.get(what)),)
    missing = [need for need in found if need.standing is Standing.MISSING]
    unnamed = [need for need in missing if not need.hub_id]
    if unnamed and len(unnamed) == len(missing):
        raise SetupError(f"What is missing cannot be fetched by itself: {unnamed[0].problem}")
    return tuple(fetch_plan(*hub_name(need.named), need.role) for need in missing if need.hub_id)


def _agreed(plans: Sequence[FetchPlan], licences: dict[str, str]) -> bool:
    size = sum(plan.fetch_bytes for plan in plans)
    if not sys.stdin.isatty():
        raise InputError(
            f"{size_shown(size)} would be fetched, and nobody is at the terminal to say whether to. Add --yes to do it."
        )
    for plan in plans:
        told = [f"{plan.hub_id}: {size_shown(plan.fetch_bytes)} in {len(plan.missing)} files"]
        if plan.hub_id in licences:
            told += wrapped(f"licence: {licences[plan.hub_id]}", "  ", "  ")
        print("\n".join(told), file=sys.stderr)
    answer = input(f"Fetch {size_shown(size)} into '{plans[0].folder}'? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _fetched(arguments: argparse.Namespace, plans: Sequence[FetchPlan], message: str) -> ExitCode:
    if arguments.json:
        print(json.dumps({"fetched": [to_plain(plan) for plan in plans]}, ensure_ascii=False, indent=2))
    else:
        print(message)
    return ExitCode.DONE


def _inspect(arguments: argparse.Namespace, settings: LtxSettings) -> ExitCode:
    if not arguments.what:
        raise InputError("Say which file to inspect: sottovoce models inspect FILE")
    report = inspected(arguments.what, settings)
    if arguments.json:
        kind = "lora" if isinstance(report, LoraReport) else "checkpoint"
        print(json.dumps({"kind": kind, **to_plain(report)}, ensure_ascii=False, indent=2))
    elif isinstance(report, LoraReport):
        print("\n".join(lora_shown(report)))
    else:
        print("\n".join(checkpoint_shown(report)))
    if isinstance(report, LoraReport) or report.fitness is Fitness.READY:
        return ExitCode.DONE
    return ExitCode.INPUT if report.fitness is Fitness.REFUSED else ExitCode.SETUP
