"""A register finding in words an editor understands."""

from sottovoce_engine.judge.effort import PUBLISHED
from sottovoce_engine.judge.register_finding import Effort, RegisterFinding, Verdict

_FITS = 0.6  # of the score: within one spread of the register
_SHOWN_WORDS = 4


def why_of(finding: RegisterFinding, why_silent: str, *, whispered: bool) -> tuple[str, ...]:
    """What speaks for or against the take; empty where it is simply right.

    Args:
        finding: What was measured.
        why_silent: Why nobody speaks, where nobody does.
        whispered: Whether the register asked for has no voice.
    """
    if finding.verdict is Verdict.SILENT:
        return (f"nobody speaks: {why_silent}",)
    if finding.passes is None:
        return (f"'{finding.asked}' is a register of your own: measured as {finding.verdict}, not checked",)
    said = []
    match finding.verdict:
        case Verdict.MIXED:
            said.append(_mixed(finding))
        case Verdict.UNCERTAIN:
            said.append(f"neither clearly whispered nor clearly voiced ({_measured(finding)}): listen to it")
        case Verdict.VOICED if whispered:
            said.append(f"spoken with voice, not whispered ({_measured(finding)})")
        case Verdict.WHISPER if not whispered:
            said.append(f"whispered, where '{finding.asked}' has a voice ({_measured(finding)})")
    if finding.effort is not None and not whispered:
        said += _about(finding.effort, finding.asked)
    return tuple(said)


def _measured(finding: RegisterFinding) -> str:
    share = f", voice in {finding.voiced_share:.0%} of it" if finding.voiced_share is not None else ""
    return f"v {finding.v:.2f}{share}"


def _mixed(finding: RegisterFinding) -> str:
    voiced = [word.text for word in finding.words if word.verdict is Verdict.VOICED]
    if voiced:
        more = f" and {len(voiced) - _SHOWN_WORDS} more" if len(voiced) > _SHOWN_WORDS else ""
        return f"half-whispered: with voice in '{' '.join(voiced[:_SHOWN_WORDS])}'{more}"
    return f"half-whispered: {finding.stretches:.0%} of it has a voice"


def _about(effort: Effort, asked: str) -> list[str]:
    said = []
    if effort.score is not None and effort.score < _FITS and effort.nearest != asked:
        direction = "less" if effort.expected_db is not None and effort.effort_db < effort.expected_db else "more"
        said.append(
            f"sounds nearer to {effort.nearest} than to {asked}: {direction} effort than asked for "
            f"({effort.f0_semitones:+.1f} semitones, {effort.alpha_db:+.1f} dB of brightness)"
        )
    if effort.reference == PUBLISHED:
        said.append("compared with published voices: this voice has no normal take yet")
    return said
