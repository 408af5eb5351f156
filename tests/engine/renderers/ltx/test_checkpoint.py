from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.checkpoint import (
    checkpoint,
    checkpoint_folder,
    file_fingerprint,
    folder_fingerprint,
)


@pytest.fixture
def in_the_hubs_cache(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny checkpoint as the hub's own client lays it down: links to blobs named by content."""
    kept = tmp_path / "models--someone--tiny-ltx"
    (kept / "blobs").mkdir(parents=True)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("abc123")
    snapshot = kept / "snapshots" / "abc123"
    for number, path in enumerate(sorted(tiny_model.glob("*/*"))):
        (blob := kept / "blobs" / f"{number:064x}").write_bytes(path.read_bytes())
        link = snapshot / path.relative_to(tiny_model)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    return snapshot


def test_a_folder_is_found_whole(tiny_model: Path) -> None:
    found = checkpoint(str(tiny_model))
    assert found.folder == tiny_model
    assert (found.layout.version, found.fingerprint) == ("2.3", folder_fingerprint(tiny_model))


def test_a_hub_id_that_was_fetched_is_found_without_a_network(in_the_hubs_cache: Path) -> None:
    assert checkpoint_folder("someone/tiny-ltx") == in_the_hubs_cache
    assert checkpoint("someone/tiny-ltx").layout.version == "2.3"
    assert checkpoint_folder("someone/else") is None


def test_in_the_hubs_cache_the_content_counts_not_the_time(in_the_hubs_cache: Path) -> None:
    before = folder_fingerprint(in_the_hubs_cache)
    blob = (in_the_hubs_cache / "transformer" / "config.json").resolve()
    blob.touch()
    assert folder_fingerprint(in_the_hubs_cache) == before
    other = blob.with_name("f" * 64)
    other.write_bytes(blob.read_bytes())
    link = in_the_hubs_cache / "transformer" / "config.json"
    link.unlink()
    link.symlink_to(other)
    assert folder_fingerprint(in_the_hubs_cache) != before


def test_a_file_is_told_by_its_content(tmp_path: Path) -> None:
    (one := tmp_path / "one").write_bytes(b"weights")
    (same := tmp_path / "same").write_bytes(b"weights")
    (other := tmp_path / "other").write_bytes(b"weighty")
    assert file_fingerprint(one) == file_fingerprint(same) != file_fingerprint(other)
    one.write_bytes(b"changed!")
    assert file_fingerprint(one) != file_fingerprint(same)


def test_a_file_that_is_missing_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        file_fingerprint(tmp_path / "none.safetensors")
