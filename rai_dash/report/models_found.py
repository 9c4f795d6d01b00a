"""What is found when candidates are compared on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import CaseData, CaseModel, Exposure, Judgement
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.memo import Memo
from rai_dash.core.texts import tr
from rai_dash.metrics._base import DEFAULT_MIN_N, Costs, MetricTable
from rai_dash.metrics.disparity import Disparity
from rai_dash.metrics.paired_flips import GroupFlips
from rai_dash.metrics.paired_gaps import PairedGap
from rai_dash.metrics.paired_verdict import PairedMetric
from rai_dash.metrics.verdict import DEFAULT_TOLERANCE
from rai_dash.report.models_overlap import SeenRows
from rai_dash.report.shared_json import check_threshold

BoolArray = NDArray[np.bool_]

DEFAULT_THRESHOLD: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """How candidates are compared.

    Parameters
    ----------
    thresholds : mapping of str to float
        By key of a model: favourable from here on. Those not named have ``threshold``.
    threshold : float
        In [0, 1].
    columns : tuple of str or None
        Sensitive columns to compare by; None = those of the data.
    costs : Costs or None
        Without them there is no cost of an application.
    tolerance : float
        A difference of shares that does not matter, in (0, 1).
    min_n : int
        Groups with fewer rows are small, and nothing is said about fewer rows.
    without_seen : bool
        Whether rows that any of the candidates was trained on are left out.
    """

    thresholds: Mapping[str, float] = field(default_factory=dict)
    threshold: float = DEFAULT_THRESHOLD
    columns: tuple[str, ...] | None = None
    costs: Costs | None = None
    tolerance: float = DEFAULT_TOLERANCE
    min_n: int = DEFAULT_MIN_N
    without_seen: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no threshold, and no tolerance."""
        for threshold in (self.threshold, *self.thresholds.values()):
            check_threshold(threshold)
        if not 0.0 < self.tolerance < 1.0:
            msg = tr(
                "A tolerance lies between 0 and 1, got {tolerance}. Give for example 0.05.",
                tolerance=f"{self.tolerance:g}",
            )
            raise InvalidChoice(msg)

    def threshold_of(self, key: str) -> float:
        """Return the threshold of a model."""
        return self.thresholds.get(key, self.threshold)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells two of these apart."""
        return (
            tuple(sorted(self.thresholds.items())), self.threshold, self.columns, self.costs, self.tolerance,
            self.min_n, self.without_seen,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """One model on the compared rows.

    Parameters
    ----------
    model : CaseModel
    threshold : float
    exposure : Exposure
        Whether the rows were seen in training, as far as the case says.
    seen : SeenRows
        Rows that equal one it was trained on.
    n_seen : int or None
        How many of the compared rows that are; None = not known.
    judgement : Judgement
        Of the compared rows.
    everyone : MetricTable
    by_group : mapping of str to MetricTable
        By sensitive column.
    gaps : mapping of str to mapping of str to Disparity
        By column and metric.
    """

    model: CaseModel
    threshold: float
    exposure: Exposure
    seen: SeenRows
    n_seen: int | None
    judgement: Judgement
    everyone: MetricTable
    by_group: Mapping[str, MetricTable]
    gaps: Mapping[str, Mapping[str, Disparity]]

    @property
    def key(self) -> str:
        """Key of the model."""
        return self.model.key


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupPairs:
    """A pair of models by the groups of one column.

    Parameters
    ----------
    column : str
    groups : tuple of str
    small : bool (groups,)
        Groups with too few rows.
    metrics : tuple of tuple of PairedMetric
        One a group; Holm counts all groups for each metric.
    flips : tuple of GroupFlips
        One a group.
    gaps : tuple of PairedGap
        How far the groups lie apart under either model; Holm counts all gaps of all columns and candidates.
    """

    column: str
    groups: tuple[str, ...]
    small: BoolArray
    metrics: tuple[tuple[PairedMetric, ...], ...]
    flips: tuple[GroupFlips, ...]
    gaps: tuple[PairedGap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelPair:
    """A candidate against the model that is used now.

    Parameters
    ----------
    current, candidate : str
        Keys; differences are candidate less current.
    n, decided : int
        Compared rows, and those that both models decide about.
    metrics : tuple of PairedMetric
        For everyone; Holm counts all metrics of all candidates.
    flips : GroupFlips
        For everyone.
    by_group : mapping of str to GroupPairs
        By sensitive column.
    """

    current: str
    candidate: str
    n: int
    decided: int
    metrics: tuple[PairedMetric, ...]
    flips: GroupFlips
    by_group: Mapping[str, GroupPairs]

    def metric(self, name: str) -> PairedMetric | None:
        """Return one number; None = it is not compared."""
        return next((m for m in self.metrics if m.metric == name), None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelComparison:
    """Candidates on the same rows.

    Parameters
    ----------
    data : CaseData
    rows : bool (n,)
        The compared rows of the table.
    left_out : int
        Judged rows that were left out since a candidate was trained on one like them.
    options : CompareOptions
    candidates : tuple of Candidate
        The first is the one that the others are compared with.
    pairs : tuple of ModelPair
        One for each of the others.
    columns : tuple of str
    memo : Memo
        What else is worth computing once for this comparison.
    """

    data: CaseData
    rows: BoolArray
    left_out: int
    options: CompareOptions
    candidates: tuple[Candidate, ...]
    pairs: tuple[ModelPair, ...]
    columns: tuple[str, ...]
    memo: Memo = field(default_factory=Memo, repr=False)

    @property
    def current(self) -> Candidate:
        """The model that the others are compared with."""
        return self.candidates[0]

    @property
    def n(self) -> int:
        """Compared rows."""
        return int(self.rows.sum())

    def candidate(self, key: str) -> Candidate:
        """Return one of the models."""
        return next(c for c in self.candidates if c.key == key)
