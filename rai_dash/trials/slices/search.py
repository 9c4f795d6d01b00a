"""All candidates over some rows with what speaks for each, and what chance makes of the best one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.trials.slices.excess import Excess, weighted_excess
from rai_dash.trials.slices.scan import Scan
from rai_dash.trials.slices.sums import Errors

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Told = Callable[[int, int, str], None]
Measure = Callable[[FloatArray, slice, FloatArray], FloatArray]
COMPARING: Final = "what chance alone would give"
#: Draws held at a time; their order does not depend on it.
_DRAWS: Final = 100
#: The largest excess of so many draws says, less so much, which candidates need not be measured in the others.
_FIRST, _BELOW = 20, 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Dealt:
    """Rows that errors were dealt out to.

    Parameters
    ----------
    places : int32 (draws, m)
        Rows with an error.
    amounts : float64 (draws, m) or None
        What each adds; None = 1.
    mean : float64 (draws,)
        Weighted mean error of each draw; 1 where rows are counted.
    """

    places: NDArray[np.int32]
    amounts: FloatArray | None
    mean: FloatArray

    def of(self, draws: NDArray[np.intp]) -> _Dealt:
        """Return some of the draws."""
        amounts = None if self.amounts is None else self.amounts[draws]
        return _Dealt(places=self.places[draws], amounts=amounts, mean=self.mean[draws])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """Some rows, their errors, and every candidate over them.

    Parameters
    ----------
    scan : Scan
        The candidates.
    errors : Errors
        Of the same rows.
    """

    scan: Scan
    errors: Errors

    def excess(self, rows: BoolArray | None = None) -> tuple[FloatArray, FloatArray]:
        """Say how far each candidate exceeds what its size explains.

        Parameters
        ----------
        rows : bool (n,), optional
            Rows that count; None = all.

        Returns
        -------
        excess, n : float64 (c,)
            On the scale of a standard normal, 0 = no more than the mean; and rows of each candidate that count.
        """
        used = np.ones(self.scan.rows, dtype=bool) if rows is None else rows
        n = self.scan.counts(used)
        value = self.errors.value
        if self.errors.is_counted:
            wrong = used & (value > 0)
            found = Excess(int(used.sum()), int(wrong.sum()))
            return found.root(self.scan.counts(wrong), n), n
        weight = self.errors.weights
        sums = self.scan.counts(used, weight * value)
        in_slice, spread = self._spread(used)
        mean = float((weight * value)[used].sum() / weight[used].sum())
        return weighted_excess(sums, in_slice, mean, spread=spread), n

    def _spread(self, used: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Weight of each candidate, and the spread of its sum when errors are dealt out at random among the rows."""
        weight = self.errors.weights
        in_slice, squares = self.scan.counts(used, weight), self.scan.counts(used, weight**2)
        share = in_slice / weight[used].sum()
        around = squares * (1.0 - 2.0 * share) + (weight[used] ** 2).sum() * share**2
        value = self.errors.value[used]
        variance = float(value.var(ddof=1)) if value.size > 1 else 0.0
        return in_slice, np.sqrt(np.maximum(around, 0.0) * variance)

    def by_chance(
        self, *, draws: int, seed: int, two_sided: bool = False, told: Told | None = None
    ) -> FloatArray:
        """Deal the same errors out to the rows at random, and note the largest excess of any candidate.

        Parameters
        ----------
        draws : int
            How often.
        seed : int
            Of the draws.
        two_sided : bool
            Whether a candidate with too few errors counts as well, as its complement has too many.
        told : callable, optional
            Told how many draws are done, of how many.

        Returns
        -------
        float64 (draws,)

        References
        ----------
        Westfall, P. H. and Young, S. S. (1993). Resampling-based multiple testing. Wiley. Single-step maxT: the
        distribution of the largest is the one under which all candidates are judged, so that what overlaps costs
        little. Exact at any number of rows where errors have nothing to do with the columns.
        """
        rng = np.random.default_rng(seed)
        measure = self._measure(two_sided=two_sided)
        is_quick = self.errors.is_counted and not two_sided
        first = min(_FIRST if is_quick else _DRAWS, draws)
        largest = np.empty(draws)
        largest[:first] = self._largest(self._dealt(rng, first), measure)
        floor = max(0.0, float(largest[:first].min(initial=np.inf)) - _BELOW)
        needed = self._whole().least(self.scan.n, floor) if is_quick and first < draws else None
        for start in range(first, draws, _DRAWS):
            if told is not None:
                told(start, draws, COMPARING)
            dealt = self._dealt(rng, min(_DRAWS, draws - start))
            block = slice(start, start + len(dealt.places))
            if needed is None:
                largest[block] = self._largest(dealt, measure)
                continue
            largest[block] = self._largest_above(dealt, needed)
            low = start + np.flatnonzero(largest[block] < floor)
            if low.size:
                largest[low] = self._largest(dealt.of(low - start), measure)
        return largest

    def _dealt(self, rng: np.random.Generator, draws: int) -> _Dealt:
        """Deal the errors out to rows at random."""
        value, weight = self.errors.value, self.errors.weight
        marked = np.flatnonzero(value)
        places = np.empty((draws, marked.size), dtype=np.int32)
        for line in places:
            line[:] = rng.permutation(self.scan.rows)[: marked.size]
        if self.errors.is_counted:
            return _Dealt(places=places, amounts=None, mean=np.ones(draws))
        carried = np.broadcast_to(value[marked], places.shape)
        amounts = carried if weight is None else carried * weight[places]
        return _Dealt(places=places, amounts=amounts, mean=amounts.sum(axis=1) / self.errors.weights.sum())

    def _largest(self, dealt: _Dealt, measure: Measure) -> FloatArray:
        """Return the largest excess of each draw, float64 (draws,)."""
        largest = np.zeros(len(dealt.places))
        for block, part, sums in self.scan.drawn(dealt.places, dealt.amounts):
            best = measure(sums, part, dealt.mean[block, None]).max(axis=1)
            largest[block] = np.maximum(largest[block], best)
        return largest

    def _largest_above(self, dealt: _Dealt, needed: IntArray) -> FloatArray:
        """Return the same where a candidate has the errors that are needed, and 0 where none has: few are measured."""
        largest = np.zeros(len(dealt.places))
        excess = self._whole()
        for block, part, sums in self.scan.drawn(dealt.places):
            draw, candidate = np.nonzero(sums >= needed[part].astype(sums.dtype))
            root = excess.root(sums[draw, candidate], self.scan.n[part][candidate])
            np.maximum.at(largest, block.start + draw, root)
        return largest

    def _whole(self) -> Excess:
        return Excess(self.scan.rows, int(np.count_nonzero(self.errors.value)))

    def _measure(self, *, two_sided: bool) -> Measure:
        """Return what turns sums of drawn errors into the excess of candidates."""
        n = self.scan.n
        if not self.errors.is_counted:
            in_slice, spread = self._spread(np.ones(self.scan.rows, dtype=bool))

            def weighted(sums: FloatArray, part: slice, mean: FloatArray) -> FloatArray:
                z = weighted_excess(sums, in_slice[part], mean, spread=spread[part])
                if not two_sided:
                    return z
                return np.maximum(z, weighted_excess(-sums, in_slice[part], -mean, spread=spread[part]))

            return weighted
        excess = self._whole()
        errors, constant = excess.errors, excess.constant(n)

        def counted(sums: FloatArray, part: slice, _mean: FloatArray) -> FloatArray:
            root = excess.root(sums, n[part], constant[part])
            if not two_sided:
                return root
            return np.maximum(root, excess.root(errors - sums, self.scan.rows - n[part], constant[part]))

        return counted

    def both_ways(self) -> FloatArray:
        """Return the excess of each candidate or of its complement, whichever is larger, float64 (c,)."""
        used = np.ones(self.scan.rows, dtype=bool)
        sums = self.scan.counts(used, self.errors.weights * self.errors.value)
        mean = np.array([[sums_mean(self.errors)]])
        found: FloatArray = self._measure(two_sided=True)(sums[None, :], slice(0, self.scan.size), mean)[0]
        return found


def sums_mean(errors: Errors) -> float:
    """Return the weighted mean error of all rows."""
    return float((errors.weights * errors.value).sum() / errors.weights.sum())


def chance_p(excess: FloatArray, largest: FloatArray) -> FloatArray:
    """Return adjusted p-values: the share of draws whose largest excess reaches it, the data counted as one draw."""
    order = np.sort(largest)
    above = largest.size - np.searchsorted(order, excess, side="left")
    return np.asarray((1.0 + above) / (largest.size + 1.0))
