"""What the model says when some of an applicant's values are typed in anew, or one is moved along."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.labels import label_text
from rai_dash.explain._asking import FloatArray, IntArray, Score, ask, known_block
from rai_dash.explain._base import take_mixed
from rai_dash.explain._conditions import plain_value
from rai_dash.explain.counterfactuals.candidates import applicant_like
from rai_dash.explain.drivers._grid import grid_of

SHOWN_CATEGORIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One value that was typed, read for its column.

    Parameters
    ----------
    value : float, int, str or None
        None = blank.
    notices : tuple of Notice
        ``new_category``, ``outside_range``, ``not_whole``, ``new_blank``: allowed, and the model's answer is a guess.
    """

    value: float | int | str | None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Scores of one applicant as they are and with other values.

    Parameters
    ----------
    before, after : float
        Probability of the favourable outcome, in [0, 1].
    changes : mapping of str to (value, value)
        Columns that really changed: own value and new one; None = blank.
    row : DataFrame (1, columns)
        The changed applicant.
    notices : tuple of Notice
        What is unusual about the new values.
    """

    before: float
    after: float
    changes: Mapping[str, tuple[object, object]]
    row: pd.DataFrame
    notices: tuple[Notice, ...]

    @property
    def difference(self) -> float:
        """``after - before``."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ice:
    """One applicant's score along the values of one column, all else as it is.

    Parameters
    ----------
    column : str
        The column that is moved.
    is_numeric : bool
        Whether the points have an order and distances.
    points : tuple of values
        Observed values: numbers ascending, categories in the model's order.
    labels : tuple of str
        The points as text.
    scores : float64 (points,)
        Probability of the favourable outcome.
    counts : int64 (points,)
        Reference rows a point; of numbers those above the point before and up to this one.
    own : value or None
        The applicant's own value; None = blank.
    own_score : float
        The score as they are.
    linked : tuple of str
        Columns that moved along.
    left_out : int
        Reference rows without a point: blanks and the rarest of more than 50 categories.
    """

    column: str
    is_numeric: bool
    points: tuple[object, ...]
    labels: tuple[str, ...]
    scores: FloatArray
    counts: IntArray
    own: object
    own_score: float
    linked: tuple[str, ...]
    left_out: int


def read_typed(text: str | float | None, series: pd.Series, *, categories: Sequence[str] = ()) -> Typed:
    """Read a value that a person typed for a column.

    Parameters
    ----------
    text : str, number or None
        Empty or None = blank. Numbers with a point for decimals and no marks for thousands.
    series : Series (n,)
        The column in the reference rows: its kind, its categories and its range.
    categories : sequence of str
        Further categories that the model knows.

    Raises
    ------
    InvalidChoice
        A number was needed, and this is none.
    """
    column = str(series.name)
    bare = text.strip() if isinstance(text, str) else text
    if bare is None or bare == "" or bool(pd.isna(bare)):
        return Typed(value=None, notices=() if series.hasnans else (_new_blank(column),))
    if is_number(series):
        return _typed_number(bare, series, column)
    known = {str(v) for v in series.dropna().unique()}.union(categories)
    # As typed where the table has that (blanks in front included), else without blanks around.
    value = str(text) if str(text) in known else str(bare)
    return Typed(value=value, notices=() if value in known else (_new_category(column, value, known),))


def _typed_number(bare: str | float, series: pd.Series, column: str) -> Typed:
    try:
        value = float(bare.replace("_", "?") if isinstance(bare, str) else bare)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        msg = tr(
            "`{column}` needs a number, got {bare}. Write it like 45 or 1234.5, without other marks.",
            column=column,
            bare=f"{str(bare)[:40]!r}",
        )
        raise InvalidChoice(msg)
    x = numbers(series)
    x = x[~np.isnan(x)]
    if not x.size:
        return Typed(value=value)
    notices = []
    if bool((x == np.round(x)).all()) and value != round(value):
        text = tr(
            "`{column}` holds whole numbers only; the model was never shown one like {label}.",
            column=column,
            label=label_text(value),
        )
        notices.append(Notice("not_whole", text, column))
    if not x.min() <= value <= x.max():
        seen = tr(
            "{label} to {label_text_max}",
            label=label_text(float(x.min())),
            label_text_max=label_text(float(x.max())),
        )
        text = tr(
            "{label} is outside the range seen of `{column}`, {seen}: the model's answer is a guess.",
            label=label_text(value),
            column=column,
            seen=seen,
        )
        notices.append(Notice("outside_range", text, column))
    whole = series.dtype.kind in "iu" and value == round(value) and abs(value) < 2.0**53
    return Typed(value=int(value) if whole else value, notices=tuple(notices))


def _new_blank(column: str) -> Notice:
    text = tr(
        "`{column}` is never blank in the reference rows: the model's answer to a blank is a guess.",
        column=column,
    )
    return Notice("new_blank", text, column)


def _new_category(column: str, value: str, known: set[str]) -> Notice:
    listed = ", ".join(sorted(known)[:SHOWN_CATEGORIES]) + (", …" if len(known) > SHOWN_CATEGORIES else "")
    text = tr(
        "{value} of `{column}` was never seen in training; seen: {listed}. The model's answer is a guess.",
        value=f"{value[:60]!r}",
        column=column,
        listed=listed,
    )
    return Notice("new_category", text, column)


def what_if(
    score: Score,
    row: pd.DataFrame,
    changes: Mapping[str, str | float | None],
    reference: pd.DataFrame,
    *,
    categories: Mapping[str, Sequence[str]] | None = None,
) -> WhatIf:
    """Score an applicant as they are and with other values, in one call.

    The other columns stay as they are, also those that would change with it in life.

    Parameters
    ----------
    score : callable
        Table rows to the probability of the favourable outcome.
    row : DataFrame (1, columns)
        The applicant.
    changes : mapping of str to str, number or None
        Values as typed; see `read_typed`.
    reference : DataFrame (n, columns)
        Rows with the model's columns, such as the training rows.
    categories : mapping of str to sequence of str, optional
        Categories that the model knows, by column.

    Raises
    ------
    InvalidChoice, MissingColumn
        With what to do.
    """
    own = applicant_like(row, reference)
    known_block(changes, [str(c) for c in reference.columns])
    known = categories or {}
    typed = {c: read_typed(v, reference[c], categories=known.get(c, ())) for c, v in changes.items()}
    new = pd.DataFrame({c: _cell(own[c], typed[c]) if c in typed else own[c] for c in own.columns})
    before, after = ask(score, pd.concat([own, new], ignore_index=True))
    pairs = {c: (plain_value(own[c].iloc[0]), plain_value(new[c].iloc[0])) for c in typed}
    return WhatIf(
        before=float(before), after=float(after), row=new,
        changes={c: pair for c, pair in pairs.items() if pair[0] != pair[1]},
        notices=tuple(notice for one in typed.values() for notice in one.notices),
    )  # fmt: skip


def _cell(own: pd.Series, typed: Typed) -> pd.Series:
    """Return a column of one cell, of the column's own type where that can hold the value."""
    whole = own.dtype.kind in "iu" and isinstance(typed.value, int)
    if is_number(own):
        value = np.nan if typed.value is None else typed.value
        return pd.Series([value], dtype=own.dtype if whole else np.float64, name=own.name)
    return pd.Series([typed.value], dtype="str", name=own.name)


def ice(
    score: Score,
    row: pd.DataFrame,
    reference: pd.DataFrame,
    column: str,
    *,
    linked: Sequence[str] = (),
    categories: Sequence[str] = (),
    points: int = 40,
) -> Ice:
    """Move one column of one applicant along its observed values, in one call.

    Parameters
    ----------
    score : callable
        Table rows to the probability of the favourable outcome.
    row : DataFrame (1, columns)
        The applicant.
    reference : DataFrame (n, columns)
        Rows whose values are tried: each distinct number up to 50 of them, else observed quantiles, or categories.
    column : str
        The column to move.
    linked : sequence of str
        Columns that take the values of a row that holds the point, so that each combination exists.
    categories : sequence of str
        The model's own order of the categories; those not named follow, by name.
    points : int
        Steps between quantiles.

    Raises
    ------
    InvalidChoice, MissingColumn
        With what to do.

    References
    ----------
    Goldstein, A. et al. (2015). Peeking inside the black box: visualizing statistical learning with plots of
    individual conditional expectation. JCGS 24, 44-65.
    """
    names = [str(c) for c in reference.columns]
    own = applicant_like(row, reference)
    known_block([column, *linked], names)
    grid = grid_of(reference, column, points=points, categories=categories)
    if not len(grid.donors):
        msg = tr(
            "`{column}` holds no value in the reference rows, so there is nothing to move along. Choose "
            "another.",
            column=column,
        )
        raise InvalidChoice(msg)
    pool = pd.concat([own, reference.iloc[grid.donors]], ignore_index=True)
    # Row 0 of the pool is the applicant, then come the rows that hold the points.
    source = np.zeros((len(pool), len(names)), dtype=np.int64)
    source[:, [names.index(name) for name in (column, *linked)]] = np.arange(len(pool))[:, None]
    found = ask(score, take_mixed(pool, source))
    return Ice(
        column=column, is_numeric=grid.is_numeric, labels=grid.labels, scores=found[1:], counts=grid.counts,
        points=tuple(plain_value(v) for v in reference[column].iloc[grid.donors]),
        own=plain_value(own[column].iloc[0]), own_score=float(found[0]), linked=tuple(linked), left_out=grid.left_out,
    )  # fmt: skip
