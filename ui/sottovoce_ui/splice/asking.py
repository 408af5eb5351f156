"""What a person asks of joins, as changes of the draft: one step each, to be undone."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from sottovoce_engine.editing.joins import with_join
from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinWish, wish_at
from sottovoce_engine.timing import SAMPLE_RATE
from sottovoce_ui.editor import Editor
from sottovoce_ui.splice.words import fade_in_words, moved_in_words, nudged, stepped_fade, tone_in_words

if TYPE_CHECKING:  # a window is shown before anything is spliced
    from sottovoce_engine.splice.values import SceneJoin


class JoinAsking(QObject):
    """The intents of the splice pane that change the draft."""

    def __init__(self, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor

    def wish(self, join: "SceneJoin") -> JoinWish:
        """What is asked of a join now, under its own key; else what lies under another key of it."""
        wishes = self._editor.draft.joins
        own = wish_at(wishes, join.key)
        others = (wish_at(wishes, key) for key in join.instead_of)
        found = next((wish for wish in (own, *others) if not wish.is_empty), own)
        return replace(found, key=join.key)

    def write_fade(self, join: "SceneJoin", text: str) -> None:
        self._read(self.tr("Fade of join"), join, lambda: {"fade_ms": fade_in_words(text)})

    def write_moved(self, join: "SceneJoin", text: str) -> None:
        rate = self._editor.scene.rate
        self._read(self.tr("Move cut"), join, lambda: {"moved_samples": moved_in_words(text, rate)})

    def write_tone(self, join: "SceneJoin", text: str) -> None:
        self._read(
            self.tr("Room tone at join"), join, lambda: dict(zip(("tone", "tone_db"), tone_in_words(text), strict=True))
        )

    def nudge(self, join: "SceneJoin", frames: int) -> None:
        """The cut, that many frames later."""
        samples = nudged(self.wish(join).moved_samples, frames, self._editor.scene.rate)
        self._ask(self.tr("Move cut"), join, moved_samples=samples)

    def step_fade(self, join: "SceneJoin", step: int) -> None:
        """The next usual length of its fade: longer (1), shorter (-1)."""
        wish = self.wish(join)
        now = wish.fade_ms if wish.fade_ms is not None else 1000 * join.fade.length / SAMPLE_RATE
        self._ask(self.tr("Fade of join"), join, fade_ms=stepped_fade(now, step))

    def toggle_tone(self, join: "SceneJoin") -> None:
        """Room tone after it, on or off."""
        self._ask(self.tr("Room tone at join"), join, tone=not self.wish(join).tone)

    def reset(self, join: "SceneJoin") -> None:
        """Nothing is asked of it any more."""
        self._do(self.tr("Join as all others"), join, JoinWish(key=join.key))

    def _read(self, label: str, join: "SceneJoin", read: Callable[[], dict[str, Any]]) -> None:
        """What a person wrote; what cannot be read is told."""
        try:
            details = read()
        except InputError as error:
            self._editor.refused.emit(str(error))
            return
        self._ask(label, join, **details)

    def _ask(self, label: str, join: "SceneJoin", **details: Any) -> None:
        try:
            wish = replace(self.wish(join), **details)
        except InputError as error:
            self._editor.refused.emit(str(error))
            return
        self._do(label, join, wish)

    def _do(self, label: str, join: "SceneJoin", wish: JoinWish) -> None:
        self._editor.do(label, lambda draft: with_join(draft, wish, join.instead_of))
