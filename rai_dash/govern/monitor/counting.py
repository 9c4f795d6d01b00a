"""Rows of production, scored and counted once for a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.review_cube import edges_of
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import UNKNOWN, Notice, Roles
from rai_dash.data.columns import is_number, numbers, require_columns
from rai_dash.data.counting import count, not_negative
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex
from rai_dash.govern._policy_monitoring import Monitoring
from rai_dash.govern.monitor._outcomes import outcomes_of, strange_notices
from rai_dash.govern.monitor._rows import column_counts, cubes_of, groups_of
from rai_dash.govern.monitor.counts import BatchCounts
from rai_dash.govern.monitor.states import psi_counts
from rai_dash.govern.policy import Policy
from rai_dash.models.client import Model
from rai_dash.review.conditions import hold
from rai_dash.review.row_routes import probabilities

FloatArray = NDArray[np.float64]
#: The end of a message of `rai_dash.data.columns.require_columns`.
_CHOOSE: Final = mark("Choose another column.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchFacts:
    """What is known of a batch beside its counts.

    Parameters
    ----------
    name, sha256 : str
        Of the table.
    model : str or None
        Fingerprint of the model that gave the scores.
    score_column : str or None
        Column that they were taken from instead.
    notices : tuple of Notice
        Found while reading and scoring.
    """

    name: str
    sha256: str
    model: str | None = None
    score_column: str | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch(BatchFacts):
    """Rows of production in memory with their scores; `batch_of` makes it.

    Parameters
    ----------
    frame : DataFrame (n, ...)
        Every column of it, in plain types.
    score : float64 (n,)
        Probability of the favourable outcome; NaN = none, or a score off its scale.
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 not known (yet).
    weight : float64 (n,) or None
        Where the signed rows carried weights.
    strange_outcomes : dict of str to int
        Labels of the target that nobody had seen at signing.
    """

    frame: pd.DataFrame
    score: FloatArray
    outcome: NDArray[np.int8]
    weight: FloatArray | None
    strange_outcomes: dict[str, int]


def monitoring_of(policy: Policy) -> Monitoring:
    """Return what a policy says about its monitoring.

    Raises
    ------
    InvalidChoice
        When it was drafted without.
    """
    if policy.monitoring is None:
        msg = tr(
            "Version {version} of {policy_id} was drafted without a record of what its rows were like, "
            "so no batch can be compared with it. Draft a new version of it.",
            version=policy.version,
            policy_id=policy.policy_id,
        )
        raise InvalidChoice(msg)
    return policy.monitoring


def basis_of(policy: Policy) -> str:
    """Return the fingerprint of all that a batch is counted by: band, conditions, score, cells."""
    monitoring = monitoring_of(policy).model_dump(mode="json", exclude={"limits"})
    parts = policy.model_dump(mode="json", include={"band", "conditions", "score"})
    return fingerprint_value([parts, monitoring, list(policy.data.sensitive)])


def batch_of(
    policy: Policy,
    dataset: Dataset,
    *,
    model: Model | None = None,
    score_column: str | None = None,
    score: FloatArray | None = None,
    notices: Iterable[Notice] = (),
) -> Batch:
    """Score a table as the policy does, and read its outcomes where it has any.

    Parameters
    ----------
    policy : Policy
    dataset : Dataset
        Its roles do not matter: the policy says what its columns are.
    model : Model, optional
        Scores the rows; opened with the favourable class of the policy.
    score_column : str, optional
        Column with scores that are there already, in the units of the policy; that of the policy when neither is given.
    score : float64 (n,), optional
        Scores that ``model`` gave these rows before; it is not asked again then.
    notices : iterable of Notice
        To carry along.

    Raises
    ------
    InvalidChoice, InvalidRoles, MissingColumn
        When there is nothing to score with, a column is missing that routes or scores need, or the target holds labels
        that nobody knows.
    """
    if dataset.n_rows < dataset.n_all:
        msg = tr(
            "Of `{dataset}` only a sample is in memory, and a sample is not the batch. Count it where it "
            "lies: `rai_dash.govern.monitor.parts.count_parts`, or `rai-dash monitor`.",
            dataset=dataset.name,
        )
        raise InvalidChoice(msg, code="only_a_sample")
    monitoring, found = monitoring_of(policy), [*dataset.warnings, *notices]
    taken = None
    if model is not None and score is None:
        with columns_as_at_signing():
            found += model.match(dataset.with_roles(Roles()))
        scored = model.score(dataset.frame)
        score = scored.scores
        found += scored.notices
    elif score is None:
        taken = score_column or policy.score.column
        score = column_scores(dataset.frame, taken, policy)
    rows = piece_of(policy, dataset.frame, score)
    known = int((rows.outcome != UNKNOWN).sum())
    found += strange_notices(policy.data.target, monitoring.outcomes, rows.strange_outcomes, known=known)
    return replace(
        rows,
        name=dataset.name,
        sha256=dataset.fingerprint,
        model=None if model is None else model.info.fingerprint,
        score_column=taken,
        notices=tuple(found),
    )


def piece_of(policy: Policy, frame: pd.DataFrame, score: FloatArray) -> Batch:
    """Read what is counted off some rows of a batch, or all of them; name and origin are not said yet.

    Parameters
    ----------
    policy : Policy
        With its monitoring.
    frame : DataFrame (n, ...)
        The rows, in plain types.
    score : float64 (n,)
        Their scores.
    """
    monitoring = monitoring_of(policy)
    require_columns(frame, condition_columns(policy))
    outcome, strange = outcomes_of(frame, policy.data.target, monitoring.outcomes)
    return Batch(
        name="",
        sha256="",
        frame=frame,
        score=score,
        outcome=outcome,
        weight=_weights(frame, monitoring),
        strange_outcomes=strange,
    )


@contextmanager
def columns_as_at_signing() -> Iterator[None]:
    """Say of a column that the model needs what to do about it: there is no other one to choose for a batch."""
    try:
        yield
    except MissingColumn as error:
        what = error.message.removesuffix(_CHOOSE).rstrip()
        msg = tr(
            "{what} The model reads it: give the columns of the batch the names that they had at signing.",
            what=what,
        )
        raise MissingColumn(msg) from error


def count_batch(policy: Policy, batch: Batch) -> BatchCounts:
    """Count a batch for a policy; counts of several batches add up.

    Parameters
    ----------
    policy : Policy
        With its monitoring.
    batch : Batch
        From `batch_of` by the same policy.

    Raises
    ------
    InvalidChoice
        When the policy has no monitoring, or a condition does not fit the rows.
    """
    monitoring, frame = monitoring_of(policy), batch.frame
    indices: dict[str, GroupIndex] = {}
    for column in policy.data.sensitive:
        index = groups_of(frame, column, monitoring.bins.get(column))
        if index is not None:
            indices[column] = index
    held = hold(policy.routed_conditions, frame).rows
    routed = np.where(held, np.nan, batch.score)
    watched = {c.name: c for c in monitoring.columns if c.name in frame.columns}
    scores = count(batch.outcome, batch.score, None, weight=batch.weight)
    threshold = np.array([policy.band.threshold])
    return BatchCounts(
        basis=basis_of(policy),
        n=len(frame),
        routed=cubes_of(batch.outcome, routed, indices, edges_of(policy.review_band), batch.weight),
        scored=cubes_of(batch.outcome, batch.score, indices, threshold, batch.weight),
        scores=scores,
        score_counts=psi_counts(batch.score, np.asarray(monitoring.score.edges)),
        columns={name: column_counts(frame[name], one) for name, one in watched.items()},
        models=() if batch.model is None else (batch.model,),
        score_columns=() if batch.score_column is None else (batch.score_column,),
        strange_outcomes=batch.strange_outcomes,
    )


def column_scores(frame: pd.DataFrame, column: str | None, policy: Policy) -> FloatArray:
    """Read scores off a column as the policy's router does; off their scale = none."""
    if column is None:
        msg = tr(
            "The policy {policy_id} decides by the score of a model. Give the model, or name the column "
            "that holds its scores.",
            policy_id=policy.policy_id,
        )
        raise InvalidChoice(msg)
    require_columns(frame, [column])
    series = frame[column]
    if not is_number(series) and not series.isna().all():
        msg = tr(
            "The column `{column}` holds text, so there are no scores in it. Name another column.",
            column=column,
        )
        raise InvalidChoice(msg)
    values = probabilities(series.to_numpy(dtype=np.float64, na_value=np.nan), policy.score.scale)
    return np.where(values > 1.0, np.nan, values)


def condition_columns(policy: Policy) -> list[str]:
    """Name the columns that the conditions of a policy look at."""
    return sorted({test["column"] for c in policy.routed_conditions for test in c.tests()})


def _weights(frame: pd.DataFrame, monitoring: Monitoring) -> FloatArray | None:
    """Return the weights where the signed rows carried some; a batch without the column weighs every row alike."""
    if monitoring.weight is None:
        return None
    if monitoring.weight not in frame.columns:
        return np.ones(len(frame))
    if not is_number(frame[monitoring.weight]):
        msg = tr(
            "The weight column `{weight}` holds text. Give numbers, or leave the column out.",
            weight=monitoring.weight,
        )
        raise InvalidChoice(msg)
    return not_negative(numbers(frame[monitoring.weight]), "weight", blank=1.0)
