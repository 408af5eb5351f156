import json
import os
from pathlib import Path

import pytest

from sottovoce_engine.renderers.ltx.content_hashes import ContentHashes

from .hub_cache import lay_down


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    (path := tmp_path / "weights.safetensors").write_bytes(b"weights")
    return path


def changed_unseen(path: Path) -> None:
    """Other content under the same path, size and time: whoever answers as before has not read it."""
    before = path.stat()
    path.write_bytes(bytes(reversed(path.read_bytes())))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_file_is_told_by_its_content(tmp_path: Path, weights: Path) -> None:
    hashes = ContentHashes(file=None)
    (same := tmp_path / "same").write_bytes(b"weights")
    (other := tmp_path / "other").write_bytes(b"weighty")
    assert hashes.of(weights) == hashes.of(same) != hashes.of(other)


def test_a_large_file_is_read_once_for_all_processes(tmp_path: Path, weights: Path) -> None:
    kept = tmp_path / "cache" / "hashes.json"
    first = ContentHashes(file=kept, large=1).of(weights)
    changed_unseen(weights)
    assert ContentHashes(file=kept, large=1).of(weights) == first
    assert ContentHashes(file=None, large=1).of(weights) != first
    os.utime(weights, ns=(0, 0))
    assert ContentHashes(file=kept, large=1).of(weights) != first


def test_a_small_file_leaves_nothing_on_disk(tmp_path: Path, weights: Path) -> None:
    hashes = ContentHashes(file=tmp_path / "cache" / "hashes.json")
    first = hashes.of(weights)
    assert not (tmp_path / "cache").exists()
    changed_unseen(weights)
    assert hashes.of(weights) == first


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 9, "hashes": {}}', '{"format": 1}', "\x00"])
def test_a_damaged_cache_is_made_again(content: str, tmp_path: Path, weights: Path) -> None:
    (kept := tmp_path / "hashes.json").write_text(content)
    found = ContentHashes(file=kept, large=1).of(weights)
    assert list(json.loads(kept.read_text())["hashes"].values()) == [found]


def test_what_others_kept_meanwhile_stays(tmp_path: Path, weights: Path) -> None:
    kept = tmp_path / "hashes.json"
    (other := tmp_path / "other").write_bytes(b"other")
    one, two = ContentHashes(file=kept, large=1), ContentHashes(file=kept, large=1)
    one.of(weights)
    two.of(other)
    one.of(other)
    assert len(json.loads(kept.read_text())["hashes"]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hashes.json", "other", "weights.safetensors"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody may write to, such as /proc")
def test_a_cache_that_cannot_be_written_costs_nothing_but_time(weights: Path) -> None:
    assert ContentHashes(file=Path("/proc/none/hashes.json"), large=1).of(weights)


def test_in_the_hubs_cache_nothing_is_read(tmp_path: Path, weights: Path) -> None:
    snapshot = lay_down(tmp_path / "hub", "someone/model", {"weights.safetensors": weights})
    link = snapshot / "weights.safetensors"
    before = ContentHashes(file=None).of(link)
    changed_unseen(link.resolve())
    assert ContentHashes(file=None).of(link) == before == link.resolve().name[:16]
