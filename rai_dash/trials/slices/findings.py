"""What the finder found, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.data.columns import closest_names
from rai_dash.data.slices import Slice
from rai_dash.stats.binomial import tail_p
from rai_dash.trials.slices.axes import Axis
from rai_dash.trials.slices.excess import Excess
from rai_dash.trials.slices.heatmap import ErrorHeatMap, heat_map
from rai_dash.trials.slices.sums import Errors
from rai_dash.trials.slices.tree import TreeNode

FloatArray = NDArray[np.float64]
#: Excess of a slice over the mean that `rows_needed` speaks of, and the chance to find it.
WORTH_FINDING: Final = 0.15
POWER: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceFound:
    """A slice in which errors concentrate.

    Parameters
    ----------
    slice : Slice
        The rows.
    rows : int
        How many.
    rate : Estimate
        Mean error there. Having been chosen for it, the value is optimistic about how bad the slice is; the interval
        is not: it holds for all slices that were looked at together.
    rest : Estimate
        Mean error of all other rows, with its ordinary interval.
    difference : Estimate
        ``rate - rest``, with an interval as of ``rate``.
    lift : float or None
        ``rate`` over the mean error of everyone.
    share_of_errors : float
        Errors (or loss) in the slice, of all.
    adjusted_p : float
        Chance that any of the slices looked at stands out like this where errors have nothing to do with the columns.
    also : tuple of Slice
        Other names for nearly the same rows.
    """

    slice: Slice
    rows: int
    rate: Estimate
    rest: Estimate
    difference: Estimate
    lift: float | None
    share_of_errors: float
    adjusted_p: float
    also: tuple[Slice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SliceFindings:
    """Where errors concentrate.

    Parameters
    ----------
    found : tuple of SliceFound
        The most certain first; empty = no slice stands out.
    tree : TreeNode
        Over the rows searched; only its root where no slice stands out.
    rows, searched : int
        Rows judged, and a random part of them in which slices were searched; figures of slices are over all.
    overall : Estimate
        Mean error of all rows.
    columns : tuple of str
        Columns looked at; ``constant`` are those of which no slice can be made.
    looked_at : int
        Slices compared.
    min_rows : int
        Fewest rows of a slice.
    rows_needed : int or None
        Rows in which an error 15 points above the mean would be found with a chance of 80 %; None = in no number of
        rows here, or losses.
    alpha : float
        Chance of any slice at all where errors have nothing to do with the columns.
    p_value : float or None
        Of the slice that stands out most; None = nothing could be compared, see ``reason``.
    draws, seed : int
        Of the permutations.
    reason : str or None
        Why nothing could be compared.
    """

    found: tuple[SliceFound, ...]
    tree: TreeNode
    rows: int
    searched: int
    overall: Estimate
    columns: tuple[str, ...]
    constant: tuple[str, ...]
    looked_at: int
    min_rows: int
    rows_needed: int | None
    alpha: float
    p_value: float | None
    draws: int
    seed: int
    is_loss: bool = False
    reason: str | None = None
    axes: tuple[Axis, ...] = field(default=(), repr=False)
    errors: Errors | None = field(default=None, repr=False)
    bar: float = np.inf

    @property
    def pair(self) -> tuple[str, str] | None:
        """Columns of the heat map to show first; None = there are no two columns."""
        names = [axis.column for axis in self.axes]
        if len(names) < 2:
            return None
        wanted = [t.column for one in self.found for t in one.slice.terms]
        first, second, *_ = dict.fromkeys([*wanted, *names])
        return first, second

    def heat_map(self, first: str, second: str) -> ErrorHeatMap:
        """Count two of the columns against each other, over the rows searched.

        Raises
        ------
        InvalidChoice
            When one is not among the columns looked at, or both are one.
        """
        by_name = {axis.column: axis for axis in self.axes}
        missing = next((c for c in (first, second) if c not in by_name), None)
        if missing is not None or first == second or self.errors is None:
            close = closest_names(missing or "", by_name)
            hint = (
                tr("Did you mean `{close}`?", close=close[0])
                if close
                else tr("Choose two of: {by_name}.", by_name=", ".join(by_name))
            )
            msg = tr(
                "A heat map takes two columns that were looked at, got `{first}` and `{second}`. {hint}",
                first=first,
                second=second,
                hint=hint,
            )
            raise InvalidChoice(msg)
        return heat_map(
            by_name[first], by_name[second], self.errors, min_rows=self.min_rows, at_least=self.bar
        )


def rows_needed(excess: Excess, *, at_least: float) -> int | None:
    """Return the rows of a slice in which `WORTH_FINDING` more errors reach a bar with the chance `POWER`.

    Parameters
    ----------
    excess : Excess
        Of all rows.
    at_least : float
        The bar.

    Returns
    -------
    int or None
        To about 5 %; None where half of the rows are not enough.
    """
    share = min(1.0, excess.errors / excess.rows + WORTH_FINDING)
    sizes = np.unique(np.geomspace(5, max(5, excess.rows // 2), 160).astype(int))
    for n in sizes[sizes <= excess.rows // 2]:
        k = np.arange(max(0, n + excess.errors - excess.rows), min(n, excess.errors) + 1)
        reaches = k[excess.root(k, n) >= at_least]
        if reaches.size and 1.0 - float(tail_p(reaches[0] - 1, n, share)) >= POWER:
            return int(n)
    return None
