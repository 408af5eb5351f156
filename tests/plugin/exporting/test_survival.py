"""What is said of each format is what is measured: in the package, in the docs, and where `export` prints it."""

from dataclasses import replace
from pathlib import Path

import pytest
from docs import formats as page
from tests.programs import need_program

from sottovoce.exporting.formats import FORMATS
from sottovoce.exporting.survival import losses, survival_of
from sottovoce.exporting.values import Kept, Survival, Trait
from sottovoce_otio.writing import write_otio

from .read_back import READERS
from .survival_measured import measured, rich_export, survival_in

pytestmark = pytest.mark.xdist_group("survival")  # they share what was measured


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Survival]:
    need_program("ffprobe", "apt-get install ffmpeg")
    folder = tmp_path_factory.mktemp("scene")
    return measured(rich_export(folder), folder)


def test_every_format_has_a_reader() -> None:
    assert list(READERS) == list(FORMATS)


def test_the_package_says_what_is_measured(found: dict[str, Survival]) -> None:
    assert {name: dict(each.survives) for name, each in FORMATS.items()} == found, "run: python -m docs.formats"


def test_the_docs_say_what_is_measured(found: dict[str, Survival]) -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.as_page(found), "run: python -m docs.formats"


def test_the_timeline_itself_loses_nothing(found: dict[str, Survival]) -> None:
    assert {name: set(found[name].values()) for name in ("otio", "otioz")} == {
        "otio": {Kept.ALL},
        "otioz": {Kept.ALL},
    }


def test_what_is_lost_is_told_in_words() -> None:
    survival = {Trait.RATE: Kept.ALL, Trait.TAKES: Kept.NONE, Trait.GAINS: Kept.NONE, Trait.FADES: Kept.PARTLY}
    assert losses(replace(FORMATS["mlt"], survives=survival, hosts_drop="somebody drops it")) == (
        "will not survive there: other takes, gains of takes",
        "survives in part: fades of takes",
        "somebody drops it",
    )
    assert losses(replace(FORMATS["mlt"], survives=survival_of("otio"))) == ()


def test_a_reader_that_finds_less_is_noticed(tmp_path: Path) -> None:
    """The comparison itself: a timeline without its takes' tracks loses what was on them."""
    export = rich_export(tmp_path)
    path = tmp_path / "exported.otio"
    document = export.document()
    tracks = document["tracks"]["children"]
    document["tracks"]["children"] = [track for track in tracks if "(Sottovoce)" not in track["name"]]
    write_otio(document, path)
    less = survival_in(READERS["otio"](path), export)
    assert less[Trait.TONE] is less[Trait.GAINS] is Kept.NONE
    assert less[Trait.FRAMES] is less[Trait.TAKES] is Kept.PARTLY
    assert less[Trait.DISSOLVES] is Kept.ALL
