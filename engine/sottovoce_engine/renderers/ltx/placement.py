"""Where the weights lie: a ladder of placements, the best first, each needing less of the card than one above it.

                  transformer              beside it on the card          bits
    resident      on the card              every other model              bf16
    transformer   on the card              decoders, where they fit       the same
    streamed      some blocks, the others  decoders, where they fit       the same
                  come from the host
    fp8           as above, half as big    decoders, where they fit       others: only where the settings ask for it

A step down changes where weights lie, never what they are, so a take's key stays true. fp8 rounds the weights: it
is a numeric class of its own, part of the key, and never entered because memory ran short.

All figures are bytes. What stages need beside weights is in `working_memory.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sottovoce_engine.renderers.ltx.model_sizes import ModelSizes
from sottovoce_engine.renderers.ltx.working_memory import (
    CARD_MARGIN,
    HOST_MARGIN,
    Load,
    activation_bytes,
    caption_bytes,
    decoding_bytes,
    watched_bytes,
)

_SLOTS = 2  # blocks that streaming keeps on the card: one at work, one on its way
_VOCODER_WIDTH = 4  # float32 always
_PICTURES = 4  # that stay and whose states may be kept: takes of a region follow each other


class Stage(StrEnum):
    """What the card is asked for at one time."""

    CAPTIONS = "captions"
    SAMPLING = "sampling"
    DECODING = "decoding"


class Residence(StrEnum):
    """Where the transformer lies, as the setting `memory` names it."""

    RESIDENT = "resident"
    TRANSFORMER = "transformer"
    STREAMED = "streamed"
    FP8 = "fp8"


class Kept(StrEnum):
    """What stays on the card while another stage works there."""

    ALL = "every model"
    PICTURE = "transformer and decoders"
    NONE = "one stage's models at a time"


class Watched(StrEnum):
    """Where the states of a picture that stays are kept while sound is sampled over it."""

    CARD = "on the card"
    HOST = "in the host's memory"
    AGAIN = "nowhere: computed again for every step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is free before anything is loaded."""

    card: int
    host: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The most that lies on the card in each stage."""

    captions: int
    sampling: int
    decoding: int

    @property
    def most(self) -> int:
        return max(self.captions, self.sampling, self.decoding)

    def of(self, stage: Stage) -> int:
        return {Stage.CAPTIONS: self.captions, Stage.SAMPLING: self.sampling, Stage.DECODING: self.decoding}[stage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a placement decides."""

    residence: Residence
    resident_blocks: int  # of the transformer, those that stay on the card; the others are streamed
    fp8: bool = False  # weights of layers that no LoRA changes
    bank_on_host: bool = False
    text_streamed: bool = False  # the text encoder comes from the host, layer by layer
    passes_together: bool = True  # guidance passes as one forward
    takes_at_once: int = 1
    tiled: bool = False  # pictures are decoded in tiles
    kept: Kept = Kept.ALL
    watched: Watched = Watched.CARD  # states of pictures that stay
    pictures: int = 1  # that stay and whose states are kept at once

    @property
    def keep_models(self) -> bool:
        """Whether every model stays on the card between stages and between batches."""
        return self.kept is Kept.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement(Choice):
    """Where everything lies while a batch is rendered, and what that needs."""

    blocks: int  # of the transformer
    card: Needs
    host: int  # the most that lies in the host's memory at once
    travelling: int  # weights that come to the card for every forward
    watched_travelling: int  # states that do so for every step over a picture that stays


def placements_for(
    free: Memory, sizes: ModelSizes, load: Load, *, asked: str = "auto", width: int = 2
) -> tuple[Placement, ...]:
    """The ladder from the best placement that fits downwards; empty where none does.

    Args:
        free: On the card and the host.
        sizes: Of the model.
        load: The largest window, and how it is to be sampled.
        asked: The setting `memory`. "auto" tries all but fp8; another one is held to, even where it does not fit.
        width: Bytes of a number as the model is held.
    """
    kinds = (Residence.RESIDENT, Residence.TRANSFORMER, Residence.STREAMED) if asked == "auto" else (Residence(asked),)
    room = _Room(free=free, sizes=sizes, width=width)
    every = tuple(dict.fromkeys(rung for kind in kinds for rung in _rungs(kind, room, load)))
    fitting = tuple(rung for rung in every if room.fits(rung))
    return fitting if fitting or asked == "auto" else every[-1:]


def least_of(free: Memory, sizes: ModelSizes, load: Load, *, asked: str = "auto", width: int = 2) -> Placement:
    """The placement that needs the least of those `asked` allows, fitting or not."""
    kind = Residence.STREAMED if asked == "auto" else Residence(asked)
    rungs = _rungs(kind, _Room(free=free, sizes=sizes, width=width), load)
    return min(rungs, key=lambda rung: (rung.card.most, rung.host))


def best_within(ladder: tuple[Placement, ...], limits: Mapping[Stage, int]) -> Placement | None:
    """The best placement that needs less of the card than what failed; None where nothing is left.

    Args:
        ladder: Best first.
        limits: For a stage in which memory ran out, what the placement then was held to need there.
    """
    return next(
        (rung for rung in ladder if all(rung.card.of(stage) < limit for stage, limit in limits.items())),
        None,
    )


def placed_again(placement: Choice, free: Memory, sizes: ModelSizes, load: Load, *, width: int = 2) -> Placement | None:
    """The same choice for another load; None where it does not fit that."""
    room = _Room(free=free, sizes=sizes, width=width)
    if load.together != placement.passes_together:
        load = replace(load, together=placement.passes_together and load.together)
    again = room.placed(placement, replace(load, takes=min(load.takes, placement.takes_at_once)))
    return again if room.fits(again) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """The machine and the model."""

    free: Memory
    sizes: ModelSizes
    width: int

    def fits(self, placement: Placement) -> bool:
        return placement.card.most + CARD_MARGIN <= self.free.card and placement.host + HOST_MARGIN <= self.free.host

    def block(self, *, fp8: bool) -> int:
        sizes = self.sizes
        return sizes.block_lora * self.width + (sizes.block - sizes.block_lora) * (1 if fp8 else self.width)

    def placed(self, choice: Choice, load: Load) -> Placement:
        """A choice with what it needs."""
        sizes, block = self.sizes, self.block(fp8=choice.fp8)
        away = sizes.blocks - choice.resident_blocks
        transformer = sizes.around_blocks * self.width + (choice.resident_blocks + min(away, _SLOTS)) * block
        bank = (load.states + 1 if load.states else 0) * sizes.lora_layers * self.width  # the base has a shelf, too
        text, decoders = sizes.text * self.width, sizes.decoders * self.width + sizes.vocoder * _VOCODER_WIDTH
        held = transformer + (0 if choice.bank_on_host else bank)
        text_held = 0 if choice.text_streamed else text
        passing = 2 * sizes.largest_text_layer * self.width if choice.text_streamed else text
        every, picture = choice.kept is Kept.ALL, choice.kept is not Kept.NONE
        from_host = away * block + (bank if choice.bank_on_host else 0)
        text_from_host = text if choice.text_streamed else 0
        states = watched_bytes(load)
        states_on_card = {Watched.CARD: choice.pictures * states, Watched.HOST: _SLOTS * states // sizes.blocks}
        watched = states_on_card.get(choice.watched, 0)
        if choice.watched is Watched.HOST:
            from_host += choice.pictures * states
        return Placement(
            **{name: getattr(choice, name) for name in Choice.__dataclass_fields__},
            blocks=sizes.blocks,
            card=Needs(
                captions=passing + caption_bytes(load) + every * (held + decoders),
                sampling=held + activation_bytes(load) + watched + every * text_held + picture * decoders,
                decoding=decoders
                + decoding_bytes(load, tiled=choice.tiled)
                + every * text_held
                + picture * (held + watched),
            ),
            host=from_host + text_from_host if every else max(from_host, text_from_host),
            travelling=away * block,
            watched_travelling=states if choice.watched is Watched.HOST else 0,
        )

    def streamed_blocks(self, choice: Choice, load: Load) -> int:
        """How many blocks can stay on the card where the others are streamed; below 0 where none can."""
        bare = self.placed(replace(choice, resident_blocks=0), load).card
        stages = {Kept.ALL: bare.most, Kept.PICTURE: max(bare.sampling, bare.decoding), Kept.NONE: bare.sampling}
        left = self.free.card - CARD_MARGIN - stages[choice.kept]
        return min(left // self.block(fp8=choice.fp8), self.sizes.blocks - 1)


def _rungs(kind: Residence, room: _Room, load: Load) -> Iterator[Placement]:
    """All variants of one residence, best first. Passes apart come last: they cost the most time."""
    few = replace(load, takes=1)
    loads = [load, few]
    if kind in (Residence.STREAMED, Residence.FP8):
        loads.append(replace(few, together=False))
    for variant in dict.fromkeys(loads):
        for kept in (Kept.ALL,) if kind is Residence.RESIDENT else tuple(Kept):
            for watched, pictures in _watchings(variant):
                for tiled in (False, True) if kind is not Residence.STREAMED else (True, False):  # or fewer blocks stay
                    draft = Choice(
                        residence=kind,
                        resident_blocks=room.sizes.blocks,
                        fp8=kind is Residence.FP8,
                        text_streamed=kind is not Residence.RESIDENT,
                        passes_together=variant.together,
                        takes_at_once=variant.takes,
                        tiled=tiled,
                        kept=kept,
                        watched=watched,
                        pictures=pictures,
                    )
                    yield from _with_text_placed(draft, room, variant)


def _watchings(load: Load) -> tuple[tuple[Watched, int], ...]:
    """Where states of pictures that stay may be, and of how many, best first."""
    if not load.watched:
        return ((Watched.CARD, 1),)
    some = tuple(dict.fromkeys((min(load.pictures, _PICTURES), 1)))
    kept = tuple((where, pictures) for where in (Watched.CARD, Watched.HOST) for pictures in some)
    return (*kept, (Watched.AGAIN, 1))


def _with_text_placed(draft: Choice, room: _Room, load: Load) -> Iterator[Placement]:
    """The text encoder whole where it has the card to itself and fits."""
    alone = replace(draft, text_streamed=False)
    if draft.kept is not Kept.ALL and room.placed(alone, load).card.captions + CARD_MARGIN <= room.free.card:
        draft = alone
    if draft.residence is not Residence.STREAMED:
        yield room.placed(draft, load)
        yield room.placed(replace(draft, bank_on_host=True), load)
    if draft.residence in (Residence.STREAMED, Residence.FP8):
        draft = replace(draft, bank_on_host=True)
        most = room.streamed_blocks(draft, load)
        for count in dict.fromkeys((most, most // 2, 0) if most >= 0 else (0,)):
            yield room.placed(replace(draft, resident_blocks=count), load)
