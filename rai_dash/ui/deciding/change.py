"""What would change it: the smallest changes, the nearest people decided otherwise, and the rule that keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from rai_dash.core.texts import mark, tr
from rai_dash.data.columns import is_number
from rai_dash.explain._asking import Watch
from rai_dash.explain.anchors import Anchor
from rai_dash.explain.counterfactuals import (
    Constraints,
    Counterfactuals,
    named_first,
    people_like,
    sentence,
)
from rai_dash.explain.counterfactuals.found import Changes
from rai_dash.govern.people import AppRole
from rai_dash.report.decision_work import rule_of, suggested_fixed, ways
from rai_dash.ui import headers, widgets
from rai_dash.ui.applicants import name_of
from rai_dash.ui.deciding import words
from rai_dash.ui.deciding.neighbours import neighbours
from rai_dash.ui.drivers import asked
from rai_dash.ui.explanations import Applicant
from rai_dash.ui.text import NOTHING, count, number, percent, plain, safe, score_beside

COST = mark(
    "Cost: 0.5 a change, and 1 for another category or the step of a number over three times its typical "
    "distance from the median; it is no statement about effort. People like that: reference rows with "
    "the new categories and this applicant's own sensitive ones; with few or none such a person hardly "
    "exists. A change here moves the score of this model; it need not move what happens in life."
)


def change(applicant: Applicant) -> None:
    """Draw the three answers."""
    _changes(applicant)
    neighbours(applicant)
    _rule(applicant)


def _constraints(applicant: Applicant) -> Constraints:
    """Let the user say what may change."""
    names = list(applicant.names)
    numeric = [name for name in names if is_number(applicant.reference[name])]
    suggested = list(suggested_fixed(applicant))
    if suggested:
        widgets.note(
            tr(
                "Suggested to stay as they are: {suggested}, which are sensitive or go together with what "
                "is. Add what nobody can change.",
                suggested=", ".join(safe(n) for n in suggested),
            )
        )
    left, right = st.columns(2)
    fixed = left.multiselect(
        tr("Stays as it is"),
        names,
        default=suggested,
        format_func=plain,
        key="change_fixed",
    )
    free = [n for n in numeric if n not in fixed]
    with right:
        up = st.multiselect(tr("May only rise"), free, format_func=plain, key="change_up")
        down = st.multiselect(
            tr("May only fall"), [n for n in free if n not in up], format_func=plain, key="change_down"
        )
    return Constraints(
        immutable=tuple(fixed), only_up=tuple(up), only_down=tuple(down), linked=applicant.linked
    )


def _changes(applicant: Applicant) -> None:
    widgets.heading(tr("The smallest changes"), tr("What the model would have to see to decide otherwise"))
    constraints = _constraints(applicant)
    threshold = applicant.threshold

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Counterfactuals:
        return ways(applicant, constraints, threshold, Watch(progress, cancelled))

    wanted: dict[str, object] = {
        "row": applicant.row,
        "threshold": threshold,
        "fixed": list(constraints.immutable),
        "up": list(constraints.only_up),
        "down": list(constraints.only_down),
    }
    found: Counterfactuals | None = asked.at_once(
        applicant.view,
        "counterfactuals",
        wanted,
        work,
        key="counterfactuals",
        role=AppRole.EXPERT,
    )
    if found is None:
        return
    alike = [_alike(applicant, one.changes) for one in found.found]
    headline = named_first(found, alike)
    widgets.finding(words.change_sentence(found, headline or 0), warn=not found.feasible)
    if found.feasible and headline is None:
        widgets.notice(
            tr(
                "Nobody in the reference rows is like any of these: the model is asked about people who "
                "hardly exist."
            )
        )
    if found.feasible:
        st.dataframe(
            headers.shown(change_frame(found, alike, len(applicant.reference))),
            hide_index=True,
            alt=tr("Changes after which the model decides otherwise, cheapest first."),
        )
        widgets.note(tr(COST))
    widgets.numbers(
        lambda: way_frame(found, alike, len(applicant.reference)), name="ways", key="ways", about=_about(applicant)
    )  # fmt: skip


def way_frame(found: Counterfactuals, alike: Sequence[int | None], rows: int) -> pd.DataFrame:
    """Return one row a change: the way it belongs to, values before and after, score and cost of the way."""
    ways = list(zip(found.found, alike, strict=True)) or [(found.closest, None)]
    return pd.DataFrame(
        [
            {
                "way": place if found.feasible else tr("none feasible; the closest"),
                "column": plain(column),
                "own value": plain("" if before is None else before),
                "new value": plain("" if after is None else after),
                "score": one.score,
                "cost": one.cost,
                "changes": one.n_changes,
                "people like that": n,
                "reference rows": rows,
            }
            for place, (one, n) in enumerate(ways, start=1)
            for column, (before, after) in one.changes.items()
        ]
    )


def _about(applicant: Applicant) -> dict[str, str]:
    return {
        "applicant": plain(name_of(applicant.judgement, applicant.row)),
        "threshold": percent(applicant.threshold),
    }


def change_frame(found: Counterfactuals, alike: Sequence[int | None], rows: int) -> pd.DataFrame:
    """Return one row a way to the other decision, the cheapest first."""
    return pd.DataFrame(
        {
            "with": [plain(sentence(one.changes), limit=words.LONG) for one in found.found],
            "score": [score_beside(one.score, found.threshold) for one in found.found],
            "people like that": [
                NOTHING if n is None else tr("{n} of {rows}", n=count(n), rows=count(rows)) for n in alike
            ],
            "instead of": [
                plain(
                    sentence({c: (after, before) for c, (before, after) in one.changes.items()}),
                    limit=words.LONG,
                )
                for one in found.found
            ],
            "changes": [one.n_changes for one in found.found],
            "cost": [number(one.cost) for one in found.found],
        }
    )


def _alike(applicant: Applicant, changes: Changes) -> int | None:
    return people_like(applicant.reference, applicant.own, changes, applicant.sensitive)


def _rule(applicant: Applicant) -> None:
    widgets.heading(tr("The rule that keeps the decision"), tr("Values under which the others hardly matter"))
    threshold = applicant.threshold

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Anchor:
        return rule_of(applicant, threshold, Watch(progress, cancelled))

    found: Anchor | None = asked.by_button(
        applicant.view,
        "anchor",
        {"row": applicant.row, "threshold": threshold},
        work,
        label=tr("Look for the rule"),
        idle=tr("Tries rules of up to four of the applicant's values on changed reference rows."),
        key="rule",
        role=AppRole.EXPERT,
    )
    if found is None:
        return
    for text in words.rule_sentences(found):
        widgets.paragraph(text)
    at = percent(found.target)
    widgets.note(
        tr("A rule counts when at least {at} of fresh draws keep the decision, with 95 % confidence.", at=at)
    )
    inside = [
        c for c in applicant.sensitive if found.rule and any(c == one.column for one in found.rule.conditions)
    ]
    if inside:
        widgets.notice(
            tr(
                "The rule rests on {inside}, which may not decide.",
                inside=", ".join(safe(c) for c in inside),
            )
        )
    widgets.numbers(lambda: rule_frame(found), name="rule", key="rule", about=_about(applicant))


def rule_frame(found: Anchor) -> pd.DataFrame:
    """Return the figures of the rule, or of the nearest one where none reaches the target."""
    rule = found.rule or found.nearest
    if rule is None:
        return pd.DataFrame()
    return pd.DataFrame(
        [
            {
                "rule": plain(rule.text, limit=words.LONG),
                "reaches the target": found.rule is not None,
                "what": what,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "of": one.denominator,
            }
            for what, one in (("precision", rule.precision), ("coverage", rule.coverage), ("seen", rule.seen))
        ]
    )
