from sottovoce_engine.choices import Choice, TakeNote, with_chosen

NOTE = TakeNote(take_key="b", starred=True, text="breathy, good")


def test_choosing_a_take_keeps_what_was_noted_and_an_approval_with_its_own_take() -> None:
    first = Choice(region_id="1f0c9a42", take_key="a", approved=True, notes=(NOTE,))
    second = Choice(region_id="2f0c9a42", take_key="c", picked=True)
    chosen = with_chosen((first, second), {"1f0c9a42": "d", "99999999": "e"})
    assert chosen == (
        Choice(region_id="1f0c9a42", take_key="d", notes=(NOTE,)),
        second,
        Choice(region_id="99999999", take_key="e"),
    )
