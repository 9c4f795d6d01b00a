"""Columns that name a person: found by what their cells hold, else by name and form together."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from rai_dash.core.texts import tr
from rai_dash.core.types import Roles
from rai_dash.data import personal_words as words
from rai_dash.data.checksums import is_card, is_codice_fiscale, is_dni, is_iban, is_steuer_id
from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.date_forms import is_dates
from rai_dash.data.role_words import is_birth, joined

#: Share of the cells that must fit where other things look alike.
_MOST: Final = 0.8
#: So few cells with an address inside other text are enough.
_FEW: Final = 3
_MANY_VALUES: Final = 10
#: No number or name is longer; patterns are not tried on longer text.
_LONGEST: Final = 100
_EMAIL: Final = re.compile(
    r"(?i)(?<![\w.+-])[\w.+-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\.[a-z]{2,24}(?![\w-])"
)
_PHONE: Final = re.compile(
    r"\+[1-9][\d ()./-]{6,22}\d|00[1-9]\d{0,2}[ ./-][\d ()./-]{5,20}\d"
    r"|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}(?P<between>[.-])\d{3}(?P=between)\d{4}"
)
_BARE_PHONE: Final = re.compile(r"[+(]?\d[\d ()./-]{5,18}\d")
_SSN: Final = re.compile(r"(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
_NINO: Final = re.compile(
    r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
)
_NATIONAL_NUMBER: Final = re.compile(r"[A-Z0-9][A-Z0-9 ./-]{5,18}[A-Z0-9]", re.IGNORECASE)
_LETTERS: Final = re.compile(r"[^\W\d_][^\d_@/\\]{0,60}")


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column that names a person.

    Parameters
    ----------
    name : str
        Of the column.
    what : str
        Plain words, for example ``"e-mail addresses"``.
    share : float
        Share of the cells with a value that hold it.
    """

    name: str
    what: str
    share: float


def _fits(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: len(text) <= _LONGEST and pattern.fullmatch(text) is not None


def _is_phone(text: str) -> bool:
    """Whether text is a phone number: written as one, with the 8 to 15 digits of an international number."""
    return _fits(_PHONE)(text) and 8 <= sum(c.isdigit() for c in text.removeprefix("00")) <= 15


def _is_national_id(text: str) -> bool:
    checks = (is_steuer_id, is_dni, is_codice_fiscale)
    return bool(_SSN.fullmatch(text) or _NINO.fullmatch(text)) or any(check(text) for check in checks)


#: What is recognised by content alone, and the test of one cell.
_BY_CONTENT: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("IBANs", is_iban),
    ("payment card numbers", is_card),
    ("national id numbers", _is_national_id),
    ("phone numbers", _is_phone),
)
#: What needs the name of the column as well: words, test of the name, test of one cell.
_BY_NAME: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...]] = (
    ("phone numbers", words.PHONE, _fits(_BARE_PHONE)),
    ("national id numbers", words.NATIONAL_ID, _fits(_NATIONAL_NUMBER)),
    ("names of people", words.PERSON_NAME, _fits(_LETTERS)),
    ("street addresses", words.ADDRESS, lambda text: any(c.isalpha() for c in text)),
    ("postcodes", words.POSTCODE, lambda text: 3 <= len(text) <= 10),
)


def _share(column: ColumnFacts, test: Callable[[str], bool]) -> float:
    """Return the share of the cells looked at that pass a test."""
    hits = np.fromiter((test(text) for text in column.looked_at), dtype=bool, count=len(column.looked_at))
    counts = column.looked_at_counts
    total = int(counts.sum())
    return float(counts[hits].sum() / total) if total else 0.0


def _emails(column: ColumnFacts) -> PersonalColumn | None:
    """Look for addresses, also inside longer text."""
    if column.is_number:
        return None
    found = sum(1 for text in column.looked_at if "@" in text and _EMAIL.search(text))
    if found < min(_FEW, len(column.looked_at)) or not found:
        return None
    share = _share(column, lambda text: "@" in text and _EMAIL.search(text) is not None)
    return PersonalColumn(column.name, tr("e-mail addresses"), share)


def _by_content(column: ColumnFacts) -> PersonalColumn | None:
    if column.is_number and not _has_long_numbers(column):
        return None
    if len(column.looked_at) < _FEW:
        return None
    for what, test in _BY_CONTENT:
        # The first values decide for nearly every column, at the price of a few tests.
        if not any(test(text) for text in column.looked_at[:50]):
            continue
        if (share := _share(column, test)) >= _MOST:
            return PersonalColumn(column.name, what, share)
    return None


def _has_long_numbers(column: ColumnFacts) -> bool:
    """Whether numbers have the 11 and more digits of tax ids and cards, all of them."""
    values = column.numbers[:1000]
    known = values[np.isfinite(values)]
    return bool(known.size) and bool((known >= 1e10).all())


def _has_many_values(column: ColumnFacts) -> bool:
    return column.distinct >= min(_MANY_VALUES, max(_FEW, column.known // 2))


def _by_name(column: ColumnFacts) -> PersonalColumn | None:
    name = joined(column.name)
    for what, pattern, test in _BY_NAME:
        if pattern.fullmatch(name) is None or not _has_many_values(column):
            continue
        if (share := _share(column, test)) >= _MOST:
            return PersonalColumn(column.name, what, share)
    if is_birth(column.name) and not column.has_few(_FEW - 1) and is_dates(column.looked_at):
        return PersonalColumn(column.name, tr("dates of birth"), 1.0)
    return None


def find_personal(facts: TableFacts, roles: Roles) -> tuple[PersonalColumn, ...]:
    """Find the columns that name a person; see ``personal_columns``."""
    skip = (roles.target, roles.split, roles.score, roles.weight, roles.amount)
    found = (_emails(c) or _by_content(c) or _by_name(c) for c in facts.without(skip))
    return tuple(p for p in found if p is not None)


def personal_columns(frame: pd.DataFrame, roles: Roles) -> dict[str, str]:
    """Find the columns that name a person.

    E-mail addresses, phone numbers, IBANs, payment cards and national ids (US, UK, German, Spanish,
    Italian) are known by content; check digits are tested where there are any. Names, street
    addresses, postcodes and dates of birth are known by the name of the column and the form of its cells.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        The table.
    roles : Roles
        Target, split, score, weight and amount are not looked at.

    Returns
    -------
    dict of str to str
        By column what it holds, in plain words, for example ``{"mail": "e-mail addresses"}``.
    """
    return {p.name: p.what for p in find_personal(TableFacts(frame), roles)}
