"""What the Correlations page says about measures, blocks and pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rai_dash.core.texts import mark, tr
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
    "kind": mark("By kind"),
    "pearson": mark("Pearson"),
    "spearman": mark("Spearman"),
    "cramer": mark("Cramér's V"),
    "ratio": mark("Correlation ratio"),
    "mutual": mark("Mutual information"),
    "phik": "Phi_k",
}
_BINS = mark(
    "Numbers with more than 20 values are cut at their deciles (fewer bins where values repeat); a value "
    "that more than half of the rows have is a bin of its own. With 20 or fewer values each is a "
    "category, and so is a blank."
)
#: What a measure is; those of `_BINNED` also say how numbers are cut.
MEANING = {
    "kind": mark(
        "Two numbers: Pearson's correlation. Two categories: Cramér's V, corrected for bias. A number and a "
        "category: the correlation ratio. These differ in kind, so compare like with like; hover says which."
    ),
    "pearson": mark(
        "Straight-line association of two numbers, from −1 to 1, over the rows where both are known. Pairs "
        "with a category have none."
    ),
    "spearman": mark(
        "Pearson's correlation of the ranks, ties sharing their middle rank: it sees any steady rise or "
        "fall. Only pairs of numbers have one; categories have no order that could be ranked."
    ),
    "cramer": mark(
        "0 is independent, 1 is one tells the other; corrected for bias, without Yates' correction."
    ),
    "ratio": mark(
        "Square root of the share of a number's variance that lies between the categories. Only pairs of a "
        "number and a category have one."
    ),
    "mutual": mark(
        "Shared information divided by the square root of both entropies: 0 to 1, for any pair. It is biased "
        "upwards where categories are many and rows are few: look at the rows of a pair before you read much "
        "into a small value."
    ),
    "phik": mark(
        "The correlation of two normal numbers whose table would be as far from independence, less what "
        "chance alone gives: 0 to 1, for any pair, without a sign. Between two numbers it also sees bends. "
        "Other programs cut numbers into bins of equal width and get other values."
    ),
}
_BINNED = frozenset({"cramer", "mutual", "phik"})
HIDES = mark(
    "A pair can look harmless here and still hide an imbalance: look at the rows of the pair, below."
)
CLICK = mark("Click a cell to see its pair below.")
SHORT_NAMES = mark(
    "r is Pearson's correlation, V is Cramér's V corrected for bias, η is the correlation ratio."
)

_UNDEFINED = mark("undefined (a column has a single value, or a single bin)")


def meaning(code: str) -> str:
    """Say what a measure is."""
    return f"{tr(MEANING[code])} {tr(_BINS)}" if code in _BINNED else tr(MEANING[code])


def tree() -> str:
    """Say how to read the tree beside the table."""
    return tr(
        "Click a cell to see its pair below. The tree joins columns where their strongest pair does, 1 beside the "
        "table and 0 at the right end; what is joined left of the dashed line at {at} is a block.",
        at=number(BLOCK_AT, digits=1),
    )


def cells() -> str:
    """Say how many columns are ranked where a table lies."""
    return tr(
        "All rows are counted. Columns with more than {few} different values are ranked in {cells} cells of about as "
        "many rows, so pairs with such a column are approximate; hover says which.",
        few=count(FEW_RANKS),
        cells=count(RANK_CELLS),
    )


def blocks_sentence(found: Sequence[Sequence[str]]) -> str:
    """Name the columns that go together so much that an explanation should treat them as one."""
    if not found:
        return tr(
            "No two of the drawn columns go together at {block_at} or more (absolute value).",
            block_at=number(BLOCK_AT),
        )
    named = "; ".join(" + ".join(f"**{safe(c)}**" for c in block) for block in found)
    return tr(
        "Correlated blocks, joined at {block_at} or more (absolute value): {named}. Read their effects "
        "in an explanation together: which of them gets the credit is arbitrary.",
        block_at=number(BLOCK_AT),
        named=named,
    )


def measures_sentence(found: Sequence[Measured]) -> str:
    """Write every measure of a pair with its rows."""
    parts = []
    for one in found:
        value = tr(_UNDEFINED) if np.isnan(one.value) else number(one.value, digits=3)
        parts.append(
            tr("{measure} **{value}** ({one} rows)", measure=safe(one.measure), value=value, one=count(one.n))
        )
    return ", ".join(parts) + "."


def mosaic_sentence(table: Mosaic, row: str, column: str) -> str:
    """Name the smallest cell: that is what one number of a pair cannot show."""
    i, j = np.unravel_index(int(table.counts.argmin()), table.counts.shape)
    cell, size = int(table.counts[i, j]), int(table.counts[i].sum())
    share = tr(" ({cell} of them)", cell=percent(cell / size)) if size else ""
    return tr(
        "The smallest cell has {cell} of {sum} rows: {row} **{rows}** ({size} rows) with {column} "
        "**{columns}**{share}. A low measure does not rule out a cell like this.",
        cell=count(cell),
        sum=count(int(table.counts.sum())),
        row=safe(row),
        rows=safe(table.rows[i]),
        size=count(size),
        column=safe(column),
        columns=safe(table.columns[j]),
        share=share,
    )


def boxes_sentence(found: Boxes, value: str, by: str) -> str:
    """Say between which categories the median moves most."""
    median = found.quantiles[:, 2]
    low, high = int(median.argmin()), int(median.argmax())
    if median[low] == median[high]:
        text = tr(
            "The median of **{value}** is {median} in every category of **{by}** that is shown; look at "
            "how far the boxes and whiskers reach.",
            value=safe(value),
            median=number(float(median[low])),
            by=safe(by),
        )
    else:
        text = tr(
            "The median of **{value}** goes from {median} ({by} {names}, {found} rows) to {median_high} "
            "({names_high}, {found_high} rows).",
            value=safe(value),
            median=number(float(median[low])),
            by=safe(by),
            names=safe(found.names[low]),
            found=count(found.n[low]),
            median_high=number(float(median[high])),
            names_high=safe(found.names[high]),
            found_high=count(found.n[high]),
        )
    if found.left_out:
        text += tr(
            " The {names} most frequent categories are shown, {left_out} are not.",
            names=count(len(found.names)),
            left_out=count(found.left_out),
        )
    return text


def density_sentence(found: Density, across: str, up: str) -> str:
    """Say what runs where."""
    return tr(
        "**{across}** from left to right, **{up}** from bottom to top; {sum} rows have both. The outer "
        "cells also hold what lies beyond the middle 98 %.",
        across=safe(across),
        up=safe(up),
        sum=count(int(found.counts.sum())),
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
