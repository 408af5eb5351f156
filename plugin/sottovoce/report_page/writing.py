"""Writing the page beside the report."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sottovoce.report_page.hearing import heard
from sottovoce.report_page.page import page
from sottovoce_engine.splice.values import Spliced
from sottovoce_otio.placing import new_file


def write_report_page(path: Path, report: Mapping[str, Any], spliced: Spliced) -> None:
    """Writes the page of a finished scene; sound that cannot be read is told of in the page.

    Args:
        path: Where to; nothing may be there yet.
        report: What is in the `report.json` beside it.
        spliced: The scene.

    Raises:
        InputError, SetupError: The page cannot be written there.
    """
    text = page(report, heard(spliced))
    with new_file(path, "report page") as staged:
        staged.write_text(text, encoding="utf-8", newline="\n")
