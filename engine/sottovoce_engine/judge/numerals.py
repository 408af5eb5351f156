"""How English numerals are said: "1999" as a year, a number, or digit by digit; times, money, ordinals.

Every numeral has several right readings; whoever compares picks the one that comes nearest to the other side.
"""

import itertools
import re

Reading = tuple[str, ...]

_MONEY = re.compile(r"([$£€])(\d[\d,]*(?:\.\d)?)(?:\.(\d\d))?(k|m|bn?| hundred| thousand| million| billion| trillion)?")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?:(am|pm))?")
_ORDINAL = re.compile(r"(\d[\d,]*)(?:st|nd|rd|th)")
_DECADE = re.compile(r"'?(\d0|\d\d\d0)'?s")
_DECIMAL = re.compile(r"(\d[\d,]*)?\.(\d+)")
_FRACTION = re.compile(r"(\d{1,2})/(\d{1,2})")
_WHOLE = re.compile(r"\d[\d,]*")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_PARTS = re.compile(r"[$£€]?\d[\d,]*(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*|[%&+@°#]")
_LONGEST = 15  # digits: above, a number is said digit by digit

_COINS = {"$": ("dollar", "cent"), "£": ("pound", "pence"), "€": ("euro", "cent")}
_SCALES = {"k": "thousand", "m": "million", "b": "billion", "bn": "billion"}  # others are written out
_SIGNS = {
    "%": ("percent",),
    "&": ("and",),
    "+": ("plus",),
    "@": ("at",),
    "°": ("degrees",),
    "#": ("number",),
    "$": ("dollars",),
    "£": ("pounds",),
    "€": ("euros",),
}
_DENOMINATORS = {2: ("half", "halves"), 4: ("quarter", "quarters")}


def numeral_readings(word: str) -> tuple[Reading, ...]:
    """The ways to say `word` (lower case), the likeliest first; none where it holds no numeral and no sign."""
    for pattern, readings in (
        (_MONEY, _money),
        (_TIME, _time),
        (_ORDINAL, _ordinal),
        (_DECADE, _decade),
        (_FRACTION, _fraction),
        (_DECIMAL, _decimal),
        (_WHOLE, lambda match: _number(match[0])),
    ):
        match = pattern.fullmatch(word)
        if match:
            return readings(match)
    return _mixed(word)


def _mixed(word: str) -> tuple[Reading, ...]:
    """Parts that are said one after the other: 50%, 10-12, B2, rock&roll."""
    parts = _PARTS.findall(word)
    if not any(part in _SIGNS or part[-1].isdigit() for part in parts):
        return ()
    each = [(_SIGNS[part],) if part in _SIGNS else numeral_readings(part) or ((part,),) for part in parts]
    alternatives = itertools.islice(itertools.product(*each), 16)
    return tuple(tuple(itertools.chain(*readings)) for readings in alternatives)


def _number(written: str) -> tuple[Reading, ...]:
    digits = written.replace(",", "")
    if len(digits) > _LONGEST:
        return (_digit_by_digit(digits),)
    number = int(digits)
    readings = [_cardinal(number), *_shorter(_cardinal(number))]
    plain = not _GROUPED.fullmatch(written)
    if plain and len(digits) == 4 and digits[0] != "0":
        year = _in_pairs(digits)
        readings = [year, *readings] if 1100 <= number < 2000 or number >= 2010 else [*readings, year]
    if plain and len(digits) == 3 and digits[0] != "0":
        readings.append(_in_pairs(digits))
    if plain and len(digits) > 1:
        readings += [_digit_by_digit(digits), _digit_by_digit(digits, "oh")]
    return tuple(dict.fromkeys(readings))


def _ordinal(match: re.Match[str]) -> tuple[Reading, ...]:
    from hibari.g2p import numbers

    digits = match[1].replace(",", "")
    return (_words(numbers.ordinal(int(digits))),) if len(digits) <= _LONGEST else (_digit_by_digit(digits),)


def _decade(match: re.Match[str]) -> tuple[Reading, ...]:
    (*first, last), *_ = _number(match[1])
    many = last.removesuffix("y") + "ies" if last.endswith("y") else last + "s"
    return ((*first, many),)


def _decimal(match: re.Match[str]) -> tuple[Reading, ...]:
    after = ("point", *_digit_by_digit(match[2]))
    return tuple((*before, *after) for before in _number(match[1])) if match[1] else (after, ("zero", *after))


def _fraction(match: re.Match[str]) -> tuple[Reading, ...]:
    from hibari.g2p import numbers

    above, below = int(match[1]), int(match[2])
    apart = (*_cardinal(above), "slash", *_cardinal(below))
    if not 1 <= above < below:
        return (apart,)
    one, many = _DENOMINATORS.get(below, (numbers.ordinal(below), numbers.ordinal(below) + "s"))
    named = _words(one if above == 1 else many)
    articles = (("a", *named),) if above == 1 else ()
    return ((*_cardinal(above), *named), *articles, apart)


def _time(match: re.Match[str]) -> tuple[Reading, ...]:
    hour, minutes, half = int(match[1]), match[2], match[3]
    if match[0][len(match[1])] == "." and not half:
        return _decimal_or_time(match)
    after = (half,) if half else ()
    if minutes == "00":
        plain = ((*_cardinal(hour), *after),)
        return plain if half else ((*_cardinal(hour), "o'clock"), *plain, (*_cardinal(hour), "hundred"))
    return (*((*_cardinal(hour), *said, *after) for said in _minutes(minutes)),)


def _decimal_or_time(match: re.Match[str]) -> tuple[Reading, ...]:
    """9.30: half past nine in one country, nine point three in another."""
    decimal = (*_cardinal(int(match[1])), "point", *_digit_by_digit(match[2]))
    return (decimal, *((*_cardinal(int(match[1])), *said) for said in _minutes(match[2])))


def _minutes(digits: str) -> tuple[Reading, ...]:
    if digits[0] != "0":
        return (_cardinal(int(digits)),)
    return (("oh", *_cardinal(int(digits))), ("zero", *_cardinal(int(digits))))


def _money(match: re.Match[str]) -> tuple[Reading, ...]:
    sign, whole, coins, scale = match.groups()
    one, coin = _COINS[sign]
    name = one if whole == "1" and not scale else f"{one}s"
    scaled = (_SCALES.get(scale, scale.strip()),) if scale else ()
    if not coins:
        return tuple((*said, *scaled, name) for said in numeral_readings(whole))
    small = _cardinal(int(coins))
    coin_name = coin if coin == "pence" or int(coins) == 1 else f"{coin}s"
    said = _number(whole)[0]
    return (
        (*said, name, "and", *small, coin_name),
        (*said, name, *small, coin_name),
        (*said, name, *small),
        (*said, *small),
    )


def _shorter(reading: Reading) -> tuple[Reading, ...]:
    """The same number as it is also said: without its "and", with "a" for a leading "one"."""
    bare = tuple(word for word in reading if word != "and")
    article = (("a", *reading[1:]), ("a", *bare[1:])) if len(reading) > 1 and reading[0] == "one" else ()
    return (bare, *article)


def _in_pairs(digits: str) -> Reading:
    """1999 as nineteen ninety-nine, 745 as seven forty-five, 1905 as nineteen oh five."""
    high, low = int(digits[:-2]), digits[-2:]
    if low == "00":
        return (*_cardinal(high), "hundred")
    return (*_cardinal(high), *_minutes(low)[0])


def _digit_by_digit(digits: str, zero: str = "zero") -> Reading:
    return tuple(zero if digit == "0" else _cardinal(int(digit))[0] for digit in digits)


def _cardinal(number: int) -> Reading:
    from hibari.g2p import numbers

    return _words(numbers.cardinal(number))


def _words(said: str) -> Reading:
    return tuple(said.replace(",", " ").replace("-", " ").split())
