"""From what a person names to what is trained on: recordings, recipe, clips, and what to do about those that mismatch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from sottovoce.training.labelling import labelled_recordings
from sottovoce_engine.codec import to_json
from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.progress import Job
from sottovoce_engine.training.captioning import taught_registers
from sottovoce_engine.training.dataset import captioned_clips, dataset_of
from sottovoce_engine.training.measuring import mismatched
from sottovoce_engine.training.preparing import Preparing, prepared_clips
from sottovoce_engine.training.recipe_file import RecipeFile
from sottovoce_engine.training.values import FORMAT, Clip, Dataset
from sottovoce_otio.placing import replaced_file

DATASET = "dataset.json"

_SHOWN = 3


class Mismatches(StrEnum):
    """What is done about clips that do not measure as what they are labelled."""

    ASK = "ask"
    LEAVE_OUT = "leave out"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What there is to train on."""

    source: Path
    recipe: RecipeFile
    recordings: int
    clips: tuple[Clip, ...]  # all that could be made
    kept: tuple[str, ...]  # names of clips that a person knows better
    left_out: tuple[str, ...]  # what no clip could be made of, and why

    @property
    def mismatches(self) -> tuple[Clip, ...]:
        """The clips that do not measure as what they are labelled, and that nobody spoke for."""
        return tuple(clip for clip in mismatched(self.clips) if clip.name not in self.kept)

    @property
    def taught(self) -> tuple[str, ...]:
        """The registers that the LoRA will be for."""
        return taught_registers([clip.register for clip in self.clips])

    def without_mismatches(self) -> "Preparation":
        gone = {clip.name for clip in self.mismatches}
        return replace(self, clips=tuple(clip for clip in self.clips if clip.name not in gone))

    def dataset(self) -> tuple[Dataset, str]:
        """What is trained on, and why nothing is held out, where that is so.

        Raises:
            InputError: Nothing is left, or the recipe names a voice or register that there is not.
        """
        return dataset_of(self.clips, self.recipe.recipe, self.recipe.registers)


def prepare(source: Path, output: Path, recipe: RecipeFile, judge: Judge, kept: Sequence[str], job: Job) -> Preparation:
    """Makes clips of all recordings, as far as they are not made yet.

    Args:
        source: A folder of recordings, or a table that lists them.
        output: Where clips are kept.
        recipe: The clips' form, and the registers there are.
        judge: Measures, and listens where it has a recogniser.
        kept: Names of clips that a person knows better than the judge.
        job: Listening takes its time.

    Raises:
        InputError: Something cannot be used.
        SetupError: The disk is full.
        RenderError: The recogniser failed.
        JobCancelled: Cancelling was asked for.
    """
    recordings = labelled_recordings(source, recipe.registers)
    how = Preparing(form=recipe.recipe.clips, registers=recipe.registers, judge=judge)
    prepared = prepared_clips(recordings, output, how, job)
    clips = captioned_clips(prepared, recipe.recipe, recipe.registers, judge.register_thresholds)
    names = [clip.name for clip in clips]
    for name in kept:
        if name not in names:
            raise InputError(f"--keep names the clip '{name}', and there is none. {_nearest(name, names)}")
    return Preparation(
        source=source,
        recipe=recipe,
        recordings=len(recordings),
        clips=clips,
        kept=tuple(kept),
        left_out=prepared.left_out,
    )


def settled(preparation: Preparation, decided: Mismatches) -> Preparation:
    """The preparation with its mismatches dealt with as was decided.

    Raises:
        InputError: There are some, and nothing was decided.
    """
    found = preparation.mismatches
    if not found or decided is Mismatches.KEEP:
        return preparation
    if decided is Mismatches.LEAVE_OUT:
        return preparation.without_mismatches()
    shown = ", ".join(f"'{clip.name}'" for clip in found[:_SHOWN]) + (" and others" if len(found) > _SHOWN else "")
    raise InputError(
        f"{len(found)} of {len(preparation.clips)} clips do not measure as the register they are labelled with: {shown}. Listen "
        "to them. Then mend their labels, or add --leave-out-mismatches, --keep CLIP for those that you know better, or "
        "--keep-mismatches for all."
    )


def write_dataset(dataset: Dataset, output: Path) -> Path:
    """Writes down what is trained on, over what was written before.

    Raises:
        InputError, SetupError: It cannot be written there.
    """
    path = output / DATASET
    with replaced_file(path, "dataset") as staged:
        staged.write_text(to_json(dataset, format_version=FORMAT) + "\n", encoding="utf-8")
    return path


def _nearest(name: str, names: Sequence[str]) -> str:
    """The nearest name; not all of them, where there are hundreds."""
    said = nearest(name, names)
    return said if len(names) <= 8 else said.partition("Known:")[0] or "They are listed with the plan."
