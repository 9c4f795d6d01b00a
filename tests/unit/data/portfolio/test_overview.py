"""The first look at a column: its cells begin where they say, to the bit, and what it tells is what numpy tells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.data.portfolio.overview import overview, ranges_over, starts_of
from rai_dash.data.portfolio.profiles import most_outside, outlines, profiles
from rai_dash.data.portfolio.questions import Bin, Factor, Grid, Tally, Value, Within
from rai_dash.data.profile import outer_fences
from tests.engines.frames import frame_on

N = 900
GRIDS = [(0.1, 3.7, 50), (1e9, 1e5, 1000), (-1e300, 1e-298, 40), (5e-310, 1e307, 10), (-3.0, 123.456, 4_000)]


def columns() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    return {
        "even": rng.normal(size=N),
        "spike": np.where(rng.random(N) < 0.5, 0.0, rng.gamma(2.0, 3.0, N)),
        "heavy": rng.lognormal(0, 4, N),
        "large": 1e300 * rng.normal(size=N),
        "far": 1e15 + rng.integers(0, 500, N),
        "blank": np.where(rng.random(N) < 0.2, np.nan, rng.normal(size=N)),
        "none": np.full(N, np.nan),
        "one": np.full(N, 7.5),
    }


@pytest.mark.parametrize(("low", "per", "cells"), GRIDS)
def test_each_cell_begins_at_its_lowest_double(low, per, cells):
    starts = starts_of(Grid(column="x", low=low, per=per, cells=cells))

    def place(x: np.ndarray) -> np.ndarray:
        return np.floor(np.clip((x - low) * per, 0, cells))

    wanted = np.arange(1, cells + 1)
    assert (place(starts) >= wanted).all()
    assert (place(np.nextafter(starts, -np.inf)) < wanted).all()


@pytest.mark.parametrize("name", list(columns()))
def test_what_one_look_tells_is_what_numpy_tells_on_every_engine(portfolio_on, name):
    values = columns()[name]
    known = values[np.isfinite(values)]
    guide = np.sort(known[::3])

    seen = overview(portfolio_on(pa.table({name: pa.array(values, from_pandas=True)})), name, guide)

    at = np.searchsorted(seen.starts, known, side="right")
    np.testing.assert_array_equal(seen.counts, np.bincount(at, minlength=seen.starts.size + 1))
    assert seen.n == known.size
    if known.size:
        assert (seen.low, seen.high) == (known.min(), known.max())
        np.testing.assert_allclose(seen.mean, known.mean(), rtol=1e-12, atol=1e-12 * np.abs(known).max())
    else:
        assert np.isnan([seen.low, seen.high, seen.mean]).all()


def test_values_that_even_cells_do_not_tell_apart_are_cut_at_quantiles():
    kinds = {name: type(ranges_over(name, np.sort(x[np.isfinite(x)]))) for name, x in columns().items()}

    assert kinds["even"] is kinds["spike"] is kinds["large"] is kinds["far"] is Grid
    assert kinds["heavy"] is kinds["none"] is kinds["one"] is Bin


@pytest.mark.parametrize("name", ["even", "spike", "heavy", "blank"])
def test_no_more_rows_lie_outside_the_fences_than_the_first_look_lets_expect(name):
    values = columns()[name]
    sample = pd.Series(values[::7], name=name)
    portfolio = open_portfolio(frame_on("arrow", pa.table({name: values})), name="table")
    known = values[np.isfinite(values)]
    low, high = outer_fences(known)

    most = most_outside(portfolio, sample)

    assert ((known < low) | (known > high)).sum() <= most <= known.size
    assert name == "heavy" or most < 0.1 * known.size


def test_an_outline_has_the_counts_and_ends_of_the_profile(monkeypatch):
    monkeypatch.setattr("rai_dash.data.portfolio.profiles.values_of", lambda *_: None)
    monkeypatch.setattr("rai_dash.data.portfolio.counted.values_of", lambda *_: None)
    frame = pd.DataFrame({name: columns()[name] for name in ("even", "spike", "blank")})
    portfolio = open_portfolio(frame_on("arrow", pa.Table.from_pandas(frame)), name="table")

    for short, full in zip(
        outlines(portfolio, frame[::5], Roles()), profiles(portfolio, frame[::5], Roles()), strict=True
    ):
        for part in ("name", "kind", "n", "missing", "distinct", "more_distinct", "low", "high", "mean"):
            assert getattr(short, part) == getattr(full, part), part
        assert not short.quantiles
        np.testing.assert_array_equal(
            full.quantiles, frame[full.name].quantile([0.05, 0.25, 0.5, 0.75, 0.95])
        )


def counted(portfolio, question: Tally) -> dict[tuple, tuple]:
    """Return rows, and those in each sum, by combination of keys."""
    answer = portfolio.tally(question)
    keys = [answer.table.column(f"k{i}").to_pylist() for i in range(len(question.keys))]
    parts = [answer.n, *(answer.used(i) for i in range(len(question.sums)))]
    rows = zip(*keys, strict=True) if keys else [()]
    return dict(zip(rows, zip(*(part.tolist() for part in parts), strict=True), strict=True))


def test_tables_of_some_keys_are_added_up_from_those_of_more_without_the_engine(portfolio_on):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m", None], N),
            "area": rng.choice(["a", "b", "c"], N),
            "x": np.where(rng.random(N) < 0.1, np.nan, rng.normal(size=N)),
        }
    )
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    known, key = (Factor(column="x", power=0),), {c: Value(column=c) for c in ("sex", "area")}
    questions = [
        Tally(keys=(key["area"],), sums=(known,)),
        Tally(keys=(key["area"], key["sex"])),
        Tally(keys=(key["sex"],)),
        Tally(sums=(known,)),
    ]
    direct = [counted(portfolio_on(arrow), q) for q in questions]
    portfolio = portfolio_on(arrow)
    portfolio.tally(Tally(keys=(key["sex"], key["area"]), sums=(known,)))
    engine, portfolio.engine.tally = portfolio.engine.tally, None

    assert [counted(portfolio, q) for q in questions] == direct

    portfolio.engine.tally = engine
    some = Tally(keys=(key["sex"],), where=(Within(column="x", low=0.0),))
    assert sum(n for (n,) in counted(portfolio, some).values()) == (frame["x"] >= 0).sum()
