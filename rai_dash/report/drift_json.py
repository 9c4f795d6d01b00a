"""Two data sets against each other as plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from rai_dash.core.counts import GroupCounts
from rai_dash.core.estimates import plain
from rai_dash.data.column_drift import ColumnDrift
from rai_dash.data.counting import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.drift import PriorShift, data_drift
from rai_dash.data.portfolio.questions import Scale
from rai_dash.data.portfolio.whole import ScoreColumn, Whole
from rai_dash.data.scores import scores_of_column
from rai_dash.data.shared_rows import SharedRows, shared_rows
from rai_dash.metrics.score_shift import METRICS, Scored, ScoreShift, score_shift, score_shift_of_counts
from rai_dash.report.rests_on_json import rests_on_json
from rai_dash.trials.two_sample import TwoSample, two_sample

SCHEMA: Final = "rai-dash/compare/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a second data set differs from the first; ``content`` is the JSON of the public contract."""

    content: Mapping[str, Any]

    def to_json(self, *, indent: int | None = 2) -> str:
        """Write the comparison as JSON; undefined numbers are null."""
        return json.dumps(self.content, indent=indent, ensure_ascii=False, allow_nan=False)


def compare_datasets(
    first: Dataset, second: Dataset, *, threshold: float = 0.5, classifier: bool = True, seed: int = 0
) -> Comparison:
    """Compare a second data set with the first, column by column and row by row.

    Parameters
    ----------
    first, second : Dataset
        Then and now, for example the training rows and the first applications from production. Where the roles of both
        name a score column, the scores are compared as well.
    threshold : float
        For the scores: favourable from here on.
    classifier : bool
        Whether to try if a classifier can tell the two apart.
    seed : int
        Of the classifier.

    Returns
    -------
    Comparison
        ``{"schema", "rows": {then, now}, "prior_shift", "columns": {NAME: {...}}, "only_then", "only_now",
        "shared_rows", "scores", "classifier"}``; undefined = None. Where one of them is a portfolio ``rests_on`` says
        so: rows are not looked for in both then, and its scores are compared by thousandths.

    Raises
    ------
    InvalidChoice
        With a classifier: fewer than 50 rows in one of them, or no column in common.
    InvalidRoles
        A score column leaves its stated scale.
    """
    drift = data_drift(first, second)
    scores = _score_shift(first, second, threshold)
    # Of a portfolio a sample is in memory: most rows of the other would be missed.
    is_whole = all(d.n_rows == d.n_all for d in (first, second))
    shared = shared_rows(first, second) if is_whole else None
    told = two_sample(first, second, seed=seed) if classifier else None
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "rows": {"then": drift.rows_then, "now": drift.rows_now},
        "prior_shift": None if drift.prior is None else _prior(drift.prior),
        "columns": {column.name: _column(column) for column in drift.columns},
        "only_then": list(drift.only_then),
        "only_now": list(drift.only_now),
        "shared_rows": None if shared is None else _shared(shared),
        "scores": None if scores is None else _scores(scores),
        "classifier": None if told is None else _told(told),
    }
    rests_on = {when: rests_on_json(d) for when, d in (("then", first), ("now", second))}
    if any(rests_on.values()):
        content["rests_on"] = {
            when: found and (found | {"of_the_sample": ["classifier"]}) for when, found in rests_on.items()
        }
    return Comparison(content=content)


def _score_shift(first: Dataset, second: Dataset, threshold: float) -> ScoreShift | None:
    if first.roles.score is None or second.roles.score is None:
        return None
    if first.portfolio is not None or second.portfolio is not None:
        return score_shift_of_counts(_score_counts(first), _score_counts(second), threshold=threshold)
    sides = [
        Scored(score=scores_of_column(d), outcome=d.outcome, weight=d.weight if d.roles.weight else None)
        for d in (first, second)
    ]
    return score_shift(sides[0], sides[1], threshold=threshold)


def _score_counts(dataset: Dataset) -> GroupCounts:
    """Count all rows by score, trained on or not."""
    roles = dataset.roles
    if dataset.portfolio is None:
        weight = dataset.weight if roles.weight else None
        return count(dataset.outcome, scores_of_column(dataset), None, weight=weight)
    column = None if roles.score is None else ScoreColumn(roles.score, Scale.of(roles.scale))
    return Whole(portfolio=dataset.portfolio, roles=roles.with_(split=None), score=column).counts()


def _shared(shared: SharedRows) -> dict[str, object]:
    return {
        "compared": list(shared.compared),
        "with_outcome": shared.with_outcome,
        "equal": shared.equal,
        "share": shared.share,
        "by_chance": shared.by_chance,
        "same_id": shared.same_id,
        "alike": None if shared.alike.reason else shared.alike.rows,
        "alike_pairs": None if shared.alike.reason else shared.alike.pairs,
        "alike_by_chance": None if shared.alike.reason else shared.alike.by_chance,
        "alike_by_column": dict(shared.alike.by_column),
        "alike_reason": shared.alike.reason or None,
        "one_column": shared.one_column,
    }


def _scores(found: ScoreShift) -> dict[str, object]:
    return _column(found.drift) | {
        "threshold": found.threshold,
        "then": {m: asdict(found.then.estimate(m, 0)) for m in METRICS},
        "now": {m: asdict(found.now.estimate(m, 0)) for m in METRICS},
        "auc_p_value": found.ranking_p,
    }


def _prior(prior: PriorShift) -> dict[str, object]:
    return {
        "then": asdict(prior.then),
        "now": asdict(prior.now),
        "low": prior.low,
        "high": prior.high,
        "p_value": prior.p_value,
        "shown": prior.is_shown,
        "weighted": prior.is_weighted,
    }


def _column(one: ColumnDrift) -> dict[str, object]:
    cells = zip(one.cells, one.then.tolist(), one.now.tolist(), strict=True)
    return {
        "kind": one.kind,
        "verdict": str(one.shift),
        "psi": plain(one.psi),
        "psi_by_chance": plain(one.psi_by_chance),
        "statistic": plain(one.test.statistic),
        "p_value": plain(one.test.p_value),
        "q_value": plain(one.q_value),
        "rows_needed": one.rows_needed,
        "missing_then": one.blank_then,
        "missing_now": one.blank_now,
        "missing_p_value": plain(one.blank_p),
        "missing_q_value": plain(one.blank_q),
        "new": [{"value": value, "rows": rows} for value, rows in one.new],
        "gone": [{"value": value, "rows": rows} for value, rows in one.gone],
        "mean_then": one.mean_then,
        "mean_now": one.mean_now,
        "median_then": one.median_then,
        "median_now": one.median_now,
        "changed_kind": one.changed_kind,
        "cells": [{"cell": cell, "then": then, "now": now} for cell, then, now in cells],
    }


def _told(told: TwoSample) -> dict[str, object]:
    return {
        "auc": plain(told.auc),
        "low": plain(told.low),
        "high": plain(told.high),
        "p_value": plain(told.p_value),
        "shown": told.is_shown,
        "columns": dict(told.columns),
        "rows_then": told.rows_then,
        "rows_now": told.rows_now,
    }


def limits_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange a comparison so that limits of a gate can be put on its numbers.

    Returns
    -------
    dict
        ``overall`` (``prior_shift``: now less then; ``classifier_auc``; ``shifted``: columns shown to have moved;
        ``shared_rows`` and ``shared_share``: rows of the second that equal one of the first; ``alike_rows``: equal but
        for rounding and writing; ``score_psi``, ``score_auc``),
        ``of``: ``psi``, ``missing`` (now less then, in shares) and ``new`` (rows of unseen categories) by column.
    """
    prior, columns, rows = content["prior_shift"], content["columns"], content["rows"]
    moved = None if prior is None else prior["now"]["value"] - prior["then"]["value"]
    told = content["classifier"]
    shown = sum("shift" in c["verdict"] and c["verdict"] != "no shift shown" for c in columns.values())
    shared, scores = content["shared_rows"] or {}, content["scores"]
    overall = {
        "prior_shift": moved,
        "classifier_auc": told and told["auc"],
        "shifted": shown,
        "shared_rows": shared.get("equal"),
        "shared_share": shared.get("share"),
        "alike_rows": shared.get("alike"),
        "score_psi": scores and scores["psi"],
        "score_auc": scores and scores["now"]["auc"]["value"],
    }
    return {
        "overall": {k: {"value": v} for k, v in overall.items()},
        "of": {
            "psi": {name: c["psi"] for name, c in columns.items()},
            "missing": {
                name: c["missing_now"] / max(rows["now"], 1) - c["missing_then"] / max(rows["then"], 1)
                for name, c in columns.items()
            },
            "new": {name: sum(v["rows"] for v in c["new"]) for name, c in columns.items()},
        },
        "disparities": {},
    }
