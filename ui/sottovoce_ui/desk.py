"""What the panel asks of the application. The panel itself knows no files, no OTIO, no renderers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sottovoce_engine.plan import Plan
from sottovoce_engine.progress import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a render left behind."""

    movie: Path
    timeline: Path
    report: Path
    failures: tuple[str, ...]  # one sentence each
    plan: Plan  # as it stands now


class Desk(Protocol):
    """The application as the panel sees it. Both calls may take long and run outside the window's thread."""

    def plan(self, timeline: Path) -> Plan:
        """Reads a timeline and says what a render would do.

        Raises:
            SottovoceError: It cannot be read.
        """
        ...

    def render(self, timeline: Path, folder: Path, job: Job) -> Finished:
        """Renders what is missing and splices the scene into `folder`.

        Raises:
            SottovoceError: It cannot be done.
            JobCancelled: The person stopped it.
        """
        ...
