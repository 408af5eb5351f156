"""Sottovoce in Blender's video sequencer: the strips go out as a timeline, its result comes back as a new scene."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from .cut import CutError
from .otio_reading import read_cut
from .otio_writing import write_cut
from .strips_making import scene_of
from .strips_reading import cut_of
from .working import Work, result_of, started

bl_info = {
    "name": "Sottovoce",
    "author": "Sottovoce",
    "version": (0, 1, 0),
    "blender": (3, 4, 0),
    "location": "Video Sequencer > Sidebar > Sottovoce",
    "description": "Gives every line of a scene its own register, from a whisper to a scream",
    "category": "Sequencer",
}
_LOOK_SECONDS = 1.0


def _answered(act: Callable[[Any, Any], None]) -> Callable[[Any, Any], set[str]]:
    """An operator's `execute`, which says in Blender's own way what went wrong."""

    def execute(self: Any, context: Any) -> set[str]:
        try:
            act(self, context)
        except CutError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}

    return execute


class _Operator(bpy.types.Operator):  # type: ignore[misc]  # Blender ships no types
    """Shows what is not in what was made."""

    def told(self, notes: tuple[str, ...]) -> None:
        for note in notes:
            self.report({"WARNING"}, note)


class SOTTOVOCE_OT_open(_Operator):  # noqa: N801  # Blender wants this form
    """Hands the strips to Sottovoce's window; when it is closed, the newest result becomes a scene."""

    bl_idname = "sottovoce.open"
    bl_label = "Open in Sottovoce"

    @_answered
    def execute(self, context: Any) -> None:
        timeline = _handed_over(self, context)
        _followed(self, started(timeline, str(timeline)), context.scene)


class SOTTOVOCE_OT_render(_Operator):  # noqa: N801
    """Renders what is missing beside Blender; the result becomes a scene."""

    bl_idname = "sottovoce.render"
    bl_label = "Render and bring back"

    @_answered
    def execute(self, context: Any) -> None:
        timeline = _handed_over(self, context)
        folder = timeline.with_name(f"{timeline.stem} rendered")
        _followed(self, started(timeline, "render", str(timeline), "-o", str(folder)), context.scene)


class SOTTOVOCE_OT_bring_back(_Operator):  # noqa: N801
    """Makes a scene of the newest result."""

    bl_idname = "sottovoce.bring_back"
    bl_label = "Bring the result back"

    @_answered
    def execute(self, context: Any) -> None:
        self.told(_brought(result_of(_timeline_of(context.scene)), context.scene))


class _File(_Operator):
    """Asks for an .otio file."""

    filepath: bpy.props.StringProperty(subtype="FILE_PATH")  # type: ignore[valid-type]
    filter_glob: bpy.props.StringProperty(default="*.otio", options={"HIDDEN"})  # type: ignore[valid-type]

    def invoke(self, context: Any, event: Any) -> set[str]:  # noqa: ARG002
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


class SOTTOVOCE_OT_import(_File):  # noqa: N801
    """Makes a scene of any timeline file."""

    bl_idname = "sottovoce.import_otio"
    bl_label = "Import .otio as a scene"

    @_answered
    def execute(self, context: Any) -> None:
        self.told(_brought(Path(self.filepath), context.scene))


class SOTTOVOCE_OT_export(_File):  # noqa: N801
    """Writes the strips as a timeline file."""

    bl_idname = "sottovoce.export_otio"
    bl_label = "Export strips as .otio"

    @_answered
    def execute(self, context: Any) -> None:
        cut = cut_of(context.scene)
        write_cut(cut, Path(self.filepath))
        self.told(cut.notes)


class SOTTOVOCE_PT_panel(bpy.types.Panel):  # type: ignore[misc]  # noqa: N801
    """The sidebar's tab."""

    bl_label = bl_category = "Sottovoce"
    bl_space_type, bl_region_type = "SEQUENCE_EDITOR", "UI"

    def draw(self, context: Any) -> None:  # noqa: ARG002
        for operator in _OPERATORS:
            self.layout.operator(operator.bl_idname)


_OPERATORS = (
    SOTTOVOCE_OT_open,
    SOTTOVOCE_OT_render,
    SOTTOVOCE_OT_bring_back,
    SOTTOVOCE_OT_import,
    SOTTOVOCE_OT_export,
)


def _timeline_of(scene: Any) -> Path:
    """Beside the .blend, one for each scene: Sottovoce keeps the takes beside it.

    Raises:
        CutError: The .blend was never saved.
    """
    if not bpy.data.filepath:
        raise CutError("Save the .blend file first: the takes are kept beside it.")
    blend = Path(bpy.data.filepath)
    return blend.with_name(bpy.path.clean_name(f"{blend.stem} {scene.name}") + ".otio")


def _handed_over(operator: _Operator, context: Any) -> Path:
    timeline = _timeline_of(context.scene)
    cut = cut_of(context.scene)
    write_cut(cut, timeline)
    operator.told(cut.notes)
    return timeline


def _followed(operator: _Operator, work: Work, scene: Any) -> None:
    """Brings the result back once the work has ended; Blender stays free meanwhile.

    Raises:
        CutError: It failed. Only without a window, where this waits for it.
    """
    name = scene.name

    def look() -> float | None:
        if work.running:
            return _LOOK_SECONDS
        try:
            _ended(work, bpy.data.scenes.get(name) or bpy.context.scene)  # it may have been removed meanwhile
        except CutError as error:
            _shown(str(error))
        return None

    if bpy.app.background:
        work.process.wait()
        operator.told(_ended(work, scene))
    else:
        bpy.app.timers.register(look)


def _ended(work: Work, scene: Any) -> tuple[str, ...]:
    """Brings back what there is; a render that leaves some regions below the bar still has a result."""
    try:
        return _brought(result_of(work.timeline), scene)
    except CutError as error:
        raise CutError(f"{work.last_words() if work.process.returncode else error}") from error


def _brought(result: Path, like: Any) -> tuple[str, ...]:
    cut = read_cut(result)
    made = scene_of(cut, like)
    if bpy.context.window is not None:
        bpy.context.window.scene = made
    return cut.notes


def _shown(message: str) -> None:
    """A pop-up, for what happens while no operator is there to report it."""

    def draw(menu: Any, context: Any) -> None:  # noqa: ARG001
        menu.layout.label(text=message)

    bpy.context.window_manager.popup_menu(draw, title="Sottovoce", icon="ERROR")


def register() -> None:
    """Called by Blender when the add-on is switched on."""
    for known in (*_OPERATORS, SOTTOVOCE_PT_panel):
        bpy.utils.register_class(known)


def unregister() -> None:
    """Called by Blender when it is switched off."""
    for known in reversed((*_OPERATORS, SOTTOVOCE_PT_panel)):
        bpy.utils.unregister_class(known)
