"""All figures of a queue: what waits, how people agree, how right they are, what they change, how the machine does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN, Estimate
from rai_dash.data.groups import GroupIndex
from rai_dash.govern.queue._strata import weighted_share
from rai_dash.govern.queue.figures import (
    NO_OUTCOME,
    NO_PAIRS,
    Accuracy,
    Deference,
    Spread,
    accuracy,
    agreement,
    deference,
    kappa,
    share,
    spread,
)
from rai_dash.govern.queue.reads import (
    APPROVED,
    NO_SIDE,
    OPEN,
    REFUSED,
    UNSURE,
    Reads,
    reads_of,
    settled_codes,
)
from rai_dash.govern.queue.state import Queue
from rai_dash.review.audit_sample import AuditFigures, AuditSample, audit_figures
from rai_dash.review.row_routes import RowRoutes
from rai_dash.review.rows import TO_A_PERSON

Codes = NDArray[np.int8]
BoolArray = NDArray[np.bool_]
_NOBODY: Final = "nobody has decided such a case yet"
_MISSING_BY_DECISION: Final = (
    "people decided both ways on a route where outcomes are missing, and whose outcome is known may "
    "hang on that"
)
_EARLY: Final = "not every route has a decided case with a known outcome yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How far a queue is.

    Parameters
    ----------
    cases, review, audit : int
        All; those that the policy sends to a person; automatic decisions that are looked at as well.
    settled, unsure, waiting, escalated, twice : int
        Where a decision stands; where nobody could say; the others; those that needed a third person so far; those
        that two people have read.
    accepted, known : int
        Those taken over; those whose outcome is known.
    """

    cases: int
    review: int
    audit: int
    settled: int
    unsure: int
    waiting: int
    escalated: int
    twice: int
    accepted: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """People's decisions about one group.

    Parameters
    ----------
    group : str
    people : int
        Cases of the group that somebody has decided.
    approved : Estimate
        Of the settled cases that the policy sent to a person, the share approved.
    agreement : Estimate
        Of two blind readers.
    h1, h0 : Estimate
        See `rai_dash.govern.queue.figures.Accuracy`; of cases that the policy sent to a person.
    """

    group: str
    people: int
    approved: Estimate
    agreement: Estimate
    h1: Estimate
    h0: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderLine:
    """One person's reads; ``reader`` is a reference."""

    reader: str
    reads: int
    approved: Estimate
    followed: Estimate
    overrides: Estimate
    accuracy: Accuracy
    seconds: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """What a queue says.

    Parameters
    ----------
    counts : Counts
    agreement, kappa : Estimate
        Of the first and the second reader, blind.
    deference : Deference
        Of first and second readers: a third has seen the others as well.
    overrides : Estimate
        Of the final decisions, those against the model's side of the threshold.
    seconds : Spread
        Of blind decisions.
    accuracy : Accuracy
        Of first readers, on cases that the policy sent to a person: what the review band assumes.
    accuracy_all : mapping of str to Estimate
        ``h1`` and ``h0`` over all applications, audited ones standing for those not drawn; undefined while outcomes
        of decided cases are missing.
    audit_outcomes, audit_people : AuditFigures
        Errors of the automatic part, judged by outcomes, and by what the first reader said blind.
    groups : mapping of str to tuple of GroupLine
        By sensitive column; empty once the rows are deleted.
    readers : tuple of ReaderLine
        Most reads first.
    """

    counts: Counts
    agreement: Estimate
    kappa: Estimate
    deference: Deference
    overrides: Estimate
    seconds: Spread
    accuracy: Accuracy
    accuracy_all: Mapping[str, Estimate]
    audit_outcomes: AuditFigures
    audit_people: AuditFigures
    groups: Mapping[str, tuple[GroupLine, ...]]
    readers: tuple[ReaderLine, ...]


def figures_of(queue: Queue, outcome: Codes, groups: Mapping[str, GroupIndex] | None = None) -> QueueFigures:
    """Count everything that a queue says.

    Parameters
    ----------
    queue : Queue
    outcome : int8 (cases,)
        0 unfavourable, 1 favourable, 2 not known (yet).
    groups : mapping of str to GroupIndex, optional
        Of the cases by sensitive column.
    """
    reads, standing = reads_of(queue), settled_codes(queue)
    pairs = reads.pairs()
    independent = reads.where((reads.place <= 2) & reads.is_done)
    first = first_words(queue, reads)
    review = np.array([not case.is_audit for case in queue.cases], dtype=bool)
    return QueueFigures(
        counts=_counts(queue, standing, outcome),
        agreement=agreement(pairs[1], pairs[2]),
        kappa=kappa(pairs[1], pairs[2]),
        deference=_deference(independent, outcome),
        overrides=_overrides(reads),
        seconds=spread(reads.seconds),
        accuracy=accuracy(first[review], outcome[review]),
        accuracy_all=_accuracy_all(queue, first, outcome),
        audit_outcomes=_audit_by_outcomes(queue, outcome, standing),
        audit_people=_audit(queue, np.where(first < 0, UNKNOWN, first).astype(np.int8)),
        groups={
            column: _group_lines(index, queue, reads, standing, outcome)
            for column, index in (groups or {}).items()
        },
        readers=reader_lines(reads, outcome),
    )


def reader_lines(reads: Reads, outcome: Codes) -> tuple[ReaderLine, ...]:
    """Count what each person said, most reads first."""
    refs = np.array(reads.reader, dtype=object)
    lines = []
    for ref in dict.fromkeys(reads.reader):
        own = reads.where(np.asarray(refs == ref, dtype=bool))
        independent = own.where((own.place <= 2) & own.is_done)
        lines.append(
            ReaderLine(
                reader=ref,
                reads=int(own.case.size),
                approved=share(own.blind == APPROVED, own.blind != UNSURE, _NOBODY),
                followed=_deference(independent, outcome).followed,
                overrides=_overrides(own),
                accuracy=accuracy(own.blind, outcome[own.case]),
                seconds=spread(own.seconds),
            )
        )
    return tuple(sorted(lines, key=lambda line: -line.reads))


def first_words(queue: Queue, reads: Reads) -> Codes:
    """Return what the first reader said blind of each case, int8 (cases,); `OPEN` = nobody did.

    Where a first reader never finished and another took their place, the one who finished counts.
    """
    found = np.full(len(queue.cases), OPEN, dtype=np.int8)
    firsts = reads.where(reads.place == 1)
    for done in (False, True):
        own = firsts.where(firsts.is_done == done)
        found[own.case] = own.blind
    return found


def _counts(queue: Queue, standing: Codes, outcome: Codes) -> Counts:
    cases = queue.cases
    audit = sum(case.is_audit for case in cases)
    return Counts(
        cases=len(cases),
        review=len(cases) - audit,
        audit=audit,
        settled=int(((standing == APPROVED) | (standing == REFUSED)).sum()),
        unsure=int((standing == UNSURE).sum()),
        waiting=int((standing == OPEN).sum()),
        escalated=sum(case.is_escalated for case in cases),
        twice=sum(len(case.finals) >= 2 for case in cases),
        accepted=sum(case.accepted is not None for case in cases),
        known=int((outcome != UNKNOWN).sum()),
    )


def _deference(reads: Reads, outcome: Codes) -> Deference:
    return deference(reads.blind, reads.final, reads.side, outcome[reads.case])


def _overrides(reads: Reads) -> Estimate:
    done = reads.where(reads.is_done & (reads.side != NO_SIDE) & (reads.final != UNSURE))
    return share(done.override, np.ones(done.case.shape, dtype=bool), _NOBODY)


def _accuracy_all(queue: Queue, first: Codes, outcome: Codes) -> dict[str, Estimate]:
    said = (first == APPROVED) | (first == REFUSED)
    known = said & (outcome != UNKNOWN)
    if not known.any():
        return {name: Estimate.undefined(NO_OUTCOME) for name in ("h1", "h0")}
    if int(known.sum()) < int(said.sum()):
        why = tr("outcomes of decided cases are missing, and routes cannot be put together without them")
        return {name: Estimate.undefined(why) for name in ("h1", "h0")}
    route = np.array([{"r": 0, "v": 1, "a": 2}[case.route] for case in queue.cases], dtype=np.int8)
    sizes = np.array(queue.fill.batch_routes, dtype=np.int64)
    found = {}
    for name, label, right in (("h1", FAVOURABLE, APPROVED), ("h0", UNFAVOURABLE, REFUSED)):
        of = outcome[known] == label
        hits = of & (first[known] == right)
        found[name] = weighted_share(hits, of, route[known], sizes, undefined=_EARLY)
    return found


def _audit_by_outcomes(queue: Queue, outcome: Codes, standing: Codes) -> AuditFigures:
    """Estimate the errors of the automatic part, unless whose outcome is known may hang on what was decided.

    Who is refused in the end gets no loan and shows no outcome: where both answers were given on a route and outcomes
    are missing there, the known ones are not those of the route.
    """
    routes = np.array([case.route for case in queue.cases])
    judged = outcome.copy()
    for letter in "ra":
        own = routes == letter
        answers = np.unique(standing[own & ((standing == APPROVED) | (standing == REFUSED))])
        if answers.size > 1 and bool((outcome[own] == UNKNOWN).any()):
            judged[own] = UNKNOWN
    found = _audit(queue, judged)
    if np.array_equal(judged, outcome):
        return found
    told = Estimate.undefined(_MISSING_BY_DECISION)
    return replace(
        found,
        judged=int((outcome[routes != "v"] != UNKNOWN).sum()),
        totals={name: told if e.value is None else e for name, e in found.totals.items()},
        rates={name: told if e.value is None else e for name, e in found.rates.items()},
    )


def _audit(queue: Queue, outcome: Codes) -> AuditFigures:
    """Estimate the errors of the automatic part; the drawn rows stand first on their route, which changes nothing."""
    routes = np.repeat(np.arange(3, dtype=np.int8), queue.fill.batch_routes)
    judged = np.full(routes.shape, UNKNOWN, dtype=np.int8)
    drawn = np.zeros(routes.shape, dtype=bool)
    begin = 0
    for code, letter in enumerate("rva"):
        own = np.array([case.route == letter for case in queue.cases], dtype=bool)
        if code != TO_A_PERSON:
            judged[begin : begin + int(own.sum())] = outcome[own]
            drawn[begin : begin + int(own.sum())] = True
        begin += queue.fill.batch_routes[code]
    automatic = routes != TO_A_PERSON
    sample = AuditSample(
        drawn=drawn,
        seen=drawn | ~automatic,
        probability=np.where(automatic, max(queue.fill.audit_share, np.finfo(float).tiny), 1.0),
    )
    whole = RowRoutes(route=routes, reason=np.zeros(routes.shape, dtype=np.intp), reasons=("",))
    return audit_figures(whole, sample, judged)


def _group_lines(
    index: GroupIndex, queue: Queue, reads: Reads, standing: Codes, outcome: Codes
) -> tuple[GroupLine, ...]:
    review = np.array([not case.is_audit for case in queue.cases], dtype=bool)
    first, (paired, one, other) = first_words(queue, reads), reads.pairs()
    lines = []
    for code, name in enumerate(index.groups):
        own = index.codes == code
        in_band = own & review
        both = own[paired]
        right = accuracy(first[in_band], outcome[in_band])
        settled = in_band & ((standing == APPROVED) | (standing == REFUSED))
        lines.append(
            GroupLine(
                group=name,
                people=int((own & (first != OPEN)).sum()),
                approved=share(standing == APPROVED, settled, _NOBODY),
                agreement=share(one == other, both, NO_PAIRS),
                h1=right.h1,
                h0=right.h0,
            )
        )
    return tuple(lines)
