"""What was trained, as a registers file: the entries that make its registers choosable.

[register.murmur]
…
lora = 1.0
lora_file = "murmur.safetensors"        beside this file
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sottovoce_engine.registers import FORMAT, Register, RegisterTable


def new_registers(
    taught: Sequence[str], registers: RegisterTable, *, lora_file: str, trigger: str
) -> tuple[Register, ...]:
    """The registers that a LoRA was trained for, as they are asked for from it."""
    found = (registers.get(name) for name in taught)
    return tuple(
        replace(register, suffix=trigger, lora=register.lora or 1.0, lora_file=lora_file) for register in found
    )


def registers_text(registers: Sequence[Register], about: Sequence[str]) -> str:
    """A registers file; `about` are lines of comment at its head."""
    return "\n".join([*(f"# {_plain(line)}" for line in about), "", f"format = {FORMAT}", *_tables(registers), ""])


def _tables(registers: Sequence[Register]) -> Iterator[str]:
    for register in registers:
        yield f"\n[register.{register.name}]"
        yield f"letter = {_text(register.letter)}"
        yield f"colour = {_text(register.colour)}"
        yield f"order = {register.order}"
        yield f"manner = {_manner(register)}"
        yield f"suffix = {_text(register.suffix)}"
        yield f"lora = {register.lora!r}"
        yield f"lora_file = {_text(register.lora_file)}"
        yield f"loudness_lufs = {register.loudness_lufs!r}"


def _manner(register: Register) -> str:
    manner = register.manner
    words = f"woman = {_text(manner.woman)}, man = {_text(manner.man)}"
    by_voice = ", ".join(f"{_text(name)} = {_text(given)}" for name, given in manner.by_voice)
    return f"{{ {words}, voice = {{ {by_voice} }} }}" if by_voice else f"{{ {words} }}"


def _text(value: str) -> str:
    """A TOML string: JSON's form is one, once nothing is in it that no TOML file may hold."""
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: str) -> str:
    return "".join(character if character.isprintable() else " " for character in value)
