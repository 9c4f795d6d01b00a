"""The search: one change, then two, up to four, each round one call of the model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.explain._asking import SILENT, FloatArray, IntArray, Score, Watch, ask
from rai_dash.explain._conditions import plain_value
from rai_dash.explain.counterfactuals._beam import (
    BEAM,
    ROUND_ROWS,
    Asked,
    BoolArray,
    holds_any,
    lever_sets,
    pick,
    simpler,
    widened,
)
from rai_dash.explain.counterfactuals.candidates import Candidates, Options, options_for
from rai_dash.explain.counterfactuals.found import APPROVAL, REFUSAL, Counterfactual, Counterfactuals

#: Sets of changes, for each one wanted, that are looked at closely before the cheapest are shown.
CLOSELY = 3


def counterfactuals(
    score: Score,
    applicant: pd.DataFrame,
    candidates: Candidates,
    *,
    threshold: float,
    towards: str | None = None,
    wanted: int = 4,
    most_changes: int = 4,
    watch: Watch = SILENT,
) -> Counterfactuals:
    """Look for the smallest allowed changes after which the model decides otherwise.

    Parameters
    ----------
    score : callable
        Table rows to the probability of the favourable outcome; called once a round.
    applicant : DataFrame (1, columns)
        One row with the model's columns.
    candidates : Candidates
        Values to try and what they must obey, from `candidates_of`.
    threshold : float
        Favourable from here on.
    towards : {"approval", "refusal"}, optional
        The decision that is looked for; when omitted, the one the applicant does not have.
    wanted : int
        Most results.
    most_changes : int
        Most changes at once; linked columns are one.
    watch : Watch
        Progress and stop.

    Raises
    ------
    MissingColumn, InvalidChoice
        The row does not fit, there is nothing to look for, or a choice is out of range.

    Notes
    -----
    A beam search: every single change is asked about; of those that do not suffice about `BEAM` are kept, half by the
    score they reach and half by gain for their cost, and one more change is added to each. Where more than that would
    be kept, a cheaper result may be missed, and so may the only one. What is found is then made as small as its
    neighbours allow, and asked about once more.
    """
    _check(wanted, most_changes)
    options = options_for(applicant, candidates)
    before = float(ask(score, options.pool.iloc[:1])[0])
    up = _is_up(before >= threshold, towards)
    asked = Asked(score, options, threshold, up, before, watch)
    found = _tightened(asked, _rounds(asked, wanted, most_changes), wanted)
    return Counterfactuals(
        before=before,
        threshold=threshold,
        towards=APPROVAL if up else REFUSAL,
        found=found,
        closest=found[0] if found else _nearest(asked),
        most_changes=most_changes,
        tried=asked.tried + 1,
    )


def _check(wanted: int, most_changes: int) -> None:
    for name, value in (("results", wanted), ("changes", most_changes)):
        if value < 1:
            msg = tr("{value} {name} cannot be looked for. Ask for 1 or more.", value=value, name=name)
            raise InvalidChoice(msg)


def _is_up(is_favourable: bool, towards: str | None) -> bool:  # noqa: FBT001
    if towards not in {None, APPROVAL, REFUSAL}:
        msg = tr(
            "There is no decision {towards} to look for. Choose {approval} or {refusal}.",
            towards=f"{towards!r}",
            approval=APPROVAL,
            refusal=REFUSAL,
        )
        raise InvalidChoice(msg)
    if towards == (APPROVAL if is_favourable else REFUSAL):
        msg = tr(
            "This applicant has that decision already ({towards}). Look for the other one.", towards=towards
        )
        raise InvalidChoice(msg)
    return not is_favourable


def _rounds(asked: Asked, wanted: int, most_changes: int) -> IntArray:
    """Return choices that reach the other decision, the cheapest of each set of levers, int64 (found, levers)."""
    levers, lever = len(asked.options.columns_of), asked.options.lever
    found = np.zeros((0, levers), dtype=np.int64)
    # Ordered by option, as the costs of the options are.
    singles = choices = widened(np.zeros((1, levers), dtype=np.int64), np.arange(1, len(lever)), lever)
    single_gain = np.empty(0)
    for done in range(most_changes):
        if not len(choices):
            break
        asked.watch.step(done, most_changes, tr("Trying changes"))
        scores = asked.scores(choices)
        gain, flips = asked.gain(scores), asked.flips(scores)
        single_gain = single_gain if done else gain
        found = np.concatenate([found, _cheapest(asked, choices[flips])])
        if done + 1 < most_changes:
            left = _worth_widening(asked, choices[~flips], gain[~flips], found, wanted)
            usable = np.flatnonzero(~holds_any(singles, found > 0))
            at_most = ROUND_ROWS // max(len(left), 1)
            best = pick(singles[usable], single_gain[usable], asked.options.cost[usable + 1], at_most)
            wide = widened(left, usable[best] + 1, lever)
            choices = wide[~holds_any(wide, found > 0) & (asked.cost(wide) < _limit(asked, found, wanted))]
    asked.watch.step(most_changes, most_changes, tr("Trying changes"))
    return found


def _limit(asked: Asked, found: IntArray, wanted: int) -> float:
    """Return the cost from which on a result would not be among those wanted."""
    return float(np.sort(asked.cost(found))[wanted - 1]) if len(found) >= wanted else float("inf")


def _worth_widening(asked: Asked, left: IntArray, gain: FloatArray, found: IntArray, wanted: int) -> IntArray:
    """Choose what gets one change more: cheap enough to matter, and not a larger way to what is solved."""
    cost = asked.cost(left)
    worth = ~holds_any(left, found > 0) & (cost < _limit(asked, found, wanted))
    left, gain, cost = left[worth], gain[worth], cost[worth]
    return left[pick(left, gain, cost, BEAM)]


def _cheapest(asked: Asked, choices: IntArray) -> IntArray:
    """Keep the cheapest of each set of levers, the first of equals, cheapest first."""
    if not len(choices):
        return choices
    ordered = choices[np.argsort(asked.cost(choices), kind="stable")]
    return ordered[np.sort(np.unique(lever_sets(ordered), return_index=True)[1])]


def _tightened(asked: Asked, found: IntArray, wanted: int) -> tuple[Counterfactual, ...]:
    """Make each choice as small as its neighbours allow, and drop those that change more than another does."""
    held = _cheapest(asked, found)[: CLOSELY * wanted]
    scores = np.empty(0)
    moving = len(held) > 0
    while moving:
        less = [simpler(choice, asked.options) for choice in held]
        answers = asked.scores(np.concatenate([held, *less]))
        scores, rest = answers[: len(held)], answers[len(held) :]
        parts = np.split(rest, np.cumsum([len(one) for one in less])[:-1])
        smaller = [_smaller(asked, one, part) for one, part in zip(less, parts, strict=True)]
        moving = any(one is not None for one in smaller)
        held = np.array([old if new is None else new for old, new in zip(held, smaller, strict=True)])
    still = asked.flips(scores)
    order = np.argsort(asked.cost(held[still]), kind="stable")
    held, scores = held[still][order], scores[still][order]
    kept = [i for i in range(len(held)) if _is_least(held > 0, i)]
    return tuple(_answer(asked.options, held[i], float(scores[i])) for i in kept[:wanted])


def _smaller(asked: Asked, choices: IntArray, scores: FloatArray) -> IntArray | None:
    good = choices[asked.flips(scores)]
    return good[int(np.argmin(asked.cost(good)))] if len(good) else None


def _is_least(sets: BoolArray, i: int) -> bool:
    """Whether no other set is part of set i, and no earlier one equal to it."""
    inside = (sets <= sets[i]).all(axis=1)
    smaller = sets.sum(axis=1) < sets[i].sum()
    return not bool((inside & smaller).any() or inside[:i].any())


def _nearest(asked: Asked) -> Counterfactual:
    """Return the choice nearest to the other decision, asked about once more."""
    choice = np.array(asked.best[2], dtype=np.int64)
    return _answer(asked.options, choice, float(asked.scores(choice[None])[0]))


def _answer(options: Options, choice: IntArray, score: float) -> Counterfactual:
    changes: dict[str, tuple[object, object]] = {}
    names = [str(name) for name in options.pool.columns]
    for j in np.flatnonzero(choice):
        for at in options.columns_of[j]:
            column = options.pool[names[at]]
            pair = (plain_value(column.iloc[0]), plain_value(column.iloc[int(choice[j])]))
            if pair[0] != pair[1]:
                changes[names[at]] = pair
    in_order = {name: changes[name] for name in names if name in changes}
    return Counterfactual(
        changes=in_order,
        n_changes=int((choice > 0).sum()),
        cost=float(options.cost[choice].sum()),
        score=score,
    )
