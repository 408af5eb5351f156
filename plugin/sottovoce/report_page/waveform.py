"""A take's waveform: solid where there is voice, a comb where there is none, a thin line where nobody speaks.

    ▂▄▆█▆▄▂              solid      voiced
  | | | | | |            comb       without voice: whispered, or an s or an f
__             ______    line       silent
"""

from collections.abc import Iterable
from itertools import groupby

from sottovoce.report_page.figures import share
from sottovoce.report_page.markup import Html, element, joined
from sottovoce.report_page.values import Moment, TakeSound, Voiced
from sottovoce_engine.timing import Span

_HALF = 100  # units from the middle to full height
_WIDE = 10  # units of a moment
_TOOTH = 4
_THINNEST = 3


def waveform(sound: TakeSound, title: str, words: Iterable[tuple[str, Span]]) -> Html:
    """The waveform with the region's edges and, below, the words where they are spoken."""
    width = len(sound.moments) * _WIDE
    drawn = element(
        "svg",
        *(element("path", class_=f"w-{voiced}", d=_path(sound.moments, voiced)) for voiced in Voiced),
        viewBox=f"0 {-_HALF} {width} {2 * _HALF}",
        preserveAspectRatio="none",
        width="100%",
        height="100%",
    )
    begin, end = _at(sound.region.start, sound), _at(sound.region.end, sound)
    picture = element(
        "svg",
        element("title", title),
        drawn,
        element("rect", class_="handle", x="0", y="0", width=f"{begin}%", height="100%"),
        element("rect", class_="handle", x=f"{end}%", y="0", width=f"{round(100 - end, 2)}%", height="100%"),
        *(element("line", class_="edge", x1=f"{x}%", x2=f"{x}%", y1="0", y2="100%") for x in (begin, end)),
        element("line", class_="playhead", x1="0", x2="0", y1="0", y2="100%"),
        class_="wave",
        role="img",
        aria_label=f"{title}. {shares_in_words(sound.moments)}",
    )
    return joined(picture, _words(sound, words))


def shares_in_words(moments: Iterable[Moment]) -> str:
    """How much of the speech has a voice, for those who do not see the colours."""
    spoken = [moment.voiced for moment in moments if moment.voiced is not Voiced.SILENT]
    if not spoken:
        return "Nobody speaks."
    return f"{share(spoken.count(Voiced.VOICED) / len(spoken))} of the speech is voiced, the rest is without voice."


def legend() -> Html:
    """What the three shapes mean."""
    ramp = [Moment(lowest=-height, highest=height, voiced=Voiced.VOICED) for height in (0.3, 0.7, 0.95, 0.6, 0.85, 0.4)]
    meanings = {
        Voiced.VOICED: "voiced",
        Voiced.WHISPERED: "without voice: whispered, or an s, f, t",
        Voiced.SILENT: "nobody speaks",
    }
    return element(
        "ul",
        *(
            element("li", _sample([_as(moment, voiced) for moment in ramp]), meaning)
            for voiced, meaning in meanings.items()
        ),
        element("li", element("span", class_="handle-sample", aria_hidden="true"), "handles, outside the region"),
        class_="legend",
    )


def _as(moment: Moment, voiced: Voiced) -> Moment:
    height = 0.03 if voiced is Voiced.SILENT else moment.highest
    return Moment(lowest=-height, highest=height, voiced=voiced)


def _sample(moments: list[Moment]) -> Html:
    paths = (element("path", class_=f"w-{voiced}", d=_path(moments, voiced)) for voiced in Voiced)
    box = f"0 {-_HALF} {len(moments) * _WIDE} {2 * _HALF}"
    return element("svg", *paths, viewBox=box, preserveAspectRatio="none", width="36", height="18", aria_hidden="true")


def _path(moments: Iterable[Moment], wanted: Voiced) -> str:
    """The outline of all moments of that kind."""
    drawn: list[str] = []
    at = 0
    for voiced, run in groupby(moments, key=lambda moment: moment.voiced):
        stretch = list(run)
        if voiced is wanted and wanted is Voiced.WHISPERED:
            drawn += [_box(at + i * _WIDE + (_WIDE - _TOOTH) // 2, _TOOTH, moment) for i, moment in enumerate(stretch)]
        elif voiced is wanted:
            drawn += [_box(at + i * _WIDE, _WIDE, moment) for i, moment in enumerate(stretch)]
        at += len(stretch) * _WIDE
    return "".join(drawn)


def _box(x: int, width: int, moment: Moment) -> str:
    top = min(round(-moment.highest * _HALF), -_THINNEST // 2)
    bottom = max(round(-moment.lowest * _HALF), _THINNEST // 2 + 1)
    return f"M{x} {top}h{width}v{bottom - top}h{-width}z"


def _words(sound: TakeSound, words: Iterable[tuple[str, Span]]) -> Html:
    """The words at their places, over those of the judge where there are any."""
    shown = [
        element(
            "svg",
            element("title", text),
            element("line", class_="word-span", x1="0", x2="100%", y1="1.5", y2="1.5"),
            element("text", text, x="0", y="16"),
            x=f"{_at(span.start, sound)}%",
            width=f"{max(0.5, round(_at(span.end, sound) - _at(span.start, sound), 2))}%",
            y="0",
            height="22",
        )
        for text, span in words
    ]
    return element("svg", *shown, class_="words", aria_hidden="true") if shown else Html("")


def _at(sample: int, sound: TakeSound) -> float:
    return round(100 * sample / max(1, sound.length_samples), 2)
