"""A review band judged on a portfolio that is counted where it lies says what it says of the same rows in memory."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.case import CaseData, DataRole, judge
from rai_dash.core.types import ReviewBand, Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.metrics.chosen import cut_counts_in_halves, first_half
from rai_dash.report.band_choices import BandChoices
from rai_dash.report.band_json import evaluate_band, grid_bands, optimise_band
from rai_dash.report.band_rows import RowChoices, band_rows
from rai_dash.review.nested import count_bands, count_bands_of, nested_bands
from rai_dash.review.settings import BandCosts, Reviewer
from rai_dash.ui import costing
from tests.engines.frames import frame_on

N = 1500
ROLES = Roles(
    target="paid", favourable=("yes",), sensitive=("area",), score="score", amount="amount", split="part",
    split_train=("train",),
)  # fmt: skip
COSTS = BandCosts(fp_per_amount=0.6, fn_per_amount=0.1, review=5.0)
ASKED = RowChoices(human="clerk", human_approve=("ok",), always=("amount > 60,000", "purpose in car"))
BAND = ReviewBand(0.30004, 0.5, 0.7)


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(5)
    score = rng.random(N).round(5)
    return pd.DataFrame(
        {
            "paid": pd.Series(np.where(rng.random(N) < score, "yes", "no"), dtype="str").mask(
                rng.random(N) < 0.1
            ),
            "area": pd.Series(rng.choice(["b", "a"], N), dtype="str").mask(rng.random(N) < 0.05),
            "score": np.where(rng.random(N) < 0.1, np.nan, score),
            "part": pd.Series(rng.choice(["train", "test"], N, p=[0.2, 0.8]), dtype="str"),
            "amount": np.where(rng.random(N) < 0.1, np.nan, rng.integers(0, 90_000, N).astype(float)),
            "clerk": pd.Series(rng.choice(["ok", "no"], N), dtype="str").mask(rng.random(N) < 0.3),
            "purpose": pd.Series(rng.choice(["car", "boat", "house"], N), dtype="str"),
            "w": rng.random(N) + 0.5,
        }
    )


@pytest.fixture(scope="module")
def opened(frame):
    return open_portfolio(frame_on("duckdb", pa.Table.from_pandas(frame, preserve_index=False)), name="table")


def both(frame, opened, roles, asked):
    return band_rows(dataset_of(opened, roles), None, asked), band_rows(
        dataset_from_frame(frame, roles), None, asked
    )


def close(found, expected, path=""):
    """Compare reports: the same keys and texts, numbers but for rounding."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), path
        for key in expected:
            close(found[key], expected[key], f"{path}.{key}")
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected), path
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            close(a, b, f"{path}[{i}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-12, nan_ok=True), path
    else:
        assert found == expected, path


def without_source(content):
    """Leave out what names the table."""
    data = {k: v for k, v in content["data"].items() if k not in {"name", "fingerprint", "roles_fingerprint"}}
    return {k: v for k, v in content.items() if k != "rests_on"} | {"data": data}


@pytest.mark.parametrize("weight", [None, "w"])
@pytest.mark.parametrize("asked", [RowChoices(), ASKED], ids=["plain", "asked"])
def test_a_band_is_judged_on_all_rows_as_in_memory(frame, opened, weight, asked):
    rows, expected = both(frame, opened, ROLES.with_(weight=weight), asked)
    reviewer = Reviewer(h1=0.8, h0=0.7, use_recorded=asked.human is not None)
    choices = BandChoices(band=BAND, costs=COSTS, reviewer=reviewer, promise="sequence", alpha=0.3)

    content = evaluate_band(rows, choices).content

    assert rows.whole is not None
    assert content["data"]["rows"] == N
    assert content["rests_on"]["of_the_sample"] == []
    close(without_source(content), without_source(evaluate_band(expected, choices).content))


def test_the_best_band_and_the_grid_are_those_of_the_rows_in_memory(frame, opened):
    rows, expected = both(frame, opened, ROLES, ASKED)
    choices = BandChoices(band=BAND, costs=COSTS, step=0.05, limits=("review at most 60 %",))

    close(
        without_source(optimise_band(rows, choices).content),
        without_source(optimise_band(expected, choices).content),
    )
    close(
        without_source(grid_bands(rows, choices).content),
        without_source(grid_bands(expected, choices).content),
    )


def test_a_promise_that_needs_single_rows_is_named(opened):
    rows = band_rows(dataset_of(opened, ROLES), None, RowChoices())

    found = evaluate_band(rows, BandChoices(band=BAND, promise="sgr", alpha=0.2)).content

    assert found["rests_on"]["of_the_sample"] == ["guarantee"]


def test_automatic_decisions_of_many_bands_come_from_the_counts(frame, opened):
    rows, expected = both(frame, opened, ROLES.with_(weight="w"), RowChoices())
    bands = [
        BAND,
        ReviewBand(None, 0.5, 0.5),
        ReviewBand(0.5, 0.5, None),
        *nested_bands(0.4321, (0.3, 0.1, 0.0)),
    ]

    found, there = (
        count_bands_of(rows.whole.counts(("area",)), bands),
        count_bands(expected.score, expected.outcome, bands),
    )

    for name in ("approved", "approved_bad", "declined", "declined_good"):
        np.testing.assert_array_equal(getattr(found, name), getattr(there, name))
    assert found.labelled == there.labelled


def judged(dataset):
    return judge(CaseData(key="d", title="d", role=DataRole.LIVING, dataset=dataset), None)


def test_costs_by_amount_are_of_all_rows(frame, opened):
    roles = ROLES.with_(weight="w")
    price = costing.Priced(costing.Costs(cost_fp=0.6, cost_fn=0.1), by_amount=True)
    found, expected = judged(dataset_of(opened, roles)), judged(dataset_from_frame(frame, roles))

    at_stake, there = (costing.stakes(one, by_amount=True) for one in (found, expected))

    assert found.whole is not None
    np.testing.assert_allclose(at_stake.table, there.table, rtol=1e-12)
    assert at_stake.n_amount_missing == there.n_amount_missing
    curves = [costing.curve(one, price) for one in (found, expected)]
    np.testing.assert_allclose(curves[0].cost, curves[1].cost, rtol=1e-10)
    assert curves[0].stability is None
    assert curves[0].reason
    assert costing.halves_are_sampled(found, by_amount=True)
    assert not costing.halves_are_sampled(judged(dataset_of(opened, ROLES)), by_amount=False)


def test_halves_of_counts_hold_what_halves_of_rows_hold(frame, opened):
    found = judged(dataset_of(opened, ROLES)).counts()
    outcome = judged(dataset_from_frame(frame, ROLES))
    marked = first_half(outcome.data.dataset.outcome[outcome.judged], seed=1)

    halves = [cut_counts_in_halves(found, seed=seed) for seed in range(200)]

    first = np.array([h.chosen_on.counts.counts[0] for h in halves])
    assert {int(one.sum()) for one in first} == {int(marked.sum())}
    for one in halves:
        both_halves = one.chosen_on.counts.counts + one.reported_on.counts.counts
        np.testing.assert_array_equal(both_halves, found.counts)
    # Of every cell half is expected; of the largest ones that is seen.
    share = first.sum(axis=(0, 2)) / (200 * found.counts[0].sum(axis=1))
    np.testing.assert_allclose(share, 0.5, atol=0.01)
