"""Two data sets: rows, columns, roles, categories, distributions, blanks, outcome, and the rows that are in both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from rai_dash.core.estimates import plain
from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import count, estimate_words, many, number, percent, points
from rai_dash.data.column_drift import ColumnDrift
from rai_dash.data.columns import closest_names, is_number
from rai_dash.data.dataset import Dataset
from rai_dash.data.drift import Drift, PriorShift, data_drift
from rai_dash.data.roles_json import roles_to_json
from rai_dash.data.shared_rows import SharedRows, shared_rows
from rai_dash.report.changed._followed import Followed, followed, same_cells
from rai_dash.report.changed._items import Change, ChangeItem, differs, hash_words, in_order
from rai_dash.report.changed._row_items import followed_items, followed_note, shared_items, shared_note

_NAMED: Final = 3


def changed_data(
    first: Dataset, second: Dataset, *, drift: Drift | None = None, shared: SharedRows | None = None
) -> Change:
    """Compare two data sets.

    Parameters
    ----------
    first, second : Dataset
        Then and now, each with its roles; without a role for the id no row is followed.
    drift : Drift, optional
        Of the two, where there is one already.
    shared : SharedRows, optional
        The same of the rows that are in both.
    """
    sides = [{"name": d.name, "fingerprint": d.fingerprint} for d in (first, second)]
    file = list(differs("file", "Fingerprint", *(hash_words(d.fingerprint) for d in (first, second))))
    roles = list(_roles(first, second))
    is_whole = all(d.n_rows == d.n_all for d in (first, second))
    # The same file read the same way needs no look at its cells.
    if first.fingerprint == second.fingerprint or (is_whole and same_cells(first, second)):
        order = list(_order(first, second))
        told = tr("the same file") if not file else tr("another file, and every cell of it is the same")
        other = (
            ntr(
                "; {roles} of the columns is not as before",
                "; {roles} of the columns are not as before",
                len(roles),
                roles=many(len(roles), "role", "roles"),
            )
            if roles
            else ""
        )
        headline = tr(
            "The data are {told}: {n_all}, {columns}{other}.",
            told=told,
            n_all=many(first.n_all, "row", "rows"),
            columns=many(len(first.columns), "column", "columns"),
            other=other,
        )
        return Change(
            kind="data",
            first=sides[0],
            second=sides[1],
            headline=headline,
            items=in_order([*file, *roles, *order]),
        )
    found = drift or data_drift(first, second)
    rows = followed(first, second) if is_whole else None
    shared = shared or (shared_rows(first, second) if is_whole else None)
    items = [
        *file, *roles, *_rows(first, second), *_columns(first, second), *_order(first, second),
        *_drifted(found), *_prior(found.prior), *shared_items(shared, rows), *followed_items(rows),
    ]  # fmt: skip
    return Change(
        kind="data",
        first=sides[0],
        second=sides[1],
        headline=_headline(first, second, found, rows),
        items=in_order(items),
        notes=(*_notes(found, shared), *(followed_note(rows) if is_whole else _only_sampled(first, second))),
        details={"columns": [_numbers_of(c) for c in found.columns]},
    )


def _roles(first: Dataset, second: Dataset) -> Iterator[ChangeItem]:
    was, now = (roles_to_json(d.roles) for d in (first, second))
    for name in dict.fromkeys([*was, *now]):
        yield from differs(
            "roles", tr("role {name}", name=name), was.get(name) or None, now.get(name) or None
        )


def _rows(first: Dataset, second: Dataset) -> Iterator[ChangeItem]:
    was, now = first.n_all, second.n_all
    if was != now:
        words = tr("{was} before, {now} now.", was=many(was, "row", "rows"), now=count(now))
        size = abs(now - was) / max(was, 1)
        yield ChangeItem(area="rows", what="rows", words=words, before=was, after=now, size=size)


def _columns(first: Dataset, second: Dataset) -> Iterator[ChangeItem]:
    gone = [c for c in first.columns if c not in set(second.columns)]
    new = [c for c in second.columns if c not in set(first.columns)]
    for column in gone:
        other = renamed_to(first, second, column, new)
        maybe = f"; `{other[0]}` {other[1]}" if other else ""
        yield ChangeItem(
            area="columns",
            what=column,
            words=tr("The column `{column}` is gone{maybe}.", column=column, maybe=maybe),
            before=column,
            size=1.0,
        )
    for column in new:
        yield ChangeItem(
            area="columns",
            what=column,
            words=tr("The column `{column}` is new.", column=column),
            after=column,
            size=1.0,
        )
    for column in first.columns:
        if column in set(second.columns):
            yield from _kind(first, second, column)


def _kind(first: Dataset, second: Dataset, column: str) -> Iterator[ChangeItem]:
    """Yield that numbers became text, or the other way round; a column without any value has no kind."""
    sides = [d.frame[column] for d in (first, second)]
    was, now = ("numbers" if is_number(side) else "text" for side in sides)
    if was != now and not any(side.isna().all() for side in sides):
        words = tr("`{column}` held {was} before and holds {now} now.", column=column, was=was, now=now)
        yield ChangeItem(area="columns", what=column, words=words, before=was, after=now, size=2.0)


def renamed_to(first: Dataset, second: Dataset, column: str, new: Sequence[str]) -> tuple[str, str] | None:
    """Guess which new column is one that is gone, and say what speaks for it; None where nothing does."""
    then = first.frame[column]
    if first.n_rows == second.n_rows:
        for other in new:
            if then.reset_index(drop=True).equals(second.frame[other].reset_index(drop=True)):
                return other, tr("is new and holds the same values in every row: it seems to be renamed")
    same_kind = [c for c in new if is_number(second.frame[c]) == is_number(then)]
    close = closest_names(column, same_kind)
    return (close[0], tr("is new and is called much the same: perhaps it is renamed")) if close else None


def _order(first: Dataset, second: Dataset) -> Iterator[ChangeItem]:
    both = [c for c in first.columns if c in set(second.columns)]
    theirs = [c for c in second.columns if c in set(first.columns)]
    if both != theirs:
        words = tr("The columns stand in another order, which matters to a model without column names.")
        yield ChangeItem(area="columns", what="order", words=words, size=0.5)


def _drifted(found: Drift) -> Iterator[ChangeItem]:
    for one in found.columns:
        yield from _categories(one)
        if one.q_value < 0.05:
            yield _moved(one)
        if one.blanks_moved:
            was, now = one.blank_then / one.rows_then, one.blank_now / one.rows_now
            words = tr(
                "`{one}` is blank in {was} before ({blank_then} of {rows_then}) and in {now} now "
                "({blank_now} of {rows_now}).",
                one=one.name,
                was=percent(was),
                blank_then=count(one.blank_then),
                rows_then=count(one.rows_then),
                now=percent(now),
                blank_now=count(one.blank_now),
                rows_now=count(one.rows_now),
            )
            yield ChangeItem(
                area="blanks", what=one.name, words=words, before=was, after=now, size=abs(now - was)
            )


def _moved(one: ColumnDrift) -> ChangeItem:
    means = ""
    if one.mean_then is not None and one.mean_now is not None:
        means = tr(
            "; mean {mean_then} before, {mean_now} now",
            mean_then=f"{one.mean_then:.5g}",
            mean_now=f"{one.mean_now:.5g}",
        )
    size = tr(
        "PSI {psi} ({psi_by_chance} by chance alone)",
        psi=number(one.psi),
        psi_by_chance=number(one.psi_by_chance),
    )
    words = tr(
        "`{one}` has moved: {shift}, {size}{means}.", one=one.name, shift=one.shift, size=size, means=means
    )
    return ChangeItem(
        area="distributions", what=one.name, words=words, before=one.mean_then, after=one.mean_now,
        size=float(np.nan_to_num(one.psi)),
    )  # fmt: skip


def _categories(one: ColumnDrift) -> Iterator[ChangeItem]:
    sides = (
        (one.new, one.rows_now, tr("never seen before"), "now"),
        (one.gone, one.rows_then, tr("gone now"), "before"),
    )
    for values, rows, said, when in sides:
        if not values:
            continue
        named = ", ".join(f"{value} ({many(n, 'row')})" for value, n in values[:_NAMED])
        more = tr(" and {values} more", values=count(len(values) - _NAMED)) if len(values) > _NAMED else ""
        total = sum(n for _, n in values)
        words = tr(
            "`{one}`: {said}: {named}{more}; {total} of the rows {when}.",
            one=one.name,
            said=said,
            named=named,
            more=more,
            total=percent(total / rows),
            when=when,
        )
        listed = ", ".join(value for value, _ in values[:20])
        yield ChangeItem(
            area="categories", what=one.name, words=words, size=total / rows,
            before=listed if when == "before" else None, after=listed if when == "now" else None, rows=total,
        )  # fmt: skip


def _prior(prior: PriorShift | None) -> Iterator[ChangeItem]:
    if prior is None or not prior.is_shown:
        return
    then, now = prior.then, prior.now
    moved = (now.value or 0.0) - (then.value or 0.0)
    words = tr(
        "Favourable outcomes: {then} before, {now} now: {moved} ({low} to {high}).",
        then=estimate_words(then),
        now=estimate_words(now),
        moved=points(moved, signed=True),
        low=points(prior.low, signed=True),
        high=points(prior.high, signed=True),
    )
    yield ChangeItem(
        area="outcome",
        what=tr("favourable outcomes"),
        words=words,
        before=then.value,
        after=now.value,
        size=abs(moved),
    )


def _headline(first: Dataset, second: Dataset, found: Drift, rows: Followed | None) -> str:
    said = [
        tr(
            "The data are other ones: {n_all} before, {second_n_all} now",
            n_all=many(first.n_all, "row", "rows"),
            second_n_all=count(second.n_all),
        )
    ]
    if found.prior is not None and found.prior.is_shown:
        both = (percent(found.prior.then.value), percent(found.prior.now.value))
        said.append(tr("favourable outcomes {both} before and {both_2} now", both=both[0], both_2=both[1]))
    gone, new = (len(set(a.columns) - set(b.columns)) for a, b in ((first, second), (second, first)))
    ways = [f"{many(n, 'column')} {way}" for n, way in ((gone, "gone"), (new, "new")) if n]
    said += [" and ".join(ways)] if ways else []
    moved = [c for c in found.columns if c.is_shown]
    if moved:
        first_named = ", ".join(tr("{c} PSI {psi}", c=c.name, psi=number(c.psi)) for c in moved[:2])
        said.append(
            tr(
                "{moved} of {columns} moved ({first_named})",
                moved=count(len(moved)),
                columns=many(len(found.columns), "column", "columns"),
                first_named=first_named,
            )
        )
    elif found.columns:
        said.append(tr("no column is shown to have moved"))
    if rows is not None and rows.changed:
        said.append(
            tr(
                "{changed} of the {rows} with the same id hold other values",
                changed=count(rows.changed),
                rows=many(rows.rows, "row", "rows"),
            )
        )
    return "; ".join(said) + "."


def _notes(found: Drift, shared: SharedRows | None) -> Iterator[str]:
    silent = [c for c in found.columns if not c.is_shown]
    if silent:
        yield (
            tr(
                "For {silent} no shift is shown; that is not to say that there is none: each one’s PSI has "
                "to be read beside the PSI by chance and the rows needed.",
                silent=many(len(silent), "column", "columns"),
            )
        )
    if found.prior is None:
        yield tr(
            "The outcome is known of fewer than 30 rows in one of the two, so its share is not compared."
        )
    elif not found.prior.is_shown:
        low, high = points(found.prior.low, signed=True), points(found.prior.high, signed=True)
        yield tr(
            "The share of favourable outcomes is not shown to differ; it may by {low} to {high}.",
            low=low,
            high=high,
        )
    yield from shared_note(shared)


def _only_sampled(*sides: Dataset) -> Iterator[str]:
    """Say that single rows were not compared where only a sample of them is in memory."""
    sampled = [d.name for d in sides if d.n_rows < d.n_all]
    if sampled:
        yield (
            ntr(
                "{fromkeys} is counted in place: only a sample of the rows is in memory, so single rows are "
                "not looked for in the other table.",
                "{fromkeys} are counted in place: only a sample of the rows is in memory, so single rows are "
                "not looked for in the other table.",
                len(sampled),
                fromkeys=" and ".join(dict.fromkeys(sampled)),
            )
        )


def _numbers_of(one: ColumnDrift) -> Mapping[str, Any]:
    return {
        "column": one.name,
        "kind": one.kind,
        "verdict": str(one.shift),
        "psi": plain(one.psi),
        "psi_by_chance": plain(one.psi_by_chance),
        "q_value": plain(one.q_value),
        "missing_then": one.blank_then,
        "missing_now": one.blank_now,
        "missing_q": plain(one.blank_q),
        "rows_needed": one.rows_needed,
    }
