"""Every form in which a person types a mark, one function each; `FORMS` is the order they are tried in.

A function answers None where the text is not of its form. Where a text is surely meant as a mark but its
register is not known, or one slip of the finger away from one, it raises.
"""

import re
from collections.abc import Callable

from sottovoce_engine.scene import Gender
from sottovoce_otio.hints import Direction, HintKind
from sottovoce_otio.misspelling import meant_register, misspelt_register
from sottovoce_otio.vocabulary import (
    BRACKETS,
    DoubtfulText,
    Said,
    SpokenMark,
    ToneText,
    Vocabulary,
    is_quoted,
    joined,
    one_line,
    short,
    spoken,
)
from sottovoce_otio.voice_names import is_shouted_name, voice_name

_BARE_BRACKET = re.compile(r"^[(\[]\s*([^()\[\]]*?)\s*[)\]]")
_SPEAKER = re.compile(r"[(\[]([^()\[\]]{1,200})[)\]]\s*[:：]\s*(?=\S)")
_SCREENPLAY = re.compile(r"^([^\n:()\[\]]{1,60}?)\s*\(([^()]{1,200})\)\s*(?:\n\s*|(?=[\"“„«]))(?=\S)")
_QUOTED = re.compile(r"^([^\n:()\[\]\"“”„«»]{1,60})([\"“„«].+[\"“”»])$", re.DOTALL)
_MAX_PREFIX = 120


def tone_form(text: str, known: Vocabulary) -> ToneText | None:
    """`room tone: kitchen`, `[room tone]`."""
    bare = _BARE_BRACKET.sub(r"\1", text)
    lowered = bare.lower()
    for tone in known.hints.tones:
        rest = bare[len(tone) :].lstrip()
        if lowered.startswith(tone) and (not rest or rest[0] in ":-–—"):
            return ToneText(location=one_line(rest.lstrip(":-–— ")))
    return None


def speaker_form(text: str, known: Vocabulary) -> Said | None:
    """`Anna (whispering): …`, `(man, speaking softly): …`, and the LoRA card's `a look, (woman, …): "…", …`."""
    found = _SPEAKER.search(text)
    if found is None:
        return None
    before, rest = text[: found.start()].strip(), text[found.end() :]
    direction = joined(known.hints.direction(found[1]), known.bracketed(before))
    cue, name = voice_name(BRACKETS.sub(" ", before), known.hints, known.voices)
    if name or not before:
        return _by_bracket(text, cue, name, direction, rest, known)
    if direction.names_gender and is_quoted(rest):
        return _card_form(text, before, direction, rest, known)
    return None


def screenplay_form(text: str, known: Vocabulary) -> SpokenMark | None:
    """A name, a bracket, and the line in quotes or on the next line."""
    found = _SCREENPLAY.match(text)
    if found is None:
        return None
    cue, name = voice_name(found[1], known.hints, known.voices)
    direction = known.hints.direction(found[2])
    if not name or direction.hint is None:
        return None
    gender = direction.gender or known.sex(name)
    return spoken(direction.hint, known.line(text[found.end() :]), name, gender, cue)


def quoted_form(text: str, known: Vocabulary) -> SpokenMark | None:
    """`Anna whispers "…"`: a voice and what it does, then the line in quotes."""
    found = _QUOTED.match(text)
    words = found[1].strip(" ,-–—").split() if found else []
    if found is None or not words or words[-1].lower() in known.hints.adjectives:
        return None
    said = voice_and_register(words, Direction(), found[2], known)
    return said if isinstance(said, SpokenMark) else None


def bracket_form(text: str, known: Vocabulary) -> Said | None:
    """`[softly] …`, `(under her breath) …`, `(whispering) ANNA: …`."""
    opening = known.opening(text)
    if opening is None or opening[0].hint is None or not opening[1] or opening[1].startswith(":"):
        return None
    direction, rest = opening
    hint = opening[0].hint
    if hint.kind in (HintKind.QUALITY, HintKind.SPEAKING) and not direction.names_gender:
        return None
    head, colon, line = rest.partition(":")
    cue, name = voice_name(head, known.hints, known.voices) if colon else ("", "")
    if name and (is_shouted_name(name) or known.knows(name)):
        return spoken(hint, known.line(line), name, direction.gender or known.sex(name), cue)
    if hint.kind is HintKind.NAME and hint.register in known.hints.adjectives and not direction.names_gender:
        return DoubtfulText(
            reason=f"the marker '{short(text)}' was left alone; '{hint.register}: …' would have it spoken"
        )
    return spoken(hint, known.line(rest), "", direction.gender, "")


def prefix_form(text: str, known: Vocabulary) -> Said | None:
    """`whisper: …`, `SC12-034 ANNA whisper: …`, `Anna, speaking softly: …`, `ANNA: (whispering) …`."""
    prefix, colon, rest = text.replace("：", ":", 1).partition(":")
    if not colon or not prefix.strip() or len(prefix) > _MAX_PREFIX or "\n" in prefix.strip():
        return None
    direction = known.bracketed(prefix)
    words = BRACKETS.sub(" ", prefix).strip(" ,-–—*•").split()
    said = voice_and_register(words, direction, rest, known)
    if said is not None:
        return said
    _refuse_misspelt(text, words, rest, known)
    cue, name = voice_name(" ".join(words), known.hints, known.voices)
    return _named_only(cue, name, direction, rest, known) if name else None


FORMS: tuple[Callable[[str, Vocabulary], Said | None], ...] = (
    tone_form,
    speaker_form,
    screenplay_form,
    quoted_form,
    bracket_form,
    prefix_form,
)


def _by_bracket(text: str, cue: str, name: str, direction: Direction, rest: str, known: Vocabulary) -> Said | None:
    """A bracket directly before the colon, after a voice's name or after nothing."""
    gender = direction.gender or known.sex(name)
    hint = direction.hint
    if hint is None and direction.names_gender and is_quoted(rest):
        return _card_form(text, "", direction, rest, known, name=name, cue=cue)
    if hint is None:
        return _without_hint(text, cue, name, direction, rest, known)
    if not name and not direction.names_gender and hint.kind in (HintKind.QUALITY, HintKind.SPEAKING):
        return None
    return spoken(hint, known.line(rest, caption=True), name, gender, cue)


def _without_hint(text: str, cue: str, name: str, direction: Direction, rest: str, known: Vocabulary) -> Said | None:
    """A voice with an extension or an unknown manner: `BEN (V.O.): (softly) …`."""
    slip = misspelt_register(", ".join(direction.unknown), known.hints)
    if slip and (name or direction.names_gender):
        raise known.unknown_register(text, slip)
    said = _named_only(cue, name, direction, rest, known) if name else None
    if isinstance(said, SpokenMark) or not name or not direction.extension:
        return said
    if is_shouted_name(name) or known.knows(name) or is_quoted(rest):
        gender = direction.gender or known.sex(name)
        return SpokenMark(register="normal", line=known.line(rest), voice=name, gender=gender, cue=cue)
    return said


def _card_form(
    text: str, look: str, direction: Direction, rest: str, known: Vocabulary, *, name: str = "", cue: str = ""
) -> SpokenMark:
    """`a [look], (woman, whispering): "…", intimate ASMR`. No manner words: the LoRA's own quieter."""
    if direction.unknown and direction.hint is None:
        raise known.unknown_register(
            text, misspelt_register(", ".join(direction.unknown), known.hints) or direction.unknown[0]
        )
    head, colon, described = look.partition(":")
    if colon and not name:
        cue, name = voice_name(head, known.hints, known.voices)
        look = described if name else look
    return SpokenMark(
        register=direction.hint.register if direction.hint else "quieter",
        line=known.line(rest, caption=True),
        voice=name,
        gender=direction.gender,
        look=one_line(look).strip(" ,"),
        cue=cue,
    )


def voice_and_register(words: list[str], direction: Direction, rest: str, known: Vocabulary) -> Said | None:
    """The shortest voice before a whole hint: "ANNA" + "speaking softly"."""
    if words and known.hints.stands_alone(" ".join(words)):
        hint = known.hints.meaning(" ".join(words))
        return spoken(hint, known.line(rest), "", direction.gender, "") if hint else None
    for count in range(1, len(words)):
        hint = known.hints.meaning(" ".join(words[count:]))
        if hint is None or hint.kind is HintKind.SPEAKING:
            continue
        head = " ".join(words[:count])
        cue, name = voice_name(head, known.hints, known.voices)
        if name and (hint.kind is not HintKind.QUALITY or known.knows(name)):
            return spoken(hint, known.line(rest), name, direction.gender or known.sex(name), cue)
        gender = known.hints.gender_alone(head)
        if gender is not None and hint.kind is not HintKind.QUALITY:
            return spoken(hint, known.line(rest), "", gender, "")
        if _may_be_lower_case_name(head, hint.kind, known) and rest.strip():
            return DoubtfulText(
                reason=f"the marker '{short(' '.join(words) + ': ' + rest)}' was left alone: '{head}' is no voice known "
                f"here; write '{head.capitalize()}' if it is one"
            )
    return None


def _may_be_lower_case_name(head: str, kind: HintKind, known: Vocabulary) -> bool:
    return (
        kind in (HintKind.NAME, HintKind.VERB)
        and head.isalpha()
        and head.islower()
        and head not in known.hints.not_voices
    )


def _named_only(cue: str, name: str, direction: Direction, rest: str, known: Vocabulary) -> Said | None:
    """`ANNA: (whispering) …`, `Anna: "…"`; a known voice with neither is doubtful."""
    familiar = known.knows(name)
    gender: Gender | None = direction.gender or known.sex(name)
    opening = known.opening(rest)
    if opening is not None and opening[0].hint is not None:
        hint = opening[0].hint
        if familiar or hint.kind is not HintKind.QUALITY:
            return spoken(hint, known.line(opening[1]), name, gender or opening[0].gender, cue)
    if familiar and is_quoted(rest):
        return SpokenMark(register="normal", line=known.line(rest), voice=name, gender=gender, cue=cue)
    if familiar and rest.strip():
        return DoubtfulText(
            reason=f"the marker '{short(name + ': ' + rest)}' names a voice but no register and was left alone; "
            f"'{name} normal: …' would have it spoken"
        )
    return None


def _refuse_misspelt(text: str, words: list[str], rest: str, known: Vocabulary) -> None:
    """A register with a slip of the finger, alone or after a voice's name, before a line."""
    if not words or not rest.strip():
        return
    _, name = voice_name(" ".join(words[:-1]), known.hints, known.voices)
    if (len(words) == 1 or name) and meant_register(words[-1], known.hints):
        raise known.unknown_register(text, words[-1])
