"""Whether a take's words lie where they should: inside the region, and with the lips where there are any.

region          |################|
words              |close your eyes|        overruns by 3 frames
slipped -3      |close your eyes|           offered where the handles allow it; no word is ever cut

guide           |close| |your|  |eyes|      the production sound's own words
take              |close| |your|  |eyes|    2 frames late: slip -2
"""

import difflib
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingThresholds:
    """[timing] of thresholds.toml."""

    good_sync_frames: float
    bad_sync_frames: float
    guide_share: float
    overrun_fails_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WordSync:
    """A word of the take against the same word of the guide."""

    text: str
    late_frames: float  # below 0: early


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingFinding:
    """Where the words lie. `passes` holds for the take with the slip that is offered."""

    slip_frames: int  # offered: the take moves so far within its handles; below 0 is earlier. 0: stay
    early_samples: int  # of speech before the region as the take lies, unslipped
    late_samples: int  # of speech after it
    overrun_frames: int  # of speech outside the region even then, begun ones counted
    sync: tuple[WordSync, ...]  # as the take lies, unslipped; empty where there is no guide
    worst_sync_frames: float | None  # the word furthest off, after the slip; None: not checked
    passes: bool | None  # None: not checked
    why: tuple[str, ...]


def judged_timing(
    words: Sequence[SpokenWord],
    region: Span,
    length_samples: int,
    *,
    guide: Sequence[SpokenWord] | None,
    rate: Fraction,
    thresholds: TimingThresholds,
    estimated: bool = False,
) -> TimingFinding:
    """How the words lie in their region and against the line they replace.

    Args:
        words: Of the take, in order, in samples from its first.
        region: Where it lies in the take, in samples from the take's first; what is beyond it are the handles.
        length_samples: Of the take.
        guide: The words of the production sound, in samples from the take's first; None where there is none.
        rate: Frames a second of the scene.
        thresholds: [timing].
        estimated: Whether the take's words are a guess by length: too rough for lips.
    """
    if not words:
        return _unchecked("timing not checked: no word of the take is known")
    speech = Span(min(word.span.start for word in words), max(word.span.end for word in words))
    slips = _slips(region, length_samples, rate)
    sync, unsynced = _sync(words, guide, rate, thresholds, estimated)
    slip = _sync_slip(sync, slips, thresholds) if sync else _edge_slip(speech, region, slips, rate)
    overrun = _begun_frames(_outside(speech, region, slip, rate), rate)
    worst = _worst(sync, slip) if sync else None
    return TimingFinding(
        slip_frames=slip,
        early_samples=max(0, region.start - speech.start),
        late_samples=max(0, speech.end - region.end),
        overrun_frames=overrun,
        sync=sync,
        worst_sync_frames=worst,
        passes=overrun <= thresholds.overrun_fails_s * rate and (worst is None or worst <= thresholds.bad_sync_frames),
        why=(
            *_edge_words(speech, region, slip, overrun, rate),
            *(_sync_words(sync, slip, thresholds) if sync else (unsynced,)),
        ),
    )


def _unchecked(why: str) -> TimingFinding:
    return TimingFinding(
        slip_frames=0,
        early_samples=0,
        late_samples=0,
        overrun_frames=0,
        sync=(),
        worst_sync_frames=None,
        passes=None,
        why=(why,),
    )


# Against the region's edges


def _slips(region: Span, length_samples: int, rate: Fraction) -> range:
    """The slips after which the take still covers the region; none but 0 where it does not cover it as it is."""
    before, after = region.start, length_samples - region.end
    if before < 0 or after < 0:
        return range(1)
    # Positions of whole frames are rounded to samples: a frame less one sample is a frame.
    earliest, latest = ((samples + 1) * rate / SAMPLE_RATE for samples in (after, before))
    return range(-math.floor(earliest), math.floor(latest) + 1)


def _edge_slip(speech: Span, region: Span, slips: range, rate: Fraction) -> int:
    """The smallest slip that leaves the least speech outside."""
    per_frame = Fraction(SAMPLE_RATE) / rate
    wanted = ((region.start - speech.start) / per_frame, (region.end - speech.end) / per_frame)
    near = {0, *(math.floor(frames) + step for frames in wanted for step in (-1, 0, 1, 2))}
    held = {min(max(slip, slips.start), slips.stop - 1) for slip in near}
    return min(held, key=lambda slip: (_outside(speech, region, slip, rate), abs(slip), slip))


def _outside(speech: Span, region: Span, slip: int, rate: Fraction) -> int:
    """Samples of speech outside the region after the slip."""
    moved = speech.shifted(sample_at(slip, rate))
    return max(0, region.start - moved.start) + max(0, moved.end - region.end)


def _begun_frames(samples: int, rate: Fraction) -> int:
    return math.ceil(samples * rate / SAMPLE_RATE)


def _edge_words(speech: Span, region: Span, slip: int, overrun: int, rate: Fraction) -> tuple[str, ...]:
    said = []
    sides = (("begin", "before", region.start - speech.start), ("end", "after", speech.end - region.end))
    for what, side, samples in sides:
        if samples > 0:
            said.append(f"the words {what} {_frames(_begun_frames(samples, rate))} {side} the region")
    if said and slip and not overrun:
        said.append(f"slip {slip:+d} brings them inside")
    if overrun:
        after = f" even with the slip {slip:+d}" if slip else ""
        said.append(f"overruns by {_frames(overrun)}{after}: every word is kept")
    return tuple(said)


# Against the guide


def _sync(
    words: Sequence[SpokenWord],
    guide: Sequence[SpokenWord] | None,
    rate: Fraction,
    thresholds: TimingThresholds,
    estimated: bool,
) -> tuple[tuple[WordSync, ...], str]:
    """The words that both say, and how late each begins; or none, and why."""
    if guide is None:
        return (), "sync not checked: no guide"
    if estimated:
        return (), "sync not checked: the take's word times are estimated"
    said, wanted = ([_plain(word.text) for word in line] for line in (words, guide))
    matcher = difflib.SequenceMatcher(None, said, wanted, autojunk=False)
    pairs = [(block.a + k, block.b + k) for block in matcher.get_matching_blocks() for k in range(block.size)]
    if not pairs or len(pairs) < thresholds.guide_share * max(len(said), len(wanted)):
        return (), "sync not checked: the guide says other words"
    frames = float(rate) / SAMPLE_RATE
    return tuple(
        WordSync(text=words[a].text, late_frames=(words[a].span.start - guide[b].span.start) * frames) for a, b in pairs
    ), ""


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _sync_slip(sync: tuple[WordSync, ...], slips: range, thresholds: TimingThresholds) -> int:
    """The slip that brings the words nearest, if they do not lie well as they are."""
    if _worst(sync, 0) <= thresholds.good_sync_frames:
        return 0
    middle = -round(statistics.median(word.late_frames for word in sync))
    near = {0, *(min(max(middle + step, slips.start), slips.stop - 1) for step in (-1, 0, 1))}
    return min(near, key=lambda slip: (round(_worst(sync, slip), 6), abs(slip), slip))


def _worst(sync: tuple[WordSync, ...], slip: int) -> float:
    return max(abs(word.late_frames + slip) for word in sync)


def _sync_words(sync: tuple[WordSync, ...], slip: int, thresholds: TimingThresholds) -> tuple[str, ...]:
    said = []
    if slip:
        late = "late" if slip < 0 else "early"
        said.append(f"{_frames(abs(slip))} {late}: slip {slip:+d}")
    worst = _worst(sync, slip)
    if worst <= thresholds.good_sync_frames:
        said.append(f"in sync with the original line within {worst:.1f} frames" + (" then" if slip else ""))
    else:
        bar = thresholds.bad_sync_frames if worst > thresholds.bad_sync_frames else thresholds.good_sync_frames
        off = [word for word in sync if abs(word.late_frames + slip) > bar]
        named = ", ".join(f"'{word.text}' {word.late_frames + slip:+.1f}" for word in off[:5])
        more = f" and {len(off) - 5} more" if len(off) > 5 else ""
        verdict = "out of sync" if worst > thresholds.bad_sync_frames else "nearly in sync"
        said.append(f"{verdict} with the original line (frames): {named}{more}")
    return tuple(said)


def _frames(count: int) -> str:
    return f"{count} frame" if count == 1 else f"{count} frames"
