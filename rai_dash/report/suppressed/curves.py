"""Curves of groups with bins as wide as it takes: in every bin every group has nobody, or enough people.

The ends of the bins are the same for all columns that are crossed. So what is left of everyone beside the groups that
are told can be counted at these ends only, and is held to the same limit there. Everyone's own curve is finer: where
only one group has people of an outcome in a bin, they would be everyone's, so such a bin is joined with the next as
well. Cells of crosses have no curves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from rai_dash.core.estimates import plain
from rai_dash.report.small_cells import BoolArray, FloatArray, Positions, is_small
from rai_dash.report.suppressed.cells import NEEDS, Cuts, Values, atom_sets
from rai_dash.report.suppressed.marks import SUPPRESSED, Json, Marker
from rai_dash.report.suppressed.views import Node, View
from rai_dash.stats.intervals import wilson

_PARTS: Final = ("calibration", "thresholds", "scores")
#: Outcomes in the order of the cells of `rai_dash.report.suppressed.cells`.
_OUTCOMES: Final = ("unknown", "favourable", "unfavourable")
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Told:
    """People of a column at or above each place of the axis: of the groups that are told, and of all others last.

    ``above`` is float64 (groups + 1, places, 3 outcomes).
    """

    view: View
    nodes: tuple[Node, ...]
    places: FloatArray
    above: FloatArray

    def is_safe(self, lower: int, upper: int, fewest: int) -> bool:
        """Whether a bin holds, of every group and outcome, nobody or enough people, and not of one group alone."""
        people = self.above[:, lower] - self.above[:, upper]
        alone = (people > _ROUNDING).sum(axis=0) == 1
        return not bool(is_small(people, fewest).any()) and not bool(alone.any())


def hide_curves(audit: Json, counted: Json, mark: Marker) -> None:
    """Widen the bins of groups that show all their counts, and hide the curves of the others.

    Parameters
    ----------
    audit : dict
        It is changed.
    counted : dict
        The same with people in place of sums of weights: what is decided by.
    mark : Marker
        What is hidden.
    """
    curves = audit.get("curves") or {}
    is_weighted = counted.get("overall_curves") is not audit.get("overall_curves")
    for views in mark.people.together():
        told = [
            _told(view, counted, mark)
            for view in views
            if view.name in audit["groups"] and view.control is None
        ]
        ends = _ends([one for one in told if one.nodes], mark)
        for one in told:
            for node in one.nodes:
                curve = curves[one.view.name][node.group]
                _replace(
                    curves[one.view.name], node.group, _widened(curve, ends, is_weighted=is_weighted), mark
                )
    _widen_everyone(audit, counted, mark, is_weighted=is_weighted)
    shown = {id(node) for view in mark.people.views for node in view.nodes if _shows_everything(node, mark)}
    for name, groups in curves.items():
        for group in groups:
            found = mark.people.node(name, group)
            if name not in audit["groups"] or found is None or (found.size > 0 and id(found) not in shown):
                _replace(groups, group, {part: {SUPPRESSED: True} for part in _PARTS}, mark)


def _widen_everyone(audit: Json, counted: Json, mark: Marker, *, is_weighted: bool) -> None:
    """Widen the bins of everyone's curves where all people of a side of a cut are known to be of one group."""
    curve, people = counted.get("overall_curves"), mark.people
    pieces = _pieces_of_one_group(mark)
    if not curve or not pieces.any():
        return
    forced = [c for c in people.cuts.named("threshold", "lo", "hi").values() if 0.0 < c < 1.0]
    places = np.unique([*_grid(curve), *forced])
    above = _heights(curve, people.overall, places, people.cuts)
    every = list(people.cuts.named("threshold", "lo", "hi", "median").values())
    piece_of = np.searchsorted(every, places, side="right")

    def is_safe(lower: int, upper: int) -> bool:
        is_free = not pieces[piece_of[lower] : piece_of[upper - 1] + 1].any()
        return is_free or not bool(is_small(above[lower] - above[upper], mark.fewest).any())

    ends = places[_chosen(places, forced, is_safe)]
    widened = _widened(audit["overall_curves"], ends, is_weighted=is_weighted)
    _replace(audit, "overall_curves", widened, mark)


def _pieces_of_one_group(mark: Marker) -> BoolArray:
    """Say in which pieces of the axis all people of a cell are known to be of one group, bool (pieces,)."""
    sets = atom_sets(mark.people.cuts)
    found = np.zeros(sets["size"].shape[1] // len(_OUTCOMES), dtype=bool)
    for view in mark.people.views:
        nodes = [node for node in view.nodes if node.size > 0]
        for kind in ("decision", "confusion", "routes", "route_outcome"):
            if len(nodes) > 1 and all(kind in n.values for n in nodes) and mark.shows_all(nodes, kind):
                alone = (np.array([n.values[kind] for n in nodes]) > _ROUNDING).sum(axis=0) == 1
                found |= sets[kind][alone].reshape(-1, len(_OUTCOMES), found.size).any(axis=(0, 1))
    return found


def _told(view: View, counted: Json, mark: Marker) -> _Told:
    """Count the people of the groups of a column that show everything, and all others together."""
    nodes = [n for n in view.nodes if n.size > 0 and _shows_everything(n, mark)]
    curves, cuts = (counted.get("curves") or {}).get(view.name, {}), mark.people.cuts
    if not nodes or not curves or not counted.get("overall_curves"):
        return _Told(view, (), np.zeros(0), np.zeros((0, 0, 3)))
    forced = [c for c in cuts.named(*_forced(nodes)).values() if 0.0 < c < 1.0]
    places = np.unique([*_grid(counted["overall_curves"]), *forced])
    above = [_heights(curves[node.group], node.values, places, cuts) for node in nodes]
    whole = _heights(counted["overall_curves"], mark.people.overall, places, cuts)
    others = whole - np.sum(above, axis=0)
    return _Told(view, tuple(nodes), places, np.array([*above, others]))


def _forced(nodes: Sequence[Node]) -> tuple[str, ...]:
    return ("threshold", "lo", "hi") if "routes" in nodes[0].values else ("threshold",)


def _shows_everything(node: Node, mark: Marker) -> bool:
    return all(mark.shows(node, kind) for kind in NEEDS if kind in node.values)


def _replace(groups: Json, group: str, new: Json, mark: Marker) -> None:
    mark.taken += max(_numbers(groups[group]) - _numbers(new), 0)
    groups[group] = new


def _numbers(curve: Json) -> int:
    lists = [values for part in _PARTS for values in curve[part].values() if isinstance(values, list)]
    return sum(value is not None for values in lists for value in values)


def _ends(told: Sequence[_Told], mark: Marker) -> FloatArray:
    """Choose the ends of bins: as many as leave nobody or enough people between two of them."""
    if not told:
        return np.zeros(0)
    places = told[0].places
    forced = [c for c in mark.people.cuts.named(*_forced(told[0].nodes)).values() if 0.0 < c < 1.0]

    def is_safe(lower: int, upper: int) -> bool:
        return all(one.is_safe(lower, upper, mark.fewest) for one in told)

    chosen = _chosen(places, forced, is_safe)
    keep = ~np.any([_is_close_to_median(one, mark, np.array(chosen)) for one in told], axis=0)
    ends: FloatArray = places[chosen][keep | np.isin(places[chosen], [0.0, 1.0, *forced])]
    return ends


def _chosen(places: FloatArray, forced: Sequence[float], is_safe: Callable[[int, int], bool]) -> list[int]:
    """Choose places between cuts, which are places in any case."""
    stops = [0, *np.searchsorted(places, forced).tolist(), places.size - 1]
    chosen = [0]
    for start, end in pairwise(stops):
        chosen += [*_greedy(start, end, is_safe), end]
    return chosen


def _greedy(start: int, end: int, is_safe: Callable[[int, int], bool]) -> list[int]:
    kept: list[int] = []
    for place in range(start + 1, end):
        if is_safe(kept[-1] if kept else start, place):
            kept.append(place)
    while kept and not is_safe(kept[-1], end):
        kept.pop()
    return kept


def _is_close_to_median(told: _Told, mark: Marker, at: Positions) -> BoolArray:
    """Whether few people, of any outcome, lie between places and the median, bool (places,)."""
    cuts = mark.people.cuts
    if cuts.median is None or "median" not in told.nodes[0].values:
        return np.zeros(at.size, dtype=bool)
    between = [
        above[at].sum(axis=1) - _above_median(n, cuts)
        for above, n in zip(told.above[:-1], told.nodes, strict=True)
    ]
    return np.asarray(is_small(np.abs(np.array(between)), mark.fewest).any(axis=0))


def _above_median(node: Node, cuts: Cuts) -> float:
    """Return the people above the median: the pieces of the axis from there up."""
    pieces = node.values["median"]
    at = list(cuts.named("threshold", "median").values()).index(float(cuts.median or 0.0))
    return float(pieces[at + 1 : -1].sum())


def _grid(curve: Json) -> list[float]:
    return [*curve["scores"]["left"], curve["scores"]["right"][-1]]


def _heights(curve: Json, values: Values, places: FloatArray, cuts: Cuts) -> FloatArray:
    """Count people at or above each place, (places, 3): at ends of bins by the bins, at cuts by the counts there."""
    bins = np.array([curve["scores"][outcome] for outcome in _OUTCOMES], dtype=np.float64)
    at_ends = np.vstack([np.cumsum(bins[:, ::-1], axis=1)[:, ::-1].T, np.zeros(3)])
    known = _at_cuts(values, cuts) | dict(zip(_grid(curve), at_ends, strict=True))
    return np.array([known[place] for place in places.tolist()])


def _at_cuts(values: Values, cuts: Cuts) -> dict[float, FloatArray]:
    """Return the people at or above each cut of a node, by outcome."""
    if "route_outcome" not in values:
        return {float(cuts.threshold or 0.0): values["confusion"].reshape(3, 3)[:, 0]}
    pieces = values["route_outcome"].reshape(3, -1)[:, :-1]
    from_here_up = np.cumsum(pieces[:, ::-1], axis=1)[:, ::-1]
    return {cut: from_here_up[:, i + 1] for i, cut in enumerate(cuts.named("threshold", "lo", "hi").values())}


def _widened(curve: Json, ends: FloatArray, *, is_weighted: bool) -> Json:
    """Join the bins of one group up to the next of some ends, and keep the points at them."""
    return {
        "calibration": _calibration(curve["calibration"], ends, is_weighted=is_weighted),
        "thresholds": _at(curve["thresholds"], ends),
        "scores": _scores(curve["scores"], ends),
    }


def _runs(left: Sequence[float], right: Sequence[float], ends: FloatArray) -> tuple[list[int], Json]:
    """Say where joined bins start, and what their ends are."""
    starts = [i for i, end in enumerate(left) if i == 0 or np.any(np.abs(ends - end) < _ROUNDING)]
    return starts, {"left": [left[i] for i in starts], "right": [*(left[i] for i in starts[1:]), right[-1]]}


def _scores(told: Json, ends: FloatArray) -> Json:
    starts, out = _runs(told["left"], told["right"], ends)
    sums = {
        name: np.add.reduceat(np.array(told[name]), starts).tolist()
        for name in sorted(_OUTCOMES, reverse=True)
    }
    return out | sums | {"without_score": told["without_score"]}


def _calibration(told: Json, ends: FloatArray, *, is_weighted: bool) -> Json:
    starts, out = _runs(told["left"], told["right"], ends)
    rows, mean, observed = (
        np.array([value or 0.0 for value in told[name]]) for name in ("rows", "mean_score", "observed")
    )
    total, score, good = (np.add.reduceat(part, starts) for part in (rows, rows * mean, rows * observed))
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = wilson(good, total)
        parts = {
            "mean_score": score / total,
            "observed": good / total,
            "low": low,
            "high": high,
            "rows": total,
        }
    if is_weighted:
        # With weights the effective size is that of the rows, which are not here.
        parts |= {"low": np.full(total.size, np.nan), "high": np.full(total.size, np.nan)}
    return out | {name: [plain(value) for value in values] for name, values in parts.items()}


def _at(told: Json, ends: FloatArray) -> Json:
    keep = [i for i, t in enumerate(told["threshold"]) if t < 1.0 and np.any(np.abs(ends - t) < _ROUNDING)]
    return {name: [values[i] for i in keep] for name, values in told.items()}
