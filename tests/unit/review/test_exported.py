"""The routes that leave the app: rows at once, a Python file, SQL and counts say the same about every row."""

from __future__ import annotations

import ast
import json
import math
import sqlite3
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.data.counting import count
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.review.band import route
from rai_dash.review.conditions import Condition, hold, parse_condition, training_facts
from rai_dash.review.exported import (
    DIALECTS,
    ROUTES,
    policy_of,
    python_source,
    route_rows,
    routing_vectors,
    sql_case,
)

HOSTILE = "a`m\"o'unt; DROP TABLE t --"
BANDS = [
    ReviewBand(0.35, 0.5, 0.7),
    ReviewBand(0.7, 0.7, 0.7),
    ReviewBand(None, 0.5, 0.7),
    ReviewBand(0.3, 0.5, None),
    ReviewBand(None, 0.5, None),
    ReviewBand(0.0, 0.0, 0.0),
    ReviewBand(0.0, 0.5, 1.0),
    ReviewBand(float(np.float32(0.7)), 0.71, 0.1 + 0.7),
    ReviewBand(5e-324, 1e-9, 0.30000000000000004 / 7),
]


def scan(score, band):
    """Route one row as review-band.md section 3 says."""
    if score is None or not math.isfinite(score):
        return "review"
    if band.lo is not None and score < band.lo:
        return "reject"
    return "approve" if band.hi is not None and score >= band.hi else "review"


def run(source):
    space = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), space)  # noqa: S102 - our own text; only a test runs it
    return space


@pytest.fixture(scope="module")
def score():
    """10,000 scores: ties with every end, the doubles and float32 beside them, float32 as a model gives them, none."""
    rng = np.random.default_rng(3)
    values = np.concatenate(
        [rng.random(4000), rng.random(3000).astype(np.float32), rng.integers(0, 1001, 3000) / 1000.0]
    )
    edges = [float(s["score"]) for band in BANDS for s in routing_vectors(band) if s["score"] is not None]
    inside = [s for s in edges if not math.isfinite(s) or 0 <= s <= 1]
    values[: 20 * len(inside)] = np.tile(inside, 20)
    return rng.permutation(values)


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(4)
    raw = pd.DataFrame(
        {
            HOSTILE: np.where(rng.random(10_000) < 0.1, np.nan, rng.integers(0, 100, 10_000) * 1000.5),
            "purpose": rng.choice(
                ["car", " car", "it's", 'say "x"', "back\\slash", "naïve 中", None], 10_000
            ),
            "code": rng.choice([0.0, 1.0, 10.0, 2.5, np.nan], 10_000),
            "written": rng.choice(
                ["1", "1.0", "+1.0", "1.00", "1.", "01", "-0.0", "10.0", "NaN", "Inf"], 10_000
            ),
            "age": rng.integers(15, 80, 10_000),
            "fragile": rng.choice(["True", "False", "1.0", None], 10_000, p=[0.02, 0.93, 0.03, 0.02]),
        }
    )
    return dataset_from_frame(raw).frame


@pytest.fixture(scope="module")
def conditions(frame):
    texts = [
        f"{json.dumps(HOSTILE)} > 95,000.5 unless blank",
        'purpose in "it\'s", "back\\\\slash" unless blank',
        "code in 10 unless blank",
        "written in 0, 10 unless blank",
        "out of range in age",
        "unseen category in purpose",
        "unseen category in written",
        "blank in code",
        "fragile",
    ]
    facts = training_facts(frame.iloc[:3], ["purpose", "written", "age"])
    return [parse_condition(t, columns=list(frame.columns)).frozen(facts) for t in texts]


@pytest.fixture(scope="module")
def rows(frame, score, conditions):
    off_scale = np.where(np.arange(score.size) % 50 == 1, 1.5, score)
    return frame, np.concatenate([[np.inf, -0.2], off_scale[2:]]), conditions


@pytest.mark.parametrize("band", BANDS)
def test_rows_python_counts_and_a_scan_agree_on_every_row(score, band):
    found = route_rows(score, band)
    space = run(python_source(band))
    told = [space["route"](None if math.isnan(s) else s) for s in score.tolist()]

    assert found.route_names.tolist() == [scan(s, band) for s in score.tolist()]
    assert list(zip(found.route_names, found.reason_names, strict=True)) == told
    sums = route(count(np.zeros(score.size, np.int8), score, None), band).overall.sums
    routed = {name: int((found.route == i).sum()) for i, name in enumerate(ROUTES)}
    assert routed == {name: sums[name][0] for name in ROUTES}
    assert (found.reason_names == "no_score").sum() == sums["no_score"][0]
    assert np.array_equal(found.is_automatic, found.route_names != "review")


def answers_of_sqlite(frame, score, band, conditions):
    database = sqlite3.connect(":memory:")
    pd.DataFrame({"score": score, **frame}).to_sql("t", database, index_label="place")
    database.execute("UPDATE t SET score = ? WHERE place = 0", (math.inf,))
    cases = [
        sql_case(band, conditions=conditions, dialect="sqlite", what=what) for what in ("route", "reason")
    ]
    return database.execute(f"SELECT {cases[0]}, {cases[1]} FROM t ORDER BY place").fetchall()  # noqa: S608


def answers_of_duckdb(frame, score, band, conditions):
    duckdb = pytest.importorskip("duckdb")
    table = pd.DataFrame({"score": score, **frame, "place": np.arange(len(frame))})
    database = duckdb.connect().register("rows", table)
    database.execute("CREATE TABLE t AS SELECT * FROM rows")
    cases = [
        sql_case(band, conditions=conditions, dialect="duckdb", what=what) for what in ("route", "reason")
    ]
    return database.execute(f"SELECT {cases[0]}, {cases[1]} FROM t ORDER BY place").fetchall()  # noqa: S608


@pytest.mark.parametrize("ask", [answers_of_sqlite, answers_of_duckdb])
@pytest.mark.parametrize("band", [BANDS[0], BANDS[-2], BANDS[-1]])
@pytest.mark.parametrize("with_conditions", [False, True])
def test_sql_agrees_on_every_row(rows, band, ask, with_conditions):
    frame, score, conditions = rows
    used = conditions if with_conditions else []
    expected = route_rows(score, band, held=hold(used, frame))

    found = ask(frame, score, band, used)

    assert [r for r, _ in found] == expected.route_names.tolist()
    assert [r for _, r in found] == expected.reason_names.tolist()


def test_sql_of_float32_scores_is_that_of_the_widened_ones(frame):
    duckdb = pytest.importorskip("duckdb")
    narrow = np.float32([0.7, np.nextafter(np.float32(0.7), np.float32(1)), np.nan, np.inf])
    database = duckdb.connect().register("rows", pd.DataFrame({"score": narrow}))

    case = sql_case(ReviewBand(0.7, 0.7, 0.7), dialect="duckdb")
    found = database.execute(f"SELECT {case} FROM rows").fetchall()  # noqa: S608

    assert [r for (r,) in found] == ["reject", "approve", "review", "review"]


def test_python_with_conditions_agrees_on_every_row(rows):
    frame, score, conditions = rows
    band = BANDS[0]
    source = python_source(band, conditions)
    space = run(source)

    found = route_rows(score, band, held=hold(conditions, frame))

    told = [space["route"](s, r) for s, r in zip(score.tolist(), frame.to_dict("records"), strict=True)]
    assert list(zip(found.route_names, found.reason_names, strict=True)) == told
    assert set(found.reasons) == set(found.reason_names)
    assert source.isascii()
    assert space["COLUMNS"] == sorted({t["column"] for t in policy_of(band, conditions)["tests"]})


def test_the_exported_file_needs_no_package_and_checks_itself(conditions, tmp_path):
    path = tmp_path / "router.py"
    path.write_text(python_source(BANDS[0], conditions))
    ast.parse(path.read_text(), feature_version=(3, 8))

    done = subprocess.run([sys.executable, "-I", "-S", path], capture_output=True, text=True, check=False)

    n = len(routing_vectors(BANDS[0], conditions))
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, f"{n} of {n} test vectors agree.", "")


@pytest.mark.parametrize("band", BANDS)
def test_vectors_are_json_and_hold_in_the_exported_file_and_in_sql(band, conditions):
    vectors = json.loads(json.dumps(routing_vectors(band, conditions), allow_nan=False))
    space = run(python_source(band, conditions))

    assert space["check"]() == []
    for vector in vectors:
        value = None if vector["score"] is None else float(vector["score"])
        assert space["route"](value, vector["row"]) == (vector["route"], vector["reason"])
    routes = {vector["route"] for vector in vectors}
    assert routes == {"review"} | ({"reject"} if band.lo else set()) | (
        {"approve"} if band.hi is not None else set()
    )
    reasons = {vector["reason"] for vector in vectors}
    assert {test["reason"] for test in policy_of(band, conditions)["tests"]} <= reasons


WRONG = {
    "closed below": lambda s, lo, hi: "reject" if s <= lo else "approve" if s >= hi else "review",
    "open above": lambda s, lo, hi: "reject" if s < lo else "approve" if s > hi else "review",
    "no score is declined": lambda s, lo, hi: "approve" if s >= hi else "review" if s >= lo else "reject",
    "no score is approved": lambda s, lo, hi: "reject" if s < lo else "review" if s < hi else "approve",
    "float32": lambda s, lo, hi: scan(np.float32(s), ReviewBand(np.float32(lo), np.float32(0.5), np.float32(hi))),
    "rounded": lambda s, lo, hi: scan(round(s, 4) if math.isfinite(s) else None, ReviewBand(lo, 0.5, hi)),
    "infinite is a score": lambda s, lo, hi: "approve" if s >= hi else "reject" if s < lo else "review",
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_vectors_find_a_router_that_is_wrong(name):
    vectors = [
        v for v in routing_vectors(ReviewBand(0.35, 0.5, 0.7)) if v["score"] and v["reason"] != "off_scale"
    ]

    with np.errstate(over="ignore"):
        told = [WRONG[name](float(v["score"]), 0.35, 0.7) for v in vectors]

    assert told != [v["route"] for v in vectors]


@pytest.mark.parametrize(
    "value", [True, "0.9", b"0.9", np.bool_(1), pd.NA, pd.NaT, object(), 1j, 10**400, "", np.nan]
)
def test_what_is_no_number_goes_to_a_person(value):
    assert run(python_source(BANDS[0]))["route"](value) == ("review", "no_score")


@pytest.mark.parametrize("value", [np.float32(0.7), np.float64(0.7), 1, np.int8(1)])
def test_every_kind_of_number_is_widened(value):
    assert run(python_source(ReviewBand(0.2, 0.5, 0.7)))["route"](value)[0] == scan(
        float(value), ReviewBand(0.2, 0.5, 0.7)
    )


def test_a_score_on_another_scale_is_never_approved():
    assert route_rows([700.0, -0.1, 1.0000001], BANDS[0]).reason_names.tolist() == ["off_scale"] * 3
    assert run(python_source(BANDS[0]))["route"](700) == ("review", "off_scale")


def test_a_row_that_lacks_a_column_goes_to_a_person(conditions):
    router = run(python_source(BANDS[0], conditions))["route"]

    assert router(0.9) == ("review", f"{HOSTILE} is not given")
    assert router(0.9, {HOSTILE: "many"}) == ("review", f"{HOSTILE} is not a number")
    assert router(None) == ("review", "no_score")


@given(st.floats(0, 1), st.floats(0, 1), st.lists(st.one_of(st.none(), st.floats(0, 1), st.just(math.nan))))
def test_any_band_routes_any_scores_alike(one, other, scores):
    band = ReviewBand(min(one, other), min(one, other), max(one, other))
    scores = [*scores, one, other]

    found = route_rows(scores, band).route_names.tolist()

    assert found == [scan(s, band) for s in scores]
    case = sql_case(band, dialect="sqlite")
    database = sqlite3.connect(":memory:")
    told = [database.execute(f"SELECT {case} FROM (SELECT ? AS score)", (s,)).fetchone()[0] for s in scores]  # noqa: S608
    assert told == found


@given(
    st.one_of(
        st.floats(allow_nan=False, allow_infinity=False, width=64), st.floats(0, 1), st.integers(0, 10**6)
    )
)
@example(0.707056753354459)  # read one bit beside as a decimal
@example(469670.0116833426)
@example(5e-324)
def test_sqlite_reads_an_amount_to_the_last_bit(value):
    if abs(value) > 1e15:
        return
    condition = Condition(kind="number", columns=("amount",), operator=">=", value=float(value))
    case = sql_case(ReviewBand(None, 0.5, 0.5), conditions=[condition], dialect="sqlite", what="reason")
    query = f"SELECT {case} FROM (SELECT 0.75 AS score, ? AS amount)"  # noqa: S608
    near = [math.nextafter(value, -math.inf), float(value), math.nextafter(value, math.inf)]

    told = [sqlite3.connect(":memory:").execute(query, (amount,)).fetchone()[0] for amount in near]

    held = condition.words()
    assert told == ["at_or_above_hi", held, held]


def test_a_score_and_conditions_of_different_rows_are_refused(conditions, frame):
    with pytest.raises(InvalidChoice, match="different rows"):
        route_rows([0.5], BANDS[0], held=hold(conditions, frame))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_sql_cannot_hold_is_refused(dialect, name):
    with pytest.raises(InvalidChoice, match="cannot be named in SQL"):
        sql_case(BANDS[0], score=name, dialect=dialect)


def test_postgresql_is_asked_for_everything_that_it_sorts_above_or_below_all_numbers():
    first = sql_case(BANDS[0], dialect="postgresql").splitlines()[1]

    wide = 'CAST("score" AS DOUBLE PRECISION)'
    assert first == f"""  WHEN "score" IS NULL OR {wide} IN ('NaN', 'Infinity', '-Infinity') THEN 'review'"""


def test_an_unknown_dialect_is_refused():
    with pytest.raises(InvalidChoice, match="postgresql, duckdb, sqlite"):
        sql_case(BANDS[0], dialect="oracle")


def test_sqlite_takes_no_missing_column_for_a_text():
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (other REAL)")

    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        database.execute(f"SELECT {sql_case(BANDS[0], dialect='sqlite')} FROM t")  # noqa: S608
