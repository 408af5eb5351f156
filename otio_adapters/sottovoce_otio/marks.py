"""The text of a mark: how a region is written so that it survives hosts that keep only text.

SC12-034 ANNA whisper: the line [SV:1f0c9a42]
cue      voice register line    id
"""

import re
from dataclasses import dataclass

from sottovoce_engine.scene import Gender, Region, Voice

SEPARATOR = " | "  # between what a person wrote and our mark

_TAG = re.compile(r"\[SV:([^\[\]\s]{0,64})\]", re.IGNORECASE)
_BREAKS_PREFIX = re.compile(r"[\s:()\[\]\"“”]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkText:
    """What a region's marker says in each of the places hosts keep."""

    name: str
    comment: str  # Kdenlive keeps only this
    note: str  # metadata.Resolve_OTIO.Note: Resolve keeps this and the name


def written_mark(region: Region, voice: Voice) -> MarkText:
    """The text of a region's marker.

    Comment and note also say that a voice is a man's, as a woman is assumed where nothing says so and
    metadata may be lost on the way.
    """
    cue = re.sub(r"\s+", "-", region.cue.strip())
    name = _BREAKS_PREFIX.sub(" ", region.voice).strip()
    end = f"{region.register}: {region.line} [SV:{region.id}]"
    plain = " ".join(part for part in (cue, name, end) if part)
    said = " ".join(part for part in (cue, name, "(man)" if voice.gender is Gender.MAN else "", end) if part)
    return MarkText(name=plain, comment=said, note=said)


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
