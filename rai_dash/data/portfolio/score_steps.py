"""A grid of scores that is as fine beside 0 and 1, in its logit, as in the middle; exact on every engine.

Thousandths blur what calibration rests on: between 0.001 and 0.002 the logit moves by 0.7. Here each halving of the
distance from the nearer end is cut into the same number of steps, by products with powers of two, which round nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import narwhals.stable.v2 as nw

#: Halvings of the distance from 0 or 1; what is nearer is one step, and 0 and 1 themselves are one each.
HALVINGS: Final = 31


def halved(
    value: nw.Expr, edges: tuple[float, ...], leaf: Callable[[int], nw.Expr], below: int = 0
) -> nw.Expr:
    """Look by halves for how many edges are at most a value, and go on with the leaf of that number.

    Of 29 edges a row is compared with five, where an engine skips the other branch.
    """
    if not edges:
        return leaf(below)
    at = len(edges) // 2
    above = halved(value, edges[at + 1 :], leaf, below + at + 1)
    return nw.when(value >= edges[at]).then(above).otherwise(halved(value, edges[:at], leaf, below))


def distance(score: nw.Expr) -> nw.Expr:
    """Return how far a score is from the nearer of 0 and 1; exact, since 1 - s is for s from 0.5 on."""
    return nw.when(score < 0.5).then(score).otherwise(1.0 - score)


def step_of(score: nw.Expr, near: nw.Expr, steps: int) -> nw.Expr:
    """Return the step of each score: whole numbers that grow with it; null without a score.

    Parameters
    ----------
    score : Expr
        In [0, 1].
    near : Expr
        Its `distance`.
    steps : int
        In each halving.
    """
    edges = tuple(2.0 ** -(HALVINGS - k) for k in range(HALVINGS))

    def leaf(level: int) -> nw.Expr:
        if level == 0:
            return nw.when(near > 0.0).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
        # From `low` to twice as much the product runs from `steps` to twice as much.
        low = edges[level - 1]
        return near * (steps / low) + float(2 + (level - 2) * steps)

    top = float(2 * (HALVINGS + 1) * (steps + 1))
    up = halved(near, edges, leaf).floor()
    code = nw.when(score < 0.5).then(up).otherwise(top - up)
    return nw.when(~score.is_null()).then(code.cast(nw.Int64)).otherwise(None)
