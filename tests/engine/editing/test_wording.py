import pytest

from sottovoce_engine.editing.wording import (
    with_details,
    with_lines,
    with_voice,
    with_voice_added,
    with_voice_changed,
    with_voice_removed,
)
from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Gender, PictureMode, Voice

from .drafts import draft, region

SCENE = draft(region(1, 0, 24), region(2, 48, 96), region(3, 12, 60, voice="BEN"))
FIRST, SECOND, THIRD = "00000001", "00000002", "00000003"


def test_details_change_in_the_regions_named_and_nowhere_else() -> None:
    found = with_details(SCENE, {FIRST, THIRD}, register="loud", picture=PictureMode.CUT, gain_db=-3.0)
    assert [each.register for each in found.regions] == ["loud", "loud", "whisper"]
    assert found.scene.region(SECOND) is SCENE.scene.region(SECOND)
    with pytest.raises(InputError, match="trimmed by 9 dB"):
        with_details(SCENE, {FIRST}, gain_db=9.0)
    with pytest.raises(ValueError, match="span"):
        with_details(SCENE, {FIRST}, span=None)


def test_a_voice_says_one_line_at_a_time() -> None:
    assert with_voice(SCENE, {SECOND}, "ANNA").scene.region(SECOND).voice == "ANNA"
    apart = draft(region(1, 0, 24), region(3, 24, 60, voice="BEN"))
    assert {each.voice for each in with_voice(apart, {FIRST}, "BEN").regions} == {"BEN"}
    with pytest.raises(InputError, match="ANNA would say two lines at once around frame 12"):
        with_voice(SCENE, {THIRD}, "ANNA")
    with pytest.raises(InputError, match="two lines at once"):
        with_voice(draft(region(1, 0, 24), region(3, 12, 60, voice="BEN")), {FIRST, THIRD}, "ANNA")
    with pytest.raises(InputError, match="no voice 'CARL'"):
        with_voice(SCENE, {FIRST}, "CARL")


def test_a_script_is_given_line_by_line() -> None:
    found = with_lines(SCENE, [THIRD, FIRST], ["one", "two", "three"])
    assert {each.id: each.line for each in found.regions} == {
        FIRST: "two",
        THIRD: "one",
        SECOND: "come closer, please",
    }


def test_voices_are_added_renamed_with_their_regions_and_removed_when_silent() -> None:
    carl = Voice(name="CARL", gender=Gender.MAN, sound="hoarse")
    found = with_voice_added(SCENE, carl)
    assert found.scene.voice("CARL") == carl
    with pytest.raises(InputError, match="'CARL' already"):
        with_voice_added(found, carl)
    with pytest.raises(InputError, match="needs a name"):
        with_voice_added(found, Voice(name=" ", gender=Gender.MAN))
    renamed = with_voice_changed(found, "ANNA", Voice(name="EVE", gender=Gender.WOMAN))
    assert [each.voice for each in renamed.regions] == ["EVE", "BEN", "EVE"]
    with pytest.raises(InputError, match="'BEN' already"):
        with_voice_changed(found, "ANNA", Voice(name="BEN", gender=Gender.WOMAN))
    assert with_voice_removed(found, "CARL").scene.voices == SCENE.scene.voices
    with pytest.raises(InputError, match="ANNA still has 2 regions"):
        with_voice_removed(found, "ANNA")
