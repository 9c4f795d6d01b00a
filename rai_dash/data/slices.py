"""A slice: a set of rows that is described by what is asked of them, or picked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP, UNKNOWN
from rai_dash.data._slice_rows import check_terms, rows_of_terms
from rai_dash.data._slice_term import BLANK, COLUMN, DECISION, IS, OUTCOME, SCORE, SIDES, Term
from rai_dash.data._slice_text import EVERYONE, pattern_words, read_slice, term_words
from rai_dash.data.columns import closest_names, require_columns
from rai_dash.data.labels import label_codes, label_text

__all__ = [
    "Slice", "Term", "TestPattern", "check_slice", "expected_outcomes", "parse_slice", "rows_of_slice",
    "slice_from_json", "slice_words", "term_of_group",
]  # fmt: skip

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
MAX_TERMS: Final = 20
MAX_ROWS: Final = 10_000
_LONGEST_PLACE: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class TestPattern:
    """One row picked by hand, and what should come out.

    Parameters
    ----------
    row : str
        Label in the id column; where there is none, the place in the table, from 0.
    expected : str or None
        ``favourable`` or ``unfavourable``; None = not said.
    """

    #: Not a test, whatever pytest thinks of the name.
    __test__ = False

    row: str
    expected: str | None = None

    def __post_init__(self) -> None:
        """Check the parts."""
        object.__setattr__(self, "row", label_text(self.row))
        if not self.row:
            msg = tr("A row that is picked by hand needs its id, or its place in the table from 0.")
            raise InvalidChoice(msg)
        if self.expected not in {None, *SIDES[:2]}:
            msg = tr(
                "The outcome that is expected is favourable or unfavourable, got `{expected}`.",
                expected=self.expected,
            )
            raise InvalidChoice(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A set of rows.

    Parameters
    ----------
    terms : tuple of Term
        All of them hold; none, and no rows = everyone.
    rows : tuple of TestPattern
        Picked by hand, instead of terms.

    Raises
    ------
    InvalidChoice
        When there are both, too many, or one row twice.

    Examples
    --------
    >>> found = parse_slice("age < 25 and score >= 0.4")
    >>> found.columns, found.needs_score, slice_words(found)
    (('age',), True, 'age < 25 and score >= 0.4')
    """

    terms: tuple[Term, ...] = ()
    rows: tuple[TestPattern, ...] = ()

    def __post_init__(self) -> None:
        """Check the parts."""
        if self.terms and self.rows:
            msg = tr("A slice has terms or rows picked by hand, not both. Make two slices.")
            raise InvalidChoice(msg)
        if len(self.terms) > MAX_TERMS or len(self.rows) > MAX_ROWS:
            msg = tr(
                "A slice has at most {max_terms} terms or {max_rows} rows. Make several slices.",
                max_terms=MAX_TERMS,
                max_rows=f"{MAX_ROWS:,}",
            )
            raise InvalidChoice(msg)
        if len({pattern.row for pattern in self.rows}) < len(self.rows):
            msg = tr("A row is picked twice in one slice. Name each once.")
            raise InvalidChoice(msg)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that it asks for, each once."""
        return tuple(dict.fromkeys(t.column for t in self.terms if t.about == COLUMN))

    @property
    def needs_score(self) -> bool:
        """Whether it asks for scores."""
        return any(t.about in {SCORE, DECISION} for t in self.terms)

    @property
    def needs_threshold(self) -> bool:
        """Whether it asks for decisions."""
        return any(t.about == DECISION for t in self.terms)

    @property
    def needs_outcome(self) -> bool:
        """Whether it asks for outcomes."""
        return any(t.about == OUTCOME for t in self.terms)

    def to_json(self) -> dict[str, object]:
        """Return the parts that are set as plain values; `slice_from_json` reads them back."""
        if self.rows:
            return {"rows": [{"row": p.row, "expected": p.expected} for p in self.rows]}
        return {"terms": [_term_json(term) for term in self.terms]}


def term_of_group(column: str, group: str) -> Term:
    """Return what is asked of the rows of one group of a column: its label, its bin, or that there is no value."""
    if group == MISSING_GROUP:
        return Term(column=column, kind=BLANK)
    return Term(column=column, kind=IS, values=(group,))


def _term_json(term: Term) -> dict[str, object]:
    every = {name: getattr(term, name) for name in _PARTS}
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in every.items()}
    return {k: v for k, v in plain.items() if v is not None and v not in ("", [])}


_PARTS: Final = ("about", "column", "kind", "sign", "low", "high", "values")
_TEXTS: Final = frozenset({"about", "column", "kind", "sign"})


def slice_from_json(content: Mapping[str, Any]) -> Slice:
    """Read back what `Slice.to_json` wrote.

    Raises
    ------
    InvalidChoice
        When a part is missing, unknown or of the wrong kind.
    """
    if not isinstance(content, Mapping) or set(content) not in ({"terms"}, {"rows"}):
        msg = "A slice holds either `terms` or `rows`. Write it with `Slice.to_json`."
        raise InvalidChoice(msg)
    items = next(iter(content.values()))
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        msg = "The terms or rows of a slice are a list of objects. Write it with `Slice.to_json`."
        raise InvalidChoice(msg)
    if "terms" in content:
        return Slice(terms=tuple(map(_term_of, items)))
    return Slice(rows=tuple(map(_pattern_of, items)))


def _unread(item: Mapping[str, Any]) -> InvalidChoice:
    return InvalidChoice(
        f"A part of a slice cannot be read: {str(dict(item))[:120]}. Write it with `Slice.to_json`."
    )


def _term_of(item: Mapping[str, Any]) -> Term:
    values = item.get("values", [])
    fits = set(item) <= set(_PARTS) and {"about", "kind"} <= set(item) and isinstance(values, list)
    fits = fits and all(isinstance(v, str) for v in values)
    fits = fits and all(isinstance(item[k], str) for k in _TEXTS & set(item))
    ends = [item[k] for k in ("low", "high") if k in item]
    if not fits or not all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in ends):
        raise _unread(item)
    return Term(**(dict(item) | {"values": tuple(values)}))


def _pattern_of(item: Mapping[str, Any]) -> TestPattern:
    row, expected = item.get("row"), item.get("expected")
    if set(item) != {"row", "expected"} or not isinstance(row, str) or not isinstance(expected, str | None):
        raise _unread(item)
    return TestPattern(row=row, expected=expected)


def slice_words(of: Slice) -> str:
    """Write a slice as a sentence that `parse_slice` reads back as the same slice."""
    if of.rows:
        return pattern_words(tuple((p.row, p.expected) for p in of.rows))
    return " and ".join(map(term_words, of.terms)) or EVERYONE


def parse_slice(text: str, *, columns: Sequence[str] | None = None) -> Slice:
    """Read a slice from a sentence.

    Parameters
    ----------
    text : str
        Terms with ``and`` between them: ``COLUMN < 25`` (also ``<=``, ``>``, ``>=``), ``COLUMN between 25 and 35``
        (25 counts, 35 does not), ``COLUMN is A``, ``is not A``, ``is one of A, B``, ``is not one of A, B``,
        ``is blank``, ``is not blank``; ``score`` in place of a column; ``outcome is favourable`` (or
        ``unfavourable``, ``unknown``), ``decision is favourable``. Bins of a column of numbers are values:
        ``age is [25, 35)``. A name in backticks is always a column; a value with a comma or a word of this
        language in it stands in double quotes, as in JSON. ``rows 12, 47 expected favourable`` picks rows by hand;
        ``everyone`` is every row.
    columns : sequence of str, optional
        Columns of the table, to check the names against.

    Raises
    ------
    InvalidChoice
        When it cannot be read.
    MissingColumn
        When it names a column that is not there, with the closest one.

    Examples
    --------
    >>> parse_slice("age between 25 and 35 and `credit score` >= 600").columns
    ('age', 'credit score')
    """
    terms, patterns = read_slice(text)
    found = Slice(terms=terms, rows=tuple(TestPattern(row=row, expected=side) for row, side in patterns))
    missing = next((c for c in found.columns if columns is not None and c not in columns), None)
    if columns is not None and missing is not None:
        close = closest_names(missing, columns)
        hint = f"Did you mean `{close[0]}`?" if close else f"It has: {', '.join(columns[:12])}."
        msg = tr(
            "The slice speaks of `{missing}`, which is no column of the table. {hint}",
            missing=missing,
            hint=hint,
        )
        raise MissingColumn(msg)
    return found


def rows_of_slice(
    of: Slice,
    frame: pd.DataFrame,
    *,
    score: FloatArray | None = None,
    outcome: NDArray[np.integer] | None = None,
    threshold: float | None = None,
    id_column: str | None = None,
) -> BoolArray:
    """Mark the rows of a slice.

    Parameters
    ----------
    of : Slice
        The slice.
    frame : DataFrame (n, ...)
        The table.
    score : float64 (n,), optional
        Probability of the favourable outcome; NaN = no score, of which no comparison and no decision holds.
    outcome : int (n,), optional
        0 unfavourable, 1 favourable, 2 unknown.
    threshold : float, optional
        For decisions: favourable from this score.
    id_column : str, optional
        Column that names the rows, for those picked by hand; without it they are places in the table, from 0.

    Returns
    -------
    bool (n,)

    Raises
    ------
    MissingColumn
        When the table lacks a column.
    InvalidChoice
        When numbers are asked of texts, or scores, outcomes or the threshold are needed and not given.
    """
    if of.rows:
        return _pattern_of_row(of, frame, id_column) >= 0
    require_columns(frame, of.columns)
    known = {SCORE: score, OUTCOME: outcome, DECISION: threshold}
    needed = {SCORE: of.needs_score, OUTCOME: of.needs_outcome, DECISION: of.needs_threshold}
    lacking = next((what for what, needs in needed.items() if needs and known[what] is None), None)
    if lacking is not None:
        what = {SCORE: "scores", OUTCOME: "outcomes", DECISION: "a threshold"}[lacking]
        msg = tr(
            "The slice `{slice}` needs {what}, which are not there. Choose data that have them.",
            slice=slice_words(of),
            what=what,
        )
        raise InvalidChoice(msg.replace("which are", "which is") if lacking == DECISION else msg)
    return rows_of_terms(of.terms, frame, score=score, outcome=outcome, threshold=threshold)


def _pattern_of_row(of: Slice, frame: pd.DataFrame, id_column: str | None) -> NDArray[np.int64]:
    """Find which of the hand-picked rows each row is, int64 (n,); -1 = none."""
    place = {p.row: i for i, p in enumerate(of.rows)}
    out = np.full(len(frame), -1, dtype=np.int64)
    if id_column is None:
        for text, i in place.items():
            # No table has rows of so many digits, and Python refuses to read numbers of thousands of them.
            if text.isascii() and text.isdigit() and len(text) <= _LONGEST_PLACE and int(text) < len(frame):
                out[int(text)] = i
        return out
    require_columns(frame, [id_column])
    codes, names = label_codes(frame[id_column])
    return np.array([*(place.get(name, -1) for name in names), -1], dtype=np.int64)[codes]


def expected_outcomes(of: Slice, frame: pd.DataFrame, *, id_column: str | None = None) -> NDArray[np.int8]:
    """Return what is expected of each hand-picked row, int8 (n,): 0 unfavourable, 1 favourable, 2 nothing."""
    sides = [UNKNOWN if p.expected is None else SIDES.index(p.expected) for p in of.rows]
    return np.array([*sides, UNKNOWN], dtype=np.int8)[_pattern_of_row(of, frame, id_column)]


def check_slice(of: Slice, frame: pd.DataFrame, *, id_column: str | None = None) -> None:
    """Refuse a slice that a table cannot answer, for when somebody writes one.

    Raises
    ------
    MissingColumn
        When the table lacks a column.
    InvalidChoice
        When numbers are asked of texts, a value or a row is not in the table.
    """
    if of.rows:
        found = set(_pattern_of_row(of, frame, id_column).tolist())
        lost = [p.row for i, p in enumerate(of.rows) if i not in found]
        if lost:
            where = f"in `{id_column}`" if id_column else f"among the rows 0 to {len(frame) - 1:,}"
            msg = tr(
                "The table has no row `{lost}` {where}. Name rows that it has.", lost=lost[0], where=where
            )
            raise InvalidChoice(msg)
        return
    require_columns(frame, of.columns)
    check_terms(of.terms, frame)
