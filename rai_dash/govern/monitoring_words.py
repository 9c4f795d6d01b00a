"""How a policy is watched, in plain sentences and as a list of limits, for those who sign it."""

from __future__ import annotations

from collections.abc import Iterator

from rai_dash.core.words import count, number, points
from rai_dash.govern.monitor.limits import TOLERANCES
from rai_dash.govern.policy import Policy

#: Lines whose tolerance is in a unit of its own; the others are shares.
_NUMBERS = frozenset({"calibration_intercept", "calibration_slope", "brier"})


def monitoring_words(policy: Policy) -> str | None:
    """Say what later batches are held against, and what a breach does; None = the policy was drafted without.

    The names of columns are not in it.
    """
    found = policy.monitoring
    if found is None:
        return None
    n = len(found.columns)
    named = len(found.limits.tolerances)
    own = (
        f"; {count(named)} {'has a limit of its' if named == 1 else 'have limits of their'} own"
        if named
        else ""
    )
    breach = (
        "A breach suspends automatic decisions until somebody lifts it."
        if policy.suspend_on_breach
        else "A breach opens a problem and suspends nothing by itself."
    )
    return (
        f"Later batches are held against these figures and {count(n)} watched {'column' if n == 1 else 'columns'}: "
        f"a share may move by half the width of its interval, at least {points(found.limits.least)}{own}; drift is "
        f"a breach from a PSI of {number(found.limits.psi_breach)} on. {breach}"
    )


def limit_words(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield each signed limit of the monitor with its label; none where the policy was drafted without."""
    if policy.monitoring is None:
        return
    limits = policy.monitoring.limits
    for name, value in sorted(limits.tolerances.items()):
        label = TOLERANCES.get(name, name)
        yield f"May move: {label}", number(value, digits=3) if name in _NUMBERS else points(value)
    yield (
        "May move: any other share",
        f"half the width of its signed interval, at least {points(limits.least)}",
    )
    yield "PSI that is watched", f"from {number(limits.psi_watch)}"
    yield "PSI that is a breach", f"from {number(limits.psi_breach)}"
    yield "KS that is a breach", "none: it is shown" if limits.ks is None else f"from {number(limits.ks)}"
    yield "Fewest rows of a batch that settle anything", count(limits.min_n)
    yield "A breach suspends automatic decisions", "yes" if policy.suspend_on_breach else "no"
