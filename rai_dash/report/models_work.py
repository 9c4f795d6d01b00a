"""Candidates of a case on the same rows: figures side by side, paired differences, who is decided differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

import numpy as np

from rai_dash.case import Case, CaseData, CaseModel, Judgement
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.fingerprint import fingerprint_bytes, fingerprint_value
from rai_dash.core.memo import Memo, Recent
from rai_dash.core.texts import tr
from rai_dash.metrics._base import MetricTable
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.paired_flips import flips
from rai_dash.metrics.paired_gaps import judged_gaps, paired_gap
from rai_dash.metrics.paired_table import (
    PAIRED,
    PAIRED_BY_GROUP,
    PairRows,
    group_rankings,
    paired_by_group,
    paired_metrics,
    rankings,
)
from rai_dash.metrics.paired_verdict import judged
from rai_dash.metrics.table import metric_table
from rai_dash.report.models_found import (
    Candidate,
    CompareOptions,
    GroupPairs,
    ModelComparison,
    ModelPair,
)
from rai_dash.report.models_overlap import SeenRows, seen_rows

__all__ = [
    "GAPS", "MOST_MODELS", "Candidate", "CompareOptions", "FlippedRow", "GroupPairs", "ModelComparison", "ModelPair",
    "compare_models", "flipped_rows",
]  # fmt: skip

T = TypeVar("T")
#: More candidates would be no choice, and every one more makes the best of them look better than it is.
MOST_MODELS: Final = 8
#: Comparisons that are kept with a case.
MOST_KEPT: Final = 16
#: Gaps between groups that are shown for each model.
GAPS: Final = ("selection_rate", "recall", "fpr", "accuracy")


def compare_models(
    case: Case, data_key: str, model_keys: Sequence[str], options: CompareOptions | None = None
) -> ModelComparison:
    """Judge candidates on the same rows; kept for the same content and options.

    Parameters
    ----------
    case : Case
    data_key : str
        Of the test set.
    model_keys : sequence of str
        The first is the model that is used now; the others are compared with it.
    options : CompareOptions, optional

    Returns
    -------
    ModelComparison
        Rows that only one of a pair scores are in the figures of that model, and in no paired difference.

    Raises
    ------
    InvalidChoice
        For fewer than two models or too many, one that the case does not have, a column that is not there, or no row
        left to compare on.
    """
    asked = options or CompareOptions()
    data, models = case.data_of(data_key), _models(case, model_keys)
    content = (data.key, data.dataset.fingerprint, data.dataset.roles_fingerprint)
    key = (content, tuple(map(_seen_as, models)), asked.key)
    # There is no end of thresholds, so that the last few are kept.
    kept: Recent = case.memo.get("models_compared", lambda: Recent(MOST_KEPT))
    return kept.get(key, lambda: _compared(case, data, models, asked))


def _seen_as(model: CaseModel) -> tuple[str | None, ...]:
    """Return what tells a candidate from others and from what it was before."""
    info = model.model.info
    return (model.key, info.fingerprint, model.model.model_class, model.trained_on)


def _models(case: Case, keys: Sequence[str]) -> tuple[CaseModel, ...]:
    by_key = {m.key: m for m in case.models}
    unknown = [key for key in keys if key not in by_key]
    if unknown:
        msg = tr(
            "This case has no model `{unknown}`. Choose from: {by_key}.",
            unknown=unknown[0],
            by_key=", ".join(by_key) or tr("none yet"),
        )
        raise InvalidChoice(msg)
    chosen = tuple(by_key[key] for key in dict.fromkeys(keys))
    if not 2 <= len(chosen) <= MOST_MODELS:
        msg = tr(
            "From 2 to {most_models} models are compared, and {chosen} is not possible. Choose others.",
            most_models=MOST_MODELS,
            chosen=len(chosen),
        )
        raise InvalidChoice(msg)
    return chosen


def _compared(
    case: Case, data: CaseData, models: Sequence[CaseModel], options: CompareOptions
) -> ModelComparison:
    columns = data.dataset.roles.sensitive if options.columns is None else options.columns
    # Models are compared applicant by applicant: of a table that is counted where it lies on the sample.
    judgements = [case.judge(data.key, model.key).of_sample for model in models]
    seen = [seen_rows(case, data, model) for model in models]
    rows = judgements[0].judged
    n_judged = int(rows.sum())
    if options.without_seen:
        rows = rows & ~np.logical_or.reduce([s.rows for s in seen])
        judgements = [replace(j, judged=rows, memo=Memo()) for j in judgements]
    if not rows.any():
        msg = tr(
            "No row is left to compare on. Choose another test set, or keep the rows that a model was "
            "trained on."
        )
        raise InvalidChoice(msg)
    candidates = tuple(
        _candidate(judgement, model, found, columns, options)
        for judgement, model, found in zip(judgements, models, seen, strict=True)
    )
    return ModelComparison(
        data=data, rows=rows, left_out=n_judged - int(rows.sum()), options=options, candidates=candidates,
        pairs=_pairs(case, candidates, columns, options), columns=tuple(columns),
    )  # fmt: skip


def _candidate(
    judgement: Judgement, model: CaseModel, seen: SeenRows, columns: Sequence[str], options: CompareOptions
) -> Candidate:
    threshold = options.threshold_of(model.key)
    seed = _seed("figures", judgement.data.dataset.fingerprint)

    def table(by: tuple[str, ...]) -> MetricTable:
        return metric_table(
            judgement.counts(by), threshold, min_n=options.min_n, costs=options.costs, seed=seed
        )

    by_group = {column: table((column,)) for column in columns}
    return Candidate(
        model=model, threshold=threshold, exposure=judgement.exposure, seen=seen, n_seen=seen.n(judgement.judged),
        judgement=judgement, everyone=table(()), by_group=by_group,
        gaps={c: {metric: disparity(t, metric) for metric in GAPS} for c, t in by_group.items()},
    )  # fmt: skip


def _pairs(
    case: Case, candidates: Sequence[Candidate], columns: Sequence[str], options: CompareOptions
) -> tuple[ModelPair, ...]:
    first, others = candidates[0], candidates[1:]
    rows = [_rows_of(first, other) for other in others]
    seed = _pairs_seed(first)
    raw = [
        paired_metrics(
            r, r.cells(), metrics=PAIRED, costs=options.costs, seed=seed,
            ranked=_kept(case, (first, other), "", options, partial(rankings, r)),
        )
        for other, r in zip(others, rows, strict=True)
    ]  # fmt: skip
    everyone = judged(raw, tolerance=options.tolerance, min_n=options.min_n)
    found = []
    for other, r, metrics in zip(others, rows, everyone, strict=True):
        cells = r.cells()
        pair = ModelPair(
            current=first.key, candidate=other.key, n=int(r.outcome.size), decided=int(cells.decided.n.sum()),
            metrics=metrics, flips=flips(cells, min_n=options.min_n)[0],
            by_group={c: _by_group(case, (first, other), r, c, options) for c in columns},
        )  # fmt: skip
        found.append(pair)
    return _with_gaps(found, options)


def _with_gaps(pairs: Sequence[ModelPair], options: CompareOptions) -> tuple[ModelPair, ...]:
    """Reach the verdicts about the gaps of all columns and candidates together."""
    families = [groups.gaps for pair in pairs for groups in pair.by_group.values()]
    verdicts = iter(judged_gaps(families, tolerance=options.tolerance))
    return tuple(
        replace(
            pair, by_group={c: replace(groups, gaps=next(verdicts)) for c, groups in pair.by_group.items()}
        )
        for pair in pairs
    )


def _rows_of(first: Candidate, second: Candidate) -> PairRows:
    judgement = first.judgement
    rows, dataset = judgement.judged, judgement.data.dataset
    return PairRows(
        outcome=dataset.outcome[rows], a=judgement.score[rows], b=second.judgement.score[rows],
        thresholds=(first.threshold, second.threshold),
        weight=dataset.weight[rows] if dataset.roles.weight else None,
    )  # fmt: skip


def _kept(
    case: Case, pair: tuple[Candidate, Candidate], column: str, options: CompareOptions, make: Callable[[], T]
) -> T:
    """Keep with the case what no threshold of a pair changes: a slider asks for none of it again."""
    judgement = pair[0].judgement
    dataset = judgement.data.dataset
    # Which rows are left out hangs on every candidate that saw some of them.
    rows = fingerprint_bytes(judgement.judged.tobytes()) if options.without_seen else ""
    content = (dataset.fingerprint, dataset.roles_fingerprint, rows)
    key = ("paired_rankings", content, tuple(_seen_as(one.model) for one in pair), column)
    return case.memo.get(key, make)


def _by_group(
    case: Case, pair: tuple[Candidate, Candidate], rows: PairRows, column: str, options: CompareOptions
) -> GroupPairs:
    seed = _pairs_seed(pair[0])
    index = pair[0].judgement.groups([column])
    ranked = _kept(case, pair, column, options, lambda: group_rankings(rows, index.codes, len(index.groups)))
    cells = rows.cells(index.codes, index.groups, column)
    raw = paired_by_group(rows, index.codes, cells, metrics=PAIRED_BY_GROUP, ranked=ranked, seed=seed)
    # Each metric is a question of its own here, asked of every group.
    by_metric = {
        name: judged([(group[i],) for group in raw], tolerance=options.tolerance, min_n=options.min_n)
        for i, name in enumerate(PAIRED_BY_GROUP)
    }
    metrics = tuple(tuple(by_metric[n][g][0] for n in PAIRED_BY_GROUP) for g in range(len(index.groups)))
    return GroupPairs(
        column=column, groups=index.groups, small=cells.n < options.min_n, metrics=metrics,
        flips=flips(cells, min_n=options.min_n),
        gaps=tuple(paired_gap(cells, name, min_n=options.min_n, seed=seed) for name in GAPS),
    )  # fmt: skip


def _pairs_seed(first: Candidate) -> int:
    return _seed("pairs", first.judgement.data.dataset.fingerprint)


def _seed(purpose: str, fingerprint: str) -> int:
    """Derive a seed from the data alone, so that every model meets the same samples."""
    return int(fingerprint_value([purpose, fingerprint])[:8], 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlippedRow:
    """One application that is decided differently; for those who may see single rows.

    Parameters
    ----------
    row : int
        Position in the table.
    to : str
        ``"approved"`` or ``"declined"``: what the candidate decides.
    current, candidate : float
        Scores.
    outcome : int
        0 unfavourable, 1 favourable, 2 unknown.
    """

    row: int
    to: str
    current: float
    candidate: float
    outcome: int


def flipped_rows(found: ModelComparison, pair: ModelPair) -> list[FlippedRow]:
    """List the applications that two models decide differently, the largest difference of scores first.

    Whoever shows them asks first whether the reader may see single rows (`rai_dash.govern.people.require_rows`).
    """
    first, second = found.candidate(pair.current), found.candidate(pair.candidate)
    a, b = first.judgement.score, second.judgement.score
    was, now = a >= first.threshold, b >= second.threshold
    differ = found.rows & np.isfinite(a) & np.isfinite(b) & (was != now)
    at = np.flatnonzero(differ)
    at = at[np.argsort(-np.abs(b[at] - a[at]), kind="stable")]
    outcome = found.data.dataset.outcome
    return [
        FlippedRow(
            row=int(i),
            to="approved" if now[i] else "declined",
            current=float(a[i]),
            candidate=float(b[i]),
            outcome=int(outcome[i]),
        )
        for i in at
    ]
