"""Numbers as people write them: thousands marks, decimal commas, currencies, percent, signs behind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.reading.numerals import (
    CURRENCIES,
    CURRENCY,
    NUMBER_LIKE,
    WIDE_BLANKS,
    all_match,
    any_of,
    as_number,
    is_id,
    is_number_like,
    sample,
)

_DRESS: Final = (
    rf"^(?P<open>\(?)(?P<sign>[+-]?) ?(?P<before>{CURRENCY}?) ?(?P<inner>-?)"
    r"(?P<number>[0-9](?:[0-9.,' eE+-]*[0-9.,])?|[.,][0-9]+) ?"
    rf"(?P<after>(?:{CURRENCY}|%)?)(?P<behind>-?)(?P<close>\)?)$"
)
_MARKS: Final = {".": "a point", ",": "a comma", " ": "a blank", "'": "an apostrophe"}
#: Numbers such as 1.234, which are 1234 where a point stands between thousands.
_POINT_GROUPS: Final = r"^[+-]?(?:[1-9][0-9]{0,2}\.[0-9]{3}|[0-9]{1,3})$"
#: Nine digits and more in groups of three, in every cell: telephone numbers, not amounts.
_TELEPHONE: Final = r"^(?:[1-9][0-9]{2}(?:[ .][0-9]{3}){2}|[1-9][0-9]{0,2}(?:[ .][0-9]{3}){3,})$"


@dataclass(frozen=True, slots=True)
class Dressed:
    """A column of dressed numbers after reading.

    Parameters
    ----------
    values : Array or ChunkedArray of int64 or float64 (n,)
        The numbers.
    notices : tuple of Notice
        What was taken for what.
    """

    values: Any
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Style:
    thousands: str
    decimal: str
    is_ambiguous: bool = False


def _pattern(thousands: str, decimal: str) -> str:
    # A plus before groups with blanks between them is the start of a telephone number.
    sign = "-?" if thousands == " " else "[+-]?"
    group = rf"{sign}[1-9][0-9]{{0,2}}(?:[{thousands}][0-9]{{3}})+" if thousands else "x"
    return rf"^(?:(?:{group}|[+-]?[0-9]+)(?:[{decimal}][0-9]*)?|[+-]?[{decimal}][0-9]+)(?:[eE][+-]?[0-9]+)?$"


def _choose(fits: list[_Style], *, comma_first: bool, is_money: bool) -> _Style:
    """Choose between two readings that both fit; money has two decimals, so three digits are thousands."""
    grouped = [style for style in fits if style.thousands]
    chosen = grouped[0] if is_money and len(grouped) == 1 else fits[1] if comma_first else fits[0]
    return replace(chosen, is_ambiguous=True)


def _style(values: Any, decimal: str | None, *, comma_first: bool, is_money: bool) -> _Style | None:
    """Find the marks that fit every cell; a decimal mark that was chosen rules out the other one."""
    has = {mark: any_of(pc.match_substring(values, mark)) for mark in _MARKS}
    group = next((mark for mark in (" ", "'") if has[mark]), None)
    if group is not None:
        pairs = [(group, decimal or ("," if has[","] else "."))]
    else:
        pairs = [p for p in ((",", "."), (".", ",")) if decimal in {None, p[1]}]
    fits = [_Style(t if has[t] else "", d) for t, d in pairs if all_match(values, _pattern(t, d))]
    if len(fits) < 2 or not (has["."] or has[","]):
        return fits[0] if fits else None
    return _choose(fits, comma_first=comma_first, is_money=is_money)


def _plain(values: Any, style: _Style) -> Any | None:
    if style.thousands:
        values = pc.replace_substring(values, style.thousands, "")
    return as_number(values if style.decimal == "." else pc.replace_substring(values, ",", "."))


def _reading(values: Any, style: _Style) -> str:
    """Show how the first cell with a mark was read."""
    cell = values.filter(pc.match_substring_regex(values, "[.,]")).drop_null()[0].as_py()
    numbers = _plain(pa.array([cell], pa.large_string()), style)
    return f"'{cell}' was read as {numbers[0].as_py():.15g}" if numbers is not None else f"see '{cell}'"


def _style_notices(values: Any, style: _Style, name: str, *, comma_first: bool) -> tuple[Notice, ...]:
    notices = []
    other = "point" if style.decimal == "," else "comma"
    if style.is_ambiguous and comma_first:
        msg = tr(
            "The marks in the numbers of `{name}` can be read in two ways: {reading}. If that is wrong, "
            "choose the {other} as the decimal mark.",
            name=name,
            reading=_reading(values, style),
            other=other,
        )
        notices.append(Notice("ambiguous_number", msg, column=name))
    if style.thousands:
        undo = (
            f"If the {other} is the decimal mark, choose it"
            if style.is_ambiguous
            else "If it is no number, choose to keep it as text"
        )
        msg = tr(
            "`{name}` was read with {thousands} between thousands. {undo}.",
            name=name,
            thousands=_MARKS[style.thousands],
            undo=undo,
        )
        notices.append(Notice("thousands", msg, column=name))
    if style.decimal == "," and any_of(pc.match_substring(values, ",")):
        msg = tr("`{name}` was read with a comma as the decimal mark.", name=name)
        notices.append(Notice("decimal_comma", msg, column=name))
    return tuple(notices)


def _read(
    values: Any, name: str, decimal: str | None, *, comma_first: bool, is_money: bool = False
) -> Dressed | None:
    """Read numbers with nothing but marks and a sign."""
    style = _style(values, decimal, comma_first=comma_first, is_money=is_money)
    numbers = None if style is None else _plain(values, style)
    if style is None or numbers is None:
        return None
    return Dressed(numbers, _style_notices(values, style, name, comma_first=comma_first))


def _field(parts: Any, name: str) -> Any:
    return pc.struct_field(parts, name)


def _set(parts: Any, name: str) -> Any:
    return pc.not_equal(_field(parts, name), "")


@dataclass(frozen=True, slots=True)
class _Undressed:
    numbers: Any
    currencies: frozenset[str]
    is_percent: bool
    example: str
    has_odd_sign: bool


def _undress(values: Any) -> _Undressed | None:
    """Take off currency, percent and signs behind; None where the cells do not agree."""
    parts = pc.extract_regex(values, _DRESS)
    if parts.null_count != values.null_count:
        return None
    minus = [pc.equal(_field(parts, part), "-") for part in ("sign", "inner", "behind")]
    brackets = _set(parts, "open")
    times = pc.cast(brackets, pa.int8())
    for flag in minus:
        times = pc.add(times, pc.cast(flag, pa.int8()))
    unclosed = any_of(pc.xor(brackets, _set(parts, "close")))
    if (
        unclosed
        or any_of(pc.greater(times, 1))
        or any_of(pc.and_(_set(parts, "before"), _set(parts, "after")))
    ):
        return None
    marks = set(pc.unique(_field(parts, "before")).to_pylist()) | set(
        pc.unique(_field(parts, "after")).to_pylist()
    )
    is_percent = "%" in marks
    if is_percent and not pc.all(pc.equal(_field(parts, "after"), "%")).as_py():
        return None
    plus = pc.if_else(pc.equal(_field(parts, "sign"), "+"), "+", "")
    signs = pc.if_else(pc.greater(times, 0), "-", plus).cast(pa.large_string())
    number = _field(parts, "number").cast(pa.large_string())
    return _Undressed(
        numbers=pc.binary_join_element_wise(signs, number, pa.scalar("", pa.large_string())),
        currencies=frozenset(CURRENCIES[m] for m in marks if m in CURRENCIES),
        is_percent=is_percent,
        example=sample(values)[0],
        has_odd_sign=any_of(brackets) or any_of(minus[2]),
    )


def _dress_notices(bare: _Undressed, first: object, name: str) -> list[Notice]:
    notices = []
    if bare.is_percent:
        msg = tr(
            "`{name}` is in percent: '{example}' was read as {first}, not divided by 100.",
            name=name,
            example=bare.example,
            first=f"{first:.15g}",
        )
        notices.append(Notice("percent", msg, column=name))
    if bare.currencies:
        msg = tr(
            "`{name}` holds amounts in {currencies}; the mark of the currency was taken away.",
            name=name,
            currencies=min(bare.currencies),
        )
        notices.append(Notice("currency", msg, column=name))
    if bare.has_odd_sign:
        msg = tr(
            "Numbers of `{name}` in brackets or with a minus behind them were read as negative.", name=name
        )
        notices.append(Notice("negative_number", msg, column=name))
    return notices


def _mixed(currencies: frozenset[str], name: str) -> Notice:
    msg = tr(
        "`{name}` holds amounts in several currencies ({currencies}) and is kept as text. Convert them "
        "to one.",
        name=name,
        currencies=", ".join(sorted(currencies)),
    )
    return Notice("mixed_currency", msg, column=name)


def _unlike(values: Any, name: str) -> Dressed | None:
    """Say so where all cells are numbers, but not all in one dress."""
    if not all_match(values, NUMBER_LIKE) or is_id(values) or any_of(pc.starts_with(values, "+")):
        return None
    kinds = {"".join("9" if c.isdigit() else c for c in cell): cell for cell in reversed(sample(values))}
    shown = " and ".join(f"'{cell}'" for cell in list(kinds.values())[-2:][::-1])
    msg = tr(
        "The numbers of `{name}` are not written in one way ({shown}), so it is kept as text. Write them "
        "alike, or choose another decimal mark.",
        name=name,
        shown=shown,
    )
    return Dressed(values, (Notice("mixed_numbers", msg, column=name),))


def _read_undressed(values: Any, name: str, decimal: str | None, *, comma_first: bool) -> Dressed | None:
    """Read numbers with a currency, percent or a sign that is not in front."""
    bare = _undress(values)
    if bare is None:
        return None
    is_money = bool(bare.currencies)
    found = _read(bare.numbers, name, decimal, comma_first=comma_first, is_money=is_money)
    if found is None:
        return None
    if len(bare.currencies) > 1:
        return Dressed(values, (_mixed(bare.currencies, name),))
    first = found.values.drop_null()[0].as_py()
    return Dressed(found.values, (*_dress_notices(bare, first, name), *found.notices))


def read_dressed(values: Any, name: str, decimal: str | None, *, comma_first: bool) -> Dressed | None:
    """Read a column of numbers that are not written plainly.

    Parameters
    ----------
    values : Array or ChunkedArray of text (n,)
        Trimmed, blanks null.
    name : str
        Of the column, for notices.
    decimal : {".", ","} or None
        The decimal mark where it was chosen.
    comma_first : bool
        What ``1,234`` is where nothing else tells: a decimal comma or thousands.

    Returns
    -------
    Dressed or None
        None where a cell is no number; the values stay text, with a notice, where currencies or ways
        of writing are mixed.
    """
    if not all(is_number_like(cell) for cell in sample(values)):
        return None
    tidy = pc.replace_substring_regex(values, WIDE_BLANKS, " ")
    tidy = pc.replace_substring(pc.replace_substring(tidy, "\u2212", "-"), "\u2019", "'")
    if all_match(tidy, _TELEPHONE):
        return None
    return (
        _read(tidy, name, decimal, comma_first=comma_first)
        or _read_undressed(tidy, name, decimal, comma_first=comma_first)
        or _unlike(tidy, name)
    )


def may_be_thousands(values: Any) -> bool:
    """Whether plain numbers such as 1.234 could have a point between thousands in every cell."""
    cells = sample(values)
    if not all("." not in c or len(c.partition(".")[2]) == 3 for c in cells):  # quick way out
        return False
    return all_match(values, _POINT_GROUPS) and any_of(pc.match_substring(values, "."))
