"""A screenplay laid onto regions: by what is said, in order, small differences allowed."""

import itertools
from dataclasses import replace

import pytest

from sottovoce_engine.scene import Region
from sottovoce_engine.timing import Span
from sottovoce_otio.incoming.laying import laying_of, relabelled
from sottovoce_otio.incoming.screenplay import ScriptLine
from sottovoce_otio.vocabulary import SpokenMark


def regions_of(*lines: str, voice: str = "WOMAN") -> list[Region]:
    return [
        Region(id=f"{index:08x}", span=Span(50 * index, 50 * index + 40), register="normal", voice=voice, line=line)
        for index, line in enumerate(lines)
    ]


def script_of(*lines: str, voice: str = "ANNA", register: str = "whisper") -> list[ScriptLine]:
    return [
        ScriptLine(said=SpokenMark(register=register, line=line, voice=voice), dual=False, scene=0) for line in lines
    ]


SAID = ("Close the door.", "It was late, very late.", "I do not know where he went.", "Close the door.", "Come in.")


def test_the_same_words_are_found_in_order() -> None:
    laying = laying_of(regions_of(*SAID), script_of(*SAID))
    assert [each.line for each in laying.laid] == [0, 1, 2, 3, 4]
    assert {each.score for each in laying.laid} == {100.0}
    assert laying.unspoken == ()


@pytest.mark.parametrize(
    "spoken",
    ["CLOSE THE DOOR", "close, the door...", "Clöse the door!", "Please close the door.", "Close that door."],
)
def test_small_differences_are_allowed(spoken: str) -> None:
    laid = laying_of(regions_of("Where is he?", spoken, "Come in."), script_of(*SAID)).laid
    assert laid[1].line in (0, 3)
    assert 60 <= laid[1].score <= 100


def test_a_line_that_stands_twice_is_found_where_it_belongs() -> None:
    laid = laying_of(regions_of("I don't know where he went.", "Close the door.", "Come in."), script_of(*SAID)).laid
    assert [each.line for each in laid] == [2, 3, 4]


def test_a_speech_may_be_cut_into_cues() -> None:
    laying = laying_of(regions_of("It was late,", "really late.", "I do not know", "where he went."), script_of(*SAID))
    assert [each.line for each in laying.laid] == [1, 1, 2, 2]
    assert laying.unspoken == (0, 3, 4)


def test_a_line_the_script_has_not_is_left_alone() -> None:
    laying = laying_of(regions_of("Close the door.", "The weather is going to be terrible tomorrow."), script_of(*SAID))
    assert [each.line for each in laying.laid] == [0, None]
    assert relabelled(laying.laid[1], script_of(*SAID)) == laying.laid[1].region


def test_scripts_without_spaces_are_matched_by_characters() -> None:
    laying = laying_of(regions_of("目を閉じて。", "もう行こう"), script_of("静かに。", "目をとじて", "もう行こう！"))
    assert [each.line for each in laying.laid] == [1, 2]


@pytest.mark.parametrize(
    ("voice", "register", "expected"),
    [
        ("WOMAN", "normal", ("ANNA", "whisper")),
        ("SPEAKER 2", "normal", ("ANNA", "whisper")),
        ("WOMAN", "shout", ("ANNA", "shout")),
        ("Anna", "normal", ("Anna", "whisper")),
        ("BEN", "normal", ("BEN", "normal")),
    ],
)
def test_what_the_timeline_names_itself_stays(voice: str, register: str, expected: tuple[str, str]) -> None:
    region = replace(regions_of("Close the door.", voice=voice)[0], register=register)
    laid = laying_of([region], script_of("Close the door.")).laid[0]
    after = relabelled(laid, script_of("Close the door."))
    assert (after.voice, after.register) == expected


def test_a_thousand_cues_keep_their_order() -> None:
    lines = [
        f"Line number {a} {b} of this very long film." for a, b in itertools.product("abcdefghij" * 10, "uvwxyzklmn")
    ]
    laying = laying_of(regions_of(*lines), script_of(*lines))
    assert [each.line for each in laying.laid] == list(range(1000))


def test_nothing_is_found_in_nothing() -> None:
    assert laying_of(regions_of("Come in."), []).laid[0].line is None
    assert laying_of([], script_of("Come in.")).unspoken == (0,)
