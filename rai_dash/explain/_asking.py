"""Many changed copies of a table, asked about in calls of bounded size; and drawing rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.stopping import CancelCheck, stop_if
from rai_dash.core.texts import tr
from rai_dash.explain._base import Progress

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Table rows to the probability of the favourable outcome, float64 (n,); one call a batch.
Score = Callable[[pd.DataFrame], FloatArray]

#: Rows of one call, so that memory stays flat whatever is asked.
CALL_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far the work is, and who may stop it; both are asked between calls of the model.

    Parameters
    ----------
    on_progress : callable or None
        Called with rows done, rows in all, and what is being done.
    cancelled : callable or None
        Whether to stop.
    """

    on_progress: Progress | None = None
    cancelled: CancelCheck | None = None

    def step(self, done: int, total: int, what: str) -> None:
        """Tell how far it is.

        Raises
        ------
        Cancelled
            When it was asked for.
        """
        stop_if(self.cancelled)
        if self.on_progress is not None:
            self.on_progress(done, total, what)


SILENT = Watch()


def ask(score: Score, frame: pd.DataFrame) -> FloatArray:
    """Score one table in calls of at most ``CALL_ROWS`` rows.

    Raises
    ------
    ValueError
        When the scorer does not answer with one number a row.
    """
    parts = [
        np.asarray(score(frame.iloc[at : at + CALL_ROWS].reset_index(drop=True)), dtype=np.float64)
        for at in range(0, len(frame), CALL_ROWS)
    ]
    found = np.concatenate(parts) if parts else np.empty(0)
    if found.shape != (len(frame),):
        msg = f"A scorer gives one number a row: {len(frame):,} rows were asked, {found.shape} came back."
        raise ValueError(msg)
    return found


def ask_each(
    score: Score, tables: Iterable[pd.DataFrame], *, total: int, what: str, watch: Watch = SILENT
) -> Iterator[FloatArray]:
    """Score tables one after the other, as many together as fit in one call.

    Parameters
    ----------
    score : callable
        See `Score`.
    tables : iterable of DataFrame
        Made one by one, so that only those of one call are in memory.
    total : int
        Rows of all tables, for the progress.
    what : str
        What is being done, in plain words.
    watch : Watch
        Asked before each call.

    Yields
    ------
    float64 (rows of the table,)
        In the order of the tables.
    """
    held: list[pd.DataFrame] = []
    waiting = done = 0
    for table in tables:
        if held and waiting + len(table) > CALL_ROWS:
            watch.step(done, total, what)
            yield from _together(score, held)
            done, waiting, held = done + waiting, 0, []
        held.append(table)
        waiting += len(table)
    if held:
        watch.step(done, total, what)
        yield from _together(score, held)
    watch.step(total, total, what)


def _together(score: Score, tables: list[pd.DataFrame]) -> Iterator[FloatArray]:
    whole = tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)
    ends = np.cumsum([len(table) for table in tables])[:-1]
    yield from np.split(ask(score, whole), ends)


def drawn_rows(n: int, most: int | None, *, seed: int) -> IntArray:
    """Draw rows without replacement, in the order of the table; all of them where they fit.

    Parameters
    ----------
    n : int
        Rows of the table.
    most : int or None
        Rows wanted; None = all.
    seed : int
        The same seed gives the same rows.
    """
    if most is None or n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, size=most, replace=False))


def known_block(columns: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Check that columns exist.

    Raises
    ------
    InvalidChoice
        A column that the table does not have.
    """
    have, wanted = set(names), tuple(columns)
    for name in wanted:
        if name not in have:
            msg = tr(
                "There is no column {name} among the model's inputs. Choose one of them.", name=f"{name!r}"
            )
            raise InvalidChoice(msg)
    return wanted
