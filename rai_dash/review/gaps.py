"""How far groups lie apart under a band: review-band.md section 8."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.estimates import plain
from rai_dash.core.review_cube import ReviewCube
from rai_dash.metrics._base import few_rows, ratio
from rai_dash.metrics.disparity import MAXIMUM_IS_ZERO, TOO_FEW_GROUPS

FloatArray = NDArray[np.float64]
NOT_BY_THESE_GROUPS = "the reviewers are described for the groups of another column"
Kind = Literal["gap", "ratio"]

#: Largest minus smallest value of a share over the eligible groups, or smallest over largest.
GAPS: Mapping[str, tuple[str, Kind]] = {
    "review_rate_gap": ("review_rate", "gap"),
    "review_rate_ratio": ("review_rate", "ratio"),
    "auto_approve_gap": ("auto_approve_rate", "gap"),
    "auto_approve_ratio": ("auto_approve_rate", "ratio"),
    "auto_reject_gap": ("auto_reject_rate", "gap"),
    "auto_error_gap": ("auto_error_rate", "gap"),
    "fnr_auto_gap": ("fnr_auto", "gap"),
    "fpr_auto_gap": ("fpr_auto", "gap"),
    "good_auto_rejected_gap": ("good_auto_rejected", "gap"),
    "bad_auto_approved_gap": ("bad_auto_approved", "gap"),
    "post_approval_ratio": ("post_approval_rate", "ratio"),
    "post_fnr_gap": ("post_fnr", "gap"),
    "post_fpr_gap": ("post_fpr", "gap"),
}


def eligible_groups(cube: ReviewCube, min_n: int) -> tuple[NDArray[np.bool_], dict[str, str]]:
    """Say which groups are large enough to be compared.

    Parameters
    ----------
    cube : ReviewCube
        Of one sensitive column.
    min_n : int
        Fewest rows, whatever their weight, labelled or not.

    Returns
    -------
    eligible : bool (groups,)
        Large enough.
    excluded : dict of str to str
        The other groups, each with the reason.
    """
    n = cube.n
    eligible: NDArray[np.bool_] = n >= min_n
    excluded = {
        group: few_rows(int(size), min_n) for group, size in zip(cube.groups, n, strict=True) if size < min_n
    }
    return eligible, excluded


def gap_values(values: FloatArray, eligible: NDArray[np.bool_], kind: Kind = "gap") -> FloatArray:
    """Compare groups, for one band or many at once.

    Parameters
    ----------
    values : float64 (groups, *plane)
        A share; NaN = undefined, which never enters.
    eligible : bool (groups,)
        Groups that are compared.
    kind : {"gap", "ratio"}
        Largest minus smallest value, or smallest over largest.

    Returns
    -------
    float64 (*plane)
        NaN with fewer than two eligible groups that have a value, and for a ratio whose largest value is 0.
    """
    some = values[eligible]
    if len(some) < 2:
        return np.full(values.shape[1:], np.nan)
    # fmax and fmin pass over NaN.
    highest, lowest = np.fmax.reduce(some, axis=0), np.fmin.reduce(some, axis=0)
    result = highest - lowest if kind == "gap" else ratio(lowest, highest)
    is_compared = np.count_nonzero(~np.isnan(some), axis=0) >= 2
    return np.where(is_compared, result, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class GapTable:
    """Every gap and ratio of `GAPS` between the groups of one column, under one band.

    Parameters
    ----------
    values : mapping of str to (float or None)
        By name; None = undefined.
    reasons : mapping of str to str
        Why a value is undefined.
    eligible : tuple of str
        Groups with enough rows, by name.
    excluded : mapping of str to str
        Groups with too few rows, by name, each with the reason.
    undefined : mapping of str to tuple of str
        By name of a gap: eligible groups left out of it, since the share is undefined for them.
    """

    values: Mapping[str, float | None]
    reasons: Mapping[str, str]
    eligible: tuple[str, ...]
    excluded: Mapping[str, str]
    undefined: Mapping[str, tuple[str, ...]]

    def to_json(self) -> dict[str, object]:
        """Return ``{name: value, ..., eligible, excluded, undefined, reasons}`` as plain values."""
        return dict(self.values) | {
            "eligible": list(self.eligible),
            "excluded": dict(self.excluded),
            "undefined": {name: list(groups) for name, groups in self.undefined.items()},
            "reasons": dict(self.reasons),
        }


def gap_table(cube: ReviewCube, share: Callable[[str], FloatArray | None], *, min_n: int) -> GapTable:
    """Compare the groups of one column under one band.

    Parameters
    ----------
    cube : ReviewCube
        Of that column.
    share : callable
        Name of a share to its values, float64 (groups,) with NaN = undefined; None = not known for these groups.
    min_n : int
        Fewest rows of a group that is compared.
    """
    eligible, excluded = eligible_groups(cube, min_n)
    values: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    undefined: dict[str, tuple[str, ...]] = {}
    for name, (of, kind) in GAPS.items():
        found = share(of)
        if found is None:
            values[name], reasons[name] = None, NOT_BY_THESE_GROUPS
            continue
        values[name] = plain(float(gap_values(found, eligible, kind)))
        left_out = np.isnan(found) & eligible
        if left_out.any():
            undefined[name] = tuple(sorted(cube.groups[i] for i in np.flatnonzero(left_out)))
        if values[name] is None:
            is_compared = np.count_nonzero(eligible & ~left_out) >= 2
            reasons[name] = MAXIMUM_IS_ZERO if is_compared else TOO_FEW_GROUPS
    return GapTable(
        values=values,
        reasons=reasons,
        eligible=tuple(sorted(cube.groups[i] for i in np.flatnonzero(eligible))),
        excluded=dict(sorted(excluded.items())),
        undefined=undefined,
    )
