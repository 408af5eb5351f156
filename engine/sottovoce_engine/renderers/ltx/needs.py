"""What has to be on this machine before the renderer can work with these settings, and what of it is. No torch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.registers import Register
from sottovoce_engine.renderers.ltx import licences
from sottovoce_engine.renderers.ltx.checkpoint import PARTS, Checkpoint, checkpoint, checkpoint_folder
from sottovoce_engine.renderers.ltx.lora_file import LoraReport, read_lora
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3, ModelLayout
from sottovoce_engine.renderers.ltx.model_sizes import LTX_2_3_SIZES
from sottovoce_engine.renderers.ltx.settings import DEFAULT_LORA, DEFAULT_MODEL, DISTILLED_MODEL, LtxSettings
from sottovoce_engine.renderers.ltx.sources import SUFFIX, found_at, hub_name, lora_named, lora_path
from sottovoce_engine.renderers.ltx.two_stages import SUBFOLDER, upsampler_path

# Source: MODELS-LTX-2.3.md of Lightricks/LTX-2.
UPSAMPLER = "Lightricks/LTX-2.3/ltx-2.3-spatial-upscaler-x2-1.1.safetensors"

_BF16 = 2  # bytes
_FILE_BYTES = _BF16 * (
    LTX_2_3_SIZES.transformer + LTX_2_3_SIZES.connectors + LTX_2_3_SIZES.decoders + LTX_2_3_SIZES.vocoder
)
_TEXT_BYTES = _BF16 * LTX_2_3_SIZES.text_encoder
_LORA_BYTES = 164_000_000  # Source: 82 M parameters, from the card's rank and modules


class Role(StrEnum):
    """What a download is for."""

    CHECKPOINT = "checkpoint"
    TEXT_ENCODER = "text encoder"  # and tokenizer, scheduler and configs, beside a single file
    LORA = "LoRA"
    UPSAMPLER = "upsampler"


class Standing(StrEnum):
    """How a need stands on this machine."""

    HERE = "here"
    MISSING = "missing"  # wholly or in part: fetch it, or name it in the settings
    UNUSABLE = "unusable"  # damaged, or of another model


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing the renderer cannot do without."""

    role: Role
    named: str  # by the settings or a register; "" where nothing is named
    wanted_by: tuple[str, ...]  # names of registers; empty: every render
    standing: Standing
    place: str  # "" where it is not here
    size_bytes: int  # on this machine
    fetch_bytes: int | None  # to be fetched, about; None where it is not known
    licence: str
    about: tuple[str, ...]  # what it is, and what to look at
    problem: str  # why it is missing or unusable, and what to do; "" where it is here

    @property
    def hub_id(self) -> str:
        return hub_name(self.named)[0]


def needs(settings: LtxSettings, registers: Iterable[Register]) -> tuple[Need, ...]:
    """Everything the settings and the registers ask for, the checkpoint first."""
    found = list(_checkpoints(settings))
    try:
        layout = checkpoint(settings.model, settings.text_model).layout
    except (SetupError, InputError):
        layout = LTX_2_3
    found += _loras(settings, registers, layout)
    if settings.upscaled:
        found += _second_stage(settings, layout)
    return tuple(found)


def _checkpoints(settings: LtxSettings) -> Iterator[Need]:
    if settings.random_weights:
        return
    yield _checkpoint_need(settings.model, settings, _doubts(settings))
    if _is_file(settings.model):
        yield _text_need(settings)


def _checkpoint_need(named: str, settings: LtxSettings, doubts: tuple[str, ...]) -> Need:
    found = found_at(named)
    problem, standing, whole = "", Standing.HERE, None
    try:
        whole = checkpoint(named, settings.text_model)
    except SetupError as error:
        beside_alone = _is_file(named) and found is not None and checkpoint_folder(settings.text_model) is None
        problem, standing = ("", Standing.HERE) if beside_alone else (str(error), Standing.MISSING)
    except InputError as error:
        problem, standing = str(error), Standing.UNUSABLE
    return Need(
        role=Role.CHECKPOINT,
        named=named,
        wanted_by=(),
        standing=standing,
        place=str(found or ""),
        size_bytes=_size(found, PARTS),
        fetch_bytes=_checkpoint_bytes(named),
        licence=licences.SINGLE_FILE if _is_file(named) else licences.CHECKPOINT,
        about=(*_told(whole), *doubts),
        problem=problem,
    )


def _text_need(settings: LtxSettings) -> Need:
    """What a single file lacks. Its own parts are told of with the checkpoint."""
    folder = checkpoint_folder(settings.text_model)
    problem = ""
    if folder is None or not all(any((folder / part).glob("*.json")) for part in PARTS):
        problem = (
            f"Beside a single file, a text encoder, a tokenizer and configs are needed, and '{settings.text_model}' does "
            f"not have them here. Fetch them with: sottovoce models fetch {settings.text_model}. Or name the folder of an "
            "LTX-2.3 checkpoint in diffusers' layout as `text_model` in the LTX settings."
        )
    return Need(
        role=Role.TEXT_ENCODER,
        named=settings.text_model,
        wanted_by=(),
        standing=Standing.MISSING if problem else Standing.HERE,
        place=str(folder or ""),
        size_bytes=_size(folder, ("text_encoder", "tokenizer", "scheduler")),
        fetch_bytes=_TEXT_BYTES,
        licence=licences.TEXT_ENCODER,
        about=(),
        problem=problem,
    )


def _loras(settings: LtxSettings, registers: Iterable[Register], layout: ModelLayout) -> Iterator[Need]:
    """One need for each LoRA that a register asks for."""
    wanted: dict[str, list[str]] = {}
    for register in registers:
        if register.lora:
            wanted.setdefault(lora_named(register, settings), []).append(register.name)
    for named, by in wanted.items():
        yield _lora_need(named, tuple(by), layout)


def _lora_need(named: str, wanted_by: tuple[str, ...], layout: ModelLayout) -> Need:
    place, report, problem, standing = None, None, "", Standing.HERE
    try:
        if not named:
            raise SetupError(f'The LTX settings name no LoRA. Write lora = "{DEFAULT_LORA}", or its .safetensors file.')
        place = lora_path(named)
        report = read_lora(place, layout).report
    except SetupError as error:
        problem, standing = str(error), Standing.MISSING
    except InputError as error:
        problem, standing = str(error), Standing.UNUSABLE
    return Need(
        role=Role.LORA,
        named=named,
        wanted_by=wanted_by,
        standing=standing,
        place=str(place or ""),
        size_bytes=place.stat().st_size if place is not None else 0,
        fetch_bytes=_LORA_BYTES if named == DEFAULT_LORA else None,
        licence=licences.lora_licence(named),
        about=() if report is None else _lora_words(report),
        problem=problem,
    )


def _second_stage(settings: LtxSettings, layout: ModelLayout) -> Iterator[Need]:
    """What `upscaled` asks for."""
    place, problem = None, ""
    try:
        place = upsampler_path(settings, checkpoint_folder(settings.model) or Path())
    except SetupError as error:
        problem = str(error)
    yield Need(
        role=Role.UPSAMPLER,
        named=settings.upsampler,
        wanted_by=(),
        standing=Standing.MISSING if problem else Standing.HERE,
        place=str(place or ""),
        size_bytes=_size(place, ("", SUBFOLDER)),
        fetch_bytes=None,
        licence=licences.SINGLE_FILE,
        about=(f'Lightricks offers it as "{UPSAMPLER}".',) if problem and not settings.upsampler else (),
        problem=problem,
    )
    if settings.second_model:
        yield _checkpoint_need(settings.second_model, settings, ())
    if settings.second_lora:
        yield _lora_need(settings.second_lora, (), layout)


def _lora_words(report: LoraReport) -> tuple[str, ...]:
    """What matters of a LoRA, in a line, and its warnings."""
    ranks = ", ".join(map(str, report.ranks))
    alphas = ", ".join(f"{alpha:g}" for alpha in report.alphas)
    made_for = report.made_for or "a model its header does not name"
    fits = f"rank {ranks}, alpha {alphas}, {report.matched} layers of LTX-{report.model_version} match; made for {made_for}"
    return (fits, *report.warnings)


def _told(whole: Checkpoint | None) -> tuple[str, ...]:
    return () if whole is None else (f"LTX-{whole.layout.version}, {whole.layout.blocks} blocks",)


def _doubts(settings: LtxSettings) -> tuple[str, ...]:
    """Whether dev and distilled are mixed up is told by the name alone: their configs are the same."""
    distilled = "distilled" in settings.model.lower()
    if settings.preset == "fast" and not distilled:
        return ("Preset fast samples 8 steps without guidance and needs distilled weights; this name does not say so.",)
    if settings.preset == "best" and distilled:
        return ("Preset best is for dev weights; this name says distilled, which preset fast is for.",)
    return ()


def _checkpoint_bytes(named: str) -> int | None:
    if _is_file(named):
        return _FILE_BYTES
    return _FILE_BYTES + _TEXT_BYTES if named in (DEFAULT_MODEL, DISTILLED_MODEL) else None


def _is_file(named: str) -> bool:
    found = found_at(named)
    return found.is_file() if found is not None else named.endswith(SUFFIX)


def _size(place: Path | None, folders: Iterable[str]) -> int:
    """Bytes of a file, or of the files in these folders of a folder."""
    if place is None:
        return 0
    if place.is_file():
        return place.stat().st_size
    return sum(file.stat().st_size for folder in folders for file in (place / folder).glob("*") if file.is_file())
