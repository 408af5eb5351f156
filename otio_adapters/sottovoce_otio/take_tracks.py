"""The chosen takes as tracks: sound by voice, the takes' own pictures, and the room tone.

scene frames                0         48        96       144
Sottovoce picture           |         |== 1f0c =~~= 88aa ==|        ~ dissolve, where the splice made one
ANNA (Sottovoce)            |        |== 1f0c ===|         |        from cut centre to cut centre
BEN (Sottovoce)             |         |       |== 88aa ===||
Room tone (Sottovoce)       |==============================|

A clip's media reach beyond it on both sides: the take's handles are there to trim into. All of a
region's takes are on its clip, the chosen one active. Takes count from 0, as their files do: some hosts
leave a file's own timecode out of account.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sottovoce_engine.scene import PicturePiece, Scene
from sottovoce_engine.splice.values import Spliced, SplicedRegion
from sottovoce_engine.take import Take
from sottovoce_engine.timing import Span, frame_at
from sottovoce_otio.links import UrlFor
from sottovoce_otio.ours import FORMAT, KEY, Role
from sottovoce_otio.plain import Plain, clip, dissolve, gap, reference, time_range, track

PICTURE_TRACK = "Sottovoce picture"
TONE_TRACK = "Room tone (Sottovoce)"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeTracks:
    """New tracks as plain JSON."""

    pictures: tuple[Plain, ...]  # bottom to top
    sounds: tuple[Plain, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A clip and where it lies."""

    span: Span  # scene frames
    clip: Plain
    dissolve: Span | None = None


def take_tracks(scene: Scene, spliced: Spliced, url_for: UrlFor, *, origin: int, first_link: int) -> TakeTracks:
    """The tracks of a spliced scene.

    Args:
        scene: The scene as spliced.
        spliced: What the splice made of it.
        url_for: How a media file is written into the timeline.
        origin: The stack's own time, in frames, at scene frame 0.
        first_link: The first free number for linking a take's picture with its sound.
    """
    links = {
        region.placed.region.id: first_link + index
        for index, region in enumerate(region for region in spliced.regions if region.own_picture)
    }
    voices: dict[str, list[_Placed]] = {}
    pictures: list[_Placed] = []
    for region in spliced.regions:
        link = links.get(region.placed.region.id)
        sound = _sound_clip(region, scene, url_for, link)
        voices.setdefault(region.placed.region.voice, []).append(sound)
        if region.own_picture:
            pictures.append(_picture_clip(region, scene, url_for, link))
    pictures += [_Placed(span=piece.span, clip=_shot_clip(piece, scene, url_for)) for piece in spliced.shots]
    sounds = [
        _track(name, "Audio", lane, scene, origin)
        for voice, clips in sorted(voices.items())
        for name, lane in _lanes(f"{voice} (Sottovoce)", clips)
    ]
    return TakeTracks(
        pictures=tuple(_track(name, "Video", lane, scene, origin) for name, lane in _lanes(PICTURE_TRACK, pictures)),
        sounds=(*sounds, _tone_track(scene, spliced, url_for, origin)),
    )


def _sound_clip(region: SplicedRegion, scene: Scene, url_for: UrlFor, link: int | None) -> _Placed:
    start, end = frame_at(region.sound.start, scene.rate), frame_at(region.sound.end, scene.rate)
    span = _usable(Span(start, max(start + 1, end)), region, scene)
    return _Placed(span=span, clip=_clip(region, scene, span, _takes(region), url_for, link))


def _picture_clip(region: SplicedRegion, scene: Scene, url_for: UrlFor, link: int | None) -> _Placed:
    span = _usable(region.shown or region.placed.region.span, region, scene)
    takes = {key: (take, path) for key, (take, path) in _takes(region).items() if take.has_picture}
    return _Placed(span=span, clip=_clip(region, scene, span, takes, url_for, link), dissolve=region.dissolve)


def _shot_clip(piece: PicturePiece, scene: Scene, url_for: UrlFor) -> Plain:
    """A picture that was rendered for several regions, under all of them."""
    start = round(piece.source.start * scene.rate)
    shown = Span(start, start + piece.span.length)
    references = {"shot": reference(url_for(piece.source.path), time_range(Span(0, piece.shot_frames), scene.rate), {})}
    return clip(piece.clip, time_range(shown, scene.rate), references, "shot", {KEY: {"format": FORMAT}})


def _usable(span: Span, region: SplicedRegion, scene: Scene) -> Span:
    """The part of `span` that lies in the scene and that the take has material for."""
    inside = span.common(Span(0, scene.length_frames)) or span
    return inside.common(Span(region.start_frame, region.start_frame + region.placed.take.length_frames)) or inside


def _takes(region: SplicedRegion) -> dict[str, tuple[Take, str]]:
    """All takes of a region and their files, by the name they have in the timeline."""
    takes = [(region.placed.take, region.placed.path), *region.placed.alternatives]
    takes.sort(key=lambda entry: (entry[0].job.seed, entry[0].made, entry[0].key))
    return {f"take {number} seed {take.job.seed}": (take, path) for number, (take, path) in enumerate(takes, start=1)}


def _clip(
    region: SplicedRegion,
    scene: Scene,
    span: Span,
    takes: Mapping[str, tuple[Take, str]],
    url_for: UrlFor,
    link: int | None,
) -> Plain:
    references = {key: _take_reference(take, path, scene, url_for) for key, (take, path) in takes.items()}
    active = next(key for key, (take, _) in takes.items() if take.key == region.placed.take.key)
    start = span.start - region.start_frame
    metadata: Plain = {KEY: _clip_metadata(region)}
    if link is not None:
        metadata["Resolve_OTIO"] = {"Link Group ID": link}
    source = time_range(Span(start, start + span.length), scene.rate)
    return clip(_clip_name(region), source, references, active, metadata)


def _take_reference(take: Take, path: str, scene: Scene, url_for: UrlFor) -> Plain:
    metadata = {
        "format": FORMAT,
        "take": take.key,
        "seed": take.job.seed,
        "renderer": take.job.renderer,
        "made": take.made,
    }
    available = time_range(Span(0, take.length_frames), scene.rate)
    return reference(url_for(path), available, {KEY: metadata})


def _clip_name(region: SplicedRegion) -> str:
    spoken = region.placed.region
    line = " ".join(spoken.line.split())
    short = line if len(line) <= 40 else line[:39] + "…"
    return f"{spoken.voice} {spoken.register}: {short}"


def _clip_metadata(region: SplicedRegion) -> Plain:
    """What a host has no place for. Spans are scene samples at 48 kHz."""
    return {
        "format": FORMAT,
        "take": region.placed.take.key,
        "region": region.placed.region.id,
        "register": region.placed.region.register,
        "gain_db": round(region.gain_db, 3),
        "fade_in_samples": region.fade_in.length,
        "fade_out_samples": region.fade_out.length,
        "sound_samples": [region.sound.start, region.sound.end],
        "speech_samples": [region.speech.start, region.speech.end],
        "slip_frames": region.slip_frames,
    }


def _lanes(name: str, clips: Sequence[_Placed]) -> Iterator[tuple[str, list[_Placed]]]:
    """The clips on tracks on which none overlap, each above all that it overlaps and that start before it.

    So the picture is cut to the region that starts later, as the splice has it.
    """
    lanes: list[list[_Placed]] = []
    order = sorted(range(len(clips)), key=lambda index: (clips[index].span.start, -index))
    for placed in (clips[index] for index in order):
        below = [index for index, lane in enumerate(lanes) if lane[-1].span.end > placed.span.start]
        lane = below[-1] + 1 if below else 0
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append(placed)
    for number, lane_clips in enumerate(lanes, start=1):
        yield (name if number == 1 else f"{name} {number}"), lane_clips


def _track(name: str, kind: str, clips: Sequence[_Placed], scene: Scene, origin: int) -> Plain:
    children: list[Plain] = []
    at = -origin
    previous_length = 0
    for placed in clips:
        if placed.span.start > at:
            previous_length = placed.span.start - at
            children.append(gap(previous_length, scene.rate))
        if placed.dissolve is not None:
            before = min(max(0, placed.span.start - placed.dissolve.start), previous_length)
            after = min(max(0, placed.dissolve.end - placed.span.start), placed.span.length)
            children.append(dissolve(before, after, scene.rate, {}))
        children.append(placed.clip)
        at, previous_length = placed.span.end, placed.span.length
    if at < scene.length_frames:
        children.append(gap(scene.length_frames - at, scene.rate))  # OTIO's own tools want tracks of one length
    return track(name, kind, children, {KEY: {"format": FORMAT, "role": str(Role.TAKES)}})


def _tone_track(scene: Scene, spliced: Spliced, url_for: UrlFor, origin: int) -> Plain:
    whole = time_range(Span(0, scene.length_frames), scene.rate)
    media = reference(url_for(spliced.tone_stem), whole, {})
    pieces = [
        {"location": piece.location, "origin": str(piece.origin), "samples": [piece.span.start, piece.span.end]}
        for piece in spliced.tone_pieces
    ]
    tone = clip(
        "Room tone", whole, {"DEFAULT_MEDIA": media}, "DEFAULT_MEDIA", {KEY: {"format": FORMAT, "pieces": pieces}}
    )
    leading: list[Any] = [gap(origin, scene.rate)] if origin else []
    return track(TONE_TRACK, "Audio", [*leading, tone], {KEY: {"format": FORMAT, "role": str(Role.TONE)}})
