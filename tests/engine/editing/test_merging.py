from dataclasses import replace

from sottovoce_engine.editing.merging import Conflict, merged
from sottovoce_engine.timing import Span

from .drafts import region

BASE = (region(1, 0, 24), region(2, 48, 96))
FIRST, SECOND = BASE


def test_what_one_of_them_changed_is_taken() -> None:
    ours = (replace(FIRST, line="go away"), SECOND)
    theirs = (replace(FIRST, span=Span(10, 34)), replace(SECOND, register="loud"))
    found = merged(BASE, ours, theirs)
    assert found.regions == (replace(FIRST, line="go away", span=Span(10, 34)), replace(SECOND, register="loud"))
    assert not found.conflicts


def test_ours_holds_where_both_changed_a_field() -> None:
    found = merged(BASE, (replace(FIRST, line="mine"), SECOND), (replace(FIRST, line="theirs"), SECOND))
    assert found.regions[0].line == "mine"
    assert found.conflicts == (Conflict(region_id=FIRST.id, name="line", ours="mine", theirs="theirs"),)
    assert not merged(BASE, (replace(FIRST, line="same"),), (replace(FIRST, line="same"),)).conflicts


def test_new_and_removed_regions() -> None:
    mine, theirs = region(3, 100, 120), region(4, 130, 150)
    found = merged(BASE, (FIRST, mine), (FIRST, SECOND, theirs))
    assert [each.id for each in found.regions] == [FIRST.id, mine.id, theirs.id]
    assert not found.revived


def test_a_region_that_one_removed_and_the_other_changed_stays() -> None:
    changed = replace(SECOND, line="but I need it")
    found = merged(BASE, (FIRST,), (FIRST, changed))
    assert found.regions == (FIRST, changed)
    assert found.revived == (SECOND.id,)
    assert merged(BASE, (FIRST, changed), (FIRST,)) == found


def test_regions_of_a_voice_that_overlap_now_are_named() -> None:
    found = merged(BASE, (replace(FIRST, span=Span(0, 60)), SECOND), (FIRST, replace(SECOND, span=Span(40, 96))))
    assert found.overlapping == (SECOND.id,)
    assert not merged(BASE, BASE, BASE).overlapping
