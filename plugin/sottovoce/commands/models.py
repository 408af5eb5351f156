"""`sottovoce models`: what the LTX renderer needs, what of it is here, and fetching it when asked to."""

import argparse
import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

from sottovoce.settings import load_settings
from sottovoce.terminal import ExitCode, progress_job
from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.checkpoint import missing_packages
from sottovoce_engine.renderers.ltx.fetching import FetchPlan, fetch, fetch_plan
from sottovoce_engine.renderers.ltx.inspecting import CheckpointReport, Fitness, inspected
from sottovoce_engine.renderers.ltx.lora_file import LoraReport
from sottovoce_engine.renderers.ltx.needs import Need, Standing, needs
from sottovoce_engine.renderers.ltx.settings import LtxSettings, ltx_settings
from sottovoce_engine.renderers.ltx.sources import hub_name

_MOST_COLUMNS = 100
_INSTALL = "pip install 'sottovoce[ltx]'"


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
        print("\n".join(_listed(settings, packages, found)))
    if any(need.standing is Standing.UNUSABLE for need in found):
        return ExitCode.INPUT
    ready = not packages and all(need.standing is Standing.HERE for need in found)
    return ExitCode.DONE if ready else ExitCode.SETUP


def _needs(arguments: argparse.Namespace, settings: LtxSettings) -> tuple[Need, ...]:
    registers = register_table(arguments.registers or load_settings().registers_file)
    return needs(settings, registers.registers)


def _plain(need: Need) -> dict[str, object]:
    return {**to_plain(need), "hub_id": need.hub_id}


def _listed(settings: LtxSettings, packages: Sequence[str], found: Sequence[Need]) -> list[str]:
    lines = [f"The LTX renderer with preset {settings.preset} needs:", ""]
    if packages:
        lines += _entry("missing", "packages", [", ".join(packages), f"→ Install them with: {_INSTALL}"])
    for need in found:
        lines += _entry(need.standing, need.role, _told(need))
    if settings.random_weights:
        lines += _entry("here", "checkpoint", ["random_weights = true: made up on the spot. Noise comes out."])
    fetchable = [need for need in found if need.standing is Standing.MISSING and need.hub_id]
    if fetchable:
        lines += [
            "",
            "Nothing is fetched unasked. To see the exact size and fetch it: sottovoce models fetch",
        ]
    elif not packages and all(need.standing is Standing.HERE for need in found):
        lines += ["", "All of it is here."]
    return lines


def _told(need: Need) -> list[str]:
    """What a person has to know of a need, a paragraph each."""
    by = f" (registers {', '.join(need.wanted_by)})" if need.wanted_by else ""
    told = [f"{need.named or 'none is named'}{by}"]
    if need.place and need.place != need.named:
        told.append(need.place)
    if need.size_bytes:
        told.append(f"{_size(need.size_bytes)} on disk")
    if need.standing is Standing.MISSING and need.hub_id:
        told.append(
            f"about {_size(need.fetch_bytes)} to fetch" if need.fetch_bytes else "to fetch; the hub knows its size"
        )
    told += need.about
    if need.problem:
        told.append(f"→ {need.problem}")
    return [*told, f"licence: {need.licence}"]


def _entry(standing: str, what: str, paragraphs: Iterable[str]) -> list[str]:
    head, indent = f"{standing:<8}  {what:<12}  ", " " * 24
    lines = []
    for number, paragraph in enumerate(paragraphs):
        lines += _wrapped(paragraph, head if number == 0 else indent, indent)
    return lines


def _wrapped(text: str, head: str, indent: str) -> list[str]:
    """Lines that fit the terminal. A file's header may hold anything: what moves the cursor becomes "?"."""
    return textwrap.wrap(
        "".join(character if character.isprintable() else "?" for character in " ".join(text.split())),
        min(shutil.get_terminal_size((_MOST_COLUMNS, 24)).columns, _MOST_COLUMNS),
        initial_indent=head,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


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
    return _fetched(arguments, plans, f"Fetched {_size(size)} into '{missing[0].folder}'.")


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
            f"{_size(size)} would be fetched, and nobody is at the terminal to say whether to. Add --yes to do it."
        )
    for plan in plans:
        told = [f"{plan.hub_id}: {_size(plan.fetch_bytes)} in {len(plan.missing)} files"]
        if plan.hub_id in licences:
            told += _wrapped(f"licence: {licences[plan.hub_id]}", "  ", "  ")
        print("\n".join(told), file=sys.stderr)
    answer = input(f"Fetch {_size(size)} into '{plans[0].folder}'? [y/N] ")
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
        print("\n".join(_lora_shown(report)))
    else:
        print("\n".join(_checkpoint_shown(report)))
    if isinstance(report, LoraReport) or report.fitness is Fitness.READY:
        return ExitCode.DONE
    return ExitCode.INPUT if report.fitness is Fitness.REFUSED else ExitCode.SETUP


def _lora_shown(report: LoraReport) -> list[str]:
    scales = sorted({alpha / rank for alpha in report.alphas for rank in report.ranks})
    rows = [
        ("file", report.path),
        ("size", f"{_size(report.size_bytes)}, {report.tensors} tensors, {_millions(report.parameters)} parameters"),
        ("numbers", ", ".join(report.dtypes)),
        ("keys", f"begin with {report.prefix}" if report.prefix != "none" else "have no prefix"),
        ("rank", ", ".join(map(str, report.ranks))),
        ("alpha", ", ".join(f"{alpha:g}" for alpha in report.alphas)),
        ("scale", ", ".join(f"{scale:g}" for scale in scales) + "  (alpha / rank)"),
        ("changes", ", ".join(f"{target.name} {target.layers} of {target.of} layers" for target in report.targets)),
        ("matched", f"all its {report.matched} layers are layers of LTX-{report.model_version}"),
        ("made for", report.made_for or "not known: its header names no model. LTX-2.0 and 2.3 have the same shapes"),
        *(("header", f"{key} = {_short(value)}") for key, value in report.metadata),
        *(("warning", warning) for warning in report.warnings),
    ]
    return [line for name, value in rows for line in _row(name, value)]


def _checkpoint_shown(report: CheckpointReport) -> list[str]:
    rows = [
        ("place", report.path),
        ("form", "folder in diffusers' layout" if report.form == "folder" else report.form),
        ("model", f"LTX-{report.version}" if report.version else "not known"),
        ("size", f"{_size(report.size_bytes)}, {_millions(report.parameters)} parameters"),
        *(
            (part.name, f"{_size(part.size_bytes)}, {_millions(part.parameters)} parameters, {', '.join(part.dtypes)}")
            for part in report.parts
        ),
        *([("missing", ", ".join(report.missing))] if report.missing else []),
        (str(report.fitness), report.why or "all parts are here"),
    ]
    return [line for name, value in rows for line in _row(name, value)]


def _row(name: str, value: str) -> list[str]:
    return _wrapped(value, f"{name:<12}  ", " " * 14)


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text):,} characters)"


def _millions(count: int) -> str:
    return f"{count / 1e9:.2f} billion" if count >= 1e9 else f"{count / 1e6:.2f} million"


def _size(size_bytes: int) -> str:
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if size_bytes >= unit:
            return f"{size_bytes / unit:.1f} {name}"
    return f"{size_bytes / 1e3:.1f} kB"
