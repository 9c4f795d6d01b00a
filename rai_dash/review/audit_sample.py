"""A random share of the automatic decisions that a person reviews as well, and what it says about all of them.

The outcome of an applicant whom the machine declined is never seen, so that its wrong refusals cannot be counted in
production. A random sample of its decisions, looked at by a person, can estimate them. Who is drawn depends on a secret
key and on the id of the row alone: not on the order of rows, on the batch, or on who asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN, Estimate
from rai_dash.data.labels import label_codes
from rai_dash.review._audit_cells import Cell, across, blown_up, summed, within
from rai_dash.review.row_routes import RowRoutes
from rai_dash.review.rows import APPROVED, DECLINED
from rai_dash.stats.intervals import z_value

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
#: Shortest and longest key in bytes; shorter ones can be found by trying.
SHORTEST_KEY, LONGEST_KEY = 16, 64
_PERSON: Final = b"rai-dash audit"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AuditSample:
    """Which rows a person looks at.

    Parameters
    ----------
    drawn : bool (n,)
        Automatic decisions drawn by lot.
    seen : bool (n,)
        Those, and everybody whose route is a person anyway.
    probability : float64 (n,)
        Chance of being seen: 1 on review, the share of the route else.
    """

    drawn: BoolArray
    seen: BoolArray
    probability: FloatArray

    @property
    def weight(self) -> FloatArray:
        """How many rows a seen row stands for, ``1 / probability``; 0 for a row that is not seen, float64 (n,)."""
        with np.errstate(divide="ignore"):
            return np.where(self.seen, 1.0 / self.probability, 0.0)


def lots(ids: pd.Series, key: bytes) -> FloatArray:
    """Draw a number in [0, 1) for each id: its keyed BLAKE2b hash.

    Parameters
    ----------
    ids : Series (n,)
        One id a row; ``1``, ``1.0`` and ``"1"`` are one id (see `rai_dash.data.labels`).
    key : bytes
        Secret; 16 to 64 bytes. Whoever knows it can foretell who is drawn.

    Returns
    -------
    float64 (n,)
        Multiples of 2**-53.

    Raises
    ------
    InvalidChoice
        When an id is blank or occurs twice, or the key is too short or too long.
    """
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        msg = tr(
            "The key of the audit sample has {key} bytes. Give {shortest_key} to {longest_key} random ones.",
            key=len(key),
            shortest_key=SHORTEST_KEY,
            longest_key=LONGEST_KEY,
        )
        raise InvalidChoice(msg)
    codes, names = label_codes(ids)
    if (codes < 0).any():
        row = int(np.flatnonzero(codes < 0)[0]) + 1
        msg = tr(
            "`{ids}` is blank in {sum} rows (first: row {row}). Choose a column of ids.",
            ids=ids.name,
            sum=f"{int((codes < 0).sum()):,}",
            row=f"{row:,}",
        )
        raise InvalidChoice(msg)
    if len(names) < len(codes):
        twice = names[int(np.flatnonzero(np.bincount(codes) > 1)[0])]
        msg = tr(
            "`{ids}` is no id: `{twice}` occurs more than once. Choose a column that names each row.",
            ids=ids.name,
            twice=twice,
        )
        raise InvalidChoice(msg)
    text = "surrogatepass"
    digests = b"".join(
        hashlib.blake2b(name.encode("utf-8", text), digest_size=8, key=key, person=_PERSON).digest()
        for name in names
    )
    numbers = np.frombuffer(digests, dtype=">u8") >> np.uint64(11)
    return numbers.astype(np.float64)[codes] * 2.0**-53


def draw(
    ids: pd.Series, routes: RowRoutes, share: float, *, key: bytes, rejected: float | None = None
) -> AuditSample:
    """Draw a random share of the automatic decisions.

    Parameters
    ----------
    ids : Series (n,)
        One id a row, see `lots`.
    routes : RowRoutes
        Of the same rows.
    share : float
        Share to be drawn, in (0, 1]; 0.02 = 2 %. A larger share draws the same rows and more.
    key : bytes
        See `lots`.
    rejected : float, optional
        Another share for those declined.

    Raises
    ------
    InvalidChoice
        When a share is out of range, the lengths differ, or the ids or the key do not fit.
    """
    shares = {DECLINED: share if rejected is None else rejected, APPROVED: share}
    wrong = next((s for s in shares.values() if not 0.0 < s <= 1.0), None)
    if wrong is not None:
        msg = tr(
            "An audit share of {wrong} draws nobody or too many. Give a number above 0 and up to 1, like "
            "0.02.",
            wrong=f"{wrong:g}",
        )
        raise InvalidChoice(msg)
    if len(ids) != routes.route.size:
        msg = tr(
            "Ids and routes are of different rows: {ids} and {size}.",
            ids=f"{len(ids):,}",
            size=f"{routes.route.size:,}",
        )
        raise InvalidChoice(msg)
    probability = np.ones(routes.route.size)
    for route, own in shares.items():
        probability[routes.route == route] = own
    drawn = routes.is_automatic & (lots(ids, key) < probability)
    return AuditSample(drawn=drawn, seen=drawn | ~routes.is_automatic, probability=probability)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFigures:
    """What an audited batch says about all automatic decisions of it.

    Parameters
    ----------
    rows, drawn, judged : int
        Rows; automatic decisions drawn; those of them whose outcome is known by now.
    totals : mapping of str to Estimate
        How many rows are ``tp, fp, tn, fn``, with 95 % intervals; undefined where none of the route was judged.
    rates : mapping of str to Estimate
        Under the names of `rai_dash.review.band.MEANINGS`, as far as they speak of automatic decisions alone.
    """

    rows: int
    drawn: int
    judged: int
    totals: Mapping[str, Estimate]
    rates: Mapping[str, Estimate]


#: Route and outcome of each cell.
_CELLS: Final = {
    "tp": (APPROVED, FAVOURABLE),
    "fp": (APPROVED, UNFAVOURABLE),
    "tn": (DECLINED, UNFAVOURABLE),
    "fn": (DECLINED, FAVOURABLE),
}
#: Rates within one route, as one cell of it, and across both, as a cell of one against a cell of the other.
_WITHIN: Final = {"precision_auto": "tp", "npv_auto": "tn"}
_ACROSS: Final = {"fnr_auto": ("fn", "tp"), "recall_auto": ("tp", "fn"), "fpr_auto": ("fp", "tn")}


def audit_figures(routes: RowRoutes, sample: AuditSample, outcome: NDArray[np.int8]) -> AuditFigures:
    """Estimate how good the automatic decisions are from those that a person looked at.

    Parameters
    ----------
    routes : RowRoutes
        Of a batch.
    sample : AuditSample
        Of the same batch.
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 not known (yet). Only that of drawn rows is used: the outcome of an approved
        loan is known without an audit, but the weights are those of the lot.

    Notes
    -----
    Within a route everybody has the same chance, so that Hajek's weight, ``1/p`` scaled to the rows of the route, is
    their number over the judged ones: a drawn row without outcome is taken to be like the others. Intervals are
    Wilson's within a route. Across routes the two are independent: the ratio of two cells has Katz's interval, which
    gives that of their share, and the sum of errors has that of Newcombe. Wilson on Kish's size of all judged rows,
    which suits weights that have nothing to do with the outcome, covered 10 % instead of 95 % where declined rows were
    drawn 25 times as often as approved ones; these covered 89 to 96 % with at least 15 judged rows on each route.

    They speak of the process, so that looking at everybody leaves an interval. A rate across both routes is undefined
    while one of them, though not empty, has nobody judged.

    References
    ----------
    Hajek, J. (1971), comment on Basu, in: Foundations of Statistical Inference, p. 236.

    Raises
    ------
    InvalidChoice
        When the lengths differ.
    """
    _check_lengths(routes, sample, outcome)
    judged = sample.drawn & (outcome != UNKNOWN)
    cells = {}
    for name, (route, label) in _CELLS.items():
        own = routes.route == route
        hits = int((judged & own & (outcome == label)).sum())
        cells[name] = Cell(hits, int((judged & own).sum()), int(own.sum()))
    rates = {name: within(cells[cell]) for name, cell in _WITHIN.items()}
    rates |= {name: across(cells[one], cells[other]) for name, (one, other) in _ACROSS.items()}
    return AuditFigures(
        rows=routes.route.size,
        drawn=int(sample.drawn.sum()),
        judged=int(judged.sum()),
        totals={name: blown_up(cell) for name, cell in cells.items()},
        rates=rates | {"auto_error_rate": summed(cells["fp"], cells["fn"])},
    )


def weighted_total(value: FloatArray, sample: AuditSample) -> Estimate:
    """Estimate the sum of any number over all rows from the seen ones, for example the money wrongly declined.

    Parameters
    ----------
    value : float64 (n,)
        What is summed; only that of seen rows is used, and it must be known there.
    sample : AuditSample
        Of the same rows.

    Returns
    -------
    Estimate
        ``sum value / p`` with the normal 95 % interval of a Poisson sample, variance
        ``sum (1 - p) (value / p)**2``.

    References
    ----------
    Horvitz, D. G. and Thompson, D. J. (1952). A generalization of sampling without replacement from a finite
    universe. JASA 47, 663-685.

    Raises
    ------
    InvalidChoice
        When the lengths differ, or a seen row has no value.
    """
    if value.shape != sample.seen.shape:
        msg = tr(
            "Values and sample are of different rows: {size} and {seen_size}.",
            size=f"{value.size:,}",
            seen_size=f"{sample.seen.size:,}",
        )
        raise InvalidChoice(msg)
    blank = int((~np.isfinite(value[sample.seen])).sum())
    if blank:
        msg = tr(
            "{blank} rows that a person has seen have no value to sum. Fill them in, or leave the sum out.",
            blank=f"{blank:,}",
        )
        raise InvalidChoice(msg)
    share = value[sample.seen] * sample.weight[sample.seen]
    half = z_value(0.95) * float(np.sqrt(((1.0 - sample.probability[sample.seen]) * share**2).sum()))
    total = float(share.sum())
    return Estimate(total, total - half, total + half)


def _check_lengths(routes: RowRoutes, sample: AuditSample, outcome: NDArray[np.int8]) -> None:
    if not routes.route.size == sample.seen.size == outcome.size:
        msg = tr(
            "Routes, sample and outcomes are of different rows: {size}, {seen_size} and {outcome_size}. "
            "Take all of one batch.",
            size=f"{routes.route.size:,}",
            seen_size=f"{sample.seen.size:,}",
            outcome_size=f"{outcome.size:,}",
        )
        raise InvalidChoice(msg)
