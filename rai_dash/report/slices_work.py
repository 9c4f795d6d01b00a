"""Error slices of a judgement: which rows and columns are searched, once for the same question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.memo import Recent
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN, Roles
from rai_dash.data.column_facts import ColumnFacts
from rai_dash.data.columns import closest_names
from rai_dash.data.dataset import Dataset
from rai_dash.data.identifiers import is_id_like, is_long_text
from rai_dash.data.personal import personal_columns
from rai_dash.report.shared_json import check_threshold
from rai_dash.trials.slices.axes import MOST_COLUMNS
from rai_dash.trials.slices.finder import SliceOptions, find_slices
from rai_dash.trials.slices.findings import SliceFindings
from rai_dash.trials.slices.searched import Searching

BoolArray = NDArray[np.bool_]
#: Searches that are kept with a judgement.
MOST_KEPT: Final = 8
_ROLES = ("id", "target", "score", "weight", "split")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedSlices:
    """Where a model errs.

    Parameters
    ----------
    findings : SliceFindings
        What was found.
    threshold : float
        Decisions are favourable from this score.
    rows : int (m,)
        Places in the table of the rows that were looked at: judged, with an outcome and a score.
    no_outcome, no_score : int
        Judged rows without an outcome; and those with one but without a score.
    left_out : dict of str to str
        Columns that slices may not speak of, with the reason.
    """

    findings: SliceFindings
    threshold: float
    rows: NDArray[np.intp]
    no_outcome: int
    no_score: int
    left_out: dict[str, str]


def slice_columns(dataset: Dataset) -> tuple[tuple[str, ...], dict[str, str]]:
    """Choose the columns that slices may speak of: features and sensitive ones.

    Returns
    -------
    columns : tuple of str
        At most as many as can be searched.
    left_out : dict of str to str
        The others, with the reason.
    """
    wanted = tuple(dict.fromkeys([*dataset.features, *dataset.roles.sensitive]))
    barred = _barred(dataset)
    left_out = {c: why for c, why in barred.items() if c in dataset.columns}
    kept = [c for c in wanted if c not in barred]
    left_out |= {
        c: "no feature and no sensitive column" for c in dataset.columns if c not in {*wanted, *barred}
    }
    # Sensitive ones are never those that are cut.
    kept.sort(key=lambda c: c not in dataset.roles.sensitive)
    left_out |= dict.fromkeys(kept[MOST_COLUMNS:], f"more than {MOST_COLUMNS} columns")
    chosen = set(kept[:MOST_COLUMNS])
    return tuple(c for c in wanted if c in chosen), left_out


def _barred(dataset: Dataset) -> dict[str, str]:
    """Name the columns that no slice may speak of, with the reason."""
    roles: Roles = dataset.roles
    barred = {column: f"it is the {role}" for role in _ROLES if (column := getattr(roles, role)) is not None}
    barred |= {c: f"it holds {what}" for c, what in personal_columns(dataset.frame, roles).items()}
    for column in dataset.columns:
        facts = ColumnFacts(dataset.frame[column])
        if column in barred:
            continue
        if is_long_text(facts):
            barred[column] = "it holds free text"
        elif not facts.is_number and is_id_like(facts):
            barred[column] = "it names the row"
    return barred


def _chosen(dataset: Dataset, columns: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    if not columns:
        return slice_columns(dataset)
    barred = _barred(dataset)
    for column in columns:
        if column not in dataset.columns:
            close = closest_names(column, dataset.columns)
            hint = f"Did you mean `{close[0]}`?" if close else f"It has: {', '.join(dataset.columns[:12])}."
            msg = tr("There is no column `{column}` to search for slices. {hint}", column=column, hint=hint)
            raise InvalidChoice(msg)
        if column in barred:
            msg = tr(
                "Slices may not speak of `{column}`: {barred}. Choose other columns.",
                column=column,
                barred=barred[column],
            )
            raise InvalidChoice(msg)
    return tuple(dict.fromkeys(columns)), {c: why for c, why in barred.items() if c in dataset.columns}


def wrong_rows(judgement: Judgement, threshold: float) -> BoolArray:
    """Mark the rows that are decided otherwise than they turned out, bool (n,); see ``known_rows`` for which count."""
    approved = judgement.score >= threshold
    return np.asarray(approved != (judgement.data.dataset.outcome == FAVOURABLE))


def known_rows(judgement: Judgement) -> BoolArray:
    """Mark the judged rows with an outcome and a score, bool (n,)."""
    has_outcome = judgement.data.dataset.outcome != UNKNOWN
    return np.asarray(judgement.judged & has_outcome & np.isfinite(judgement.score))


def slices_of(
    judgement: Judgement,
    *,
    threshold: float,
    columns: Sequence[str] = (),
    options: SliceOptions | None = None,
    search: Searching | None = None,
) -> JudgedSlices:
    """Find the slices in which wrong decisions concentrate, once for the same question.

    Parameters
    ----------
    judgement : Judgement
        The pair of data and model.
    threshold : float
        Decisions are favourable from this score.
    columns : sequence of str
        Columns that slices may speak of; empty = features and sensitive columns (`slice_columns`).
    options : SliceOptions, optional
        How to search.
    search : callable, optional
        As for `find_slices`: where the long part runs.

    Raises
    ------
    InvalidChoice
        When the threshold is none, or a column is not there or names people.
    """
    check_threshold(threshold)
    how = options or SliceOptions()

    def find() -> JudgedSlices:
        dataset = judgement.data.dataset
        chosen, left_out = _chosen(dataset, columns)
        known = known_rows(judgement)
        rows = np.flatnonzero(known)
        has_outcome = judgement.judged & (dataset.outcome != UNKNOWN)
        findings = find_slices(
            dataset.frame.iloc[rows],
            wrong_rows(judgement, threshold)[rows],
            chosen,
            weight=dataset.weight[rows] if dataset.roles.weight else None,
            seed=_seed(judgement, threshold, chosen),
            options=how,
            search=search,
        )
        return JudgedSlices(
            findings=findings, threshold=threshold, rows=rows,
            no_outcome=judgement.n_judged - int(has_outcome.sum()),
            no_score=int(has_outcome.sum()) - rows.size, left_out=left_out,
        )  # fmt: skip

    # Each holds its rows, and there is no end of thresholds.
    kept: Recent = judgement.memo.get("error_slices", lambda: Recent(MOST_KEPT))
    return kept.get((threshold, tuple(columns), how), find)


def _seed(judgement: Judgement, threshold: float, columns: Sequence[str]) -> int:
    dataset, model = judgement.data.dataset, judgement.model
    seen_by = (
        dataset.roles.score if model is None else [model.model.info.fingerprint, model.model.model_class]
    )
    named = ["slices", dataset.fingerprint, dataset.roles_fingerprint, seen_by, threshold, list(columns)]
    return int(fingerprint_value(named)[:8], 16)
