"""Proxies of a sensitive column: how well the other columns tell its groups apart, and which of them do.

No outcome and no model of the user is looked at: leaving a column out blinds a model only if nothing else stands in
for it. All figures are of rows that were not learned from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.stopping import CancelCheck
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.data.columns import require_columns
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import group_index
from rai_dash.models.refit import TRAIN_TIMEOUT_S
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.client import Reply, run_once
from rai_dash.stats.tests import holm
from rai_dash.trials.proxy_ops import PARAMS, PRIOR, RANGES, TREES
from rai_dash.trials.proxy_result import FEWEST, Carrier, Proxies
from rai_dash.trials.training import Progress

FOLDS: Final = 5
ROWS: Final = 50_000
MOST_GROUPS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """Rows that are used (positions in the table), each with its group and fold; the groups that are and are not."""

    at: NDArray[np.intp]
    codes: NDArray[np.int32]
    fold: NDArray[np.int32]
    groups: tuple[str, ...]
    small: tuple[str, ...]
    by_id: bool


def proxy_features(dataset: Dataset, column: str, features: Sequence[str] | None = None) -> tuple[str, ...]:
    """Name the columns that a sensitive column is guessed from.

    Parameters
    ----------
    dataset : Dataset
        Its roles say what no feature can be: target, id, score, weight and split.
    column : str
        The sensitive column, never its own proxy.
    features : sequence of str, optional
        What a model reads; the features of the data when omitted.
    """
    roles = dataset.roles
    never = {column, roles.target, roles.id, roles.score, roles.weight, roles.split}
    return tuple(
        f for f in dict.fromkeys(dataset.features if features is None else features) if f not in never
    )


def proxies(
    dataset: Dataset,
    column: str,
    *,
    features: Sequence[str] | None = None,
    seed: int = 0,
    folds: int = FOLDS,
    rows: int = ROWS,
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> Proxies:
    """Measure how well other columns tell the groups of a column apart.

    Parameters
    ----------
    dataset : Dataset
        All its rows are used, each once, whatever their weight, outcome or split.
    column : str
        The sensitive column; numbers are binned as groups are, blanks are the group ``(missing)``.
    features : sequence of str, optional
        See `proxy_features`.
    seed : int
        Of the sample and of the folds.
    folds : int
        2 to 20.
    rows : int
        Most rows; of more a sample is drawn without replacement.
    progress, cancelled : callable, optional
        Told how far it is; asked whether to stop.

    Returns
    -------
    Proxies
        Intervals are DeLong's on the logit scale, widened for the cross-validation; see
        `rai_dash.trials.proxy_auc.told_apart`.

    Raises
    ------
    MissingColumn
        When a column is not there.
    InvalidChoice
        When there are not two groups or too many, no column to guess from, or a number is out of range.
    RaiError
        When training fails or was stopped.
    """
    chosen = proxy_features(dataset, column, features)
    _check(dataset, column, chosen, folds, rows)
    used = _rows(dataset, column, folds, rows, seed)
    reply = run_once(
        "rai_dash.trials.proxy_ops:guess_groups",
        {"groups": len(used.groups), "seed": seed},
        [
            frame_to_ipc(dataset.frame[list(chosen)].iloc[used.at], coded=True),
            used.codes.astype("<i4").tobytes(),
            used.fold.astype("<i4").tobytes(),
        ],
        timeout=TRAIN_TIMEOUT_S,
        on_progress=progress,
        cancelled=cancelled,
    )
    return Proxies(
        column=column,
        groups=used.groups,
        sizes=tuple(np.bincount(used.codes).tolist()),
        small=used.small,
        auc=Estimate(**reply.data["auc"]["auc"]),
        by_group=tuple(Estimate(**e) for e in reply.data["auc"]["by_group"]),
        carriers=_carriers(chosen, reply),
        recipe=_recipe(),
        rows=int(used.at.size),
        of_rows=dataset.n_rows,
        explained=int(reply.data["explained"]),
        folds=folds,
        seed=seed,
        copies=int(dataset.frame.iloc[used.at].duplicated().sum()),
        by_id=used.by_id,
    )


def _rows(dataset: Dataset, column: str, folds: int, most: int, seed: int) -> _Rows:
    """Draw the rows and give each its fold; groups with few rows are left out."""
    index = group_index(dataset.frame, column, bins=dataset.roles.bins.get(column))
    at = _sample(dataset.n_rows, most, seed)
    sizes = np.bincount(index.codes[at], minlength=index.n_groups)
    kept = np.flatnonzero(sizes >= FEWEST)
    _check_groups(column, kept.size)
    at = at[np.isin(index.codes[at], kept)]
    codes = np.searchsorted(kept, index.codes[at]).astype(np.int32)
    ids = None if dataset.roles.id is None else dataset.frame[dataset.roles.id].iloc[at]
    is_repeated = ids is not None and bool(ids.dropna().duplicated().any())
    return _Rows(
        at=at,
        codes=codes,
        fold=make_folds(codes, folds=folds, seed=seed, ids=ids if is_repeated else None),
        groups=tuple(index.groups[g] for g in kept),
        small=tuple(index.groups[g] for g in np.flatnonzero((sizes < FEWEST) & (index.sizes > 0))),
        by_id=is_repeated,
    )


def _check(dataset: Dataset, column: str, features: Sequence[str], folds: int, rows: int) -> None:
    require_columns(dataset.frame, [column, *features])
    if not features:
        msg = tr(
            "There is no other column to guess `{column}` from. Give some columns no role, or name the "
            "features.",
            column=column,
        )
        raise InvalidChoice(msg, code="no_features")
    if not 2 <= folds <= 20:
        msg = tr(
            "A cross-validation takes 2 to 20 folds, got {folds}. Use {folds_2}.", folds=folds, folds_2=FOLDS
        )
        raise InvalidChoice(msg, code="folds_out_of_range")
    if rows < 2 * FEWEST:
        msg = tr(
            "At least {fewest} rows are needed, at most {rows} were allowed. Allow more, such as {rows_2}.",
            fewest=2 * FEWEST,
            rows=rows,
            rows_2=f"{ROWS:,}",
        )
        raise InvalidChoice(msg, code="too_few_rows")


def _check_groups(column: str, n_groups: int) -> None:
    if n_groups < 2:
        found = tr("only one group") if n_groups else tr("no group")
        msg = tr(
            "`{column}` has {found} with {fewest} rows or more, so there is nothing to tell apart. "
            "Choose another column or more rows.",
            column=column,
            found=found,
            fewest=FEWEST,
        )
        raise InvalidChoice(msg, code="too_few_groups")
    if n_groups > MOST_GROUPS:
        msg = tr(
            "`{column}` has {n_groups} groups with {fewest} rows or more, at most {most_groups} are told "
            "apart. Join some of its values in the file, or give a column of numbers wider bins.",
            column=column,
            n_groups=f"{n_groups:,}",
            fewest=FEWEST,
            most_groups=MOST_GROUPS,
        )
        raise InvalidChoice(msg, code="too_many_groups")


def _sample(n: int, most: int, seed: int) -> NDArray[np.intp]:
    """Draw the rows that are used, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def make_folds(
    codes: NDArray[np.int32], *, folds: int, seed: int, ids: pd.Series | None = None
) -> NDArray[np.int32]:
    """Give each row a fold, int32 (n,): stratified by group, or, where ids are given, all rows of an id together."""
    from sklearn.model_selection import GroupKFold, StratifiedKFold

    if ids is None:
        parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(codes, codes)
    else:
        people = pd.factorize(ids)[0]
        # Rows without an id are a person each.
        blank = people < 0
        people[blank] = people.max() + 1 + np.arange(int(blank.sum()))
        _check_people(np.unique(people).size, folds)
        parts = GroupKFold(folds, shuffle=True, random_state=seed).split(codes, groups=people)
    fold = np.zeros(codes.size, dtype=np.int32)
    for k, (_, held) in enumerate(parts):
        fold[held] = k
    return fold


def _check_people(n: int, folds: int) -> None:
    if n < folds:
        msg = tr(
            "The id column has {n} different values, too few for {folds} folds. Name another id column, or "
            "none.",
            n=f"{n:,}",
            folds=folds,
        )
        raise InvalidChoice(msg, code="too_few_ids")


def _carriers(features: Sequence[str], reply: Reply) -> tuple[Carrier, ...]:
    """Put together what was found about each column, the largest share first."""
    carried: NDArray[np.float64] = np.array(reply.data["carried"], dtype=np.float64)
    total = carried.sum()
    share = carried / total if total > 0 else np.full(carried.size, np.nan)
    singles: list[dict[str, Any]] = reply.data["singles"]
    p = np.array([s["p_value"] for s in singles])
    # Two columns are two hypotheses; `holm` takes two for the two groups of one column.
    adjusted = np.minimum(1.0, np.maximum(p, 2.0 * p.min())) if p.size == 2 else holm(p)
    found = [
        Carrier(
            name=f, share=float(share[i]), auc=Estimate(**singles[i]["auc"]), adjusted_p=float(adjusted[i])
        )
        for i, f in enumerate(features)
    ]
    return tuple(sorted(found, key=lambda c: (-np.nan_to_num(c.share), c.adjusted_p)))


def _recipe() -> str:
    return tr(
        "Together: XGBoost, {trees} trees, depth {max_depth}, eta {eta}. Alone: the shares of the groups "
        "by value (numbers: by up to {ranges} ranges), drawn towards the share of everyone by {prior} "
        "rows.",
        trees=TREES,
        max_depth=PARAMS["max_depth"],
        eta=PARAMS["eta"],
        ranges=RANGES,
        prior=f"{PRIOR:.0f}",
    )


__all__ = ["Carrier", "Proxies", "make_folds", "proxies", "proxy_features"]
