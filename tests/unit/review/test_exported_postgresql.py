# ruff: noqa: S608 - the expressions under test are asked in statements
"""The routing as PostgreSQL's SQL, on the real database: every row as `route_rows` says."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import ReviewBand
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.review.conditions import hold, parse_condition, training_facts
from rai_dash.review.exported import route_rows, routing_vectors, sql_case

N = 20_000
HOSTILE = "a`m\"o'unt; DROP TABLE t --"
TEXTS = [
    "car",
    " car",
    "\tcar\xa0",
    "it's",
    'say "x"',
    "back\\slash",
    "$$ %s {0}",
    "naïve 中",
    "",
    "n/a",
    None,
]
NUMBERS_WRITTEN = ["1", "1.0", "+1.0", "1.00", "1.", "01", "-0.0", "10.0", "1e1", "NaN", "Inf", "true", " "]
BANDS = [
    ReviewBand(0.35, 0.5, 0.7),
    ReviewBand(0.7, 0.7, 0.7),
    ReviewBand(None, 0.5, 0.7),
    ReviewBand(0.3, 0.5, None),
    ReviewBand(0.0, 0.5, 1.0),
    ReviewBand(float(np.float32(0.7)), 0.71, 0.1 + 0.7),
    ReviewBand(5e-324, 1e-9, 0.30000000000000004 / 7),
]
TYPES = {HOSTILE: "double precision", "code": "double precision", "age": "bigint"}


def beside(value):
    """A double and its neighbours, one unit in the last place down and up."""
    return [math.nextafter(value, -math.inf), value, math.nextafter(value, math.inf)]


@pytest.fixture(scope="module")
def score():
    """Random ones, whole thousandths, float32, and many of every awkward kind."""
    rng = np.random.default_rng(30)
    ends = {end for band in BANDS for end in (band.lo, band.hi) if end is not None}
    awkward = [near for end in sorted(ends | {0.0, 1.0}) for near in beside(end)]
    awkward += [math.nan, math.inf, -math.inf, -0.0, 1.5, -0.2, 5e-324, 1e308, -1e308, float(np.float32(0.7))]
    repeated = np.tile(awkward, 100)
    plain = np.concatenate(
        [rng.random(6000), rng.random(4000).astype(np.float32), rng.integers(0, 1001, N) / 1000]
    )
    return rng.permutation(np.concatenate([repeated, plain])[:N])


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(31)
    amount = rng.integers(0, 100, N) * 1000.5
    raw = pd.DataFrame(
        {
            HOSTILE: np.where(
                rng.random(N) < 0.2, rng.choice([*beside(95_000.5), math.nan, math.inf, -math.inf], N), amount
            ),
            "purpose": rng.choice(TEXTS, N),
            "code": rng.choice([0.0, 1.0, 10.0, 2.5, math.nan], N),
            "written": rng.choice(NUMBERS_WRITTEN, N),
            "age": rng.integers(15, 80, N),
            "fragile": rng.choice(["True", "False", "1.0", None], N, p=[0.02, 0.93, 0.03, 0.02]),
        }
    )
    return dataset_from_frame(raw).frame


@pytest.fixture(scope="module")
def conditions(frame):
    texts = [
        f"{json.dumps(HOSTILE)} > 95,000.5 unless blank",
        'purpose in "it\'s", "back\\\\slash", "$$ %s {0}" unless blank',
        "code in 10 unless blank",
        "written in 0, 10 unless blank",
        "out of range in age",
        "unseen category in purpose",
        "unseen category in written",
        "blank in code",
        "fragile",
    ]
    facts = training_facts(frame.iloc[:6], ["purpose", "written", "age"])
    return [parse_condition(text, columns=list(frame.columns)).frozen(facts) for text in texts]


@pytest.fixture(scope="module")
def table(postgresql, frame, score):
    """Hold the rows in a table; the first fifty without a score have NULL instead of NaN."""
    with postgresql.connect(postgresql.new_database()) as connection:
        names = ["place", "score", *frame.columns]
        types = ["bigint", "double precision", *(TYPES.get(name, "text") for name in frame.columns)]
        quoted = ['"{}"'.format(name.replace('"', '""')) for name in names]
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(quoted, types, strict=True))
        connection.execute(f"CREATE TABLE t ({columns})")
        plain = frame.astype(object).where(frame.notna(), None)
        without = np.flatnonzero(np.isnan(score))[:50]
        with connection.cursor().copy("COPY t FROM STDIN") as copy:
            for place, row in enumerate(plain.itertuples(index=False)):
                copy.write_row((place, None if place in without else float(score[place]), *row))
        yield connection


@pytest.fixture
def ask(table):
    """Ask the database for the route and the reason of every row."""

    def rows(band, conditions=(), column="score"):
        both = [
            sql_case(band, score=column, conditions=conditions, what=what) for what in ("route", "reason")
        ]
        found = table.execute(f"SELECT {both[0]}, {both[1]} FROM t ORDER BY place").fetchall()
        return [r for r, _ in found], [r for _, r in found]

    return rows


@pytest.mark.parametrize("band", BANDS)
def test_every_row_goes_where_the_page_sends_it(ask, score, band):
    expected = route_rows(score, band)

    routes, reasons = ask(band)

    assert routes == expected.route_names.tolist()
    assert reasons == expected.reason_names.tolist()
    assert {"no_score", "off_scale"} < set(reasons)


@pytest.mark.parametrize("band", [BANDS[0], BANDS[-1]])
def test_conditions_hold_the_same_rows(ask, score, frame, conditions, band):
    expected = route_rows(score, band, held=hold(conditions, frame))

    routes, reasons = ask(band, conditions)

    assert routes == expected.route_names.tolist()
    assert reasons == expected.reason_names.tolist()
    assert len(set(reasons)) > 8


def test_texts_mean_the_same_when_backslashes_escape(ask, table, score, frame, conditions):
    expected = route_rows(score, BANDS[0], held=hold(conditions, frame))

    with table.transaction(force_rollback=True):
        table.execute("SET LOCAL escape_string_warning = off")
        table.execute("SET LOCAL standard_conforming_strings = off")
        routes, reasons = ask(BANDS[0], conditions)

    assert (routes, reasons) == (expected.route_names.tolist(), expected.reason_names.tolist())


def test_a_float32_column_is_compared_as_the_doubles_it_holds(table):
    band = BANDS[1]
    narrow = np.float32([0.7, np.nextafter(np.float32(0.7), np.float32(1)), np.nan, np.inf, -np.inf])
    values = ", ".join(f"('{value}'::real)" for value in narrow)

    found = table.execute(f"SELECT {sql_case(band)} FROM (VALUES {values}) AS v(score)").fetchall()

    assert [r for (r,) in found] == route_rows(narrow, band).route_names.tolist()
    assert [r for (r,) in found] == ["reject", "approve", "review", "review", "review"]


def test_an_exact_decimal_column_is_compared_as_the_nearest_double(table):
    band = BANDS[0]
    exact = ["0.35", "0.34999999999999999999", "0.349999999999999", "0.7", "0.699999999999999", "NaN"]
    values = ", ".join(f"('{value}'::numeric)" for value in exact)

    found = table.execute(f"SELECT {sql_case(band)} FROM (VALUES {values}) AS v(score)").fetchall()

    assert [r for (r,) in found] == ["review", "review", "reject", "approve", "review", "review"]
    assert [r for (r,) in found] == route_rows([float(v) for v in exact], band).route_names.tolist()


@pytest.mark.parametrize("band", BANDS)
def test_the_test_vectors_hold(table, band):
    for vector in routing_vectors(band):
        given = "NULL" if vector["score"] is None else f"'{vector['score']}'"
        both = [sql_case(band, what=what) for what in ("route", "reason")]
        query = f"SELECT {both[0]}, {both[1]} FROM (SELECT CAST({given} AS DOUBLE PRECISION) AS score) AS v"

        assert table.execute(query).fetchone() == (vector["route"], vector["reason"])
