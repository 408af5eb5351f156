"""What one marker says: its name, its comment, hosts' notes and our own metadata, put together.

The metadata hold a region in full; the texts hold what a person sees and edits, and survive hosts that
drop metadata. So a text that still says what we wrote says nothing new, one that says something else is an
edit, and one without its tag is a region of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sottovoce_engine.scene import Region
from sottovoce_engine.timing import Span
from sottovoce_otio.layout import Plain
from sottovoce_otio.marks import plain_cue, plain_line, plain_voice, said_in
from sottovoce_otio.ours import KEY, own_entry, region_from_metadata
from sottovoce_otio.vocabulary import DoubtfulText, Said, SpokenMark, ToneText, Vocabulary, cleaned, one_line, short

NOTE_KEYS = ("Note", "note", "Comment", "comment")  # Resolve_OTIO.Note; the FCP7 adapter's comment
_NO_SPAN = Span(0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidMark:
    """What a marker says about a region."""

    spoken: SpokenMark  # its id is "" where the region has none yet
    region: Region | None = None  # as our metadata have it, over no span yet
    notes: tuple[str, ...] = ()


def said_by(marker: Plain, known: Vocabulary) -> SaidMark | ToneText | DoubtfulText | None:
    """What a marker says, over all places that it can say it in; None where it is no mark of ours.

    Raises:
        InputError: It is surely meant as a mark, but cannot be understood.
    """
    texts = list(dict.fromkeys(_texts(marker)))
    found = [said_in(text, known) for text in texts]
    spoken = [each for each in found if isinstance(each, SpokenMark)]
    what = f"The marker '{short(marker.get('name') or '')}'"
    own = own_entry(marker.get("metadata") or {}, what)
    region = None if own is None else region_from_metadata(own, _NO_SPAN, what)
    if region is not None:
        known.registers.get(region.register)
        return _edited(region, spoken)
    if spoken:
        return _together(spoken, texts, found)
    return next((each for each in found if isinstance(each, ToneText | DoubtfulText)), None)


def _texts(marker: Plain) -> Iterator[str]:
    """The texts of a marker that a person can have written into, the most visible first."""
    yield from (text for text in (marker.get("name"), marker.get("comment")) if text)
    for host, noted in (marker.get("metadata") or {}).items():
        if host != KEY and isinstance(noted, Mapping):
            yield from (text for key in NOTE_KEYS if isinstance(text := noted.get(key), str) and text)


def _edited(region: Region, spoken: list[SpokenMark]) -> SaidMark:
    """Our region, with what a person changed in one of its texts."""
    tagged = [each for each in spoken if each.id]
    current = SpokenMark(
        register=region.register,
        line=region.line,
        voice=region.voice,
        gender=next((each.gender for each in tagged if each.gender), None),
        look=region.look,
        cue=region.cue,
        id=region.id,
    )
    edit = next((each for each in tagged or spoken if _differs(each, region)), None)
    if edit is not None:
        unchanged_voice = not edit.voice or edit.voice.casefold() == plain_voice(region.voice).casefold()
        current = replace(edit, voice=region.voice if unchanged_voice else edit.voice, look=edit.look or region.look)
    region_id = tagged[0].id if tagged else "" if spoken else region.id
    return SaidMark(spoken=replace(current, id=region_id), region=region)


def _differs(said: SpokenMark, region: Region) -> bool:
    same_voice = not said.voice or said.voice.casefold() == plain_voice(region.voice).casefold()
    written = (region.register, plain_line(region), plain_cue(region.cue))
    same_picture = said.picture in (None, region.picture)
    return not same_voice or not same_picture or (said.register, said.line, said.cue) != written


def _together(spoken: list[SpokenMark], texts: list[str], found: list[Said | None]) -> SaidMark:
    """The texts of a marker without metadata of ours; a tagged one counts before others."""
    first, *others = sorted(spoken, key=lambda each: not each.id)
    notes = []
    for other in others:
        if (other.register, other.line, other.voice.casefold()) == (first.register, first.line, first.voice.casefold()):
            first = replace(
                first,
                gender=first.gender or other.gender,
                look=first.look or other.look,
                cue=first.cue or other.cue,
                picture=first.picture or other.picture,
            )
        elif other.id == first.id:
            if (
                other.voice.casefold() == first.voice.casefold()
            ):  # a host shows one text: what only the others say holds
                first = replace(first, gender=first.gender or other.gender, picture=first.picture or other.picture)
            notes.append(
                f"a marker says both '{short(first.line)}' ({first.register}) and '{short(other.line)}' ({other.register}); the "
                "first is used"
            )
    if not first.line:
        elsewhere = [cleaned(text) for text, said in zip(texts, found, strict=True) if said is None]
        first = replace(first, line=one_line(elsewhere[0]) if elsewhere else "")
    return SaidMark(spoken=first, notes=tuple(notes))
