"""Two data sets: rows, columns, roles, categories, distributions, blanks, outcome, and the rows that are in both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from rai_dash.core.estimates import plain
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
        told = "the same file" if not file else "another file, and every cell of it is the same"
        other = (
            f"; {many(len(roles), 'role')} of the columns {'is' if len(roles) == 1 else 'are'} not as before"
            if roles
            else ""
        )
        headline = (
            f"The data are {told}: {many(first.n_all, 'row')}, {many(len(first.columns), 'column')}{other}."
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
        yield from differs("roles", f"role {name}", was.get(name) or None, now.get(name) or None)


def _rows(first: Dataset, second: Dataset) -> Iterator[ChangeItem]:
    was, now = first.n_all, second.n_all
    if was != now:
        words = f"{many(was, 'row')} before, {count(now)} now."
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
            words=f"The column `{column}` is gone{maybe}.",
            before=column,
            size=1.0,
        )
    for column in new:
        yield ChangeItem(
            area="columns", what=column, words=f"The column `{column}` is new.", after=column, size=1.0
        )
    for column in first.columns:
        if column in set(second.columns):
            yield from _kind(first, second, column)


def _kind(first: Dataset, second: Dataset, column: str) -> Iterator[ChangeItem]:
    """Yield that numbers became text, or the other way round; a column without any value has no kind."""
    sides = [d.frame[column] for d in (first, second)]
    was, now = ("numbers" if is_number(side) else "text" for side in sides)
    if was != now and not any(side.isna().all() for side in sides):
        words = f"`{column}` held {was} before and holds {now} now."
        yield ChangeItem(area="columns", what=column, words=words, before=was, after=now, size=2.0)


def renamed_to(first: Dataset, second: Dataset, column: str, new: Sequence[str]) -> tuple[str, str] | None:
    """Guess which new column is one that is gone, and say what speaks for it; None where nothing does."""
    then = first.frame[column]
    if first.n_rows == second.n_rows:
        for other in new:
            if then.reset_index(drop=True).equals(second.frame[other].reset_index(drop=True)):
                return other, "is new and holds the same values in every row: it seems to be renamed"
    same_kind = [c for c in new if is_number(second.frame[c]) == is_number(then)]
    close = closest_names(column, same_kind)
    return (close[0], "is new and is called much the same: perhaps it is renamed") if close else None


def _order(first: Dataset, second: Dataset) -> Iterator[ChangeItem]:
    both = [c for c in first.columns if c in set(second.columns)]
    theirs = [c for c in second.columns if c in set(first.columns)]
    if both != theirs:
        words = "The columns stand in another order, which matters to a model without column names."
        yield ChangeItem(area="columns", what="order", words=words, size=0.5)


def _drifted(found: Drift) -> Iterator[ChangeItem]:
    for one in found.columns:
        yield from _categories(one)
        if one.q_value < 0.05:
            yield _moved(one)
        if one.blanks_moved:
            was, now = one.blank_then / one.rows_then, one.blank_now / one.rows_now
            words = (
                f"`{one.name}` is blank in {percent(was)} before ({count(one.blank_then)} of {count(one.rows_then)}) "
                f"and in {percent(now)} now ({count(one.blank_now)} of {count(one.rows_now)})."
            )
            yield ChangeItem(
                area="blanks", what=one.name, words=words, before=was, after=now, size=abs(now - was)
            )


def _moved(one: ColumnDrift) -> ChangeItem:
    means = ""
    if one.mean_then is not None and one.mean_now is not None:
        means = f"; mean {one.mean_then:.5g} before, {one.mean_now:.5g} now"
    size = f"PSI {number(one.psi)} ({number(one.psi_by_chance)} by chance alone)"
    words = f"`{one.name}` has moved: {one.shift}, {size}{means}."
    return ChangeItem(
        area="distributions", what=one.name, words=words, before=one.mean_then, after=one.mean_now,
        size=float(np.nan_to_num(one.psi)),
    )  # fmt: skip


def _categories(one: ColumnDrift) -> Iterator[ChangeItem]:
    sides = (
        (one.new, one.rows_now, "never seen before", "now"),
        (one.gone, one.rows_then, "gone now", "before"),
    )
    for values, rows, said, when in sides:
        if not values:
            continue
        named = ", ".join(f"{value} ({many(n, 'row')})" for value, n in values[:_NAMED])
        more = f" and {count(len(values) - _NAMED)} more" if len(values) > _NAMED else ""
        total = sum(n for _, n in values)
        words = f"`{one.name}`: {said}: {named}{more}; {percent(total / rows)} of the rows {when}."
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
    words = (
        f"Favourable outcomes: {estimate_words(then)} before, {estimate_words(now)} now: "
        f"{points(moved, signed=True)} ({points(prior.low, signed=True)} to {points(prior.high, signed=True)})."
    )
    yield ChangeItem(
        area="outcome",
        what="favourable outcomes",
        words=words,
        before=then.value,
        after=now.value,
        size=abs(moved),
    )


def _headline(first: Dataset, second: Dataset, found: Drift, rows: Followed | None) -> str:
    said = [f"The data are other ones: {many(first.n_all, 'row')} before, {count(second.n_all)} now"]
    gone, new = (len(set(a.columns) - set(b.columns)) for a, b in ((first, second), (second, first)))
    ways = [f"{many(n, 'column')} {way}" for n, way in ((gone, "gone"), (new, "new")) if n]
    said += [" and ".join(ways)] if ways else []
    moved = [c for c in found.columns if c.is_shown]
    if moved:
        first_named = ", ".join(f"{c.name} PSI {number(c.psi)}" for c in moved[:2])
        said.append(f"{count(len(moved))} of {many(len(found.columns), 'column')} moved ({first_named})")
    elif found.columns:
        said.append("no column is shown to have moved")
    if found.prior is not None and found.prior.is_shown:
        both = (percent(found.prior.then.value), percent(found.prior.now.value))
        said.append(f"favourable outcomes {both[0]} before and {both[1]} now")
    if rows is not None and rows.changed:
        said.append(
            f"{count(rows.changed)} of the {many(rows.rows, 'row')} with the same id hold other values"
        )
    return "; ".join(said) + "."


def _notes(found: Drift, shared: SharedRows | None) -> Iterator[str]:
    silent = [c for c in found.columns if not c.is_shown]
    if silent:
        yield (
            f"For {many(len(silent), 'column')} no shift is shown; that is not to say that there is none: "
            "each one’s PSI has to be read beside the PSI by chance and the rows needed."
        )
    if found.prior is None:
        yield "The outcome is known of fewer than 30 rows in one of the two, so its share is not compared."
    elif not found.prior.is_shown:
        low, high = points(found.prior.low, signed=True), points(found.prior.high, signed=True)
        yield f"The share of favourable outcomes is not shown to differ; it may by {low} to {high}."
    yield from shared_note(shared)


def _only_sampled(*sides: Dataset) -> Iterator[str]:
    """Say that single rows were not compared where only a sample of them is in memory."""
    sampled = [d.name for d in sides if d.n_rows < d.n_all]
    if sampled:
        yield (
            f"{' and '.join(dict.fromkeys(sampled))} {'is' if len(sampled) == 1 else 'are'} counted in place: only a "
            "sample of the rows is in memory, so single rows are not looked for in the other table."
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
