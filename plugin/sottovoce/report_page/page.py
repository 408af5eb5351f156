"""The whole page: one file that needs no network, no other file, and no script to be read."""

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any
from urllib.parse import quote

from sottovoce.report_page.figures import counted, number
from sottovoce.report_page.findings import sentence
from sottovoce.report_page.joins import joins_section
from sottovoce.report_page.loudness import RegionMark, loudness_section
from sottovoce.report_page.markup import Html, element, joined
from sottovoce.report_page.regions import region_article, region_title
from sottovoce.report_page.standing import Standing, badge, key_of, region_standing
from sottovoce.report_page.values import Heard
from sottovoce.report_page.waveform import legend
from sottovoce_engine.timing import SAMPLE_RATE

Plain = Mapping[str, Any]


def page(report: Plain, heard: Heard) -> str:
    """The page of a report.

    Args:
        report: What `report.json` holds. What was not judged may be missing.
        heard: The sound that belongs to it.
    """
    name = str(report["scene"]["name"])
    style, script = _resource("page.css"), _resource("page.js")
    rules = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "media-src data:; img-src data:; base-uri 'none'; form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=rules),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{name} · Sottovoce report"),
        element("style", Html(style)),
    )
    body = element(
        "body",
        element("a", "Skip to the regions", href="#regions", class_="skip"),
        element("main", _head(report), _loudness(report, heard), _regions(report, heard), _joins(report), _end(report)),
        element("script", Html(script)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


@cache
def _resource(name: str) -> str:
    return resources.files("sottovoce.report_page").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """How the page's own style and script are told from any other: nothing else is let in."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode('ascii')}'"


def _standings(report: Plain) -> list[Standing]:
    return [region_standing(region) for region in report["regions"]]


def _head(report: Plain) -> Html:
    scene, standings = report["scene"], _standings(report)
    facts = (
        ("starts at", scene["start"]),
        ("rate", f"{_rate(scene['rate'])} fps"),
        ("length", counted(scene["length_frames"], "frame")),
        ("raster", scene["raster"]),
        ("true peak", number(report["true_peak_dbtp"], 1, "dBTP")),
    )
    tiles = [
        _tile(str(standings.count(standing)), badge(standing), key_of(standing) if standing in standings else "none")
        for standing in Standing
    ]
    over, joins = report["joins_over"], len(report["joins"])
    tiles.append(_tile(f"{over} of {joins}", element("span", "joins over a bar"), "over" if over else "none"))
    return element(
        "header",
        element("p", "Sottovoce report", class_="eyebrow"),
        element("h1", scene["name"]),
        element(
            "dl", *(element("div", element("dt", key), element("dd", value)) for key, value in facts), class_="facts"
        ),
        element("ul", *tiles, class_="tiles", aria_label="How the regions stand"),
        _files(report["files"]),
        _failures(report),
        class_="top",
    )


def _tile(count: str, label: Html, kind: str) -> Html:
    return element("li", element("b", count), " ", label, class_=f"tile {kind}")


def _rate(rate: str) -> str:
    over, _, under = rate.partition("/")
    return f"{int(over) / int(under):.3f}" if under else over


def _files(files: Plain) -> Html:
    """The scene's own files, which lie beside the page."""
    named = [files["movie"], files["mp4"], *(stem["file"] for stem in files["stems"]), files["room_tone"]]
    links = [element("li", element("a", name, href=_relative(name))) for name in named if name]
    return element("details", element("summary", "Files of this render"), element("ul", *links, class_="files"))


def _relative(name: str) -> str:
    """A link to a file beside the page; no name can make it lead elsewhere."""
    return "./" + quote(name)


def _failures(report: Plain) -> Html | None:
    failures = report.get("failures") or ()
    if not failures:
        return None
    said = [
        element("li", f"Region {failure['id']}, seed {failure['seed']}: {failure['reason']}") for failure in failures
    ]
    return element("section", element("h2", "Takes that could not be made"), element("ul", *said), class_="failures")


def _loudness(report: Plain, heard: Heard) -> Html:
    marks = [
        RegionMark(
            number=place,
            title=region_title(place, region),
            standing=standing,
            start=region["sound_samples"][0] / SAMPLE_RATE,
            end=region["sound_samples"][1] / SAMPLE_RATE,
        )
        for place, (region, standing) in enumerate(zip(report["regions"], _standings(report), strict=True), 1)
    ]
    return loudness_section(heard.loudness, marks)


def _regions(report: Plain, heard: Heard) -> Html:
    standings = _standings(report)
    articles = [
        region_article(place, region, heard.takes.get(region["id"]), heard.bars)
        for place, region in enumerate(report["regions"], 1)
    ]
    return element(
        "section",
        element("h2", "Regions", id="regions", tabindex="-1"),
        _filters(standings),
        legend(),
        *articles,
        element("p", "No region is of this kind.", class_="none-shown", hidden=True),
        aria_labelledby="regions",
    )


def _filters(standings: Sequence[Standing]) -> Html:
    look = [standing for standing in standings if standing in (Standing.FAILS, Standing.AMBER)]
    failing = standings.count(Standing.FAILS)
    buttons = (("all", "All", len(standings)), ("look", "Fails or amber", len(look)), ("fails", "Fails", failing))
    keys = element(
        "p",
        *(part for key, what in _KEYS for part in (element("kbd", key), f" {what}  ")),
        class_="keys",
    )
    return element(
        "div",
        element(
            "div",
            *(
                element("button", f"{name} ({count})", type="button", data_filter=key, aria_pressed=_yes(key == "all"))
                for key, name, count in buttons
            ),
            class_="filters",
            role="group",
            aria_label="Which regions to show",
        ),
        keys,
        element("p", class_="unseen", role="status", id="status"),
        class_="tools scripted",
    )


_KEYS = (("J", "next"), ("K", "previous"), ("P", "play or pause"), ("F", "fails only, or all"))


def _yes(pressed: bool) -> str:
    return "true" if pressed else "false"


def _joins(report: Plain) -> Html:
    names = {region["id"]: region_title(place, region) for place, region in enumerate(report["regions"], 1)}
    return joins_section(report, names)


def _end(report: Plain) -> Html:
    """Levels of the voices, notes and versions."""
    levels = report.get("levels") or ()
    columns = ("voice", "register", "lines", "measured", "target", "gain", "given up for the peak")
    rows = [
        element(
            "tr",
            element("th", level["voice"], scope="row"),
            *(element("td", value, data_name=name) for name, value in zip(columns[1:], _level(level), strict=True)),
        )
        for level in levels
    ]
    table = element(
        "table",
        element("thead", element("tr", *(element("th", name, scope="col") for name in columns))),
        element("tbody", *rows),
        class_="levels-table",
    )
    notes = [element("li", sentence(str(note))) for note in report.get("notes") or ()]
    versions = ", ".join(f"{package} {version}" for package, version in report["versions"].items() if version)
    return joined(
        element("section", element("h2", "Levels", id="levels"), table, aria_labelledby="levels") if rows else None,
        element("section", element("h2", "Notes"), element("ul", *notes)) if notes else None,
        element("footer", element("p", f"Made with {versions}. Figures, not ears: listen before you decide.")),
    )


def _level(level: Plain) -> tuple[str, ...]:
    return (
        str(level["register"]),
        str(level["lines"]),
        number(level["measured_lufs"], 1, "LUFS"),
        number(level["target_lufs"], 1, "LUFS"),
        number(level["gain_db"], 1, "dB", signed=True),
        number(level["lowered_db"], 1, "dB"),
    )
