"""Where a picture's states are kept makes no difference to the sound; what is kept is used again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import LTX2Pipeline
from torch import Tensor

from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.renderers.ltx.bank import LoraState, WeightBank
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.joined_layers import join_sound_layers
from sottovoce_engine.renderers.ltx.latents import KeptVideo, noise_for
from sottovoce_engine.renderers.ltx.locked import LockedDenoiser, LockedPlan, WatchedStates
from sottovoce_engine.renderers.ltx.locked_states import STAGE, changes_picture, picture_states
from sottovoce_engine.renderers.ltx.lora_file import read_lora
from sottovoce_engine.renderers.ltx.model_layout import layout_from_config
from sottovoce_engine.renderers.ltx.placement import Watched
from sottovoce_engine.renderers.ltx.streaming import place_transformer

from .locked_sampling import SOME_PASSES, WHOLE, conditions_for, states_of
from .stock_sampling import relative_error
from .tiny_model import BLOCKS

CPU = torch.device("cpu")
PASSES = SOME_PASSES[-1]


def another_picture(conditions: Conditions) -> Conditions:
    return replace(conditions, kept=KeptVideo(share=WHOLE.share, clean=noise_for(51, conditions.shape).video))


@torch.inference_mode()
def sound_by(denoiser: LockedDenoiser) -> Tensor:
    found = denoiser.velocities(states_of(1, 2), 0.7)
    return torch.cat([found[kind].audio for kind in PASSES])


def made_by(transformer: Any, conditions: Conditions, kept: Watched) -> Tensor:
    states = picture_states(transformer, conditions, PASSES, Job(), kept=kept)
    return sound_by(LockedDenoiser(transformer, conditions, PASSES, states))


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("kept", list(Watched))
def test_wherever_states_are_kept_the_sound_is_the_same(
    kept: Watched, streamed: bool, stock: LTX2Pipeline, own_stock: LTX2Pipeline
) -> None:
    expected = made_by(stock.transformer, conditions_for(stock, 2), Watched.CARD)
    if streamed:
        place_transformer(own_stock.transformer, CPU, resident_blocks=1)
    found = made_by(own_stock.transformer, conditions_for(stock, 2), kept)
    assert torch.equal(found, expected)


class _Told:
    """How often pictures were taken through the blocks."""

    def __init__(self) -> None:
        self.steps = 0
        self.job = Job(self._count)

    def _count(self, progress: Progress) -> None:
        self.steps += progress.stage == STAGE

    @property
    def pictures(self) -> int:
        return self.steps // (BLOCKS + 1)


@pytest.mark.parametrize("kept", list(Watched))
def test_the_next_batch_over_a_picture_has_its_states_and_one_over_another_takes_their_place(
    kept: Watched, stock: LTX2Pipeline
) -> None:
    told, held, plan = _Told(), WatchedStates(), LockedPlan(kept=kept)
    first = conditions_for(stock, 2)
    second = another_picture(first)
    expected = {name: made_by(stock.transformer, one, Watched.CARD) for name, one in (("a", first), ("b", second))}
    assert relative_error(expected["a"], expected["b"]) > 1e-3
    for name, made in (("a", 1), ("a", 1), ("b", 2), ("a", 3)):
        denoiser = held.denoiser(stock.transformer, name, first if name == "a" else second, PASSES, told.job, plan)
        assert torch.equal(sound_by(denoiser), expected[name])
        assert told.pictures == (made if kept is not Watched.AGAIN else 0)


def test_several_pictures_are_kept_where_there_is_room_the_one_used_first_goes_first(stock: LTX2Pipeline) -> None:
    told, held, plan = _Told(), WatchedStates(), LockedPlan(pictures=2)
    conditions = conditions_for(stock)
    for name, made in (("a", 1), ("b", 2), ("a", 2), ("c", 3), ("a", 3), ("b", 4)):
        held.denoiser(stock.transformer, name, conditions, PASSES, told.job, plan)
        assert told.pictures == made, name


def test_a_denoiser_goes_on_with_another_caption_and_is_made_anew_for_more_takes(stock: LTX2Pipeline) -> None:
    held = WatchedStates()
    conditions = conditions_for(stock, 2)
    denoiser = held.denoiser(stock.transformer, "a", conditions, PASSES, Job())
    other = replace(conditions, text=replace(conditions.text, audio=conditions.text.audio.flip(1)))
    expected = made_by(stock.transformer, other, Watched.CARD)
    assert held.denoiser(stock.transformer, "b", other, PASSES, Job()) is denoiser
    assert torch.equal(sound_by(denoiser), expected)
    assert held.denoiser(stock.transformer, "b", conditions_for(stock, 3), PASSES, Job()) is not denoiser


def test_after_a_failure_and_for_another_transformer_or_plan_states_are_made_anew(
    stock: LTX2Pipeline, own_stock: LTX2Pipeline
) -> None:
    told, held = _Told(), WatchedStates()
    conditions = conditions_for(stock)
    held.denoiser(stock.transformer, "a", conditions, PASSES, told.job)
    with pytest.raises(torch.OutOfMemoryError), held.freed_on_failure():
        raise torch.OutOfMemoryError
    for made, transformer, plan in (
        (2, stock.transformer, LockedPlan()),
        (3, own_stock.transformer, LockedPlan()),
        (4, own_stock.transformer, LockedPlan(pictures=2)),
    ):
        held.denoiser(transformer, "a", conditions, PASSES, told.job, plan)
        assert told.pictures == made


def test_layers_laid_side_by_side_give_the_same_and_follow_the_bank(
    stock: LTX2Pipeline, own_stock: LTX2Pipeline, tiny_lora: Path
) -> None:
    conditions, whisper = conditions_for(stock, 2), LoraState(lora="whisper", strength=1.0)
    pairs = read_lora(tiny_lora, layout_from_config(dict(stock.transformer.config))).pairs
    join_sound_layers(own_stock.transformer)
    found = made_by(own_stock.transformer, conditions, Watched.CARD)
    assert relative_error(found, made_by(stock.transformer, conditions, Watched.CARD)) <= 1e-6
    bank = WeightBank(own_stock.transformer)
    bank.prepare(whisper, pairs)
    denoiser = WatchedStates().denoiser(own_stock.transformer, "a", conditions, PASSES, Job())
    bank.use(whisper)
    whispered = sound_by(denoiser)
    bank.use(LoraState(lora="", strength=0.0))
    assert torch.equal(sound_by(denoiser), found)
    assert relative_error(whispered, found) > 0.01
    assert set(own_stock.transformer.state_dict()) == set(stock.transformer.state_dict())


@pytest.mark.parametrize(
    ("layers", "changes"),
    [
        (("transformer_blocks.3.audio_attn1.to_q", "transformer_blocks.3.video_to_audio_attn.to_out.0"), False),
        (("audio_proj_in", "transformer_blocks.0.audio_ff.net.2"), False),
        (("transformer_blocks.3.audio_attn1.to_q", "transformer_blocks.3.attn1.to_q"), True),
        (("transformer_blocks.3.audio_to_video_attn.to_q",), True),
        (("proj_in",), True),
    ],
)
def test_a_lora_of_the_sounds_side_leaves_the_picture_as_it_is(layers: tuple[str, ...], changes: bool) -> None:
    assert changes_picture(layers) is changes
