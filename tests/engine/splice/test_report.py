import json
from dataclasses import replace
from fractions import Fraction

from tests.engine.splice.making import World, noise, region_at, scene_with, sound_piece

from sottovoce_engine.splice.report import FORMAT, overs_of, report_of
from sottovoce_engine.take import Failure
from sottovoce_engine.timing import Span


def test_the_report_says_how_every_region_was_made_and_what_every_join_measures(world: World) -> None:
    music = world.sound_file("music.wav", noise(-40, 192_000, 3))
    regions = [
        region_at(12, 48, cue="SC12-034", register="whisper"),
        region_at(48, 84, voice="BEN", gain_db=1.5),
        region_at(84, 96),
    ]
    takes = [world.take(regions[0], words=[(-0.1, 1.1)]), world.take(regions[1], first=200, estimated=True)]
    sounds = (sound_piece(music, Span(0, 96), dialogue=False),)
    scene = replace(scene_with(regions, sounds=sounds), notes=("a retime was left out",), start_frame=86_400)
    spliced = world.splice(scene, takes, mp4=True)
    failure = Failure(job=takes[0].take.job, reason="out of memory")
    report = report_of(scene, spliced, [failure])

    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["format"] == FORMAT == 1
    assert report["scene"]["start"] == "01:00:00:00"
    assert report["files"]["movie"] == "scene.mov"
    assert report["files"]["mp4"] == "scene.mp4"
    assert [stem["file"] for stem in report["files"]["stems"]] == ["stems/scene ANNA.wav", "stems/scene BEN.wav"]
    assert report["files"]["room_tone"] == "stems/scene room tone.wav"
    first, second = report["regions"]
    assert first["cue"] == "SC12-034"
    assert first["line"] == regions[0].line
    assert first["take"] == takes[0].take.key
    assert first["seed"] == 1
    assert first["media"] == takes[0].take.media
    assert first["slip_frames"] == 3
    assert first["overrun_frames"] == 0
    assert first["start"] == "01:00:00:12"
    assert first["loudness_lufs"] == -34.0
    assert second["words_estimated"] is True
    assert second["loudness_lufs"] == -25.5
    assert len(report["joins"]) == 3
    assert {"click_db", "level_jump_db", "floor_mismatch_db", "flux_rank", "over"} <= report["joins"][0].keys()
    assert report["joins_over"] == overs_of(spliced.joins)
    assert report["failures"] == [
        {"id": regions[0].id, "take": takes[0].take.key, "seed": 1, "reason": "out of memory"},
    ]
    assert report["notes"][0] == "a retime was left out"
    assert any(regions[2].id in note for note in report["notes"])
    assert [level["register"] for level in report["levels"]] == ["whisper", "normal"]
    assert report["room_tone"][0]["origin"] in ("take", "synthetic")
    assert report["versions"]["av"]


def test_the_same_splice_gives_the_same_report_and_none_calls_a_join_inaudible(world: World) -> None:
    region = region_at(24, 60)
    scene = scene_with([region], rate=Fraction(25))
    placed = [world.take(region, rate=Fraction(25))]
    texts = [json.dumps(report_of(scene, world.splice(scene, placed))) for _ in range(2)]
    assert texts[0] == texts[1]
    assert not any(word in texts[0].lower() for word in ("inaudible", "seamless", "perfect", "nobody hears"))
