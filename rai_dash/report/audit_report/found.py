"""What the tests found between groups, in sentences: no louder and no softer than they allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rai_dash.core.target_words import Wording, wording
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import TargetKind
from rai_dash.core.words import count, percent, points
from rai_dash.report.audit_report.say import Json, is_hidden, listed, points_range, quoted, told
from rai_dash.stats.tests import Verdict

#: What is decided about people, the most telling first.
DECIDED: Final = ("selection_rate", "recall", "fpr")
#: Below this the lower rate is far from the higher one, however few points lie between them.
_FAR: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One metric between the groups of one column.

    Parameters
    ----------
    column, metric : str
        As in the JSON.
    gap : mapping
        The disparity.
    groups : mapping
        Metrics by group.
    words : Wording
        How people are called.
    """

    column: str
    metric: str
    gap: Json
    groups: Json
    words: Wording

    @property
    def verdict(self) -> Verdict:
        """What may be said; undefined where the gap is, or where it is hidden and nothing is said about it."""
        is_known = self.gap.get("difference") is not None or self.is_hidden
        return Verdict(self.gap["verdict"]) if is_known and self.gap.get("verdict") else Verdict.UNDEFINED

    @property
    def is_hidden(self) -> bool:
        """Whether the numbers are hidden, since they rest on few people."""
        return is_hidden(self.gap)

    @property
    def size(self) -> float:
        """How far the extremes lie apart."""
        return abs(float(self.gap.get("difference") or 0.0))

    @property
    def is_far(self) -> bool:
        """Whether shares within the tolerance are far apart as a ratio, by more than chance."""
        ratio = self.gap.get("ratio")
        is_near = self.verdict == Verdict.EQUIVALENT and bool(self.gap.get("starred"))
        return is_near and ratio is not None and ratio < _FAR

    def estimate(self, group: str) -> Json:
        """Return the metric of a group."""
        found: Json = self.groups[group][self.metric]
        return found

    @property
    def is_silent(self) -> bool:
        """Whether nothing is told of a finding but that it is hidden."""
        return self.is_hidden and self.verdict == Verdict.UNDEFINED

    def _hidden(self, people: str) -> str:
        """Say as much as is told of a finding whose numbers are hidden."""
        values = {
            "people": people,
            "what": tr(what_of(self.metric)),
            "tolerance": points(self.gap.get("tolerance")),
        }
        return tr(_HIDDEN[self.verdict], **values)

    @property
    def ends(self) -> tuple[str, str]:
        """The groups with the smallest and the largest share."""
        pair = sorted(
            (str(self.gap["worst"]), str(self.gap["best"])),
            key=lambda group: self.estimate(group).get("value") or 0.0,
        )
        return pair[0], pair[1]

    def sentence(self) -> str:
        """Say the finding."""
        people = people_of(self.metric, self.words)
        if self.is_hidden:
            return self._hidden(people)
        if self.verdict == Verdict.UNDEFINED:
            return tr("Not comparable between groups. {reason}", reason=_why(self.gap))
        low, high = self.ends
        values = {
            "people": people,
            "what": tr(what_of(self.metric)),
            "low": quoted(low),
            "high": quoted(high),
            "low_share": told(self.estimate(low)),
            "high_share": told(self.estimate(high)),
            "gap": points(self.size),
        }
        text = _SAYS[self.verdict](self.gap, values)
        return f"{text} {_far(self.gap)}" if self.is_far else text


_HIDDEN: Final = {
    Verdict.SHOWN: mark(
        "Disparity shown, of {people}, in the share {what}. Its numbers rest on few people and are hidden."
    ),
    Verdict.EQUIVALENT: mark(
        "Equivalent within {tolerance}, of {people}, in the share {what}. The numbers rest on few people and "
        "are hidden."
    ),
    Verdict.NOT_ENOUGH: mark(
        "Not enough data, of {people}, on the share {what}. The numbers rest on few people and are hidden."
    ),
    Verdict.UNDEFINED: mark(
        "Of {people}, the share {what} is hidden: it rests on few people, or would give such a number away. "
        "This says nothing about whether groups differ."
    ),
}


def _why(gap: Json) -> str:
    """Say why a gap has no number."""
    text = str(gap.get("reason") or tr("The gap is undefined."))
    return f"{text[:1].upper()}{text[1:]}".removesuffix(".") + "."


def _span(gap: Json) -> str:
    """Put the interval behind a gap, and the gap that chance alone would give."""
    inside = [] if gap.get("low") is None else [points_range(gap["low"], gap["high"])]
    if gap.get("expected_by_chance") is not None:
        inside.append(tr("about {chance} by chance alone", chance=points(gap["expected_by_chance"])))
    return f" ({'; '.join(inside)})" if inside else ""


def _shown(gap: Json, values: dict[str, Any]) -> str:
    text = tr(
        "Disparity shown. Of {people}, {low_share} are {what} in {low} and {high_share} in {high}: {gap} apart{span}.",
        span=_span(gap),
        **values,
    )
    starred = gap.get("starred") or ()
    if set(starred) - {gap["worst"], gap["best"]}:
        text += " " + tr("A difference to all others is shown for {groups}.", groups=listed(starred))
    return text


def _equivalent(gap: Json, values: dict[str, Any]) -> str:
    return tr(
        "Equivalent within {tolerance}. Of {people}, {low_share} are {what} in {low} and {high_share} in {high}, the "
        "two extremes.",
        tolerance=points(gap["tolerance"]),
        **values,
    )


def _far(gap: Json) -> str:
    return tr(
        "But the lowest share is only {ratio} of the highest, and that is more than chance: where all shares are "
        "low, few points are much.",
        ratio=percent(gap["ratio"]),
    )


def _unsettled(gap: Json, values: dict[str, Any]) -> str:
    text = tr(
        "Not enough data. Of {people}, {low_share} are {what} in {low} and {high_share} in {high}: {gap} apart{span}. "
        "This sample does not settle the difference.",
        span=_span(gap),
        **values,
    )
    return text + _needed(gap)


def _needed(gap: Json) -> str:
    if gap.get("rows_needed") is None:
        return ""
    return " " + tr(
        "To find or to rule out one of {tolerance}, about {rows} rows a group would be needed.",
        tolerance=points(gap["tolerance"]),
        rows=count(gap["rows_needed"]),
    )


_SAYS: Final = {
    Verdict.SHOWN: _shown,
    Verdict.EQUIVALENT: _equivalent,
    Verdict.NOT_ENOUGH: _unsettled,
}
_APPROVED, _REFUSED, _RIGHT = mark("approved"), mark("refused"), mark("decided as the label says")
_WHAT: Final = {"fnr": _REFUSED, "tnr": _REFUSED, "accuracy": _RIGHT}


def what_of(metric: str) -> str:
    """Return what is said about people by a metric, not translated."""
    return _WHAT.get(metric, _APPROVED)


def people_of(metric: str, words: Wording) -> str:
    """Return of whom a metric is a share."""
    if metric in {"recall", "fnr"}:
        return words.good
    return words.bad if metric in {"fpr", "tnr"} else tr("all applicants")


def share_of(metric: str, words: Wording) -> str:
    """Return what a metric is a share of, for a heading."""
    return tr("of {people}, the share {what}", people=people_of(metric, words), what=tr(what_of(metric)))


def wording_of(audit: Json) -> Wording:
    """Return how people are called in a report about these data."""
    return wording(target_kind(audit))


def target_kind(audit: Json) -> TargetKind:
    """Return what the target is, as the roles say."""
    return TargetKind(audit["data"].get("roles", {}).get("target_kind", TargetKind.UNSTATED))


def findings_of(audit: Json, column: str, metrics: tuple[str, ...] = DECIDED) -> Iterator[Found]:
    """Yield what was found about one column, or a cross of columns."""
    groups = audit["groups"].get(column) or audit["crosses"].get(column) or {}
    for metric in metrics:
        gap = audit["disparities"].get(column, {}).get(metric)
        if gap is not None:
            yield Found(column=column, metric=metric, gap=gap, groups=groups, words=wording_of(audit))


def sentences_of(found: Sequence[Found]) -> tuple[str, ...]:
    """Say findings about one column; those of which nothing is told but that they are hidden share one sentence."""
    silent = [one for one in found if one.is_silent]
    told_of = tuple(dict.fromkeys(one.sentence() for one in found if not one.is_silent))
    if len(silent) < 2 or len({what_of(one.metric) for one in silent}) > 1:
        return tuple(dict.fromkeys(one.sentence() for one in found))
    people = "; ".join(dict.fromkeys(people_of(one.metric, one.words) for one in silent))
    text = tr(
        "Hidden, since it rests on few people or would give such a number away: the share {what}, of {people}. This "
        "says nothing about whether groups differ.",
        people=people,
        what=tr(what_of(silent[0].metric)),
    )
    return (*told_of, text)


#: In which order findings are told: hidden ones stand beside those that are not settled.
_LOUDEST: Final = (Verdict.SHOWN, Verdict.NOT_ENOUGH, Verdict.EQUIVALENT, Verdict.UNDEFINED)


def loudest(found: list[Found]) -> Found | None:
    """Return the finding that a reader has to know first: what is shown, the widest of them."""
    order = {verdict: place for place, verdict in enumerate(_LOUDEST)}
    return min(found, key=lambda f: (order[f.verdict], f.is_hidden, -f.size), default=None)
