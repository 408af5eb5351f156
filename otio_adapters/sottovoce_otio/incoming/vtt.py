"""Cues of WebVTT files (`.vtt`): voice spans and classes tell voice and register."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from sottovoce_engine.errors import InputError
from sottovoce_otio.hints import Hints
from sottovoce_otio.incoming.values import Cue, CueFile, Part
from sottovoce_otio.ours import without_bare_tag

_ARROW = re.compile(r"^[^\n]*\d\s*-->", re.MULTILINE)
_TAG = re.compile(r"<(/?)([a-z]+)((?:\.[^\s.<>]+)*)(?:\s+([^<>]*))?>|<[\d:.]+>")
_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpenTag:
    name: str
    manner: str  # its classes that mean a register


def vtt_cues(text: str, what: str, hints: Hints) -> CueFile:
    """The cues of a WebVTT text; classes that mean a register end one part of a cue and begin the next.

    Raises:
        InputError: It is no WebVTT, or has no cue.
    """
    try:
        captions = webvtt.from_string(text).captions
    except (MalformedFileError, MalformedCaptionError) as error:
        raise InputError(f"{what} cannot be read as WebVTT: {error}. Its first line must be WEBVTT.") from error
    if not captions:
        raise InputError(f"{what} has no cue: no line such as '00:01.000 --> 00:03.500'. Export it again.")
    unread = len(_ARROW.findall(text)) - len(captions)
    notes = (f"{unread} cues of {what} have times that cannot be read and were left out",) if unread > 0 else ()
    return CueFile(cues=tuple(_cue(caption, hints) for caption in captions), notes=notes)


def _cue(caption: Any, hints: Hints) -> Cue:
    identifier, region_id = without_bare_tag(caption.identifier or "")
    name = identifier.strip()
    return Cue(
        start=Fraction(caption.start_time.in_milliseconds(), _MILLISECONDS),
        end=Fraction(caption.end_time.in_milliseconds(), _MILLISECONDS),
        parts=tuple(_parts(caption.raw_text, hints)),
        name="" if name.isdecimal() or " " in name else name,
        region_id=region_id,
    )


def _parts(raw: str, hints: Hints) -> Iterator[Part]:
    """The runs of text between tags that change voice or register."""
    voice, open_tags, run, last = "", list[_OpenTag](), "", 0
    for tag in _TAG.finditer(raw):
        run += raw[last : tag.start()]
        last = tag.end()
        before = voice, _manner(open_tags)
        voice = _applied(tag, voice, open_tags, hints)
        if (voice, _manner(open_tags)) != before:
            yield Part(text=html.unescape(run), voice=before[0], manner=before[1])
            run = ""
    yield Part(text=html.unescape(run + raw[last:]), voice=voice, manner=_manner(open_tags))


def _applied(tag: re.Match[str], voice: str, open_tags: list[_OpenTag], hints: Hints) -> str:
    """The voice after a tag; `open_tags` is changed to those that are open then."""
    closing, name, classes, rest = tag[1], tag[2], tag[3] or "", tag[4] or ""
    if name is None:  # a karaoke time
        return voice
    if name == "v":
        open_tags.clear()
    elif closing and name in (names := [each.name for each in open_tags]):
        del open_tags[len(names) - 1 - names[::-1].index(name) :]
    if not closing:
        meant = [words for words in classes.replace("_", " ").replace("-", " ").split(".") if _means(words, hints)]
        open_tags.append(_OpenTag(name=name, manner=", ".join(meant)))
    if name != "v":
        return voice
    return "" if closing else html.unescape(rest.strip())


def _manner(open_tags: list[_OpenTag]) -> str:
    return next((tag.manner for tag in reversed(open_tags) if tag.manner), "")


def _means(words: str, hints: Hints) -> bool:
    """Whether a class says how, or who, speaks."""
    direction = hints.direction(words)
    return direction.hint is not None or direction.gender is not None
