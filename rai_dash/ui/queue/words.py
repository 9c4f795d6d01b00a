"""What the page says about a queue, in plain words; nothing of it is from a file unless it was made safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.types import Estimate, Explanation
from rai_dash.govern.queue.bodies import Decision
from rai_dash.govern.queue.reasons import words_of
from rai_dash.ui.text import count, estimate_text, number, percent, safe, score_beside

if TYPE_CHECKING:
    from rai_dash.govern.queue.summary import QueueFigures
    from rai_dash.govern.queue.views import Finished, QueueLine, Revealed, Said

DECISIONS: Final[Mapping[Decision, str]] = {
    Decision.APPROVE: mark("Approve"),
    Decision.REFUSE: mark("Refuse"),
    Decision.CANNOT_SAY: mark("Cannot say"),
}
_SAID: Final[Mapping[Decision, str]] = {
    Decision.APPROVE: mark("would **approve** it"),
    Decision.REFUSE: mark("would **refuse** it"),
    Decision.CANNOT_SAY: mark("could **not say**"),
}
_WHY: Final[Mapping[str, str]] = {
    "below_lo": mark("the score lies below the band"),
    "in_band": mark("the score lies inside the review band"),
    "at_or_above_hi": mark("the score lies above the band"),
    "no_score": mark("the model has no score for it"),
    "off_scale": mark("its score is no probability"),
    "policy_not_in_force": mark("the policy was not in force"),
    "policy_expired": mark("the policy had expired"),
    "not_in_rollout": mark("it is not among those that the policy decides while it is rolled out"),
    "shadow": mark("the policy runs in the shadow, where people decide everything"),
}
#: What may stand in the way of two people reading the same case.
BLOCKED: Final = mark("{n} cannot go to anybody: whoever read {them} before was erased, and could be anyone.")


def cases(n: int) -> str:
    """Write how many cases."""
    return ntr("{n} case", "{n} cases", n, n=count(n))


def about_words(line: QueueLine) -> str:
    """Say which queue it is, and how long its rows are kept."""
    until = safe(f"{line.expires_at.day} {line.expires_at:%B %Y}")
    policy = tr("{policy_id} version {version}", policy_id=safe(line.policy_id), version=count(line.version))
    return tr(
        "{line} · {policy} · rows are kept until {until}", line=safe(line.label), policy=policy, until=until
    )


def line_words(line: QueueLine) -> str:
    """Say how much there is to do, and nothing from which a reader could guess why a case is with them."""
    if line.waiting == 0:
        return tr("All {cases} of this queue are settled.", cases=cases(line.cases))
    if line.for_me == 0:
        return tr("No case can go to you now: others are reading what is left, or you have read it.")
    verb = "waits" if line.for_me == 1 else "wait"
    return tr("{cases} {verb} for you.", cases=cases(line.for_me), verb=verb)


def revealed_words(shown: Revealed) -> str:
    """Say what the reviewer said, what the model says, and what the policy did."""
    own = tr("You {decision}.", decision=tr(_SAID[shown.own.decision]))
    why = safe(tr(_WHY.get(shown.reason, shown.reason)), limit=200)
    if shown.score is None:
        model = tr("The model has **no score** for this application.")
    else:
        side = "approve" if shown.side else "decline"
        at = score_beside(shown.score, shown.band.threshold)
        model = tr(
            "The model's score is **{at}**; at its threshold of {threshold} it would {side}.",
            at=at,
            threshold=percent(shown.band.threshold),
            side=side,
        )
    if shown.route == "review":
        route = tr("The policy sent it to a person: {why}.", why=why)
    else:
        verb = "approved" if shown.route == "approve" else "declined"
        route = tr(
            "The machine has **{verb}** it: {why}. It was drawn to be looked at by a person as well.",
            verb=verb,
            why=why,
        )
    return f"{own} {model} {route}"


def score_line(shap: Explanation) -> str:
    """Say from where to where the columns moved the score."""
    rows = shap.background_rows
    begin = (
        tr("its starting point")
        if rows is None
        else tr("the mean of {rows} other applications", rows=count(rows))
    )
    return tr(
        "From {base}, {begin}, to {output} for this one",
        base=percent(shap.base),
        begin=begin,
        output=percent(shap.output),
    )


def said_words(said: Said) -> str:
    """Write one decision with its reasons and note."""
    who = tr("Another person") if said.name is None else safe(said.name)
    reasons = "; ".join(safe(words_of(code)) for code in said.codes)
    why = f" ({reasons})" if reasons else ""
    note = f" “{safe(said.note, limit=400)}”" if said.note else ""
    return f"{who} {tr(_SAID[said.decision])}{why}.{note}"


def finished_words(done: Finished) -> str:
    """Say what came of a final decision, as plain text."""
    if done.settled is None:
        return tr("Another person reads this case as well.")
    if done.settled is Decision.CANNOT_SAY:
        return tr("Nobody could settle this case: decide it outside the queue.")
    return tr("The case is settled: {settled}.", settled=tr(DECISIONS[done.settled]).lower())


def finding(figures: QueueFigures, *, assumed: Mapping[str, float]) -> str:
    """Say the most important thing about a queue in a sentence or two."""
    counts = figures.counts
    if not figures.seconds.n:
        return tr(
            "Nobody has decided a case yet: {cases} wait, {review} for a decision.",
            cases=cases(counts.cases),
            review=count(counts.review),
        )
    parts = [
        tr("{settled} of {cases} are settled.", settled=count(counts.settled), cases=cases(counts.cases))
    ]
    h1, h0 = figures.accuracy.h1, figures.accuracy.h0
    if h1.value is None or h0.value is None:
        parts.append(
            tr(
                "How often people are right cannot be said yet: {reason}.",
                reason=safe(h1.reason or h0.reason or "", limit=200),
            )
        )
    else:
        parts.append(_right("approve", "good", h1, assumed.get("h1")))
        parts.append(_right("refuse", "bad", h0, assumed.get("h0")))
    followed = figures.deference.followed
    if followed.value is not None:
        n = count(followed.denominator)
        parts.append(
            tr(
                "Of {n} who had disagreed with the model, {numerator} then took its side.",
                n=n,
                numerator=count(followed.numerator),
            )
        )
    return " ".join(parts)


def _right(verb: str, which: str, found: Estimate, assumed: float | None) -> str:
    text = tr("People {verb} {found} of the {which} ones", verb=verb, found=estimate_text(found), which=which)
    if assumed is None or found.low is None or found.high is None:
        return f"{text}."
    if assumed > found.high:
        return tr(
            "{text}: fewer than the {assumed} that the policy assumes.", text=text, assumed=percent(assumed)
        )
    if assumed < found.low:
        return tr(
            "{text}: more than the {assumed} that the policy assumes.", text=text, assumed=percent(assumed)
        )
    return tr(
        "{text}; the {assumed} that the policy assumes are possible.", text=text, assumed=percent(assumed)
    )


def kappa_words(found: Estimate) -> str:
    """Write kappa."""
    return number(found.value)


def kappa_interval(found: Estimate) -> str:
    """Write the interval of kappa, or why there is none."""
    if found.value is None:
        # A card has room for a few words; the numbers below say why.
        return tr("not defined yet")
    if found.low is None or found.high is None:
        return tr("no interval: every pair agrees")
    return tr("{low} to {high}", low=number(found.low), high=number(found.high))
