"""Suggested regions beside those that are marked."""

from dataclasses import replace

from tests.engine.editing.drafts import draft, region, spans

from sottovoce_engine.editing.suggested import with_suggested
from sottovoce_engine.scene import Gender, Voice

MAN = Voice(name="MAN", gender=Gender.MAN)


def test_suggestions_come_in_beside_what_is_marked_and_never_over_it() -> None:
    start = draft(region(1, 24, 72))
    found = [region(2, 0, 24), region(3, 60, 90, voice="MAN"), region(4, 72, 100, voice="BEN")]
    after = with_suggested(start, found, [])
    assert spans(after) == {"1": (24, 72), "2": (0, 24), "4": (72, 100)}
    assert after.regions[1] == start.regions[0], "what was marked is as it was"


def test_only_voices_that_speak_are_added_and_each_once() -> None:
    start = draft(region(1, 24, 72))
    eve = Voice(name="EVE", gender=Gender.WOMAN)
    other_anna = Voice(name="ANNA", gender=Gender.MAN)
    found = [region(2, 80, 90, voice="MAN"), region(3, 100, 110, voice="MAN"), region(4, 30, 40, voice="EVE")]
    after = with_suggested(start, found, [MAN, MAN, eve, other_anna])
    assert after.scene.voices == (*start.scene.voices, MAN)


def test_an_id_that_is_taken_is_not_taken_twice() -> None:
    start = draft(region(1, 24, 72))
    assert with_suggested(start, [replace(region(1, 100, 120), line="again")], []) == start
