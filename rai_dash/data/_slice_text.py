"""Slices as sentences: ``age < 25 and `marital status` is "Never married" and score >= 0.4``."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data._slice_term import (
    BETWEEN,
    BLANK,
    COLUMN,
    COMPARE,
    HOW,
    IS,
    IS_NOT,
    NOT_BLANK,
    SPECIAL,
    Term,
)
from rai_dash.data.asked import written_number
from rai_dash.data.labels import label_text

EVERYONE: Final = "everyone"
ROWS: Final = "rows"
_EXPECTED: Final = "expected"
#: Words of the language: a name or value that is one of them stands in quotes.
_WORDS: Final = frozenset({
    "and", "is", "not", "one", "of", "between", "blank", "or", EVERYONE, ROWS, _EXPECTED, *SPECIAL,
})  # fmt: skip
_PLAIN = re.compile(r"[^\W\d_][\w.\-]*|\d+", re.DOTALL)
_TICKED = re.compile(r"`((?:[^`]|``)*)`", re.DOTALL)
_BLANKS = re.compile(r"\s*")
#: Word by word, so that a long run of blanks is gone over once and not from each of its places.
_BARE_NAME = re.compile(
    r"[^\s`\"<>=,]+(?:\s+(?!(?:is|between)(?:\s|$))[^\s`\"<>=,]+)*(?=\s*[<>=]|\s+(?:is|between)(?:\s|$))",
    re.IGNORECASE | re.DOTALL,
)
_SIGN = re.compile(r"<=|>=|<|>")
_EQUAL = re.compile(r"={1,2}")
_COMMA = re.compile(",")
_NUMBER = re.compile(r"[^\s,_]+?(?:[,_ ]\d{3})*(?=\s|$)", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BIN = re.compile(r"\[[^,\[\])]*,[^,\[\])]*\)")
_BARE = re.compile(r"[^\s,\"]+(?:\s+(?!(?:and|expected)(?:\s|$))[^\s,\"]+)*", re.IGNORECASE | re.DOTALL)

Pattern = tuple[str, str | None]


def quoted_name(name: str) -> str:
    """Write the name of a column; in backticks where it could be taken for something else."""
    plain = _PLAIN.fullmatch(name) is not None and not name.isdigit() and name.casefold() not in _WORDS
    return name if plain else f"`{name.replace('`', '``')}`"


def _value(text: str) -> str:
    """Write a value; in quotes, as in JSON, where it could be taken for something else."""
    plain = _PLAIN.fullmatch(text) is not None and text.casefold() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


def term_words(term: Term) -> str:
    """Write one term so that it reads back as the same."""
    name = quoted_name(term.column) if term.about == COLUMN else term.about
    if term.kind == COMPARE:
        return f"{name} {term.sign} {label_text(term.low)}"
    if term.kind == BETWEEN:
        return f"{name} between {label_text(term.low)} and {label_text(term.high)}"
    if term.kind in {BLANK, NOT_BLANK}:
        return f"{name} is {'not ' * (term.kind == NOT_BLANK)}blank"
    listed = ", ".join(map(_value, term.values))
    one_of = "one of " * (len(term.values) > 1)
    return f"{name} is {'not ' * (term.kind == IS_NOT)}{one_of}{listed}"


def pattern_words(patterns: tuple[Pattern, ...]) -> str:
    """Write hand-picked rows so that they read back as the same."""
    items = (f"{_value(row)}{f' expected {side}' if side else ''}" for row, side in patterns)
    return f"{ROWS} {', '.join(items)}"


def read_slice(text: str) -> tuple[tuple[Term, ...], tuple[Pattern, ...]]:
    """Read a sentence into its terms, or its hand-picked rows.

    Raises
    ------
    InvalidChoice
        Saying where it stops making sense.
    """
    reader = _Reader(text)
    if reader.at_end:
        reader.refuse("is empty")
    if text.strip().casefold() == EVERYONE:
        return (), ()
    if reader.is_rows:
        return (), reader.patterns()
    terms = [reader.term()]
    while not reader.at_end:
        if not reader.word("and"):
            reader.refuse("should go on with `and`")
        terms.append(reader.term())
    return tuple(terms), ()


class _Reader:
    """A place in a sentence, and what can be read there."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    @property
    def at_end(self) -> bool:
        return self._next == len(self.text)

    @property
    def _next(self) -> int:
        """Place of what is not blank."""
        found = _BLANKS.match(self.text, self.at)
        return self.at if found is None else found.end()

    @property
    def is_rows(self) -> bool:
        """Whether hand-picked rows follow, and no column of that name."""
        behind = re.match(rf"\s*{ROWS}\s+(?!(?:is|between)\s|[<>=])\S", self.text, re.IGNORECASE)
        return behind is not None

    def refuse(self, why: str) -> NoReturn:
        rest = " ".join(self.text[self.at :].split())
        shown = f" at `{rest[:60]}`" if rest else ""
        msg = tr(
            "The slice `{self_}` {why}{shown}. {how}",
            self_=self.text.strip()[:120],
            why=why,
            shown=shown,
            how=HOW,
        )
        raise InvalidChoice(msg)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Read what a pattern matches behind blanks, if it does."""
        found = pattern.match(self.text, self._next)
        if found is not None:
            self.at = found.end()
        return found

    def word(self, *words: str) -> bool:
        """Read some words of the language, if they are there."""
        behind = r"\s+".join(words)
        return self.take(re.compile(rf"{behind}(?=[\s\"\[,]|$)", re.IGNORECASE)) is not None

    def term(self) -> Term:
        about = self.subject()
        sign = self.take(_SIGN)
        if sign is not None:
            return Term(**about, kind=COMPARE, sign=sign[0], low=self.number())
        if self.word("between"):
            low = self.number()
            if not self.word("and"):
                self.refuse("needs `and` and a second number")
            return Term(**about, kind=BETWEEN, low=low, high=self.number())
        if not self.word("is") and not self.take(_EQUAL):
            self.refuse("needs <, <=, >, >=, `is` or `between`")
        negated = self.word("not")
        if self.word("blank"):
            return Term(**about, kind=NOT_BLANK if negated else BLANK)
        many = self.word("one", "of")
        values = self.values() if many else (self.value(),)
        return Term(**about, kind=IS_NOT if negated else IS, values=values)

    def subject(self) -> dict[str, Any]:
        ticked = self.take(_TICKED)
        if ticked is not None:
            return {"column": ticked[1].replace("``", "`")}
        bare = self.take(_BARE_NAME)
        if bare is None:
            self.refuse("needs the name of a column and what is asked of it")
        name = bare[0].strip()
        return {"about": name.casefold()} if name.casefold() in SPECIAL else {"column": name}

    def number(self) -> float:
        found = self.take(_NUMBER)
        if found is None:
            self.refuse("lacks a number")
        return written_number(found[0])

    def value(self) -> str:
        quoted = self.take(_QUOTED)
        if quoted is not None:
            try:
                return str(json.loads(quoted[0], strict=False))
            except ValueError:
                self.refuse(f"has a text in quotes that cannot be read, {quoted[0][:40]},")
        found = self.take(_BIN) or self.take(_BARE)
        if found is None:
            self.refuse("lacks a value")
        return found[0].strip()

    def values(self) -> tuple[str, ...]:
        found = [self.value()]
        while self.take(_COMMA):
            found.append(self.value())
        return tuple(found)

    def patterns(self) -> tuple[Pattern, ...]:
        self.word(ROWS)
        found = [self.pattern()]
        while self.take(_COMMA):
            found.append(self.pattern())
        if not self.at_end:
            self.refuse("lists rows and cannot go on")
        return tuple(found)

    def pattern(self) -> Pattern:
        row = self.value()
        return row, self.value() if self.word(_EXPECTED) else None
