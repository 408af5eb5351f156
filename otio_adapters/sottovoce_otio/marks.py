"""The text of a mark: what it says, in every form people and we ourselves write, and how we write it.

    SC12-034 ANNA whisper: the line [SV:1f0c9a42]       ours
    cue      voice register line    id

    whisper: close your eyes                            typed: see `typed_forms`
    Anna (whispering): "close your eyes"
    a dim room, (woman, whispering): "close your eyes", intimate ASMR

    whisper: close your eyes [picture: continue]        in any of these: where the picture comes from

A text is a mark only where it names a register beside a voice, or in a form nothing else has. All other
texts are left alone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Gender, PictureMode, Region, Voice
from sottovoce_otio.hints import hints_for
from sottovoce_otio.ours import REGION_ID
from sottovoce_otio.typed_forms import FORMS
from sottovoce_otio.vocabulary import BRACKETS, Said, SpokenMark, Vocabulary, cleaned, one_line, short
from sottovoce_otio.voice_names import cue_and_name

SEPARATOR = " | "  # between what a person wrote and our mark

_TAG = re.compile(r"\[SV:([^\[\]\s]{0,64})\]", re.IGNORECASE)
_PICTURE = re.compile(r"\[\s*picture\s*[:=]\s*([^\[\]:]{0,32}?)\s*\]", re.IGNORECASE)
_BREAKS_PREFIX = re.compile(r"[\s:()\[\]\"“”|]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkText:
    """What a region's marker says in each of the places hosts keep."""

    name: str
    comment: str  # Kdenlive keeps only this
    note: str  # metadata.Resolve_OTIO.Note: Resolve keeps this and the name


def vocabulary(registers: RegisterTable, voices: Iterable[str] = ()) -> Vocabulary:
    """What marks are read with; `voices` are names that are known to be voices."""
    return Vocabulary(
        hints=hints_for(registers.names), registers=registers, voices=frozenset(name.casefold() for name in voices)
    )


def said_in(text: str, known: Vocabulary) -> Said | None:
    """What `text` says; None where it is no mark of ours.

    Raises:
        InputError: It is surely meant as a mark, but its register, its picture or its id is not known.
    """
    tags = list(_TAG.finditer(text)) if "[" in text else []
    if tags:
        return _tagged(text, tags, known)
    plain, tag = _without_picture(cleaned(text))
    return _with_picture(_first_form(plain, known), tag) if plain else None


def written_mark(region: Region, voice: Voice) -> MarkText:
    """The text of a region's marker.

    Comment and note also say that a voice is a man's, as a woman is assumed where nothing says so, and where the
    picture comes from if that was asked for: metadata may be lost on the way.
    """
    cue, name = plain_cue(region.cue), plain_voice(region.voice)
    line, tag = f"{region.register}: {plain_line(region)}", f"[SV:{region.id}]"
    picture = "" if region.picture is None else f"[picture: {region.picture}]"
    plain = " ".join(part for part in (cue, name, line, tag) if part)
    man = "(man)" if voice.gender is Gender.MAN else ""
    said = " ".join(part for part in (cue, name, man, line, picture, tag) if part)
    return MarkText(name=plain, comment=said, note=said)


def plain_line(region: Region) -> str:
    """The line as a mark can hold it and reading gives it back: in one line, without what divides our mark from others."""
    return one_line(cleaned(region.line)).replace(SEPARATOR, " ¦ ")


def plain_voice(name: str) -> str:
    """A voice's name as a mark can hold it: without what would end it there."""
    return _BREAKS_PREFIX.sub(" ", name).strip()


def plain_cue(cue: str) -> str:
    """A cue as a mark can hold it: one word."""
    return "-".join(cue.split())


def has_mark(text: str) -> bool:
    """Whether a mark of ours stands in `text`."""
    return _TAG.search(text) is not None


def text_with_mark(existing: str, mark: str) -> str:
    """`mark` appended to what was there, in place of an earlier mark of ours.

    temp cut                                  temp cut | ANNA soft: hello [SV:1f0c9a42]
    temp cut | ANNA whisper: hello [SV:…]     temp cut | ANNA soft: hello [SV:1f0c9a42]
    """
    kept = existing
    tag = _TAG.search(existing)
    if tag is not None:
        before, _, _ = existing[: tag.start()].rpartition(SEPARATOR)
        kept = before + existing[tag.end() :]
    kept = kept.strip()
    return f"{kept}{SEPARATOR}{mark}" if kept else mark


def _tagged(text: str, tags: Sequence[re.Match[str]], known: Vocabulary) -> Said | None:
    """Our own form, or whatever a person made of it: the tag says that it is ours.

    Of two marks in one text, as a host that has one field makes of name and comment, the last is read.
    """
    tag, after = tags[-1], tags[-2].end() if len(tags) > 1 else 0
    region_id = tag[1].lower()
    if not REGION_ID.match(region_id):
        raise InputError(
            f"The mark '{short(text)}' has the tag '{tag[0]}'. A tag holds 8 to 32 hex digits; remove it, and the "
            "region gets an id of its own."
        )
    own, picture = _without_picture(cleaned(text[after : tag.start()].rpartition(SEPARATOR)[2]).lstrip(": "))
    said = _in_our_form(own, known) or _first_form(own, known)
    if not isinstance(said, SpokenMark):
        prefix = BRACKETS.sub(" ", own.partition(":")[0]).split()
        raise known.unknown_register(text, prefix[-1] if prefix else "")
    return _with_picture(replace(said, id=region_id), picture)


def _without_picture(text: str) -> tuple[str, re.Match[str] | None]:
    """The text without the last tag that says where its picture comes from, and that tag."""
    tags = list(_PICTURE.finditer(text)) if "[" in text else []
    if not tags:
        return text, None
    return f"{text[: tags[-1].start()].rstrip()}{text[tags[-1].end() :]}".strip(), tags[-1]


def _with_picture(said: Said | None, tag: re.Match[str] | None) -> Said | None:
    """A spoken mark with what the tag says; the tag alone makes no mark."""
    if tag is None or not isinstance(said, SpokenMark):
        return said
    mode = tag[1].lower()
    known = [str(each) for each in PictureMode]
    if mode not in known:
        raise InputError(f"The mark '{short(said.line)}' has the tag '{tag[0]}'. {nearest(mode, known)}")
    return replace(said, picture=PictureMode(mode))


def _in_our_form(text: str, known: Vocabulary) -> SpokenMark | None:
    """`[cue] voice [(man)] register: line`, whatever the voice is called."""
    prefix, colon, line = text.partition(":")
    words = BRACKETS.sub(" ", prefix).split()
    if not colon or not words or words[-1].lower() not in known.registers.names:
        return None
    cue, name = cue_and_name(words[:-1], known.voices)
    gender = known.bracketed(prefix).gender or known.sex(name)
    return SpokenMark(register=words[-1].lower(), line=one_line(line), voice=name, gender=gender, cue=cue)


def _first_form(text: str, known: Vocabulary) -> Said | None:
    for form in FORMS:
        said = form(text, known)
        if said is not None:
            return said
    return None
