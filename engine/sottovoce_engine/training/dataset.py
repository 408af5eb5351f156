"""Prepared clips as what is trained on: captioned, measured, and divided into what is learnt and what is held out."""

import hashlib
import json
from collections.abc import Sequence

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.effort import NormalVoice
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Voice
from sottovoce_engine.training.captioning import Captioning, taught_registers
from sottovoce_engine.training.holding_out import held_out_voices, with_held_out
from sottovoce_engine.training.measuring import NORMAL, measured_beside, normal_voice_in
from sottovoce_engine.training.prepared import Prepared, PreparedClip
from sottovoce_engine.training.recipe import ClipForm, Recipe
from sottovoce_engine.training.recordings import LabelledRecording
from sottovoce_engine.training.values import Clip, Dataset, Measured, Origin, Split, ValidationCaption

_MOST_CAPTIONS = 6  # that are rendered where the recipe names no lines


def captioned_clips(
    prepared: Prepared, recipe: Recipe, registers: RegisterTable, thresholds: RegisterThresholds
) -> tuple[Clip, ...]:
    """Every clip, captioned and measured; none is held out yet.

    Raises:
        InputError: There is none; the message says why.
    """
    pairs = [(recording, cut) for recording, found in prepared.recordings for cut in found.clips]
    if not pairs:
        reasons = "; ".join(prepared.left_out[:3])
        raise InputError(f"No clip can be made of these recordings: {reasons}. Mend that, or add others.")
    captioning = captioning_for([recording.register for recording, _ in pairs], recipe, registers)
    normals = _normal_voices(pairs)
    clips: list[Clip] = []
    numbers: dict[str, int] = {}
    for recording, cut in pairs:
        register, voice = registers.get(recording.register), _voice(recording)
        number = numbers[recording.name] = numbers.get(recording.name, 0) + 1
        clips.append(
            _clip(
                cut,
                recording,
                recipe.clips,
                name=recording.name if number == 1 else f"{recording.name}#{number}",
                movie=str(prepared.media.absolute() / cut.media),
                caption=captioning.caption(cut.written or cut.heard, voice, recording.register),
                measured=measured_beside(cut.finding, register, voice, normals.get(recording.voice), thresholds),
            )
        )
    return tuple(clips)


def captioning_for(labels: Sequence[str], recipe: Recipe, registers: RegisterTable) -> Captioning:
    """How recordings with these labels are captioned."""
    return Captioning(registers=registers, taught=taught_registers(labels), trigger=recipe.clips.trigger)


def dataset_of(clips: Sequence[Clip], recipe: Recipe, registers: RegisterTable) -> tuple[Dataset, str]:
    """The clips divided, with what is rendered during the training; and why nothing is held out, where that is so.

    Raises:
        InputError: No clip is left, or the recipe names a voice or a register that there is not.
    """
    if not clips:
        raise InputError("No clip is left to train on. Leave out fewer, or add recordings.")
    voices, note = held_out_voices(clips, recipe.validation)
    divided = with_held_out(clips, voices)
    captioning = captioning_for([clip.register for clip in clips], recipe, registers)
    asked = _asked_by(recipe, captioning) or _of_clips(divided, captioning)
    return Dataset(clips=divided, validation=asked, digest=_digest(divided)), note


def _normal_voices(pairs: Sequence[tuple[LabelledRecording, PreparedClip]]) -> dict[str, NormalVoice]:
    """How each voice speaks normally, as far as recordings labelled `normal` say."""
    found = {}
    for name in {recording.voice for recording, _ in pairs}:
        own = [cut.finding for recording, cut in pairs if recording.voice == name and recording.register == NORMAL]
        normal = normal_voice_in(own)
        if normal is not None:
            found[name] = normal
    return found


def _clip(
    cut: PreparedClip,
    recording: LabelledRecording,
    form: ClipForm,
    *,
    name: str,
    movie: str,
    caption: str,
    measured: Measured,
) -> Clip:
    return Clip(
        name=name,
        movie=movie,
        content=cut.media.partition(".")[0],
        frames=form.frames,
        rate=form.rate,
        raster=form.raster,
        has_picture=cut.has_picture,
        recording=str(recording.path.absolute()),
        span=cut.span,
        speech=cut.speech,
        voice=recording.voice,
        gender=recording.gender,
        register=recording.register,
        transcript=cut.written or cut.heard,
        origin=Origin.WRITTEN if cut.written else Origin.HEARD,
        caption=caption,
        split=Split.TRAIN,
        measured=measured,
    )


def _voice(recording: LabelledRecording) -> Voice:
    return Voice(name=recording.voice, gender=recording.gender)


def _asked_by(recipe: Recipe, captioning: Captioning) -> tuple[ValidationCaption, ...]:
    return tuple(
        ValidationCaption(
            caption=captioning.caption(asked.line, Voice(name="", gender=asked.gender), asked.register, asked.look),
            gender=asked.gender,
            register=asked.register,
            line=asked.line,
        )
        for asked in recipe.validation.lines
    )


def _of_clips(clips: Sequence[Clip], captioning: Captioning) -> tuple[ValidationCaption, ...]:
    """A line for each register that is taught, of a woman and of a man; of clips held out where there are any."""
    found: dict[tuple[str, str], ValidationCaption] = {}
    for clip in sorted(clips, key=lambda clip: clip.split is Split.TRAIN):
        kind = clip.register, str(clip.gender)
        if clip.register in captioning.taught and kind not in found:
            found[kind] = ValidationCaption(
                caption=clip.caption, gender=clip.gender, register=clip.register, line=clip.transcript
            )
    return tuple(found[kind] for kind in sorted(found))[:_MOST_CAPTIONS]


def _digest(clips: Sequence[Clip]) -> str:
    """Of all that determines what is learnt: where a recording lies, and what was measured on it, does not."""
    told = sorted(
        [clip.content, clip.caption, str(clip.split), clip.frames, str(clip.rate), str(clip.raster)] for clip in clips
    )
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:32]
