"""Files from anywhere, judged, and shown so that a sound editor sees at a glance what is wrong.

take3.wav: fails
  register  fails   voiced, asked for whisper; v 0.83, 2.1 s of speech, 212 Hz
  line      ok      said, by faster-whisper small: 2 % of the letters differ
  damage    ok      none
  level             -27.3 LUFS, true peak -8.1 dBTP
  why       spoken with voice, not whispered (v 0.83)
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sottovoce.terminal import ExitCode, printable
from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError, RenderError
from sottovoce_engine.judge.damage_values import DamageFinding
from sottovoce_engine.judge.judging import Judge, Judgement
from sottovoce_engine.judge.level_finding import LevelFinding
from sottovoce_engine.judge.line_finding import LineFinding
from sottovoce_engine.judge.register_finding import RegisterFinding
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import Register
from sottovoce_engine.scene import Voice

_WIDTH = 100
_NOT_OF_A_FILE = ("timing", "perspective", "level", "production")  # a file lies in no region


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """What the judge says of one file, or why nothing can be said."""

    path: Path
    judgement: Judgement | None
    problem: str = ""

    @property
    def code(self) -> ExitCode:
        """What a check of this file alone ends with."""
        if self.judgement is None:
            return ExitCode.INPUT
        return ExitCode.DONE if self.judgement.passes else ExitCode.BELOW_BAR


def checked_files(
    paths: Sequence[Path], judge: Judge, register: Register | None, voice: Voice, line: str, job: Job
) -> tuple[CheckedFile, ...]:
    """Every file judged, in the order given; one that cannot be used costs only itself.

    Raises:
        JobCancelled: Cancelling was asked for.
    """
    checked = []
    for number, path in enumerate(paths):
        job.step("checking", number, len(paths), about=path.name)
        try:
            judgement = judge.judged_file(path, register=register, voice=voice, line=line)
        except (InputError, RenderError) as error:
            checked.append(CheckedFile(path=path, judgement=None, problem=str(error)))
        else:
            checked.append(CheckedFile(path=path, judgement=judgement))
    return tuple(checked)


def worst_code(checked: Sequence[CheckedFile]) -> ExitCode:
    """Of several files: 2 where one cannot be used, else 4 where one does not pass."""
    codes = {one.code for one in checked}
    return next((code for code in (ExitCode.INPUT, ExitCode.BELOW_BAR) if code in codes), ExitCode.DONE)


def checked_as_plain(checked: CheckedFile) -> dict[str, object]:
    """As JSON values; the key "error" instead of the findings where the file cannot be used."""
    if checked.judgement is None:
        return {"file": str(checked.path), "passes": False, "error": checked.problem}
    plain = to_plain(checked.judgement)
    findings = {name: value for name, value in plain.items() if name not in _NOT_OF_A_FILE}
    return {"file": str(checked.path), **findings, "loudness": plain["level"]}


def checked_as_text(checked: CheckedFile) -> str:
    """As lines of at most 100 columns."""
    judgement = checked.judgement
    if judgement is None:
        return "\n".join([f"{printable(str(checked.path))}: cannot be used", *_wrapped("why", (checked.problem,))])
    outcome = "fails" if not judgement.passes else "amber, passes" if judgement.amber else "passes"
    lines = [f"{printable(str(checked.path))}: {outcome}"]
    if judgement.register is not None:
        lines += _row("register", _register_mark(judgement.register), _register_words(judgement.register))
    lines += _row("line", _mark(judgement.line.passes), _line_words(judgement.line))
    lines += _row("damage", _damage_mark(judgement.damage), _damage_words(judgement.damage))
    if judgement.level is not None:
        lines += _row("level", "", _level_words(judgement.level))
    return "\n".join([*lines, *_wrapped("why", judgement.why)])


def _row(part: str, mark: str, words: str) -> list[str]:
    return _filled(f"  {part:<10}{mark:<8}", words, " " * 20)


def _wrapped(part: str, reasons: Sequence[str]) -> Iterator[str]:
    for number, reason in enumerate(reasons):
        yield from _filled(f"  {part if not number else '':<10}", reason, " " * 14)


def _filled(first: str, words: str, rest: str) -> list[str]:
    return textwrap.wrap(
        printable(words), _WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    ) or [first.rstrip()]


def _mark(passes: bool | None) -> str:
    return {True: "ok", False: "fails", None: "-"}[passes]


def _register_mark(found: RegisterFinding) -> str:
    return "amber" if found.amber and found.passes else _mark(found.passes)


def _register_words(found: RegisterFinding) -> str:
    asked = f", asked for {found.asked}" if found.asked and found.asked != found.verdict else ""
    said = [f"v {found.v:.2f}"] if found.v is not None else []
    if found.voiced_share is not None:
        said.append(f"voice in {found.voiced_share:.0%} of it")
    said.append(f"{found.speech_seconds:.1f} s of speech")
    if found.f0_hz is not None:
        said.append(f"{found.f0_hz:.0f} Hz")
    if found.effort is not None:
        said.append(f"effort {found.effort.effort_db:+.0f} dB over normal, nearest to {found.effort.nearest}")
    return f"{found.verdict}{asked}; {', '.join(said)}"


def _line_words(found: LineFinding) -> str:
    said = f"{found.verdict}, by {found.by}" if found.by else str(found.verdict)
    if found.cer is not None and found.by:
        return f"{said}: {found.cer:.0%} of the letters differ"
    return f"{said}: fit {found.fit:.1f}, at best 0" if found.fit is not None else said


def _damage_mark(found: Sequence[DamageFinding]) -> str:
    return "fails" if not all(finding.passes for finding in found) else "amber" if found else "ok"


def _damage_words(found: Sequence[DamageFinding]) -> str:
    return ", ".join(f"{finding.kind}{'' if finding.passes else ' (fails)'}" for finding in found) or "none"


def _level_words(found: LevelFinding) -> str:
    loudness = "no loudness" if found.loudness_lufs is None else f"{found.loudness_lufs:.1f} LUFS"
    return f"{loudness}, true peak {found.true_peak_dbtp:.1f} dBTP"
