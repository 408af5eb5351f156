"""The joins of the scene: each figure drawn against its bar, those over it marked."""

from collections.abc import Mapping
from typing import Any

from sottovoce.report_page.figures import NOTHING, counted, number
from sottovoce.report_page.findings import sentence
from sottovoce.report_page.markup import Html, element

Plain = Mapping[str, Any]

# (key in the report, its name among those over, heading, what it is, digits, unit, what an empty meter stands for)
_FIGURES = (
    ("click_db", "click", "Click", "steepest bend in the fade over the usual around it", 1, "dB", -21.0),
    ("level_jump_db", "level jump", "Level jump", "largest step between neighbouring 20 ms", 1, "dB", 0.0),
    ("floor_mismatch_db", "floor", "Floor", "how far both sides' floors differ in the worst octave", 1, "dB", 0.0),
    ("flux_rank", "flux rank", "Flux rank", "how sharp the spectral change is among those around it", 2, "", 0.0),
)
_BAR_AT = 75.0  # per cent of a meter's width; what is beyond is over


def joins_section(report: Plain, names: Mapping[str, str]) -> Html:
    """Every join with its figures.

    Args:
        report: The report.
        names: What to call a region, by its id.
    """
    joins, bars = report["joins"], report["join_bars"]
    over = report["joins_over"]
    heading = element("h2", "Joins", id="joins")
    said = (
        f"{counted(len(joins), 'join')}, {counted(over, 'is', 'are')} over a bar." if joins else "There are no joins."
    )
    meaning = element(
        "dl",
        *(
            element("div", element("dt", name), element("dd", f"{what}; bar {number(bars[key], digits, unit)}"))
            for key, _, name, what, digits, unit, _ in _FIGURES
        ),
        class_="meanings",
    )
    columns = element(
        "tr", element("th", "Join", scope="col"), *(element("th", name, scope="col") for _, _, name, *_ in _FIGURES)
    )
    rows = [_row(join, bars, names) for join in joins]
    table = element(
        "table",
        element("caption", "Figures of the joins against their bars", class_="unseen"),
        element("thead", columns),
        element("tbody", *rows),
        class_="joins",
    )
    filters = element(
        "div",
        element("button", "All joins", type="button", data_joins="all", aria_pressed="true"),
        element("button", "Over a bar", type="button", data_joins="over", aria_pressed="false"),
        class_="filters scripted",
        role="group",
        aria_label="Which joins to show",
    )
    parts = (filters, table) if joins else ()
    return element("section", heading, element("p", said), meaning, *parts, aria_labelledby="joins")


def _row(join: Plain, bars: Plain, names: Mapping[str, str]) -> Html:
    sides = f"{names.get(join['before'], join['before'])} → {names.get(join['after'], join['after'])}"
    over = set(join["over"])
    return element(
        "tr",
        element(
            "th", element("span", join["at"], class_="clock"), " ", element("span", sides), *_notes(join), scope="row"
        ),
        *(
            element("td", _meter(join[key], bars[key], named in over, digits, unit, empty), data_name=name)
            for key, named, name, _, digits, unit, empty in _FIGURES
        ),
        class_="over" if over else None,
    )


def _notes(join: Plain) -> list[Html]:
    """What was asked of it and could not be done in full."""
    notes = join.get("notes") or ()
    return [element("ul", *(element("li", sentence(str(note))) for note in notes), class_="notes")] if notes else []


def _meter(value: float | None, bar: float, over: bool, digits: int, unit: str, empty: float) -> Html:
    """The figure, and a strip that reaches as far as it does: the bar stands at three quarters."""
    if value is None:
        return element("span", NOTHING, element("span", " not measurable here", class_="unseen"), class_="none")
    filled = round(min(100.0, max(0.0, _BAR_AT * (value - empty) / (bar - empty))), 1)
    drawn = element(
        "svg",
        element("rect", class_="track", x="0", y="3", width="100%", height="6", rx="3"),
        element("rect", class_="filled", x="0", y="3", width=f"{filled}%", height="6", rx="3"),
        element("line", class_="bar", x1=f"{_BAR_AT}%", x2=f"{_BAR_AT}%", y1="0", y2="12"),
        class_="meter",
        aria_hidden="true",
    )
    mark = element("b", " ✕ over", class_="over-mark") if over else None
    return element(
        "div", element("span", number(value, digits, unit), mark), drawn, class_="figure over" if over else "figure"
    )
