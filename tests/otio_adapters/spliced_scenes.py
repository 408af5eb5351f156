"""Timelines and what a splice made of them, without any media: the values that the writing side takes."""

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import PictureMode, Raster, Region, Scene
from sottovoce_engine.splice.values import Spliced, SplicedRegion, ToneOrigin, TonePiece
from sottovoce_engine.take import PlacedTake, RenderJob, Take, Window
from sottovoce_engine.timing import Span, samples_of
from sottovoce_otio.timeline import LoadedTimeline, read_timeline

REGISTERS = register_table()


def time_range(start: float, length: float, rate: float) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


def source_timeline(rate: Fraction = Fraction(24), length: int = 240) -> Any:
    """Two pictures with a dissolve, their dialogue with a crossfade, music, markers and foreign metadata.

    V1  |==== street 0-120 ====X==== kitchen 120-240 ====|
    A1  |==== street ==========X==== kitchen ============|   dialogue
    A2  |==================== music =====================|
    """
    number = float(rate)
    timeline = otio.schema.Timeline("night", global_start_time=RationalTime(86400, number))
    timeline.metadata["studio"] = {"episode": 7, "at": RationalTime(3, number)}
    half = length // 2
    for name, kind in (("V1", "Video"), ("A1", "Audio")):
        track = otio.schema.Track(name, kind=kind, metadata={"studio": {"locked": False}})
        for clip_name, link in (("street", 4), ("kitchen", 5)):
            track.append(_clip(clip_name, f"{clip_name}.mov", half, number, link))
        track.insert(
            1, otio.schema.Transition("mix", "SMPTE_Dissolve", RationalTime(6, number), RationalTime(6, number))
        )
        timeline.tracks.append(track)
    music = otio.schema.Track("A2 music", kind="Audio", metadata={"sottovoce": {"format": 1, "role": "other"}})
    music.append(_clip("music", "music.wav", length, number, None))
    timeline.tracks.append(music)
    timeline.tracks.markers.append(otio.schema.Marker("grade me", time_range(10, 1, number), color="PINK"))
    return timeline


def _clip(name: str, file: str, length: int, rate: float, link: int | None) -> Any:
    media = otio.schema.ExternalReference(f"file:///footage/{file}", time_range(1000, length + 100, rate))
    clip = otio.schema.Clip(name, media, time_range(1050, length, rate), metadata={"studio": {"reel": name.upper()}})
    if link is not None:
        clip.metadata["Resolve_OTIO"] = {"Link Group ID": link}
    clip.markers.append(otio.schema.Marker(f"{name} early", time_range(1060, 1, rate)))
    clip.markers.append(
        otio.schema.Marker(f"{name} late", time_range(1050 + length - 10, 5, rate), metadata={"kept": True})
    )
    return clip


def mark(timeline: Any, text: str, start: int, length: int, rate: Fraction = Fraction(24)) -> None:
    timeline.tracks.markers.append(otio.schema.Marker(text, time_range(start, length, float(rate))))


def loaded_timeline(timeline: Any, folder: Path, name: str = "night.otio") -> LoadedTimeline:
    """The timeline as read from a file."""
    path = folder / name
    otio.adapters.write_to_file(timeline, str(path))
    return read_timeline(path, REGISTERS)


def take_for(region: Region, scene: Scene, *, seed: int = 1, picture: bool = False, handle: int = 24) -> Take:
    """A take of a region with handles on both sides; there is no file."""
    model_frames = -(-(region.span.length + 2 * handle - 1) // 8) * 8 + 1
    key = hashlib.sha256(f"{region.id} {seed}".encode()).hexdigest()[:32]
    job = RenderJob(
        key=key,
        content="c" * 32,
        region=region,
        voice=scene.voice(region.voice),
        register=REGISTERS.get(region.register),
        caption="",
        window=Window(start=region.span.start - handle, model_frames=model_frames),
        rate=scene.rate,
        start_frame=scene.start_frame,
        drop_frame=scene.drop_frame,
        raster=Raster(width=320, height=180),
        picture=PictureMode.CUT if picture else PictureMode.LOCK,
        seed=seed,
        renderer="scratch",
    )
    return Take(
        job=job,
        media=hashlib.sha256(key.encode()).hexdigest() + (".mov" if picture else ".wav"),
        length_frames=model_frames,
        length_samples=job.length_samples,
        words=(),
        words_estimated=True,
        made="2025-01-01T00:00:00Z",
        loudness_lufs=-34.0,
        true_peak_dbtp=-12.0,
    )


def spliced_region(
    region: Region,
    scene: Scene,
    folder: Path,
    *,
    takes: int = 2,
    picture: bool = False,
    slip: int = 0,
    handle: int = 24,
    **changes: Any,
) -> SplicedRegion:
    """A region spliced from cut centre to cut centre at its own edges, its last take chosen."""
    made = [take_for(region, scene, seed=seed, picture=picture, handle=handle) for seed in range(1, takes + 1)]
    paths = [str(folder / take.media) for take in made]
    sound = samples_of(region.span, scene.rate)
    values: dict[str, Any] = {
        "placed": PlacedTake(
            region=region, take=made[-1], path=paths[-1], alternatives=tuple(zip(made[:-1], paths[:-1], strict=True))
        ),
        "slip_frames": slip,
        "sound": sound,
        "fade_in": Span(sound.start - 1920, sound.start + 1920),
        "fade_out": Span(sound.end - 960, sound.end + 960),
        "gain_db": -2.5,
        "speech": sound,
        "own_picture": picture,
    }
    return SplicedRegion(**values | changes)


def spliced_scene(scene: Scene, folder: Path, **changes: Any) -> Spliced:
    """The whole scene spliced, as `spliced_region` does it."""
    return spliced_of(
        scene, folder, tuple(spliced_region(region, scene, folder, **changes) for region in scene.regions)
    )


def spliced_of(scene: Scene, folder: Path, regions: tuple[SplicedRegion, ...]) -> Spliced:
    whole = samples_of(Span(0, scene.length_frames), scene.rate)
    piece = TonePiece(
        location="", span=whole, origin=ToneOrigin.SYNTHETIC, level_dbfs=-52.0, source=None, source_seconds=0.0
    )
    return Spliced(
        regions=regions,
        joins=(),
        notes=(),
        movie=folder / "night.mov",
        mp4=None,
        stems=(),
        tone_stem=folder / "stems" / "night room tone.wav",
        tone_pieces=(piece,),
        levels=(),
        anchor_lufs=None,
        true_peak_dbtp=-3.0,
    )
