"""Which timelines were handed out, so that cleaning never takes away what one of them shows.

The list lies in the store's folder as `exports.json`, `{"format": 1, "timelines": [absolute paths]}`.
"""

import json
from collections.abc import Collection
from pathlib import Path

from sottovoce_engine.errors import InputError
from sottovoce_otio.placing import replaced_file

FORMAT = 1


def record_export(store_root: Path, timeline: Path) -> None:
    """Adds a timeline to the list. The caller is the store's writer."""
    known = [path for path in exports(store_root) if path.exists()]
    if timeline.resolve() not in known:
        known.append(timeline.resolve())
    text = json.dumps({"format": FORMAT, "timelines": [str(path) for path in known]}, ensure_ascii=False, indent=2)
    with replaced_file(store_root / "exports.json", "list of timelines") as staged:
        staged.write_text(text, encoding="utf-8")


def exports(store_root: Path) -> tuple[Path, ...]:
    """The timelines handed out so far, whether they still exist or not.

    Raises:
        InputError: The list is damaged; without it nothing may be cleaned.
    """
    file = store_root / "exports.json"
    if not file.exists():
        return ()
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["format"] > FORMAT:
            raise InputError(
                f"'{file}' has format {document['format']}; this version reads {FORMAT}. Update Sottovoce."
            )
        return tuple(Path(path) for path in document["timelines"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"'{file}' cannot be read: {error}. It names the timelines that use takes of this store; restore it, or "
            "delete it to have only the takes of the working copy count as used."
        ) from error


def media_in_use(store_root: Path, names: Collection[str]) -> frozenset[str]:
    """Those of the media `names` that a timeline handed out still refers to.

    Names are hashes of content, so that finding one in a timeline's text is enough. A timeline that is
    gone uses nothing; one that is there but cannot be read is taken to use everything.
    """
    used: set[str] = set()
    for timeline in exports(store_root):
        if not timeline.exists():
            continue
        try:
            text = timeline.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return frozenset(names)
        used.update(name for name in names if name in text)
    return frozenset(used)
