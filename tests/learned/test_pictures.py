from dataclasses import replace

import numpy as np
import pytest
import torch
from bench.learned.pictures import Seen, apart

from sottovoce_engine.renderers.ltx.latents import Latents


@pytest.fixture
def seen() -> Seen:
    torch.manual_seed(1)
    latents = Latents(video=torch.randn(1, 7, 128), audio=3.0 * torch.randn(1, 51, 128))
    return Seen(latents=latents, frames=np.full((49, 4, 4, 3), 200, np.uint8))


def test_a_take_lies_nowhere_apart_from_itself(seen: Seen) -> None:
    (moved,) = apart([seen], [seen])
    assert moved.equal
    assert (moved.latents_max, moved.frames_max, moved.sound_mean) == (0.0, 0.0, 0.0)


def test_distances_are_in_deviations_and_in_levels(seen: Seen) -> None:
    deviation = seen.latents.video.std()
    video = seen.latents.video.clone()
    video[:, 0] += 2.0 * deviation
    frames = seen.frames.copy()
    frames[0] = 250
    other = Seen(latents=Latents(video=video, audio=seen.latents.audio + 0.5 * seen.latents.audio.std()), frames=frames)
    (moved,) = apart([other], [seen])
    assert not moved.equal
    assert (moved.latents_max, moved.latents_mean) == pytest.approx((2.0, 2.0 / 7), rel=1e-4)
    assert (moved.frames_max, moved.frames_mean) == pytest.approx((50.0, 50.0 / 49))
    assert moved.sound_mean == pytest.approx(0.5, rel=1e-4)


def test_frames_alone_make_a_picture_another_one(seen: Seen) -> None:
    frames = seen.frames.copy()
    frames[3, 1, 1, 0] -= 1
    (moved,) = apart([replace(seen, frames=frames)], [seen])
    assert not moved.equal
    assert moved.frames_max == 1.0
