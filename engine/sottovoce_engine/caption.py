"""The caption: the prompt, in the form the LoRA was trained on.

    a [look], ([gender], [manner]): "[line]", intimate ASMR

Source: model card of the whisper & soft-spoken LoRA.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from sottovoce_engine.registers import Register
from sottovoce_engine.scene import Region, Voice

# A straight quote would end the line inside the caption; a bracket would read as manner words.
_QUOTES = frozenset('"“”„‟«»‚＂❝❞〝〞〟')
_BRACKET = "\ue000"  # stands for a bracket while commas are set; private characters never come from the text
_BRACKETS = re.compile(rf"[\s,]*{_BRACKET}[\s,{_BRACKET}]*")
_UNUSUAL = re.compile(r"[^\w ,.!?'’…-]")  # all that may have to go: letters and digits never do
_JOINERS = "\u200c\u200d"  # invisible, but Persian, Indic scripts and emoji are spelled with them


def caption_for(region: Region, voice: Voice, register: Register) -> str:
    """The caption that asks for this region."""
    return ", ".join(part for part in (look_with_voice(region, voice), *_spoken(region, voice, register)) if part)


def caption_for_lines(lines: Sequence[tuple[Region, Voice, Register]]) -> str:
    """The caption that asks for several regions one after the other, in one look.

    a [look], a [gender] with a [sound] voice, ([gender], [manner]): "[line]", [suffix], ([gender], ...
    """
    look = spoken_line(lines[0][0].look).strip(" ,.")
    voices = dict.fromkeys(look_with_voice(replace(region, look=""), voice) for region, voice, _ in lines)
    spoken = (part for region, voice, register in lines for part in _spoken(region, voice, register))
    return ", ".join(part for part in (look, *voices, *spoken) if part)


def _spoken(region: Region, voice: Voice, register: Register) -> tuple[str, str]:
    """Who says what and how, and the words after it."""
    manner = register.manner.words_for(voice)
    speaker = f"({voice.gender}, {manner})" if manner else f"({voice.gender})"
    return f'{speaker}: "{spoken_line(region.line)}"', register.suffix


def look_with_voice(region: Region, voice: Voice) -> str:
    """The scene description, which must hold no speech of its own, and how the voice sounds."""
    look, sound = spoken_line(region.look).strip(" ,."), spoken_line(voice.sound).strip(" ,.")
    if look and sound:
        return f"{look}, {sound} voice"
    article = "an" if sound[:1].lower() in tuple("aeiou") else "a"
    return look or (f"a {voice.gender} with {article} {sound} voice" if sound else "")


def spoken_line(text: str) -> str:
    """`text` on one line, without anything that could end or open another part of the caption."""
    marked = _BRACKETS.sub(_comma, _UNUSUAL.sub(_plain, text))
    return " ".join(marked.split())


def _plain(unusual: re.Match[str]) -> str:
    character = unusual[0]
    category = unicodedata.category(character)
    if character.isspace():
        return " "
    if character in _QUOTES:
        return "'"
    if category in ("Ps", "Pe"):
        return _BRACKET
    if category.startswith("C") and character not in _JOINERS:
        return ""
    return character


def _comma(brackets: re.Match[str]) -> str:
    """What takes a bracket's place: a comma between words, nothing at the ends and before a stop."""
    before, after = brackets.string[: brackets.start()], brackets.string[brackets.end() :]
    if not before.strip() or not after.strip() or after[0] in ".!?;:…":
        return ""
    return ", "
