"""Screenplays: who says what and how, in Fountain and in Final Draft."""

import itertools
from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Gender

from .reading_lines import scene_in, spoken_in

FOUNTAIN = """Title: Night
Author: A. Body

INT. KITCHEN - NIGHT

Anna waits. BEN enters: a MAN of fifty.

ANNA
(sotto voce)
Close the *door*. [[was: window]]
(beat, shouting)
Now!

BEN (V.O.)
It was late.
/* Very late. */

BEN (CONT'D)
(to himself)
Damn, it is _cold_
in here.

ÉLODIE
(chuchotant)
Viens.

EXT. STREET - NIGHT

OLD MAN
Who is there?

ANNA ^
(whispering)
Nobody.

@McAvoy
Hm.
~Over the hills and far away

CUT TO:
"""
SAYS = [
    ("ANNA", "soft", "Close the door."),
    ("ANNA", "shout", "Now!"),
    ("BEN", "normal", "It was late."),
    ("BEN", "normal", "Damn, it is cold in here."),
    ("ÉLODIE", "whisper", "Viens."),
    ("OLD MAN", "normal", "Who is there?"),
    ("ANNA", "whisper", "Nobody."),
]


def paragraph(kind: str, *runs: str) -> str:
    return f'<Paragraph Type="{kind}">{"".join(f"<Text>{run}</Text>" for run in runs)}</Paragraph>'


NOTE = paragraph("General", "was: early")
FDX = f"""<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<FinalDraft DocumentType="Script" Template="No" Version="5"><Content>
{paragraph("Scene Heading", "INT. KITCHEN - NIGHT")}
{paragraph("Action", "Anna waits.")}
{paragraph("Character", "ANNA")}{paragraph("Parenthetical", "(sotto", " voce)")}{paragraph("Dialogue", "Close the ", "door", ".")}
{paragraph("Parenthetical", "(beat, shouting)")}{paragraph("Dialogue", "Now!")}
{paragraph("Character", "BEN (V.O.)")}{paragraph("Dialogue", "It was late.").replace("</P", f"<ScriptNote>{NOTE}</ScriptNote></P")}
{paragraph("Character", "BEN (CONT'D)")}{paragraph("Dialogue", "Damn, it is cold in here.")}
{paragraph("Character", "ÉLODIE")}{paragraph("Parenthetical", "(chuchotant)")}{paragraph("Dialogue", "Viens.")}
<Paragraph><DualDialogue>
{paragraph("Character", "OLD MAN")}{paragraph("Dialogue", "Who is there?")}
{paragraph("Character", "ANNA")}{paragraph("Parenthetical", "(whispering)")}{paragraph("Dialogue", "Nobody.")}
</DualDialogue></Paragraph>
</Content><TitlePage/></FinalDraft>
"""


def test_fountain_is_understood(tmp_path: Path) -> None:
    scene = scene_in(tmp_path / "night.fountain", FOUNTAIN)
    assert sorted(spoken_in(scene)) == sorted([*SAYS, ("McAvoy", "normal", "Hm.")])
    assert scene.voice("OLD MAN").gender is Gender.MAN
    assert any("a screenplay has no times" in note for note in scene.notes)


def test_final_draft_is_understood(tmp_path: Path) -> None:
    assert sorted(spoken_in(scene_in(tmp_path / "night.fdx", FDX))) == sorted(SAYS)


@pytest.mark.parametrize(("name", "text"), [("night.fountain", FOUNTAIN), ("night.fdx", FDX)])
def test_lines_last_as_long_as_they_take_and_dual_ones_begin_together(name: str, text: str, tmp_path: Path) -> None:
    spans = {region.line: region.span for region in scene_in(tmp_path / name, text).regions}
    assert spans["Who is there?"].start == spans["Nobody."].start
    assert spans["Damn, it is cold in here."].length > 2 * spans["Viens."].length
    alone = [spans[line] for _, _, line in SAYS[:5]]
    assert all(before.end < after.start for before, after in itertools.pairwise(alone))


EMPTY = "Title: Night\n\nINT. KITCHEN - NIGHT\n\nNobody is there.\n\nFADE OUT.\n"
BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<FinalDraft><Content><Paragraph Type="Character"><Text>&b;</Text></Paragraph></Content></FinalDraft>"""
OUTSIDE = """<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<FinalDraft><Content><Paragraph Type="Character"><Text>&f;</Text></Paragraph></Content></FinalDraft>"""


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.fountain", "", "is empty"),
        ("b.fountain", " \n\n", "is empty"),
        ("c.fountain", EMPTY, "has nothing that anybody says"),
        ("d.fountain", "Title: Night\n", "has nothing that anybody says"),
        ("e.fountain", "ANNA\n(whispering)\n", "has nothing that anybody says"),
        ("f.fountain", "/* [[ ^ @ ~ (\n", "has nothing that anybody says"),
        ("a.fdx", BOMB, "declares a document type or entities"),
        ("b.fdx", OUTSIDE, "declares a document type or entities"),
        ("c.fdx", '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><FinalDraft/>', "declares a document type or entities"),
        ("d.fdx", "<FinalDraft><Content>", "is no valid XML"),
        ("e.fdx", "INT. KITCHEN", "is no valid XML"),
        ("f.fdx", "<html><body/></html>", "no Final Draft document: it begins with 'html'"),
        ("g.fdx", "<FinalDraft><Content/></FinalDraft>", "has nothing that anybody says"),
    ],
)
def test_what_is_no_screenplay_is_refused(name: str, text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words) as caught:
        scene_in(tmp_path / name, text)
    assert "\n" not in str(caught.value)


def test_deep_nesting_takes_no_longer_than_its_length(tmp_path: Path) -> None:
    """Each of 100,000 elements would be read with all below it."""
    runs = "<Text>" * 100_000 + "Hi." + "</Text>" * 100_000
    document = f'<FinalDraft><Content>{paragraph("Character", "ANNA")}<Paragraph Type="Dialogue">{runs}</Paragraph></Content></FinalDraft>'
    assert spoken_in(scene_in(tmp_path / "deep.fdx", document)) == [("ANNA", "normal", "Hi.")]
