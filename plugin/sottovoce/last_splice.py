"""What the last splice made, kept beside the takes, so that an export need not splice again.

It lies in the store's folder as `spliced.json`. It holds as long as the scene is marked as it was, the same
takes are chosen, the same is asked of joins, and the files it wrote are as they were.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from sottovoce_engine.codec import from_json, to_json
from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinWish
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.values import Spliced, SpliceSettings
from sottovoce_engine.take import PlacedTake
from sottovoce_otio.placing import replaced_file

FORMAT = 2  # 1 kept neither figures of joins nor what was handed back; it reads as it is

_FILE = "spliced.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file as it was when it was written."""

    path: Path
    size: int  # bytes
    modified_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What a splice handed back beside movie and stems."""

    timeline: Path
    report: Path
    page: Path  # the report to look at
    bundle: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSplice:
    """A splice, and what it was made of."""

    digest: str  # of the scene and the takes chosen, SHA-256
    settings: SpliceSettings
    spliced: Spliced  # without alternatives: those are as they are now
    files: tuple[WrittenFile, ...]
    handed: Handed | None = None

    @property
    def is_there(self) -> bool:
        """Whether the files it wrote are as they were."""
        return not any(_changed(file) for file in self.files)


def remember_splice(
    store_root: Path,
    scene: Scene,
    placed: Sequence[PlacedTake],
    settings: SpliceSettings,
    spliced: Spliced,
    handed: Handed,
) -> None:
    """Keeps a splice that was just made. The caller is the store's writer.

    Raises:
        InputError, SetupError: The store cannot be written to.
    """
    regions = tuple(
        replace(region, placed=replace(region.placed, alternatives=()), notes=()) for region in spliced.regions
    )
    last = LastSplice(
        digest=_digest(scene, placed),
        settings=settings,
        spliced=replace(spliced, regions=regions),
        files=tuple(map(_written, _files_of(spliced))),
        handed=handed,
    )
    with replaced_file(store_root / _FILE, "record of the splice") as staged:
        staged.write_text(to_json(last, format_version=FORMAT), encoding="utf-8")


def last_splice(store_root: Path) -> LastSplice | None:
    """The splice that was made last; None where none was, or where its record cannot be used."""
    file = store_root / _FILE
    with suppress(OSError, InputError):
        return from_json(file.read_bytes(), LastSplice, format_version=FORMAT, source=f"'{file}'")
    return None


def record_state(store_root: Path) -> tuple[Path, int]:
    """Says whether the record is another one than before: where it lies, and when it was written."""
    file = store_root / _FILE
    with suppress(OSError):
        return file, file.stat().st_mtime_ns
    return file, 0


def still_spliced(
    last: LastSplice, scene: Scene, placed: Sequence[PlacedTake], joins: tuple[JoinWish, ...]
) -> Spliced | None:
    """What was spliced, with the takes as they are placed now; None where it is not what a splice would make."""
    if last.settings.joins != joins or last.digest != _digest(scene, placed) or not last.is_there:
        return None
    now = {each.region.id: each for each in placed}
    regions = tuple(replace(region, placed=now[region.placed.region.id]) for region in last.spliced.regions)
    return replace(last.spliced, regions=regions)


def _digest(scene: Scene, placed: Iterable[PlacedTake]) -> str:
    """Of all that decides a splice; what was noted on reading differs between a timeline and its working copy."""
    keys = "".join(sorted(f"{each.region.id} {each.take.key}\n" for each in placed))
    return sha256((to_json(replace(scene, notes=()), format_version=FORMAT) + keys).encode()).hexdigest()


def _files_of(spliced: Spliced) -> tuple[Path, ...]:
    """What an export plays of a splice: without the mp4, which people delete."""
    return (spliced.movie, spliced.tone_stem)


def _written(path: Path) -> WrittenFile:
    state = path.stat()
    return WrittenFile(path=path.absolute(), size=state.st_size, modified_ns=state.st_mtime_ns)


def _changed(file: WrittenFile) -> bool:
    try:
        return _written(file.path) != file
    except OSError:
        return True
