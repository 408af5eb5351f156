"""The registers as one data table: the shipped one, with a user's own file laid over it."""

import re
import tomllib
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.scene import Gender, Voice

FORMAT = 1

_COLOUR = re.compile(r"^#[0-9A-Fa-f]{6}$")
_NAME = re.compile(r"^[a-z][a-z0-9-]{0,31}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """The manner words of a register: by gender, and for single voices where they differ."""

    woman: str
    man: str
    by_voice: tuple[tuple[str, str], ...] = ()  # (voice name, manner words)

    def words_for(self, voice: Voice) -> str:
        for name, words in self.by_voice:
            if name == voice.name:
                return words
        return self.woman if voice.gender is Gender.WOMAN else self.man


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """How a line is spoken. `registers.toml` says what each field means."""

    name: str
    letter: str
    colour: str  # "#RRGGBB"
    order: int
    manner: Manner
    suffix: str
    lora: float  # strength; 0 = base model
    loudness_lufs: float

    def __post_init__(self) -> None:
        where = f"The register '{self.name}'"
        if not _NAME.match(self.name):
            raise InputError(f"{where} has a name that marks cannot carry. Use lower-case letters, digits and '-'.")
        if len(self.letter) != 1:
            raise InputError(f"{where} has the letter '{self.letter}'. Give exactly one character.")
        if not _COLOUR.match(self.colour):
            raise InputError(f"{where} has the colour '{self.colour}'. Write it as '#RRGGBB'.")
        if not 0.0 <= self.lora <= 2.0:
            raise InputError(
                f"{where} has the LoRA strength {self.lora:g}. Give 0 (off) to 2; the card loads it at 1.0."
            )
        if not -60.0 <= self.loudness_lufs <= -10.0:
            raise InputError(f"{where} has the loudness {self.loudness_lufs:g} LUFS. Give a value from -60 to -10.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTable:
    """All registers, quietest first."""

    registers: tuple[Register, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(register.name for register in self.registers)

    def get(self, name: str) -> Register:
        """The register of that name.

        Raises:
            InputError: There is none; the message names the nearest.
        """
        for register in self.registers:
            if register.name == name:
                return register
        raise InputError(f"'{name}' is no register. {nearest(name, self.names)}")


def register_table(user_file: Path | None = None) -> RegisterTable:
    """The shipped registers, with those of `user_file` added or replaced.

    Raises:
        InputError: The file cannot be read, or holds an unknown key or a value out of range.
    """
    shipped = resources.files("sottovoce_engine").joinpath("registers.toml").read_text(encoding="utf-8")
    found = _registers_in(shipped, "registers.toml", {})
    if user_file is not None:
        try:
            text = user_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"The registers file '{user_file}' cannot be read: {error}. Check the path.") from error
        found |= _registers_in(text, str(user_file), found)
    return RegisterTable(registers=tuple(sorted(found.values(), key=lambda register: (register.order, register.name))))


def _registers_in(text: str, source: str, known: dict[str, Register]) -> dict[str, Register]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"'{source}' is not valid TOML: {error}. Mend that line.") from error
    _check_keys(document, ("format", "register"), source)
    if document.get("format", FORMAT) != FORMAT:
        raise InputError(
            f"'{source}' has format = {document['format']}; this version reads format {FORMAT}. Update Sottovoce."
        )
    tables = document.get("register", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise InputError(f"'{source}' must hold tables named [register.NAME].")
    return {name: _register(name, table, source, known.get(name)) for name, table in tables.items()}


def _register(name: str, table: dict[str, Any], source: str, base: Register | None) -> Register:
    where = f"[register.{name}] in '{source}'"
    allowed = tuple(field.name for field in fields(Register) if field.name != "name")
    _check_keys(table, allowed, where)
    given = dict(table)
    if "manner" in given:
        given["manner"] = _manner(given["manner"], where)
    inherited = {key: getattr(base, key) for key in allowed} if base is not None else {}
    values = inherited | given
    missing = [key for key in allowed if key not in values]
    if missing:
        raise InputError(f"{where} lacks {', '.join(missing)}. Add them, as in the shipped registers.")
    for key, kind in (("letter", str), ("colour", str), ("suffix", str), ("order", int)):
        if not isinstance(values[key], kind):
            raise InputError(f"{where} has {key} = {values[key]!r}; it must be a {kind.__name__}.")
    for key in ("lora", "loudness_lufs"):
        if isinstance(values[key], bool) or not isinstance(values[key], int | float):
            raise InputError(f"{where} has {key} = {values[key]!r}; it must be a number.")
        values[key] = float(values[key])
    return Register(name=name, **values)


def _manner(table: object, where: str) -> Manner:
    if not isinstance(table, dict) or not all(isinstance(words, str) for key, words in table.items() if key != "voice"):
        raise InputError(f'{where} has manner = {table!r}; write {{ woman = "…", man = "…" }}.')
    _check_keys(table, ("woman", "man", "voice"), f"manner of {where}")
    if not {"woman", "man"} <= table.keys():
        raise InputError(f'{where}: manner needs both woman and man; "" leaves the words out.')
    voices = table.get("voice", {})
    if not isinstance(voices, dict) or not all(isinstance(words, str) for words in voices.values()):
        raise InputError(f'{where}: manner.voice must be a table such as {{ Anna = "breathing" }}.')
    return Manner(woman=table["woman"], man=table["man"], by_voice=tuple(sorted(voices.items())))


def _check_keys(table: dict[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in allowed:
            raise InputError(f"{where} has the unknown key '{key}'. {nearest(key, allowed)}")
