"""Sound over a picture that stays as it is: the picture's stream once, then only the sound's, step by step.

The picture is given whole and does not listen to the sound, so what a block makes of it is the same at every step
and for every take. What the sound watches is kept: each block's picture, normalised. How the noise level modulates it
changes from step to step, and so do keys and values; these are computed once for all takes.

    once        picture ──▶ block 0 ──▶ block 1 ──▶ ... ──▶ block 47       by caption and guidance pass
                               │           │                   │
                               ▼ kept      ▼                   ▼
    each step   sound ─────▶ block 0 ──▶ block 1 ──▶ ... ──▶ block 47      takes times passes side by side
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.captured import CapturedForward, made_ahead
from sottovoce_engine.renderers.ltx.denoising import TIMESTEPS, Conditions
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.locked_functions import EAGER, LockedFunctions
from sottovoce_engine.renderers.ltx.locked_sound import Answers, SoundModulation, SoundRows, places_by_frame
from sottovoce_engine.renderers.ltx.locked_states import (
    PictureStates,
    PictureStream,
    States,
    picture_states,
    refill,
)
from sottovoce_engine.renderers.ltx.placement import Watched
from sottovoce_engine.renderers.ltx.row_denoising import distinct_shares, ends, origins, places_for


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Given:
    """What of the conditions the sound's side reads at every step."""

    captions: Tensor  # the takes' one, then the negative one: [captions, tokens, width]
    shares: Tensor  # distinct shares of the sound that are given
    share_of_token: Tensor | None  # which of them each token has; None: all the first

    def tensors(self) -> tuple[Tensor, ...]:
        return (self.captions, self.shares, *(() if self.share_of_token is None else (self.share_of_token,)))


class LockedDenoiser:
    """The sound's side of the transformer over a picture's states. Rows are takes within passes, as `RowDenoiser`'s."""

    def __init__(
        self,
        transformer: Any,
        conditions: Conditions,
        passes: tuple[Pass, ...],
        states: PictureStates,
        *,
        functions: LockedFunctions = EAGER,
        captured: bool = False,
    ) -> None:
        """Computes what stays the same over all steps.

        Args:
            transformer: Of the 2.3 layout.
            conditions: Of the takes, which share one caption and one picture.
            passes: Those a step needs.
            states: Of that picture, for that caption and these passes.
            functions: Of a block.
            captured: Whether steps are replayed as a CUDA graph: weights and states then stay where they are.
        """
        self._transformer, self._states, self._functions = transformer, states, functions
        self._perturbed_blocks = conditions.perturbed_blocks
        isolated = tuple(kind for kind in passes if kind is Pass.ISOLATED)
        self._passes = (*states.passes, *isolated)  # isolated rows last
        self._takes = takes = conditions.text.audio.shape[0]
        self._given = given = _given(conditions)
        device = given.captions.device
        early = tuple(kind for kind in self._passes if kind is not Pass.PERTURBED)
        self._early_passes = len(early)
        self._early_rows = _rows(early, takes, given)
        self._rows = _rows(self._passes, takes, given)
        self._origin = origins(self._passes, early, takes, device)
        self._places = places_by_frame(places_for(transformer, conditions), conditions.shape.frames)
        self._no_sound_sampled = conditions.kept_audio is not None and conditions.kept_audio.whole
        self._captured = captured
        self._forward: Callable[[Tensor, Tensor], Tensor] | None = None

    def takes_over(self, conditions: Conditions) -> bool:
        """Goes on with other conditions of the same shapes, over the same storage; False where they are of others."""
        given = _given(conditions)
        whole = conditions.kept_audio is not None and conditions.kept_audio.whole
        pairs = list(zip(self._given.tensors(), given.tensors(), strict=False))
        if (
            len(self._given.tensors()) != len(given.tensors())
            or any(old.shape != new.shape for old, new in pairs)
            or conditions.text.audio.shape[0] != self._takes
            or whole != self._no_sound_sampled
        ):
            return False
        for old, new in pairs:
            old.copy_(new)
        return True

    def velocities(self, latents: Latents, level: float) -> Mapping[Pass, Latents]:
        """The sound's; those of the picture are 0, as it stays."""
        audio = latents.audio.to(self._given.captions.dtype)
        step = torch.full((1,), level * TIMESTEPS, device=audio.device)
        if self._forward is None:
            self._forward = CapturedForward(self._predicted, audio, step) if self._captured else self._predicted
        found = torch.split(self._forward(audio, step).float(), self._takes)
        still = torch.zeros_like(latents.video)
        return {kind: Latents(video=still, audio=one) for kind, one in zip(self._passes, found, strict=True)}

    def _predicted(self, audio: Tensor, step: Tensor) -> Tensor:
        """`[rows, tokens, 128]` for `[takes, tokens, 128]`."""
        transformer, given = self._transformer, self._given
        audio = transformer.audio_proj_in(audio).repeat(self._early_passes, 1, 1)
        modulation, end = self._modulation(step, audio)
        rows = self._early_rows
        for number, (block, answered) in enumerate(self._answered(modulation)):
            if number == self._states.parting:
                audio, rows = audio[self._origin], self._rows
            perturb = number in self._perturbed_blocks
            audio = self._functions.rows(block, audio, answered, modulation, self._places, rows, perturb=perturb)
        shift, scale = ends(transformer.audio_scale_shift_table, end, given.share_of_token)
        audio = transformer.audio_norm_out(audio) * (1 + scale) + shift
        found: Tensor = transformer.audio_proj_out(audio)
        return found

    def _answered(self, modulation: SoundModulation) -> Iterator[tuple[Any, Answers]]:
        """Each block with what its sound is answered with, which depends on no sound: in a graph it is made ahead."""
        made = (
            (block, self._functions.answers(block, state, self._given.captions, modulation, self._places))
            for block, state in self._states.beside(self._transformer.transformer_blocks)
        )
        return made_ahead(made) if self._captured else made

    def _modulation(self, step: Tensor, like: Tensor) -> tuple[SoundModulation, Tensor]:
        """The step's modulation, and the sound's levels themselves, embedded, for the output layer.

        The sound's noise level is the step's, that of what is given of it 0, as the picture's. Each crosses with the
        other one's level: the picture with that of the sound as a whole.
        """
        transformer = self._transformer
        still = torch.zeros_like(step)
        sigma = still if self._no_sound_sampled else step

        def embedded(layer: Any, at: Tensor) -> tuple[Tensor, Tensor]:
            parameters, embedding = layer(at, batch_size=at.shape[0], hidden_dtype=like.dtype)
            return parameters, embedding

        audio, end = embedded(transformer.audio_time_embed, step * (1 - self._given.shares))
        modulation = SoundModulation(
            audio=audio,
            audio_level=self._given.share_of_token,
            caption=embedded(transformer.audio_prompt_adaln, sigma)[0],
            picture_crossing=embedded(transformer.av_cross_attn_video_scale_shift, sigma)[0],
            sound_crossing=embedded(transformer.av_cross_attn_audio_scale_shift, still)[0],
            gate=embedded(transformer.av_cross_attn_audio_v2a_gate, still)[0],
        )
        return modulation, end


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPlan:
    """How sound is sampled over pictures that stay."""

    kept: Watched = Watched.CARD  # where states are
    pictures: int = 1  # whose states are kept at once
    functions: LockedFunctions = EAGER
    captured: bool = False  # steps as CUDA graphs: where all weights and all states stay on the card


@dataclass(slots=True, kw_only=True, eq=False)
class _Picture:
    """One picture's states, and the denoisers that were made over them."""

    shapes: tuple[object, ...]
    states: States
    denoisers: list[LockedDenoiser] = field(default_factory=list)


class WatchedStates:
    """The pictures that sound was sampled over last: their states and what was captured over them.

    the next batch is over...        it gets
    one of them                      states and graph as they are
    another, and there is room       states and graph of its own
    another of the same shapes       its states in the place of the oldest one's, under the same graph
    """

    def __init__(self) -> None:
        """Holds nothing yet."""
        self._transformer: Any = None
        self._plan = LockedPlan()
        self._held: dict[object, _Picture] = {}  # used last comes last

    def denoiser(
        self,
        transformer: Any,
        key: object,
        conditions: Conditions,
        passes: tuple[Pass, ...],
        job: Job,
        plan: LockedPlan = LockedPlan(),
    ) -> LockedDenoiser:
        """For a batch of takes.

        Args:
            transformer: Of the 2.3 layout; another one than before, or another plan, and all is made anew.
            key: Of everything the states depend on but the passes.
            conditions: Of the takes, which share one caption and one picture.
            passes: Those a step needs.
            job: Told where states are made.
            plan: How.

        Raises:
            SetupError: The transformer is not of the 2.3 layout.
        """
        if transformer is not self._transformer or plan != self._plan:
            self.free()
            self._transformer, self._plan = transformer, plan
        picture = self._picture((key, passes, conditions.perturbed_blocks), conditions, passes, job)
        for denoiser in picture.denoisers:
            if denoiser.takes_over(conditions):
                return denoiser
        made = LockedDenoiser(
            transformer, conditions, passes, picture.states, functions=plan.functions, captured=plan.captured
        )
        picture.denoisers.append(made)
        return made

    def free(self) -> None:
        """Lets go of them."""
        self._held.clear()
        self._transformer = None

    @contextmanager
    def freed_on_failure(self) -> Iterator[None]:
        """Lets go of them where memory runs out inside, or anything else goes wrong there."""
        try:
            yield
        except BaseException:
            self.free()
            raise

    def _picture(self, key: object, conditions: Conditions, passes: tuple[Pass, ...], job: Job) -> _Picture:
        picture = self._held.pop(key, None)
        if picture is None:
            picture = self._in_place_of_oldest(conditions, passes, job) or self._made(conditions, passes, job)
        self._held[key] = picture
        return picture

    def _in_place_of_oldest(self, conditions: Conditions, passes: tuple[Pass, ...], job: Job) -> _Picture | None:
        """Where there is no room for one more, the oldest one goes; None where its states are of other shapes."""
        if len(self._held) < self._plan.pictures:
            return None
        oldest = self._held.pop(next(iter(self._held)))
        if oldest.shapes != _shapes(conditions, passes) or isinstance(oldest.states, PictureStream):
            return None
        stream = PictureStream(self._transformer, conditions, passes, function=self._plan.functions.picture)
        refill(oldest.states, stream, self._transformer.transformer_blocks, job)
        return oldest

    def _made(self, conditions: Conditions, passes: tuple[Pass, ...], job: Job) -> _Picture:
        plan = self._plan
        states = picture_states(
            self._transformer, conditions, passes, job, kept=plan.kept, function=plan.functions.picture
        )
        return _Picture(shapes=_shapes(conditions, passes), states=states)


def _shapes(conditions: Conditions, passes: tuple[Pass, ...]) -> tuple[object, ...]:
    """What storage of states and a graph over it depend on."""
    return conditions.shape, passes, conditions.perturbed_blocks


def _given(conditions: Conditions) -> _Given:
    texts = [conditions.text.audio[:1], *([] if conditions.negative is None else [conditions.negative.audio])]
    captions = torch.cat(texts)
    shares, share_of_token = distinct_shares(conditions.kept_audio, captions.device)
    return _Given(captions=captions, shares=shares, share_of_token=share_of_token)


def _rows(passes: tuple[Pass, ...], takes: int, given: _Given) -> SoundRows:
    device = given.captions.device
    caption = torch.tensor([int(kind is Pass.NEGATIVE) for kind in passes], device=device)
    perturbed = torch.tensor([kind is Pass.PERTURBED for kind in passes for _ in range(takes)], device=device)
    return SoundRows(
        caption=caption if len(given.captions) > 1 else None,
        perturbed=perturbed[:, None, None] if Pass.PERTURBED in passes else None,
        takes=takes,
        watching=len([kind for kind in passes if kind is not Pass.ISOLATED]),
    )
