"""Runs inside Blender, with the add-on as installed.

blender --background --factory-startup --python blender_session.py -- WHAT ARGUMENTS

cut IN.otio MOVIE OUT.otio     makes a scene of a timeline, renders it to MOVIE if that is named, and writes it back
region MOVIE FILE.blend        marks a region on a movie, and lets Sottovoce render it and bring it back
edited IN.otio OUT.otio        moves the sound of a take and its mark by 5 frames, and trims 3 off its end
refused IN.otio                a timeline of which no scene can be made
strips MOVIE STILL OUT.otio    lays strips as a person does, and writes them as a timeline
"""

import json
import sys
from typing import Any

import bpy


def cut(timeline: str, movie: str, back: str) -> None:
    scene = _made_by(lambda: bpy.ops.sottovoce.import_otio(filepath=timeline))
    if movie:
        _rendered(scene, movie)
    with bpy.context.temp_override(scene=scene):
        assert bpy.ops.sottovoce.export_otio(filepath=back) == {"FINISHED"}


def edited(timeline: str, back: str) -> None:
    scene = _made_by(lambda: bpy.ops.sottovoce.import_otio(filepath=timeline))
    take = next(strip for strip in _strips(scene) if strip.type == "SOUND" and strip.name.startswith("ANNA"))
    mark = next(strip for strip in _strips(scene) if strip.type == "TEXT")
    take.frame_start += 5
    take.frame_final_end -= 3
    mark.frame_start += 5
    with bpy.context.temp_override(scene=scene):
        assert bpy.ops.sottovoce.export_otio(filepath=back) == {"FINISHED"}


def refused(timeline: str) -> None:
    known = set(bpy.data.scenes)
    try:
        bpy.ops.sottovoce.import_otio(filepath=timeline)
    except RuntimeError as error:  # what an operator reports as an error
        print(error)
    assert set(bpy.data.scenes) == known


def region(movie: str, blend: str) -> None:
    scene = _small_scene()
    strips = _strips(scene)
    strips.new_movie("street", movie, 2, scene.frame_start)
    strips.new_sound("street sound", movie, 1, scene.frame_start)
    scene.timeline_markers.new("Anna whisper: close your eyes", frame=scene.frame_start + 6)
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    made = _made_by(bpy.ops.sottovoce.render)
    channels = [made.sequence_editor.channels[strip.channel].name for strip in _strips(made)]
    print("MADE", json.dumps({"channels": channels, "before": len(strips)}))


def strips(movie: str, still: str, out: str) -> None:
    """Frames of the scene, which starts at 11:

    4   still                       |= 51-61 =|
    3                |X 31-37|                            a cross
    2                |== second 31-71 ========|
    1   |== first 1-37 ======|      |= muted 41-61 =|
    """
    scene = _small_scene()
    scene.frame_start = 11
    laid = _strips(scene)
    first = laid.new_movie("first", movie, 1, -9)
    first.frame_final_start, first.frame_final_end = 1, 37
    second = laid.new_movie("second", movie, 2, 21)
    second.frame_final_start, second.frame_final_end = 31, 71
    muted = laid.new_movie("muted", movie, 1, 41)
    muted.frame_final_end, muted.mute = 61, True
    picture = laid.new_image("still", still, 4, 51)
    picture.frame_final_end = 61
    known = laid.bl_rna.functions["new_effect"].parameters.keys()
    prefix, length = ("input" if "input1" in known else "seq"), ("length" if "length" in known else "frame_end")
    inputs = {prefix + "1": first, prefix + "2": second}
    laid.new_effect(
        name="cross", type="CROSS", channel=3, frame_start=31, **{length: 6 if length == "length" else 37}, **inputs
    )
    laid.new_effect(name="colour", type="COLOR", channel=6, frame_start=51, **{length: 9 if length == "length" else 60})
    mark = laid.new_effect(
        name="mark", type="TEXT", channel=5, frame_start=21, **{length: 20 if length == "length" else 41}
    )
    mark.text = "Anna whisper: close your eyes"
    scene.sequence_editor.channels[5].name = "Sottovoce marks of Anna"
    assert bpy.ops.sottovoce.export_otio(filepath=out) == {"FINISHED"}


def _small_scene() -> Any:
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = 320, 180
    scene.sequence_editor_create()
    return scene


def _strips(scene: Any) -> Any:
    editor = scene.sequence_editor
    return editor.strips if hasattr(editor, "strips") else editor.sequences


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
    match what:
        case "cut":
            cut(*arguments)
        case "region":
            region(*arguments)
        case "edited":
            edited(*arguments)
        case "refused":
            refused(*arguments)
        case _:
            strips(*arguments)
    print("SESSION DONE")
