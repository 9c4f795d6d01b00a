"""Which columns two models lean on, on the same applications against the same people, and how steady that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate, Explanation
from rai_dash.explain._asking import SILENT, Watch
from rai_dash.explain._base import LOG_ODDS, PROBABILITY
from rai_dash.explain.client import shap_matrix, shap_values
from rai_dash.explain.drivers._bins import spread_rows
from rai_dash.explain.table import AttributionTable
from rai_dash.report.everyone import LONGEST_S, asks_one_by_one
from rai_dash.report.models_found import Candidate, ModelComparison, ModelPair
from rai_dash.report.reference import MOST_REFERENCE, model_of
from rai_dash.stats.bootstrap import percentile_interval
from rai_dash.stats.intervals import wilson

FloatArray = NDArray[np.float64]

#: Applications explained by both models; and where each takes many answers of a model.
EXPLAINED: Final = 500
FEW_EXPLAINED: Final = 40
REPLICATES: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnShift:
    """How much of two models' attributions one column has.

    Parameters
    ----------
    column : str
    current, candidate : float or None
        Its mean absolute attribution over the sum of all columns'; None = it is no input of that model.
    difference, low, high : float or None
        Candidate less current with the percentile interval over samples of the applications.
    current_rank, candidate_rank : int or None
        1 = the column that moves the model most.
    current_ranks, candidate_ranks : (int, int) or None
        Between which ranks it lies in 95 % of the samples.
    """

    column: str
    current: float | None
    candidate: float | None
    difference: float | None
    low: float | None
    high: float | None
    current_rank: int | None
    candidate_rank: int | None
    current_ranks: tuple[int, int] | None
    candidate_ranks: tuple[int, int] | None

    @property
    def is_steady(self) -> bool:
        """Whether the difference has the same sign in 95 % of the samples."""
        return self.low is not None and self.high is not None and not self.low <= 0.0 <= self.high

    @property
    def is_moved(self) -> bool:
        """Whether its rank changes, and by more than the samples leave open."""
        if self.current_ranks is None or self.candidate_ranks is None:
            return False
        return (
            self.current_ranks[1] < self.candidate_ranks[0] or self.candidate_ranks[1] < self.current_ranks[0]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedPair:
    """Two models' attributions on the same applications.

    Parameters
    ----------
    space : str
        Of both: ``"log-odds"`` or ``"probability"``.
    rows, of : int
        Applications explained, of how many that were compared.
    background : int
        Applications they are explained against, the same for both models.
    columns : tuple of ColumnShift
        The largest difference first.
    same_reason : Estimate
        Share of the applications whose strongest column is the same under both models.
    methods : (str, str)
        How each model was explained.
    """

    space: str
    rows: int
    of: int
    background: int
    columns: tuple[ColumnShift, ...]
    same_reason: Estimate
    methods: tuple[str, str]


def explained_pair(
    found: ModelComparison, pair: ModelPair, *, space: str = LOG_ODDS, watch: Watch = SILENT
) -> ExplainedPair:
    """Explain the same applications with both models against the same people.

    Parameters
    ----------
    found, pair : ModelComparison, ModelPair
    space : str
        Wanted; where one of the models is explained in probabilities only, both are.
    watch : Watch
        Progress and stop.

    Returns
    -------
    ExplainedPair
        Of at most ``EXPLAINED`` applications, evenly over the scores of the current model; fewer where each takes many
        answers of a model.
    """
    models = (found.candidate(pair.current), found.candidate(pair.candidate))
    at = _spread(models[0], EXPLAINED)
    one = [_explained(m, found, at[:1], space, watch) for m in models]
    if any(asks_one_by_one(table) for table in one):
        at = _spread(models[0], FEW_EXPLAINED)
    both = [_explained(m, found, at, space, watch) for m in models]
    if both[0].space != both[1].space:
        both = [_explained(m, found, at, PROBABILITY, watch) for m in models]
    names = tuple(dict.fromkeys([*both[0].names, *both[1].names]))
    sizes = [_sizes(table, names) for table in both]
    return ExplainedPair(
        space=both[0].space, rows=len(at), of=found.n, background=len(_background(found, models[0])),
        columns=_shifts(names, sizes), same_reason=_same(both), methods=(both[0].method, both[1].method),
    )  # fmt: skip


def two_explanations(
    found: ModelComparison, pair: ModelPair, row: int, *, space: str = LOG_ODDS
) -> tuple[Explanation, Explanation]:
    """Explain one application with both models, in one space and against the same people.

    Whoever shows it asks first whether the reader may see single rows (`rai_dash.govern.people.require_rows`).

    Parameters
    ----------
    found, pair : ModelComparison, ModelPair
    row : int
        Position in the table; one of the compared rows.
    space : str
        Wanted, see `explained_pair`.

    Raises
    ------
    InvalidChoice
        When the row is none that was compared.
    """
    if not 0 <= row < len(found.rows) or not found.rows[row]:
        msg = tr(
            "Row {row} is none of the compared applications. Choose one of those that are decided "
            "differently.",
            row=row,
        )
        raise InvalidChoice(msg)
    models = (found.candidate(pair.current), found.candidate(pair.candidate))

    def explain(in_space: str) -> list[Explanation]:
        return [_one(m, found, row, in_space) for m in models]

    both = explain(space)
    if both[0].space != both[1].space:
        both = explain(PROBABILITY)
    return both[0], both[1]


def _one(candidate: Candidate, found: ModelComparison, row: int, space: str) -> Explanation:
    model = model_of(candidate.judgement).model
    frame = found.data.dataset.frame.iloc[[row]][list(model.info.feature_names)].reset_index(drop=True)
    return shap_values(model, frame, _background(found, candidate), space=space, row_ids=[row])[0]


def _spread(candidate: Candidate, most: int) -> NDArray[np.int64]:
    """Choose compared rows evenly over a model's scores; positions among them, ascending."""
    judgement = candidate.judgement
    return np.sort(spread_rows(judgement.score[judgement.positions], most))


def _background(found: ModelComparison, candidate: Candidate) -> pd.DataFrame:
    """Return the compared rows with the columns of a model: the same people for every model."""
    names = list(model_of(candidate.judgement).model.info.feature_names)
    frame = found.data.dataset.frame.iloc[np.flatnonzero(found.rows)][names]
    step = -(-len(frame) // MOST_REFERENCE)
    return frame.iloc[::step].reset_index(drop=True)


def _explained(
    candidate: Candidate, found: ModelComparison, at: NDArray[np.int64], space: str, watch: Watch
) -> AttributionTable:
    model = model_of(candidate.judgement).model
    rows = found.data.dataset.frame.iloc[np.flatnonzero(found.rows)[at]][list(model.info.feature_names)]
    return shap_matrix(
        model, rows.reset_index(drop=True), _background(found, candidate), space=space, timeout=LONGEST_S,
        on_progress=watch.on_progress, cancelled=watch.cancelled,
    )  # fmt: skip


def _sizes(table: AttributionTable, names: Sequence[str]) -> FloatArray:
    """Return absolute attributions by all the columns, float64 (n, names); NaN = no input of the model."""
    out = np.full((len(table.values), len(names)), np.nan)
    for j, name in enumerate(table.names):
        out[:, names.index(name)] = np.abs(table.values[:, j])
    return out


def _same(both: Sequence[AttributionTable]) -> Estimate:
    """Count the applications whose strongest column is the same."""
    strongest = [[t.names[j] for j in np.abs(t.values).argmax(axis=1)] for t in both]
    hits, n = sum(a == b for a, b in zip(*strongest, strict=True)), len(strongest[0])
    low, high = wilson(hits, n)
    return Estimate(hits / n, float(low), float(high), float(hits), float(n))


def _shifts(names: Sequence[str], sizes: Sequence[FloatArray]) -> tuple[ColumnShift, ...]:
    """Compare shares and ranks, with the spread that other applications would give."""
    n = len(sizes[0])
    weights = np.random.default_rng(0).multinomial(n, np.full(n, 1.0 / n), size=REPLICATES).astype(np.float64)
    seen = [_shares(np.ones((1, n)) @ part)[0] for part in sizes]
    drawn = [_shares(weights @ part) for part in sizes]
    low, high, _ = percentile_interval(drawn[1] - drawn[0])
    ranks = [_ranks(part[None])[0] for part in seen]
    spans = [
        np.nanquantile(_ranks(part), (0.025, 0.975), axis=0, method="closest_observation") for part in drawn
    ]

    def one(j: int) -> ColumnShift:
        own = [not np.isnan(part[j]) for part in seen]
        inside = all(own)
        return ColumnShift(
            column=names[j],
            current=float(seen[0][j]) if own[0] else None,
            candidate=float(seen[1][j]) if own[1] else None,
            difference=float(seen[1][j] - seen[0][j]) if inside else None,
            low=float(low[j]) if inside else None,
            high=float(high[j]) if inside else None,
            current_rank=int(ranks[0][j]) if own[0] else None,
            candidate_rank=int(ranks[1][j]) if own[1] else None,
            current_ranks=(int(spans[0][0, j]), int(spans[0][1, j])) if own[0] else None,
            candidate_ranks=(int(spans[1][0, j]), int(spans[1][1, j])) if own[1] else None,
        )

    found = [one(j) for j in range(len(names))]
    return tuple(sorted(found, key=lambda c: (-abs(c.difference or 0.0), c.column)))


def _shares(sums: FloatArray) -> FloatArray:
    """Divide by the sum over columns, float64 (draws, columns); NaN stays. A model that nothing moves has no shares."""
    total = np.nansum(sums, axis=1, keepdims=True)
    shares: FloatArray = np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > 0)
    return shares


def _ranks(shares: FloatArray) -> FloatArray:
    """Rank the columns of each draw, 1 = the largest share, ties in the order of the columns; NaN stays."""
    order = np.argsort(-np.nan_to_num(shares, nan=-1.0), axis=1, kind="stable")
    ranks = np.empty_like(shares)
    np.put_along_axis(
        ranks, order, np.arange(1.0, shares.shape[1] + 1.0)[None].repeat(len(shares), 0), axis=1
    )
    ranks[np.isnan(shares)] = np.nan
    return ranks
