"""What errors cost on the judged rows: the choices of the user turned into costs, stakes and curves, each made once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.data.portfolio.cubes import amount_counts, review_cube_of
from rai_dash.metrics.cheapest import CostCurve, cost_curve
from rai_dash.metrics.chosen import MOST_DIVIDED, Halves, cut_counts_in_halves, cut_in_halves
from rai_dash.metrics.stakes import StakeDraws, Stakes, amount_stakes, draw_stakes
from rai_dash.metrics.table import Costs
from rai_dash.report.band_rows import amounts_of
from rai_dash.ui.choices import Choices

FIXED, AMOUNT = "fixed", "amount"
#: Largest fixed cost that can be named.
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Priced:
    """What the two errors cost, and whether that is a share of the loan amount."""

    costs: Costs
    by_amount: bool


def priced(judgement: Judgement, chosen: Choices) -> Priced:
    """Read the costs of the choices; without an amount column they are fixed."""
    by_amount = chosen.cost_by == AMOUNT and judgement.roles.amount is not None
    if by_amount:
        lost, margin = (min(max(share, 0), 100) / 100 for share in (chosen.lost, chosen.margin))
        return Priced(Costs(cost_fp=lost, cost_fn=margin), by_amount=True)
    wrong, refused = (min(max(cost, 0), MOST) for cost in (chosen.cost_fp, chosen.cost_fn))
    return Priced(Costs(cost_fp=wrong, cost_fn=refused), by_amount=False)


def stakes(judgement: Judgement, *, by_amount: bool) -> Stakes:
    """Return the judged applications by score cell, with the money in them where costs follow it.

    Raises
    ------
    InvalidRoles
        The amount column holds no numbers, or negative ones.
    """
    counts = judgement.counts()
    if not by_amount:
        return Stakes(counts=counts)
    dataset = judgement.data.dataset

    def make() -> Stakes:
        if judgement.whole is not None:
            cube = review_cube_of(judgement.whole, amount=judgement.roles.amount)
            missing = int(cube.amount_missing.sum())
            return Stakes(counts=counts, amounts=amount_counts(cube), n_amount_missing=missing)
        return amount_stakes(
            dataset.outcome[judgement.judged],
            judgement.score[judgement.judged],
            amounts(judgement),
            counts=counts,
            weight=weights(judgement),
        )

    return judgement.memo.get(("stakes", AMOUNT), make)


def curve(judgement: Judgement, price: Priced) -> CostCurve:
    """Return the cost of every threshold on the judged rows."""
    at_stake = stakes(judgement, by_amount=price.by_amount)
    return _curve(judgement, at_stake, price, "judged")


def halves(judgement: Judgement, *, by_amount: bool) -> Halves:
    """Cut the judged rows in two; the same halves for every model of these data.

    All rows of a portfolio where they count alike, else those of the sample; see `halves_are_sampled`.
    """
    dataset = judgement.data.dataset

    def make() -> Halves:
        if judgement.whole is not None and not halves_are_sampled(judgement, by_amount=by_amount):
            return cut_counts_in_halves(judgement.counts(), seed=_seed(judgement, "halves"))
        return cut_in_halves(
            dataset.outcome[judgement.judged],
            judgement.score[judgement.judged],
            seed=_seed(judgement, "halves"),
            weight=weights(judgement),
            amount=amounts(judgement) if by_amount else None,
        )

    return judgement.memo.get(("halves", by_amount), make)


def halves_are_sampled(judgement: Judgement, *, by_amount: bool) -> bool:
    """Whether `halves` are of the sample of a portfolio: weights and amounts belong to single rows."""
    if judgement.whole is None:
        return judgement.data.dataset.portfolio is not None
    return by_amount or judgement.roles.weight is not None or judgement.n_counted > MOST_DIVIDED


def curve_of_reported_half(judgement: Judgement, price: Priced) -> CostCurve:
    """Return the cost of every threshold on the half that none is chosen on."""
    return _curve(judgement, halves(judgement, by_amount=price.by_amount).reported_on, price, "reported")


def _curve(judgement: Judgement, at_stake: Stakes, price: Priced, which: str) -> CostCurve:
    """Compute a curve once for these costs; samples of rows are kept, those of counts are drawn in no time."""

    def draws() -> StakeDraws | None:
        return draw_stakes(at_stake, seed=_seed(judgement, which))

    def make() -> CostCurve:
        needs_rows = price.by_amount or at_stake.counts.is_weighted
        key = ("stake_draws", price.by_amount, which)
        return cost_curve(
            at_stake, price.costs, draws=judgement.memo.get(key, draws) if needs_rows else draws()
        )

    return judgement.memo.get(("cost_curve", which, price), make)


def amounts(judgement: Judgement) -> NDArray[np.float64]:
    """Return the loan amounts of the judged rows, float64 (n_judged,); NaN = blank.

    Raises
    ------
    InvalidRoles
        The amount column holds no numbers.
    """
    return amounts_of(judgement.data.dataset)[judgement.judged]


def weights(judgement: Judgement) -> NDArray[np.float64] | None:
    """Return the weights of the judged rows, float64 (n_judged,); None = every weight is 1."""
    return judgement.data.dataset.weight[judgement.judged] if judgement.roles.weight else None


def _seed(judgement: Judgement, purpose: str) -> int:
    """Derive a seed from the content of the data, so that a page says the same twice."""
    return int(fingerprint_value([purpose, judgement.data.dataset.fingerprint])[:8], 16)
