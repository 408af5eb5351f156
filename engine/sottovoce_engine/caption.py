"""The caption: the prompt, in the form the LoRA was trained on.

    a [look], ([gender], [manner]): "[line]", intimate ASMR

Source: model card of the whisper & soft-spoken LoRA.
"""

import re
import unicodedata

from sottovoce_engine.registers import Register
from sottovoce_engine.scene import Region, Voice

# A straight quote would end the line inside the caption; brackets would read as manner words.
_REPLACED = str.maketrans(dict.fromkeys('"“”„«»', "'") | dict.fromkeys("()[]{}", " , "))
_COMMAS = re.compile(r"\s*,[\s,]*")
_COMMA_BEFORE_STOP = re.compile(r",\s*(?=[.!?;:…])")
_CONTROL = ("Cc", "Cf", "Cs", "Co", "Cn")


def caption_for(region: Region, voice: Voice, register: Register) -> str:
    """The caption that asks for this region."""
    manner = register.manner.words_for(voice)
    speaker = f"({voice.gender}, {manner})" if manner else f"({voice.gender})"
    spoken = f'{speaker}: "{spoken_line(region.line)}"'
    return ", ".join(part for part in (look_with_voice(region, voice), spoken, register.suffix) if part)


def look_with_voice(region: Region, voice: Voice) -> str:
    """The scene description, which must hold no speech of its own, and how the voice sounds."""
    look, sound = spoken_line(region.look), spoken_line(voice.sound)
    described = (
        f"{look}, {sound} voice"
        if look and sound
        else look or (f"a {voice.gender} with a {sound} voice" if sound else "")
    )
    return described.strip(" ,.")


def spoken_line(text: str) -> str:
    """`text` on one line, without anything that could end or open another part of the caption."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    visible = "".join(character for character in spaced if unicodedata.category(character) not in _CONTROL)
    replaced = _COMMAS.sub(", ", visible.translate(_REPLACED))
    return " ".join(_COMMA_BEFORE_STOP.sub("", replaced).split()).strip(" ,")
