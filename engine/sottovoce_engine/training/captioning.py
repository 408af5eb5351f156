"""Captions as the LoRA will be asked for: `(gender, manner): "line", trigger`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sottovoce_engine.caption import caption_for
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Region, Voice
from sottovoce_engine.timing import Span
from sottovoce_engine.training.measuring import NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Captioning:
    """How clips are captioned."""

    registers: RegisterTable
    taught: tuple[str, ...]  # registers that the LoRA is for
    trigger: str  # the words after a line in one of these; other registers keep their own

    def caption(self, line: str, voice: Voice, register_name: str, look: str = "") -> str:
        """The caption of a line.

        Raises:
            InputError: The register is unknown.
        """
        register = self.registers.get(register_name)
        if register_name in self.taught:
            register = replace(register, suffix=self.trigger)
        spoken = Region(id="00000000", span=Span(0, 1), register=register_name, voice=voice.name, line=line, look=look)
        return caption_for(spoken, voice, register)


def taught_registers(labels: Iterable[str]) -> tuple[str, ...]:
    """The registers that a LoRA of recordings with these labels is for: all but `normal`.

    The base model speaks normally by itself. Recordings labelled so say how a voice speaks otherwise, and keep the model
    from forgetting it. Where there are no others, it is the one.
    """
    names = tuple(sorted(set(labels)))
    return tuple(name for name in names if name != NORMAL) or names
