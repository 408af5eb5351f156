"""Random editing: whatever was done can be undone and done again, and written down in small."""

import itertools
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce_engine.choices import with_chosen
from sottovoce_engine.codec import from_json, to_json
from sottovoce_engine.editing.changes import Change, change_between, changed
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.editing.history import History
from sottovoce_engine.editing.joins import with_join
from sottovoce_engine.editing.spans import Edge, marked, moved, removed, rolled, split, trimmed
from sottovoce_engine.editing.wording import with_details, with_voice
from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side

from .drafts import LENGTH, draft, region

Edit = Callable[[Draft], Draft]

FRAMES = st.integers(-20, LENGTH + 20)
IDS = st.integers(1, 12).map(lambda number: f"{number:08x}")
VOICES = st.sampled_from(["ANNA", "BEN"])

EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(
        lambda number, start, length, voice: lambda at: marked(at, region(number, start, start + length, voice)),
        st.integers(1, 12),
        FRAMES,
        st.integers(0, 60),
        VOICES,
    ),
    st.builds(lambda ids, by: lambda at: moved(at, ids, by), st.sets(IDS, max_size=4), FRAMES),
    st.builds(lambda one, edge, frame: lambda at: trimmed(at, one, edge, frame), IDS, st.sampled_from(Edge), FRAMES),
    st.builds(lambda one, other, frame: lambda at: rolled(at, one, other, frame), IDS, IDS, FRAMES),
    st.builds(lambda one, frame, new: lambda at: split(at, one, frame, f"{new:08x}"), IDS, FRAMES, st.integers(13, 30)),
    st.builds(lambda ids: lambda at: removed(at, ids), st.sets(IDS, max_size=2)),
    st.builds(lambda ids, voice: lambda at: with_voice(at, ids, voice), st.sets(IDS, max_size=3), VOICES),
    st.builds(lambda ids, line: lambda at: with_details(at, ids, line=line), st.sets(IDS), st.text(max_size=8)),
    st.builds(
        lambda one, key: lambda at: replace(at, choices=with_chosen(at.choices, {one: key})), IDS, st.text(max_size=3)
    ),
    st.builds(
        lambda one, side, fade, moved: (
            lambda at: with_join(at, JoinWish(key=JoinKey(one, side), fade_ms=fade, moved_samples=moved))
        ),
        IDS,
        st.sampled_from(Side),
        st.none() | st.floats(3, 2000),
        st.integers(-9_000, 9_000),
    ),
    st.builds(lambda keys: lambda at: replace(at, deleted=frozenset(keys)), st.sets(st.text(max_size=3), max_size=3)),
)


def done(history: History, edits: list[Edit]) -> list[Draft]:
    """Every draft on the way; edits that cannot be are left out."""
    drafts = [history.present]
    for edit in edits:
        try:
            after = edit(history.present)
        except InputError:
            continue
        if history.take("edit", after):
            drafts.append(after)
    return drafts


@settings(max_examples=150, deadline=None)
@given(st.lists(EDITS, max_size=25))
def test_undoing_all_is_the_start_and_redoing_all_the_end(edits: list[Edit]) -> None:
    history = History(draft(region(1, 24, 60), region(2, 60, 96), region(3, 30, 80, voice="BEN")))
    drafts = done(history, edits)
    for before in reversed(drafts[:-1]):
        assert history.undo() is not None
        assert history.present == before
    assert history.undo() is None
    for after in drafts[1:]:
        assert history.redo() is not None
        assert history.present == after
    assert history.redo() is None


@settings(max_examples=150, deadline=None)
@given(st.lists(EDITS, max_size=25))
def test_no_edit_makes_a_voice_speak_twice_at_once_or_leaves_the_timeline(edits: list[Edit]) -> None:
    for each in done(History(draft(region(1, 24, 60), region(2, 60, 96), region(3, 30, 80, voice="BEN"))), edits):
        assert len({one.id for one in each.regions}) == len(each.regions)
        for voice in ("ANNA", "BEN"):
            spans = [one.span for one in each.regions if one.voice == voice]
            assert spans == sorted(spans)
            assert not any(before.overlaps(after) for before, after in itertools.pairwise(spans))
        assert all(0 <= one.span.start < one.span.end <= LENGTH for one in each.regions)


@settings(max_examples=100, deadline=None)
@given(st.lists(EDITS, max_size=15))
def test_a_change_written_down_makes_the_same_draft(edits: list[Edit]) -> None:
    drafts = done(History(draft(region(1, 24, 60), region(2, 60, 96))), edits)
    for before in (drafts[0], drafts[-1]):
        for after in drafts:
            change = change_between(before, after, "edit")
            read = from_json(to_json(change, format_version=1), Change, format_version=1, source="the journal")
            again = changed(before, read)
            assert (again.regions, again.deleted, again.joins) == (after.regions, after.deleted, after.joins)
            assert {one.region_id: one for one in again.choices} == {one.region_id: one for one in after.choices}
            assert change.is_empty == (before == after)


def test_a_gesture_is_one_step() -> None:
    history = History(draft(region(1, 24, 48)))
    for frame in (50, 55, 60):
        history.take("Trim region", trimmed(history.present, "00000001", Edge.END, frame), gesture="drag 1")
    assert history.depth == 1
    history.take("Trim region", trimmed(history.present, "00000001", Edge.END, 70), gesture="drag 2")
    assert history.depth == 2
    assert (history.to_undo, history.to_redo) == ("Trim region", "")
    history.undo()
    history.undo()
    assert history.present.regions[0].span.end == 48
    assert (history.to_undo, history.to_redo) == ("", "Trim region")


def test_a_gesture_after_an_undo_is_a_step_of_its_own() -> None:
    history = History(draft(region(1, 24, 48)))
    history.take("Trim region", trimmed(history.present, "00000001", Edge.END, 60), gesture="drag 1")
    history.take("Type", with_details(history.present, {"00000001"}, line="a"))
    history.undo()
    history.take("Trim region", trimmed(history.present, "00000001", Edge.END, 70), gesture="drag 1")
    history.undo()
    assert history.present.regions[0].span.end == 60


def test_the_oldest_steps_are_forgotten() -> None:
    history = History(draft(region(1, 24, 48)), most=3)
    for frame in range(50, 60):
        history.take("Trim region", trimmed(history.present, "00000001", Edge.END, frame))
    while history.undo() is not None:
        pass
    assert history.present.regions[0].span.end == 56
