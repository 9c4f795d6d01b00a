"""How a policy is watched, in plain sentences and as a list of limits, for those who sign it."""

from __future__ import annotations

from collections.abc import Iterator

from rai_dash.core.texts import ntr, tr
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
        ntr(
            "; {named} has a limit of its own",
            "; {named} have limits of their own",
            named,
            named=count(named),
        )
        if named
        else ""
    )
    breach = (
        tr("A breach suspends automatic decisions until somebody lifts it.")
        if policy.suspend_on_breach
        else tr("A breach opens a problem and suspends nothing by itself.")
    )
    return ntr(
        "Later batches are held against these figures and {n} watched column: a share may move by half "
        "the width of its interval, at least {least}{own}; drift is a breach from a PSI of {psi_breach} "
        "on. {breach}",
        "Later batches are held against these figures and {n} watched columns: a share may move by half "
        "the width of its interval, at least {least}{own}; drift is a breach from a PSI of {psi_breach} "
        "on. {breach}",
        n,
        n=count(n),
        least=points(found.limits.least),
        own=own,
        psi_breach=number(found.limits.psi_breach),
        breach=breach,
    )


def limit_words(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield each signed limit of the monitor with its label; none where the policy was drafted without."""
    if policy.monitoring is None:
        return
    limits = policy.monitoring.limits
    for name, value in sorted(limits.tolerances.items()):
        label = TOLERANCES.get(name, name)
        yield (
            tr("May move: {label}", label=label),
            number(value, digits=3) if name in _NUMBERS else points(value),
        )
    yield (
        tr("May move: any other share"),
        tr("half the width of its signed interval, at least {least}", least=points(limits.least)),
    )
    yield tr("PSI that is watched"), tr("from {psi_watch}", psi_watch=number(limits.psi_watch))
    yield tr("PSI that is a breach"), tr("from {psi_breach}", psi_breach=number(limits.psi_breach))
    yield (
        tr("KS that is a breach"),
        tr("none: it is shown") if limits.ks is None else tr("from {ks}", ks=number(limits.ks)),
    )
    yield tr("Fewest rows of a batch that settle anything"), count(limits.min_n)
    yield tr("A breach suspends automatic decisions"), "yes" if policy.suspend_on_breach else "no"
