"""Numbers and dates as a language writes them; English is written without Babel, in `rai_dash.core.words`."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

_DIGITS = re.compile(r"[#0][#0,.]*")


@lru_cache(maxsize=64)
def _locale(code: str) -> Locale:
    from babel import Locale

    return Locale.parse(code, sep="-")


def number(text: str, code: str) -> str:
    """Write a number that has been rounded in another language.

    Parameters
    ----------
    text : str
        English: digits, commas between thousands or none, a point, decimals.
    code : str
        Language.

    Examples
    --------
    >>> number("1,234,567.50", "en-IN"), number("0.25", "de")
    ('12,34,567.50', '0,25')
    """
    from babel.numbers import format_decimal

    # Rounded before: Babel rounds decimals, Python the binary number, and no language may show another figure.
    text, power, exponent = text.partition("e")
    digits = len(text.partition(".")[2])
    whole = _locale(code).decimal_formats[None].pattern.partition(".")[0]
    pattern = whole + ("." + "0" * digits if digits else "")
    plain = text.replace(",", "")
    written = format_decimal(
        Decimal(plain),
        format=pattern,
        locale=_locale(code),
        decimal_quantization=False,
        group_separator="," in text,
    )
    return written + power + exponent


def percentage(number: str, code: str) -> str:
    """Put the sign for a percentage to a number that has been written.

    Examples
    --------
    >>> percentage("56", "en-IN"), percentage("56", "tr")
    ('56%', '%56')
    """
    return _DIGITS.sub(lambda _: number, _locale(code).percent_formats[None].pattern, count=1)


def day(when: date, code: str) -> str:
    """Write a day with the name of its month."""
    from babel.dates import format_date

    return format_date(when, format="long", locale=_locale(code))


def month(when: date, code: str, *, short: bool = False) -> str:
    """Write a month and its year."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMM" if short else "yMMMM", when, locale=_locale(code))


def time(when: datetime, code: str) -> str:
    """Write the time of day."""
    from babel.dates import format_time

    return format_time(when, format="short", locale=_locale(code))


def chart_locale(code: str) -> dict[str, dict[str, object]]:
    """Return numbers, months and days as Vega formats them (d3-format, d3-time-format)."""
    found = _locale(code)
    symbols = found.number_symbols["latn"]
    first, rest = found.decimal_formats[None].grouping
    # d3 repeats the last size; a lakh has three digits and then twos.
    sizes: list[int] = [first] if first == rest else [first, *[rest] * 6]
    number = {
        "decimal": symbols["decimal"],
        "thousands": symbols["group"],
        "grouping": sizes,
        "currency": ["", ""],
        "percent": percentage("", code),
        "minus": "−",
    }
    # d3 begins the week on a Sunday, CLDR on a Monday.
    weekdays = {
        kind: [found.days["format"][kind][(i + 6) % 7] for i in range(7)] for kind in ("wide", "abbreviated")
    }
    months = {
        kind: [found.months["format"][kind][i + 1] for i in range(12)] for kind in ("wide", "abbreviated")
    }
    times: dict[str, object] = {
        "dateTime": "%x %X",
        "date": "%Y-%m-%d",
        "time": "%H:%M:%S",
        # No chart of ours writes them; d3 wants to have them.
        "periods": ["AM", "PM"],
        "days": weekdays["wide"],
        "shortDays": weekdays["abbreviated"],
        "months": months["wide"],
        "shortMonths": months["abbreviated"],
    }
    return {"number": number, "time": times}
