"""Rows that are in both data sets, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rai_dash.core.types import Estimate
from rai_dash.core.words import count, estimate_words, many
from rai_dash.data.shared_rows import SharedRows
from rai_dash.report.changed._followed import Followed
from rai_dash.report.changed._items import ChangeItem
from rai_dash.stats.shares import share_estimates


def share(hits: int, of: int, undefined: str = "there are no rows") -> Estimate:
    """Return a share of plain rows with Wilson's interval."""
    n = np.array([float(of)])
    return share_estimates(np.array([float(hits)]), n, squares=n, undefined=undefined).at(0)


def shared_items(shared: SharedRows | None, rows: Followed | None) -> Iterator[ChangeItem]:
    """Yield how many rows of the second are in the first, where ids do not tell it better."""
    if shared is None or (rows is not None and rows.rows):
        return
    if shared.equal:
        words = (
            f"{count(shared.equal)} of {many(shared.rows_now, 'row')} equal a row of the first in all "
            f"{many(len(shared.compared), 'compared column')} ({count(shared.by_chance)} equal pairs by chance)."
        )
        yield ChangeItem(
            area="rows", what="rows in both", words=words, before=shared.rows_then, after=shared.equal,
            size=shared.share or 0.0,
        )  # fmt: skip


def followed_items(rows: Followed | None) -> Iterator[ChangeItem]:
    """Yield what changed in the rows that were followed by their id."""
    if rows is None:
        return
    if not rows.rows:
        sides = f"{count(rows.only_then)} only in the first, {count(rows.only_now)} only in the second"
        words = f"No `{rows.column}` is in both: {sides}."
        yield ChangeItem(
            area="rows", what="ids", words=words, before=rows.only_then, after=rows.only_now, size=1.0
        )
    elif rows.only_then or rows.only_now:
        words = (
            f"{many(rows.rows, 'id')} {'is' if rows.rows == 1 else 'are'} in both, {count(rows.only_then)} only in "
            f"the first and {count(rows.only_now)} only in the second."
        )
        yield ChangeItem(
            area="rows", what="ids", words=words, before=rows.only_then, after=rows.only_now,
            size=(rows.only_then + rows.only_now) / max(rows.rows + rows.only_then + rows.only_now, 1),
        )  # fmt: skip
    if rows.changed:
        found = share(rows.changed, rows.rows)
        words = f"Of the rows with the same `{rows.column}`, {estimate_words(found)} hold another value somewhere."
        yield ChangeItem(
            area="rows",
            what="values",
            words=words,
            after=rows.changed,
            size=found.value or 0.0,
            rows=rows.changed,
        )
    for column, n in rows.by_column:
        words = (
            f"`{column}` holds another value in {estimate_words(share(n, rows.rows))} rows with the same id."
        )
        yield ChangeItem(area="rows", what=column, words=words, after=n, size=n / rows.rows, rows=n)
    if rows.lost or rows.won:
        found = share(rows.lost + rows.won, rows.outcome_rows)
        words = (
            f"The outcome of the same id is another one in {estimate_words(found)}: {count(rows.lost)} were favourable "
            f"and are not now, {count(rows.won)} the other way round."
        )
        yield ChangeItem(
            area="outcome", what="outcome of the same id", words=words, before=rows.lost, after=rows.won,
            size=found.value or 0.0,
        )  # fmt: skip


def followed_note(rows: Followed | None) -> Iterator[str]:
    """Say why rows were not followed, or which were not."""
    if rows is None:
        yield "No column is named as the id in both, so single rows are not followed from one to the other."
    elif rows.unclear:
        yield f"{many(rows.unclear, 'row')} could not be followed: the id is blank or stands there more than once."


def shared_note(shared: SharedRows | None) -> Iterator[str]:
    """Say that tests of two samples take them for different people."""
    if shared is not None and shared.equal > max(1.0, 2 * shared.by_chance):
        yield (
            f"{many(shared.equal, 'row')} of the second {'is' if shared.equal == 1 else 'are'} in the first as well: "
            "the tests take the two for different people, so that they show less than there is."
        )
