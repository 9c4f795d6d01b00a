"""What the page says about a queue, in plain words; nothing of it is from a file unless it was made safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from rai_dash.core.types import Estimate, Explanation
from rai_dash.govern.queue.bodies import Decision
from rai_dash.govern.queue.reasons import words_of
from rai_dash.ui.text import count, estimate_text, number, percent, safe, score_beside

if TYPE_CHECKING:
    from rai_dash.govern.queue.summary import QueueFigures
    from rai_dash.govern.queue.views import Finished, QueueLine, Revealed, Said

DECISIONS: Final[Mapping[Decision, str]] = {
    Decision.APPROVE: "Approve",
    Decision.REFUSE: "Refuse",
    Decision.CANNOT_SAY: "Cannot say",
}
_SAID: Final[Mapping[Decision, str]] = {
    Decision.APPROVE: "would **approve** it",
    Decision.REFUSE: "would **refuse** it",
    Decision.CANNOT_SAY: "could **not say**",
}
_WHY: Final[Mapping[str, str]] = {
    "below_lo": "the score lies below the band",
    "in_band": "the score lies inside the review band",
    "at_or_above_hi": "the score lies above the band",
    "no_score": "the model has no score for it",
    "off_scale": "its score is no probability",
    "policy_not_in_force": "the policy was not in force",
    "policy_expired": "the policy had expired",
    "not_in_rollout": "it is not among those that the policy decides while it is rolled out",
    "shadow": "the policy runs in the shadow, where people decide everything",
}
#: What may stand in the way of two people reading the same case.
BLOCKED: Final = "{n} cannot go to anybody: whoever read {them} before was erased, and could be anyone."


def cases(n: int) -> str:
    """Write how many cases."""
    return f"{count(n)} {'case' if n == 1 else 'cases'}"


def about_words(line: QueueLine) -> str:
    """Say which queue it is, and how long its rows are kept."""
    until = safe(f"{line.expires_at.day} {line.expires_at:%B %Y}")
    policy = f"{safe(line.policy_id)} version {count(line.version)}"
    return f"{safe(line.label)} · {policy} · rows are kept until {until}"


def line_words(line: QueueLine) -> str:
    """Say how much there is to do, and nothing from which a reader could guess why a case is with them."""
    if line.waiting == 0:
        return f"All {cases(line.cases)} of this queue are settled."
    if line.for_me == 0:
        return "No case can go to you now: others are reading what is left, or you have read it."
    verb = "waits" if line.for_me == 1 else "wait"
    return f"{cases(line.for_me)} {verb} for you."


def revealed_words(shown: Revealed) -> str:
    """Say what the reviewer said, what the model says, and what the policy did."""
    own = f"You {_SAID[shown.own.decision]}."
    why = safe(_WHY.get(shown.reason, shown.reason), limit=200)
    if shown.score is None:
        model = "The model has **no score** for this application."
    else:
        side = "approve" if shown.side else "refuse"
        at = score_beside(shown.score, shown.band.threshold)
        model = f"The model's score is **{at}**; at its threshold of {percent(shown.band.threshold)} it would {side}."
    if shown.route == "review":
        route = f"The policy sent it to a person: {why}."
    else:
        verb = "approved" if shown.route == "approve" else "declined"
        route = f"The machine has **{verb}** it: {why}. It was drawn to be looked at by a person as well."
    return f"{own} {model} {route}"


def score_line(shap: Explanation) -> str:
    """Say from where to where the columns moved the score."""
    rows = shap.background_rows
    begin = "its starting point" if rows is None else f"the mean of {count(rows)} other applications"
    return f"From {percent(shap.base)}, {begin}, to {percent(shap.output)} for this one"


def said_words(said: Said) -> str:
    """Write one decision with its reasons and note."""
    who = "Another person" if said.name is None else safe(said.name)
    reasons = "; ".join(safe(words_of(code)) for code in said.codes)
    why = f" ({reasons})" if reasons else ""
    note = f" “{safe(said.note, limit=400)}”" if said.note else ""
    return f"{who} {_SAID[said.decision]}{why}.{note}"


def finished_words(done: Finished) -> str:
    """Say what came of a final decision, as plain text."""
    if done.settled is None:
        return "Another person reads this case as well."
    if done.settled is Decision.CANNOT_SAY:
        return "Nobody could settle this case: decide it outside the queue."
    return f"The case is settled: {DECISIONS[done.settled].lower()}."


def finding(figures: QueueFigures, *, assumed: Mapping[str, float]) -> str:
    """Say the most important thing about a queue in a sentence or two."""
    counts = figures.counts
    if not figures.seconds.n:
        return f"Nobody has decided a case yet: {cases(counts.cases)} wait, {count(counts.review)} for a decision."
    parts = [f"{count(counts.settled)} of {cases(counts.cases)} are settled."]
    h1, h0 = figures.accuracy.h1, figures.accuracy.h0
    if h1.value is None or h0.value is None:
        parts.append(
            f"How often people are right cannot be said yet: {safe(h1.reason or h0.reason or '', limit=200)}."
        )
    else:
        parts.append(_right("approve", "good", h1, assumed.get("h1")))
        parts.append(_right("refuse", "bad", h0, assumed.get("h0")))
    followed = figures.deference.followed
    if followed.value is not None:
        n = count(followed.denominator)
        parts.append(
            f"Of {n} who had disagreed with the model, {count(followed.numerator)} then took its side."
        )
    return " ".join(parts)


def _right(verb: str, which: str, found: Estimate, assumed: float | None) -> str:
    text = f"People {verb} {estimate_text(found)} of the {which} ones"
    if assumed is None or found.low is None or found.high is None:
        return f"{text}."
    if assumed > found.high:
        return f"{text}: fewer than the {percent(assumed)} that the policy assumes."
    if assumed < found.low:
        return f"{text}: more than the {percent(assumed)} that the policy assumes."
    return f"{text}; the {percent(assumed)} that the policy assumes are possible."


def kappa_words(found: Estimate) -> str:
    """Write kappa."""
    return number(found.value)


def kappa_interval(found: Estimate) -> str:
    """Write the interval of kappa, or why there is none."""
    if found.value is None:
        # A card has room for a few words; the numbers below say why.
        return "not defined yet"
    if found.low is None or found.high is None:
        return "no interval: every pair agrees"
    return f"{number(found.low)} to {number(found.high)}"
