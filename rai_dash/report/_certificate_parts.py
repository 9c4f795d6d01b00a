"""The pieces that a certificate is put together from, as plain text: the template escapes all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value; ``is_code`` for hashes, which are set in a fixed width."""

    label: str
    value: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Some facts under a heading."""

    title: str
    lines: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with smaller lines under it."""

    text: str
    under: tuple[str, ...] = ()
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; its first cell names it, ``is_small`` sets it in grey."""

    cells: tuple[Cell, ...]
    is_small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a heading above and notes below; ``is_even`` gives all columns the same width."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    title: str = ""
    caption: str = ""
    notes: tuple[str, ...] = ()
    is_even: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """What is written across the top."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one person said: who and how, why, on what condition, and how we know."""

    headline: str
    rationale: str
    conditions: str
    detail: str


def facts(*lines: tuple[str, str | None], code: Sequence[str] = ()) -> tuple[Fact, ...]:
    """Make facts of labels and values; those without a value are left out, ``code`` are hashes."""
    return tuple(Fact(label, value, label in code) for label, value in lines if value is not None)


def moment(when: datetime) -> str:
    """Write a time for people.

    Examples
    --------
    >>> moment(datetime(2026, 11, 9, 14, 5, tzinfo=UTC))
    '9 November 2026, 14:05 UTC'
    """
    utc = when.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"


def day(when: datetime) -> str:
    """Write a day for people."""
    utc = when.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y}"
