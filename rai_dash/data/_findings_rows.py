"""Findings about rows: outcomes, how many, copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, Notice
from rai_dash.core.words import count, percent
from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.comparable import compared_columns, training_rows
from rai_dash.data.dataset import Dataset
from rai_dash.data.duplicates import (
    FEWEST_COLUMNS,
    Hashes,
    are_all_different,
    count_conflicts,
    count_repeats,
    count_shared,
    pairs_by_chance,
    row_hashes,
)
from rai_dash.data.outcome_rows import blank_outcomes_of, outcome_rows_of
from rai_dash.data.shared_rows import cells_of, common_columns, equal_rows, same_ids

_FEW_ROWS: Final = 100
_FEW_OF_ONE: Final = 30
#: Copies are told where there are more than so many times those that chance explains.
_BEYOND_CHANCE: Final = 2.0
#: Below this share contradictions are the noise that every table has.
_WORTH_SAYING: Final = 0.01
_TAKE_OUT: Final = mark("Take them out of one of the two.")


def _rows(n: int) -> str:
    return ntr("{n} row", "{n} rows", n, n=count(n))


def about_rows(dataset: Dataset, facts: TableFacts) -> Iterator[Notice]:
    """Say what the outcome and the number of rows allow."""
    roles, n = dataset.roles, facts.n
    bad, good = (int(k) for k in outcome_rows_of(dataset)[[UNFAVOURABLE, FAVOURABLE]])
    if roles.target is not None and n:
        yield from _outcomes(dataset, good, bad)
    rarer = min(good, bad)
    if n < _FEW_ROWS:
        msg = tr(
            "The table has only {rows}: most figures will have wide intervals or read as not enough "
            "data. Add rows.",
            rows=_rows(n),
        )
        yield Notice("few_rows", msg, rows=n)
    elif 0 < rarer < _FEW_OF_ONE:
        side = "favourable" if good < bad else "unfavourable"
        msg = ntr(
            "Only {rows} of {n} has the {side} outcome: what is said about that side rests on few cases. "
            "Add rows of it.",
            "Only {rows} of {n} have the {side} outcome: what is said about that side rests on few "
            "cases. Add rows of it.",
            rarer,
            rows=_rows(rarer),
            n=count(n),
            side=side,
        )
        yield Notice("few_rows", msg, rows=rarer)
    if n and not roles.sensitive:
        msg = tr(
            "No sensitive column is named, so there are no groups to compare; everything else works. "
            "Name one, or add for example sex, age or ethnicity to the table."
        )
        yield Notice("no_sensitive", msg)
    if roles.weight is not None and (blank := n - facts[roles.weight].known):
        msg = ntr(
            "{rows} of {n} has no weight in `{weight}` and counts 1. Fill the weights in, if that is wrong.",
            "{rows} of {n} have no weight in `{weight}` and count 1. Fill the weights in, if that is wrong.",
            blank,
            rows=_rows(blank),
            n=count(n),
            weight=roles.weight,
        )
        yield Notice("blank_weight", msg, column=roles.weight, rows=blank)


def _outcomes(dataset: Dataset, good: int, bad: int) -> Iterator[Notice]:
    target, n = dataset.roles.target, dataset.n_all
    unknown = n - good - bad
    if unknown:
        blank = blank_outcomes_of(dataset)
        why = [tr("{blank} blank", blank=count(blank))] if blank else []
        why += (
            [tr("{unknown} with a value on neither side", unknown=count(unknown - blank))]
            if unknown > blank
            else []
        )
        msg = ntr(
            "{rows} of {n} has no outcome in `{target}` ({why}). They are counted, kept apart, and enter "
            "no rate that needs an outcome.",
            "{rows} of {n} have no outcome in `{target}` ({why}). They are counted, kept apart, and "
            "enter no rate that needs an outcome.",
            unknown,
            rows=_rows(unknown),
            n=count(n),
            target=target,
            why=" and ".join(why),
        )
        yield Notice("no_outcome", msg, column=target, rows=unknown)
    if (good == 0) != (bad == 0):
        side, other = ("favourable", "unfavourable") if good else ("unfavourable", "favourable")
        msg = tr(
            "All {rows} with an outcome in `{target}` are {side}: error rates, AUC and training need "
            "both. Add rows with the {other} outcome, or check which values are favourable.",
            rows=_rows(good + bad),
            target=target,
            side=side,
            other=other,
        )
        yield Notice("one_outcome", msg, column=target, rows=good + bad)


def _cells(column: ColumnFacts) -> Hashes:
    return column.hashes


def about_copies(dataset: Dataset, facts: TableFacts, others: Sequence[Dataset]) -> Iterator[Notice]:
    """Count the rows that repeat another, contradict another, or are on both sides of a split."""
    columns = compared_columns(dataset, facts)
    if facts.n < 2 or not columns:
        return
    # Rows that differ in the features repeat, contradict and share nothing.
    if not are_all_different(_features(dataset, columns) or columns):
        yield from _within(dataset, columns)
    for other in others:
        if other.fingerprint != dataset.fingerprint:
            yield from _across_tables(dataset, facts, other)


def _features(dataset: Dataset, columns: Sequence[ColumnFacts]) -> list[ColumnFacts]:
    roles = dataset.roles
    return [c for c in columns if c.name != roles.target and c.name not in roles.ignored]


def _within(dataset: Dataset, columns: Sequence[ColumnFacts]) -> Iterator[Notice]:
    rows, n = row_hashes(columns, _cells), dataset.n_rows
    pairs = n * (n - 1) / 2
    repeats = count_repeats(rows)
    if repeats > _BEYOND_CHANCE * pairs_by_chance(columns, pairs if repeats else 0, _cells):
        msg = ntr(
            "{rows} of {n} ({repeats}) repeats an earlier row in every column (ids are not compared). If "
            "they are one application each, keep one; if not, keep copies on the same side of a split.",
            "{rows} of {n} ({repeats}) repeat an earlier row in every column (ids are not compared). If "
            "they are one application each, keep one; if not, keep copies on the same side of a split.",
            repeats,
            rows=_rows(repeats),
            n=count(n),
            repeats=percent(repeats / n),
        )
        yield Notice("duplicate_rows", msg, rows=repeats)
    yield from _conflicts(dataset, columns, rows)
    yield from _across_split(dataset, columns, rows)


def _conflicts(dataset: Dataset, columns: Sequence[ColumnFacts], rows: Hashes) -> Iterator[Notice]:
    roles, outcome = dataset.roles, dataset.outcome
    features = _features(dataset, columns)
    if roles.target is None or not features:
        return
    # The hash of a row is a sum over columns: taking some away is cheaper than hashing all others again.
    left_out = [c for c in columns if c not in features]
    found = count_conflicts(rows - row_hashes(left_out, _cells) if left_out else rows, outcome)
    good, bad = (int((outcome == side).sum()) for side in (FAVOURABLE, UNFAVOURABLE))
    if found < _WORTH_SAYING * (good + bad):
        return
    if found > _BEYOND_CHANCE * pairs_by_chance(features, good * bad, _cells):
        msg = tr(
            "{rows} ({found}) share every feature with a row of the other outcome, so no model can get "
            "them all right. Check whether a column that tells them apart is missing.",
            rows=_rows(found),
            found=percent(found / (good + bad)),
        )
        yield Notice("conflicting_rows", msg, rows=found)


def _across_split(dataset: Dataset, columns: Sequence[ColumnFacts], rows: Hashes) -> Iterator[Notice]:
    trained = training_rows(dataset)
    if trained is None:
        return
    test = ~trained
    shared = count_shared(rows[test], rows[trained])
    chance = pairs_by_chance(columns, float(trained.sum() * test.sum()) if shared else 0, _cells)
    if shared > _BEYOND_CHANCE * chance:
        yield _shared_notice(
            shared, int(test.sum()), tr("the training rows of the same table"), tr(_TAKE_OUT)
        )


def _shared_notice(shared: int, n: int, where: str, advice: str) -> Notice:
    verb = "equals" if shared == 1 else "equal"
    msg = tr(
        "{rows} of {n} {verb} a row of {where} in every feature and the outcome, so a model that learned "
        "them by heart looks better than it is. {advice}",
        rows=_rows(shared),
        n=count(n),
        verb=verb,
        where=where,
        advice=advice,
    )
    return Notice("rows_in_training_and_test", msg, rows=shared)


def _across_tables(dataset: Dataset, facts: TableFacts, other: Dataset) -> Iterator[Notice]:
    pairs = common_columns(dataset, other, facts)
    if len(pairs) < FEWEST_COLUMNS:
        return
    mine = [a for a, _ in pairs]
    is_shared = equal_rows(mine, [b for _, b in pairs])
    shared = int(is_shared.sum())
    chance = pairs_by_chance(mine, dataset.n_rows * other.n_rows if shared else 0, cells_of(pairs))
    if shared > _BEYOND_CHANCE * chance:
        advice = _advice_by_id(same_ids(dataset, other, is_shared))
        yield _shared_notice(shared, dataset.n_rows, f"`{other.name}`", advice)


def _advice_by_id(same: int | None) -> str:
    """Say whether rows of two tables that look alike have the same id too; None = it is not known."""
    if same is None:
        return tr(_TAKE_OUT)
    if same:
        return ntr(
            "{same} of them has the same id. {take_out}",
            "{same} of them have the same id. {take_out}",
            same,
            same=count(same),
            take_out=tr(_TAKE_OUT),
        )
    return tr(
        "None of them has the same id, so they may be other people who look alike; compare figures without "
        "them."
    )
