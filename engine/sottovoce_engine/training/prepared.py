"""What was cut from recordings, kept by content so that nothing is cut twice.

FOLDER/clips/<key>.json             what was cut from a recording, and why the rest was not
FOLDER/clips/media/<hash>.mov       the clips themselves
"""

from dataclasses import dataclass
from pathlib import Path

from sottovoce_engine.codec import from_json, to_json
from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.register_finding import RegisterFinding
from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.durable import moved_into_place, staged_path, swept
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.timing import Span
from sottovoce_engine.training.recordings import CLIP_MEDIA, LabelledRecording

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedClip:
    """A clip that was cut from a recording."""

    media: str  # its file's name in the folder of media
    has_picture: bool
    span: Span  # samples of the recording: the speech
    speech: Span  # samples of the clip: the same
    written: str  # what a person wrote is said; "" where nobody did
    heard: str  # what a recogniser heard; "" where none listened
    finding: RegisterFinding  # for the register that is claimed, beside published voices


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRecording:
    """What was cut from a recording."""

    clips: tuple[PreparedClip, ...]
    left_out: tuple[str, ...]  # what was not, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What was cut from all recordings."""

    recordings: tuple[tuple[LabelledRecording, PreparedRecording], ...]
    media: Path  # the folder of the clips
    left_out: tuple[str, ...]


class ClipStore:
    """The folder of clips. Anything in it can be made again from the recordings."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder.

        Raises:
            InputError, SetupError: It cannot be made there.
        """
        self.media = MediaFolder(folder / CLIP_MEDIA)
        self._folder = self.media.root.parent
        try:
            self.media.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(self.media.root, error) from error
        swept(self._folder)
        self.media.sweep()

    def known(self, key: str) -> PreparedRecording | None:
        """What was cut before; None where nothing was, or it is no longer whole."""
        path = self._path(key)
        try:
            found = from_json(path.read_bytes(), PreparedRecording, format_version=FORMAT, source=f"'{path}'")
        except (OSError, InputError):  # it is made anew
            return None
        return found if all(self.media.has(clip.media) for clip in found.clips) else None

    def keep(self, key: str, made: PreparedRecording) -> None:
        """Keeps what was cut.

        Raises:
            InputError, SetupError: The disk does not take it.
        """
        staged = staged_path(self._folder, "json")
        try:
            staged.write_text(to_json(made, format_version=FORMAT), encoding="utf-8")
            moved_into_place(staged, self._path(key), "clips")
        except OSError as error:
            staged.unlink(missing_ok=True)
            raise write_error(self._path(key), error) from error

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"
