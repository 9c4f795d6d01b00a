"""A batch, or several added up, against what was signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import EVERYONE, N_CELLS, N_LABELS, GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.figures import ScoreSums
from rai_dash.core.once import Once
from rai_dash.core.review_cube import N_DECISIONS, ReviewCube, edges_of
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate, Notice
from rai_dash.data.dataset import Dataset
from rai_dash.govern._policy_monitoring import Monitoring
from rai_dash.govern._signed import Figures
from rai_dash.govern.monitor import _figures as figures
from rai_dash.govern.monitor import chance
from rai_dash.govern.monitor._calibration_lines import calibration_lines
from rai_dash.govern.monitor._column_lines import Pair, column_lines, score_lines
from rai_dash.govern.monitor._gap_lines import WATCHED_GAPS, GroupShare, gap_lines
from rai_dash.govern.monitor._making import NO_OUTCOMES, NOTHING, Place, nothing_line, rate_line
from rai_dash.govern.monitor._rows import EVERYONE_COLUMN
from rai_dash.govern.monitor.counting import Batch, basis_of, monitoring_of
from rai_dash.govern.monitor.counts import BatchCounts, ColumnCounts
from rai_dash.govern.monitor.lines import Family, Line, MonitorReport
from rai_dash.govern.monitor.states import State
from rai_dash.govern.monitor.subject import Subject, drafted
from rai_dash.govern.monitor.verdict import verdict_of
from rai_dash.govern.policy import Policy
from rai_dash.review.figures import band_figures
from rai_dash.review.settings import BandCosts

_ROUTES: Final = ("review_rate", "auto_approve_rate", "auto_reject_rate")
_ERRORS: Final = ("auto_error_rate", "fnr_auto", "fpr_auto")
_BY_GROUP: Final = (*_ROUTES, "selection_rate", "auto_error_rate")
_OF_OUTCOMES: Final = frozenset({*_ERRORS, "base_rate"})
#: Shares by group of one side: by name, then by group.
Shares = Mapping[str, Mapping[str, Estimate]]


def judge_batch(
    policy: Policy,
    counts: BatchCounts,
    *,
    rows: Batch | None = None,
    reference: Dataset | None = None,
    label: str = "",
    notices: Iterable[Notice] = (),
    subject: Subject | None = None,
) -> MonitorReport:
    """Hold a batch against a policy.

    Parameters
    ----------
    policy : Policy
        With its monitoring.
    counts : BatchCounts
        From `rai_dash.govern.monitor.counting.count_batch` by the same policy, or the sum of several.
    rows : Batch, optional
        The rows that were counted, and ``reference`` the data set that was signed: both are needed for the exact KS
        of a column, and for nothing else.
    label : str
        What the batch is called.
    notices : iterable of Notice
        To carry along; those of ``rows`` when omitted.
    subject : Subject, optional
        How the policy stands, for the sentence; when omitted it is told of as one that nobody has signed.

    Raises
    ------
    InvalidChoice
        When the policy has no monitoring, or the batch was counted for another one.
    """
    monitoring = monitoring_of(policy)
    if counts.basis != basis_of(policy):
        msg = tr(
            "This batch was counted for another policy than {policy_id}@{version}. Count it anew.",
            policy_id=policy.policy_id,
            version=policy.version,
        )
        raise InvalidChoice(msg)
    lines = chance.allow_for_chance(
        [
            *_model_lines(policy, counts),
            *_headlines(policy, monitoring, counts),
            *_group_lines(policy, monitoring, counts),
            *score_lines(monitoring, counts),
            *column_lines(monitoring, counts, Pair.of(policy, monitoring, rows, reference)),
            *calibration_lines(monitoring, counts),
        ]
    )
    named = subject or drafted(policy)
    carried = tuple(notices) or (() if rows is None else rows.notices)
    return MonitorReport(
        policy_id=policy.policy_id,
        version=policy.version,
        label=label,
        rows=counts.n,
        outcomes=counts.outcomes,
        batches=counts.batches,
        signed=named.is_signed,
        verdict=verdict_of(counts, lines, named),
        lines=lines,
        notices=carried,
        not_watched=dict(monitoring.not_watched),
    )


def restated(report: MonitorReport, counts: BatchCounts, subject: Subject) -> MonitorReport:
    """Return a report whose sentence speaks of the policy as it stands now; every line stays as it is.

    Parameters
    ----------
    report : MonitorReport
    counts : BatchCounts
        From which it was made.
    subject : Subject
    """
    return replace(report, signed=subject.is_signed, verdict=verdict_of(counts, report.lines, subject))


def limits_of(policy: Policy) -> tuple[Line, ...]:
    """Return every line with its signed value and limits, as of a batch without a row."""
    return judge_batch(policy, no_counts(policy)).lines


def no_counts(policy: Policy) -> BatchCounts:
    """Return the counts of no row at all."""
    monitoring = monitoring_of(policy)
    groups: dict[str, list[str]] = {}
    for rate in monitoring.approval:
        groups.setdefault(rate.column, []).append(rate.group if rate.column else EVERYONE)

    def cubes(edges: NDArray[np.float64]) -> dict[str, ReviewCube]:
        return {column: _no_cube(column, tuple(names), edges) for column, names in groups.items()}

    empty = np.zeros((1, N_LABELS, N_CELLS), np.int64)
    sums = Once(lambda: ScoreSums(np.zeros((1, N_LABELS, 4))))
    return BatchCounts(
        basis=basis_of(policy),
        n=0,
        batches=0,
        routed=cubes(edges_of(policy.review_band)),
        scored=cubes(np.array([policy.band.threshold])),
        scores=GroupCounts(column="", groups=(EVERYONE,), counts=empty, score_sums=sums),
        score_counts=np.zeros(len(monitoring.score.counts), np.int64),
        columns={
            c.name: ColumnCounts(n=0, blank=0, cells=np.zeros(len(c.counts), np.int64))
            for c in monitoring.columns
        },
    )


def _no_cube(column: str, groups: tuple[str, ...], edges: NDArray[np.float64]) -> ReviewCube:
    rows = np.zeros((len(groups), N_LABELS, N_DECISIONS, edges.size + 2), np.int64)
    missing = np.zeros(len(groups), np.int64)
    return ReviewCube(column=column, groups=groups, edges=edges, rows=rows, amount_missing=missing)


def _model_lines(policy: Policy, counts: BatchCounts) -> Iterator[Line]:
    """Say whether the scores come from the signed model."""
    signed, place = policy.model.sha256, Place(name="model", family=Family.MODEL)
    if not counts.n:
        yield nothing_line(place, tr("there is no row"))
    elif signed is None and counts.models:
        reason = tr(
            "the policy was signed on the score column {column}, and a model scored the batch",
            column=policy.score.column,
        )
        yield nothing_line(place, reason, state=State.WATCH)
    elif signed is not None and any(model != signed for model in counts.models):
        reason = tr("another model gave the scores than that of the policy")
        yield nothing_line(place, reason, state=State.BREACH, p_value=chance.CERTAIN)
    elif counts.score_columns or signed is None:
        reason = tr("the scores come from a column, so which model gave them cannot be checked")
        yield nothing_line(place, reason)
    else:
        yield Line(**place.parts(), signed=NOTHING, batch=NOTHING, state=State.OK)


def _signed_rates(content: Figures) -> dict[str, Estimate]:
    return {name: rate.estimate() for name, rate in content.rates.items()}


def _batch_rates(policy: Policy, counts: BatchCounts, column: str) -> Shares:
    """Return every share of the batch by the groups of a column; everyone under ``""``."""
    cube = counts.routed[column]
    routes = band_figures(cube, policy.review_band, None, BandCosts()).routes
    names = [name if column else "" for name in cube.groups]
    found = {
        name: {group: routes.estimate(name, i) for i, group in enumerate(names)} for name in routes.estimates
    }
    scored = counts.scored[column]
    approved = figures.approval(scored)
    found["selection_rate"] = {group: approved.at(i) for i, group in enumerate(names)}
    return found


def _signed_shares(policy: Policy, monitoring: Monitoring, column: str) -> Shares:
    found: dict[str, dict[str, Estimate]] = {"selection_rate": {}}
    groups = [("", policy.metrics.overall)] if not column else _groups(policy, column)
    for group, content in groups:
        for name, estimate in _signed_rates(content).items():
            found.setdefault(name, {})[group] = estimate
    for rate in monitoring.approval:
        if rate.column == column:
            found["selection_rate"][rate.group] = rate.rate.estimate()
    return found


def _groups(policy: Policy, column: str) -> list[tuple[str, Figures]]:
    return [(g.group, g) for g in policy.metrics.groups if g.column == column]


def _headlines(policy: Policy, monitoring: Monitoring, counts: BatchCounts) -> Iterator[Line]:
    signed = _signed_shares(policy, monitoring, EVERYONE_COLUMN)
    batch = _batch_rates(policy, counts, EVERYONE_COLUMN)
    families = [
        *((name, Family.ROUTES) for name in _ROUTES),
        ("selection_rate", Family.APPROVAL),
        *((name, Family.ERROR) for name in _ERRORS),
    ]
    for name, family in families:
        place = Place(name=name, family=family)
        yield _rate(place, signed.get(name, {}).get(""), batch[name][""], monitoring, counts)
    rate = figures.base_rate(counts.scored[EVERYONE_COLUMN])
    place = Place(name="base_rate", family=Family.PRIOR)
    yield _rate(place, monitoring.base_rate.estimate(), rate, monitoring, counts)


def _rate(
    place: Place, signed: Estimate | None, batch: Estimate, monitoring: Monitoring, counts: BatchCounts
) -> Line:
    why = NO_OUTCOMES if place.name in _OF_OUTCOMES and not counts.outcomes else None
    return rate_line(
        place, signed or NOTHING, batch, monitoring.limits, is_weighted=monitoring.weight is not None, why_no_batch=why
    )  # fmt: skip


def _group_lines(policy: Policy, monitoring: Monitoring, counts: BatchCounts) -> Iterator[Line]:
    """Compare every signed group, and then the gaps between the groups of a column."""
    gaps: list[Line] = []
    for column in policy.data.sensitive:
        if column not in counts.routed:
            reason = tr(
                "the groups of the batch are not known: the column is missing, or holds something else"
            )
            yield nothing_line(Place(name="groups", family=Family.GROUPS, column=column), reason)
            continue
        signed, batch = _signed_shares(policy, monitoring, column), _batch_rates(policy, counts, column)
        yield from _rates_by_group(column, signed, batch, monitoring, counts)
        gaps += _gaps(policy, column, (signed, batch), monitoring, counts)
    yield from gaps


def _rates_by_group(
    column: str, signed: Shares, batch: Shares, monitoring: Monitoring, counts: BatchCounts
) -> Iterator[Line]:
    known = signed["selection_rate"]
    for group in dict.fromkeys([*known, *batch["selection_rate"]]):
        if group not in known:
            place = Place(name="review_rate", family=Family.GROUPS, column=column, group=group)
            yield nothing_line(place, tr("the group was not there at signing"))
            continue
        for name in _BY_GROUP:
            place = Place(name=name, family=Family.GROUPS, column=column, group=group)
            found = batch[name].get(group, Estimate.undefined(tr("nobody of this group is in the batch")))
            yield _rate(place, signed.get(name, {}).get(group), found, monitoring, counts)


def _gaps(
    policy: Policy, column: str, both: tuple[Shares, Shares], monitoring: Monitoring, counts: BatchCounts
) -> Iterator[Line]:
    signed, batch = both
    cube = counts.routed[column]
    n_batch = dict(zip(cube.groups, cube.n.tolist(), strict=True))
    n_signed = {rate.group: rate.n for rate in monitoring.approval if rate.column == column}
    shares = {
        name: [
            GroupShare(
                group=group, signed=signed[name][group], batch=batch[name][group],
                n_signed=n_signed[group], n_batch=n_batch[group],
            )
            for group in n_signed
            if group in n_batch and group in signed.get(name, {})
        ]
        for name in WATCHED_GAPS.values()
    }  # fmt: skip
    yield from gap_lines(
        column, shares, monitoring.limits,
        min_n=max(policy.settings.min_n, monitoring.limits.min_n), is_weighted=monitoring.weight is not None,
    )  # fmt: skip
