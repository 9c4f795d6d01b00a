"""What is said about a batch as a whole, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.words import capital, count, number, percent, points
from rai_dash.govern.monitor.chance import WATCH_ALPHA
from rai_dash.govern.monitor.counts import BatchCounts
from rai_dash.govern.monitor.lines import HEADLINES, Family, Held, Line, Verdict
from rai_dash.govern.monitor.states import State
from rai_dash.govern.monitor.subject import SIGNED, Subject

#: Most reasons that the sentence gives: one for each thing that a policy is signed for.
MOST_REASONS: Final = 4
_DIGITS: Final = 1
#: People of a group of whom a sentence says numbers.
_FEWEST: Final = 10


def verdict_of(counts: BatchCounts, lines: Sequence[Line], subject: Subject) -> Verdict:
    """Sum up the lines of a batch.

    Parameters
    ----------
    counts : BatchCounts
        Of the batch.
    lines : sequence of Line
        With chance allowed for.
    subject : Subject
        What the batch was held against, as the sentence names it.
    """
    judged = [line for line in lines if line.state.is_judged]
    broken = [line for line in judged if line.counts]
    watched = [line for line in judged if _asks_to_look(line)]
    state = _state(counts, judged, broken=bool(broken), watched=bool(watched))
    why = tuple(reasons(broken or watched, subject))
    return Verdict(
        state=state,
        sentence=_sentence(counts, lines, state, why, subject),
        reasons=why,
        judged=len(judged),
        counted=len(broken),
        within_chance=sum(line.within_chance for line in judged),
        too_few=_too_few(judged),
        not_judged=len(lines) - len(judged),
    )


def _asks_to_look(line: Line) -> bool:
    """Whether a line is no breach that counts, and more than chance does in every other batch."""
    if line.name in {"column", "model"}:
        return line.state is State.WATCH
    return line.within_chance and line.p_adjusted is not None and line.p_adjusted <= WATCH_ALPHA


def _too_few(judged: Iterable[Line]) -> int:
    return sum(line.too_few and not line.counts for line in judged)


def _state(counts: BatchCounts, judged: Sequence[Line], *, broken: bool, watched: bool) -> Held:
    if broken:
        return Held.BREACH
    if watched:
        return Held.WATCH
    heads = [line for line in judged if line.family in HEADLINES]
    is_unsure = not counts.n or not heads or 2 * _too_few(heads) > len(heads)
    return Held.UNSURE if is_unsure else Held.HOLDS


def _sentence(
    counts: BatchCounts, lines: Sequence[Line], state: Held, why: Sequence[str], subject: Subject
) -> str:
    """Say the verdict, why, and what it does not settle."""
    if not counts.n:
        return tr("There is nothing to judge: the batch has no rows.")
    judged = [line for line in lines if line.state.is_judged]
    few = _too_few(judged)
    too_few = tr(
        "{few} of {judged} lines have too few rows to tell", few=count(few), judged=count(len(judged))
    )
    if state is Held.BREACH:
        return f"{subject.no_longer_holds}: {'; '.join(why)}."
    if state is Held.WATCH:
        parts = [tr("Look at this batch: {why}.", why="; ".join(why))]
    elif state is Held.UNSURE:
        parts = [
            tr(
                "Nothing speaks against {inside}, but {too_few}.",
                inside=subject.inside.removesuffix(","),
                too_few=too_few,
            )
        ]
    else:
        parts = [
            f"{subject.holds}{_as_signed(lines, subject)}.",
            f"{capital(too_few)}." if few else "",
        ]
    return " ".join(part for part in (*parts, _chance_words(judged), _outcome_words(counts)) if part)


def _chance_words(judged: Sequence[Line]) -> str:
    outside = sum(line.within_chance for line in judged)
    if not outside:
        return ""
    verb = (
        tr("line lies wholly outside its limits")
        if outside == 1
        else tr("lines lie wholly outside their limits")
    )
    return tr(
        "{outside} {verb}, which may be chance among {judged}.",
        outside=count(outside),
        verb=verb,
        judged=count(len(judged)),
    )


def _outcome_words(counts: BatchCounts) -> str:
    return "" if counts.outcomes else tr("No outcome is known yet, so errors could not be checked.")


def _as_signed(lines: Iterable[Line], subject: Subject) -> str:
    line = next((x for x in lines if x.key == ("review_rate", "", "")), None)
    return (
        ""
        if line is None or line.batch.value is None
        else f": {_shares(line, tr('go to a person'), subject)}"
    )


def reasons(lines: Iterable[Line], subject: Subject = SIGNED) -> Iterator[str]:
    """Yield why, the most important first: one reason for each family, at most `MOST_REASONS`."""
    by_family: dict[Family, list[Line]] = {}
    for line in lines:
        by_family.setdefault(line.family, []).append(line)
    routes = by_family.get(Family.ROUTES, [])
    if Family.APPROVAL in by_family and not any(line.name == "review_rate" for line in routes):
        # Without a shift to people the routes say the same as the approval rate.
        by_family.pop(Family.ROUTES, None)
    found = [_WORDS[family](by_family[family], subject) for family in Family if family in by_family]
    yield from found[:MOST_REASONS]


def _beside(line: Line) -> tuple[str, str]:
    """Write both shares, with a decimal where they would read the same."""
    now, then = line.batch.value, line.signed.value
    digits = _DIGITS if percent(now) == percent(then) and now != then else None
    return percent(now, digits=digits), percent(then, digits=digits)


def _shares(line: Line, does: str, subject: Subject) -> str:
    now, then = _beside(line)
    past = subject.taken_down
    return (
        tr("{now} {does}, as {past}", now=now, does=does, past=past)
        if now == then
        else tr("{now} {does}, {then} was {past}", now=now, does=does, then=then, past=past)
    )


#: What a share of people does, for everyone.
_DOES: Final[Mapping[str, str]] = {
    "review_rate": mark("go to a person"),
    "auto_approve_rate": mark("are approved automatically"),
    "auto_reject_rate": mark("are declined automatically"),
    "selection_rate": mark("are approved at the model’s own line"),
    "auto_error_rate": mark("of the automatic decisions are wrong"),
    "fnr_auto": mark("of the good applications decided automatically are declined"),
    "fpr_auto": mark("of the bad applications decided automatically are approved"),
    "base_rate": mark("of the known outcomes are favourable"),
}
_GAPS: Final[Mapping[str, str]] = {
    "review_rate_gap": mark("in being sent to a person"),
    "auto_approve_gap": mark("in automatic approvals"),
    "auto_reject_gap": mark("in being declined automatically"),
    "selection_rate_gap": mark("in approvals at the model’s own line"),
    "auto_error_gap": mark("in wrong automatic decisions"),
    "fnr_auto_gap": mark("in good applications declined"),
    "fpr_auto_gap": mark("in bad applications approved"),
}


def _first(lines: Sequence[Line]) -> Line:
    """Choose the line that moved most, in multiples of its tolerance; of the same name order in doubt."""

    def moved(line: Line) -> float:
        if line.batch.value is None or line.signed.value is None:
            return 0.0
        return abs(line.batch.value - line.signed.value) / (line.tolerance or 1.0)

    return max(lines, key=moved)


def _headline(lines: Sequence[Line], subject: Subject) -> str:
    line = lines[0]
    return _shares(line, tr(_DOES[line.name]), subject)


def _group_words(lines: Sequence[Line], subject: Subject) -> str:
    line = _first(lines)
    if line.batch.value is None:
        return f"{line.column}: {line.reason}"
    more = _more(lines, tr("line about groups"), tr("lines about groups"))
    if float(line.batch.denominator or 0.0) < _FEWEST:
        # Said in public it would tell of single people.
        return tr(
            "{column} {group} lies outside its limits{more}", column=line.column, group=line.group, more=more
        )
    return f"{line.column} {line.group}: {_shares(line, tr(_DOES[line.name]), subject)}{more}"


def _gap_words(lines: Sequence[Line], subject: Subject) -> str:
    line = _first(lines)
    gap, was = points(line.batch.value), points(line.signed.value)
    return tr(
        "groups of {column} lie {gap} apart {line}, {was} was {taken_down}",
        column=line.column,
        gap=gap,
        line=tr(_GAPS[line.name]),
        was=was,
        taken_down=subject.taken_down,
    )


def _more(lines: Sequence[Line], one: str, many: str) -> str:
    rest = len(lines) - 1
    return "" if not rest else tr(" (and {rest} more {one})", rest=rest, one=one if rest == 1 else many)


def _score_words(lines: Sequence[Line], subject: Subject) -> str:
    named = {line.name: line for line in lines}
    if "psi" in named:
        return tr("the scores have drifted (PSI {batch})", batch=number(named["psi"].batch.value))
    if "ks" in named:
        return tr("the scores have drifted (KS {batch})", batch=number(named["ks"].batch.value))
    return _shares(named["no_score_rate"], tr("have no score"), subject)


def _column_words(lines: Sequence[Line], subject: Subject) -> str:
    """Name what is wrong with the columns: first what holds something else, then drift, the largest first."""
    kinds = [line for line in lines if line.name == "column"]
    if kinds:
        return f"{kinds[0].column}: {kinds[0].reason}{_more(kinds, 'column', 'columns')}"
    drifted = [line for line in lines if line.name in {"psi", "ks"}]
    if drifted:
        names = dict.fromkeys(x.column for x in sorted(drifted, key=lambda x: -(x.batch.value or 0.0)))
        first, rest = next(iter(names)), len(names) - 1
        also = (
            ""
            if not rest
            else ntr(" and {rest} other column", " and {rest} other columns", rest, rest=count(rest))
        )
        return tr(
            "{first}{also} {which} drifted",
            first=first,
            also=also,
            which=tr("has") if not rest else tr("have"),
        )
    line = _first(lines)
    if line.name == "blank_rate":
        return f"{line.column}: {_shares(line, tr('are blank'), subject)}"
    if line.name == "new_categories":
        return f"{line.column}: {_shares(line, tr('hold a category that the policy does not know'), subject)}"
    gone = line.items[0][0] if line.items else ""
    return tr(
        "{column}: nobody has {gone}, {signed} had when it was {taken_down}",
        column=line.column,
        gone=gone,
        signed=percent(line.signed.value),
        taken_down=subject.taken_down,
    )


def _calibration_words(lines: Sequence[Line], subject: Subject) -> str:
    line = lines[0]
    what = {"calibration_intercept": "intercept", "calibration_slope": "slope", "brier": tr("Brier score")}[
        line.name
    ]
    now, was = number(line.batch.value), number(line.signed.value)
    return tr(
        "scores are no longer right on average ({what} {now}, {was} was {taken_down})",
        what=what,
        now=now,
        was=was,
        taken_down=subject.taken_down,
    )


_WORDS: Final[Mapping[Family, Callable[[Sequence[Line], Subject], str]]] = {
    Family.MODEL: lambda lines, _: str(lines[0].reason),
    Family.ROUTES: _headline,
    Family.APPROVAL: _headline,
    Family.ERROR: _headline,
    Family.PRIOR: _headline,
    Family.GROUPS: _group_words,
    Family.GAPS: _gap_words,
    Family.SCORE: _score_words,
    Family.COLUMNS: _column_words,
    Family.CALIBRATION: _calibration_words,
}
