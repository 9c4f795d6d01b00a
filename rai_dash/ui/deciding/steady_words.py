"""What is said about how steady an explanation is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rai_dash.core.texts import mark, ntr, tr
from rai_dash.explain.baselines import FEW_COMPARED, BaselineKind
from rai_dash.explain.one_stability import OneStability, in_all
from rai_dash.explain.reasons import members
from rai_dash.explain.steadiness import Against, Steadiness
from rai_dash.ui.explain_words import NO_REASON
from rai_dash.ui.text import count, percent, percent_range, safe

#: From this share of copies with the same reasons on they are called steady.
STEADY = 0.8
#: From this share of copies on it is said that a sensitive column comes in.
OFTEN = 0.05
NO_BASELINES = mark(
    "Path-dependent contributions compare with nobody, so another comparison does not touch them."
)
HOW_TO_READ = mark(
    "The same applicant and columns in each chart, only the people compared with differ; so do the "
    "scales. The reasons below are the bars that push towards the decision, the longest first."
)
NOBODY = mark("Nobody is in it at this threshold.")
TITLES = {
    BaselineKind.POPULATION: mark("Everybody"),
    BaselineKind.APPROVED: mark("All approved"),
    BaselineKind.JUST_APPROVED: mark("Just approved"),
}
_NUMBERS = ("none", "one", "two", "three", "four")


def finding(found: Steadiness) -> str:
    """Say what holds and what does not."""
    noise = found.noise
    if not noise.own:
        return tr(
            "Nothing pushes towards this decision in this explanation, so there is no reason that could hold."
        )
    told = [*_compared(found), *_shaken(noise), _decision(noise)]
    if found.against and len(_lists(found)) < 2:
        told.append(
            tr("Too few reference rows are approved to say whether these reasons hold against other people.")
        )
    return " ".join(told)


def sensitive_among(found: Steadiness, sensitive: Sequence[str], columns: Collection[str]) -> list[str]:
    """Say where a sensitive column is among the reasons of a refusal; nothing where none is, or nobody is refused."""
    if found.noise.towards > 0:
        return []
    out = []
    for column in sensitive:
        where = [
            tr(TITLES[one.kind]).lower() for one in found.against if _holds(one.reasons, column, columns)
        ]
        shares = [s.value or 0.0 for n, s in found.noise.among.items() if column in members(n, columns)]
        often = max(shares, default=0.0)
        told = [tr("compared with {where}", where=" and ".join(where))] if where else []
        told += [tr("in {often} of the copies", often=percent(often))] if often >= OFTEN else []
        if told:
            out.append(
                tr(
                    "**{column}** is among the reasons {told}. {no_reason}",
                    column=safe(column),
                    told=" and ".join(told),
                    no_reason=tr(NO_REASON),
                )
            )
    return out


def _holds(reasons: Sequence[str], column: str, columns: Collection[str]) -> bool:
    return any(column in members(name, columns) for name in reasons)


def is_shaky(found: Steadiness) -> bool:
    """Whether the reasons hang on small errors or on whom the applicant is compared with."""
    lists = _lists(found)
    same = found.noise.same_set.value or 0.0
    return same < STEADY or (len(lists) > 1 and len(in_all(lists)) < len(found.noise.own))


def _lists(found: Steadiness) -> list[tuple[str, ...]]:
    """Return the reasons against each baseline that enough people are in."""
    return [one.reasons for one in found.against if one.people >= FEW_COMPARED]


def _compared(found: Steadiness) -> list[str]:
    own, lists = found.noise.own, _lists(found)
    if len(lists) < 2:
        return []
    held = [name for name in own if name in in_all(lists)]
    where = (
        tr("under all three comparisons")
        if len(lists) > 2
        else tr("under both comparisons that have enough people")
    )
    return [f"{_held(own, held)} {where}."]


def _held(own: Sequence[str], held: Sequence[str]) -> str:
    """Name the reasons that hold; ``held`` is in the order of ``own``."""
    n = _NUMBERS[len(own)]
    if len(own) == 1:
        return tr("The only reason holds") if held else tr("The only reason does not hold")
    if not held:
        return tr(
            "{which} of the {n} reasons holds", which=tr("Neither") if len(own) == 2 else tr("None"), n=n
        )
    verb = "holds" if len(held) == 1 else "hold"
    if len(held) == len(own):
        return tr("All {n} reasons hold", n=n)
    if list(held) == list(own[: len(held)]):
        return (
            tr("The first reason {verb}", verb=verb)
            if len(held) == 1
            else tr("The first {held} reasons {verb}", held=_NUMBERS[len(held)], verb=verb)
        )
    return tr(
        "Of the {n} reasons only {held} {verb}",
        n=n,
        held=" and ".join(f"**{safe(name)}**" for name in held),
        verb=verb,
    )


def _shaken(noise: OneStability) -> list[str]:
    copies = tr(
        "**{same_set}** of {copies} shaken copies",
        same_set=percent(noise.same_set.value),
        copies=count(noise.copies),
    )
    if len(noise.own) == 1:
        out = [tr("In {copies} it stays the only one.", copies=copies)]
    else:
        first = percent(noise.same_first.value)
        out = [
            tr(
                "In {copies} the same {own} come out; the first stays first in {first}.",
                copies=copies,
                own=_NUMBERS[len(noise.own)],
                first=first,
            )
        ]
    weakest = min(noise.own, key=lambda name: noise.among[name].value or 0.0)
    lost = 1.0 - (noise.among[weakest].value or 0.0)
    comers = [name for name in noise.among if name not in noise.own]
    if lost > 0:
        out.append(
            tr(
                "Least steady is **{weakest}**, which drops out in {lost}.",
                weakest=safe(weakest),
                lost=percent(lost),
            )
        )
    if comers:
        often = percent(noise.among[comers[0]].value)
        out.append(tr("**{comers}** comes in most often, in {often}.", comers=safe(comers[0]), often=often))
    return out


def _decision(noise: OneStability) -> str:
    flip = noise.flip
    between = f"{percent_range(flip.low, flip.high)}"
    if not flip.value:
        return tr("The decision flips in none of them (95 % interval {between}).", between=between)
    return tr(
        "The decision itself flips in {flip} of them ({between}).", flip=percent(flip.value), between=between
    )


def noise_note(noise: OneStability) -> str:
    """Say what a shaken copy is, and what a reason is."""
    return tr(
        "{eps} noise: numbers move by that share of a standard deviation, a category is drawn anew with "
        "that chance, linked columns move together. Reasons are the up to {k} columns that push hardest "
        "towards the decision.",
        eps=percent(noise.eps, digits=0),
        k=_NUMBERS[noise.k],
    )


def people(one: Against) -> str:
    """Say how many people are compared with."""
    few = tr(": too few to rest on") if one.people < FEW_COMPARED else ""
    return ntr(
        "{people} reference row{few}",
        "{people} reference rows{few}",
        one.people,
        people=count(one.people),
        few=few,
    )
