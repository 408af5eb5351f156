"""The registers as one data table: the shipped one, with a user's own file laid over it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.places import place_from
from sottovoce_engine.scene import Gender, Voice

FORMAT = 1

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
# Inside the caption a quote or a bracket would end one part and open another.
_CAPTION_WORDS = re.compile(r"[^\"()\[\]{}\x00-\x1f\x7f]*")


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
    lora_file: str = ""  # of a LoRA of its own: an absolute path or a hub id; "" is the renderer's

    def __post_init__(self) -> None:
        where = f"The register '{self.name}'"
        if not _NAME.fullmatch(self.name):
            raise InputError(
                f"{where} has a name that marks cannot carry. Use up to 32 lower-case letters, digits and '-', "
                "starting with a letter."
            )
        if len(self.letter) != 1 or not self.letter.isalnum():
            raise InputError(f"{where} has the letter '{self.letter}'. Give exactly one letter or digit.")
        if not _COLOUR.fullmatch(self.colour):
            raise InputError(f"{where} has the colour '{self.colour}'. Write it as '#RRGGBB'.")
        for words in (self.manner.woman, self.manner.man, *(words for _, words in self.manner.by_voice), self.suffix):
            if not _CAPTION_WORDS.fullmatch(words):
                raise InputError(
                    f"{where} has the caption words {words!r}. Leave out quotes, brackets and line breaks: they end a "
                    "part of the caption."
                )
        if not 0.0 <= self.lora <= 2.0:
            raise InputError(
                f"{where} has the LoRA strength {self.lora:g}. Give 0 (off) to 2; the card loads it at 1.0."
            )
        if self.lora_file and not self.lora:
            raise InputError(
                f"{where} names the LoRA '{self.lora_file}' at strength 0. Give lora = 1.0, or leave lora_file out."
            )
        if not -60.0 <= self.loudness_lufs <= -10.0:
            raise InputError(f"{where} has the loudness {self.loudness_lufs:g} LUFS. Give a value from -60 to -10.")


def plain_register(name: str, *, letter: str) -> Register:
    """A register that asks for nothing, for what is spoken in none of the table's."""
    return Register(
        name=name,
        letter=letter,
        colour="#808080",
        order=0,
        manner=Manner(woman="", man=""),
        suffix="",
        lora=0.0,
        loudness_lufs=-27.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTable:
    """All registers, quietest first."""

    registers: tuple[Register, ...]

    def __post_init__(self) -> None:
        by_letter: dict[str, Register] = {}
        for register in self.registers:
            other = by_letter.setdefault(register.letter.casefold(), register)
            if other is not register:
                raise InputError(
                    f"The registers '{other.name}' and '{register.name}' share the letter '{register.letter}'. Give each "
                    "its own: regions are told apart by it."
                )

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
        own = _registers_in(text, str(user_file), found)
        found |= {name: _from(user_file.parent, register) for name, register in own.items()}
    return RegisterTable(registers=tuple(sorted(found.values(), key=lambda register: (register.order, register.name))))


def _from(folder: Path, register: Register) -> Register:
    """The register with its LoRA's file taken from the folder of the file that names it."""
    return replace(register, lora_file=place_from(folder, register.lora_file))


def _registers_in(text: str, source: str, known: dict[str, Register]) -> dict[str, Register]:
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{source}' is not valid TOML: {error}. Mend that line.") from error
    version = document.get("format", FORMAT)
    if type(version) is not int or version < 1:
        raise InputError(f"'{source}' has format = {version!r}. Write format = {FORMAT}.")
    if version > FORMAT:
        raise InputError(f"'{source}' has format = {version}; this version reads format {FORMAT}. Update Sottovoce.")
    _check_keys(document, ("format", "register"), f"'{source}'")
    tables = document.get("register", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise InputError(f"'{source}' must hold tables named [register.NAME].")
    return registers_from(tables, source, known)


def registers_from(
    tables: Mapping[str, dict[str, Any]], source: str, known: Mapping[str, Register]
) -> dict[str, Register]:
    """The registers of [register.NAME] tables; what a table leaves out is as in the `known` register of its name.

    Raises:
        InputError: A key is unknown or missing, or a value out of range.
    """
    return {name: _register(name, table, source, known.get(name)) for name, table in tables.items()}


def _register(name: str, table: dict[str, Any], source: str, base: Register | None) -> Register:
    where = f"[register.{name}] in '{source}'"
    allowed = tuple(field.name for field in fields(Register) if field.name != "name")
    _check_keys(table, allowed, where)
    given = dict(table)
    if "manner" in given:
        given["manner"] = _manner(given["manner"], where, base.manner if base is not None else None)
    inherited = {key: getattr(base, key) for key in allowed} if base is not None else {}
    values = inherited | given
    values.setdefault("lora_file", "")
    missing = [key for key in allowed if key not in values]
    if missing:
        raise InputError(f"{where} lacks {', '.join(missing)}. Add them, as in the shipped registers.")
    for key, kind, meant in (
        ("letter", str, "text"),
        ("colour", str, "text"),
        ("suffix", str, "text"),
        ("lora_file", str, "text"),
        ("order", int, "a whole number"),
    ):
        if type(values[key]) is not kind:
            raise InputError(f"{where} has {key} = {values[key]!r}; it must be {meant}.")
    for key in ("lora", "loudness_lufs"):
        if isinstance(values[key], bool) or not isinstance(values[key], int | float):
            raise InputError(f"{where} has {key} = {values[key]!r}; it must be a number.")
        values[key] = float(values[key])
    return Register(name=name, **values)


def _manner(table: object, where: str, base: Manner | None) -> Manner:
    if not isinstance(table, dict):
        raise InputError(f'{where} has manner = {table!r}; write {{ woman = "…", man = "…" }}.')
    _check_keys(table, ("woman", "man", "voice"), f"manner of {where}")
    words = ({"woman": base.woman, "man": base.man} if base is not None else {}) | table
    by_voice = words.pop("voice", dict(base.by_voice) if base is not None else {})
    if not {"woman", "man"} <= words.keys():
        raise InputError(f'{where}: manner needs both woman and man; "" leaves the words out.')
    if not isinstance(by_voice, dict) or not all(isinstance(given, str) for given in by_voice.values()):
        raise InputError(f'{where}: manner.voice must be a table such as {{ Anna = "breathing" }}.')
    for gender, given in words.items():
        if not isinstance(given, str):
            raise InputError(f"{where} has manner.{gender} = {given!r}; it must be text.")
    return Manner(woman=words["woman"], man=words["man"], by_voice=tuple(sorted(by_voice.items())))


def _check_keys(table: dict[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in allowed:
            raise InputError(f"{where} has the unknown key '{key}'. {nearest(key, allowed)}")
