"""The hub's cache as its own client lays it down: links to blobs named by content."""

import hashlib
from collections.abc import Mapping
from pathlib import Path


def lay_down(cache: Path, hub_id: str, files: Mapping[str, Path]) -> Path:
    """Puts the files into the cache as the newest snapshot of `hub_id`, by their path in it; returns its folder."""
    kept = cache / f"models--{hub_id.replace('/', '--')}"
    snapshot = kept / "snapshots" / "abc123"
    (kept / "blobs").mkdir(parents=True, exist_ok=True)
    (kept / "refs").mkdir(exist_ok=True)
    (kept / "refs" / "main").write_text("abc123")
    for name, path in files.items():
        content = path.read_bytes()
        blob = kept / "blobs" / hashlib.sha256(content).hexdigest()
        blob.write_bytes(content)
        link = snapshot / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    return snapshot
