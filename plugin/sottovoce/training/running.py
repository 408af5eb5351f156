"""One training: its events drawn and judged as they come, and the register that comes of it.

Stepped ─────────────► plot.svg
Rendered ──► judge ──► plot.svg, heard.csv
Trained ─────────────► NAME.toml beside NAME.safetensors
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from sottovoce.training.plot import Curve, Heard, plotted
from sottovoce.training.preparation import Preparation
from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.names import free_number, numbered
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.scene import Voice
from sottovoce_engine.training.measuring import measured_beside
from sottovoce_engine.training.new_registers import new_registers, registers_text
from sottovoce_engine.training.values import Checkpointed, Dataset, Rendered, Stepped, Trained
from sottovoce_otio.placing import new_file, replaced_file

PLOT, HEARD = "plot.svg", "heard.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a training."""

    trained: Trained
    taught: tuple[str, ...]
    registers: Path  # the registers file
    plot: Path
    heard: str  # of what was rendered last, in words; "" where nothing was


def trained(
    dataset: Dataset, preparation: Preparation, settings: LtxSettings, output: Path, judge: Judge, job: Job
) -> Result:
    """Trains, or goes on with what is in `output`, and writes what came of it there.

    Raises:
        InputError, SetupError, RenderError: As `renderers.ltx.training.door.train`.
        JobCancelled: Cancelling was asked for; the same call goes on from the last checkpoint.
    """
    from sottovoce_engine.renderers.ltx.training.door import train

    recipe = preparation.recipe.recipe
    log = _Log(output, judge, preparation.recipe.registers)
    done: Trained | None = None
    for event in train(dataset, recipe, settings, output, job):
        match event:
            case Stepped():
                log.steps.append(event)
            case Rendered():
                log.hear(event)
            case Checkpointed():
                log.write()
            case Trained():
                done = event
            case _:
                assert_never(event)
    assert done is not None, "a training ends with what was trained"
    log.write()
    return Result(
        trained=done,
        taught=preparation.taught,
        registers=_written_registers(done, dataset, preparation, output),
        plot=output / PLOT,
        heard=log.last_heard(),
    )


class _Log:
    """What a training did so far, as a person looks at it."""

    def __init__(self, folder: Path, judge: Judge, registers: RegisterTable) -> None:
        self._folder, self._judge, self._registers = folder, judge, registers
        self.steps: list[Stepped] = []
        self._heard: list[Heard] = []

    def hear(self, rendered: Rendered) -> None:
        """Judges what was rendered; what cannot be judged is noted so."""
        asked = rendered.asked
        register = self._registers.get(asked.register)
        voice = Voice(name="", gender=asked.gender)
        try:
            judgement = self._judge.judged_file(Path(rendered.movie), register=register, voice=voice, line=asked.line)
        except SottovoceError as error:
            self._heard.append(Heard(rendered=rendered, verdict="not judged", v=None, fits=None, why=str(error)))
            return
        found = judgement.register
        if found is None:
            self._heard.append(Heard(rendered=rendered, verdict="not judged", v=None, fits=None, why=""))
            return
        measured = measured_beside(found, register, voice, None, self._judge.register_thresholds)
        self._heard.append(
            Heard(
                rendered=rendered,
                verdict=measured.verdict,
                v=measured.v,
                fits=measured.fits,
                why="; ".join(measured.why),
            )
        )

    def write(self) -> None:
        """The plot and the table, over those of before."""
        losses = Curve(
            losses=tuple((step.step, step.loss) for step in self.steps),
            held_out=tuple(
                (step.step, step.validation_loss) for step in self.steps if step.validation_loss is not None
            ),
        )
        with replaced_file(self._folder / PLOT, "plot") as staged:
            staged.write_text(plotted(losses, self._heard, self._judge.register_thresholds), encoding="utf-8")
        with (
            replaced_file(self._folder / HEARD, "table") as staged,
            staged.open("w", newline="", encoding="utf-8") as file,
        ):
            table = csv.writer(file)
            table.writerow(("step", "register", "gender", "verdict", "v", "fits", "why", "line", "file"))
            table.writerows(_row(heard) for heard in self._heard)

    def last_heard(self) -> str:
        """How many of what was rendered last are in their register."""
        if not self._heard:
            return ""
        step = self._heard[-1].rendered.step
        last = [heard for heard in self._heard if heard.rendered.step == step]
        fit = sum(heard.fits is True for heard in last)
        unknown = sum(heard.fits is None for heard in last)
        told = f", and of {unknown} nobody knows how they should measure" if unknown else ""
        return f"at step {step:,}, {fit} of {len(last)} lines are in their register{told}: see '{self._folder / HEARD}'"


def _row(heard: Heard) -> Sequence[object]:
    asked = heard.rendered.asked
    v = "" if heard.v is None else f"{heard.v:.3f}"
    fits = "" if heard.fits is None else "yes" if heard.fits else "no"
    file = Path(heard.rendered.movie).name
    return heard.rendered.step, asked.register, asked.gender, heard.verdict, v, fits, heard.why, asked.line, file


def _written_registers(done: Trained, dataset: Dataset, preparation: Preparation, output: Path) -> Path:
    """The registers file beside the LoRA; one that is there and says something else is left as it is."""
    recipe, lora = preparation.recipe.recipe, Path(done.lora)
    made = new_registers(
        preparation.taught, preparation.recipe.registers, lora_file=lora.name, trigger=recipe.clips.trigger
    )
    voices = len({clip.voice for clip in dataset.train})
    about = [f"Made by sottovoce train: {done.steps:,} steps on {len(dataset.train)} clips of {voices} voices."]
    text = registers_text(made, about)
    name = f"{lora.stem}.toml"
    for number in range(1, free_number(output, [name])):
        known = output / numbered(name, number)
        if known.is_file() and known.read_bytes() == text.encode():
            return known
    path = output / numbered(name, free_number(output, [name]))
    with new_file(path, "registers") as staged:
        staged.write_text(text, encoding="utf-8", newline="\n")
    return path
