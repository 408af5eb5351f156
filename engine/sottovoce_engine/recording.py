"""A recording made elsewhere, as a take of a region: ADR, a wild line, another program's render.

    file          |   ~~~~ first word ~~~~~~~ last word ~~     |        any rate, any channels
    region                 |###############|
    take          |........|~~~~~~~~~~~~~~~|~~~~~....|             window: region and speech, with handles

Its first spoken sound meets the region's start, unless its timecode or the person says where it lies.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.alignment import shared_aligner
from sottovoce_engine.judge.level import speech_span
from sottovoce_engine.judge.line import LineThresholds
from sottovoce_engine.judge.line_language import language_of
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import voicing_of
from sottovoce_engine.judge.written_words import ENGLISH
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.picture import PictureReader, black_frame
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.recorded_at import recorded_at
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.plan import PlannedRegion, job_key
from sottovoce_engine.registers import Register
from sottovoce_engine.renderers.finish import finished_take
from sottovoce_engine.scene import Scene
from sottovoce_engine.take import NO_PICTURE, RECORDING, PlacedTake, RenderJob, SpokenWord, Take, Window
from sottovoce_engine.timing import SAMPLE_RATE, Span, frame_at, sample_at
from sottovoce_engine.windows import divisor_for

_LONGEST = 600 * SAMPLE_RATE  # searched for its first spoken sound
_BEYOND = 5 * SAMPLE_RATE  # of speech outside the region that is kept on either side


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingWish:
    """What is to become a take, and how."""

    path: Path
    register: Register  # of the region
    at: int | None = None  # scene frame of its first sample or picture; None: by its timecode, else by its speech
    handle_frames: int
    language: str | None = None  # of the line, as Whisper names it; None: as the line's letters say
    beneath: PlacedTake | None = None  # the take chosen now: keeps its picture under a recording that has none


def recorded_take(planned: PlannedRegion, scene: Scene, wish: RecordingWish, media: MediaFolder) -> Take:
    """Conforms a recording into `media` as a take of a region.

    The same file at the same place over the same picture has the same key, however often it is added.

    Raises:
        InputError: It cannot be read, holds no sound, nobody speaks in it, or it does not reach the region.
        SetupError: The disk does not take it.
    """
    region, rate = planned.region, scene.rate
    own_picture = not planned.picture.stays and probe(wish.path).picture is not None
    if own_picture or planned.picture.stays:
        wish = replace(wish, beneath=None)
    with SoundReader(wish.path) as reader:
        placed = _placed(reader, planned, scene, wish, on_frames=own_picture)
        window = _window(placed, region.span, rate, wish.handle_frames)
        job = _job(planned, scene, wish, window, placed.lead)
        first = placed.lead - sample_at(region.span.start - window.start, rate)
        sound = reader.read(Span(first, first + job.length_samples))
    if not np.isfinite(sound).all():
        raise InputError(f"{wish.path} holds samples that are no numbers. Export it again, or mend it there.")
    with ExitStack() as stack:
        frames, note = None, ""
        if not planned.picture.stays:
            frames, note = _pictures(stack, job, wish, placed.lead if own_picture else None)
        return finished_take(
            job,
            media,
            sound=sound,
            frames=frames,
            words=tuple(_within(placed.words, first, job.length_samples)),
            words_estimated=False,
            fingerprints=(("recording", _digest(wish.path)),),
            notes=tuple(text for text in (f"added from '{wish.path.name}', {placed.how}", note) if text),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """Where a recording lies, in samples from its own start."""

    lead: int  # what of it lies before the region; below 0 where it begins after the region does
    speech: Span | None
    words: tuple[SpokenWord, ...]  # empty where nobody knows
    how: str


def _placed(
    reader: SoundReader, planned: PlannedRegion, scene: Scene, wish: RecordingWish, *, on_frames: bool
) -> _Placed:
    """Where the recording lies: as the person says, as its timecode says, else by its first spoken sound."""
    region, rate = planned.region, scene.rate
    length, held = reader.length_samples, sample_at(region.span.length, rate)
    if wish.at is not None:
        lead, how = sample_at(region.span.start - wish.at, rate), f"placed at frame {wish.at}"
    else:
        found = _by_timecode(wish.path, region.span, scene)
        lead, how = (found, "placed by its timecode") if found is not None else (0, "")
        if not -held < lead < length:
            how = ""
    if how:
        heard = Span(lead - _BEYOND, lead + held + _BEYOND).common(Span(0, length))
        if heard is None:
            raise InputError(
                f"Placed at frame {wish.at}, {wish.path} does not reach the region, which runs from frame "
                f"{region.span.start} to {region.span.end}. Give another frame, or none to place it by its speech."
            )
    else:
        heard = _searched(wish.path, length)
    words, speech = _spoken(reader, heard, region.line, wish.language)
    if not how:
        if speech is None:
            raise InputError(
                f"Nobody speaks in {wish.path}, so that nothing says where it belongs. Give the frame with --at, or "
                "another file."
            )
        lead, how = speech.start, "placed by its first spoken sound"
    if on_frames:
        lead = sample_at(frame_at(lead, rate), rate)
    return _Placed(lead=lead, speech=speech, words=words, how=how)


def _searched(path: Path, length: int) -> Span:
    if length > _LONGEST:
        raise InputError(
            f"{path} lasts {length / SAMPLE_RATE / 60:.0f} minutes, and no timecode says what of it belongs to the region. "
            "Cut it to the line, or give the frame of its start with --at."
        )
    return Span(0, length)


def _by_timecode(path: Path, span: Span, scene: Scene) -> int | None:
    """Samples of the recording before the region, by the time it says it was made at; None where it does not say."""
    seconds = recorded_at(path, scene.rate)
    if seconds is None:
        return None
    start = sample_at(span.start, scene.rate)
    return start - round((seconds - scene.start_frame / scene.rate) * SAMPLE_RATE)


def _spoken(
    reader: SoundReader, heard: Span, line: str, language: str | None
) -> tuple[tuple[SpokenWord, ...], Span | None]:
    """The line's words and where speech lies, in samples of the recording."""
    sound = reader.read(heard)
    sound = np.clip(np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0), -8.0, 8.0)
    words: tuple[SpokenWord, ...] = ()
    if (language or language_of(line)) == ENGLISH:
        alignment = shared_aligner().aligned(sound, line)
        if alignment is not None and alignment.score >= thresholds_of("line", LineThresholds).fit:
            words = tuple(
                replace(aligned.word, span=aligned.word.span.shifted(heard.start)) for aligned in alignment.words
            )
    if words:
        return words, Span(min(word.span.start for word in words), max(word.span.end for word in words))
    speech = speech_span(voicing_of(sound, thresholds_of("register", RegisterThresholds)), None)
    return (), None if speech is None else speech.shifted(heard.start)


def _window(placed: _Placed, span: Span, rate: Fraction, handle_frames: int) -> Window:
    """The region and the speech, with handles on both sides."""
    start, end = span.start, span.end
    held = Span(placed.lead, placed.lead + sample_at(span.length, rate))
    kept = None if placed.speech is None else placed.speech.common(held.grown(_BEYOND, _BEYOND))
    if kept is not None:
        frames = rate / SAMPLE_RATE
        start = min(start, span.start + math.floor((kept.start - placed.lead) * frames))
        end = max(end, span.start + math.ceil((kept.end - placed.lead) * frames))
    divisor = divisor_for(rate)
    frames_needed = -(-(end - start + 2 * handle_frames) // divisor)
    return Window(start=start - handle_frames, model_frames=-(-(frames_needed - 1) // 8) * 8 + 1, divisor=divisor)


def _job(planned: PlannedRegion, scene: Scene, wish: RecordingWish, window: Window, lead: int) -> RenderJob:
    job = RenderJob(
        key="",
        content=planned.content,
        region=planned.region,
        voice=scene.voice(planned.region.voice),
        register=wish.register,
        caption=planned.caption,
        window=window,
        rate=scene.rate,
        start_frame=scene.start_frame,
        drop_frame=scene.drop_frame,
        raster=scene.raster,
        picture=planned.picture.of_take,
        seed=0,
        renderer=RECORDING,
    )
    beneath = "" if wish.beneath is None else wish.beneath.take.key
    return replace(job, key=job_key(job, f"{_digest(wish.path)} {lead} {beneath}"))


def _pictures(
    stack: ExitStack, job: RenderJob, wish: RecordingWish, lead: int | None
) -> tuple[Iterable[VideoFrame], str]:
    """Scene frames from the window's first one: the recording's own, the chosen take's, else black; and a note."""
    count, start, rate = job.window.length, job.window.start, job.rate
    if lead is not None:
        first = job.region.span.start - frame_at(lead, rate)
        reader = stack.enter_context(PictureReader(wish.path, job.raster))
        return _read(reader, start - first, count, rate), ""
    beneath = wish.beneath
    if beneath is not None and beneath.take.has_picture:
        reader = stack.enter_context(PictureReader(beneath.path, job.raster))
        return _read(reader, start - beneath.start_frame, count, rate), "it has no picture: the one chosen before stays"
    return (black_frame(job.raster) for _ in range(count)), NO_PICTURE


def _read(reader: PictureReader, first: int, count: int, rate: Fraction) -> Iterator[VideoFrame]:
    return (reader.frame(number / rate) for number in range(first, first + count))


def _within(words: Iterable[SpokenWord], first: int, length: int) -> Iterator[SpokenWord]:
    """The words in samples from the take's start; those beyond it are left out."""
    for word in words:
        there = word.span.shifted(-first).common(Span(0, length))
        if there is not None:
            yield replace(word, span=there)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
