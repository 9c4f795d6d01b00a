"""What would change it: the smallest changes, the nearest people decided otherwise, and the rule that keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.data.columns import is_number
from rai_dash.data.labels import label_text, labels
from rai_dash.explain._asking import Watch
from rai_dash.explain.anchors import Anchor, anchor
from rai_dash.explain.counterfactuals import (
    Candidates,
    Constraints,
    Counterfactuals,
    candidates_of,
    counterfactuals,
    sentence,
)
from rai_dash.explain.counterfactuals.found import Changes
from rai_dash.ui import widgets
from rai_dash.ui.deciding import words
from rai_dash.ui.deciding.neighbours import neighbours
from rai_dash.ui.deciding.stand_ins import stand_ins
from rai_dash.ui.deciding.what_if import linked_of
from rai_dash.ui.drivers import asked
from rai_dash.ui.explanations import Applicant
from rai_dash.ui.text import NOTHING, count, number, percent, plain, safe, score_beside

COST = (
    "Cost: 0.5 a change, and 1 for another category or the step of a number over three times its typical distance "
    "from the median; it is no statement about effort. People like that: reference rows with the new categories and "
    "this applicant's own sensitive ones; with few or none such a person hardly exists. A change here moves the score "
    "of this model; it need not move what happens in life."
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
    suggested = [*applicant.sensitive, *stand_ins(applicant)]
    if suggested:
        widgets.note(
            f"Suggested to stay as they are: {', '.join(safe(n) for n in suggested)}, which are sensitive or go "
            "together with what is. Add what nobody can change."
        )
    left, right = st.columns(2)
    fixed = left.multiselect(
        "Stays as it is",
        names,
        default=suggested,
        format_func=plain,
        key="change_fixed",
    )
    up = right.multiselect(
        "May only rise", [n for n in numeric if n not in fixed], format_func=plain, key="change_up"
    )
    return Constraints(immutable=tuple(fixed), only_up=tuple(up), linked=linked_of(applicant))


def _candidates(applicant: Applicant, constraints: Constraints) -> Candidates:
    return applicant.judgement.memo.get(
        ("candidates", constraints),
        lambda: candidates_of(applicant.reference, applicant.names, constraints),
    )


def _changes(applicant: Applicant) -> None:
    widgets.heading("The smallest changes", "What the model would have to see to decide otherwise")
    constraints = _constraints(applicant)
    threshold = applicant.view.choices.threshold

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Counterfactuals:
        return counterfactuals(
            asked.score_of(applicant.model, cancelled),
            applicant.one,
            _candidates(applicant, constraints),
            threshold=threshold,
            wanted=4,
            watch=Watch(progress, cancelled),
        )

    wanted: dict[str, object] = {
        "row": applicant.row,
        "threshold": threshold,
        "fixed": list(constraints.immutable),
        "up": list(constraints.only_up),
    }
    found: Counterfactuals | None = asked.at_once(
        applicant.view, "counterfactuals", wanted, work, key="counterfactuals"
    )
    if found is None:
        return
    alike = [_alike(applicant, one.changes) for one in found.found]
    headline = next((i for i, n in enumerate(alike) if n != 0), None)
    widgets.finding(words.change_sentence(found, headline or 0), warn=not found.feasible)
    if found.feasible and headline is None:
        widgets.notice(
            "Nobody in the reference rows is like any of these: the model is asked about people who hardly exist."
        )
    if found.feasible:
        st.dataframe(
            change_frame(found, alike, len(applicant.reference)),
            hide_index=True,
            alt="Changes after which the model decides otherwise, cheapest first.",
        )
        widgets.note(COST)


def change_frame(found: Counterfactuals, alike: Sequence[int | None], rows: int) -> pd.DataFrame:
    """Return one row a way to the other decision, the cheapest first."""
    return pd.DataFrame(
        {
            "with": [plain(sentence(one.changes), limit=words.LONG) for one in found.found],
            "score": [score_beside(one.score, found.threshold) for one in found.found],
            "people like that": [NOTHING if n is None else f"{count(n)} of {count(rows)}" for n in alike],
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
    """Count the reference rows with the new categories and the applicant's own sensitive ones; None = no category."""
    new = {c: after for c, (_, after) in changes.items() if not is_number(applicant.reference[c])}
    if not new:
        return None
    own = {c: applicant.own[c] for c in applicant.sensitive if not is_number(applicant.reference[c])}
    # As labels, where a blank is the empty text: blanks equal each other then.
    wanted = {name: label_text(value) for name, value in (own | new).items()}
    holds = np.logical_and.reduce(
        [
            (labels(applicant.reference[n]).fillna("") == text).to_numpy(dtype=bool)
            for n, text in wanted.items()
        ]
    )
    return int(holds.sum())


def _rule(applicant: Applicant) -> None:
    widgets.heading("The rule that keeps the decision", "Values under which the others hardly matter")
    threshold = applicant.view.choices.threshold

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Anchor:
        return anchor(
            asked.score_of(applicant.model, cancelled),
            applicant.one,
            applicant.reference,
            threshold=threshold,
            linked=linked_of(applicant),
            watch=Watch(progress, cancelled),
        )

    found: Anchor | None = asked.by_button(
        applicant.view,
        "anchor",
        {"row": applicant.row, "threshold": threshold},
        work,
        label="Look for the rule",
        idle="Tries rules of up to four of the applicant's values on changed reference rows.",
        key="rule",
    )
    if found is None:
        return
    for text in words.rule_sentences(found):
        widgets.paragraph(text)
    at = percent(found.target)
    widgets.note(f"A rule counts when at least {at} of fresh draws keep the decision, with 95 % confidence.")
    inside = [
        c for c in applicant.sensitive if found.rule and any(c == one.column for one in found.rule.conditions)
    ]
    if inside:
        widgets.notice(f"The rule rests on {', '.join(safe(c) for c in inside)}, which may not decide.")
