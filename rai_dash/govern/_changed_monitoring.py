"""What changed in how a policy is watched, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from rai_dash.core.texts import tr
from rai_dash.core.words import count, number
from rai_dash.govern._policy_change import Change, told
from rai_dash.govern._policy_monitoring import Monitoring, MonitorLimits
from rai_dash.govern.policy import Policy

_LIMITS = (
    ("psi_watch", "PSI that is watched"),
    ("psi_breach", "PSI that is a breach"),
    ("ks", "KS distance that is a breach"),
    ("least", "Least tolerance of a share"),
    ("min_n", "Least rows of a batch"),
)


def monitoring_changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Say what changed of the limits; of the rows that a batch is compared with only where nothing else explains it."""
    was, now = old.monitoring, new.monitoring
    if was is None or now is None:
        yield from told("monitoring", tr("Columns that the monitor watches"), _watched(was), _watched(now))
        return
    for name, label in _LIMITS:
        yield from told("monitoring", label, *(_value(getattr(m.limits, name)) for m in (was, now)))
    yield from _tolerances(was.limits, now.limits)
    is_same_basis = all(
        getattr(old, part) == getattr(new, part) for part in ("data", "model", "score", "band")
    )
    if is_same_basis and not _alike(*(m.model_dump(exclude={"limits"}) for m in (was, now))):
        words = tr("What a batch is compared with was counted anew.")
        yield Change(
            where="monitoring",
            words=words,
            before=tr("the signed rows"),
            after=tr("other rows, or other counts"),
        )


def _alike(a: Any, b: Any) -> bool:
    """Whether two records say the same: sums over rows that lie elsewhere differ in the last digits between runs."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_alike(value, b[name]) for name, value in a.items())
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_alike, a, b))
    return bool(a == b)


def _tolerances(old: MonitorLimits, new: MonitorLimits) -> Iterator[Change]:
    for name in sorted({*old.tolerances, *new.tolerances}):
        was, now = (_value(limits.tolerances.get(name)) for limits in (old, new))
        yield from told("monitoring", tr("Tolerance of {name}", name=name), was, now)


def _watched(monitoring: Monitoring | None) -> str | None:
    return None if monitoring is None else count(len(monitoring.columns))


def _value(value: float | None) -> str | None:
    return None if value is None else number(value, digits=3).rstrip("0").rstrip(".")
