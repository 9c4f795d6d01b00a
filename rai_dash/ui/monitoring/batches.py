"""Which rows are held against the policy, counted and judged once for each policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rai_dash.case import CaseData, CaseModel, DataRole, Exposure
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.all_rows import require_all_rows
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.dataset import Dataset
from rai_dash.govern.monitor.counting import Batch, BatchFacts, batch_of, columns_as_at_signing, count_batch
from rai_dash.govern.monitor.counts import BatchCounts
from rai_dash.govern.monitor.judging import judge_batch
from rai_dash.govern.monitor.lines import MonitorReport
from rai_dash.govern.policy import Policy
from rai_dash.ui import controls, doors, state, widgets
from rai_dash.ui.monitoring import in_place
from rai_dash.ui.monitoring.basis import Basis
from rai_dash.ui.reviewing.recent import Recent
from rai_dash.ui.state import View
from rai_dash.ui.text import plain

#: In this order data are offered: what came in comes first.
_ORDER: Final = (DataRole.PRODUCTION, DataRole.LIVING, DataRole.COLLECTED, DataRole.TRAINING)
#: Results that are kept with a case, of one policy and batch each.
_KEPT: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A batch that was counted and held against a policy; ``scores`` is the column of its scores, empty = the model.

    ``in_place``: what is known of a batch that was counted where it lies; None = its rows are in memory.
    """

    data: CaseData
    scores: str
    counts: BatchCounts
    report: MonitorReport
    in_place: BatchFacts | None = None


def offered(view: View) -> list[CaseData]:
    """Return the data of the case, production first."""
    return sorted(view.case.data, key=lambda d: _ORDER.index(d.role))


def first_batch(view: View, policy: Policy) -> CaseData:
    """Return the data to begin with: the first that are not those that were signed, production before others."""
    data = offered(view)
    return next((d for d in data if d.dataset.fingerprint != policy.data.sha256), data[0])


def chosen(view: View, basis: Basis, place: DeltaGenerator) -> CaseData:
    """Let the user pick the batch; ``place`` is where."""
    data = {d.key: d for d in offered(view)}
    picked = view.choices.batch if view.choices.batch in data else first_batch(view, basis.policy).key
    with place:
        key = controls.pick(
            tr("Batch"), "batch", list(data), {k: plain(d.title) for k, d in data.items()}, current=picked,
            meaning=tr("The rows that came in. Whether their outcomes are known already does not matter."),
    )  # fmt: skip
    return data[key]


def scores_from(view: View, policy: Policy, data: CaseData) -> str:
    """Let the user say that a column of the batch holds the scores of the signed model; empty = the model does."""
    if policy.model.sha256 is None:
        return ""
    kept: Recent = view.case.memo.get("score columns", lambda: Recent(_KEPT))
    key = (policy.model, policy.score, policy.data.sensitive, policy.data.target, data.dataset.fingerprint)
    columns = kept.get(str(key), lambda: score_columns(policy, data.dataset))
    if not columns:
        return ""
    names = {"": tr("the model that was signed"), **{c: tr("the column {c}", c=plain(c)) for c in columns}}
    return controls.pick(
        tr("Its scores come from"), "batch_score", list(names), names,
        meaning=tr("A batch that was scored in production may bring its scores along. Which model gave them cannot "
"be checked then."),
    )  # fmt: skip


def score_columns(policy: Policy, dataset: Dataset) -> tuple[str, ...]:
    """List the columns of numbers that may be scores: on the scale of the policy, of more than two values, no input."""
    taken = {*policy.model.features, *policy.data.sensitive, policy.data.target}
    low, high = policy.score.low, policy.score.high
    found = []
    for name in dataset.columns:
        if name in taken or not is_number(dataset.frame[name]):
            continue
        values = numbers(dataset.frame[name])
        known = values[np.isfinite(values)]
        if known.size and low <= known.min() and known.max() <= high and np.unique(known[:1000]).size > 2:
            found.append(name)
    return tuple(found)


def door(view: View) -> None:
    """Take another batch in; the data looked at stay the same."""
    with st.expander(
        tr("Bring another batch"), icon=":material/upload_file:", key="monitor_door", on_change="rerun"
    ) as box:
        if not box.open:
            return
        widgets.note(
            tr(
                "A table with the columns that the model reads, as at signing. The column of the outcome may "
                "be missing, or blank where it is not known yet."
            )
        )
        looked_at = state.choices().data

        def take() -> None:
            state.choose(data=looked_at, batch=state.choices().data)

        doors.table_door(view, DataRole.PRODUCTION, label=tr("Batch file"), then=take)


def scorer(view: View, policy: Policy) -> CaseModel | None:
    """Return the model of the case that was signed; None = the policy decides by a column of scores.

    Raises
    ------
    InvalidChoice
        When the case does not have it, or has it the other way round.
    """
    if policy.model.sha256 is None:
        return None
    same = [m for m in view.case.models if m.model.info.fingerprint == policy.model.sha256]
    right = [m for m in same if m.model.model_class == policy.model.favourable_class]
    if right:
        return right[0]
    if same:
        msg = (
            f"The policy was signed with `{policy.model.favourable_class}` as the favourable class of its model, "
            "and in this case another class is. Turn the model on the Start page."
        )
        raise InvalidChoice(msg)
    msg = (
        f"The model that was signed, `{policy.model.name}`, is not in this case, and scores of another one say "
        "nothing about it. Add it on the Start page, or bring a batch with a column of its scores."
    )
    raise InvalidChoice(msg)


def rows_of(view: View, policy: Policy, data: CaseData, scores: str = "") -> Batch:
    """Score a batch as the policy does, once, or take the scores from a column of it.

    Raises
    ------
    RaiError
        When the model of the policy is not there, or the batch does not fit it.
    """
    require_all_rows(data.dataset, tr("Looking at the rows of a batch"))
    model = None if scores else scorer(view, policy)
    if model is None:
        return batch_of(policy, data.dataset, score_column=scores or None)
    with columns_as_at_signing():
        judgement = view.case.judge(data.key, model.key)
    return batch_of(policy, data.dataset, model=model.model, score=judgement.score, notices=judgement.notices)


def exposure(view: View, policy: Policy, data: CaseData, scores: str = "") -> Exposure:
    """Say whether the signed model was trained on the rows of a batch; a column of scores names no model."""
    model = None if scores else scorer(view, policy)
    return Exposure.UNKNOWN if model is None else view.case.judge(data.key, model.key).exposure


def judged(view: View, basis: Basis, data: CaseData, scores: str = "") -> Judged | None:
    """Count a batch and hold it against the policy, once; None = it is counted where it lies, and is not yet.

    Raises
    ------
    RaiError
        As of `rows_of`, and where the policy was drafted without a record of its rows.
    """
    policy, dataset = basis.policy, data.dataset
    if dataset.portfolio is not None:
        return _judged_in_place(view, basis, data, scores)

    def make() -> Judged:
        rows = rows_of(view, policy, data, scores)
        counts = count_batch(policy, rows)
        report = judge_batch(
            policy,
            counts,
            rows=rows,
            reference=_signed_rows(view, policy),
            label=data.title,
            subject=basis.subject,
        )
        return Judged(data=data, scores=scores, counts=counts, report=report)

    kept: Recent = view.case.memo.get("monitored", lambda: Recent(_KEPT))
    return kept.get(
        (basis.key, basis.subject, data.key, scores, dataset.fingerprint, dataset.roles_fingerprint), make
    )


def _judged_in_place(view: View, basis: Basis, data: CaseData, scores: str) -> Judged | None:
    """Hold a batch against the policy whose rows stay where they are."""
    policy = basis.policy
    found = in_place.counted(view, policy, data, None if scores else scorer(view, policy), scores)
    if found is None:
        return None
    facts, counts = found

    def make() -> Judged:
        report = judge_batch(
            policy,
            counts,
            label=data.title,
            notices=(*data.dataset.warnings, *facts.notices),
            subject=basis.subject,
        )
        return Judged(data=data, scores=scores, counts=counts, report=report, in_place=facts)

    kept: Recent = view.case.memo.get("monitored", lambda: Recent(_KEPT))
    return kept.get((basis.key, basis.subject, data.key, scores, facts.sha256, counts.basis), make)


def _signed_rows(view: View, policy: Policy) -> Dataset | None:
    """Find the rows that were signed among the data of the case."""
    found = (d.dataset for d in view.case.data if d.dataset.fingerprint == policy.data.sha256)
    return next(found, None)
