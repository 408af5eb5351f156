import os
from pathlib import Path

import pytest

from sottovoce.exports import record_export
from sottovoce.hosts.results import newest_result
from sottovoce.project import store_root_of
from sottovoce_engine.errors import InputError


def made(timeline: Path, name: str, *, at: int) -> Path:
    """A result noted in the timeline's store, written at a second."""
    store_root_of(timeline).mkdir(exist_ok=True)
    path = timeline.parent / name
    path.touch()
    os.utime(path, (at, at))
    record_export(store_root_of(timeline), path)
    return path


@pytest.fixture
def timeline(tmp_path: Path) -> Path:
    path = tmp_path / "night.otio"
    path.touch()
    os.utime(path, (1000, 1000))
    return path


def test_the_result_made_last_is_the_one(timeline: Path) -> None:
    made(timeline, "night.rendered.otio", at=1001)
    newest = made(timeline, "night_v002.otio", at=1000)
    made(timeline, "night_v003.otioz", at=1003)  # editors' scripts take a timeline, no bundle
    made(timeline, "gone.otio", at=1004).unlink()
    assert newest_result(timeline) == newest


def test_without_a_result_it_is_to_be_rendered(timeline: Path) -> None:
    with pytest.raises(InputError, match=r"Nothing was made from 'night\.otio' yet\. Render it"):
        newest_result(timeline)


def test_a_result_from_before_the_last_handing_over_is_none(timeline: Path) -> None:
    made(timeline, "night_v002.otio", at=999)
    with pytest.raises(InputError, match=r"is older than 'night\.otio'.* Render once more"):
        newest_result(timeline)
