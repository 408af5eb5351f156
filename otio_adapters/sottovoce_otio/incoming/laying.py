"""A screenplay laid onto regions that have times, by matching what is said.

script    ANNA (softly)  close the door        BEN  it was late very late
                  |    |     |    |                 |   |    |
regions      |"Close the door."|            |"It was late."|   |"Very late."|

All words of the script are aligned with all words of the regions, in order, so that a line that stands in
the script twice is found where it belongs, and a speech may be cut into several cues.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from sottovoce_engine.scene import Region
from sottovoce_otio.cast import is_nobody
from sottovoce_otio.incoming.screenplay import ScriptLine

LEAST_SCORE = 60.0  # of 100: below, a cue says something else

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WITHOUT_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A region, and the line of the script that it says."""

    region: Region
    line: int | None  # index in the script; None: none was found
    score: float  # 0 to 100: how alike the words are


@dataclass(frozen=True, slots=True, kw_only=True)
class Laying:
    """A whole screenplay laid onto regions."""

    laid: tuple[Laid, ...]  # one for each region, in order
    unspoken: tuple[int, ...]  # indices of lines that no region says


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    owner: int  # index of the region or the line


def laying_of(regions: Sequence[Region], lines: Sequence[ScriptLine]) -> Laying:
    """Which line of a script each region says.

    Args:
        regions: In order of time.
        lines: In the order of the script.
    """
    said = [_words(region.line) for region in regions]
    written = [_Word(word, index) for index, line in enumerate(lines) for word in _words(line.said.line)]
    partners = _partners([word for words in said for word in words], [word.text for word in written])
    laid, first = [], 0
    for region, words in zip(regions, said, strict=True):
        found = {at: partners[first + at] for at in range(len(words)) if first + at in partners}
        laid.append(_laid(region, words, found, written))
        first += len(words)
    spoken = {each.line for each in laid}
    return Laying(laid=tuple(laid), unspoken=tuple(index for index in range(len(lines)) if index not in spoken))


def relabelled(laid: Laid, lines: Sequence[ScriptLine]) -> Region:
    """A region with voice and register as the script has them, as far as the timeline does not name its own."""
    region = laid.region
    if laid.line is None:
        return region
    said = lines[laid.line].said
    voice = said.voice if said.voice and is_nobody(region.voice) else region.voice
    same = voice.casefold() == said.voice.casefold()
    register = said.register if same and region.register == "normal" else region.register
    return replace(region, voice=voice, register=register)


def _partners(spoken: Sequence[str], written: Sequence[str]) -> dict[int, int]:
    """The index of the written word that each spoken one is, for those that are alike and in order."""
    return {
        source: source - change.src_start + change.dest_start
        for change in LCSseq.opcodes(spoken, written)
        if change.tag == "equal"
        for source in range(change.src_start, change.src_end)
    }


def _laid(region: Region, words: Sequence[str], found: Mapping[int, int], written: Sequence[_Word]) -> Laid:
    """The line that most of a region's words stand in, where what it says there is alike.

    Args:
        region: Spoken.
        words: Its own.
        found: By position among `words`, the index of the written word.
        written: All words of the script.
    """
    if not found:
        return Laid(region=region, line=None, score=0.0)
    line = Counter(written[index].owner for index in found.values()).most_common(1)[0][0]
    inside = [(at, index) for at, index in found.items() if written[index].owner == line]
    start, end = inside[0][1] - inside[0][0], inside[-1][1] + len(words) - inside[-1][0]
    stretch = [word.text for word in written[max(0, start) : end] if word.owner == line]
    score = fuzz.ratio(" ".join(words), " ".join(stretch))
    return Laid(region=region, line=line if score >= LEAST_SCORE else None, score=score)


def _words(line: str) -> list[str]:
    """A line's words without case, accents and apostrophes; each character of a script without spaces is one."""
    plain = unicodedata.normalize("NFKD", line.casefold())
    plain = (
        "".join(character for character in plain if not unicodedata.combining(character))
        .replace("'", "")
        .replace("’", "")
    )
    spaced = _WITHOUT_SPACES.sub(lambda found: f" {found[0]} ", plain)
    return _WORD.findall(spaced)
