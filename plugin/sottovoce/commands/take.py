"""`sottovoce take`: list, add, choose and mark the takes of a timeline's regions."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace

from sottovoce.judge_asked import judge_of
from sottovoce.pile import AddedTake, ListedTake, add_recording, listed_takes, mark_take, pick_take
from sottovoce.project import Project, read_project
from sottovoce.reading import reading_of
from sottovoce.tables import table
from sottovoce.take_notes import said_now
from sottovoce.terminal import ExitCode, printable, progress_job
from sottovoce_engine.choices import TakeNote, note_as_text
from sottovoce_engine.codec import to_plain
from sottovoce_engine.judge.judgement import headline
from sottovoce_engine.take import Take

_KEY = 10  # characters that are shown of a key; more where those are not unique
_MARKS = {"starred": "star", "circled": "circle", "alt": "alt", "rejected": "reject", "approved": "approve"}


def run(arguments: argparse.Namespace) -> ExitCode:
    """Does what was asked of the takes.

    Raises:
        InputError: The timeline, a region, a take or a recording cannot be used.
        SetupError: Another program has the store, or the disk does not take it.
    """
    project = read_project(arguments.timeline, reading_of(arguments))
    match arguments.action:
        case "list":
            return _list(arguments, project)
        case "add":
            return _add(arguments, project)
        case "choose":
            return _choose(arguments, project)
        case _:
            return _mark(arguments, project)


def _list(arguments: argparse.Namespace, project: Project) -> ExitCode:
    found = listed_takes(project, arguments.region)
    if arguments.json:
        print(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=2))
    elif not found:
        print("There are no takes yet. Render some, or add a recording: sottovoce take add TIMELINE REGION FILE")
    else:
        headings = ("", "take", "region", "register", "made by", "seed", "LUFS", "judged", "noted", "line")
        print(table(headings, _rows(found)))
        print("\n* chosen, ! chosen by a person, - does not answer its region as it is marked now")
    return ExitCode.DONE


def _rows(found: Sequence[ListedTake]) -> list[tuple[str, ...]]:
    shown = _shown_length([one.take.key for one in found])
    return [
        (
            "!" if one.picked else "*" if one.chosen else "" if one.answers else "-",
            one.take.key[:shown],
            one.take.job.region.id,
            one.take.job.register.name,
            one.take.job.renderer,
            str(one.take.job.seed),
            "" if one.take.loudness_lufs is None else f"{one.take.loudness_lufs:.1f}",
            headline(one.judgement),
            printable(note_as_text(one.note)),
            printable(one.take.job.region.line),
        )
        for one in found
    ]


def _shown_length(keys: Sequence[str]) -> int:
    return next((length for length in range(_KEY, 65) if len({key[:length] for key in keys}) == len(keys)), 64)


def _plain(one: ListedTake) -> dict[str, object]:
    return {
        **_take_plain(one.take),
        "media": str(one.path),
        "chosen": one.chosen,
        "picked": one.picked,
        "answers": one.answers,
        "judgement": None if one.judgement is None else to_plain(one.judgement),
        "note": None if one.note is None else to_plain(one.note),
    }


def _take_plain(take: Take) -> dict[str, object]:
    return {
        "take": take.key,
        "region": take.job.region.id,
        "register": take.job.register.name,
        "line": take.job.region.line,
        "renderer": take.job.renderer,
        "seed": take.job.seed,
        "made": take.made,
        "loudness_lufs": take.loudness_lufs,
        "true_peak_dbtp": take.true_peak_dbtp,
        "start_frame": take.job.window.start,
        "length_frames": take.length_frames,
        "notes": list(take.notes),
    }


def _add(arguments: argparse.Namespace, project: Project) -> ExitCode:
    judge = judge_of(arguments, project.reading.settings)
    with progress_job(quiet=True) as job:
        added = add_recording(project, arguments.region, arguments.file, arguments.at, judge, job)
    strict: bool = arguments.strict or project.reading.settings.strict
    if arguments.json:
        judgement = None if added.judgement is None else to_plain(added.judgement)
        print(json.dumps(_take_plain(added.take) | {"judgement": judgement}, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_added(added, strict=strict)))
    return ExitCode.DONE


def _added(added: AddedTake, *, strict: bool) -> list[str]:
    take, region = added.take, added.take.job.region
    here = "was there already as" if added.known else "is now"
    lines = [f"It {here} the take {take.key[:_KEY]} of {region.id} {printable(region.line)!r}."]
    lines += [printable(note) for note in take.notes]
    lines.append(f"judged: {headline(added.judgement, strict=strict)}")
    if added.judgement is not None:
        lines += [f"  {printable(why)}" for why in added.judgement.why]
    lines.append(f"It is not chosen by that: sottovoce take choose TIMELINE {region.id} {take.key[:_KEY]}")
    return lines


def _choose(arguments: argparse.Namespace, project: Project) -> ExitCode:
    take = pick_take(project, arguments.region, arguments.take)
    if arguments.json:
        print(json.dumps(_take_plain(take) | {"chosen": True, "picked": True}, ensure_ascii=False, indent=2))
    else:
        print(f"The take {take.key[:_KEY]} is chosen for {take.job.region.id}, and stays chosen when takes are added.")
    return ExitCode.DONE


def _mark(arguments: argparse.Namespace, project: Project) -> ExitCode:
    marks = frozenset(name for name, option in _MARKS.items() if getattr(arguments, option))
    said = said_now(marks, arguments.note, arguments.by, clear=arguments.clear)
    take, note = mark_take(project, arguments.take, said)
    if arguments.json:
        plain = to_plain(replace(note or TakeNote(take_key=take.key), take_key=take.key))
        print(json.dumps({"take": take.key, "region": take.job.region.id, "note": plain}, ensure_ascii=False, indent=2))
    else:
        print(f"The take {take.key[:_KEY]}: {printable(note_as_text(note)) or 'nothing noted'}.")
    return ExitCode.DONE
