"""Every compared number of two models on the same rows, for everyone or by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN, Estimate
from rai_dash.metrics._base import NO_JUDGED, Costs
from rai_dash.metrics._paired_cells import (
    SAME_ROWS,
    JointCells,
    decisions_at,
    joint_cells,
    paired_rate,
)
from rai_dash.metrics.paired import LEVEL
from rai_dash.metrics.paired_draws import PairDraws, pair_draws
from rai_dash.metrics.paired_verdict import ALPHA, PairedMetric
from rai_dash.stats.intervals import effective_size
from rai_dash.stats.means import student
from rai_dash.stats.paired_auc import paired_auc

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: Numbers that are compared, in the order in which they are shown.
PAIRED: Final = (
    "selection_rate", "accuracy", "balanced_accuracy", "recall", "fnr", "fpr", "precision", "f1", "auc", "brier",
    "expected_cost",
)  # fmt: skip
#: Of groups: without the two that need many rows to be compared at all.
PAIRED_BY_GROUP: Final = (
    "selection_rate", "accuracy", "balanced_accuracy", "recall", "fnr", "fpr", "precision", "f1", "auc", "brier",
)  # fmt: skip
_INNER = 1.0 - 2.0 * ALPHA
#: Fewest drawn samples by group; everyone gets ``REPLICATES``.
GROUP_REPLICATES: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairRows:
    """The same rows under two models.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    a, b : float64 (n,)
        Scores of the first and of the second model; NaN = none.
    thresholds : (float, float)
        Of the first and of the second model: favourable from here on.
    weight : float64 (n,) or None
        None = every weight is 1.
    """

    outcome: NDArray[np.int8]
    a: FloatArray
    b: FloatArray
    thresholds: tuple[float, float]
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse columns of different lengths, and thresholds that are none."""
        if not self.outcome.shape == self.a.shape == self.b.shape:
            msg = tr(
                "Models are compared on the same rows, and these columns differ in length. Score both on one "
                "table."
            )
            raise InvalidChoice(msg)
        for threshold in self.thresholds:
            if not 0.0 <= threshold <= 1.0:
                msg = tr(
                    "A threshold of {threshold} is not on the scale of scores. Give a number from 0 to 1.",
                    threshold=threshold,
                )
                raise InvalidChoice(msg)

    @property
    def decisions(self) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """What both models decide about each row."""
        return decisions_at(self.a, self.thresholds[0]), decisions_at(self.b, self.thresholds[1])

    def cells(
        self,
        codes: NDArray[np.integer] | None = None,
        groups: Sequence[str] = ("everyone",),
        column: str = "",
    ) -> JointCells:
        """Count the rows by group, outcome and both decisions."""
        return joint_cells(
            self.outcome, self.decisions, codes=codes, groups=tuple(groups), column=column, weight=self.weight
        )

    def take(self, rows: BoolArray) -> PairRows:
        """Take some of the rows."""
        return replace(
            self, outcome=self.outcome[rows], a=self.a[rows], b=self.b[rows],
            weight=None if self.weight is None else self.weight[rows],
        )  # fmt: skip


def rankings(rows: PairRows) -> dict[str, PairedMetric]:
    """Compare what no threshold changes: the AUC and the Brier score. Each needs a pass over the rows, so keep them."""
    return {"auc": _auc(rows), "brier": _brier(rows)}


def paired_metrics(
    rows: PairRows,
    cells: JointCells,
    *,
    metrics: Sequence[str] = PAIRED,
    costs: Costs | None = None,
    ranked: Mapping[str, PairedMetric] | None = None,
    seed: int = 0,
) -> tuple[PairedMetric, ...]:
    """Compare two models for everyone; verdicts come from `paired_verdict.judged`.

    Parameters
    ----------
    rows : PairRows
    cells : JointCells
        Of all these rows.
    metrics : sequence of str
        Of `PAIRED`.
    costs : Costs, optional
        Without them there is no cost.
    ranked : mapping, optional
        `rankings` of these rows, where they are known already.
    seed : int
        Derive it from fingerprints.
    """
    draws = pair_draws(cells.total(), costs=costs, seed=seed)
    ranked = rankings(rows) if ranked is None else ranked
    return tuple(
        _one(name, ranked, draws, 0) for name in metrics if name != "expected_cost" or costs is not None
    )


def paired_by_group(
    rows: PairRows,
    codes: NDArray[np.integer],
    cells: JointCells,
    *,
    metrics: Sequence[str] = PAIRED_BY_GROUP,
    ranked: Sequence[Mapping[str, PairedMetric]] | None = None,
    seed: int = 0,
) -> list[tuple[PairedMetric, ...]]:
    """Compare two models in each group; parameters as of `paired_metrics`.

    Parameters
    ----------
    rows, cells
        As of `paired_metrics`, the cells by the groups of a column.
    codes : int (n,)
        Position of each row's group.
    ranked : sequence of mapping, optional
        `group_rankings` of these rows, where they are known already.
    """
    draws = pair_draws(cells, seed=seed, replicates=GROUP_REPLICATES)
    ranked = group_rankings(rows, codes, len(cells.groups)) if ranked is None else ranked
    return [tuple(_one(name, ranked[g], draws, g) for name in metrics) for g in range(len(cells.groups))]


def group_rankings(
    rows: PairRows, codes: NDArray[np.integer], n_groups: int
) -> tuple[dict[str, PairedMetric], ...]:
    """Return `rankings` of each group of rows, (n_groups,)."""
    return tuple(rankings(rows.take(codes == g)) for g in range(n_groups))


def _one(metric: str, ranked: Mapping[str, PairedMetric], draws: PairDraws, group: int) -> PairedMetric:
    if metric in SAME_ROWS:
        return _rate(metric, draws.cells, group)
    return ranked[metric] if metric in ranked else _drawn(metric, draws, group)


def _rate(metric: str, cells: JointCells, group: int) -> PairedMetric:
    found = paired_rate(cells, metric, group)
    return PairedMetric(
        metric=metric, a=found.a, b=found.b, difference=found.difference, low=found.low, high=found.high,
        inner=found.limits(_INNER), p_value=found.p_value, n=found.n, discordant=found.discordant,
        method="mcnemar", is_approximate=found.is_approximate, reason=found.reason,
    )  # fmt: skip


def _drawn(metric: str, draws: PairDraws, group: int) -> PairedMetric:
    found = draws.difference(metric, group)
    low, high = found.limits(LEVEL) or (None, None)
    n = int(draws.cells.rows[group].sum())
    return PairedMetric(
        metric=metric, a=_value(found.a, found.reason), b=_value(found.b, found.reason), difference=found.difference,
        low=low, high=high, inner=found.limits(_INNER), p_value=found.p_value, n=n, discordant=found.discordant,
        method="draws", is_approximate=draws.cells.is_weighted, reason=found.reason,
    )  # fmt: skip


def _auc(rows: PairRows) -> PairedMetric:
    known = _compared(rows)
    weight = None if rows.weight is None else rows.weight[known]
    found = paired_auc(rows.a[known], rows.b[known], rows.outcome[known] == FAVOURABLE, weight)
    low, high = found.limits(LEVEL) or (None, None)
    return PairedMetric(
        metric="auc", a=_value(found.a, found.reason), b=_value(found.b, found.reason), difference=found.difference,
        low=low, high=high, inner=found.limits(_INNER), p_value=found.p_value,
        n=min(found.favourable, found.unfavourable), method="delong", is_approximate=weight is not None,
        reason=found.reason,
    )  # fmt: skip


def _brier(rows: PairRows) -> PairedMetric:
    """Compare the mean squared errors by Student's interval of the row by row differences."""
    known = _compared(rows)
    good = (rows.outcome[known] == FAVOURABLE).astype(np.float64)
    weight = np.ones(good.size) if rows.weight is None else rows.weight[known]
    total, n = float(weight.sum()), int((weight > 0).sum())
    base = {"metric": "brier", "n": n, "method": "mean", "is_approximate": rows.weight is not None}
    if total <= 0:
        nothing = Estimate.undefined(NO_JUDGED)
        return PairedMetric(a=nothing, b=nothing, difference=None, reason=NO_JUDGED, **base)  # type: ignore[arg-type]
    first, second = (rows.a[known] - good) ** 2, (rows.b[known] - good) ** 2
    change = second - first
    mean = float(weight @ change / total)
    a, b = (Estimate(float(weight @ part / total)) for part in (first, second))
    size = float(effective_size(total, weight @ weight))
    error = float(np.sqrt(weight @ (change - mean) ** 2 / total / (size - 1.0))) if size > 1.0 else 0.0
    if error == 0.0:
        is_same = not change.any()
        return PairedMetric(
            a=a, b=b, difference=mean, p_value=1.0 if is_same else None,
            reason=tr("both models give the same scores") if is_same else tr("too few rows"), **base,  # type: ignore[arg-type]
        )  # fmt: skip
    half = float(student(LEVEL, size - 1.0)) * error
    return PairedMetric(
        a=a, b=b, difference=mean, low=mean - half, high=mean + half, p_value=_two_sided(mean / error, size - 1.0),
        **base,  # type: ignore[arg-type]
    )  # fmt: skip


def _two_sided(t: float, degrees: float) -> float:
    from scipy.special import stdtr

    return float(2.0 * stdtr(degrees, -abs(t)))


def _compared(rows: PairRows) -> BoolArray:
    """Mark the rows with a known outcome and both scores."""
    known: BoolArray = (rows.outcome != UNKNOWN) & np.isfinite(rows.a) & np.isfinite(rows.b)
    return known


def _value(value: float | None, reason: str | None) -> Estimate:
    return Estimate(value) if value is not None else Estimate.undefined(reason or "undefined")
