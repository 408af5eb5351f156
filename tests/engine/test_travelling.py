"""Takes brought to another store: the same files, laid where their regions lie now."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job
from sottovoce_engine.scene import Region
from sottovoce_engine.store import Store
from sottovoce_engine.take import Take, take_start
from sottovoce_engine.timing import Span
from sottovoce_engine.travelling import bring_takes, moved_take, record_text

from .splice.making import World, region_at

_OTHER_DISK = Path("/dev/shm")


def stored(world: World, root: Path, region: Region) -> Take:
    """A take in the store at `root`."""
    made = world.take(region, has_picture=False)
    with Store.opened(root) as store:
        with store.media.staged("wav") as staged:
            staged.write_bytes(Path(made.path).read_bytes())
            name = store.media.adopt(staged)
        take = replace(made.take, media=name)
        store.add(take)
        store.add_judgement(take.key, '{"format": 1}')
    return take


def brought(take: Take, origin: Path, target: Path) -> tuple[Take, Path]:
    with Store.opened(origin, writing=False) as there, Store.opened(target) as here:
        records = there.judgements([take.key], record_text)
        bring_takes(there, here, [take], records, Job())
        assert here.judgements([take.key], record_text) == {take.key: '{"format": 1}'}
        (found,) = here.takes().values()
        return found, here.path(found)


def test_a_take_is_one_file_under_two_names_and_bringing_it_again_changes_nothing(tmp_path: Path) -> None:
    take = stored(World(tmp_path), tmp_path / "a.sottovoce", region_at(30, 60))
    for _ in range(2):
        found, path = brought(take, tmp_path / "a.sottovoce", tmp_path / "b.sottovoce")
        assert found == take
        assert path.samefile(tmp_path / "a.sottovoce" / "media" / take.media)


@pytest.mark.skipif(
    not _OTHER_DISK.is_dir() or not os.access(_OTHER_DISK, os.W_OK), reason="needs a second file system, /dev/shm"
)
def test_on_another_disk_it_is_a_copy(tmp_path: Path) -> None:
    take = stored(World(tmp_path), tmp_path / "a.sottovoce", region_at(30, 60))
    origin = tmp_path / "a.sottovoce" / "media" / take.media
    target = _OTHER_DISK / f"sottovoce-test-{os.getpid()}.sottovoce"
    try:
        _, path = brought(take, tmp_path / "a.sottovoce", target)
        assert path.read_bytes() == origin.read_bytes()
        assert path.samefile(origin) == (target.stat().st_dev == tmp_path.stat().st_dev)
        assert not list(path.parent.glob(".staged*"))
    finally:
        for left in sorted(target.rglob("*"), reverse=True):
            left.rmdir() if left.is_dir() else left.unlink()
        target.rmdir()


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Take:
    """Rendered for frames 100 to 160, with handles of 12 frames."""
    return World(tmp_path_factory.mktemp("take")).take(region_at(100, 160), has_picture=False).take


@given(
    moved=st.integers(-90, 90),
    trims=st.tuples(st.integers(0, 20), st.integers(0, 20)),
    by=st.integers(-300, 300),
    then=st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_take_goes_with_its_region_however_both_were_moved_and_trimmed(
    rendered: Take, moved: int, trims: tuple[int, int], by: int, then: tuple[int, int]
) -> None:
    """Moved or trimmed since it was rendered, moved by a new cut, and trimmed again there."""
    span = Span(100 + trims[0], 160 - trims[1]) if any(trims) else Span(100, 160).shifted(moved)
    before = replace(rendered.job.region, span=span)
    start = take_start(rendered, before)
    after = moved_take(rendered, before, by)
    assert take_start(after, replace(before, span=span.shifted(by))) == start + by
    cut = replace(before, span=Span(span.start + by + then[0], span.end + by - then[1]))
    if cut.span.length != rendered.job.region.span.length:
        assert take_start(after, cut) == start + by
    again = moved_take(after, replace(before, span=span.shifted(by)), -by)
    assert take_start(again, before) == start


@pytest.mark.parametrize("record", [b"\xff", b"{", b""])
def test_a_damaged_record_stays_where_it_is(record: bytes) -> None:
    with pytest.raises(InputError, match=r"a\.json is damaged"):
        record_text(record, "a.json")
