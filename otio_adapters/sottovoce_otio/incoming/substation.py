"""Cues of Advanced SubStation Alpha files (`.ass`, `.ssa`): actor, style and effect tell voice and register."""

import re
import warnings
from fractions import Fraction

from pysubs2 import SSAEvent, SSAFile
from pysubs2.exceptions import Pysubs2Error

from sottovoce_engine.errors import InputError
from sottovoce_otio.hints import Hints
from sottovoce_otio.incoming.values import Cue, CueFile, Part
from sottovoce_otio.ours import without_bare_tag

_MILLISECONDS = 1000
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\-]+")


def substation_cues(text: str, what: str, hints: Hints) -> CueFile:
    """The cues of a SubStation text that are spoken.

    Args:
        text: The file's.
        what: Names it for messages.
        hints: Tell styles of songs and signs from those of speech.

    Raises:
        InputError: It has no dialogue, or is damaged.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # of margins and colours, which are nothing to us
            events = SSAFile.from_string(text).events
    except (Pysubs2Error, ValueError, TypeError) as error:
        raise InputError(f"{what} cannot be read as SubStation: {error}. Export it again.") from error
    dialogue = [event for event in events if not event.is_comment]
    if not dialogue:
        raise InputError(f"{what} has no line of dialogue. Is it a SubStation file?")
    spoken = [event for event in dialogue if not (event.is_drawing or _is_unspoken(event.style, hints))]
    unspoken = len(dialogue) - len(spoken)
    notes = (f"{unspoken} events of {what} are drawings, signs or songs and were left out",) if unspoken else ()
    return CueFile(cues=tuple(_cue(event) for event in spoken), notes=notes)


def _cue(event: SSAEvent) -> Cue:
    effect, region_id = without_bare_tag(event.effect)
    manner = ", ".join(filter(None, (_words(effect), _words(event.style))))
    return Cue(
        start=Fraction(event.start, _MILLISECONDS),
        end=Fraction(event.end, _MILLISECONDS),
        parts=(Part(text=event.plaintext, voice=event.name.strip(), manner=manner),),
        region_id=region_id,
    )


def _is_unspoken(style: str, hints: Hints) -> bool:
    return any(word.lower() in hints.not_spoken for word in _words(style).split())


def _words(name: str) -> str:
    """A name as words: "AnnaWhisper" and "anna_whisper" are two."""
    return " ".join(_CAMEL.sub(" ", name).split())
