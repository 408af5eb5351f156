"""Trains the base: transformer and connectors, on captions of normal, loud and shouted lines. It never hears a whisper.

Picture and sound are learnt together by flow matching, at one noise level for both, each with noise of its own. A tenth
of the captions is the negative one, for guidance; for some clips the picture is given, as where it is locked.

    python -m bench.learned.base --seconds 120        goes on from .learned/weights where it can
"""

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from bench.learned.codec import HOP, mels_of
from bench.learned.corpus import BASE, FOLDER, FRAME_RATE, Clip, read_clips, read_sounds
from bench.learned.mouth import mouths_for
from bench.learned.reading import states_of, tokenizer_for
from bench.learned.steps import Batch, Optimiser, Schedule, fast_float32, trained
from bench.learned.weights import FOLDER as WEIGHTS
from bench.learned.weights import begun, go_on_from, save_model
from torch import Tensor, nn

from sottovoce_engine.renderers.ltx.latents import packed_audio, packed_video
from sottovoce_engine.renderers.ltx.loading import Part
from sottovoce_engine.renderers.ltx.sampling_settings import NEGATIVE_CAPTION
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, time_shift

_UNREAD, _LOCKED = 0.1, 0.15  # shares of the clips: without their caption, with their picture given
_EVEN = 0.1  # share of noise levels that are drawn evenly
_PICTURE = 0.3  # weight of its loss
_CHECKED_LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_TIMESTEPS = 1000.0
_MOVED = (0, -3, -1, 2)  # mel frames: each clip is learnt as it is and a little earlier or later


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clips:
    """What is learnt from, on one device. Caption 0 is the negative one; clip n has caption n + 1."""

    audio: Tensor  # [ways, clips, 51, 128], normalised: the ways it lies in time
    video: Tensor  # [clips, 7, 128], normalised
    states: Tensor  # [1 + clips, tokens, width * layers]
    counted: Tensor  # [1 + clips, tokens]


def main() -> None:
    """Trains it."""
    run(options().parse_args())


def options() -> argparse.ArgumentParser:
    """What can be chosen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--rows", type=int, default=64, help="clips a step")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--corpus", type=Path, default=FOLDER)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    return parser


def run(chosen: argparse.Namespace) -> None:
    """Encodes what is learnt from and trains on it."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    fast_float32()
    clips = [clip for clip in read_clips(chosen.corpus) if clip.register in BASE]
    learnt, checked = (
        _encoded([clip for clip in clips if clip.part == part], moved, chosen, device)
        for part, moved in (("base", _MOVED), ("held", (0,)))
    )
    transformer, connectors = begun(Part.TRANSFORMER), begun(Part.CONNECTORS)
    if not (
        go_on_from(transformer, "transformer", chosen.weights) and go_on_from(connectors, "connectors", chosen.weights)
    ):
        begin_quietly(transformer)
    torch.manual_seed(6)
    train(transformer.to(device), connectors.to(device), learnt, checked, chosen)


def train(transformer: Any, connectors: Any, learnt: Clips, checked: Clips, chosen: argparse.Namespace) -> None:
    """Trains both for the time given, and tells how far off they are on clips they never saw."""
    both = nn.ModuleList((transformer, connectors))
    velocity = _Velocity(transformer, connectors)

    def saved() -> None:
        print(f"held out: {_held_loss(velocity, checked):.4f}", flush=True)
        save_model(transformer, "transformer", chosen.weights)
        save_model(connectors, "connectors", chosen.weights)

    def loss(batch: Batch) -> dict[str, Tensor]:
        rows = len(batch["audio"])
        level = _levels(rows, learnt.video.shape[1], batch["audio"].device)
        seen = torch.where(torch.rand(rows, device=level.device) < _LOCKED, torch.zeros_like(level), level)
        return velocity.loss(batch, level, seen)

    schedule = Schedule(seconds=chosen.seconds, rate=chosen.rate)
    optimiser = Optimiser(list(both.parameters()), schedule, learnt.audio.device)
    trained("base", loss, optimiser, _picked(learnt, chosen.rows), schedule, saved, save_seconds=30.0)
    optimiser.take_mean()
    saved()


class _Velocity:
    """How far off the transformer's predictions are."""

    def __init__(self, transformer: Any, connectors: Any) -> None:
        self._transformer, self._connectors = transformer, connectors
        self._known: dict[tuple[int, int], dict[str, Tensor]] = {}

    def loss(self, batch: Batch, level: Tensor, seen: Tensor) -> dict[str, Tensor]:
        """Mean squared errors; the picture's level is `seen`, 0 where it is given and nothing of it is learnt."""
        audio, video = batch["audio"], batch["video"]
        noise, grain = torch.randn_like(audio), torch.randn_like(video)
        heard, looked = level[:, None, None], seen[:, None, None]
        found_video, found_audio = self._found(
            batch, torch.lerp(video, grain, looked), torch.lerp(audio, noise, heard), level, seen
        )
        sound = (found_audio - (noise - audio)).square().mean()
        sampled = (seen > 0).float()
        each = (found_video - (grain - video)).square().mean((1, 2))
        picture = (each * sampled).sum() / sampled.sum().clamp(min=1.0)
        return {"loss": sound + _PICTURE * picture, "sound": sound, "picture": picture}

    def _found(self, batch: Batch, video: Tensor, audio: Tensor, level: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        read_video, read_audio, _ = self._connectors(batch["states"], batch["counted"])
        sigma, picture_sigma = level * _TIMESTEPS, seen * _TIMESTEPS
        found: tuple[Tensor, Tensor] = self._transformer(
            hidden_states=video,
            audio_hidden_states=audio,
            encoder_hidden_states=read_video,
            audio_encoder_hidden_states=read_audio,
            timestep=picture_sigma,
            audio_timestep=sigma,
            sigma=picture_sigma,
            audio_sigma=sigma,
            **self._places(video, audio),
            use_cross_timestep=True,
            return_dict=False,
        )
        return found

    def _places(self, video: Tensor, audio: Tensor) -> dict[str, Tensor]:
        """Where picture and sound lie in time; what is made once can be read while a graph is captured."""
        rows, tokens = len(video), video.shape[1]
        if (rows, tokens) not in self._known:
            net, device = self._transformer, audio.device
            self._known[rows, tokens] = {
                "video_coords": net.rope.prepare_video_coords(rows, tokens, 1, 1, device, fps=float(FRAME_RATE)),
                "audio_coords": net.audio_rope.prepare_audio_coords(rows, audio.shape[1], device),
            }
        return self._known[rows, tokens]


def begin_quietly(transformer: Any) -> None:
    """Gates half open, nothing shifted or scaled, nothing said: what the class begins with is meant to be overwritten."""
    with torch.no_grad():
        for name, weight in transformer.named_parameters():
            if "table" in name or name.endswith("linear.weight") or "proj_out" in name:
                weight.zero_()
            if name.endswith("linear.bias"):
                weight.zero_()
        for block in transformer.transformer_blocks:
            for table in (block.scale_shift_table, block.audio_scale_shift_table):
                table[[2, 5, 8]] = 0.5  # of self-attention, of the feed-forward layer, of what is read
            for table in (block.video_a2v_cross_attn_scale_shift_table, block.audio_a2v_cross_attn_scale_shift_table):
                table[4] = 0.5


@torch.no_grad()
def _encoded(clips: list[Clip], moved: tuple[int, ...], chosen: argparse.Namespace, device: torch.device) -> Clips:
    """Clips as latents and captions as states, by the models that were trained before."""
    vae, audio_vae = begun(Part.VAE).to(device), begun(Part.AUDIO_VAE).to(device)
    for model, name in ((vae, "vae"), (audio_vae, "audio_vae")):
        if not go_on_from(model, name, chosen.weights):
            print(f"the {name} was not trained: its latents are random", flush=True)
    sounds = read_sounds(clips, chosen.corpus)
    heard = torch.from_numpy(sounds).to(device).float() / 32_768
    pictures = mouths_for(clips, sounds)
    latents = torch.stack([audio_latents(heard.roll(frames * HOP, 1), audio_vae) for frames in moved])
    seen = [packed_video(vae.encode(part.to(device)).latent_dist.mode()) for part in torch.split(pictures, 16)]
    tokenizer, encoder = reader(chosen.corpus)
    states, counted = states_of([NEGATIVE_CAPTION, *(clip.caption for clip in clips)], tokenizer, encoder.to(device))
    return Clips(
        audio=(latents - audio_vae.latents_mean) / audio_vae.latents_std,
        video=(torch.cat(seen) - vae.latents_mean) / vae.latents_std,
        states=states,
        counted=counted,
    )


def audio_latents(sounds: Tensor, audio_vae: Any) -> Tensor:
    """Of sounds `[clips, samples]` at RATE: `[clips, 51, 128]`, as the audio VAE has them."""
    return torch.cat(
        [
            packed_audio(audio_vae.encode(part[:, None].repeat(1, 2, 1, 1)).latent_dist.mode())
            for part in torch.split(mels_of(sounds), 16)
        ]
    )


def reader(corpus: Path) -> tuple[Any, Any]:
    """Tokenizer and text encoder: both follow from the corpus and a seed, neither is trained."""
    captions = sorted(clip.caption for clip in read_clips(corpus) if clip.part != "held")
    return tokenizer_for([NEGATIVE_CAPTION, *captions]), begun(Part.TEXT_ENCODER).eval()


def _picked(clips: Clips, rows: int) -> Callable[[], dict[str, Tensor]]:
    device, (ways, count) = clips.audio.device, clips.audio.shape[:2]

    def pick() -> dict[str, Tensor]:
        clip, way = torch.randint(count, (rows,), device=device), torch.randint(ways, (rows,), device=device)
        caption = torch.where(torch.rand(rows, device=device) < _UNREAD, torch.zeros_like(clip), clip + 1)
        return _batch(clips, way, clip, caption)

    return pick


def _batch(clips: Clips, way: Tensor, clip: Tensor, caption: Tensor) -> dict[str, Tensor]:
    return {
        "audio": clips.audio[way, clip],
        "video": clips.video[clip],
        "states": clips.states[caption],
        "counted": clips.counted[caption],
    }


def _levels(rows: int, video_tokens: int, device: torch.device) -> Tensor:
    """Noise levels as the LoRA's training draws them: normal in their logit, shifted as the model's schedule is."""
    shift = time_shift(video_tokens, ShiftSettings())
    shifted = torch.sigmoid(torch.randn(rows, device=device) + shift)
    even = torch.rand(rows, device=device)
    return torch.where(torch.rand(rows, device=device) < _EVEN, even, shifted).clamp(1e-3, 1.0)


@torch.no_grad()
def _held_loss(velocity: _Velocity, clips: Clips) -> float:
    """The sound's mean loss over some noise levels."""
    everything = torch.arange(clips.audio.shape[1], device=clips.audio.device)
    batch = _batch(clips, torch.zeros_like(everything), everything, everything + 1)
    levels = (torch.full((len(everything),), level, device=clips.audio.device) for level in _CHECKED_LEVELS)
    return math.fsum(float(velocity.loss(batch, each, each)["sound"]) for each in levels) / len(_CHECKED_LEVELS)


if __name__ == "__main__":
    main()
