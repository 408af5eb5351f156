"""Regions suggested from what is heard in a timeline's dialogue.

dialogue    |~~~~ ####### ~~~~~ #### ~~~~~|
stretches         |=====|       |==|
judged            whisper       normal, a man's           what is silent or no speech to the judge is none
lines             as a recogniser hears them, where there is one; else the mark waits for its line
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.judge.effort import NormalVoice
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.judge.level import speech_loudness_lufs
from sottovoce_engine.judge.normal_voices import normal_voice_from
from sottovoce_engine.judge.register import judged_voicing
from sottovoce_engine.judge.register_finding import RegisterFinding, Verdict
from sottovoce_engine.judge.stretches import speech_stretches
from sottovoce_engine.judge.voicing import Voicing, voicing_of
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Gender, Region, Scene, SoundPiece, Voice
from sottovoce_engine.suggestions import Suggestion, Suggestions
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at

_BESIDE = SAMPLE_RATE // 20  # room that a line is given on both sides
_NORMAL_FROM = 3  # stretches with a voice say how that voice speaks normally
_BETWEEN_SEXES_HZ = 160.0  # of speech in an ordinary register


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A stretch of a piece of sound."""

    span: Span  # scene frames
    place: Span  # samples of the file
    voicing: Voicing
    loudness_lufs: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listening:
    """How far the dialogue is listened to; frames are told as whole seconds."""

    job: Job
    done: int  # frames of the pieces before this one
    total: int  # frames of all of them
    rate: Fraction

    def at(self, stage: str, sample: int) -> None:
        """Tells that a stage of this piece has come to a sample of it.

        Raises:
            JobCancelled: Cancelling was asked for.
        """
        seconds = self.done / self.rate + Fraction(sample, SAMPLE_RATE)
        self.job.step(stage, int(seconds), math.ceil(self.total / self.rate))


def suggestions_for(
    scene: Scene, there: Sequence[Region], judge: Judge, registers: RegisterTable, job: Job
) -> Suggestions:
    """Regions for what is said on the dialogue tracks and not marked yet.

    Args:
        scene: The timeline; its pieces of dialogue are listened to.
        there: Regions that are marked already: nothing is suggested over them.
        judge: Measures registers, and hears the words where it has a recogniser.
        registers: Those that may be suggested.
        job: Listening takes its time; it counts seconds of dialogue.

    Raises:
        JobCancelled: Cancelling was asked for.
        RenderError: The recogniser failed.
    """
    found: list[Suggestion] = []
    notes: dict[str, None] = {}
    pieces = [piece for piece in scene.sounds if piece.dialogue and piece.source.path]
    if not pieces:
        notes["no sound track is known to hold dialogue; name one with --dialogue-track"] = None
    before_piece, whole = 0, sum(piece.span.length for piece in pieces)
    for piece in pieces:
        listening = _Listening(job=job, done=before_piece, total=whole, rate=scene.rate)
        before_piece += piece.span.length
        try:
            heard = list(_heard_in(piece, judge, listening))
        except SottovoceError as error:
            notes[f"'{piece.clip}' could not be listened to: {error}"] = None
            continue
        normal = _normal_voice(heard, judge)
        for each in heard:
            before = [suggested.region for suggested in found]
            if any(region.span.overlaps(each.span) for region in there) or _is_heard_again(each.span, before):
                continue
            if judge.recogniser is not None:
                listening.at("hearing the words", sample_at(each.span.start - piece.span.start, scene.rate))
            suggested = _suggested(each, piece, scene, normal, judge, registers, job)
            if suggested is not None and not _speaks(suggested.region, before):
                found.append(_with_free_id(suggested, [*there, *before]))
    return Suggestions(found=tuple(found), notes=tuple(notes))


def _heard_in(piece: SoundPiece, judge: Judge, listening: _Listening) -> Iterator[_Heard]:
    """The stretches of speech in one piece of the timeline."""
    rate = listening.rate
    first, end = sample_at(piece.span.start, rate), sample_at(piece.span.end, rate)
    offset = round(piece.source.start * SAMPLE_RATE)
    with SoundReader(Path(piece.source.path)) as reader:

        def read(span: Span) -> NDArray[np.float32]:
            listening.at("looking for speech", span.start)
            return reader.read(span.shifted(offset))

        for stretch in speech_stretches(read, end - first):
            listening.at("listening", stretch.start)
            room = stretch.grown(_BESIDE, _BESIDE).common(Span(0, end - first)) or stretch
            place = room.shifted(offset)
            sound = reader.read(place)
            voicing = voicing_of(sound, judge.register_thresholds)
            frames = _frames_around(room.shifted(first), rate).common(piece.span)
            if frames is not None:
                loudness = speech_loudness_lufs(sound, voicing)
                yield _Heard(span=frames, place=place, voicing=voicing, loudness_lufs=loudness)


def _is_heard_again(span: Span, regions: Iterable[Region]) -> bool:
    """Whether another track has the same speech: a boom hears what a clip-on microphone does."""
    shared = ((span.common(region.span), region.span) for region in regions)
    return any(both is not None and 2 * both.length > min(span.length, other.length) for both, other in shared)


def _speaks(region: Region, regions: Iterable[Region]) -> bool:
    """Whether its voice says something else at that time."""
    return any(region.voice == other.voice and region.span.overlaps(other.span) for other in regions)


def _frames_around(samples: Span, rate: Fraction) -> Span:
    """The frames that hold all of a span of samples."""
    start = samples.start * rate // SAMPLE_RATE
    return Span(int(start), int(-(-samples.end * rate // SAMPLE_RATE)))


def _normal_voice(heard: Iterable[_Heard], judge: Judge) -> NormalVoice | None:
    """How the voice of a piece speaks mostly, where enough of it is heard; its levels are of one recording."""
    pairs = [(each.voicing, each.loudness_lufs) for each in heard]
    levels = [level for _, level in pairs if level is not None]
    normal = normal_voice_from([voicing for voicing, _ in pairs], judge.register_thresholds, levels)
    return normal if normal is not None and normal.takes >= _NORMAL_FROM else None


def _suggested(
    heard: _Heard,
    piece: SoundPiece,
    scene: Scene,
    normal: NormalVoice | None,
    judge: Judge,
    registers: RegisterTable,
    job: Job,
) -> Suggestion | None:
    """None where nobody speaks."""
    anybody = Voice(name="", gender=Gender.WOMAN)
    asked = registers.get("normal" if "normal" in registers.names else registers.names[0])
    thresholds = judge.register_thresholds
    level = heard.loudness_lufs if normal is not None else None
    finding = judged_voicing(heard.voicing, None, asked, anybody, normal, thresholds, loudness_lufs=level)
    if finding.verdict is Verdict.SILENT:
        return None
    gender = Gender.MAN if finding.f0_hz is not None and finding.f0_hz < _BETWEEN_SEXES_HZ else Gender.WOMAN
    voice = _voice_of(piece, scene.voices, gender)
    speaker = next((known for known in scene.voices if known.name == voice), replace(anybody, gender=gender))
    if normal is None and speaker.gender is not anybody.gender:  # published voices are a woman's or a man's
        finding = judged_voicing(heard.voicing, None, asked, speaker, None, thresholds)
    region = Region(
        id="",
        span=heard.span,
        register=_register_of(finding, registers),
        voice=voice,
        line=_line(heard, piece, judge, job),
    )
    return Suggestion(region=region, gender=speaker.gender, finding=finding)


def _register_of(finding: RegisterFinding, registers: RegisterTable) -> str:
    """What is mostly whispered is suggested as a whisper, all else by its effort."""
    if finding.verdict in (Verdict.WHISPER, Verdict.MIXED):
        name = "whisper"
    else:
        name = "normal" if finding.effort is None else finding.effort.nearest
    return name if name in registers.names else registers.names[0]


def _voice_of(piece: SoundPiece, voices: Sequence[Voice], gender: Gender) -> str:
    """The voice whose name the track or the clip has, else the only one of that gender, else the gender itself."""
    words = f"{piece.track} {piece.clip}".casefold().replace("_", " ").split()
    named = [voice.name for voice in voices if voice.name.casefold() in words]
    alike = [voice.name for voice in voices if voice.gender is gender]
    fitting = named or alike
    return fitting[0] if len(fitting) == 1 else gender.upper()


def _line(heard: _Heard, piece: SoundPiece, judge: Judge, job: Job) -> str:
    """What a recogniser hears, if there is one; read anew, so that a film's speech is not held in memory."""
    if judge.recogniser is None:
        return ""
    with SoundReader(Path(piece.source.path)) as reader:
        sound = reader.read(heard.place)
    text = judge.recogniser.heard(sound, judge.language, job.check).text
    return " ".join(text.split()) if any(character.isalnum() for character in text) else ""


def _with_free_id(suggestion: Suggestion, taken: Iterable[Region]) -> Suggestion:
    """With an id from where it lies: the same sound suggests the same regions."""
    ids = {region.id for region in taken}
    number = suggestion.region.span.start
    while (region_id := f"5e{number:08x}") in ids:
        number += 1
    return replace(suggestion, region=replace(suggestion.region, id=region_id))
