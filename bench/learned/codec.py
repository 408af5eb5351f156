"""Trains what turns sound and picture into latents and back. It hears all registers: it has to carry a whisper.

vocoder     mel spectrograms to 16 kHz; spectra and periodicity first, then a critic beside them, and half of the mels as
            the audio VAE gives them back, where it has been trained
audio       the audio VAE: mel spectrograms to latents and back
video       the video VAE: the moving mouth to latents and back
judged      copy-synthesis of held-out lines, by the judge: is a voice still a voice, a whisper still a whisper?

python -m bench.learned.codec vocoder --seconds 180        goes on from .learned/weights where it can
python -m bench.learned.codec judged
"""

import argparse
import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from bench.learned.corpus import CLIP_SAMPLES, FOLDER, RATE, Clip, read_clips, read_sounds
from bench.learned.critic import Critic, convincing_loss, critic_loss
from bench.learned.hearing import band_unlikeness, periodic_unlikeness, spectral_unlikeness
from bench.learned.mouth import mouths_for
from bench.learned.steps import Batch, Optimiser, Schedule, fast_float32, trained
from bench.learned.weights import FOLDER as WEIGHTS
from bench.learned.weights import begun, go_on_from, save_model
from torch import Tensor

from sottovoce_engine.renderers.ltx.anti_aliasing import PLAIN, Rates, phases_apart
from sottovoce_engine.renderers.ltx.loading import Part
from sottovoce_engine.renderers.ltx.sound_mel import mel_of

HOP, BANDS = 160, 64
_SEGMENT_FRAMES = 48  # of what the vocoder hears at once: 0.48 s
_FIRST_FRAME, _LAST_FRAME = 20, 180  # where somebody speaks
_PERIODIC, _BANDED, _CONVINCED, _ALIKE = 3.0, 2.0, 0.1, 2.0
_SOUND_DIVERGENCE, _PICTURE_DIVERGENCE = 0.01, 0.003
_LEVELLED = 64  # batches that the level is measured on
_MEL_NOISE = 0.05  # what latents lose of a mel


def main() -> None:
    """Runs one of them."""
    run(options().parse_args())


def options() -> argparse.ArgumentParser:
    """What can be chosen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("vocoder", "audio", "video", "judged"))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--plain", type=float, default=0.5, help="share of the vocoder's time without its critic")
    parser.add_argument("--rows", type=int, default=0, help="clips a step; 0: what suits the machine")
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--lines", type=int, default=24, help="held-out lines to judge, each in five registers")
    parser.add_argument("--corpus", type=Path, default=FOLDER)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    return parser


def run(chosen: argparse.Namespace) -> None:
    """One stage, on the GPU where there is one."""
    if chosen.what == "judged":
        from bench.learned.copies import print_copies

        print_copies(chosen.corpus, chosen.weights, chosen.lines)
        return
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    fast_float32()
    torch.manual_seed(5)
    {"vocoder": train_vocoder, "audio": train_audio_vae, "video": train_video_vae}[chosen.what](chosen, device)


def train_vocoder(chosen: argparse.Namespace, device: torch.device) -> None:
    """The first stage of the vocoder, from mel spectrograms that are a little noisy: alone, then with a critic."""
    sounds, mels = _heard(chosen.corpus, device)
    vocoder, critic = _vocoder_and_critic(chosen.weights, mels)
    net = vocoder.to(device).vocoder
    critic.to(device)
    if device.type == "cuda":
        phases_apart(net, _rates_for(net))

    def saved() -> None:
        _one_channel(net.conv_out)
        save_model(vocoder, "vocoder", chosen.weights)
        save_model(critic, "critic", chosen.weights)

    rows = chosen.rows or (16 if device.type == "cuda" else 4)
    plain = _segments(sounds, _twice(mels), rows)
    alone = chosen.seconds * chosen.plain
    if alone > 0:
        schedule = Schedule(seconds=alone, rate=chosen.rate or 1e-3, last_rate=3e-4)
        optimiser = Optimiser(list(net.parameters()), schedule, device)
        trained("vocoder", lambda batch: _unlikeness(net, batch)[1], optimiser, plain, schedule, saved)
        optimiser.take_mean()
    if chosen.seconds > alone:
        pick = _segments(sounds, torch.cat((_twice(mels), *_given_back(mels, chosen.weights))), rows)
        schedule = Schedule(seconds=chosen.seconds - alone, rate=chosen.rate or 4e-4, betas=(0.8, 0.99), clip=5.0)
        optimiser = Optimiser(list(net.parameters()), schedule, device)
        learning = Schedule(seconds=0, rate=4e-4, betas=(0.8, 0.99), averaged=0)
        judge = Optimiser(list(critic.parameters()), learning, device)
        trained("vocoder, critic", _criticised(net, critic, judge), optimiser, pick, schedule, saved)
        optimiser.take_mean()
    _as_loud(net, plain)
    saved()


def train_audio_vae(chosen: argparse.Namespace, device: torch.device) -> None:
    """The audio VAE over mel spectrograms, and the statistics of its latents."""
    _, mels = _heard(chosen.corpus, device)
    vae = begun(Part.AUDIO_VAE)
    if not go_on_from(vae, "audio_vae", chosen.weights):
        _begin_at(vae.encoder.conv_in.conv, mels)
        with torch.no_grad():
            vae.decoder.conv_out.conv.bias.fill_(float(mels.mean()))
    vae.to(device)

    def saved() -> None:
        _measure_audio(vae, mels)
        save_model(vae, "audio_vae", chosen.weights)

    def loss(batch: Batch) -> dict[str, Tensor]:
        mel = _twice(batch["mel"])
        made, divergence = _through(vae, mel)
        apart = (made - mel).abs().mean()
        steps = ((made - mel)[:, :, 1:] - (made - mel)[:, :, :-1]).abs().mean()
        return {"loss": apart + 0.5 * steps + _SOUND_DIVERGENCE * divergence, "apart": apart, "divergence": divergence}

    rows = chosen.rows or (16 if device.type == "cuda" else 1)
    schedule = Schedule(seconds=chosen.seconds, rate=chosen.rate or 1e-3)
    optimiser = Optimiser(list(vae.parameters()), schedule, device)

    def pick() -> dict[str, Tensor]:
        return {"mel": mels[torch.randint(len(mels), (rows,), device=device)]}

    trained("audio VAE", loss, optimiser, pick, schedule, saved)
    optimiser.take_mean()
    saved()


def train_video_vae(chosen: argparse.Namespace, device: torch.device) -> None:
    """The video VAE over mouths that move with the sound."""
    clips = [clip for clip in read_clips(chosen.corpus) if clip.part == "base"][:400]
    pictures = mouths_for(clips, read_sounds(clips, chosen.corpus)).to(device)
    vae = begun(Part.VAE)
    go_on_from(vae, "vae", chosen.weights)
    vae.to(device)

    def saved() -> None:
        _measure_video(vae, pictures)
        save_model(vae, "vae", chosen.weights)

    def loss(batch: Batch) -> dict[str, Tensor]:
        made, divergence = _through(vae, batch["picture"])
        apart = (made - batch["picture"]).abs().mean() + (made - batch["picture"]).square().mean()
        return {"loss": apart + _PICTURE_DIVERGENCE * divergence, "apart": apart, "divergence": divergence}

    rows = chosen.rows or (16 if device.type == "cuda" else 2)
    schedule = Schedule(seconds=chosen.seconds, rate=chosen.rate or 2e-3)
    optimiser = Optimiser(list(vae.parameters()), schedule, device)

    def pick() -> dict[str, Tensor]:
        return {"picture": pictures[torch.randint(len(pictures), (rows,), device=device)]}

    trained("video VAE", loss, optimiser, pick, schedule, saved)
    optimiser.take_mean()
    saved()


def mels_of(sounds: Tensor) -> Tensor:
    """`[clips, samples]` at RATE to `[clips, frames, bands]`, in the audio VAE's layout, of whole clips."""
    return torch.cat([mel_of(part, rate=RATE, hop=HOP, bands=BANDS) for part in torch.split(sounds, 64)])[
        :, : CLIP_SAMPLES // HOP
    ]


def _heard(corpus: Path, device: torch.device) -> tuple[Tensor, Tensor]:
    """Sounds and mels of all clips that are not held out, those of the rarer registers as often as the others."""
    clips = [clip for clip in read_clips(corpus) if clip.part != "held"]
    clips = _evened(clips)
    sounds = torch.from_numpy(read_sounds(clips, corpus)).to(device).float() / 32_768
    return sounds, mels_of(sounds)


def _evened(clips: list[Clip]) -> list[Clip]:
    """Clips without voice at about a third of all."""
    whispers = [clip for clip in clips if clip.register == "whisper"]
    times = max(1, round((len(clips) - len(whispers)) / 2 / max(1, len(whispers))))
    return clips + whispers * (times - 1)


def _twice(mels: Tensor) -> Tensor:
    """`[clips, frames, bands]` as two equal channels: `[clips, 2, frames, bands]`."""
    return mels[:, None].expand(-1, 2, -1, -1)


def _through(vae: Any, given: Tensor) -> tuple[Tensor, Tensor]:
    """What a VAE gives back by way of sampled latents, and how far these diverge from noise: nats for each number."""
    latents = vae.encode(given).latent_dist
    mean, logarithm = latents.mean, latents.logvar
    made = vae.decode(mean + (0.5 * logarithm).exp() * torch.randn_like(mean)).sample
    return made, 0.5 * (mean.square() + logarithm.exp() - 1 - logarithm).mean()


@torch.no_grad()
def _given_back(mels: Tensor, weights: Path) -> list[Tensor]:
    """All mels as the audio VAE gives them back, `[clips, 2, frames, bands]`; nothing where it was not trained."""
    vae = begun(Part.AUDIO_VAE)
    if not go_on_from(vae, "audio_vae", weights):
        return []
    vae.to(mels.device)
    return [torch.cat([_through(vae, _twice(part))[0] for part in torch.split(mels, 32)])]


def _segments(sounds: Tensor, mels: Tensor, rows: int) -> Callable[[], dict[str, Tensor]]:
    """Batches of half seconds, from mels `[n * clips, 2, frames, bands]`: n ways in which each clip can be heard."""
    device = sounds.device
    frames = torch.arange(_SEGMENT_FRAMES, device=device)
    samples = torch.arange(_SEGMENT_FRAMES * HOP, device=device)

    def pick() -> dict[str, Tensor]:
        clip = torch.randint(len(mels), (rows, 1), device=device)
        first = torch.randint(_FIRST_FRAME, _LAST_FRAME - _SEGMENT_FRAMES, (rows, 1), device=device)
        mel = mels[clip, :, first + frames].transpose(1, 2)
        sound = sounds[clip % len(sounds), first * HOP + samples]
        return {"mel": mel + _MEL_NOISE * torch.randn_like(mel[:, :1]), "sound": sound}

    return pick


def _rates_for(net: Any) -> Rates:
    """Compiled activations, which take most of a step's time otherwise; as they are where they do not compile."""
    from sottovoce_engine.renderers.ltx.compiled import compiled_rates

    tried = copy.deepcopy(net)
    phases_apart(tried, compiled_rates())
    mel = torch.zeros(2, 2, _SEGMENT_FRAMES, BANDS, device=next(net.parameters()).device)
    try:
        torch.autograd.backward(tried(mel).square().sum())
    except Exception as error:  # a compiler fails in many ways, and all of them cost time only
        print(f"activations are not compiled: {str(error).splitlines()[0]}", flush=True)
        return PLAIN
    return compiled_rates()


def _vocoder_and_critic(weights: Path, mels: Tensor) -> tuple[Any, Critic]:
    """As far as they were trained before."""
    vocoder, critic = begun(Part.VOCODER), Critic()
    if not go_on_from(vocoder, "vocoder", weights):
        _begin_at(vocoder.vocoder.conv_in, mels)
        _silence_second_stage(vocoder)
    go_on_from(critic, "critic", weights)
    return vocoder, critic


def _unlikeness(net: Any, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
    """What was made, and how unlike the real sound it is."""
    made, real = net(batch["mel"])[:, 0], batch["sound"]
    spectral, periodic, bands = (
        unlike(made, real) for unlike in (spectral_unlikeness, periodic_unlikeness, band_unlikeness)
    )
    total = spectral + _PERIODIC * periodic + _BANDED * bands
    return made, {"loss": total, "spectral": spectral, "periodic": periodic, "bands": bands}


def _criticised(net: Any, critic: Critic, judge: Optimiser) -> Callable[[Batch], dict[str, Tensor]]:
    """The loss with a critic, which learns in the same step."""

    def loss(batch: Batch) -> dict[str, Tensor]:
        made, parts = _unlikeness(net, batch)
        judge.forget()
        real = critic(batch["sound"])
        doubt = critic_loss(critic(made.detach()), real)
        torch.autograd.backward(doubt)
        judge.step()
        critic.requires_grad_(False)
        unconvinced, unlike = convincing_loss(critic(made), real)
        critic.requires_grad_(True)
        total = parts["loss"] + _CONVINCED * unconvinced + _ALIKE * unlike
        return {**parts, "loss": total, "doubt": doubt, "unlike": unlike}

    return loss


@torch.no_grad()
def _begin_at(convolution: Any, mels: Tensor) -> None:
    """Has a first convolution see mels as if they had mean 0 and deviation 1: log magnitudes lie far from that."""
    mean, deviation = float(mels.mean()), float(mels.std())
    convolution.weight /= deviation
    convolution.bias -= mean * convolution.weight.flatten(1).sum(1)


@torch.no_grad()
def _silence_second_stage(vocoder: Any) -> None:
    vocoder.bwe_generator.conv_out.weight.zero_()


@torch.no_grad()
def _as_loud(net: Any, pick: Callable[[], dict[str, Tensor]]) -> None:
    """Brings what is made to the level of what is real: of noise a mean is learnt, and a mean is quieter."""
    batches = [pick() for _ in range(_LEVELLED)]
    made, real = (
        torch.cat([sound.square().mean(-1) for sound in sounds])
        for sounds in ([net(batch["mel"])[:, 0] for batch in batches], [batch["sound"] for batch in batches])
    )
    apart = 0.5 * float((real / made).log().median())
    net.conv_out.weight *= math.exp(apart)
    print(f"level: raised by {20 * apart / math.log(10):.2f} dB", flush=True)


@torch.no_grad()
def _one_channel(convolution: Any) -> None:
    """Has the second channel be the first: one was trained."""
    convolution.weight[1] = convolution.weight[0]


@torch.inference_mode()
def _measure_audio(vae: Any, mels: Tensor) -> None:
    """Mean and deviation of the latents, by packed channel, as the pipelines read them."""
    from sottovoce_engine.renderers.ltx.latents import packed_audio

    some = mels[:: max(1, len(mels) // 256)]
    found = [
        packed_audio(vae.encode(part[:, None].repeat(1, 2, 1, 1)).latent_dist.mode()) for part in torch.split(some, 32)
    ]
    tokens = torch.cat(found).flatten(0, 1).float()
    vae.latents_mean.copy_(tokens.mean(0))
    vae.latents_std.copy_(tokens.std(0).clamp(min=1e-3))


@torch.inference_mode()
def _measure_video(vae: Any, pictures: Tensor) -> None:
    found = torch.cat([vae.encode(part).latent_dist.mode() for part in torch.split(pictures[:128], 16)])
    tokens = found.transpose(0, 1).flatten(1).float()
    vae.latents_mean.copy_(tokens.mean(1))
    vae.latents_std.copy_(tokens.std(1).clamp(min=1e-3))


if __name__ == "__main__":
    main()
