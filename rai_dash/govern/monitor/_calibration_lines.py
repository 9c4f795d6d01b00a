"""Lines about calibration: whether scores still mean what they meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rai_dash.govern._policy_monitoring import Monitoring
from rai_dash.govern.monitor import _figures as figures
from rai_dash.govern.monitor._making import NO_OUTCOMES, Place, nothing_line, number_line
from rai_dash.govern.monitor.counts import BatchCounts
from rai_dash.govern.monitor.lines import Family, Line
from rai_dash.govern.monitor.states import State

#: Figures that move by more than a limit where scores near 0 or 1 are known to a thousandth only.
_BLURRED: Final = frozenset({"calibration_intercept", "calibration_slope"})
_CELLS: Final = (
    "it was measured on rows at signing, and of this batch only thousandths of the score are at hand"
)


def calibration_lines(monitoring: Monitoring, counts: BatchCounts) -> Iterator[Line]:
    """Compare intercept, slope and Brier score; what is known to thousandths only is not held against rows."""
    signed = monitoring.calibration
    rates = {
        "calibration_intercept": signed.intercept,
        "calibration_slope": signed.slope,
        "brier": signed.brier,
    }
    found = figures.calibration(counts.scores)
    for name, rate in rates.items():
        place = Place(name=name, family=Family.CALIBRATION)
        batch, source = found[name]
        if not counts.outcomes:
            yield nothing_line(place, NO_OUTCOMES, signed=rate.estimate())
        elif source != signed.source and name in _BLURRED:
            yield nothing_line(place, _CELLS, signed=rate.estimate(), state=State.NO_ROWS, source=source)
        else:
            yield number_line(place, rate.estimate(), batch, monitoring.limits, source)
