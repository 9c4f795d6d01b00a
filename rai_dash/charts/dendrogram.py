"""The tree of columns that go together, drawn beside the rows of a matrix in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import ArrayLike

from rai_dash.charts import theme
from rai_dash.charts._base import halo_text, part
from rai_dash.core.texts import tr

#: Pixels that the tree takes at most, and share of the picture on a narrow screen.
_ROOM, _SHARE = 150, 0.24
_GAP = 8


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """How columns are joined, step by step.

    Parameters
    ----------
    links : float (k - 1, 4)
        As ``scipy.cluster.hierarchy.linkage`` returns them: the two that are joined, and 1 - |association| where they
        are. Leaves in the order of ``leaves_list`` are the rows of the matrix.
    at : float
        Association at which columns are one block.
    blocks : sequence of sequence of str
        The blocks, for the text alternative.
    """

    links: ArrayLike
    at: float
    blocks: Sequence[Sequence[str]]


def room() -> str:
    """Return the expression for the pixels that a matrix leaves to the tree."""
    return f"min({_ROOM}, width * {_SHARE})"


def tree_layers(n_rows: int) -> list[alt.Chart]:
    """Draw branches, and the limit of blocks, to the right of ``n_rows`` rows.

    Places are computed from the data by expressions, because the axes belong to the matrix.
    """

    def across(field: str) -> str:
        return f"width - {room()} + {_GAP} + datum.{field} * ({room()} - {2 * _GAP})"

    def at(expression: str) -> Any:
        return alt.value(alt.ExprRef(expr=expression))

    def down(field: str) -> str:
        return f"(datum.{field} + 0.5) * height / {n_rows}"

    line = {"x": at(across("from")), "x2": at(across("to")), "y": at(down("top")), "y2": at(down("bottom"))}
    limit = {"x": line["x"], "x2": line["x2"], "y": at("0"), "y2": at("height")}
    text = {"x": line["x"], "y": at("height + 10"), "text": alt.Text("label:N")}
    return [
        part("branch").mark_rule(color=theme.shade("muted"), strokeWidth=1.5, aria=False).encode(**line),
        part("limit")
        .mark_rule(color=theme.shade("ink"), strokeDash=[4, 3], strokeWidth=1.5, aria=False)
        .encode(**limit),
        *halo_text(part("limit"), text, fontSize=11, baseline="middle"),
    ]


def tree_rows(tree: Tree) -> list[dict[str, object]]:
    """Return three branches a join, from left (joined at 1) to right (at 0), and the limit of blocks."""
    links = np.asarray(tree.links, dtype=np.float64)
    k = len(links) + 1
    joined: list[tuple[float, float]] = [(0.0, place) for place in _places(links)]
    rows: list[dict[str, object]] = []
    for a, b, height in links[:, :3]:
        (from_a, y_a), (from_b, y_b) = joined[int(a)], joined[int(b)]
        rows += [
            _branch(from_a, height, y_a, y_a),
            _branch(from_b, height, y_b, y_b),
            _branch(height, height, min(y_a, y_b), max(y_a, y_b)),
        ]
        joined.append((float(height), (y_a + y_b) / 2))
    limit = _branch(1 - tree.at, 1 - tree.at, 0.0, float(k)) | {"part": "limit", "label": f"{tree.at:.1f}"}
    return [*rows, limit]


def _places(links: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    """Return the row of each leaf in the order of the tree."""
    from scipy.cluster.hierarchy import leaves_list

    return [float(place) for place in np.argsort(leaves_list(links))]


def _branch(start: float, end: float, top: float, bottom: float) -> dict[str, object]:
    return {"part": "branch", "from": float(start), "to": float(end), "top": top, "bottom": bottom}


def tree_words(tree: Tree, most: int = 6) -> str:
    """Say in the text alternative what the tree shows."""
    named = "; ".join(" and ".join(block) for block in tree.blocks[:most])
    rest = len(tree.blocks) - most
    blocks = (
        tr("Blocks: {named}", named=named) + (tr("; and {rest} more.", rest=rest) if rest > 0 else ".")
        if named
        else tr("There is no block.")
    )
    return tr(
        "To the right of the rows a tree joins columns, the nearer to the table the stronger they go "
        "together; what is joined left of the dashed line at {at} is a block. {blocks}",
        at=f"{tree.at:.1f}",
        blocks=blocks,
    )
