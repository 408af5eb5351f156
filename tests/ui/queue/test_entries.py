from hypothesis import given
from hypothesis import strategies as st

from sottovoce_ui.queue.entries import Entries, State

IDS = [f"{number:08x}" for number in range(5)]


def ids(entries: Entries) -> list[str]:
    return [entry.region_id for entry in entries.entries]


def test_a_region_is_open_once_and_a_finished_one_comes_again() -> None:
    entries = Entries().with_added(IDS[:3], again=False).with_added(IDS[1:4], again=True)
    assert ids(entries) == IDS[:4]
    done = entries.changed({IDS[0]}, state=State.DONE)
    again = done.with_added([IDS[0]], again=True)
    assert ids(again) == [*IDS[1:4], IDS[0]]
    assert again.entries[-1].state is State.WAITING


def test_a_batch_is_all_that_is_asked_for_in_the_same_way() -> None:
    entries = Entries().with_added(IDS[:2], again=False).with_added(IDS[2:], again=True)
    assert [entry.region_id for entry in entries.next_batch()] == IDS[:2]
    running = entries.changed(IDS[:2], state=State.RUNNING)
    assert [entry.region_id for entry in running.next_batch()] == IDS[2:]
    assert Entries().next_batch() == ()


def test_waiting_entries_change_places_around_those_that_do_not_wait() -> None:
    entries = Entries().with_added(IDS, again=False).changed({IDS[0], IDS[2]}, state=State.RUNNING)
    earlier = entries.moved({IDS[4]}, -1)
    assert ids(earlier) == [IDS[0], IDS[1], IDS[2], IDS[4], IDS[3]]
    assert ids(earlier.moved({IDS[4]}, -1)) == [IDS[0], IDS[4], IDS[2], IDS[1], IDS[3]]
    assert entries.moved({IDS[0]}, 1) == entries, "what is being rendered stays"


def test_several_move_together_and_stay_in_order_at_the_end() -> None:
    entries = Entries().with_added(IDS, again=False)
    once = entries.moved({IDS[1], IDS[2]}, -1)
    assert ids(once) == [IDS[1], IDS[2], IDS[0], IDS[3], IDS[4]]
    assert once.moved({IDS[1], IDS[2]}, -1) == once
    assert ids(entries.moved({IDS[0], IDS[3]}, 1)) == [IDS[1], IDS[0], IDS[2], IDS[4], IDS[3]]
    assert ids(entries.moved({IDS[3], IDS[4]}, 1)) == IDS


@given(st.lists(st.tuples(st.frozensets(st.sampled_from(IDS)), st.sampled_from([-1, 1])), max_size=10))
def test_moving_never_loses_an_entry(moves: list[tuple[frozenset[str], int]]) -> None:
    entries = Entries().with_added(IDS, again=False).changed({IDS[1]}, state=State.FAILED)
    for region_ids, by in moves:
        entries = entries.moved(region_ids, by)
    assert sorted(ids(entries)) == IDS
    assert ids(entries)[1] == IDS[1]


def test_what_is_finished_is_cleared() -> None:
    entries = Entries().with_added(IDS, again=False).changed({IDS[1]}, state=State.FAILED)
    assert ids(entries.changed({IDS[2]}, state=State.DONE).without_finished()) == [IDS[0], IDS[3], IDS[4]]
