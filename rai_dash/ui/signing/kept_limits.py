"""Whether a policy keeps the limits that were typed for it, by its own figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.estimates import plain
from rai_dash.core.words import NOTHING, percent, points
from rai_dash.govern._signed import Rate
from rai_dash.govern.policy import Policy
from rai_dash.govern.policy_words import amount_words
from rai_dash.review.constraints import Constraint, parse_constraint
from rai_dash.review.gaps import GAPS, gap_values
from rai_dash.review.limited import is_kept

COST: Final = "cost"


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit as a table shows it; ``is_kept`` None = the figures of the policy do not say."""

    limit: str
    value: str
    is_kept: bool | None


def limit_lines(policy: Policy) -> Iterator[LimitLine]:
    """Say for each limit of a policy which number it has, and whether the limit is kept."""
    columns: dict[str, tuple[str, ...]] = {}
    for figures in policy.metrics.groups:
        columns[figures.column] = (*columns.get(figures.column, ()), figures.group)
    for text in policy.settings.limits:
        try:
            limit = parse_constraint(text, columns=columns)
        except InvalidChoice:
            # Typed for another version of the app, or of the data: it stands there as it was typed.
            yield LimitLine(text, NOTHING, None)
            continue
        value = _value(policy, limit)
        yield LimitLine(text, _written(limit, value), None if value is None else is_kept(value, limit))


def _value(policy: Policy, limit: Constraint) -> float | None:
    """Return the number that a limit is about; None = undefined, or not among the figures of the policy."""
    if limit.metric == COST:
        return None if policy.cost is None else policy.cost.per_application
    if limit.column is None:
        return _share(policy.metrics.overall.rates, limit.metric)
    table = policy.gaps.get(limit.column)
    if limit.is_gap and not limit.groups:
        gap = None if table is None else table.values.get(limit.metric)
        return None if gap is None else gap.value
    of, kind = GAPS.get(limit.metric, (limit.metric, "gap"))
    found = {g.group: g.rates for g in policy.metrics.groups if g.column == limit.column}
    shares = [_share(found[group], of) for group in limit.groups]
    if not limit.is_gap:
        return shares[0]
    if table is None or None in shares or not set(limit.groups) <= set(table.compared):
        return None
    pair = np.array(shares, dtype=np.float64)
    return plain(float(gap_values(pair, np.ones(pair.size, np.bool_), kind)))


def _share(rates: Mapping[str, Rate], name: str) -> float | None:
    rate = rates.get(name)
    return None if rate is None else rate.value


def _written(limit: Constraint, value: float | None) -> str:
    if value is None:
        return NOTHING
    if limit.unit == "gap":
        return points(value) if limit.is_gap else percent(value)
    return amount_words(value)
