"""Rows that are in both data sets, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rai_dash.core.texts import ntr, tr
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
        words = tr(
            "{equal} of {rows_now} equal a row of the first in all {compared} ({by_chance} equal pairs "
            "by chance).",
            equal=count(shared.equal),
            rows_now=many(shared.rows_now, "row", "rows"),
            compared=many(len(shared.compared), "compared column", "compared columns"),
            by_chance=count(shared.by_chance),
        )
        yield ChangeItem(
            area="rows", what=tr("rows in both"), words=words, before=shared.rows_then, after=shared.equal,
            size=shared.share or 0.0,
        )  # fmt: skip


def followed_items(rows: Followed | None) -> Iterator[ChangeItem]:
    """Yield what changed in the rows that were followed by their id."""
    if rows is None:
        return
    if not rows.rows:
        sides = tr(
            "{only_then} only in the first, {only_now} only in the second",
            only_then=count(rows.only_then),
            only_now=count(rows.only_now),
        )
        words = tr("No `{column}` is in both: {sides}.", column=rows.column, sides=sides)
        yield ChangeItem(
            area="rows", what="ids", words=words, before=rows.only_then, after=rows.only_now, size=1.0
        )
    elif rows.only_then or rows.only_now:
        words = ntr(
            "{rows} is in both, {only_then} only in the first and {only_now} only in the second.",
            "{rows} are in both, {only_then} only in the first and {only_now} only in the second.",
            rows.rows,
            rows=many(rows.rows, "id", "ids"),
            only_then=count(rows.only_then),
            only_now=count(rows.only_now),
        )
        yield ChangeItem(
            area="rows", what="ids", words=words, before=rows.only_then, after=rows.only_now,
            size=(rows.only_then + rows.only_now) / max(rows.rows + rows.only_then + rows.only_now, 1),
        )  # fmt: skip
    if rows.changed:
        found = share(rows.changed, rows.rows)
        words = tr(
            "Of the rows with the same `{column}`, {found} hold another value somewhere.",
            column=rows.column,
            found=estimate_words(found),
        )
        yield ChangeItem(
            area="rows",
            what="values",
            words=words,
            after=rows.changed,
            size=found.value or 0.0,
            rows=rows.changed,
        )
    for column, n in rows.by_column:
        words = tr(
            "`{column}` holds another value in {share} rows with the same id.",
            column=column,
            share=estimate_words(share(n, rows.rows)),
        )
        yield ChangeItem(area="rows", what=column, words=words, after=n, size=n / rows.rows, rows=n)
    if rows.lost or rows.won:
        found = share(rows.lost + rows.won, rows.outcome_rows)
        words = tr(
            "The outcome of the same id is another one in {found}: {lost} were favourable and are not "
            "now, {won} the other way round.",
            found=estimate_words(found),
            lost=count(rows.lost),
            won=count(rows.won),
        )
        yield ChangeItem(
            area="outcome", what=tr("outcome of the same id"), words=words, before=rows.lost, after=rows.won,
            size=found.value or 0.0,
        )  # fmt: skip


def followed_note(rows: Followed | None) -> Iterator[str]:
    """Say why rows were not followed, or which were not."""
    if rows is None:
        yield tr(
            "No column is named as the id in both, so single rows are not followed from one to the other."
        )
    elif rows.unclear:
        yield tr(
            "{unclear} could not be followed: the id is blank or stands there more than once.",
            unclear=many(rows.unclear, "row", "rows"),
        )


def shared_note(shared: SharedRows | None) -> Iterator[str]:
    """Say that tests of two samples take them for different people."""
    if shared is not None and shared.equal > max(1.0, 2 * shared.by_chance):
        yield (
            ntr(
                "{equal} of the second is in the first as well: the tests take the two for different people, "
                "so that they show less than there is.",
                "{equal} of the second are in the first as well: the tests take the two for different "
                "people, so that they show less than there is.",
                shared.equal,
                equal=many(shared.equal, "row", "rows"),
            )
        )
