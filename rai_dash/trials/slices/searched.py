"""The long part of the search for slices: which of them stand out, and the tree. Here, or in a process of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.stopping import CancelCheck
from rai_dash.core.types import Estimate
from rai_dash.data.slices import Slice, slice_from_json
from rai_dash.models.refit import TRAIN_TIMEOUT_S, Answer
from rai_dash.sandbox.arrow import frame_from_ipc, frame_to_ipc
from rai_dash.sandbox.client import run_once
from rai_dash.trials.slices.axes import Axis, axes_of
from rai_dash.trials.slices.pick import pick
from rai_dash.trials.slices.scan import Scan
from rai_dash.trials.slices.search import Search, chance_p
from rai_dash.trials.slices.sums import Errors
from rai_dash.trials.slices.tree import TreeNode, grow_tree
from rai_dash.trials.training import Progress

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a part of the rows is searched; see `rai_dash.trials.slices.finder.SliceOptions`."""

    min_rows: int
    max_terms: int
    alpha: float
    draws: int
    most: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A slice that stands out, with other names for its rows and its adjusted p-value."""

    slice: Slice
    also: tuple[Slice, ...]
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What the search of some rows gave.

    Parameters
    ----------
    named : tuple of Named
        The most certain first.
    looked_at : int
        Slices compared; 0 = there is none of enough rows.
    p_value : float or None
        Of the slice that stands out most.
    bar, z : float
        Excess from which a slice is named, and the normal quantile of intervals that hold for all slices at once.
    tree : TreeNode
    """

    named: tuple[Named, ...]
    looked_at: int
    p_value: float | None
    bar: float
    z: float
    tree: TreeNode


#: Searches some rows: columns, errors, and how.
Searching = Callable[[pd.DataFrame, Sequence[Axis], Errors, Asked], Searched]


def search_here(
    _frame: pd.DataFrame,
    axes: Sequence[Axis],
    errors: Errors,
    asked: Asked,
    *,
    progress: Progress | None = None,
) -> Searched:
    """Search in this process."""
    scan = Scan(axes, min_rows=asked.min_rows, max_rows=errors.value.size // 2, max_terms=asked.max_terms)
    if not scan.size:
        return Searched(
            named=(), looked_at=0, p_value=None, bar=np.inf, z=np.inf,
            tree=_tree(axes, errors, asked, may_split=False),
        )  # fmt: skip
    search = Search(scan=scan, errors=errors)
    excess, _ = search.excess()
    largest = search.by_chance(draws=asked.draws, seed=asked.seed, told=progress)
    adjusted = chance_p(excess, largest)
    bar = _bar(largest, asked.alpha)
    chosen = pick(search, excess, at_least=bar, min_rows=asked.min_rows, most=asked.most)
    named = tuple(
        Named(
            slice=Slice(terms=scan.terms(candidate)),
            also=tuple(Slice(terms=scan.terms(other)) for other in also),
            p=float(adjusted[candidate]),
        )
        for candidate, also in chosen
    )
    return Searched(
        named=named,
        looked_at=scan.size,
        p_value=float(adjusted.min()),
        bar=bar,
        # Two limits, each of which is to hold for all slices at once.
        z=_bar(largest, asked.alpha / 2),
        tree=_tree(axes, errors, asked, may_split=bool(named)),
    )


def _tree(axes: Sequence[Axis], errors: Errors, asked: Asked, *, may_split: bool) -> TreeNode:
    return grow_tree(
        axes, errors, min_rows=asked.min_rows, alpha=asked.alpha, seed=asked.seed, may_split=may_split
    )


def _bar(largest: FloatArray, alpha: float) -> float:
    """Return the excess that is reached by the largest of all slices in a share of draws at most alpha."""
    order = np.sort(largest)[::-1]
    # As for the p-value: the data count as one draw.
    allowed = max(math.floor(alpha * (largest.size + 1) + 1e-9) - 1, 0)
    return float(np.nextafter(order[allowed], np.inf))


def search_apart(progress: Progress | None = None, cancelled: CancelCheck | None = None) -> Searching:
    """Return what searches in a process of its own, which is ended when somebody cancels.

    Parameters
    ----------
    progress, cancelled : callable, optional
        Told how far it is; asked whether to stop.
    """

    def searching(frame: pd.DataFrame, axes: Sequence[Axis], errors: Errors, asked: Asked) -> Searched:
        columns = [axis.column for axis in axes]
        blobs: list[bytes | memoryview] = [frame_to_ipc(frame[columns]), errors.value.astype("<f8").tobytes()]
        if errors.weight is not None:
            blobs.append(errors.weight.astype("<f8").tobytes())
        reply = run_once(
            "rai_dash.trials.slices.searched:search_for_slices", asdict(asked), blobs,
            timeout=TRAIN_TIMEOUT_S, on_progress=progress, cancelled=cancelled,
        )  # fmt: skip
        return _searched_of(reply.data)

    return searching


def search_for_slices(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Search rows in a process of its own: the entry point there.

    Blobs: the columns (Arrow stream, n rows), the error of each row, float64 (n,), and its weight where there are
    weights. Arguments: those of `Asked`.
    """
    del state
    frame, asked = frame_from_ipc(blobs[0], check=False), Asked(**args)
    value, *weight = (np.frombuffer(blob, dtype="<f8") for blob in blobs[1:])
    errors = Errors(value=value, weight=weight[0] if weight else None)
    axes = axes_of(frame, list(frame.columns), min_rows=asked.min_rows)
    return _plain(search_here(frame, axes, errors, asked, progress=progress)), []


def _plain(found: Searched) -> dict[str, Any]:
    return {
        "named": [
            {"slice": one.slice.to_json(), "also": [other.to_json() for other in one.also], "p": one.p}
            for one in found.named
        ],
        "looked_at": found.looked_at,
        "p_value": found.p_value,
        # JSON knows no infinity: where nothing was compared.
        "bar": found.bar if np.isfinite(found.bar) else None,
        "z": found.z if np.isfinite(found.z) else None,
        "tree": _plain_node(found.tree),
    }


def _plain_node(node: TreeNode) -> dict[str, Any]:
    return {
        "slice": node.slice.to_json(),
        "rows": node.rows,
        "rate": asdict(node.rate),
        "p_value": node.p_value,
        "children": [_plain_node(child) for child in node.children],
    }


def _searched_of(content: Mapping[str, Any]) -> Searched:
    named = tuple(
        Named(
            slice=slice_from_json(one["slice"]),
            also=tuple(map(slice_from_json, one["also"])),
            p=float(one["p"]),
        )
        for one in content["named"]
    )
    bar, z = (np.inf if content[name] is None else float(content[name]) for name in ("bar", "z"))
    return Searched(
        named=named, looked_at=int(content["looked_at"]), p_value=content["p_value"], bar=bar, z=z,
        tree=_node_of(content["tree"]),
    )  # fmt: skip


def _node_of(content: Mapping[str, Any]) -> TreeNode:
    of = slice_from_json(content["slice"])
    return TreeNode(
        slice=of,
        term=of.terms[-1] if of.terms else None,
        rows=int(content["rows"]),
        rate=Estimate(**content["rate"]),
        p_value=content["p_value"],
        children=tuple(map(_node_of, content["children"])),
    )
