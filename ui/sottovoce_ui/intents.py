"""What each command does, by its id in `commands.py`: one line each."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sottovoce_engine.editing.spans import Edge
from sottovoce_ui.dialogs.keys import KeyMap
from sottovoce_ui.dialogs.script import ScriptDialog
from sottovoce_ui.dialogs.voices import VoicesDialog
from sottovoce_ui.viewer_foot import Shown

if TYPE_CHECKING:
    from sottovoce_ui.panel import Panel


def intents(panel: "Panel") -> Mapping[str, Callable[[], object]]:
    """The table, for one window."""
    mark, takes, view, viewer = panel.marking, panel.takes, panel.timeline, panel.viewer
    stack, show, joins = panel.editor.stack, panel.dialogs.show, panel.joins.pane
    return {
        "open": panel.ask_for_timeline,
        "save": panel.keeping.save,
        "splice": panel.results.splice,
        "export": panel.results.export,
        "show_movie": panel.results.show_movie,
        "show_report": panel.results.show_report,
        "quit": panel.close,
        "undo": stack.undo,
        "redo": stack.redo,
        "delete": mark.delete,
        "select_all": mark.select_all,
        "select_under": mark.select_under,
        "select_next": lambda: mark.select_beside(1),
        "select_before": lambda: mark.select_beside(-1),
        "mark_in": mark.mark_in,
        "mark_out": mark.mark_out,
        "clear_range": mark.clear_range,
        "split": mark.split,
        "trim_start": lambda: mark.trim(Edge.START),
        "trim_end": lambda: mark.trim(Edge.END),
        "nudge_left": lambda: mark.nudge(-1),
        "nudge_right": lambda: mark.nudge(1),
        "type_line": panel.inspector.type_line,
        "paste_script": lambda: show(ScriptDialog(panel.editor, panel)),
        "suggest": panel.suggesting.suggest,
        "voices": lambda: show(VoicesDialog(panel.editor, panel)),
        "play": viewer.toggle,
        "play_on": viewer.play_on,
        "play_back": viewer.play_back,
        "stop": viewer.stop,
        "loop": viewer.loop,
        "loop_join": viewer.loop_join,
        "show_source": lambda: viewer.change_to(Shown.SOURCE),
        "show_take": lambda: viewer.change_to(Shown.TAKE),
        "show_scene": lambda: viewer.change_to(Shown.SCENE),
        "compare": lambda: viewer.compare(takes.beside),
        "compare_with": takes.compare_with,
        "frame_back": lambda: mark.go_by(-1),
        "frame_on": lambda: mark.go_by(1),
        "second_back": lambda: mark.go_by_second(-1),
        "second_on": lambda: mark.go_by_second(1),
        "edit_before": lambda: mark.go_to_edit(-1),
        "edit_after": lambda: mark.go_to_edit(1),
        "go_to_start": mark.go_to_start,
        "go_to_end": mark.go_to_end,
        "take_next": lambda: takes.look_beside(1),
        "take_before": lambda: takes.look_beside(-1),
        "circle": lambda: takes.mark("circled"),
        "alt": lambda: takes.mark("alt"),
        "approve": lambda: takes.mark("approved"),
        "reject": lambda: takes.mark("rejected"),
        "choose": takes.choose,
        "delete_take": takes.delete,
        "note_take": takes.write_note,
        "add_recording": panel.making.bring_in,
        "render_selected": panel.making.render_selected,
        "render_changed": panel.making.render_changed,
        "pause_queue": lambda: panel.queue.pause(not panel.queue.paused),
        "cancel": panel.cancel,
        "joins": joins.come_up,
        "join_listen": joins.listen,
        "join_before": lambda: joins.go_beside(-1),
        "join_after": lambda: joins.go_beside(1),
        "join_earlier": lambda: joins.nudge(-1),
        "join_later": lambda: joins.nudge(1),
        "join_shorter": lambda: joins.step_fade(-1),
        "join_longer": lambda: joins.step_fade(1),
        "join_tone": joins.toggle_tone,
        "join_reset": joins.reset,
        "zoom_in": view.zoom_in,
        "zoom_out": view.zoom_out,
        "zoom_all": view.zoom_to_all,
        "snap": panel.toggle_snapping,
        "keys": lambda: show(KeyMap(panel.commands, panel.registers, panel)),
    }
