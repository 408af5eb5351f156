"""One region of the page: its line, its sound, and everything that was found out about the chosen take."""

from collections.abc import Mapping, Sequence
from typing import Any

from sottovoce.report_page.figures import NOTHING, counted, number
from sottovoce.report_page.findings import (
    damage_finding,
    level_finding,
    line_finding,
    register_finding,
    sentence,
)
from sottovoce.report_page.markup import Html, element
from sottovoce.report_page.standing import Standing, badge, key_of, region_standing, standing_of
from sottovoce.report_page.values import TakeSound
from sottovoce.report_page.waveform import waveform
from sottovoce_engine.timing import SAMPLE_RATE, Span

Plain = Mapping[str, Any]


def region_title(place: int, region: Plain) -> str:
    """`3 · Anna, whisper`."""
    return f"{place} · {region['voice']}, {region['register']}"


def region_article(place: int, region: Plain, sound: TakeSound | str | None, bars: tuple[float, float]) -> Html:
    """The region's part of the page.

    Args:
        place: Its number in the scene, from 1.
        region: Its entry in the report.
        sound: Of its chosen take, or why it could not be read; None where nobody read it.
        bars: v below which a take is whispered, and above which it is voiced.
    """
    judgement = region.get("judgement")
    standing = region_standing(region)
    head = element(
        "header",
        element("h3", region_title(place, region), id=f"title-{place}"),
        badge(standing),
        element("span", element("span", "starts at ", class_="unseen"), region["start"], class_="clock"),
    )
    return element(
        "article",
        head,
        element("blockquote", region["line"] or "(no words)"),
        _headline(standing, judgement),
        _sound(place, region, sound, judgement),
        element(
            "div",
            register_finding(region["register"], (judgement or {}).get("register"), bars),
            line_finding(region["line"], (judgement or {}).get("line")),
            damage_finding(judgement, region),
            level_finding(region),
            class_="findings",
        ),
        _tried(region),
        _notes(region),
        id=f"region-{place}",
        class_=f"region {key_of(standing)}",
        data_standing=key_of(standing),
        tabindex="-1",
        aria_labelledby=f"title-{place}",
    )


def _headline(standing: Standing, judgement: Plain | None) -> Html | None:
    """The first reason, where a person should look."""
    why = (judgement or {}).get("why") or ()
    if standing not in (Standing.FAILS, Standing.AMBER) or not why:
        return None
    return element("p", element("strong", sentence(str(why[0]))), class_="headline")


def _sound(place: int, region: Plain, sound: TakeSound | str | None, judgement: Plain | None) -> Html:
    if sound is None:
        return element("p", "The take's sound was not read for this page.", class_="reason")
    if isinstance(sound, str):
        return element("p", sentence(sound), class_="reason")
    title = f"Waveform of take {region['seed']} of region {place}"
    words, guessed = _words(sound, judgement)
    seconds = number(sound.length_samples / SAMPLE_RATE, 1, "s")
    caption = f"Whole take with its handles, {seconds}, scaled to its own peak."
    if guessed:
        caption += " The words' places are estimated."
    player = element(
        "audio",
        controls=True,
        preload="none",
        src=sound.audio,
        aria_label=f"Take of region {place}: {region['line']}",
    )
    return element("figure", waveform(sound, title, words), player, element("figcaption", caption), class_="sound")


def _words(sound: TakeSound, judgement: Plain | None) -> tuple[Sequence[tuple[str, Span]], bool]:
    """The words to show, and whether their places are a guess: the judge heard where they lie, if it heard them."""
    found = ((judgement or {}).get("line") or {}).get("words") or ()
    if sound.words_estimated and found:
        return [(str(word["text"]), Span(word["span"]["start"], word["span"]["end"])) for word in found], False
    return sound.words, sound.words_estimated


def _tried(region: Plain) -> Html | None:
    """Every take that was made, and why those that fell did."""
    takes = region.get("takes") or ()
    if not takes:
        return None
    rows = [_take_row(take, region) for take in takes]
    heading = element("tr", *(element("th", name, scope="col") for name in ("take", "judged", "why")))
    table = element("table", element("thead", heading), element("tbody", *rows), class_="takes")
    return element("details", element("summary", f"{counted(len(takes), 'take')} tried"), table)


def _take_row(take: Plain, region: Plain) -> Html:
    chosen = " chosen by a person" if region.get("chosen_by") == "person" else " chosen"
    return element(
        "tr",
        element("th", f"seed {take['seed']}", element("b", chosen) if take["chosen"] else None, scope="row"),
        element("td", badge(standing_of(take))),
        element("td", *[part for reason in take["why"] for part in (sentence(str(reason)), " ")] or [NOTHING]),
    )


def _notes(region: Plain) -> Html | None:
    notes = region.get("notes") or ()
    return element("ul", *(element("li", sentence(str(note))) for note in notes), class_="notes") if notes else None
