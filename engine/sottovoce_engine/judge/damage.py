"""Damage to a take's sound: what is broken, where, by how much, and whether it can stay so."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.damage_listening import SILENCE_DBFS, Heard, Read, heard
from sottovoce_engine.judge.damage_values import DamageFinding, DamageKind, DamageThresholds, Severity, joined
from sottovoce_engine.timing import SAMPLE_RATE, Span

_SHOWN = 40  # places in a finding
_NAMED = 3  # places in its words
_SHORTEST_FOR_DC = SAMPLE_RATE // 2  # a deep tone has a mean of its own within a few periods


def judged_damage(
    sound: NDArray[np.float32],
    *,
    expected_samples: int | None,
    thresholds: DamageThresholds,
    speech: Span | None = None,
) -> tuple[DamageFinding, ...]:
    """What is wrong with the sound, the gravest first; nothing where it is whole.

    Args:
        sound: `[channels, samples]` at 48 kHz.
        expected_samples: The length it should have; None where any will do.
        thresholds: [damage].
        speech: From the first word to the last, in samples; None where no word is known.
    """
    return judged_damage_of(
        lambda span: sound[:, span.start : span.end],
        sound.shape[1],
        expected_samples=expected_samples,
        thresholds=thresholds,
        speech=speech,
    )


def judged_damage_of(
    read: Read,
    length_samples: int,
    *,
    expected_samples: int | None,
    thresholds: DamageThresholds,
    speech: Span | None = None,
) -> tuple[DamageFinding, ...]:
    """As `judged_damage`, for sound of any length that is read piece by piece, such as by `SoundReader.read`."""
    whole = _Whole(
        stretches=tuple(heard(read, length_samples, speech, thresholds)),
        length=length_samples,
        speech=speech,
        thresholds=thresholds,
    )
    found = [finding for check in _CHECKS for finding in check(whole)]
    found += _wrong_length(length_samples, expected_samples)
    return tuple(sorted(found, key=lambda finding: finding.passes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """The whole sound, listened to."""

    stretches: tuple[Heard, ...]
    length: int
    speech: Span | None
    thresholds: DamageThresholds


def _not_numbers(whole: _Whole) -> Iterator[DamageFinding]:
    where = joined(span for stretch in whole.stretches for span in stretch.not_numbers)
    if where:
        samples = sum(span.length for span in where)
        yield _finding(
            DamageKind.NOT_A_NUMBER,
            Severity.FAILS,
            where,
            samples,
            0.0,
            "samples",
            f"{samples:,} of its samples hold no number, {_at(where)}: the render broke there",
        )


def _silence(whole: _Whole) -> Iterator[DamageFinding]:
    bar = whole.thresholds.silence_dbfs
    loudest = max((stretch.loudest_dbfs for stretch in whole.stretches), default=SILENCE_DBFS)
    if loudest < bar:
        words = f"nothing is heard: its loudest moment lies at {loudest:.0f} dBFS" if whole.length else "it is empty"
        yield _finding(DamageKind.SILENCE, Severity.FAILS, (Span(0, whole.length),), loudest, bar, "dBFS", words)
    elif whole.speech is not None and whole.speech.length:
        spoken = max((stretch.loudest_in_speech_dbfs for stretch in whole.stretches), default=SILENCE_DBFS)
        if spoken < bar:
            words = f"nothing is heard where the words should be, {_at((whole.speech,))}: {spoken:.0f} dBFS at most"
            yield _finding(DamageKind.SILENCE, Severity.FAILS, (whole.speech,), spoken, bar, "dBFS", words)


def _clipping(whole: _Whole) -> Iterator[DamageFinding]:
    where = joined(span for stretch in whole.stretches for span in stretch.clipped)
    if where:
        worst = max(stretch.clipped_percent for stretch in whole.stretches)
        fails = whole.thresholds.clipping_fails_percent
        lowest = 100.0 * whole.thresholds.clipped_samples / SAMPLE_RATE
        severity, bar = (Severity.FAILS, fails) if worst >= fails else (Severity.NOTICEABLE, lowest)
        words = f"clipped {_at(where)}: {worst:.2g} % of the worst second's samples lie at one ceiling"
        yield _finding(DamageKind.CLIPPING, severity, where, worst, bar, "% of a second", words)


def _dc(whole: _Whole) -> Iterator[DamageFinding]:
    if whole.length < _SHORTEST_FOR_DC:
        return
    sums = np.array([stretch.sums for stretch in whole.stretches]).sum(axis=0)
    offset = float(np.abs(sums).max() / whole.length)
    limits = whole.thresholds
    if offset >= limits.dc_noticeable:
        severity, bar = (
            (Severity.FAILS, limits.dc_fails)
            if offset >= limits.dc_fails
            else (Severity.NOTICEABLE, limits.dc_noticeable)
        )
        words = f"the waveform lies {100 * offset:.1f} % of full scale off its middle (DC): cuts will click"
        yield _finding(DamageKind.DC, severity, (Span(0, whole.length),), offset, bar, "of full scale", words)


def _hum(whole: _Whole) -> Iterator[DamageFinding]:
    limits = whole.thresholds
    humming = [
        (stretch, stretch.hum)
        for stretch in whole.stretches
        if stretch.hum is not None
        and stretch.hum.over_db >= limits.hum_over_neighbours_db
        and stretch.hum.level_dbfs >= limits.hum_quietest_dbfs
    ]
    if not humming:
        return
    where = joined(stretch.span for stretch, _ in humming)
    clearest = max((hum for _, hum in humming), key=lambda hum: hum.over_db)
    under = min(stretch.loudest_dbfs - hum.level_dbfs for stretch, hum in humming)
    severity = Severity.FAILS if under < limits.hum_fails_under_speech_db else Severity.NOTICEABLE
    words = (
        f"hum of {clearest.hertz} Hz and its harmonics, {_at(where)}: {clearest.over_db:.0f} dB over what lies beside "
        f"it, {max(0.0, under):.0f} dB under the loudest speech"
    )
    yield _finding(DamageKind.HUM, severity, where, clearest.over_db, limits.hum_over_neighbours_db, "dB", words)


def _dropouts(whole: _Whole) -> Iterator[DamageFinding]:
    where = joined(span for stretch in whole.stretches for span in stretch.holes)
    if where:
        longest = 1000.0 * max(span.length for span in where) / SAMPLE_RATE
        limits = whole.thresholds
        severity, bar = (
            (Severity.FAILS, limits.dropout_fails_ms)
            if longest >= limits.dropout_fails_ms
            else (Severity.NOTICEABLE, limits.dropout_shortest_ms)
        )
        words = f"the sound drops out {_at(where)}, for up to {longest:.0f} ms"
        yield _finding(DamageKind.DROPOUT, severity, where, longest, bar, "ms", words)


def _clicks(whole: _Whole) -> Iterator[DamageFinding]:
    where = joined(span for stretch in whole.stretches for span in stretch.clicks.at)
    if where:
        highest = max(stretch.clicks.highest_db for stretch in whole.stretches)
        limits = whole.thresholds
        per_second = len(where) * SAMPLE_RATE / whole.length
        often = len(where) > 1 and per_second >= limits.clicks_fail_per_s
        words = f"clicks {_at(where)}, up to {highest:.0f} dB over what the sound does otherwise"
        yield _finding(
            DamageKind.CLICK,
            Severity.FAILS if often else Severity.NOTICEABLE,
            where,
            highest,
            limits.click_over_usual_db,
            "dB",
            words,
        )


def _wrong_length(length: int, expected: int | None) -> list[DamageFinding]:
    if expected is None or length == expected:
        return []
    off = length - expected
    words = (
        f"{abs(off):,} samples ({abs(off) / SAMPLE_RATE:.3f} s) too {'long' if off > 0 else 'short'}: {length:,} instead "
        f"of {expected:,}"
    )
    where = (Span(min(length, expected), max(length, expected)),)
    return [_finding(DamageKind.LENGTH, Severity.FAILS, where, off, 0.0, "samples", words)]


_CHECKS: Sequence[Callable[[_Whole], Iterator[DamageFinding]]] = (
    _not_numbers,
    _silence,
    _dropouts,
    _clipping,
    _clicks,
    _hum,
    _dc,
)


def _finding(
    kind: DamageKind, severity: Severity, where: tuple[Span, ...], measured: float, bar: float, unit: str, words: str
) -> DamageFinding:
    return DamageFinding(
        kind=kind,
        severity=severity,
        where=where[:_SHOWN],
        places=len(where),
        measured=float(measured),
        bar=bar,
        unit=unit,
        why=(words,),
    )


def _at(where: Sequence[Span]) -> str:
    """The first places in words: an instant as such, anything from a tenth of a second on with both ends."""
    named = ", ".join(_place(span) for span in where[:_NAMED])
    return f"{named} and at {len(where) - _NAMED} more places" if len(where) > _NAMED else named


def _place(span: Span) -> str:
    start, end = span.start / SAMPLE_RATE, span.end / SAMPLE_RATE
    return f"at {start:.2f} s" if end - start < 0.1 else f"from {start:.2f} to {end:.2f} s"
