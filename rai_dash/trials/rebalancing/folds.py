"""Training and test rows: no test row, and no copy of one, is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import ntr, tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN
from rai_dash.data.column_facts import ColumnFacts
from rai_dash.data.columns import is_number
from rai_dash.data.dataset import Dataset
from rai_dash.data.duplicates import row_hashes

Positions = NDArray[np.int64]
Hashes = NDArray[np.uint64]
TEST_SHARE: Final = 0.2
#: A training fold with fewer rows of either outcome teaches nothing.
FEWEST: Final = 5
#: Where more rows than this share have a twin, columns are so coarse that people look alike without being copies.
_COARSE: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Which rows are trained on, and which are kept untouched to judge by.

    Parameters
    ----------
    train, test : int64
        Positions in the table.
    words : str
        How they were chosen.
    is_drawn : bool
        Whether another seed gives another fold.
    dropped : int
        Rows taken out of training because a test row has the same features.
    twins : int
        Test rows that share all features with a training row all the same.
    """

    train: Positions
    test: Positions
    words: str
    is_drawn: bool = False
    dropped: int = 0
    twins: int = 0


def feature_hashes(dataset: Dataset, columns: Sequence[str], *, as_text: Sequence[str] = ()) -> Hashes:
    """Hash each row over some columns, uint64 (n,): rows that look the same to a model have the same hash.

    Parameters
    ----------
    dataset : Dataset
        The table.
    columns : sequence of str
        At least one.
    as_text : sequence of str
        Columns whose numbers hash as their labels do, since another table holds text there.
    """
    facts = {name: ColumnFacts(dataset.frame[name]) for name in columns}
    return row_hashes(list(facts.values()), lambda c: c.label_hashes if c.name in as_text else c.hashes)


def looks(dataset: Dataset, features: Sequence[str]) -> Hashes:
    """Hash each row over those features that the table has, uint64 (n,); without one every row is its own."""
    seen = [c for c in features if c in dataset.columns]
    return feature_hashes(dataset, seen) if seen else np.arange(dataset.n_rows, dtype=np.uint64)


def fold_of(
    dataset: Dataset,
    held_out: NDArray[np.bool_] | None,
    *,
    test: Dataset | None,
    seed: int,
    features: Sequence[str],
) -> Fold:
    """Choose the rows of one comparison: `make_fold`, or where other data are judged on every row that may be used.

    Rows that the data keep for the test are not trained on for other data either: a model that is kept would else be
    judged on them as if it had not seen them.

    Raises
    ------
    InvalidChoice
        When an outcome has too few rows.
    """
    if test is None:
        return make_fold(dataset, held_out, seed=seed, features=features)
    if held_out is None:
        return all_rows(dataset, test, features=features)
    named = make_fold(dataset, held_out, seed=0, features=features)
    whole = all_rows(dataset, test, features=features, train=named.train)
    words = tr("the training rows that the data name; judged on another data set")
    return replace(whole, words=words, dropped=named.dropped)


def make_fold(
    dataset: Dataset,
    held_out: NDArray[np.bool_] | None,
    *,
    seed: int,
    features: Sequence[str] | None = None,
) -> Fold:
    """Choose training and test rows: the data's own split, else a seeded one with the same outcome shares.

    Rows with the same features go to the same side of a drawn split. Where the data name the split, training rows
    with the features of a test row are taken out. Neither is done where columns are so coarse that this would
    take out half of the training rows, or leave the test rows short of half of an outcome: then people look alike
    without being copies, and the number of test rows with a twin is told instead.

    Parameters
    ----------
    dataset : Dataset
        With an outcome.
    held_out : bool (n,) or None
        Rows that the data keep for the test; None = the data do not say.
    seed : int
        Of a drawn split.
    features : sequence of str, optional
        Columns that make rows the same; None = those offered to a model.

    Raises
    ------
    InvalidChoice
        When an outcome has too few rows.
    """
    hashes = looks(dataset, dataset.features if features is None else features)
    fold = _drawn(dataset, hashes, seed) if held_out is None else _named(dataset, hashes, held_out)
    check_training(dataset, fold.train)
    return fold


def all_rows(
    dataset: Dataset,
    test: Dataset | None = None,
    *,
    features: Sequence[str] | None = None,
    train: Positions | None = None,
) -> Fold:
    """Train on every labelled row, or on some: the test rows come from another data set.

    Parameters
    ----------
    dataset, test : Dataset
        Rows to train on, and the other data, of which those with a twin in training are counted.
    features : sequence of str, optional
        Columns that make rows the same; None = those offered to a model.
    train : int64, optional
        Positions to train on; None = every labelled row.

    Raises
    ------
    InvalidChoice
        When an outcome has too few rows.
    """
    train = np.flatnonzero(dataset.outcome != UNKNOWN) if train is None else train
    check_training(dataset, train)
    seen = dataset.features if features is None else features
    twins = 0 if test is None else _twins_elsewhere(dataset, train, test, seen)
    words = tr("every row; judged on another data set")
    return Fold(train=train, test=np.array([], dtype=np.int64), words=words, twins=twins)


def _twins_elsewhere(dataset: Dataset, train: Positions, test: Dataset, features: Sequence[str]) -> int:
    """Count the rows of another table that share all features with a training row."""
    shared = [c for c in features if c in dataset.columns and c in test.columns]
    if not shared:
        return 0
    mixed = [c for c in shared if is_number(dataset.frame[c]) != is_number(test.frame[c])]
    here, there = (feature_hashes(d, shared, as_text=mixed) for d in (dataset, test))
    return _count_in(there, here[train])


def check_training(dataset: Dataset, train: Positions) -> None:
    """Refuse to train on hardly any row of an outcome.

    Raises
    ------
    InvalidChoice
        When there are fewer than ``FEWEST``.
    """
    favourable = int((dataset.outcome[train] == FAVOURABLE).sum())
    fewest = min(favourable, train.size - favourable)
    if fewest < FEWEST:
        msg = tr(
            "The training fold has {favourable} favourable and {size} unfavourable rows; at least "
            "{fewest} of each are needed to train a model.",
            favourable=f"{favourable:,}",
            size=f"{train.size - favourable:,}",
            fewest=FEWEST,
        )
        raise InvalidChoice(msg)


def _count_in(some: Hashes, others: Hashes) -> int:
    return int(np.isin(some, others).sum())


def _named(dataset: Dataset, hashes: Hashes, held_out: NDArray[np.bool_]) -> Fold:
    test = np.flatnonzero(held_out)
    train = np.flatnonzero((dataset.outcome != UNKNOWN) & ~held_out)
    is_copy = np.isin(hashes[train], hashes[test])
    words, copies = tr("the split that the data name"), int(is_copy.sum())
    if copies > _COARSE * train.size:
        return Fold(train=train, test=test, words=words, twins=_count_in(hashes[test], hashes[train]))
    if copies:
        words += ntr(
            "; {copies} training row with the same features as a test row was taken out",
            "; {copies} training rows with the same features as a test row were taken out",
            copies,
            copies=f"{copies:,}",
        )
    return Fold(train=train[~is_copy], test=test, words=words, dropped=copies)


def _drawn(dataset: Dataset, hashes: Hashes, seed: int) -> Fold:
    """Hold out one fifth of each outcome; rows that look the same stay together."""
    draw = np.random.default_rng(seed).random(dataset.n_rows)
    rows = np.flatnonzero(dataset.outcome != UNKNOWN)
    outcome = dataset.outcome[rows]
    wanted = [round(int((outcome == y).sum()) * TEST_SHARE) for y in (UNFAVOURABLE, FAVOURABLE)]
    in_test = _together(outcome, hashes[rows], draw[rows], wanted)
    words = tr("a split drawn here with seed {seed}, one fifth of each outcome held out", seed=seed)
    reached = [int((in_test & (outcome == y)).sum()) for y in (UNFAVOURABLE, FAVOURABLE)]
    if any(got < _COARSE * want for got, want in zip(reached, wanted, strict=True)):
        in_test = _together(outcome, np.arange(rows.size, dtype=np.uint64), draw[rows], wanted)
        twins = _count_in(hashes[rows[in_test]], hashes[rows[~in_test]])
        return Fold(train=rows[~in_test], test=rows[in_test], words=words, is_drawn=True, twins=twins)
    return Fold(train=rows[~in_test], test=rows[in_test], words=words, is_drawn=True)


def _together(
    outcome: NDArray[np.int8], hashes: Hashes, draw: NDArray[np.float64], wanted: list[int]
) -> NDArray[np.bool_]:
    """Fill the test rows with whole sets of equal rows in random order, as long as a set fits."""
    _, code = np.unique(hashes, return_inverse=True)
    sets = int(code.max(initial=-1)) + 1
    sizes = np.bincount(code * 2 + outcome, minlength=2 * sets).reshape(-1, 2)
    first = np.full(sets, np.inf)
    np.minimum.at(first, code, draw)
    chosen = np.zeros(sets, dtype=bool)
    left_bad, left_good = wanted
    for place, (bad, good) in zip(
        np.argsort(first, kind="stable"), sizes[np.argsort(first)].tolist(), strict=True
    ):
        if bad <= left_bad and good <= left_good:
            chosen[place] = True
            left_bad, left_good = left_bad - bad, left_good - good
            if not left_bad and not left_good:
                break
    taken: NDArray[np.bool_] = chosen[code]
    return taken
