"""Who speaks on a timeline: every way a voice is named, as one voice each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sottovoce_engine.scene import Gender, Voice
from sottovoce_otio.vocabulary import SpokenMark

_UNNAMED = {Gender.WOMAN: "WOMAN", Gender.MAN: "MAN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """All voices of a scene."""

    voices: tuple[Voice, ...]
    declared: int  # so many of them, the first, were known before the marks were read
    notes: tuple[str, ...] = ()

    def name_for(self, spoken: SpokenMark) -> str:
        """The name of the voice that a mark means.

        A mark that names nobody means the only declared voice (of the gender it says), else a voice that
        is called after its gender.
        """
        if not spoken.voice:
            return _unnamed(spoken, self.voices[: self.declared])
        folded = spoken.voice.casefold()
        return next(voice.name for voice in self.voices if voice.name.casefold() == folded)


def is_nobody(name: str) -> bool:
    """Whether a voice stands for whoever was not named: WOMAN, MAN, SPEAKER 2."""
    return name in _UNNAMED.values() or re.fullmatch(r"SPEAKER \d+", name) is not None


def cast_of(spoken: Iterable[SpokenMark], declared: Iterable[Voice]) -> Cast:
    """The cast of a timeline.

    Args:
        spoken: What the marks say, in order.
        declared: Voices the person or the timeline's own metadata told of, the more important first.
    """
    voices: dict[str, Voice] = {}
    for voice in declared:
        voices.setdefault(voice.name.casefold(), voice)
    known = tuple(voices.values())
    said: dict[str, list[Gender]] = {}
    names: dict[str, str] = {}
    unnamed = 0
    for mark in spoken:
        name = mark.voice or _unnamed(mark, known)
        unnamed += not mark.voice and mark.gender is None and name == _UNNAMED[Gender.WOMAN]
        names.setdefault(name.casefold(), name)
        genders = said.setdefault(name.casefold(), [])
        if mark.gender is not None:
            genders.append(mark.gender)
    notes = [f"{'one mark says' if unnamed == 1 else f'{unnamed} marks say'} {_UNNAMED_NOTE}"] if unnamed else []
    for folded, name in names.items():
        genders = said[folded]
        if folded not in voices:
            voices[folded] = Voice(name=name, gender=genders[0] if genders else Gender.WOMAN)
            if not genders and name != _UNNAMED[Gender.WOMAN]:
                notes.append(
                    f"voice {name}: woman assumed; write '{name} (man) …' into one of the marks if that is wrong"
                )
        other = next((gender for gender in genders if gender is not voices[folded].gender), None)
        if other is not None:
            notes.append(f"voice {name}: a {voices[folded].gender}, though a mark says {other}")
    return Cast(voices=tuple(voices.values()), declared=len(known), notes=tuple(notes))


_UNNAMED_NOTE = (
    "neither who speaks nor whether it is a man: voice WOMAN assumed; write 'ANNA whisper: …' or '(man, whispering): …'"
)


def _unnamed(mark: SpokenMark, declared: tuple[Voice, ...]) -> str:
    fitting = [voice for voice in declared if mark.gender in (None, voice.gender)]
    if len(fitting) == 1:
        return fitting[0].name
    return _UNNAMED[mark.gender or Gender.WOMAN]
