"""`sottovoce export`: hand the spliced scene to other programs."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sottovoce.exporting.current import Current, current_export
from sottovoce.exporting.formats import FORMATS, format_named
from sottovoce.exporting.survival import losses
from sottovoce.exporting.values import Export, Format, Links, Survival
from sottovoce.exports import record_export
from sottovoce.project import read_project
from sottovoce.reading import reading_of
from sottovoce.results_folder import make_results_folder
from sottovoce.tables import table
from sottovoce.terminal import ExitCode, progress_job
from sottovoce_engine.errors import InputError
from sottovoce_engine.names import file_name, free_number, numbered
from sottovoce_engine.progress import Job
from sottovoce_engine.store import Store

_ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One format, written."""

    format: Format
    path: Path
    left_out: tuple[str, ...]


def run(arguments: argparse.Namespace) -> ExitCode:
    """Writes the formats asked for and says what will not survive in each."""
    if arguments.formats:
        print(json.dumps(_listed(), indent=2) if arguments.json else _list())
        return ExitCode.DONE
    if arguments.timeline is None:
        raise InputError("No timeline is named. Write: sottovoce export TIMELINE --to FORMAT -o DIR.")
    formats = _asked_for(arguments.to)
    project = read_project(arguments.timeline, reading_of(arguments))
    with progress_job(quiet=arguments.json) as job:
        links, agreed = Links(arguments.links), arguments.offline_media
        current = current_export(project, arguments.output, links, job, arguments.reel, offline_media=agreed)
        exported = written(current.export, formats, arguments.output, job)
        _keep_media(project.store_root, exported)
    if arguments.json:
        print(json.dumps(_plain(current, exported), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_shown(current, exported)))
    return ExitCode.BELOW_BAR if current.without else ExitCode.DONE


def written(export: Export, formats: Sequence[Format], folder: Path, job: Job) -> list[Exported]:
    """Writes the scene in each format, all under one version number that none of the files has yet.

    Raises:
        InputError, SetupError, JobCancelled: As the formats' writers.
    """
    make_results_folder(folder)
    names = [f"{file_name(export.name)}{each.suffix}" for each in formats]
    number = free_number(folder, names)
    exported = []
    for each, name in zip(formats, names, strict=True):
        path = folder.absolute() / numbered(name, number)
        exported.append(Exported(format=each, path=path, left_out=each.write(export, path, job)))
    return exported


def _keep_media(store_root: Path, exported: Sequence[Exported]) -> None:
    """Keeps cleaning from what the written files play."""
    naming = [each.path for each in exported if each.format.names_media]
    if naming:
        with Store.opened(store_root):
            for path in naming:
                record_export(store_root, path)


def _asked_for(names: Sequence[str]) -> tuple[Format, ...]:
    if not names:
        raise InputError(f"No format is named. Add --to FORMAT, one of: {', '.join(FORMATS)}; or --to {_ALL}.")
    if _ALL in names:
        return tuple(FORMATS.values())
    return tuple(format_named(name) for name in dict.fromkeys(names))


def _shown(current: Current, exported: Sequence[Exported]) -> Iterator[str]:
    if current.spliced_now:
        yield f"spliced   {current.export.spliced.movie}"
    for each in exported:
        yield f"{each.format.name:<9} {each.path}"
        for sentence in (*losses(each.format), *each.left_out):
            yield f"          {sentence}"
    for region_id in current.without:
        yield f"no take   {region_id}: render it to have it in the scene"


def _plain(current: Current, exported: Sequence[Exported]) -> dict[str, object]:
    return {
        "movie": str(current.export.spliced.movie),
        "spliced_now": current.spliced_now,
        "without_take": list(current.without),
        "files": [
            {
                "format": each.format.name,
                "path": str(each.path),
                "survives": _as_text(each.format.survives),
                "left_out": list(each.left_out),
            }
            for each in exported
        ],
    }


def _list() -> str:
    rows = [(each.name, each.suffix.strip(), each.about, ", ".join(each.hosts)) for each in FORMATS.values()]
    lines = [table(("format", "file", "what it is", "opens in"), rows)]
    for each in FORMATS.values():
        lines += [f"{each.name}: {sentence}" for sentence in losses(each)]
    return "\n".join(lines)


def _listed() -> list[dict[str, object]]:
    return [
        {
            "format": each.name,
            "suffix": each.suffix,
            "about": each.about,
            "hosts": list(each.hosts),
            "survives": _as_text(each.survives),
            "hosts_drop": each.hosts_drop,
        }
        for each in FORMATS.values()
    ]


def _as_text(survival: Survival) -> dict[str, str]:
    return {str(trait): str(kept) for trait, kept in survival.items()}
