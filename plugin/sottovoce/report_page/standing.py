"""Where a region stands: what the page counts, filters by and marks, by word and shape and colour."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sottovoce.report_page.markup import Html, element


class Standing(StrEnum):
    """How the chosen take of a region was judged."""

    FAILS = "fails"
    AMBER = "amber"  # usable, and worth a listen
    PASSES = "passes"
    NOT_JUDGED = "not judged"


_SHAPES = {Standing.FAILS: "✕", Standing.AMBER: "▲", Standing.PASSES: "✓", Standing.NOT_JUDGED: "○"}


def standing_of(judgement: Mapping[str, Any] | None) -> Standing:
    """Where a take with this judgement stands."""
    if not judgement or judgement.get("passes") is None:
        return Standing.NOT_JUDGED
    if not judgement["passes"]:
        return Standing.FAILS
    return Standing.AMBER if judgement.get("amber") else Standing.PASSES


def region_standing(region: Mapping[str, Any]) -> Standing:
    """Where a region's chosen take stands, as strictly as the report was asked to be."""
    return standing_of(region if region.get("passes") is not None else region.get("judgement"))


def key_of(standing: Standing) -> str:
    """Its name in the page's classes."""
    return standing.replace(" ", "-")


def badge(standing: Standing, words: str | None = None) -> Html:
    """The standing as a mark that is told apart without colour."""
    return element(
        "span",
        element("span", _SHAPES[standing], class_="shape", aria_hidden="true"),
        words or str(standing),
        class_=f"badge {key_of(standing)}",
    )
