"""Whether the reasons of one decision hold when the applicant's data is a little off, or the comparison another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.explain._asking import FloatArray, IntArray, Score, ask
from rai_dash.explain._noise import Noise, row_keys
from rai_dash.explain.reasons import MOST_FACTORS, factors
from rai_dash.explain.ties import ROUNDING
from rai_dash.stats.clusters import share_of
from rai_dash.stats.intervals import wilson

#: Shaken copies of one applicant: a share is then known to 7 points or better.
COPIES = 200
#: Middle share of a contribution's copies that is told.
MIDDLE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OneStability:
    """What noise does to the reasons of one decision.

    A reason is one of the up to k columns that push hardest towards the decision that was made.

    Parameters
    ----------
    eps, copies, k : float, int, int
        What was asked.
    towards : int
        1 = the applicant is approved, -1 = refused.
    names : tuple of str
        Columns, or blocks of them.
    own : tuple of str
        The applicant's own reasons, the strongest first.
    among : mapping of str to Estimate
        Share of the copies in which a column is among the reasons, with Wilson's interval over copies; the own reasons
        and every column that comes in at least once, own ones first, then from the one that comes most often.
    same_set : Estimate
        Share of the copies with exactly the same reasons, in whatever order.
    same_first : Estimate
        Share of the copies with the same first reason; undefined where there is none.
    flip : Estimate
        Share of the copies that end in the other decision.
    values : float64 (columns,)
        The applicant's own contributions.
    low, high : float64 (columns,)
        Ends of the middle 90 % of the copies' contributions, observed ones.
    """

    eps: float
    copies: int
    k: int
    towards: int
    names: tuple[str, ...]
    own: tuple[str, ...]
    among: Mapping[str, Estimate]
    same_set: Estimate
    same_first: Estimate
    flip: Estimate
    values: FloatArray
    low: FloatArray
    high: FloatArray


def one_stability(
    attribute: Callable[[pd.DataFrame], FloatArray],
    score: Score,
    row: pd.DataFrame,
    noise: Noise,
    *,
    names: Sequence[str],
    eps: float,
    threshold: float,
    copies: int = COPIES,
    k: int = MOST_FACTORS,
) -> OneStability:
    """Explain shaken copies of one row and compare their reasons with its own.

    Parameters
    ----------
    attribute : callable
        Table rows to contributions, float64 (n, columns); called once, with the row itself first.
    score : callable
        Table rows to the probability of the favourable outcome; called once.
    row : DataFrame (1, …)
        The applicant.
    noise : Noise
        From `rai_dash.explain.noise.noise_of`. A copy's noise hangs on the row's content and on its number.
    names : sequence of str (columns,)
        What the contributions are of.
    eps : float
        How much noise, in [0, 1].
    threshold : float
        Favourable at or above.
    copies, k : int
        Shaken copies; longest list of reasons.

    Raises
    ------
    InvalidChoice
        Without a copy or a reason to compare.
    """
    if copies < 1 or k < 1:
        msg = tr(
            "At least one copy and one reason are compared, got {copies} and {k}. Give 1 or more.",
            copies=copies,
            k=k,
        )
        raise InvalidChoice(msg)
    table = _with_copies(row, noise, eps=eps, copies=copies)
    values, scores = attribute(table), ask(score, table)
    towards = 1 if scores[0] >= threshold else -1
    return _compared(values, names, towards=towards, eps=eps, k=k, flipped=_flipped(scores, threshold))


def reasons_of(values: Mapping[str, float], *, towards: int, k: int = MOST_FACTORS) -> tuple[str, ...]:
    """Return the up to k columns that push hardest one way, the strongest first.

    Parameters
    ----------
    values : mapping of str to float
        Contribution a column.
    towards : int
        1 = approval, -1 = refusal.
    k : int
        Longest list.
    """
    found = factors(values, most=k, least=ROUNDING)
    return tuple(f.column for f in (found.favourable if towards > 0 else found.adverse))


def in_all(lists: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return what stands in every list, in the order of the first; nothing of no lists."""
    return tuple(name for name in lists[0] if all(name in one for one in lists)) if lists else ()


def _with_copies(row: pd.DataFrame, noise: Noise, *, eps: float, copies: int) -> pd.DataFrame:
    content = int(row_keys(row)[0])
    same = row.iloc[np.zeros(copies, dtype=np.int64)].reset_index(drop=True)
    keys = row_keys(same, [f"{content} {i}" for i in range(copies)])
    return pd.concat([row, noise.shaken(same, keys, eps=eps, draw=0)], ignore_index=True)


def _flipped(scores: FloatArray, threshold: float) -> NDArray[np.bool_]:
    is_favourable = scores >= threshold
    return np.asarray(is_favourable[1:] != is_favourable[0])


def _listed(values: FloatArray, names: Sequence[str], *, towards: int, k: int) -> IntArray:
    """Return the reasons of each row as positions, int64 (n, k), the strongest first; -1 = no further one."""
    by_name = np.argsort(np.array(names, dtype=object), kind="stable")
    push = towards * values[:, by_name]
    order = np.argsort(np.where(push > ROUNDING, -push, np.inf), axis=1, kind="stable")[:, :k]
    is_reason = np.take_along_axis(push, order, axis=1) > ROUNDING
    return np.where(is_reason, by_name[order], -1)


def _compared(
    values: FloatArray,
    names: Sequence[str],
    *,
    towards: int,
    eps: float,
    k: int,
    flipped: NDArray[np.bool_],
) -> OneStability:
    listed = _listed(values, names, towards=towards, k=k)
    own, copies = listed[0], listed[1:]
    is_among = (copies[:, :, None] == np.arange(len(names))).any(axis=1)
    is_own = np.isin(np.arange(len(names)), own)
    often = np.argsort(-is_among.sum(axis=0), kind="stable")
    told = [*own[own >= 0], *(j for j in often if not is_own[j] and is_among[:, j].any())]
    edge = (1.0 - MIDDLE) / 2
    low, high = np.quantile(values[1:], [edge, 1.0 - edge], axis=0, method="inverted_cdf")
    return OneStability(
        eps=eps, copies=len(copies), k=k, towards=towards, names=tuple(names),
        own=tuple(names[j] for j in own if j >= 0),
        among={names[j]: _share(is_among[:, j]) for j in told},
        same_set=_share((is_among == is_own).all(axis=1)),
        same_first=_share(copies[:, 0] == own[0]) if own[0] >= 0 else Estimate.undefined(tr("nothing pushes this way")),
        flip=_share(flipped), values=values[0], low=low, high=high,
    )  # fmt: skip


def _share(holds: NDArray[np.bool_]) -> Estimate:
    """Estimate a share of copies, which are independent of each other; Wilson's interval."""
    low, high = wilson(holds.sum(), len(holds))
    return share_of(holds.mean(), low, high, holds.sum(), len(holds))
