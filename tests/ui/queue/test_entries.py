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
    assert ids(entries.moved(IDS[4], -1)) == [IDS[0], IDS[1], IDS[2], IDS[4], IDS[3]]
    assert ids(entries.moved(IDS[4], -9)) == [IDS[0], IDS[4], IDS[2], IDS[1], IDS[3]]
    assert entries.moved(IDS[0], 3) == entries, "what is being rendered stays"


@given(st.lists(st.tuples(st.sampled_from(IDS), st.integers(-6, 6)), max_size=10))
def test_moving_never_loses_an_entry(moves: list[tuple[str, int]]) -> None:
    entries = Entries().with_added(IDS, again=False).changed({IDS[1]}, state=State.FAILED)
    for region_id, by in moves:
        entries = entries.moved(region_id, by)
    assert sorted(ids(entries)) == IDS
    assert ids(entries)[1] == IDS[1]


def test_what_is_finished_is_cleared() -> None:
    entries = Entries().with_added(IDS, again=False).changed({IDS[1]}, state=State.FAILED)
    assert ids(entries.changed({IDS[2]}, state=State.DONE).without_finished()) == [IDS[0], IDS[3], IDS[4]]
