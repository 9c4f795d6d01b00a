"""The mathematics of coalitions: exact values from a full table, estimates from a drawn one."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]


def all_coalitions(n_players: int) -> BoolArray:
    """List all coalitions, bool (2**n_players, n_players); player j is bit j of the row number."""
    numbers = np.arange(2**n_players, dtype=np.int64)
    inside: BoolArray = (numbers[:, None] >> np.arange(n_players)) & 1 == 1
    return inside


def shapley_values(worth: FloatArray) -> FloatArray:
    """Compute exact Shapley values from the worth of every coalition.

    ``phi_j = sum over S without j of |S|! (k - 1 - |S|)! / k! * (v(S + j) - v(S))``.

    Parameters
    ----------
    worth : float64 (games, 2**k)
        In the order of ``all_coalitions(k)``.

    Returns
    -------
    float64 (games, k)

    References
    ----------
    Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.
    """
    n_games, n_coalitions = worth.shape
    k = n_coalitions.bit_length() - 1
    if k == 0:
        return np.zeros((n_games, 0))
    sizes = all_coalitions(k - 1).sum(axis=1)
    by_size = np.array([factorial(s) * factorial(k - 1 - s) / factorial(k) for s in range(k)])
    weight = by_size[sizes]
    phi = np.empty((n_games, k))
    for j in range(k):
        pairs = worth.reshape(n_games, 2 ** (k - 1 - j), 2, 2**j)
        phi[:, j] = (pairs[:, :, 1, :] - pairs[:, :, 0, :]).reshape(n_games, -1) @ weight
    return phi


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Coalitions for the paired kernel estimate.

    ``members`` bool (c, players); ``weight`` float64 (c,); ``batch`` int (c,): -1 for the sizes 1 and
    players - 1, which are all there, else the number of the independent batch of drawn pairs.
    """

    members: BoolArray
    weight: FloatArray
    batch: NDArray[np.int64]


def draw_coalitions(n_players: int, *, pairs: int, batches: int, rng: np.random.Generator) -> Draw:
    """Enumerate the sizes 1 and d - 1 and draw pairs (a subset and its complement) of the other sizes.

    A size s has kernel mass ``(d - 1) / (s (d - s))``; drawn sizes follow it, subsets are uniform.

    Parameters
    ----------
    n_players : int
        d, at least 4.
    pairs : int
        Pairs to draw; rounded up to a multiple of ``batches``.
    batches : int
        Independent batches for the error.
    rng : numpy.random.Generator
        Source of the draw.

    References
    ----------
    Covert, I. and Lee, S.-I. (2021). Improving KernelSHAP: practical Shapley value estimation via
    linear regression. AISTATS.
    """
    d = n_players
    single = np.eye(d, dtype=bool)
    sizes = np.arange(2, d - 1)
    mass = (d - 1) / (sizes * (d - sizes))
    per_batch = -(-pairs // batches)
    drawn = rng.choice(sizes, size=per_batch * batches, p=mass / mass.sum())
    rank = rng.random((drawn.size, d)).argsort(axis=1).argsort(axis=1)
    subset = rank < drawn[:, None]
    batch = np.repeat(np.arange(batches), per_batch)
    return Draw(
        members=np.concatenate([single, ~single, subset, ~subset]),
        weight=np.concatenate(
            [np.full(2 * d, 1 / d), np.full(2 * drawn.size, mass.sum() / (2 * drawn.size))]
        ),
        batch=np.concatenate([np.full(2 * d, -1), batch, batch]),
    )


def _weighted_fit(members: BoolArray, worth: FloatArray, weight: FloatArray, total: float) -> FloatArray:
    """Fit ``worth ~ sum of the members' values`` under ``sum of all values = total``, by elimination."""
    last = members[:, -1:].astype(np.float64)
    design = members[:, :-1] - last
    root = np.sqrt(weight)
    known = (worth - last[:, 0] * total) * root
    free = np.linalg.lstsq(design * root[:, None], known, rcond=None)[0]
    return np.append(free, total - free.sum())


def kernel_estimate(draw: Draw, worth: FloatArray, *, total: float) -> tuple[FloatArray, FloatArray]:
    """Estimate Shapley values by weighted least squares with efficiency imposed.

    Parameters
    ----------
    draw : Draw
        The coalitions.
    worth : float64 (c,)
        Worth of each, less that of the empty coalition.
    total : float
        Worth of everyone together, less that of the empty coalition.

    Returns
    -------
    values, errors : float64 (players,)
        The estimate from all coalitions, and its standard error from the spread between batches. The
        error covers the drawn coalitions, not the choice of reference rows.
    """
    values = _weighted_fit(draw.members, worth, draw.weight, total)
    n_batches = int(draw.batch.max()) + 1
    parts = []
    for b in range(n_batches):
        kept = (draw.batch == -1) | (draw.batch == b)
        weight = np.where(draw.batch == b, draw.weight * n_batches, draw.weight)
        parts.append(_weighted_fit(draw.members[kept], worth[kept], weight[kept], total))
    return values, np.std(parts, axis=0, ddof=1) / np.sqrt(n_batches)
