"""The loudness of the scene over time, with its regions, as a drawing that scales without its letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from sottovoce.report_page.figures import number
from sottovoce.report_page.markup import Html, element
from sottovoce.report_page.standing import Standing, key_of
from sottovoce.report_page.values import LoudnessCurve

_GRID_LU = 10
_LOWEST, _HIGHEST = -70, 0
_LABELLED = 3.0  # per cent of the width that a region's number needs


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionMark:
    """Where a region lies in the drawing."""

    number: int
    title: str
    standing: Standing
    start: float  # seconds from the scene's first frame
    end: float


def loudness_section(curve: LoudnessCurve | str, marks: Sequence[RegionMark]) -> Html:
    """The curve under its heading, or why there is none."""
    heading = element("h2", "Loudness of the scene", id="loudness")
    if isinstance(curve, str):
        return element("section", heading, element("p", curve, class_="reason"), aria_labelledby="loudness")
    if not curve.momentary_lufs:
        words = "The scene is too short to have a loudness: that takes 400 ms."
        return element("section", heading, element("p", words), aria_labelledby="loudness")
    caption = element(
        "figcaption",
        element(
            "ul",
            element("li", _stroke("short-term"), "short-term (3 s)"),
            element("li", _stroke("momentary"), "momentary (400 ms)"),
            element("li", element("span", class_="band-sample", aria_hidden="true"), "regions, by number"),
            class_="legend",
        ),
        element("p", f"{in_words(curve)} After ITU-R BS.1770-4; each value stands at its window's middle."),
    )
    return element("section", heading, element("figure", _chart(curve, marks), caption), aria_labelledby="loudness")


def in_words(curve: LoudnessCurve) -> str:
    """The curve for those who do not see it."""
    said = [f"Integrated {number(curve.integrated_lufs, 1, 'LUFS')}."]
    for name, points in (("Short-term", curve.short_term_lufs), ("Momentary", curve.momentary_lufs)):
        if points:
            second, most = max(points, key=lambda point: point[1])
            said.append(f"{name} loudest {number(most, 1, 'LUFS')} at {number(second, 1, 's')}.")
    return " ".join(said)


def _chart(curve: LoudnessCurve, marks: Sequence[RegionMark]) -> Html:
    low, high = _range(curve)

    def across(second: float) -> float:
        return round(100 * min(max(second / curve.seconds, 0.0), 1.0), 3)

    def down(lufs: float) -> float:
        return round(100 * (high - max(lufs, low)) / (high - low), 2)

    levels = range(low, high + 1, _GRID_LU)
    curves = [
        element("path", class_=name, d=_line([(10 * across(second), down(lufs)) for second, lufs in points]))
        for name, points in (("momentary", curve.momentary_lufs), ("short-term", curve.short_term_lufs))
    ]
    plot = element(
        "svg",
        *(_band(mark, across(mark.start), across(mark.end)) for mark in marks),
        *(element("line", class_="grid", x1="0", x2="100%", y1=f"{down(y)}%", y2=f"{down(y)}%") for y in levels),
        element("svg", *curves, viewBox="0 0 1000 100", preserveAspectRatio="none", width="100%", height="100%"),
        class_="plot",
        role="img",
        aria_label=f"Loudness over time with {len(marks)} regions. {in_words(curve)}",
    )
    side = element(
        "svg",
        *(
            element("text", str(level).replace("-", "−"), x="100%", y=f"{down(level)}%", dy=_dy(level, low, high))
            for level in levels
        ),
        class_="levels",
        aria_hidden="true",
    )
    ends = element(
        "div",
        *(element("span", _clock(curve.seconds * part / 4)) for part in range(5)),
        class_="times",
        aria_hidden="true",
    )
    unit = element("span", "LUFS", class_="unit", aria_hidden="true")
    return element("div", unit, side, plot, ends, class_="chart")


def _dy(level: int, low: int, high: int) -> str:
    """Letters at the edges stay inside."""
    return "0.8em" if level == high else "0" if level == low else "0.35em"


def _band(mark: RegionMark, start: float, end: float) -> Html:
    wide = round(end - start, 3)
    label = element("text", str(mark.number), x=f"{round(start + wide / 2, 3)}%", y="14") if wide >= _LABELLED else None
    return element(
        "a",
        element("title", mark.title),
        element("rect", x=f"{start}%", width=f"{wide}%", y="0", height="100%"),
        label,
        href=f"#region-{mark.number}",
        class_=f"band {key_of(mark.standing)}",
        aria_label=mark.title,
    )


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) if points else ""


def _range(curve: LoudnessCurve) -> tuple[int, int]:
    """The lowest and highest level drawn, in whole tens."""
    heard = [lufs for _, lufs in (*curve.momentary_lufs, *curve.short_term_lufs) if lufs > _LOWEST]
    if not heard:
        return _LOWEST, _HIGHEST
    low, high = (_GRID_LU * edge for edge in (floor(min(heard) / _GRID_LU), ceil(max(heard) / _GRID_LU)))
    return max(_LOWEST, low), max(high, low + 2 * _GRID_LU)


def _stroke(name: str) -> Html:
    line = element("line", class_=name, x1="0", x2="30", y1="6", y2="6")
    return element("svg", line, width="30", height="12", aria_hidden="true")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
