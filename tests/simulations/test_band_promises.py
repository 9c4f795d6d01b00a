"""Bands promised to be wrong at most so often: how often is one found in 1,000 data sets, and does it keep its word?

The world is made to look like that of review-band.md section 14, which is not published: scores are calibrated,
logit s is normal with mean 0.5 and standard deviation 1.5, the outcome is favourable with chance s, the threshold is
0.5. Among the worlds we tried it is nearest to the table there: the best-looking band reviews .67 of the rows for a
promise of 10 %, mean control (CRC) .40. The list of bands is the product's own. True errors are integrals over the
world, not samples.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from rai_dash.review.guarantee import best_looking, crc, fixed_sequence, rows_needed, sgr, split, union
from rai_dash.review.nested import count_bands, nested_bands
from rai_dash.review.two_sided import two_sided
from tests.simulations.worlds import at_least, at_most, upper_bound

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

MEAN, SD, THRESHOLD, DELTA, RUNS = 0.5, 1.5, 0.5, 0.05, 1000
BANDS = nested_bands(THRESHOLD)
#: Section 14, alpha = .10: share of data sets in which the fixed sequence finds a band.
FOUND = {500: 0.31, 2_000: 0.87, 10_000: 1.00}


def draw(rng, rows):
    """Scores and outcomes."""
    score = expit(rng.normal(MEAN, SD, rows))
    return score, (rng.random(rows) < score).astype(np.int8)


@cache
def side(cut, *, above):
    """Mass of one side of a cut on the score, and its errors per row of all: bad approved or good declined."""
    if cut is None:
        return 0.0, 0.0
    z = (np.log(cut / (1 - cut)) - MEAN) / SD
    mass = norm.sf(z) if above else norm.cdf(z)
    ends = (z, 12) if above else (-12, z)
    error = quad(lambda x: norm.pdf(x) * expit((-1 if above else 1) * (MEAN + SD * x)), *ends, epsabs=1e-12)[
        0
    ]
    return float(mass), float(error)


def truth(band):
    """True share of automatic errors, true share of rows that go to a person."""
    (declined, lost), (approved, bad) = side(band.lo, above=False), side(band.hi, above=True)
    return (lost + bad) / (declined + approved), 1 - declined - approved


def chooser(alpha):
    """Pick the best-looking band of some rows."""

    def choose(score, label):
        counts = count_bands(score, label, BANDS)
        return best_looking(counts.k, counts.n, alpha=alpha, bands=BANDS).band

    return choose


def play(rows, alpha, *, runs=RUNS):
    """Let every rule answer on the same data sets: found, broken, mean share reviewed."""
    rng = np.random.default_rng(rows + int(1000 * alpha))
    answers = {name: [] for name in ("best", "union", "sequence", "sgr", "crc", "split")}
    for seed in range(runs):
        score, label = draw(rng, rows)
        counts = count_bands(score, label, BANDS)
        k, n = counts.k, counts.n
        found = {
            "best": best_looking(k, n, alpha=alpha, bands=BANDS),
            "union": union(k, n, alpha=alpha, delta=DELTA, bands=BANDS),
            "sequence": fixed_sequence(k, n, alpha=alpha, delta=DELTA, bands=BANDS),
            "sgr": sgr(score, label, threshold=THRESHOLD, alpha=alpha, delta=DELTA),
            "crc": crc(k, rows, alpha=alpha, bands=BANDS),
            "split": split(score, label, chooser(alpha), seed=seed, alpha=alpha, delta=DELTA),
        }
        for name, answer in found.items():
            assert not (answer.certified and name in {"best", "crc"})
            answers[name] += [] if answer.band is None else [truth(answer.band)]
    return {
        name: (
            len(held),
            sum(error > alpha for error, _ in held),
            np.mean([r for _, r in held]) if held else None,
        )
        for name, held in answers.items()
    }


@pytest.mark.parametrize("alpha", [0.10, 0.15])
@pytest.mark.parametrize("rows", [500, 2_000, 10_000])
def test_certified_bands_keep_their_promise_and_the_best_looking_one_does_not(rows, alpha):
    played = play(rows, alpha)

    for name in ("union", "sequence", "sgr", "split"):
        _, broken, _ = played[name]
        # More than these happen once in 1,000 where the chance of a broken promise is 5 %.
        assert broken <= at_most(DELTA, RUNS), (name, played)
    found, broken, _ = played["sequence"]
    if alpha == 0.10:
        # Fewer than these happen once in 1,000 where the chance of one is that of the reference.
        assert found >= at_least(min(FOUND[rows], 0.995), RUNS), played
    best_found, best_broken, _ = played["best"]
    assert best_found >= 0.9 * RUNS
    assert best_broken >= 0.1 * RUNS
    assert best_broken > 3 * max(broken, 1), played


def test_promises_about_approvals_and_refusals_hold_together():
    rng, runs, broken, ends = np.random.default_rng(5), RUNS, 0, 0
    alphas = {"approve": 0.15, "refuse": 0.25}
    for _ in range(runs):
        found = two_sided(
            {"everyone": count_bands(*draw(rng, 1_500), BANDS)},
            alpha_approve=alphas["approve"],
            alpha_refuse=alphas["refuse"],
            delta=DELTA,
        )
        wrong = []
        for cut, above, alpha in ((found.band.hi, True, 0.15), (found.band.lo, False, 0.25)):
            mass, errors = side(cut, above=above)
            ends += cut is not None
            wrong.append(cut is not None and errors / mass > alpha)
        broken += any(wrong)

    assert ends >= 1.5 * runs
    assert broken <= at_most(DELTA, runs), (broken, ends)


def test_a_promise_to_every_group_holds_for_every_group():
    rng, runs, broken, found_hi = np.random.default_rng(6), 500, 0, 0
    for _ in range(runs):
        groups = {name: count_bands(*draw(rng, size), BANDS) for name, size in (("a", 3_000), ("b", 1_000))}
        found = two_sided(groups, alpha_approve=0.15, alpha_refuse=0.25, delta=DELTA)
        mass, errors = side(found.band.hi, above=True)
        found_hi += mass > 0
        low_mass, low_errors = side(found.band.lo, above=False)
        broken += (mass > 0 and errors / mass > 0.15) or (low_mass > 0 and low_errors / low_mass > 0.25)

    assert found_hi >= 0.5 * runs
    assert broken <= at_most(DELTA, runs), broken


def test_so_many_rows_as_are_asked_for_settle_it_about_four_times_in_five():
    rng, runs, alpha = np.random.default_rng(7), 2000, 0.10
    error = 0.06
    needed = rows_needed(error, alpha=alpha, delta=DELTA)

    k = rng.binomial(needed, error, runs)
    passed = sum(fixed_sequence([a], [needed], alpha=alpha, delta=DELTA).certified for a in k)

    assert at_least(0.80, runs) <= passed
    assert upper_bound(runs - passed, runs) > 0.15
