"""Which clips are held out of the training, to measure with: those of a voice that is not learnt from.

Anna  whisper soft      learnt
Ben   whisper soft      learnt
Vera  whisper soft      held out: Anna alone shows how a woman whispers and speaks softly
"""

from collections.abc import Sequence
from dataclasses import replace

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.training.recipe import Validation
from sottovoce_engine.training.values import Clip, Split


def held_out_voices(clips: Sequence[Clip], validation: Validation) -> tuple[tuple[str, ...], str]:
    """The voices that are held out, and why none is.

    Without names in the recipe it is the voice of the fewest clips without which every register is still learnt from
    women and men alike.

    Raises:
        InputError: The recipe names a voice that there is not, or all of them.
    """
    voices = tuple(dict.fromkeys(clip.voice for clip in clips))
    if not validation.hold_out:
        return (), ""
    if validation.voices:
        return _named(voices, validation.voices), ""
    if len(voices) < 2:
        return (), "nothing is held out: there is one voice"
    free = [voice for voice in voices if _kinds(clips, without=voice) == _kinds(clips)]
    if not free:
        return (), "nothing is held out: without any of the voices a register would lack women or men to learn from"
    counts = {voice: sum(clip.voice == voice for clip in clips) for voice in free}
    return (min(free, key=lambda voice: (counts[voice], voice)),), ""


def with_held_out(clips: Sequence[Clip], voices: Sequence[str]) -> tuple[Clip, ...]:
    """The clips, those of `voices` held out."""
    return tuple(replace(clip, split=Split.VALIDATION if clip.voice in voices else Split.TRAIN) for clip in clips)


def _named(voices: Sequence[str], named: Sequence[str]) -> tuple[str, ...]:
    known = {voice.casefold(): voice for voice in voices}
    for name in named:
        if name.casefold() not in known:
            raise InputError(
                f"validation.voices has '{name}' in the recipe, and nobody is called so. {nearest(name, voices)}"
            )
    found = tuple(known[name.casefold()] for name in named)
    if set(found) == set(voices):
        raise InputError("validation.voices holds out every voice in the recipe. Leave one to learn from.")
    return found


def _kinds(clips: Sequence[Clip], without: str | None = None) -> set[tuple[str, str]]:
    """What is learnt: each register of women, and of men."""
    return {(clip.register, str(clip.gender)) for clip in clips if clip.voice != without}
