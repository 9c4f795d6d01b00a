"""One column of two data sets: what moved, whether a test shows it, and the rows that a test needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import mark
from rai_dash.data.column_sides import ColumnSide, SeriesSide, tested_numbers
from rai_dash.data.labels import short_number
from rai_dash.data.profile import MOST_LABELS
from rai_dash.stats import drift
from rai_dash.stats.tests import fisher_against_rest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ALPHA: Final = 0.05
MIN_ROWS: Final = 30
BLANK: Final = "(missing)"


class Shift(StrEnum):
    """What may be said about one column."""

    LARGE = mark("large shift")
    MODERATE = mark("shift")
    SMALL = mark("small shift")
    UNSURE = mark("shift of unknown size")
    NOT_SHOWN = mark("no shift shown")
    TOO_FEW = mark("too few rows to tell")
    UNTESTED = mark("not compared")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnDrift:
    """One column of two data sets.

    Parameters
    ----------
    name, kind : str
        ``number``, ``category``, or ``other``: ids, dates and free text, of which only blanks are compared.
    cells : tuple of str (k,)
        Tenths of the first data set, ``[a, b)`` (a value that fills a tenth stands alone), or values; the last may be
        ``(missing)``.
    then, now : int64 (k,)
        Rows of both in each cell.
    psi, psi_by_chance : float
        Over the cells, blanks one of them; and its median where nothing has moved. NaN = undefined.
    test : Tested
        Of the known values.
    q_value : float
        Its p-value after Benjamini-Hochberg over all tests of all columns.
    rows_then, rows_now, blank_then, blank_now : int
        Rows, and rows without a value.
    blank_p, blank_q : float
        Fisher's exact test of the shares of blanks, and the same after Benjamini-Hochberg; NaN = no blank in either.
    new, gone : tuple of (str, int)
        Categories of only one data set with their rows, most frequent first.
    mean_then, mean_now, median_then, median_now : float or None
        Of a column of numbers.
    rows_needed : int or None
        Rows of the second data set from which a PSI of 0.10 would be found; None = the first is too small as well.
    changed_kind : bool
        Numbers in one data set and text in the other.
    """

    name: str
    kind: str
    cells: tuple[str, ...]
    then: IntArray
    now: IntArray
    psi: float
    psi_by_chance: float
    test: drift.Tested
    rows_then: int
    rows_now: int
    blank_then: int
    blank_now: int
    blank_p: float
    q_value: float = np.nan
    blank_q: float = np.nan
    new: tuple[tuple[str, int], ...] = ()
    gone: tuple[tuple[str, int], ...] = ()
    mean_then: float | None = None
    mean_now: float | None = None
    median_then: float | None = None
    median_now: float | None = None
    rows_needed: int | None = None
    changed_kind: bool = False

    @property
    def blanks_moved(self) -> bool:
        """Whether the share of blanks is shown to differ."""
        return bool(self.blank_q < ALPHA)

    @property
    def is_shown(self) -> bool:
        """Whether a test shows that values or blanks have moved."""
        return bool(self.q_value < ALPHA) or self.blanks_moved

    @property
    def shift(self) -> Shift:
        """The verdict: a convention about the size counts only where a test shows that something moved.

        In few rows the index is too large, so nothing is said about the size there.
        """
        if np.isnan(self.q_value) and np.isnan(self.blank_q):
            return Shift.UNTESTED
        enough = self.rows_needed is not None and self.rows_now >= self.rows_needed
        if self.is_shown and not enough:
            return Shift.UNSURE
        if self.is_shown:
            sizes = ((drift.LARGE, Shift.LARGE), (drift.WORTH_A_LOOK, Shift.MODERATE))
            return next((shift for size, shift in sizes if self.psi >= size), Shift.SMALL)
        return Shift.NOT_SHOWN if enough or np.isnan(self.q_value) else Shift.TOO_FEW


def column_drift(then: pd.Series, now: pd.Series, *, tests: int = 1) -> ColumnDrift:
    """Compare one column of two data sets.

    Parameters
    ----------
    then, now : Series (m,), (n,)
        The column in both.
    tests : int
        Columns looked at, for the rows needed.
    """
    return drift_of_sides(SeriesSide(then), SeriesSide(now), tests=tests)


def drift_of_sides(then: ColumnSide, now: ColumnSide, *, tests: int = 1) -> ColumnDrift:
    """Compare one column of two data sets, wherever their rows are; see `column_drift`."""
    as_number = [s.is_number or not s.known for s in (then, now)]
    compare = _numbers if all(as_number) and (then.is_number or now.is_number) else _categories
    found = compare(then, now, tests)
    is_changed = then.is_number != now.is_number and not all(as_number)
    return replace(found, changed_kind=bool(is_changed))


def _numbers(then: ColumnSide, now: ColumnSide, tests: int) -> ColumnDrift:
    edges = then.edges()
    found = drift_of_counts(
        then.name,
        "number",
        drift.edge_names(edges, short_number),
        [side.counts(edges) for side in (then, now)],
        [then.rows, now.rows],
        tests=tests,
        test=lambda: tested_numbers(then, now, edges),
    )
    return replace(
        found,
        mean_then=then.mean(),
        mean_now=now.mean(),
        median_then=then.median(),
        median_now=now.median(),
    )


def _categories(then: ColumnSide, now: ColumnSide, tests: int) -> ColumnDrift:
    rows = [then.rows, now.rows]
    labels = [side.labels() for side in (then, now)]
    known = [one for one in labels if one is not None]
    names = tuple(dict.fromkeys(name for one in known for name in one[0]))
    if len(known) < len(labels) or len(names) > MOST_LABELS:
        return _only_blanks(then.name, [then.known, now.known], rows)
    place = {name: i for i, name in enumerate(names)}
    counts = [np.zeros(len(names), dtype=np.int64) for _ in known]
    for into, (own, sizes) in zip(counts, known, strict=True):
        into[[place[n] for n in own]] = sizes
    found = drift_of_counts(
        then.name,
        "category",
        names,
        counts,
        rows,
        tests=tests,
        test=lambda: drift.homogeneity(counts[0], counts[1]),
    )
    return replace(found, new=_absent(names, counts[1], counts[0]), gone=_absent(names, counts[0], counts[1]))


def _absent(names: Sequence[str], here: IntArray, there: IntArray) -> tuple[tuple[str, int], ...]:
    places = [i for i in np.argsort(-here, kind="stable") if here[i] > 0 and there[i] == 0]
    return tuple((names[i], int(here[i])) for i in places) if there.sum() else ()


def _only_blanks(name: str, filled: Sequence[int], rows: Sequence[int]) -> ColumnDrift:
    """Compare only blanks of a column in which most values are met once."""
    known = [np.array([n]) for n in filled]
    reason = f"more than {MOST_LABELS} different values: names, dates or free text"
    untested = drift.Tested(method="", statistic=np.nan, p_value=np.nan, reason=reason)
    return drift_of_counts(name, "other", ("any value",), known, rows, tests=1, test=lambda: untested)


def drift_of_counts(
    name: str,
    kind: str,
    cells: tuple[str, ...],
    counts: Sequence[IntArray],
    rows: Sequence[int],
    *,
    tests: int,
    test: Callable[[], drift.Tested],
) -> ColumnDrift:
    """Compare one column by the rows in its cells.

    Parameters
    ----------
    name, kind, cells
        As of `ColumnDrift`; without blanks.
    counts : two of int64 (k,)
        Rows then and now in each cell.
    rows : two of int
        Rows then and now; those in no cell are blank.
    tests : int
        Columns looked at.
    test : callable
        Tests the known values.
    """
    blank = np.array([n - int(c.sum()) for n, c in zip(rows, counts, strict=True)])
    has_blank = bool(blank.any())
    then, now = (np.append(c, b) if has_blank else c for c, b in zip(counts, blank, strict=True))
    is_few = min(rows) < MIN_ROWS
    few = drift.Tested(
        method="", statistic=np.nan, p_value=np.nan, reason=f"fewer than {MIN_ROWS} rows in one data set"
    )
    sizes = np.array(rows)
    is_testable = has_blank and not is_few and blank.sum() < sizes.sum()
    seed = int(fingerprint_value(["drift", then.tolist(), now.tolist()])[:8], 16)
    used = int((counts[0] + counts[1] > 0).sum())
    return ColumnDrift(
        name=name,
        kind=kind,
        cells=(*cells, BLANK) if has_blank else cells,
        then=then,
        now=now,
        psi=drift.psi(then, now),
        psi_by_chance=drift.psi_by_chance(then, now, seed=seed),
        test=few if is_few else test(),
        rows_then=rows[0],
        rows_now=rows[1],
        blank_then=int(blank[0]),
        blank_now=int(blank[1]),
        blank_p=float(fisher_against_rest(blank, sizes)[0]) if is_testable else np.nan,
        rows_needed=drift.rows_needed(drift.WORTH_A_LOOK, cells=used, first=rows[0], tests=tests),
    )
