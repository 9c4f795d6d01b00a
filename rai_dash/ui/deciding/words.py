"""What the views on one decision say in words."""

from __future__ import annotations

from collections.abc import Sequence

from rai_dash.case import Judgement
from rai_dash.core.texts import mark, ntr, tr
from rai_dash.explain.anchors import Anchor, Rule
from rai_dash.explain.counterfactuals import APPROVAL, Counterfactuals, sentence
from rai_dash.explain.nearest import Neighbour
from rai_dash.explain.what_if import WhatIf
from rai_dash.ui import controls, widgets
from rai_dash.ui.applicants import name_of
from rai_dash.ui.state import View
from rai_dash.ui.text import count, estimate_text, percent, points, safe, score_beside

LONG = 1_000
CHEAPER = mark("Cheaper ways are listed, but nobody in the reference rows is like that.")


def decision(score: float, threshold: float) -> str:
    """Name a decision."""
    return "approved" if score >= threshold else "refused"


def route(score: float) -> str:
    """Say where the review band sends a score."""
    band = controls.chosen_band()
    if band.lo is not None and score < band.lo:
        return tr("declined automatically")
    if band.hi is not None and score >= band.hi:
        return tr("approved automatically")
    return tr("goes to a person")


def score_card(label: str, score: float, view: View) -> None:
    """Show a score, its decision and its route."""
    threshold = view.choices.threshold
    widgets.card(
        label,
        score_beside(score, threshold),
        tr(
            "{decision} at {threshold}; in the band: {route}",
            decision=decision(score, threshold),
            threshold=percent(threshold),
            route=route(score),
        ),
    )


def locked(sensitive: Sequence[str]) -> str:
    """Say which columns are locked and why."""
    return tr(
        "Locked: {sensitive}. Nobody can be asked to change these; unlock them to see whether the "
        "decision hangs on them.",
        sensitive=", ".join(safe(name) for name in sensitive),
    )


def what_if_sentence(found: WhatIf, threshold: float) -> str:
    """Say what the changes did."""
    if not found.changes:
        return tr("Nothing is changed yet. Type another value in any field.")
    changed = ", ".join(
        tr(
            "**{name}** {text} to {text_new}",
            name=safe(name),
            text=safe(_text(own)),
            text_new=safe(_text(new)),
        )
        for name, (own, new) in found.changes.items()
    )
    text = tr(
        "With {changed} the score goes from {score_beside} to **{score_beside_threshold}** ({difference}).",
        changed=changed,
        score_beside=score_beside(found.before, threshold),
        score_beside_threshold=score_beside(found.after, threshold),
        difference=points(found.difference, signed=True),
    )
    before, after = decision(found.before, threshold), decision(found.after, threshold)
    return (
        tr("{text} Still {after}.", text=text, after=after)
        if before == after
        else tr("{text} **{before} becomes {after}.**", text=text, before=before, after=after)
    )


def _text(value: object) -> str:
    return "blank" if value is None else str(value)


def change_sentence(found: Counterfactuals, headline: int = 0) -> str:
    """Say what would turn the decision, or that nothing allowed does; ``headline`` is the way that is named."""
    is_approval = found.towards == APPROVAL
    if found.feasible:
        start = tr("Approved if:") if is_approval else tr("Refused if:")
        text = f"{start} **{safe(sentence(found.found[headline].changes), limit=LONG)}**."
        return text if not headline else f"{text} {tr(CHEAPER)}"
    nearest = found.closest
    what = "approves" if is_approval else "refuses"
    text = tr(
        "None feasible: no change of up to {most_changes} columns that you allow was found after which "
        "the model {what} ({tried} variants tried).",
        most_changes=count(found.most_changes),
        what=what,
        tried=count(found.tried),
    )
    if not nearest.changes:
        return tr("{text} None of them came closer to the threshold.", text=text)
    reached = score_beside(nearest.score, found.threshold)
    return tr(
        "{text} The closest comes to {reached}: {changes}.",
        text=text,
        reached=reached,
        changes=safe(sentence(nearest.changes), limit=LONG),
    )


def rule_sentences(found: Anchor) -> list[str]:
    """Say the rule and how far it holds, or why there is none."""
    decided = "approves" if found.is_favourable else "refuses"
    if found.rule is not None and not found.rule.conditions:
        everybody = tr(
            "The model {decided} nearly everybody like the reference rows: no value of this applicant "
            "has to stay for that, so no rule sets this decision apart.",
            decided=decided,
        )
        return [everybody, rule_numbers(found.rule)]
    if found.rule is not None:
        start = tr(
            "While **{rule}**, the model nearly always {decided}.",
            rule=safe(found.rule.text, limit=LONG),
            decided=decided,
        )
        return [start, rule_numbers(found.rule)]
    out = [safe((found.reason or tr("No rule was found.")).replace("`", "'"), limit=600)]
    if found.nearest is not None:
        out.append(
            tr(
                "The nearest: {nearest}. {rule_numbers}",
                nearest=safe(found.nearest.text, limit=LONG),
                rule_numbers=rule_numbers(found.nearest),
            )
        )
    return out


def rule_numbers(rule: Rule) -> str:
    """Say precision, coverage and what real rows do."""
    return tr(
        "Of changed applicants that keep to it, {precision} get the same decision; {coverage} of the "
        "reference rows meet it, and of these as they really are {seen} get it.",
        precision=estimate_text(rule.precision),
        coverage=estimate_text(rule.coverage),
        seen=estimate_text(rule.seen),
    )


def neighbours_sentence(found: Sequence[Neighbour], judgement: Judgement, threshold: float) -> str:
    """Say who is most alike and was decided otherwise."""
    if not found:
        return tr("Nobody in these data got the other decision.")
    first = found[0]
    other = (
        tr("another decision")
        if first.score is None
        else f"{score_beside(first.score, threshold)}, {decision(first.score, threshold)}"
    )
    return ntr(
        "Most alike with the other decision: **{name_of}** ({other}), who differs in {differs} column.",
        "Most alike with the other decision: **{name_of}** ({other}), who differs in {differs} columns.",
        len(first.differs),
        name_of=safe(name_of(judgement, first.row)),
        other=other,
        differs=count(len(first.differs)),
    )
