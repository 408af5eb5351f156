"""`sottovoce doctor`: what this machine has and lacks, and what to do about it."""

import argparse
import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict

from sottovoce.bundle import write_bundle
from sottovoce.doctor import Finding, State, doctor
from sottovoce.terminal import ExitCode


def run(arguments: argparse.Namespace) -> ExitCode:
    """Prints what was found; the exit code says whether a render can work."""
    findings = doctor()
    bundle = write_bundle(arguments.output, findings) if arguments.bundle else None
    if arguments.json:
        plain = {"findings": [asdict(finding) for finding in findings], "bundle": str(bundle.path) if bundle else None}
        print(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        print(_shown(findings))
        if bundle is not None:
            print(f"\nWrote '{bundle.path}' with {', '.join(bundle.contents)}. Look into it before you send it.")
    return ExitCode.SETUP if any(finding.state is State.FAIL for finding in findings) else ExitCode.DONE


def _shown(findings: Sequence[Finding]) -> str:
    width = max(len(finding.name) for finding in findings)
    indent = " " * (width + 8)
    lines = []
    for finding in findings:
        head = f"{finding.state:<4}  {finding.name:<{width}}  "
        lines.append(textwrap.fill(finding.found, 110, initial_indent=head, subsequent_indent=indent))
        if finding.remedy:
            lines.append(textwrap.fill(f"→ {finding.remedy}", 110, initial_indent=indent, subsequent_indent=indent))
    return "\n".join(lines)
