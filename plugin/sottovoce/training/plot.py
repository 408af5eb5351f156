"""How a training went, as a picture: the loss step by step, and how much voice is in what was rendered.

loss     :.                     thin: each step; thick: their running mean; dots: clips held out
         : '':...___..__
v        ●───●                  one line for each caption rendered; below the lower bar it is whispered,
         ════════════           above the upper one voiced
              ●────●
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sottovoce.report_page.markup import Html, element
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.training.values import Rendered

_WIDTH, _PANEL, _LEFT, _TOP, _GAP, _RIGHT = 900, 220, 70, 40, 70, 230
_INSIDE = _WIDTH - _LEFT - _RIGHT
_COLOURS = ("#0b6e99", "#b3541e", "#4c7a34", "#7b4ba0", "#a3324a", "#5b6570")
_MOST_POINTS = 1500  # drawn of a curve
_MEAN_SHARE = 25  # the running mean is over this part of the steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A validation caption that was rendered, and what the judge says of it."""

    rendered: Rendered
    verdict: str
    v: float | None  # 0..1; None: nobody speaks
    fits: bool | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The loss: (step, loss)."""

    losses: tuple[tuple[int, float], ...]
    held_out: tuple[tuple[int, float], ...]  # of clips that are not learnt from, where it was measured


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """Where values lie in the picture."""

    top: int
    steps: int
    low: float
    high: float

    def x(self, step: float) -> float:
        return round(_LEFT + _INSIDE * step / max(1, self.steps), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / max(self.high - self.low, 1e-9)
        return round(self.top + _PANEL * (1.0 - min(max(share, 0.0), 1.0)), 1)

    def line(self, points: Sequence[tuple[float, float]], **look: str) -> Html:
        drawn = " ".join(f"{self.x(step)},{self.y(value)}" for step, value in points)
        return element("polyline", points=drawn, fill="none", **look)

    def dot(self, step: float, value: float, colour: str, title: str) -> Html:
        return element("circle", element("title", title), cx=self.x(step), cy=self.y(value), r=4, fill=colour)


def plotted(curve: Curve, heard: Sequence[Heard], thresholds: RegisterThresholds) -> str:
    """The picture as SVG."""
    steps = max([step for step, _ in curve.losses] + [each.rendered.step for each in heard], default=1)
    height = _TOP + 2 * _PANEL + _GAP + 50
    whole = element(
        "svg",
        element("rect", width=_WIDTH, height=height, fill="#ffffff"),
        *_loss_drawn(curve, steps),
        *_voice_drawn(heard, thresholds, steps),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH} {height}",
        width=_WIDTH,
        height=height,
        font_family="sans-serif",
        font_size=13,
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'


def _loss_drawn(curve: Curve, steps: int) -> Iterator[Html]:
    values = [loss for _, loss in (*curve.losses, *curve.held_out)]
    panel = _Panel(top=_TOP, steps=steps, low=0.0, high=max(values, default=1.0) * 1.05)
    yield from _frame(panel, "loss", [0.0, panel.high / 2, panel.high])
    every = max(1, len(curve.losses) // _MOST_POINTS)
    yield panel.line(curve.losses[::every], stroke="#b9c4cc", stroke_width="1")
    yield panel.line(_running_mean(curve.losses)[::every], stroke=_COLOURS[0], stroke_width="2.5")
    yield from _key(_TOP, 0, "each step", "#b9c4cc")
    yield from _key(_TOP, 1, "running mean", _COLOURS[0])
    if curve.held_out:
        yield panel.line(curve.held_out, stroke=_COLOURS[1], stroke_width="1.5")
        for step, loss in curve.held_out:
            yield panel.dot(step, loss, _COLOURS[1], f"step {step}: {loss:.4f}")
        yield from _key(_TOP, 2, "clips held out", _COLOURS[1])


def _voice_drawn(heard: Sequence[Heard], thresholds: RegisterThresholds, steps: int) -> Iterator[Html]:
    panel = _Panel(top=_TOP + _PANEL + _GAP, steps=steps, low=0.2, high=1.0)
    yield from _frame(panel, "voice (v)", [0.2, 0.4, 0.6, 0.8, 1.0])
    for bar, side in ((thresholds.voiced_above, "voiced above"), (thresholds.whisper_below, "whispered below")):
        y = panel.y(bar)
        yield element("line", x1=_LEFT, x2=_LEFT + _INSIDE, y1=y, y2=y, stroke="#8a949b", stroke_dasharray="5 4")
        yield _text(_LEFT + 6, y - 5 if side.startswith("voiced") else y + 15, f"{side} {bar:.2f}", "#5b6570")
    captions = list(dict.fromkeys(each.rendered.asked for each in heard))
    for number, asked in enumerate(captions):
        colour = _COLOURS[number % len(_COLOURS)]
        own = [(each.rendered.step, each.v, each) for each in heard if each.rendered.asked == asked]
        told = [(step, v, each) for step, v, each in own if v is not None]
        yield panel.line([(step, v) for step, v, _ in told], stroke=colour, stroke_width="2")
        for step, v, each in told:
            yield panel.dot(step, v, colour, f"step {step}: {each.verdict}, v {v:.2f}. {asked.line}")
        yield from _key(panel.top, number, f"{asked.gender}, {asked.register}", colour)
    yield _text(_LEFT + _INSIDE / 2, panel.top + _PANEL + 38, "step", "#222222", anchor="middle")


def _frame(panel: _Panel, name: str, values: Sequence[float]) -> Iterator[Html]:
    yield _text(_LEFT, panel.top - 12, name, "#222222")
    for value in values:
        y = panel.y(value)
        yield element("line", x1=_LEFT, x2=_LEFT + _INSIDE, y1=y, y2=y, stroke="#e4e8eb")
        yield _text(_LEFT - 8, y + 4, f"{value:.3g}", "#5b6570", anchor="end")
    for step in dict.fromkeys(round(panel.steps * part / 4) for part in range(5)):
        yield _text(panel.x(step), panel.top + _PANEL + 18, f"{step:,}", "#5b6570", anchor="middle")


def _key(top: int, row: int, text: str, colour: str) -> Iterator[Html]:
    x, y = _LEFT + _INSIDE + 20, top + 10 + 22 * row
    yield element("line", x1=x, x2=x + 22, y1=y, y2=y, stroke=colour, stroke_width=3)
    yield _text(x + 30, y + 4, text, "#222222")


def _text(x: float, y: float, text: str, colour: str, *, anchor: str = "start") -> Html:
    return element("text", text, x=x, y=y, fill=colour, text_anchor=anchor)


def _running_mean(losses: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Each step's mean with those before it."""
    width = max(1, len(losses) // _MEAN_SHARE)
    found, total = [], 0.0
    for index, (step, loss) in enumerate(losses):
        total += loss - (losses[index - width][1] if index >= width else 0.0)
        found.append((step, total / min(index + 1, width)))
    return found
