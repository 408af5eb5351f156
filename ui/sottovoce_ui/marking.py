"""What the keys for marking, trimming and going about mean, over the editor."""

import secrets
from bisect import bisect_left, bisect_right

from PySide6.QtCore import QObject

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.editing.spans import Edge, marked, moved, removed, split, trimmed
from sottovoce_engine.editing.wording import with_details, with_voice_added
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Gender, Region, Voice
from sottovoce_engine.timing import Span, frames_in, timebase
from sottovoce_ui.editor import Editor
from sottovoce_ui.timeline.snapping import snap_frames

_SECONDS = 2  # of a mark without an out point
_FIRST_VOICE = Voice(name="VOICE 1", gender=Gender.WOMAN)


class Marking(QObject):
    """The intents of the Mark, Edit and Play menus that need nothing but the editor."""

    def __init__(self, editor: Editor, registers: RegisterTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._registers = registers
        self.voice = ""  # that marks are given to; "": the one used last

    def mark_in(self) -> None:
        self._editor.set_range(self._editor.playhead, self._editor.range_out)

    def mark_out(self) -> None:
        """The frame under the playhead is the last one in the range."""
        self._editor.set_range(self._editor.range_in, self._editor.playhead + 1)

    def clear_range(self) -> None:
        self._editor.set_range(None, None)

    def register(self, number: int) -> None:
        """Gives the selected regions the register of that number, from 0; marks the range where there is one."""
        if number >= len(self._registers.registers):
            return
        name = self._registers.registers[number].name
        editor = self._editor
        if editor.range_in is None and editor.range_out is None and editor.selection:
            label = self.tr("Register: {name}").format(name=name)
            editor.do(label, lambda draft: with_details(draft, editor.selection, register=name))
        else:
            self._mark(name)

    def split(self) -> None:
        """Splits what is selected under the playhead, else all regions under it."""
        editor, frame = self._editor, self._editor.playhead
        under = [region for region in editor.draft.regions if region.span.start < frame < region.span.end]
        chosen = [region for region in under if region.id in editor.selection] or under

        def cut(draft: Draft) -> Draft:
            for region in chosen:
                draft = split(draft, region.id, frame, _new_id(draft))
            return draft

        if not chosen:
            editor.refused.emit(self.tr("There is no region under the playhead to split."))
            return
        editor.do(self.tr("Split region"), cut)

    def trim(self, edge: Edge) -> None:
        """An edge of the current region to the playhead."""
        current, frame = self._editor.current, self._editor.playhead
        if current is not None:
            self._editor.do(self.tr("Trim region"), lambda draft: trimmed(draft, current.id, edge, frame))

    def nudge(self, frames: int) -> None:
        ids = self._editor.selection
        if ids:
            self._editor.do(self.tr("Nudge regions"), lambda draft: moved(draft, ids, frames))

    def delete(self) -> None:
        ids = self._editor.selection
        if ids:
            self._editor.do(self.tr("Delete regions"), lambda draft: removed(draft, ids))

    def select_all(self) -> None:
        self._editor.select([region.id for region in self._editor.draft.regions])

    def select_under(self) -> None:
        frame = self._editor.playhead
        self._editor.select(
            [region.id for region in self._editor.draft.regions if region.span.start <= frame < region.span.end]
        )

    def select_beside(self, step: int) -> None:
        """The region after the current one (1), or before it (-1); the playhead goes with it."""
        editor = self._editor
        regions, current = editor.draft.regions, editor.current
        if not regions:
            return
        if current is None:
            starts = [region.span.start for region in regions]
            at = bisect_left(starts, editor.playhead) if step > 0 else bisect_right(starts, editor.playhead) - 1
        else:
            at = regions.index(current) + step
        region = regions[min(max(at, 0), len(regions) - 1)]
        editor.select((region.id,))
        editor.go_to(region.span.start)

    def go_by(self, frames: int) -> None:
        self._editor.go_to(self._editor.playhead + frames)

    def go_by_second(self, step: int) -> None:
        self.go_by(step * timebase(self._editor.scene.rate))

    def go_to_edit(self, step: int) -> None:
        """The next cut or edge of a region (1), or the one before (-1)."""
        frames, at = snap_frames(self._editor.scene), self._editor.playhead
        index = bisect_right(frames, at) if step > 0 else bisect_left(frames, at) - 1
        if 0 <= index < len(frames):
            self._editor.go_to(frames[index])

    def go_to_start(self) -> None:
        self._editor.go_to(0)

    def go_to_end(self) -> None:
        self._editor.go_to(self._editor.scene.length_frames - 1)

    def _mark(self, register: str) -> None:
        """A region over the range, or over two seconds from the playhead on; it is selected, the range is used up."""
        editor, draft = self._editor, self._editor.draft
        voice = self._voice()
        region = Region(id=_new_id(draft), span=self._span(), register=register, voice=voice.name, line="")

        def mark(draft: Draft) -> Draft:
            known = any(each.name == voice.name for each in draft.scene.voices)
            return marked(draft if known else with_voice_added(draft, voice), region)

        if editor.do(self.tr("Mark: {name}").format(name=register), mark):
            editor.set_range(None, None)
            editor.select((region.id,))

    def _span(self) -> Span:
        """From the in mark, or the playhead, to the out mark; two seconds where only one of them is set."""
        editor = self._editor
        start, end, long = editor.range_in, editor.range_out, frames_in(_SECONDS, editor.scene.rate)
        if end is None:
            start = editor.playhead if start is None else start
            return Span(start, start + long)
        return Span(max(0, end - long) if start is None else start, end)

    def _voice(self) -> Voice:
        """The voice that marks are given to: the one asked for, else that of the region selected last, else the first."""
        voices = {voice.name: voice for voice in self._editor.scene.voices}
        current = self._editor.current
        for name in (self.voice, current.voice if current is not None else ""):
            if name in voices:
                return voices[name]
        return next(iter(voices.values()), _FIRST_VOICE)


def _new_id(draft: Draft) -> str:
    taken = {region.id for region in draft.regions}
    while (found := secrets.token_hex(4)) in taken:
        pass
    return found
