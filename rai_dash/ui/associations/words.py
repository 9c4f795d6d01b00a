"""What the Correlations page says about measures, blocks and pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rai_dash.data import associations as kinds
from rai_dash.data.blocks import BLOCK_AT
from rai_dash.data.pairs import OTHER, Boxes, Density, Measured, Mosaic
from rai_dash.data.portfolio.coded import FEW_RANKS, RANK_CELLS
from rai_dash.ui.text import count, number, percent, plain, safe

#: Code in the address, and the name of the measure.
MEASURES = {
    "kind": kinds.BY_KIND,
    "pearson": kinds.PEARSON,
    "spearman": kinds.SPEARMAN,
    "cramer": kinds.CRAMER,
    "ratio": kinds.ETA,
    "mutual": kinds.MUTUAL,
    "phik": kinds.PHI_K,
}
LABELS = {
    "kind": "By kind",
    "pearson": "Pearson",
    "spearman": "Spearman",
    "cramer": "Cramér's V",
    "ratio": "Correlation ratio",
    "mutual": "Mutual information",
    "phik": "Phi_k",
}
_BINS = (
    "Numbers with more than 20 values are cut at their deciles (fewer bins where values repeat); a value that more "
    "than half of the rows have is a bin of its own. With 20 or fewer values each is a category, and so is a blank. "
)
MEANING = {
    "kind": "Two numbers: Pearson's correlation. Two categories: Cramér's V, corrected for bias. A number and a "
    "category: the correlation ratio. These differ in kind, so compare like with like; hover says which.",
    "pearson": "Straight-line association of two numbers, from −1 to 1, over the rows where both are known. Pairs "
    "with a category have none.",
    "spearman": "Pearson's correlation of the ranks, ties sharing their middle rank: it sees any steady rise or fall. "
    "Only pairs of numbers have one; categories have no order that could be ranked.",
    "cramer": "0 is independent, 1 is one tells the other; corrected for bias, without Yates' correction. "
    + _BINS,
    "ratio": "Square root of the share of a number's variance that lies between the categories. Only pairs of a number "
    "and a category have one.",
    "mutual": "Shared information divided by the square root of both entropies: 0 to 1, for any pair. It is biased "
    "upwards where categories are many and rows are few: look at the rows of a pair before you read much into a "
    "small value. " + _BINS,
    "phik": "The correlation of two normal numbers whose table would be as far from independence, less what chance "
    "alone gives: 0 to 1, for any pair, without a sign. Between two numbers it also sees bends. Other programs cut "
    "numbers into bins of equal width and get other values. " + _BINS,
}
HIDES = "A pair can look harmless here and still hide an imbalance: look at the rows of the pair, below."
CLICK = "Click a cell to see its pair below."
TREE = (
    "Click a cell to see its pair below. The tree joins columns where their strongest pair does, 1 beside the table "
    f"and 0 at the right end; what is joined left of the dashed line at {number(BLOCK_AT, digits=1)} is a block."
)
CELLS = (
    f"All rows are counted. Columns with more than {count(FEW_RANKS)} different values are ranked in "
    f"{count(RANK_CELLS)} cells of about as many rows, so pairs with such a column are approximate; hover says which."
)
SHORT_NAMES = "r is Pearson's correlation, V is Cramér's V corrected for bias, η is the correlation ratio."

_UNDEFINED = "undefined (a column has a single value, or a single bin)"


def blocks_sentence(found: Sequence[Sequence[str]]) -> str:
    """Name the columns that go together so much that an explanation should treat them as one."""
    if not found:
        return f"No two of the drawn columns go together at {number(BLOCK_AT)} or more (absolute value)."
    named = "; ".join(" + ".join(f"**{safe(c)}**" for c in block) for block in found)
    return (
        f"Correlated blocks, joined at {number(BLOCK_AT)} or more (absolute value): {named}. "
        "Read their effects in an explanation together: which of them gets the credit is arbitrary."
    )


def measures_sentence(found: Sequence[Measured]) -> str:
    """Write every measure of a pair with its rows."""
    parts = []
    for one in found:
        value = _UNDEFINED if np.isnan(one.value) else number(one.value, digits=3)
        parts.append(f"{safe(one.measure)} **{value}** ({count(one.n)} rows)")
    return ", ".join(parts) + "."


def mosaic_sentence(table: Mosaic, row: str, column: str) -> str:
    """Name the smallest cell: that is what one number of a pair cannot show."""
    i, j = np.unravel_index(int(table.counts.argmin()), table.counts.shape)
    cell, size = int(table.counts[i, j]), int(table.counts[i].sum())
    share = f" ({percent(cell / size)} of them)" if size else ""
    return (
        f"The smallest cell has {count(cell)} of {count(int(table.counts.sum()))} rows: {safe(row)} "
        f"**{safe(table.rows[i])}** ({count(size)} rows) with {safe(column)} **{safe(table.columns[j])}**{share}. "
        "A low measure does not rule out a cell like this."
    )


def boxes_sentence(found: Boxes, value: str, by: str) -> str:
    """Say between which categories the median moves most."""
    median = found.quantiles[:, 2]
    low, high = int(median.argmin()), int(median.argmax())
    if median[low] == median[high]:
        text = (
            f"The median of **{safe(value)}** is {number(float(median[low]))} in every category of **{safe(by)}** "
            "that is shown; look at how far the boxes and whiskers reach."
        )
    else:
        text = (
            f"The median of **{safe(value)}** goes from {number(float(median[low]))} "
            f"({safe(by)} {safe(found.names[low])}, {count(found.n[low])} rows) to {number(float(median[high]))} "
            f"({safe(found.names[high])}, {count(found.n[high])} rows)."
        )
    if found.left_out:
        text += f" The {count(len(found.names))} most frequent categories are shown, {count(found.left_out)} are not."
    return text


def density_sentence(found: Density, across: str, up: str) -> str:
    """Say what runs where."""
    return (
        f"**{safe(across)}** from left to right, **{safe(up)}** from bottom to top; "
        f"{count(int(found.counts.sum()))} rows have both. The outer cells also hold what lies beyond the middle 98 %."
    )


def mosaic_frame(table: Mosaic) -> pd.DataFrame:
    """Return one row a cell."""
    sizes = table.counts.sum(axis=1)
    return pd.DataFrame(
        [
            {
                "first": plain(a),
                "second": plain(b),
                "rows": int(table.counts[i, j]),
                "share of the first": table.counts[i, j] / sizes[i] if sizes[i] else None,
            }
            for i, a in enumerate(table.rows)
            for j, b in enumerate(table.columns)
        ]
    )


def folded(table: Mosaic) -> bool:
    """Whether rare categories were put together."""
    return OTHER in table.rows or OTHER in table.columns
