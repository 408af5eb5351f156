"""What the LTX renderer needs and what a file of weights holds, as a person reads it in a terminal."""

import shutil
import textwrap
from collections.abc import Iterable, Sequence

from sottovoce_engine.renderers.ltx.inspecting import CheckpointReport
from sottovoce_engine.renderers.ltx.lora_file import LoraReport
from sottovoce_engine.renderers.ltx.needs import Need, Standing
from sottovoce_engine.renderers.ltx.settings import LtxSettings

_MOST_COLUMNS = 100
_INSTALL = "pip install 'sottovoce[ltx]'"


def needs_shown(settings: LtxSettings, packages: Sequence[str], found: Sequence[Need]) -> list[str]:
    """The packages and models that are needed, each with where it is or what to do about it."""
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


def lora_shown(report: LoraReport) -> list[str]:
    """A LoRA, line by line."""
    scales = sorted({alpha / rank for alpha in report.alphas for rank in report.ranks})
    rows = [
        ("file", report.path),
        (
            "size",
            f"{size_shown(report.size_bytes)}, {report.tensors} tensors, {_millions(report.parameters)} parameters",
        ),
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


def checkpoint_shown(report: CheckpointReport) -> list[str]:
    """A checkpoint, part by part."""
    rows = [
        ("place", report.path),
        ("form", "folder in diffusers' layout" if report.form == "folder" else report.form),
        ("model", f"LTX-{report.version}" if report.version else "not known"),
        ("size", f"{size_shown(report.size_bytes)}, {_millions(report.parameters)} parameters"),
        *(
            (
                part.name,
                f"{size_shown(part.size_bytes)}, {_millions(part.parameters)} parameters, {', '.join(part.dtypes)}",
            )
            for part in report.parts
        ),
        *([("missing", ", ".join(report.missing))] if report.missing else []),
        (str(report.fitness), report.why or "all parts are here"),
    ]
    return [line for name, value in rows for line in _row(name, value)]


def wrapped(text: str, head: str, indent: str) -> list[str]:
    """Lines that fit the terminal. A file's header may hold anything: what moves the cursor becomes "?"."""
    return textwrap.wrap(
        "".join(character if character.isprintable() else "?" for character in " ".join(text.split())),
        min(shutil.get_terminal_size((_MOST_COLUMNS, 24)).columns, _MOST_COLUMNS),
        initial_indent=head,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def size_shown(size_bytes: int) -> str:
    """A size in the unit that suits it."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if size_bytes >= unit:
            return f"{size_bytes / unit:.1f} {name}"
    return f"{size_bytes / 1e3:.1f} kB"


def _told(need: Need) -> list[str]:
    """What a person has to know of a need, a paragraph each."""
    by = f" (registers {', '.join(need.wanted_by)})" if need.wanted_by else ""
    told = [f"{need.named or 'none is named'}{by}"]
    if need.place and need.place != need.named:
        told.append(need.place)
    if need.size_bytes:
        told.append(f"{size_shown(need.size_bytes)} on disk")
    if need.standing is Standing.MISSING and need.hub_id:
        told.append(
            f"about {size_shown(need.fetch_bytes)} to fetch" if need.fetch_bytes else "to fetch; the hub knows its size"
        )
    told += need.about
    if need.problem:
        told.append(f"→ {need.problem}")
    return [*told, f"licence: {need.licence}"]


def _entry(standing: str, what: str, paragraphs: Iterable[str]) -> list[str]:
    head, indent = f"{standing:<8}  {what:<12}  ", " " * 24
    lines = []
    for number, paragraph in enumerate(paragraphs):
        lines += wrapped(paragraph, head if number == 0 else indent, indent)
    return lines


def _row(name: str, value: str) -> list[str]:
    return wrapped(value, f"{name:<12}  ", " " * 14)


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text):,} characters)"


def _millions(count: int) -> str:
    return f"{count / 1e9:.2f} billion" if count >= 1e9 else f"{count / 1e6:.2f} million"
