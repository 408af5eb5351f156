from dataclasses import replace

import pytest

from sottovoce_engine.renderers.ltx.model_sizes import LTX_2_3_SIZES
from sottovoce_engine.renderers.ltx.placement import (
    Kept,
    Memory,
    Placement,
    Residence,
    Stage,
    Watched,
    best_within,
    least_of,
    placed_again,
    placements_for,
)
from sottovoce_engine.renderers.ltx.placement_words import advice, in_words
from sottovoce_engine.renderers.ltx.working_memory import (
    CARD_MARGIN,
    HOST_MARGIN,
    Load,
    activation_bytes,
    watched_bytes,
)

GB = 1_000_000_000
DEV = Load(video_tokens=4992, audio_tokens=101, text_tokens=1024, frames=97, pixels=768 * 512, passes=4)


def sold_as(size: int) -> int:
    """Bytes free on a card of so many GB: its binary ones less what its driver holds."""
    return int(size * 1.0737 * GB * 0.98)


def ladder(card: int, host: int = 128, load: Load = DEV, asked: str = "auto") -> tuple[Placement, ...]:
    return placements_for(Memory(card=sold_as(card), host=host * GB), LTX_2_3_SIZES, load, asked=asked)


@pytest.mark.parametrize(
    ("card", "residence", "blocks"),
    [
        (141, Residence.RESIDENT, 48),
        (80, Residence.RESIDENT, 48),
        (48, Residence.TRANSFORMER, 48),
        (24, Residence.STREAMED, range(10, 30)),
        (16, Residence.STREAMED, range(1, 20)),
        (8, Residence.STREAMED, range(6)),
    ],
)
def test_every_card_gets_the_placement_it_has_room_for(card: int, residence: Residence, blocks: int | range) -> None:
    best = ladder(card)[0]
    assert best.residence is residence
    assert best.resident_blocks in (blocks if isinstance(blocks, range) else (blocks,))
    assert not best.fp8


@pytest.mark.parametrize("card", [141, 80, 48, 24, 16, 8])
def test_every_rung_fits_and_the_last_needs_the_least(card: int) -> None:
    rungs = ladder(card)
    for rung in rungs:
        assert rung.card.most + CARD_MARGIN <= sold_as(card)
        assert rung.host + HOST_MARGIN <= 128 * GB
    assert rungs[-1].card.sampling == min(rung.card.sampling for rung in rungs)
    assert not rungs[-1].passes_together
    assert len(set(rungs)) == len(rungs)


def test_models_stay_where_all_of_them_have_room() -> None:
    assert ladder(80)[0].keep_models
    assert ladder(48)[0].keep_models
    assert ladder(48)[0].text_streamed  # from the host, which must hold it
    with_little_host = ladder(48, host=24)[0]
    assert with_little_host.kept is Kept.PICTURE
    assert not with_little_host.text_streamed


def test_a_smaller_card_keeps_fewer_blocks_and_more_travel() -> None:
    large, small = ladder(24)[0], ladder(16)[0]
    assert large.resident_blocks > small.resident_blocks
    assert large.travelling < small.travelling
    assert small.travelling == (48 - small.resident_blocks) * LTX_2_3_SIZES.block * 2


def test_longer_windows_leave_less_room() -> None:
    longer = replace(DEV, video_tokens=DEV.video_tokens * 2, frames=193)
    assert ladder(24, load=longer)[0].resident_blocks < ladder(24)[0].resident_blocks
    assert activation_bytes(replace(DEV, together=False)) < activation_bytes(DEV)


def test_fp8_is_never_entered_unasked_and_keeps_what_loras_change_whole() -> None:
    assert not any(rung.fp8 for card in (8, 16, 24, 80) for rung in ladder(card))
    assert ladder(24, host=32) == ()
    asked = ladder(48, asked="fp8")[0]
    assert asked.fp8
    assert asked.resident_blocks == 48
    block = LTX_2_3_SIZES.block_lora * 2 + LTX_2_3_SIZES.block - LTX_2_3_SIZES.block_lora
    assert ladder(16, asked="fp8")[0].travelling % block == 0


def test_what_is_asked_for_is_held_to_even_where_it_does_not_fit() -> None:
    for asked in Residence:
        assert {rung.residence for rung in ladder(48, asked=asked)} == {asked}
    assert len(ladder(16, asked="resident")) == 1
    assert ladder(141, asked="streamed")[0].resident_blocks == 47


def test_a_step_down_needs_less_in_the_stage_that_failed_and_never_ends_where_it_was() -> None:
    rungs = ladder(24)
    limits: dict[Stage, int] = {}
    placement: Placement | None = rungs[0]
    seen = []
    while placement is not None:
        seen.append(placement)
        limits[Stage.SAMPLING] = placement.card.sampling
        placement = best_within(rungs, limits)
    assert [rung.card.sampling for rung in seen] == sorted({rung.card.sampling for rung in seen}, reverse=True)
    assert len(seen) > 3
    assert seen[-1] == min(rungs, key=lambda rung: rung.card.sampling)
    whole = next(rung for rung in ladder(80) if not rung.tiled)
    after = best_within(ladder(80), {Stage.DECODING: whole.card.decoding})
    assert after is not None
    assert after.card.decoding < whole.card.decoding


def test_a_placement_stays_for_loads_that_it_has_room_for() -> None:
    free = Memory(card=sold_as(24), host=128 * GB)
    best = ladder(24)[0]
    again = placed_again(best, free, LTX_2_3_SIZES, replace(DEV, frames=49, video_tokens=2688))
    assert again is not None
    assert again.resident_blocks == best.resident_blocks
    assert again.card.sampling < best.card.sampling
    assert placed_again(best, free, LTX_2_3_SIZES, replace(DEV, video_tokens=20_000)) is None


def test_words_say_what_lies_where_and_what_it_costs() -> None:
    assert "All models stay on the card (unrounded)" in in_words(ladder(141)[0])
    assert in_words(ladder(141)[0]).endswith("It costs no time.")
    streamed = ladder(24)[0]
    told = in_words(streamed)
    assert f"{streamed.resident_blocks} of the transformer's 48 blocks on the card" in told
    assert f"Every forward brings {streamed.travelling / 1e9:.1f} GB to the card" in told
    assert "54 GB/s (measured on an H100)" in told
    assert "25 GB/s (assumed)" in told
    free = Memory(card=sold_as(24), host=32 * GB)
    said = advice(free, "auto", least_of(free, LTX_2_3_SIZES, DEV))
    assert "32.0 GB of the host's memory are free" in said
    assert "memory = 'fp8'" in said
    assert "--renderer scratch" in said


LOCKED = replace(DEV, takes=8, passes=1, watched=1, pictures=3)


def test_states_of_locked_pictures_stay_on_the_card_where_there_is_room_and_leave_it_step_by_step() -> None:
    best = ladder(141, load=LOCKED)[0]
    assert (best.watched, best.pictures) == (Watched.CARD, 3)
    assert "states of 3 locked pictures on the card" in in_words(best)
    limits: dict[Stage, int] = {}
    placement: Placement | None = best
    seen: list[tuple[Watched, int]] = []
    while placement is not None and placement.takes_at_once == LOCKED.takes:
        seen.append((placement.watched, placement.pictures))
        limits[Stage.SAMPLING] = placement.card.sampling
        placement = best_within(ladder(141, load=LOCKED), limits)
    steps = list(dict.fromkeys(seen))
    assert steps[:4] == [(Watched.CARD, 3), (Watched.CARD, 1), (Watched.HOST, 3), (Watched.AGAIN, 1)]


def test_states_kept_on_the_host_take_its_memory_and_travel() -> None:
    rungs = ladder(141, load=LOCKED)
    kept = {
        (rung.watched, rung.pictures): rung
        for rung in reversed(rungs)
        if rung.kept is Kept.ALL and rung.takes_at_once == 8 and rung.residence is Residence.RESIDENT
    }
    on_host, again = kept[Watched.HOST, 3], kept[Watched.AGAIN, 1]
    assert on_host.host - again.host >= 3 * watched_bytes(LOCKED)
    assert on_host.watched_travelling == watched_bytes(LOCKED)
    assert "Every step over a locked picture brings 2.0 GB of its states to the card" in in_words(on_host)
    assert "takes the picture through all blocks again" in in_words(again)


def test_a_small_card_and_a_load_without_locked_pictures() -> None:
    assert ladder(8, load=LOCKED)
    assert {rung.watched for rung in ladder(24)} == {Watched.CARD}
    assert {rung.watched for rung in ladder(24, load=LOCKED)} == set(Watched)
