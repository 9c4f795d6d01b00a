"""One decision as JSON: what would change it, the rule that keeps it, who is most alike, and why it was a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.explain.anchors import Anchor, Rule
from rai_dash.explain.counterfactuals import (
    Constraints,
    Counterfactual,
    Counterfactuals,
    named_first,
    people_like,
    sentence,
)
from rai_dash.explain.nearest import BY_RANGE, Neighbour, convention
from rai_dash.explain.question import USUAL, Question
from rai_dash.explain.reason_texts import ReasonTexts
from rai_dash.explain.what_if import Ice, WhatIf
from rai_dash.report.applicant import Applicant
from rai_dash.report.decision_work import (
    OWN,
    TYPICAL,
    changed,
    curve_of,
    neighbours_of,
    rule_of,
    steady_of,
    suggested_fixed,
    ways,
)
from rai_dash.report.reasons_json import reasons_json
from rai_dash.report.shared_json import check_threshold, id_of, notice_json
from rai_dash.report.steady_json import steady_json


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionOptions:
    """What to say about each decision, and how; the defaults are those of the page.

    Parameters
    ----------
    threshold : float
        In [0, 1]; favourable at or above.
    counterfactuals, rule, neighbours, reasons, steady : bool
        Whether to say what would change the decision, the rule that keeps it, who is most alike with the other
        decision, draft reasons for a refusal, and how steady the explanation is.
    fixed : tuple of str or None
        Columns that stay as they are; None = the sensitive ones and what goes together with one.
    only_up, only_down : tuple of str
        Columns of numbers that may only rise, or only fall.
    distance : str
        ``"range"`` or ``"spread"``: over what differences of numbers are taken between neighbours.
    baseline : str or None
        ``"just_approved"``, ``"approved"``, ``"near_threshold"`` or ``"population"``; None = the first of them, or all
        approved ones where too few were just approved.
    texts : ReasonTexts or None
        The dictionary of reasons; None = drafts of the columns' names.
    changes : mapping of str to str
        What-if values as text, by column.
    start : str
        ``"own"`` or ``"typical"``: what the what-if values are changed from.
    moves_along : bool
        Whether columns of which a changed one, or one along a curve, says the value go along.
    curves : tuple of str
        Columns along whose values the score is told.
    """

    threshold: float = 0.5
    counterfactuals: bool = False
    rule: bool = False
    neighbours: bool = False
    reasons: bool = False
    steady: bool = False
    fixed: tuple[str, ...] | None = None
    only_up: tuple[str, ...] = ()
    only_down: tuple[str, ...] = ()
    distance: str = BY_RANGE
    baseline: str | None = None
    texts: ReasonTexts | None = None
    changes: Mapping[str, str] = field(default_factory=dict)
    start: str = OWN
    moves_along: bool = True
    curves: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no threshold and no start.

        Raises
        ------
        InvalidChoice
            With what to do.
        """
        check_threshold(self.threshold)
        if self.start not in {OWN, TYPICAL}:
            msg = tr(
                "A what-if starts from {own} or {typical} values, got {start}. Choose one of them.",
                own=f"{OWN!r}",
                typical=f"{TYPICAL!r}",
                start=f"{self.start!r}",
            )
            raise InvalidChoice(msg)

    @property
    def asks(self) -> bool:
        """Whether anything about single decisions is asked."""
        searches = self.counterfactuals or self.rule or self.neighbours or self.reasons or self.steady
        return bool(searches or self.changes or self.curves or self.start != OWN)


def decision_json(
    applicant: Applicant, how: DecisionOptions, question: Question = USUAL
) -> dict[str, object]:
    """Say of one decision what was asked.

    Parameters
    ----------
    applicant, how : Applicant, DecisionOptions
        Who, and what.
    question : Question
        How the explanation was asked whose steadiness is told.

    Returns
    -------
    dict
        ``row``, ``id``, ``score``, ``threshold``, ``decision``, and a key for each question that was asked.
    """
    score = applicant.score
    content: dict[str, object] = {
        "row": applicant.row,
        "id": id_of(applicant.judgement.data.dataset, applicant.row),
        "score": score if np.isfinite(score) else None,
        "threshold": how.threshold,
        "decision": _decision(score, how.threshold),
    }
    if how.counterfactuals:
        content["counterfactuals"] = ways_json(applicant, how)
    if how.rule:
        content["rule"] = rule_json(rule_of(applicant, how.threshold))
    if how.neighbours:
        alike = neighbours_of(applicant, how.threshold, how.distance)
        content["neighbours"] = {
            "distance": convention(how.distance),
            "found": [_neighbour(applicant, one) for one in alike],
        }
    found = None
    if how.steady:
        found = steady_of(applicant, how.threshold, question)
        content["steady"] = steady_json(found)
    if how.reasons:
        content["reasons"] = reasons_json(
            applicant, how.threshold, kind=how.baseline, texts=how.texts, steady=found
        )
    if how.changes or how.curves or how.start != OWN:
        new = changed(applicant, how.changes, start=how.start, moves_along=how.moves_along)
        content["what_if"] = what_if_json(new)
        content["curves"] = [
            curve_json(curve_of(applicant, new, column, moves_along=how.moves_along)) for column in how.curves
        ]
    return content


def _decision(score: float, threshold: float) -> str | None:
    if not np.isfinite(score):
        return None
    return "approved" if score >= threshold else "refused"


def ways_json(applicant: Applicant, how: DecisionOptions) -> dict[str, object]:
    """Look for the smallest allowed changes, and say how many people are like each of them."""
    constraints = Constraints(
        immutable=suggested_fixed(applicant) if how.fixed is None else how.fixed,
        only_up=how.only_up,
        only_down=how.only_down,
        linked=applicant.linked,
    )
    found = ways(applicant, constraints, how.threshold)
    alike = [
        people_like(applicant.reference, applicant.own, one.changes, applicant.sensitive)
        for one in found.found
    ]
    return _found(found) | {
        "constraints": asdict(constraints),
        "found": [_way(one) | {"people_like_that": n} for one, n in zip(found.found, alike, strict=True)],
        "named_first": named_first(found, alike),
        "reference_rows": len(applicant.reference),
    }


def _found(found: Counterfactuals) -> dict[str, object]:
    return {
        "before": found.before,
        "towards": found.towards,
        "feasible": found.feasible,
        "closest": _way(found.closest),
        "most_changes": found.most_changes,
        "tried": found.tried,
    }


def _way(one: Counterfactual) -> dict[str, object]:
    return {
        "if": sentence(one.changes),
        "changes": {c: {"from": before, "to": after} for c, (before, after) in one.changes.items()},
        "n_changes": one.n_changes,
        "cost": one.cost,
        "score": one.score,
    }


def rule_json(found: Anchor) -> dict[str, object]:
    """Write a rule with precision and coverage; where none is found: null, the nearest one and the reason."""
    return {
        "rule": _rule(found.rule),
        "nearest": _rule(found.nearest),
        "reason": found.reason,
        "target": found.target,
        "decision": "approved" if found.is_favourable else "refused",
        "score": found.score,
        "rows_asked": found.rows,
    }


def _rule(rule: Rule | None) -> dict[str, object] | None:
    if rule is None:
        return None
    return {"text": rule.text, **asdict(rule)}


def _neighbour(applicant: Applicant, one: Neighbour) -> dict[str, object]:
    return {
        "row": one.row,
        "id": id_of(applicant.judgement.data.dataset, one.row),
        "score": one.score,
        "distance": one.distance,
        "alike": one.alike,
        "differs": {c: {"own": own, "theirs": theirs} for c, (own, theirs) in one.differs.items()},
    }


def what_if_json(found: WhatIf) -> dict[str, object]:
    """Write the scores with and without the changes."""
    return {
        "before": found.before,
        "after": found.after,
        "difference": found.difference,
        "changes": {c: {"from": own, "to": new} for c, (own, new) in found.changes.items()},
        "notices": [notice_json(notice) for notice in found.notices],
    }


def curve_json(found: Ice) -> dict[str, object]:
    """Write the score along the values of one column."""
    return {
        "column": found.column,
        "linked": list(found.linked),
        "values": list(found.points),
        "labels": list(found.labels),
        "scores": found.scores.tolist(),
        "reference_rows": found.counts.tolist(),
        "own": found.own,
        "own_score": found.own_score,
        "left_out": found.left_out,
    }
