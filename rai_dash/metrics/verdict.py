"""Whether a gap between groups is more than chance: the tests of `rai_dash.stats.tests` on a table of metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rai_dash.core.estimates import plain
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.metrics._base import METRICS, MetricTable
from rai_dash.metrics.disparity import eligible_groups
from rai_dash.stats.tests import Evidence, Verdict, evidence

#: A difference that is taken not to matter, unless the user says otherwise: five points.
DEFAULT_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class GapVerdict:
    """What may be said about the gap in one metric.

    Parameters
    ----------
    verdict : str
        ``disparity shown``, ``equivalent within tolerance``, ``not enough data`` or ``undefined``.
    tolerance : float
        A difference that does not matter.
    p_value : float or None
        Of the studentised max-z test that all groups have one rate.
    expected_by_chance : float or None
        Median gap of groups of these sizes when all have one rate.
    expected_ratio_by_chance : float or None
        Median of smallest over largest rate, likewise.
    starred : tuple of str
        Groups shown to differ from the rest (max-z and Holm).
    beyond_tolerance, equivalent : tuple of str
        Groups shown to differ by more than the tolerance, and groups shown to differ by less.
    adjusted : mapping of str to float
        p-value of each compared group against the rest (Fisher), adjusted for having tried all of them (Holm).
    rows_needed : int or None
        Rows of the group that needs most, with not enough data.
    is_approximate : bool
        Whether rows carry weights: the tests then rest on the effective size.
    """

    verdict: str
    tolerance: float
    p_value: float | None = None
    expected_by_chance: float | None = None
    expected_ratio_by_chance: float | None = None
    starred: tuple[str, ...] = ()
    beyond_tolerance: tuple[str, ...] = ()
    equivalent: tuple[str, ...] = ()
    adjusted: Mapping[str, float] = field(default_factory=dict)
    rows_needed: int | None = None
    is_approximate: bool = False

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "expected_by_chance": self.expected_by_chance,
            "expected_ratio_by_chance": self.expected_ratio_by_chance,
            "p_value": self.p_value,
            "tolerance": self.tolerance,
            "verdict": self.verdict,
            "rows_needed": self.rows_needed,
            "starred": list(self.starred),
            "beyond_tolerance": list(self.beyond_tolerance),
            "equivalent": list(self.equivalent),
            "adjusted_p": dict(self.adjusted),
            "approximate": self.is_approximate,
        }


def gap_verdict(
    table: MetricTable, metric: str, *, tolerance: float = DEFAULT_TOLERANCE, min_n: int | None = None
) -> GapVerdict | None:
    """Test the gap in one metric.

    Parameters
    ----------
    table : MetricTable
        One sensitive column or cross.
    metric : str
        A metric of the table.
    tolerance : float
        A difference that does not matter, in (0, 1).
    min_n : int, optional
        Fewest rows of a group that is compared; None = as in the table.

    Returns
    -------
    GapVerdict or None
        None where the metric is no share of rows: the tests are for shares.

    Notes
    -----
    The simulated null is seeded by the metric and the sizes of the groups, whatever they are called: the same data
    always get the same answer.
    """
    if METRICS[metric].family != "rate":
        return None
    values = table.values[metric]
    eligible, _ = eligible_groups(table, metric, min_n=min_n)
    size = np.rint(values.size[eligible]).astype(np.int64)
    hits = np.rint(values.value[eligible] * values.size[eligible]).astype(np.int64)
    if (size <= 0).any():
        return GapVerdict(verdict=str(Verdict.UNDEFINED), tolerance=tolerance)
    seed = int(fingerprint_value([metric, sorted(size.tolist())])[:8], 16)
    found = evidence(hits, size, table.n[eligible], tolerance=tolerance, seed=seed)
    return _of(found, table, eligible, tolerance, is_weighted=bool((values.size != values.denominator).any()))


def _of(
    found: Evidence, table: MetricTable, eligible: list[int], tolerance: float, *, is_weighted: bool
) -> GapVerdict:
    names = np.array([table.groups[i] for i in eligible], dtype=object)
    test = found.test
    return GapVerdict(
        verdict=str(found.verdict),
        tolerance=tolerance,
        p_value=None if test is None else float(test.p_value),
        expected_by_chance=None if test is None else float(test.expected_gap),
        expected_ratio_by_chance=None if test is None else plain(test.expected_ratio),
        starred=tuple(names[found.starred]),
        beyond_tolerance=tuple(names[found.beyond_tolerance]),
        equivalent=tuple(names[found.equivalent]),
        adjusted={} if test is None else dict(zip(names, map(float, found.adjusted), strict=True)),
        rows_needed=found.rows_needed,
        is_approximate=is_weighted,
    )
