"""What is trained on, and what comes of it. A leaf: the half that needs torch and the half that does not share it.

recordings ──► Clips, measured ──► Dataset ──► train() ──► Stepped | Checkpointed | Rendered … ──► Trained

`renderers.ltx.training` has the half with torch:

    machine_plan(dataset, recipe, settings) -> MachinePlan              imports no torch for longer than it must
    train(dataset, recipe, settings, folder, job) -> Iterator[TrainingEvent]

`train` goes on from the last checkpoint in `folder` that the same recipe, clips and weights made, writes one before it
raises `JobCancelled`, and ends with `Trained`.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sottovoce_engine.scene import Gender, Raster
from sottovoce_engine.timing import Span

FORMAT = 1  # of the JSON that a dataset is kept as


class Split(StrEnum):
    """What a clip is for."""

    TRAIN = "train"
    VALIDATION = "validation"  # its loss is measured, and nothing is learnt from it


class Origin(StrEnum):
    """Where a transcript is from."""

    WRITTEN = "written"  # a person wrote it beside the recording
    HEARD = "heard"  # a Whisper model heard it


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the judge measured on a clip, beside the register that is claimed."""

    verdict: str  # whisper, mixed, voiced, uncertain or silent
    v: float | None  # 0..1, how much voice there is; None: nobody speaks
    nearest: str  # the register whose effort lies nearest; "" where there is no voice to tell it by
    fits: bool | None  # None: nobody knows how the claimed register should measure
    why: tuple[str, ...]  # the judge's words; empty where it is simply right


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One clip to train on: a movie of exactly `frames` frames, with the sound of the same time.

    The movie is conformed: `raster`, `rate`, Rec.709 limited range, 48 kHz stereo PCM, all-intra.
    """

    name: str  # as it is shown: the recording's path in its folder, and "#2" for the second clip of it
    movie: str  # an absolute path
    content: str  # the hash of the movie's bytes
    frames: int
    rate: Fraction
    raster: Raster
    has_picture: bool  # False: the recording has none, and the movie's is plain grey
    recording: str  # an absolute path
    span: Span  # samples of the recording at 48 kHz: the speech
    speech: Span  # samples of the movie: the same speech there
    voice: str
    gender: Gender
    register: str
    transcript: str
    origin: Origin
    caption: str
    split: Split
    measured: Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationCaption:
    """What is rendered every so often to hear how far the training has come."""

    caption: str
    gender: Gender
    register: str  # it is judged as this
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """All that is trained and validated on."""

    clips: tuple[Clip, ...]
    validation: tuple[ValidationCaption, ...]
    digest: str  # of all in the clips that determines what is learnt: contents, captions, splits

    @property
    def train(self) -> tuple[Clip, ...]:
        return tuple(clip for clip in self.clips if clip.split is Split.TRAIN)

    @property
    def held_out(self) -> tuple[Clip, ...]:
        return tuple(clip for clip in self.clips if clip.split is Split.VALIDATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachinePlan:
    """What training needs of this machine."""

    device: str  # as a person knows it: "NVIDIA H200", "the processor"
    needed_bytes: int  # of its memory, at the most
    free_bytes: int
    seconds_a_step: float | None  # None: never measured on such a device
    notes: tuple[str, ...]

    @property
    def fits(self) -> bool:
        return self.needed_bytes <= self.free_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """One step of the optimiser is done."""

    step: int  # from 1
    loss: float
    learning_rate: float
    seconds: float  # that it took
    validation_loss: float | None = None  # of the clips held out, where it was measured after this step


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpointed:
    """All that is needed to go on from here is on the disk."""

    step: int
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A validation caption was rendered with the LoRA as it is after `step` steps; step 0: without it."""

    step: int
    asked: ValidationCaption
    movie: str  # with the sound that is judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The training is over."""

    lora: str  # the .safetensors file
    steps: int
    loss: float  # the mean of the last steps
    notes: tuple[str, ...]


TrainingEvent = Stepped | Checkpointed | Rendered | Trained
