"""What came out of the counts and is not as it was: figures of everyone and of groups, gaps between them."""

from __future__ import annotations

from collections.abc import Iterator

from rai_dash.core.texts import tr
from rai_dash.core.words import count, percent
from rai_dash.govern._policy_change import Change, amount_of, listing, moved_words, told
from rai_dash.govern._signed import Figures, Rate
from rai_dash.govern.policy import Policy
from rai_dash.govern.policy_labels import GAPS, PEOPLE, SHARES
from rai_dash.govern.policy_words import amount_words, gap_value


def figure_changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Yield what is not as it was, in this order: everyone, costs, people, groups, gaps."""
    yield from _figures(old, new)
    yield from _gaps(old, new)


def _figures(old: Policy, new: Policy) -> Iterator[Change]:
    yield from _shares("figures", "", old.metrics.overall, new.metrics.overall)
    costs = tuple(None if p.cost is None else p.cost.per_application for p in (old, new))
    yield from told(
        "figures", tr("Cost of an application"), *(None if c is None else amount_words(c) for c in costs)
    )
    for name, label in PEOPLE.items():
        yield from told("people", label, *(amount_of(p.people_after, name) for p in (old, new)))
    before, after = ({(g.column, g.group): g for g in p.metrics.groups} for p in (old, new))
    for (column, group), figures in after.items():
        place = f"{column} = {group}"
        if (column, group) in before:
            yield from _shares("groups", f", {place}", before[column, group], figures)
        else:
            rows = tr("{figures} rows", figures=count(figures.n))
            yield Change(
                where="groups",
                words=tr("{place} is new, with {rows}.", place=place, rows=rows),
                before=None,
                after=rows,
            )
    for (column, group), figures in before.items():
        if (column, group) not in after:
            rows = tr("{figures} rows", figures=count(figures.n))
            yield Change(
                where="groups",
                words=tr("{column} = {group} is gone; it had {rows}.", column=column, group=group, rows=rows),
                before=rows,
                after=None,
            )


def _shares(where: str, whose: str, was: Figures, now: Figures) -> Iterator[Change]:
    """Yield the shares of everyone or of one group that are not what they were."""
    yield from told(where, f"Rows{whose}", count(was.n), count(now.n))
    for name, label in SHARES.items():
        before, after = was.rates.get(name), now.rates.get(name)
        if before is not None and after is not None:
            yield from _share(where, f"{label}{whose}", before, after)


def _share(where: str, label: str, before: Rate, after: Rate) -> Iterator[Change]:
    was, now = before.value, after.value
    if was == now:
        return
    if was is None or now is None:
        values = (tr("not known") if x is None else percent(x, digits=1) for x in (was, now))
        yield from told(where, label, *values)
        return
    # A move that one decimal does not show is still a move, and the points say so.
    yield from told(where, label, percent(was, digits=1), percent(now, digits=1), more=moved_words(now - was))


def _gaps(old: Policy, new: Policy) -> Iterator[Change]:
    for column in new.gaps:
        if column not in old.gaps:
            continue
        for name, label in GAPS.items():
            was, now = (p.gaps[column].values.get(name) for p in (old, new))
            if was is None or now is None or was.value == now.value:
                continue
            values = (gap_value(name, g.value) for g in (was, now))
            yield from told("gaps", f"{label}, {column}", *values)
        names = tuple(listing(p.gaps[column].compared) for p in (old, new))
        yield from told("gaps", tr("Groups that are compared, {column}", column=column), *names)
