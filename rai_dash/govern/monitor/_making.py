"""How each kind of line is made: the state by the rule for one number, and what chance would give."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.govern._policy_monitoring import MonitorLimits
from rai_dash.govern.monitor import chance
from rai_dash.govern.monitor.lines import Family, Line
from rai_dash.govern.monitor.states import State, interval_state, psi_of_counts, psi_state
from rai_dash.stats import drift

IntArray = NDArray[np.int64]
#: Least tolerance of figures that are no shares, where the analyst names none.
_LEAST_OF = {"calibration_intercept": 0.1, "calibration_slope": 0.1}
_ONE_CELL = "all values lie in one cell, so this index cannot move"
NO_OUTCOMES = "no outcome is known yet"
NOTHING = Estimate.undefined("there is no such number at signing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a line stands."""

    name: str
    family: Family
    column: str = ""
    group: str = ""

    def parts(self) -> dict[str, Any]:
        """Return its fields, for the line."""
        return {"name": self.name, "family": self.family, "column": self.column, "group": self.group}


def tolerance_of(limits: MonitorLimits, name: str, signed: Estimate, *, is_group: bool = False) -> float:
    """Return how far a line may lie from its signed value; see `MonitorLimits`."""
    named = limits.tolerances.get(name)
    if named is not None and not is_group:
        return named
    least = named or _LEAST_OF.get(name, limits.least)
    if signed.low is None or signed.high is None:
        return least
    return max(least, (signed.high - signed.low) / 2.0)


def nothing_line(place: Place, reason: str, *, signed: Estimate = NOTHING, **more: Any) -> Line:
    """Make a line that cannot be judged."""
    given = {"state": State.NO_DATA} | more
    return Line(**place.parts(), signed=signed, batch=Estimate.undefined(reason), reason=reason, **given)


def rate_line(
    place: Place,
    signed: Estimate,
    batch: Estimate,
    limits: MonitorLimits,
    *,
    is_weighted: bool = False,
    why_no_batch: str | None = None,
    **more: Any,
) -> Line:
    """Hold a share against the signed one, by the rule of `rate_state`."""
    if signed.value is None:
        return nothing_line(
            place, tr("undefined at signing: {reason}", reason=signed.reason), signed=signed, **more
        )
    tolerance = tolerance_of(limits, place.name, signed, is_group=bool(place.group))
    if batch.value is None or batch.low is None or batch.high is None:
        why = why_no_batch or batch.reason or tr("no row")
        return nothing_line(place, why, signed=signed, tolerance=tolerance, **more)
    state = interval_state(batch.value, batch.low, batch.high, signed.value, tolerance)
    needed = max(limits.min_n, math.ceil(chance.rows_for(signed.value, 2.0 * tolerance)))
    has = chance.effective_rows(batch) if is_weighted else float(batch.denominator or 0.0)
    return Line(
        **place.parts(),
        signed=signed,
        batch=batch,
        tolerance=tolerance,
        state=state,
        p_value=chance.share_p(signed, batch, is_weighted=is_weighted) if state is State.BREACH else None,
        rows_needed=needed,
        too_few=round(has) < needed,
        **more,
    )


def number_line(place: Place, signed: Estimate, batch: Estimate, limits: MonitorLimits, source: str) -> Line:
    """Hold a number with an interval that is no share against the signed one, by the same rule."""
    if signed.value is None:
        return nothing_line(
            place, tr("undefined at signing: {reason}", reason=signed.reason), signed=signed, source=source
        )
    tolerance = tolerance_of(limits, place.name, signed)
    if batch.value is None or batch.low is None or batch.high is None:
        why = batch.reason or tr("it has no interval")
        return nothing_line(place, why, signed=signed, tolerance=tolerance, source=source)
    state = interval_state(batch.value, batch.low, batch.high, signed.value, tolerance)
    return Line(
        **place.parts(),
        signed=signed,
        batch=batch,
        tolerance=tolerance,
        state=state,
        source=source,
        p_value=chance.difference_p(signed, batch) if state is State.BREACH else None,
        # The interval says how much is known: twice the tolerance to each side settles nothing.
        too_few=(batch.high - batch.low) / 2.0 > 2.0 * tolerance,
    )


def psi_line(place: Place, then: IntArray, now: IntArray, limits: MonitorLimits) -> Line:
    """Hold the cells of a column against the signed ones."""
    shared: dict[str, Any] = {"watch": limits.psi_watch, "breach": limits.psi_breach}
    if not then.sum() or not now.sum():
        side = tr("no signed row") if not then.sum() else tr("no row of the batch")
        return nothing_line(place, tr("{side} has a value", side=side), **shared)
    value = psi_of_counts(then, now)
    state = psi_state(value, watch=limits.psi_watch, breach=limits.psi_breach)
    seed = int(fingerprint_value(["psi", then.tolist(), now.tolist()])[:8], 16)
    by_chance = drift.psi_by_chance(then, now, seed=seed)
    needed = _rows_of_psi(then, now, limits.psi_watch)
    n = int(now.sum())
    is_one_cell = np.count_nonzero(then + now) < 2
    return Line(
        **place.parts(),
        signed=NOTHING,
        reason=_ONE_CELL if is_one_cell else None,
        batch=Estimate(value, numerator=None, denominator=float(n)),
        state=state,
        by_chance=by_chance,
        p_value=chance.psi_p(then, now) if state is State.BREACH else None,
        rows_needed=None if needed is None else max(limits.min_n, needed),
        too_few=n < limits.min_n or by_chance >= limits.psi_watch,
        **shared,
    )


def _rows_of_psi(then: IntArray, now: IntArray, watch: float) -> int | None:
    """Return the rows from which chance alone gives less: about ``(cells - 1) (1/m + 1/n)``; None = never."""
    free = max(int(((then + now) > 0).sum()) - 1, 1)
    room = watch - free / int(then.sum())
    return math.ceil(free / room) if room > 0 else None


def ks_line(place: Place, found: drift.Tested, n: int, limits: MonitorLimits, source: str) -> Line:
    """Show the largest distance of two distribution functions, and judge it where a limit was signed."""
    if math.isnan(found.statistic):
        return nothing_line(place, found.reason or tr("no value"), breach=limits.ks, source=source)
    state = State.NO_LIMIT
    if limits.ks is not None:
        state = State.BREACH if found.statistic >= limits.ks else State.OK
    return Line(
        **place.parts(),
        signed=NOTHING,
        batch=Estimate(found.statistic, denominator=float(n)),
        breach=limits.ks,
        state=state,
        source=source,
        p_value=found.p_value,
        reason=tr("no limit was signed") if limits.ks is None else None,
        too_few=n < limits.min_n,
    )
