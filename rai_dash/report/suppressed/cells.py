"""The cells of people that a document counts: one list for the whole document, sums of them for each kind of number.

A score axis is cut wherever the document counts on both sides: at the threshold, at both ends of the band, at the
median score of the impact ratios. The smallest cells ("atoms") are outcome x piece of that axis, and "no score" is
one more piece. Every count of a group is a sum of its atoms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
#: Counts of one node, by kind of number.
Values = dict[str, FloatArray]

#: Kinds of numbers in the order in which they are decided on, each with those it needs: a group that hides one of these
#: hides it too, so that what is known of the hidden groups together is known in the same cells.
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "size": (),
    "outcome": ("size",),
    "decision": ("size",),
    "confusion": ("outcome", "decision"),
    "routes": ("decision",),
    "route_outcome": ("routes", "confusion"),
    "median": ("decision",),
    "median_in_band": ("median", "routes"),
}
_ALL, _FAVOURABLE, _UNFAVOURABLE = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Where the score axis is cut; None = the document does not cut there."""

    threshold: float | None = None
    lo: float | None = None
    hi: float | None = None
    median: float | None = None

    def named(self, *names: str) -> dict[str, float]:
        """Return some of the cuts, lowest first; of equal ones the one that is named first."""
        found: dict[float, str] = {}
        for name in names:
            if getattr(self, name) is not None:
                found.setdefault(float(getattr(self, name)), name)
        return {name: cut for cut, name in sorted(found.items())}


def number(value: object) -> float:
    """Return a number of a document, 0 where there is none."""
    return float(value) if isinstance(value, int | float) else 0.0


def part(metrics: Mapping[str, Any], name: str, key: str) -> float:
    """Return the numerator or the denominator of a share."""
    return number((metrics.get(name) or {}).get(key))


@dataclass(frozen=True, slots=True)
class _Margins:
    """People in all, with a score, and by outcome, each float64 (3,): all, favourable, unfavourable."""

    total: FloatArray
    scored: FloatArray


def values_of(
    metrics: Mapping[str, Any],
    cuts: Cuts,
    *,
    band: Mapping[str, Any] | None = None,
    impact: Mapping[str, Any] | None = None,
) -> Values:
    """Read the counts of one group from its part of a document.

    Parameters
    ----------
    metrics : mapping
        ``METRICS`` of the group.
    cuts : Cuts
        Of the document.
    band : mapping, optional
        What the band does to the group.
    impact : mapping, optional
        The group in the impact ratios.

    Returns
    -------
    dict
        By kind of number, as far as the document has it.
    """
    margins = _margins(metrics)
    above = {"threshold": _at_threshold(metrics)}
    out = _values_at_threshold(margins, above["threshold"])
    if band is not None:
        above |= _at_band(band, margins)
        at = cuts.named("threshold", "lo", "hi")
        out["routes"] = _pieces(above, margins, list(at), (_ALL,))
        out["route_outcome"] = _by_outcome(_pieces(above, margins, list(at), (0, 1, 2)))
    if impact is not None and cuts.median is not None:
        beyond = round(number(impact.get("scoring_rate")) * margins.scored[_ALL])
        above["median"] = np.array([beyond, 0.0, 0.0])
        out["median"] = _pieces(above, margins, list(cuts.named("threshold", "median")), (_ALL,))
        if band is not None:
            at = cuts.named("threshold", "lo", "hi", "median")
            out["median_in_band"] = _pieces(above, margins, list(at), (_ALL,))
    return out


def _margins(metrics: Mapping[str, Any]) -> _Margins:
    scored = part(metrics, "selection_rate", "denominator")
    favourable, labelled = (part(metrics, "base_rate", key) for key in ("numerator", "denominator"))
    people = number(metrics.get("n"))
    # With weights people and sums of weights do not compare; nobody is then taken to be without a score or an outcome.
    whole = people if people >= max(scored, labelled) and scored == int(scored) else max(scored, labelled)
    return _Margins(
        total=np.array([whole, favourable, labelled - favourable]),
        scored=np.array(
            [scored, part(metrics, "recall", "denominator"), part(metrics, "fpr", "denominator")]
        ),
    )


def _at_threshold(metrics: Mapping[str, Any]) -> FloatArray:
    return np.array([part(metrics, name, "numerator") for name in ("selection_rate", "recall", "fpr")])


def _at_band(band: Mapping[str, Any], margins: _Margins) -> dict[str, FloatArray]:
    """Return the people at or above both ends of the band, by outcome."""
    decided = {name: number(band.get(name)) for name in ("approve", "tp", "fp", "reject", "fn", "tn")}
    above = np.array([decided["approve"], decided["tp"], decided["fp"]])
    below = np.array([decided["reject"], decided["fn"], decided["tn"]])
    return {"hi": above, "lo": margins.scored - below}


def _values_at_threshold(margins: _Margins, above: FloatArray) -> Values:
    total, scored = margins.total, margins.scored
    table = np.stack([above, scored - above, total - scored])
    return {
        "size": total[:1],
        "outcome": np.array([total[1], total[2], total[0] - total[1] - total[2]]),
        "decision": table[:, _ALL],
        "confusion": _by_outcome(table.T.ravel()),
    }


def _by_outcome(cells: FloatArray) -> FloatArray:
    """Replace the cells of all by those of people without a known outcome."""
    everyone, favourable, unfavourable = cells.reshape(3, -1)
    return np.concatenate([everyone - favourable - unfavourable, favourable, unfavourable])


def _pieces(
    above: Mapping[str, FloatArray], margins: _Margins, at: Sequence[str], labels: Sequence[int]
) -> FloatArray:
    """Count the pieces of the score axis, lowest first, and who has no score, for some of the outcomes."""
    out = []
    for label in labels:
        from_here_up = [margins.scored[label], *(above[name][label] for name in at), 0.0]
        without = margins.total[label] - margins.scored[label]
        out.append(np.append(-np.diff(from_here_up), without))
    return np.concatenate(out)


def atom_sets(cuts: Cuts) -> dict[str, BoolArray]:
    """Say which atoms each cell of each kind adds up, bool (cells, atoms).

    Atoms are {unknown, favourable, unfavourable} x (pieces by all cuts, lowest first, and no score); the cells of a
    kind are in the order of `values_of`.
    """
    every = list(cuts.named("threshold", "lo", "hi", "median").values())
    n_pieces = len(every) + 1

    def by_piece(*names: str) -> BoolArray:
        chosen = [0, *(every.index(cut) + 1 for cut in cuts.named(*names).values()), n_pieces, n_pieces + 1]
        rows = np.zeros((len(chosen) - 1, n_pieces + 1), dtype=bool)
        for i, (start, end) in enumerate(pairwise(chosen)):
            rows[i, start:end] = True
        return rows

    cut = by_piece("threshold")[[1, 0, 2]]
    routes = by_piece("threshold", "lo", "hi")
    anyone, each = np.ones((1, 3), dtype=bool), np.eye(3, dtype=bool)
    whole = np.ones((1, n_pieces + 1), dtype=bool)
    return {
        "size": np.kron(anyone, whole),
        "outcome": np.kron(each, whole)[[1, 2, 0]],
        "decision": np.kron(anyone, cut),
        "confusion": np.kron(each, cut),
        "routes": np.kron(anyone, routes),
        "route_outcome": np.kron(each, routes),
        "median": np.kron(anyone, by_piece("threshold", "median")),
        "median_in_band": np.kron(anyone, by_piece("threshold", "lo", "hi", "median")),
    }
