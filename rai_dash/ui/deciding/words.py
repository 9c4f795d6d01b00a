"""What the views on one decision say in words."""

from __future__ import annotations

from collections.abc import Sequence

from rai_dash.case import Judgement
from rai_dash.explain.anchors import Anchor, Rule
from rai_dash.explain.counterfactuals import APPROVAL, Counterfactuals, sentence
from rai_dash.explain.nearest import Neighbour
from rai_dash.explain.what_if import WhatIf
from rai_dash.ui import controls, widgets
from rai_dash.ui.applicants import name_of
from rai_dash.ui.state import View
from rai_dash.ui.text import count, estimate_text, percent, points, safe, score_beside

LONG = 1_000
CHEAPER = "Cheaper ways are listed, but nobody in the reference rows is like that."


def decision(score: float, threshold: float) -> str:
    """Name a decision."""
    return "approved" if score >= threshold else "refused"


def route(score: float) -> str:
    """Say where the review band sends a score."""
    band = controls.chosen_band()
    if band.lo is not None and score < band.lo:
        return "declined automatically"
    if band.hi is not None and score >= band.hi:
        return "approved automatically"
    return "goes to a person"


def score_card(label: str, score: float, view: View) -> None:
    """Show a score, its decision and its route."""
    threshold = view.choices.threshold
    widgets.card(
        label,
        score_beside(score, threshold),
        f"{decision(score, threshold)} at {percent(threshold)}; in the band: {route(score)}",
    )


def locked(sensitive: Sequence[str]) -> str:
    """Say which columns are locked and why."""
    return (
        f"Locked: {', '.join(safe(name) for name in sensitive)}. Nobody can be asked to change these; unlock them to "
        "see whether the decision hangs on them."
    )


def what_if_sentence(found: WhatIf, threshold: float) -> str:
    """Say what the changes did."""
    if not found.changes:
        return "Nothing is changed yet. Type another value in any field."
    changed = ", ".join(
        f"**{safe(name)}** {safe(_text(own))} to {safe(_text(new))}"
        for name, (own, new) in found.changes.items()
    )
    text = (
        f"With {changed} the score goes from {score_beside(found.before, threshold)} to "
        f"**{score_beside(found.after, threshold)}** "
        f"({points(found.difference, signed=True)})."
    )
    before, after = decision(found.before, threshold), decision(found.after, threshold)
    return f"{text} Still {after}." if before == after else f"{text} **{before} becomes {after}.**"


def _text(value: object) -> str:
    return "blank" if value is None else str(value)


def change_sentence(found: Counterfactuals, headline: int = 0) -> str:
    """Say what would turn the decision, or that nothing allowed does; ``headline`` is the way that is named."""
    is_approval = found.towards == APPROVAL
    if found.feasible:
        start = "Approved if:" if is_approval else "Refused if:"
        text = f"{start} **{safe(sentence(found.found[headline].changes), limit=LONG)}**."
        return text if not headline else f"{text} {CHEAPER}"
    nearest = found.closest
    what = "approves" if is_approval else "refuses"
    text = (
        f"None feasible: no change of up to {count(found.most_changes)} columns that you allow was found after which "
        f"the model {what} ({count(found.tried)} variants tried)."
    )
    if not nearest.changes:
        return f"{text} None of them came closer to the threshold."
    reached = score_beside(nearest.score, found.threshold)
    return f"{text} The closest comes to {reached}: {safe(sentence(nearest.changes), limit=LONG)}."


def rule_sentences(found: Anchor) -> list[str]:
    """Say the rule and how far it holds, or why there is none."""
    decided = "approves" if found.is_favourable else "refuses"
    if found.rule is not None and not found.rule.conditions:
        everybody = (
            f"The model {decided} nearly everybody like the reference rows: no value of this applicant has to stay "
            "for that, so no rule sets this decision apart."
        )
        return [everybody, rule_numbers(found.rule)]
    if found.rule is not None:
        start = f"While **{safe(found.rule.text, limit=LONG)}**, the model nearly always {decided}."
        return [start, rule_numbers(found.rule)]
    out = [safe((found.reason or "No rule was found.").replace("`", "'"), limit=600)]
    if found.nearest is not None:
        out.append(f"The nearest: {safe(found.nearest.text, limit=LONG)}. {rule_numbers(found.nearest)}")
    return out


def rule_numbers(rule: Rule) -> str:
    """Say precision, coverage and what real rows do."""
    return (
        f"Of changed applicants that keep to it, {estimate_text(rule.precision)} get the same decision; "
        f"{estimate_text(rule.coverage)} of the reference rows meet it, and of these as they really are "
        f"{estimate_text(rule.seen)} get it."
    )


def neighbours_sentence(found: Sequence[Neighbour], judgement: Judgement, threshold: float) -> str:
    """Say who is most alike and was decided otherwise."""
    if not found:
        return "Nobody in these data got the other decision."
    first = found[0]
    other = (
        "another decision"
        if first.score is None
        else f"{score_beside(first.score, threshold)}, {decision(first.score, threshold)}"
    )
    return (
        f"Most alike with the other decision: **{safe(name_of(judgement, first.row))}** ({other}), who differs in "
        f"{count(len(first.differs))} {'column' if len(first.differs) == 1 else 'columns'}."
    )
