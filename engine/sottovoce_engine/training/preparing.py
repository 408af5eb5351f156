"""Recordings to clips, each recording once.

A recording is cut anew where its content changes, what is said of it, the clips' form, or what listens.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.judge.register import judged_voicing
from sottovoce_engine.judge.register_finding import Verdict
from sottovoce_engine.judge.voicing import voicing_of
from sottovoce_engine.media.container import read_error
from sottovoce_engine.media.looking import content_of
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Voice
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.training.conforming import clip_samples, clip_sound, longest_speech, placed_in_clip, write_clip
from sottovoce_engine.training.cutting import Segment, cue_segments_in, segments_in
from sottovoce_engine.training.listening import Block, blocks_of
from sottovoce_engine.training.prepared import ClipStore, Prepared, PreparedClip, PreparedRecording
from sottovoce_engine.training.recipe import ClipForm
from sottovoce_engine.training.recordings import LabelledRecording
from sottovoce_engine.training.transcripts import with_written_lines

STAGE = "preparing clips"

_VERSION = 1  # of the cutting; counts up when the same recording would be cut otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparing:
    """How recordings are made into clips."""

    form: ClipForm
    registers: RegisterTable  # all that recordings are labelled with
    judge: Judge  # measures registers, and hears the words where it has a recogniser


def prepared_clips(recordings: Sequence[LabelledRecording], folder: Path, how: Preparing, job: Job) -> Prepared:
    """The clips of all recordings; one that cannot be read is left out, and it is said why.

    Args:
        recordings: What there is.
        folder: Where clips are kept.
        how: What they are made to be.
        job: Listening takes its time.

    Raises:
        InputError, SetupError: The folder cannot be written to, or the disk is full.
        RenderError: The recogniser failed.
        JobCancelled: Cancelling was asked for; the recordings done are kept.
    """
    store = ClipStore(folder)
    done: list[tuple[LabelledRecording, PreparedRecording]] = []
    left_out: list[str] = []
    for number, recording in enumerate(recordings):
        job.step(STAGE, number, len(recordings), about=recording.name)
        try:
            found = _known_or_made(recording, store, how, job)
        except InputError as error:
            told = str(error)  # what reads a file names it
            left_out.append(told if str(recording.path) in told else f"{recording.name}: {told}")
            continue
        done.append((recording, found))
        left_out += [f"{recording.name}: {reason}" for reason in found.left_out]
    job.step(STAGE, len(recordings), len(recordings))
    return Prepared(recordings=tuple(done), media=store.media.root, left_out=tuple(left_out))


def clock(samples: int) -> str:
    """A place in a recording, as a person finds it: 1:02:03.4."""
    tenths = samples * 10 // SAMPLE_RATE
    seconds, tenth = divmod(tenths, 10)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{tenth}" if hours else f"{minutes}:{seconds:02}.{tenth}"


def _known_or_made(recording: LabelledRecording, store: ClipStore, how: Preparing, job: Job) -> PreparedRecording:
    key = _key(recording, how)
    known = store.known(key)
    if known is not None:
        return known
    made = _made(recording, store, how, job)
    store.keep(key, made)
    return made


def _key(recording: LabelledRecording, how: Preparing) -> str:
    try:
        content = content_of(recording.path, recording.path.stat().st_size)
    except OSError as error:
        raise read_error(recording.path, error) from error
    register, form = how.registers.get(recording.register), how.form
    said = [recording.text, to_plain(recording.cues), str(recording.gender), register.name, to_plain(register.manner)]
    asked = [_VERSION, content, form.frames, str(form.rate), str(form.raster), said, how.judge.fingerprint]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()[:32]


def _made(recording: LabelledRecording, store: ClipStore, how: Preparing, job: Job) -> PreparedRecording:
    clips: list[PreparedClip] = []
    left_out: list[str] = []
    heard: list[Span] = []
    longest = longest_speech(how.form)
    with SoundReader(recording.path) as reader:
        if not (recording.text or recording.cues or how.judge.recogniser):
            return PreparedRecording(clips=(), left_out=(_unwritten(recording),))
        for block in blocks_of(reader, [cue.span for cue in recording.cues]):
            if recording.cues:
                cut = cue_segments_in(block.pieces, block.span, recording.cues, longest)
            else:
                cut = segments_in(block.pieces, block.span, longest)
            left_out += [_too_long(span, longest) for span in cut.too_long]
            heard += [*cut.too_long, *(segment.speech for segment in cut.segments)]
            for segment in cut.segments:
                job.check()
                clip = _clip(recording, block, segment, store, how, job)
                if clip.finding.verdict is Verdict.SILENT:
                    left_out.append(f"from {clock(segment.speech.start)}: {'; '.join(clip.finding.why)}")
                else:
                    clips.append(clip)
    left_out += _silent_cues(recording, heard)
    if not clips and not left_out:
        left_out.append("nobody speaks in it")
    return with_written_lines(recording, clips, left_out, how.judge.line_thresholds.fit)


def _clip(
    recording: LabelledRecording, block: Block, segment: Segment, store: ClipStore, how: Preparing, job: Job
) -> PreparedClip:
    length = clip_samples(how.form)
    placed = placed_in_clip(segment, length)
    sound = clip_sound(block, placed, length, str(segment.speech.start))
    voicing = voicing_of(sound, how.judge.register_thresholds)
    voice = Voice(name=recording.voice, gender=recording.gender)
    register = how.registers.get(recording.register)
    finding = judged_voicing(voicing, None, register, voice, None, how.judge.register_thresholds)
    with store.media.staged("mov") as staged:
        has_picture = write_clip(staged, recording.path, sound, placed, how.form)
        media = store.media.adopt(staged)
    return PreparedClip(
        media=media,
        has_picture=has_picture,
        span=segment.speech,
        speech=placed.speech,
        written=segment.text,
        heard="" if segment.text or finding.verdict is Verdict.SILENT else _heard(sound, how.judge, job),
        finding=finding,
    )


def _heard(sound: Sound, judge: Judge, job: Job) -> str:
    """What a recogniser hears, if there is one that listens."""
    if judge.recogniser is None:
        return ""
    text = judge.recogniser.heard(sound, judge.language, job.check).text
    return " ".join(text.split()) if any(character.isalnum() for character in text) else ""


def _unwritten(recording: LabelledRecording) -> str:
    return (
        f"nobody wrote what is said in it: write '{recording.path.with_suffix('.txt').name}' beside it, or name a Whisper model "
        "with --speech-model"
    )


def _silent_cues(recording: LabelledRecording, heard: Sequence[Span]) -> Iterator[str]:
    """The lines that are said to be spoken where nothing is heard."""
    for cue in recording.cues:
        if not any(cue.span.overlaps(span) for span in heard):
            yield f"from {clock(max(0, cue.span.start))}: nobody speaks where '{cue.text}' should be said"


def _too_long(span: Span, longest: int) -> str:
    return (
        f"from {clock(span.start)}: {span.length / SAMPLE_RATE:.1f} s of sound without a pause, and a clip holds "
        f"{longest / SAMPLE_RATE:.1f} s of speech"
    )
