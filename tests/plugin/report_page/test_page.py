"""The page as text: what it says, and what it says where something is missing."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from sottovoce.report_page.figures import number
from sottovoce.report_page.markup import element, joined
from sottovoce.report_page.page import page

from .small_report import small_report, small_sound


def test_the_head_counts_what_was_judged() -> None:
    report = small_report()
    text = _text(page(report, small_sound(report)))
    assert re.search(r"1 ✕ fails 1 ▲ amber 1 ✓ passes 1 ○ not judged 1 of 2 joins over a bar", text)
    assert "rate 23.976 fps" in text


def test_a_report_without_judgements_has_a_page() -> None:
    report = small_report()
    for region in report["regions"]:
        for name in ("judgement", "passes", "amber", "takes"):
            region.pop(name, None)
    made = page(report, replace(small_sound(report), takes={}, loudness="it cannot be read"))
    text = _text(made)
    assert "4 ○ not judged" in text
    assert "it cannot be read" in text
    assert "sound was not read" in text
    assert "Nobody listened for the words." in text


def test_why_takes_fell_is_said_and_the_chosen_one_named() -> None:
    report = small_report()
    report["regions"][0]["chosen_by"] = "person"
    text = _text(page(report, small_sound(report)))
    assert "seed 1 chosen by a person ✕ fails Missing: your." in text
    assert "seed 2 ✕ fails Silent." in text


def test_what_a_join_could_not_be_is_said_beside_it() -> None:
    report = small_report()
    report["joins"][1]["notes"] = ["its cut was moved 100 ms later and stays: farther on a word lies there"]
    text = _text(page(report, small_sound(report)))
    assert "Its cut was moved 100 ms later and stays: farther on a word lies there." in text


def test_a_strict_report_fails_what_is_amber() -> None:
    report = small_report()
    report["regions"][1]["passes"] = False
    assert "2 ✕ fails 0 ▲ amber" in _text(page(report, small_sound(report)))


def test_links_lead_only_to_files_beside_the_page() -> None:
    report = small_report()
    report["files"]["movie"] = "javascript:alert(1)"
    links = re.findall(r'href="([^"]*)"', page(report, small_sound(report)))
    assert "./javascript%3Aalert%281%29" in links
    assert all(link.startswith(("./", "#")) for link in links)


def test_tags_are_closed_and_ids_are_single() -> None:
    report = small_report()
    made = page(report, small_sound(report))
    reader = _Reader()
    reader.feed(made)
    assert reader.open == []
    ids = re.findall(r' id="([^"]*)"', made)
    assert len(ids) == len(set(ids))


def test_text_is_escaped_whatever_it_is_put_into() -> None:
    assert element("p", "<b>", [element("i", "&")], title='"<') == '<p title="&quot;&lt;">&lt;b&gt;<i>&amp;</i></p>'
    assert joined("a\u202eb\x00") == "ab\ufffd"
    assert element("p", None, hidden=True, id=None) == "<p hidden></p>"


def test_numbers_have_a_true_minus_and_no_negative_zero() -> None:
    assert number(-3.14159, 1, "dB") == "−3.1\u202fdB"
    assert number(-0.01) == "0.0"
    assert number(2.0, 1, signed=True) == "+2.0"
    assert number(None, 1, "dB") == "–"


class _Reader(HTMLParser):
    """Which tags are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _text(made: str) -> str:
    """What a reader sees, with single spaces."""
    body = made[made.index("<body") :]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())
