"""The first page: what was found in words, four figures, what is not settled, who decides and who signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from rai_dash.core.target_words import wording
from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.words import NOTHING, count, percent, percent_range, points
from rai_dash.report.audit_report.found import Found, findings_of, loudest, people_of, target_kind, wording_of
from rai_dash.report.audit_report.say import (
    HIDDEN,
    Json,
    is_hidden,
    of_whole,
    points_range,
    quoted,
    score_words,
    told,
)
from rai_dash.stats.tests import Verdict

#: Columns that the first page speaks of; the chapter about groups has all.
_MOST_COLUMNS: Final = 3
_EXPOSED: Final = {
    "in-sample?": mark(
        "It is not stated whether the model was trained on these rows. If it was, every figure is too good."
    ),
    "in-sample": mark("The model was trained on these rows, so every figure is too good."),
}


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the four figures: with its unit, its interval and its count."""

    label: str
    value: str
    under: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Executive:
    """The first page as data."""

    headline: str
    is_alarm: bool
    decides: str
    figures: tuple[KeyFigure, ...]
    groups: tuple[str, ...]
    open: tuple[str, ...]
    person: str
    signed: str
    cautions: tuple[str, ...]


def executive(document: Json) -> Executive:
    """Say the first page."""
    audit = document["audit"]
    by_column = {column: list(findings_of(audit, column)) for column in audit["groups"]}
    first = {column: loudest(found) for column, found in by_column.items()}
    told_of = [f for f in first.values() if f is not None]
    widest = loudest(told_of)
    shown = [f for f in told_of if f.verdict == Verdict.SHOWN]
    return Executive(
        headline=_headline(told_of, [f for found in by_column.values() for f in found]),
        is_alarm=bool(shown),
        decides=_decides(audit),
        figures=tuple(_figures(audit, widest)),
        groups=tuple(_by_group(told_of)),
        open=tuple(_open(by_column)),
        person=_person(document),
        signed=_signed(document),
        cautions=tuple(_cautions(document)),
    )


def _headline(found: list[Found], everything: list[Found]) -> str:
    """Say the finding; that groups are alike only where nothing is hidden, open or far apart."""
    if not found:
        return tr("No groups were named, so nothing is known about differences between people.")
    verdicts = {f.verdict for f in everything}
    if Verdict.SHOWN in verdicts:
        columns = ", ".join(quoted(f.column) for f in found if f.verdict == Verdict.SHOWN)
        return tr("Decisions differ between groups by more than chance: by {columns}.", columns=columns)
    if any(f.is_hidden for f in everything):
        return tr(
            "How groups compare is hidden in this report, since it rests on few people. That says nothing about "
            "whether "
            "they differ."
        )
    return _of_all(everything)


def _of_all(found: list[Found]) -> str:
    """Say how groups compare where nothing is hidden and no difference is shown."""
    verdicts = {f.verdict for f in found}
    if verdicts == {Verdict.UNDEFINED}:
        return tr("Groups cannot be compared on these rows, so whether decisions differ is not known.")
    if any(f.is_far for f in found):
        return tr(
            "Groups differ by little in points, but few are approved, and the lowest share is far below the highest."
        )
    if verdicts == {Verdict.EQUIVALENT}:
        return tr(
            "No difference between groups beyond {tolerance} in who is approved.",
            tolerance=points(found[0].gap["tolerance"]),
        )
    return tr("No difference between groups is shown, and this sample does not rule one out.")


def _decides(audit: Json) -> str:
    overall = audit["overall"]
    approved, right = overall["selection_rate"], overall["accuracy"]
    text = tr(
        "At a threshold of {threshold} the model approves {approved}.",
        threshold=score_words(audit["threshold"]),
        approved=told(approved, tr("of applications")),
    )
    if right.get("value") is None:
        return text
    text += " " + tr("Its decisions agree with the label for {right}.", right=told(right))
    bad, good = overall["fpr"].get("denominator"), overall["recall"].get("denominator")
    if bad is None or good is None or bad + good != right.get("denominator"):
        return text
    return f"{text} " + tr(
        "Refusing everyone would agree for {bad}, approving everyone for {good}.",
        bad=count(bad),
        good=count(good),
    )


def _figures(audit: Json, widest: Found | None) -> Iterator[KeyFigure]:
    words = wording_of(audit)
    overall = audit["overall"]
    yield _share(tr("Approved"), overall["selection_rate"])
    yield _share(tr("Decided as the label says"), overall["accuracy"])
    yield _share(tr("Approved, of {people}", people=words.good), overall["recall"])
    is_shown = widest is not None and widest.verdict == Verdict.SHOWN
    label = tr("Widest gap beyond chance") if is_shown else tr("Gap between groups")
    if widest is None or widest.is_hidden or widest.verdict == Verdict.UNDEFINED:
        is_kept = widest is not None and widest.is_hidden
        yield KeyFigure(label, NOTHING, (tr(HIDDEN) if is_kept else tr("no groups that can be compared"),))
        return
    low, high = widest.gap.get("low"), widest.gap.get("high")
    ends = () if low is None or high is None else (points_range(low, high),)
    worst, best = widest.ends
    counts = tuple(f"{quoted(group)}: {of_whole(widest.estimate(group))}" for group in (worst, best))
    people = tr(
        "{column}, of {people}", column=quoted(widest.column), people=people_of(widest.metric, widest.words)
    )
    verdict = () if is_shown else (tr(widest.verdict),)
    yield KeyFigure(label, points(widest.size), (*verdict, *ends, people, *counts))


def _share(label: str, one: Json) -> KeyFigure:
    if one.get("value") is None:
        why = tr(HIDDEN) if is_hidden(one) else str(one.get("reason") or "")
        return KeyFigure(label, NOTHING, (why,) if why else ())
    ends = percent_range(one.get("low"), one.get("high"))
    under = [tr("95 % interval {ends}", ends=ends)] if ends != NOTHING else []
    return KeyFigure(label, percent(one["value"]), (*under, of_whole(one)))


def _by_group(found: list[Found]) -> Iterator[str]:
    told = [one for one in found if not one.is_hidden]
    for one in told[:_MOST_COLUMNS]:
        yield f"{quoted(one.column)}: {one.sentence()}"
    if hidden := [quoted(one.column) for one in found if one.is_hidden]:
        yield tr("Hidden, since it rests on few people: {columns}.", columns=", ".join(hidden))
    left = len(told) - _MOST_COLUMNS
    if left > 0:
        yield ntr(
            "{n} more column is in the chapter about groups.",
            "{n} more columns are in the chapter about groups.",
            left,
            n=count(left),
        )


def _open(by_column: dict[str, list[Found]]) -> Iterator[str]:
    """Yield what the sample does not settle, beyond what was said already."""
    for column, found in by_column.items():
        thin = [f for f in found if f.verdict in {Verdict.NOT_ENOUGH, Verdict.UNDEFINED} and not f.is_hidden]
        if thin:
            people = "; ".join(people_of(f.metric, f.words) for f in thin)
            yield tr("{column}: the share approved, of {people}.", column=quoted(column), people=people)


def _person(document: Json) -> str:
    band = document["audit"]["band"]
    if not band and document["policy"]:
        return tr(
            "No review band was judged here: these figures are of a model that decides about everyone. What the "
            "signed policy sends to a person stands in the chapter about the certificate."
        )
    if not band:
        return tr("No review band was given: the model decides about everyone, and no person looks.")
    overall = band["overall"]
    text = tr(
        "{cut} A person decides {review}.",
        cut=band_words(band),
        review=told(overall["review_rate"], tr("of applications")),
    )
    wrong = overall["auto_error_rate"]
    if wrong.get("value") is None:
        return text
    return f"{text} " + tr("Where the machine decides alone it is wrong for {wrong}.", wrong=told(wrong))


def band_words(band: Json) -> str:
    """Say what a band does with a score."""
    lo, hi = band["lo"], band["hi"]
    if lo is None and hi is None:
        return tr("The band is open at both ends: a person decides every application.")
    if lo is None:
        return tr("Nobody is declined and scores from {hi} are approved by the machine.", hi=score_words(hi))
    if hi is None:
        return tr("Scores below {lo} are declined and nobody is approved by the machine.", lo=score_words(lo))
    return tr(
        "Scores below {lo} are declined and scores from {hi} are approved by the machine.",
        lo=score_words(lo),
        hi=score_words(hi),
    )


def _signed(document: Json) -> str:
    policy: Any = document["policy"]
    if not policy:
        return tr("Nobody has signed: no policy was given with this report.")
    text = tr("{title}: {state}.", title=quoted(policy["title"]), state=policy["state"])
    return f"{text} " + " ".join(f"{line}." for line in policy["signed_by"]) if policy["signed_by"] else text


def _cautions(document: Json) -> Iterator[str]:
    audit, policy = document["audit"], document["policy"] or {}
    if policy.get("mark"):
        yield policy["mark"]
    caution = wording(target_kind(audit)).caution
    if caution:
        yield caution
    exposed = _EXPOSED.get(audit["data"]["exposure"])
    if exposed:
        yield tr(exposed)
    yield from policy.get("differs", ())
    rests = audit.get("rests_on")
    if rests:
        yield tr(
            "All {counted} rows were counted; what compares single rows is of a sample of {sampled}.",
            counted=count(rests["rows_counted"]),
            sampled=count(rests["rows_sampled"]),
        )
    leaks = [
        w["column"] for w in audit["data"]["warnings"] if w["code"] == "leak_suspect" and w.get("column")
    ]
    used = set((audit["model"] or {}).get("features", ()))
    if found := [column for column in leaks if column in used]:
        yield tr(
            "What the model uses may give the outcome away: {columns}.", columns=", ".join(map(quoted, found))
        )
    if document.get("suppression"):
        yield _hidden(document["suppression"])


def _hidden(suppression: Json) -> str:
    """Say how much is hidden, that nothing follows from that, and how it is shown."""
    text = tr(
        "Numbers of fewer than {fewest} people are hidden, with others that would give them away; what is hidden says "
        "nothing about whether groups differ.",
        fewest=count(suppression["fewest"]),
    )
    if suppression["hidden"]:
        text += " " + ntr(
            "In all {n} number is hidden.",
            "In all {n} numbers are hidden.",
            suppression["hidden"],
            n=count(suppression["hidden"]),
        )
    return f"{text} " + tr(
        "Who may see them makes this report again with small cells shown: the switch on the page Report, or the "
        "option --show-small-cells of rai-dash audit."
    )
