"""Placements in words: what lies where, what it takes, what it costs."""

from sottovoce_engine.renderers.ltx.placement import Kept, Memory, Placement, Residence, Watched
from sottovoce_engine.renderers.ltx.working_memory import CARD_MARGIN, HOST_MARGIN

# Source: host to card from page-locked memory, 54 GB/s measured on an H100; a card of the fourth PCIe generation has
# about half of that, which is not measured here.
FAST_LINK, SLOW_LINK = 54e9, 25e9


def in_words(placement: Placement) -> str:
    """One paragraph for a person."""
    return " ".join(
        [
            f"{_transformer(placement)}; {_beside(placement)}.",
            f"At most {gigabytes(placement.card.most)} on the card (captions {gigabytes(placement.card.captions)}, sampling "
            f"{gigabytes(placement.card.sampling)}, decoding {gigabytes(placement.card.decoding)}) and {gigabytes(placement.host)} of the "
            "host's memory, estimated.",
            _cost(placement),
        ]
    )


def seconds_streaming(placement: Placement, link: float) -> float:
    """How long the weights of one forward are on their way: bytes over the link's rate.

    They travel while the block before is computed, so a forward takes the longer of this and its arithmetic.
    """
    return placement.travelling / link


def advice(free: Memory, asked: str, least: Placement) -> str:
    """Why no placement fits, and what can be done.

    Args:
        free: What there is.
        asked: The setting `memory`.
        least: The placement that needs the least.
    """
    halved = "" if asked == "fp8" else "set memory = 'fp8', which halves the blocks and changes the numbers a little; "
    return (
        f"LTX-2.3 does not fit: {gigabytes(free.card)} of the card and {gigabytes(free.host)} of the host's memory are "
        f"free, and at the least {gigabytes(least.card.most + CARD_MARGIN)} and {gigabytes(least.host + HOST_MARGIN)} are "
        f"needed. End what else uses them; or in the LTX settings {halved}lower `pixels`. Or render with --renderer "
        "scratch, which needs none."
    )


def gigabytes(size: int) -> str:
    """Decimal, as cards and disks are sold."""
    return f"{size / 1e9:.1f} GB"


def _transformer(placement: Placement) -> str:
    kind = "fp8 but for the layers a LoRA changes" if placement.fp8 else "unrounded"
    if placement.resident_blocks == placement.blocks:
        whole = (
            "All models stay on the card"
            if placement.residence is Residence.RESIDENT
            else "The transformer on the card"
        )
        return f"{whole} ({kind})"
    return (
        f"{placement.resident_blocks} of the transformer's {placement.blocks} blocks on the card, the others streamed from "
        f"the host ({kind})"
    )


def _beside(placement: Placement) -> str:
    told = {
        Kept.ALL: "every model is kept for the next batch",
        Kept.PICTURE: "the decoders beside it, the text encoder loaded when a caption is new",
        Kept.NONE: "one stage's models at a time, loaded again for each batch",
    }[placement.kept]
    parts = [
        "the text encoder streamed layer by layer" if placement.text_streamed else "",
        "LoRA'd weights kept on the host" if placement.bank_on_host else "",
        "" if placement.passes_together else "guidance passes one after the other",
        "pictures decoded in tiles" if placement.tiled else "",
        f"states of {_pictures(placement)} {placement.watched}" if _tells_of_states(placement) else "",
    ]
    return ", ".join([told, *(part for part in parts if part)])


def _tells_of_states(placement: Placement) -> bool:
    """Only where sound over a locked picture is not sampled in the plainest way."""
    return placement.watched is not Watched.CARD or placement.pictures > 1


def _pictures(placement: Placement) -> str:
    return "a locked picture" if placement.pictures == 1 else f"{placement.pictures} locked pictures"


def _cost(placement: Placement) -> str:
    told = []
    if placement.travelling:
        fast, slow = (seconds_streaming(placement, link) for link in (FAST_LINK, SLOW_LINK))
        told.append(
            f"Every forward brings {gigabytes(placement.travelling)} to the card: {fast:.1f} s at 54 GB/s (measured on an H100), "
            f"{slow:.1f} s at 25 GB/s (assumed), hidden as far as computing takes longer."
        )
    if placement.watched_travelling:
        size = gigabytes(placement.watched_travelling)
        told.append(f"Every step over a locked picture brings {size} of its states to the card.")
    if placement.watched is Watched.AGAIN:
        told.append("Every step over a locked picture takes the picture through all blocks again.")
    if placement.bank_on_host:
        told.append("Changing the LoRA takes some 0.2 s.")
    if not placement.passes_together:
        told.append("Steps with guidance take about 1.1 times as long (measured on an H200).")
    if placement.tiled:
        told.append("Decoding a picture takes about twice as long (estimated).")
    if placement.kept is Kept.NONE:
        told.append("Models are read from disk again for every stage.")
    return " ".join(told) or "It costs no time."
