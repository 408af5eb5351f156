"""Runs inside Blender, with the add-on as installed.

blender --background --factory-startup --python blender_session.py -- WHAT ARGUMENTS

cut IN.otio MOVIE OUT.otio     makes a scene of a timeline, renders it, and writes it back as a timeline
region MOVIE FILE.blend        marks a region on a movie, and lets Sottovoce render it and bring it back
"""

import json
import sys
from typing import Any

import bpy


def cut(timeline: str, movie: str, back: str) -> None:
    scene = _made_by(lambda: bpy.ops.sottovoce.import_otio(filepath=timeline))
    _rendered(scene, movie)
    with bpy.context.temp_override(scene=scene):
        assert bpy.ops.sottovoce.export_otio(filepath=back) == {"FINISHED"}


def region(movie: str, blend: str) -> None:
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = 320, 180
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    strips.new_movie("street", movie, 2, scene.frame_start)
    strips.new_sound("street sound", movie, 1, scene.frame_start)
    scene.timeline_markers.new("Anna whisper: close your eyes", frame=scene.frame_start + 6)
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    made = _made_by(bpy.ops.sottovoce.render)
    found = made.sequence_editor
    tracks = [
        found.channels[strip.channel].name for strip in (found.strips if hasattr(found, "strips") else found.sequences)
    ]
    print("MADE", json.dumps({"name": made.name, "channels": tracks, "before": len(strips)}))


def _made_by(operator: Any) -> Any:
    """The one new scene."""
    known = set(bpy.data.scenes)
    assert operator() == {"FINISHED"}
    (made,) = set(bpy.data.scenes) - known
    return made


def _rendered(scene: Any, movie: str) -> None:
    settings = scene.render
    if hasattr(settings.image_settings, "media_type"):  # Blender 5
        settings.image_settings.media_type = "VIDEO"
    settings.image_settings.file_format = "FFMPEG"
    settings.ffmpeg.format, settings.ffmpeg.codec, settings.ffmpeg.audio_codec = "QUICKTIME", "H264", "PCM"
    settings.ffmpeg.gopsize = 1
    settings.filepath, settings.use_file_extension = movie, False
    bpy.ops.render.render(animation=True, scene=scene.name)


if __name__ == "__main__":
    what, *arguments = sys.argv[sys.argv.index("--") + 1 :]
    bpy.ops.preferences.addon_enable(module="sottovoce_vse")
    if what == "cut":
        cut(*arguments)
    else:
        region(*arguments)
    print("SESSION DONE")
