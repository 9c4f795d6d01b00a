"""How scores move with one column: partial dependence, individual lines, accumulated local effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.explain._asking import (
    SILENT,
    FloatArray,
    IntArray,
    Score,
    Watch,
    ask_each,
    drawn_rows,
    known_block,
)
from rai_dash.explain._base import take_mixed
from rai_dash.explain.drivers._ale import Local, accumulate, similar_order
from rai_dash.explain.drivers._grid import Grid, grid_of, usual_donors
from rai_dash.stats.means import Means, means

#: Rows that are drawn for lines and their mean, and for local effects (which need only two answers a row).
LINE_ROWS, LOCAL_ROWS = 2_000, 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effect:
    """A curve over the points of a grid with its 95 % interval at each point alone; each float64 (points,)."""

    value: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """What the model says when everybody gets each value of a column in turn, all else left as it is.

    Parameters
    ----------
    grid : Grid
        Its points; counts and codes are of all rows.
    linked : tuple of str
        Columns that moved along.
    rows : int64 (m,)
        Rows of the table that were drawn.
    of : int
        Rows there were.
    lines : float64 (m, points)
        Individual conditional expectations: scores in [0, 1].
    """

    grid: Grid
    linked: tuple[str, ...]
    rows: IntArray
    of: int
    lines: FloatArray

    @property
    def mean(self) -> Effect:
        """Partial dependence: the mean score at each point."""
        return _effect(means(self.lines))

    @property
    def centred(self) -> FloatArray:
        """Change of each line from its first point, float64 (m, points): shows who reacts otherwise."""
        return self.lines - self.lines[:, :1]

    @property
    def change(self) -> Effect:
        """Mean change from the first point; its interval is that of the change and not of the level."""
        return _effect(means(self.centred))

    @property
    def spread(self) -> tuple[FloatArray, FloatArray]:
        """Return the 10 % and 90 % quantiles of the centred lines, float64 (points,) each."""
        low, high = np.quantile(self.centred, (0.1, 0.9), axis=0)
        return low, high


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalEffects:
    """Accumulated local effects: what small steps between neighbouring values do to the rows that are there.

    Parameters
    ----------
    grid : Grid
        Its points.
    linked : tuple of str
        Columns that moved along.
    rows, of : int
        Rows drawn that have a value of the grid, of how many there were.
    effect : Effect
        Centred: its mean over the rows is 0. In score.
    change : Effect
        The same less its first point, with the interval of the change.
    path : tuple of int or None
        For categories: the order of the points in which effects were accumulated, by similarity of the other columns.
        Another order would give another curve. None for numbers.
    """

    grid: Grid
    linked: tuple[str, ...]
    rows: int
    of: int
    effect: Effect
    change: Effect
    path: tuple[int, ...] | None


def _effect(found: Means) -> Effect:
    return Effect(value=found.value, low=found.low, high=found.high)


def lines(
    score: Score,
    frame: pd.DataFrame,
    column: str,
    *,
    linked: Sequence[str] = (),
    categories: Sequence[str] = (),
    points: int = 40,
    most_rows: int | None = LINE_ROWS,
    seed: int = 0,
    watch: Watch = SILENT,
) -> Lines:
    """Compute partial dependence and the individual lines behind it.

    The average asks the model about mixes that may not exist (age 20 with a doctorate): look at the lines, and at
    `local_effects`.

    Parameters
    ----------
    score : callable
        Table rows to the probability of the favourable outcome.
    frame : DataFrame (n, columns)
        Rows.
    column : str
        The column that is moved.
    linked : sequence of str
        Columns that take the values usual at each point, since they say nearly the same.
    categories : sequence of str
        The model's own order of the categories.
    points : int
        Steps between quantiles of a column of many numbers.
    most_rows : int or None
        Rows to draw; None = all.
    seed : int
        For the rows.
    watch : Watch
        Progress and stop.

    Raises
    ------
    InvalidChoice
        An unknown column, or one without a value.

    References
    ----------
    Friedman, J. H. (2001). Greedy function approximation. Annals of Statistics 29, 1189-1232. Goldstein, A. et al.
    (2015). Peeking inside the black box: visualizing statistical learning with plots of individual conditional
    expectation. JCGS 24, 44-65.
    """
    grid, donors, moved = _prepared(frame, column, linked, categories, points)
    rows = drawn_rows(len(frame), most_rows, seed=seed)
    own = np.broadcast_to(rows[:, None], (len(rows), frame.shape[1]))

    def tables() -> Iterator[pd.DataFrame]:
        for donor in donors:
            source = own.copy()
            source[:, moved] = donor
            yield take_mixed(frame, source)

    total = len(rows) * len(donors)
    found = list(ask_each(score, tables(), total=total, what=tr("Moving one column"), watch=watch))
    return Lines(grid=grid, linked=tuple(linked), rows=rows, of=len(frame), lines=np.column_stack(found))


def local_effects(
    score: Score,
    frame: pd.DataFrame,
    column: str,
    *,
    linked: Sequence[str] = (),
    categories: Sequence[str] = (),
    points: int = 40,
    most_rows: int | None = LOCAL_ROWS,
    seed: int = 0,
    watch: Watch = SILENT,
) -> LocalEffects:
    """Compute accumulated local effects; parameters as of `lines`.

    Numbers: a row in ``(z[k-1], z[k]]`` (the first interval with its left end) is asked about at both ends. Categories
    are put in an order by similarity; a row is asked about its own category and the neighbours. Between two points
    the curve is straight, and it is centred by the mean over the rows with each at the middle of its interval, as in
    the authors' ALEPlot. Intervals are normal, from the spread of local effects within each step (see
    `accumulate`), and hold for the steps and the rows' shares in them as they are.

    References
    ----------
    Apley, D. W., Zhu, J. (2020). Visualizing the effects of predictor variables in black box supervised learning
    models. JRSS B 82, 1059-1086, equations (15) and (16), and its supplement for categories.
    """
    grid, donors, moved = _prepared(frame, column, linked, categories, points)
    drawn = drawn_rows(len(frame), most_rows, seed=seed)
    drawn = drawn[grid.codes[drawn] >= 0]
    code = grid.codes[drawn]
    path = None if grid.is_numeric else similar_order(frame, grid, skip=(column, *linked))
    place = np.argsort(path)[code] if path is not None else code
    along = donors if path is None else donors[path]
    steps = _steps(place, len(along), is_numeric=grid.is_numeric)
    own = np.broadcast_to(drawn[:, None], (len(drawn), frame.shape[1]))

    def tables() -> Iterator[pd.DataFrame]:
        for rows, lower in steps:
            for at in (lower, lower + 1):
                source = own[rows]
                source[:, moved] = along[at]
                yield take_mixed(frame, source)

    total = 2 * sum(len(rows) for rows, _ in steps)
    answers = list(ask_each(score, tables(), total=total, what=tr("Taking small steps"), watch=watch))
    jumps = [up - down for down, up in zip(answers[::2], answers[1::2], strict=True)]
    local = Local(
        row=np.concatenate([rows for rows, _ in steps]), step=np.concatenate([lower for _, lower in steps]),
        jump=np.concatenate(jumps), at=np.bincount(place, minlength=len(along)), is_numeric=grid.is_numeric,
    )  # fmt: skip
    start = 0 if path is None else int(np.argmin(path))
    effect, change = (_in_grid(accumulate(local, anchor=anchor), path) for anchor in (None, start))
    return LocalEffects(
        grid=grid, linked=tuple(linked), rows=len(drawn), of=len(frame), effect=effect, change=change,
        path=None if path is None else tuple(path.tolist()),
    )  # fmt: skip


def _steps(place: IntArray, points: int, *, is_numeric: bool) -> list[tuple[IntArray, IntArray]]:
    """List which rows take which steps, as positions among the drawn rows and the lower end of their step.

    A number takes the step that leads to its point; a category both steps it is an end of.
    """
    everyone = np.arange(len(place))
    if points < 2:
        return [(everyone[:0], place[:0])]
    if is_numeric:
        return [(everyone, np.maximum(place - 1, 0))]
    up, down = everyone[place < points - 1], everyone[place > 0]
    return [(up, place[up]), (down, place[down] - 1)]


def _in_grid(found: tuple[FloatArray, FloatArray, FloatArray], path: IntArray | None) -> Effect:
    """Put what was accumulated along the path back in the order of the grid."""
    back = slice(None) if path is None else np.argsort(path)
    value, low, high = (part[back] for part in found)
    return Effect(value=value, low=low, high=high)


def _prepared(
    frame: pd.DataFrame, column: str, linked: Sequence[str], categories: Sequence[str], points: int
) -> tuple[Grid, IntArray, list[int]]:
    """Check the choices.

    Returns
    -------
    grid : Grid
        Points of the column.
    donors : int64 (points, moved)
        Rows that give their values to each of the columns that move.
    moved : list of int
        Positions of these columns, the chosen one first.
    """
    known_block((column, *linked), frame.columns)
    if column in linked:
        msg = tr("Column {column} cannot be linked with itself. Choose others.", column=f"{column!r}")
        raise InvalidChoice(msg)
    grid = grid_of(frame, column, points=points, categories=categories)
    if not len(grid.donors):
        msg = tr("Column {column} has no value in these rows. Choose another column.", column=f"{column!r}")
        raise InvalidChoice(msg)
    moved = [list(frame.columns).index(name) for name in (column, *linked)]
    donors = np.repeat(grid.donors[:, None], len(moved), axis=1)
    if linked:
        donors[:, 1:] = usual_donors(frame, grid, linked)[:, None]
    return grid, donors, moved
