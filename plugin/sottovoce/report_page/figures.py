"""Numbers as an editor reads them: a true minus sign, units behind a thin space, a dash where nothing was measured."""

NOTHING = "–"


def number(value: float | None, digits: int = 1, unit: str = "", *, signed: bool = False) -> str:
    """`value` rounded, or a dash."""
    if value is None:
        return NOTHING
    text = f"{value:{'+' if signed else ''}.{digits}f}"
    if not text.strip("+-0."):
        text = text.lstrip("+-")  # no minus before a zero
    return text.replace("-", "−") + (f"\u202f{unit}" if unit else "")


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 region`, `2 regions`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def share(value: float | None) -> str:
    """`0.42` as `42 %`, or a dash."""
    return NOTHING if value is None else f"{value:.0%}".replace("%", "\u202f%")
