"""Scores in other units than a probability, and ranges without an end: alike in the app, in Python and in SQL."""

from __future__ import annotations

import json
import math
import sqlite3

import duckdb
import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Direction, ReviewBand, Roles, ScoreScale
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.scores import scores_of_column
from rai_dash.review.conditions import Condition, hold
from rai_dash.review.exported import (
    python_source,
    route_rows,
    routing_vectors,
    sql_case,
)
from rai_dash.review.row_routes import probabilities

BAND = ReviewBand(0.35, 0.5, 0.7)


def run(source):
    space = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), space)  # noqa: S102 - our own text; only a test runs it
    return space


SCALES = [
    ScoreScale(direction=Direction.LOWER),
    ScoreScale(low=300.0, high=850.0, unit="points"),
    ScoreScale(direction=Direction.LOWER, low=-3.7, high=12.3, unit="points"),
]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("band", [BAND, ReviewBand(0.07, 0.5, 0.93)])
def test_a_score_in_other_units_is_routed_as_the_app_routes_it(scale, band):
    rng = np.random.default_rng(5)
    share = np.concatenate([rng.random(3000), rng.integers(0, 1001, 3000) / 1000.0, [0.0, 1.0, 0.07, 0.93]])
    raw = np.clip(scale.low + share * (scale.high - scale.low), scale.low, scale.high)
    data = dataset_from_frame(pd.DataFrame({"score": raw})).with_roles(Roles(score="score", scale=scale))
    expected = route_rows(scores_of_column(data), band)
    told = list(zip(expected.route_names, expected.reason_names, strict=True))
    router = run(python_source(band, scale=scale))

    assert [router["route"](s) for s in raw.tolist()] == told
    assert router["check"]() == []
    for dialect in ("sqlite", "duckdb"):
        database = sqlite3.connect(":memory:") if dialect == "sqlite" else duckdb.connect()
        database.execute("CREATE TABLE t (place INTEGER, score DOUBLE PRECISION)")
        if dialect == "sqlite":
            database.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(raw.tolist())))
        else:
            database.register("rows", pd.DataFrame({"place": np.arange(raw.size), "score": raw}))
            database.execute("INSERT INTO t SELECT * FROM rows")
        cases = [sql_case(band, dialect=dialect, what=what, scale=scale) for what in ("route", "reason")]
        assert database.execute(f"SELECT {', '.join(cases)} FROM t ORDER BY place").fetchall() == told  # noqa: S608


@pytest.mark.parametrize("scale", SCALES)
def test_a_score_beyond_its_scale_goes_to_a_person(scale):
    router = run(python_source(BAND, scale=scale))["route"]
    beyond = [math.nextafter(scale.low, -math.inf), math.nextafter(scale.high, math.inf)]

    assert [router(s) for s in beyond] == [("review", "off_scale")] * 2
    assert probabilities([*beyond, math.nan, math.inf], scale)[:2].tolist() == [2.0, 2.0]
    assert {router(s)[1] for s in (scale.low, scale.high)} == {"below_lo", "at_or_above_hi"}
    assert router(None) == router(math.inf) == ("review", "no_score")


def test_a_range_without_an_end_leaves_no_infinity_in_an_export():
    """A frozen range may be open: whatever has no limit on that side holds nobody."""
    ranges = {"a": (-math.inf, 5.0), "b": (5.0, math.inf), "c": (-math.inf, math.inf)}
    condition = Condition(kind="out_of_range", ranges=ranges)
    frame = pd.DataFrame(
        {"a": [-1e308, 5.1, 0.0, 0.0], "b": [9.0, 9.0, 4.9, 1e308], "c": [0.0, 1e308, -1e308, 0.0]}
    )
    expected = route_rows([0.9] * 4, BAND, held=hold([condition], frame)).route_names.tolist()

    router = run(python_source(BAND, [condition]))
    assert [router["route"](0.9, row)[0] for row in frame.to_dict("records")] == expected
    assert expected == ["approve", "review", "review", "approve"]
    assert router["check"]() == []
    json.dumps(routing_vectors(BAND, [condition]), allow_nan=False)
    for dialect in ("sqlite", "duckdb"):
        database = sqlite3.connect(":memory:") if dialect == "sqlite" else duckdb.connect()
        database.execute(
            "CREATE TABLE t (score DOUBLE PRECISION, a DOUBLE PRECISION, b DOUBLE PRECISION, c DOUBLE PRECISION)"
        )
        database.executemany("INSERT INTO t VALUES (0.9, ?, ?, ?)", frame.to_numpy().tolist())
        case = sql_case(BAND, conditions=[condition], dialect=dialect)
        assert [r for (r,) in database.execute(f"SELECT {case} FROM t").fetchall()] == expected  # noqa: S608
