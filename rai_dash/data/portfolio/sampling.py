"""Rows of a portfolio that come here: a stratified sample in which every row has the same chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.engines import FrameEngine
from rai_dash.data.portfolio.levels import Cross, cross_of, levels_of
from rai_dash.data.portfolio.portfolio import Portfolio, plain_frame
from rai_dash.data.portfolio.questions import Tally

IntArray = NDArray[np.int64]
#: Rows that the smallest group that is reported should have in the sample.
ROWS_A_GROUP: Final = 100
#: Groups with fewer rows in all are too small to be reported on, and do not make the sample larger.
SMALLEST: Final = 1_000
#: Candidates beyond what is needed, so that no stratum runs short.
_SPARE: Final = 1.3
_SPARE_ROWS: Final = 1_000
#: Rows brought here at a time for strata that ran short, and places looked up at once.
_PIECE: Final = 250_000
_LOOK: Final = 1_000_000
#: How many times as many rows are looked at where that was not enough.
_STEP: Final = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Some rows of a portfolio.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        In plain types, in the order of the table.
    positions : int64 (n,) or None
        Place of each row in the table; None where rows of the engine have none.
    """

    frame: pd.DataFrame
    positions: IntArray | None


def draw_sample(portfolio: Portfolio, roles: Roles, *, seed: int = 0) -> Sample:
    """Draw rows with equal chances, each stratum of outcome and groups by its share.

    Parameters
    ----------
    portfolio : Portfolio
        The rows.
    roles : Roles
        Target and sensitive columns make the strata; without any all rows are one.
    seed : int
        The same seed draws the same rows of the same table.

    Notes
    -----
    Places are shared among the strata by largest remainders, so that the sample has the shares of the table. It is as
    large as the smallest group of at least ``SMALLEST`` rows needs to have ``ROWS_A_GROUP`` of them, within the limits
    of the settings (``sample_rows``, ``most_sample_rows``).
    """
    strata = _strata(portfolio, roles)
    answer = None if strata is None else portfolio.tally(Tally(keys=strata.keys))
    sizes = _sizes(portfolio, strata, answer)
    quotas = _quotas(sizes, _size(portfolio, strata, sizes))
    engine = portfolio.engine
    if isinstance(engine, FrameEngine) and not engine.has_places:
        return Sample(_by_chance(engine, strata, answer, quotas, seed), None)
    return _by_place(portfolio, strata, quotas, seed)


def _by_place(portfolio: Portfolio, strata: Cross | None, quotas: IntArray, seed: int) -> Sample:
    """Take the rows with the smallest marks of each stratum, whichever engine finds them."""
    frames, places, left = [], [], quotas.copy()
    for candidates in _candidates(portfolio.n_rows, int(quotas.sum()), seed):
        frame = portfolio.pick(candidates)
        kept = _first_of_each(_codes(strata, frame), _marks(candidates, seed), left)
        frames.append(frame.iloc[kept])
        places.append(candidates[kept])
        left -= np.bincount(_codes(strata, frames[-1]), minlength=left.size)
        if not left.any():
            break
    found = np.concatenate(places)
    order = np.argsort(found)
    return Sample(_joined(frames).iloc[order].reset_index(drop=True), found[order])


def _by_chance(
    engine: FrameEngine, strata: Cross | None, answer: Answer | None, quotas: IntArray, seed: int
) -> pd.DataFrame:
    """Let the engine draw; a stratum that comes out short is drawn again as a whole, with a greater chance.

    Of a draw in which every row has the same chance, any ``q`` rows of a stratum are as likely as any other ``q``, also
    given that there are ``q``: so every row of a stratum has the same chance in the end. Rows of two draws must not
    be mixed in a stratum: they may be the same.
    """
    frames, left, random = [], quotas.copy(), np.random.default_rng(seed)
    n = sum(engine.part_rows)
    chance = _SPARE * int(quotas.sum()) / max(n, 1) + _SPARE_ROWS / max(n, 1)
    for turn in count():
        only = None if strata is None or answer is None or not turn else _values_of(strata, answer, left)
        frame = plain_frame(engine.draw(min(chance, 1.0), seed + turn, only))
        codes = _codes(strata, frame)
        is_full = np.bincount(codes, minlength=left.size) >= left
        kept = _first_of_each(codes, random.permutation(len(frame)), np.where(is_full, left, 0))
        frames.append(frame.iloc[kept])
        left[is_full] = 0
        if chance >= 1.0 or not left.any():
            break
        chance *= _STEP
    return _joined(frames).reset_index(drop=True)


def _values_of(strata: Cross, answer: Answer, left: IntArray) -> dict[str, list[Any]]:
    """Return the values that rows of short strata have, of each column in which others have others."""
    short = np.flatnonzero(left)
    found: dict[str, list[Any]] = {}
    shape = [len(part.groups) for part in strata.parts]
    for i, (part, groups) in enumerate(zip(strata.parts, np.unravel_index(short, shape), strict=True)):
        codes = part.codes(answer, i)
        wanted = np.isin(codes, groups)
        if part.edges is None and not wanted.all():
            values = answer.table.column(f"k{i}").filter(pa.array(wanted))
            if not pa.types.is_temporal(values.type):
                found[part.column] = values.unique().to_pylist()
    return found


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


def _codes(strata: Cross | None, frame: pd.DataFrame) -> IntArray:
    return np.zeros(len(frame), np.int64) if strata is None else strata.codes_of(frame).astype(np.int64)


def _strata(portfolio: Portfolio, roles: Roles) -> Cross | None:
    """Cross the outcome with as many sensitive columns as there are cells for."""
    columns = [c for c in (roles.target, *roles.sensitive) if c is not None]
    parts, cells = [], 1
    for column in columns:
        levels = levels_of(portfolio, column, roles.bins.get(column))
        cells *= len(levels.groups)
        if cells > _MOST_STRATA:
            break
        parts.append(levels)
    return cross_of(parts) if parts else None


#: More strata than this would hold fewer rows each than can be shared out.
_MOST_STRATA: Final = 1_000


def _sizes(portfolio: Portfolio, strata: Cross | None, answer: Answer | None) -> IntArray:
    if strata is None or answer is None:
        return np.array([portfolio.n_rows], np.int64)
    found = np.zeros(len(strata.groups), np.int64)
    np.add.at(found, strata.codes(answer), answer.n)
    return found


def _size(portfolio: Portfolio, strata: Cross | None, sizes: IntArray) -> int:
    """Say how many rows are needed."""
    settings = get_settings()
    wanted = settings.sample_rows
    for axis, part in enumerate(strata.parts if strata else ()):
        shape = [len(p.groups) for p in (strata.parts if strata else ())]
        others = tuple(i for i in range(len(shape)) if i != axis)
        groups = sizes.reshape(shape).sum(axis=others)
        large = groups[groups >= SMALLEST]
        if large.size and len(part.groups) > 1:
            wanted = max(wanted, math.ceil(ROWS_A_GROUP * portfolio.n_rows / int(large.min())))
    return min(wanted, settings.most_sample_rows, portfolio.n_rows)


def _quotas(sizes: IntArray, size: int) -> IntArray:
    """Share the places among the strata by largest remainders."""
    exact = sizes * (size / max(int(sizes.sum()), 1))
    quota: IntArray = np.floor(exact).astype(np.int64)
    left = size - int(quota.sum())
    quota[np.argsort(quota - exact, kind="stable")[:left]] += 1
    return quota


def _first_of_each(codes: IntArray, mark: NDArray[Any], quotas: IntArray) -> NDArray[np.intp]:
    """Return the places of the rows with the smallest marks of each stratum, ascending."""
    order = np.lexsort((mark, codes))
    first = np.searchsorted(codes[order], np.arange(quotas.size))
    rank = np.arange(codes.size) - first[codes[order]]
    kept: NDArray[np.intp] = np.sort(order[rank < quotas[codes[order]]])
    return kept


def _candidates(n: int, size: int, seed: int) -> Iterator[IntArray]:
    """Yield the places of all rows in pieces, each piece ascending, the pieces in order of their marks."""
    low, high, piece = 0.0, max(_SPARE * size, _LOOK) / max(n, 1), int(_SPARE * size) + _SPARE_ROWS
    while low < 1.0:
        places, marks = _between(n, seed, low, high)
        order = places[np.argsort(marks)]
        while order.size:
            yield np.sort(order[:piece])
            order, piece = order[piece:], _PIECE
        low, high = high, high * _STEP
    if not n:
        yield np.empty(0, np.int64)


def _between(n: int, seed: int, low: float, high: float) -> tuple[IntArray, NDArray[np.uint64]]:
    """Find the rows whose mark lies in a range of all marks, given as shares of it."""
    least, most = (np.uint64(min(int(share * 2**64), 2**64 - 1)) for share in (low, high))
    places, marks = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    for start in range(0, n, _PIECE):
        these = np.arange(start, min(start + _PIECE, n), dtype=np.int64)
        mark = _marks(these, seed)
        inside = mark >= least
        if high < 1.0:
            inside &= mark < most
        places.append(these[inside])
        marks.append(mark[inside])
    return np.concatenate(places), np.concatenate(marks)


def _marks(places: IntArray, seed: int) -> NDArray[np.uint64]:
    """Give every row a number that looks random and depends on its place only.

    References
    ----------
    Steele, G. L., Lea, D., & Flood, C. H. (2014). Fast splittable pseudorandom number generators. OOPSLA (the
    finaliser of SplitMix64).
    """
    x = places.astype(np.uint64)
    x += np.uint64(seed + 1)
    x *= np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x ^= x >> np.uint64(shift)
        x *= np.uint64(factor)
    x ^= x >> np.uint64(31)
    return x
