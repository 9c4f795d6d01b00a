"""The terms of a signed policy: rows at once, the Python file and SQL send the same applications to a person."""

from __future__ import annotations

import ast
import hashlib
import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import duckdb
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.review.conditions import Condition
from rai_dash.review.exported import (
    DIALECTS,
    STAGES,
    Terms,
    python_source,
    route_rows,
    routing_vectors,
    sql_case,
    terms_from_json,
    under_terms,
)

BAND = ReviewBand(0.35, 0.5, 0.7)
AMOUNT = Condition(kind="number", columns=("amount",), operator=">", value=50_000.0)
START, END = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2027, 3, 1, 12, tzinfo=UTC)
#: CURRENT_TIMESTAMP of a database cannot be set: terms that are over, not begun, and running today.
PAST = {"valid_from": datetime(2020, 1, 1, tzinfo=UTC), "expires_at": datetime(2021, 1, 1, tzinfo=UTC)}
FUTURE = {"valid_from": datetime(2190, 1, 1, tzinfo=UTC), "expires_at": datetime(2191, 1, 1, tzinfo=UTC)}
NOW = {"valid_from": datetime(2020, 1, 1, tzinfo=UTC), "expires_at": datetime(2190, 1, 1, tzinfo=UTC)}
EVERY = [
    Terms(policy_id="small-loans", valid_from=START, expires_at=END),
    Terms(policy_id="small-loans", valid_from=START, expires_at=END, in_force=False),
    Terms(policy_id="small-loans", valid_from=START, expires_at=END, stage="shadow"),
    Terms(policy_id="small-loans", valid_from=START, expires_at=END, stage="share", share=0.3),
    Terms(policy_id="small-loans", in_force=False),
    Terms(policy_id="small-loans", expires_at=END),
]
SHARE = Terms(policy_id="small-loans", stage="share", share=0.3, **NOW)


def run(source):
    space = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), space)  # noqa: S102 - our own text; only a test runs it
    return space


def drawn(key, share, policy_id="small-loans"):
    """Draw by the rule as it is written down: the first 8 bytes of SHA-256 of id, line end, key."""
    digest = hashlib.sha256(f"{policy_id}\n{key}".encode()).hexdigest()
    return Fraction(int(digest[:16], 16), 2**64) < Fraction(share)


def by_hand(score, at, key, terms):
    """Route one application as the rules say, with nothing but datetimes and fractions."""
    if not terms.in_force or (terms.valid_from is not None and at < terms.valid_from):
        return "review", "policy_not_in_force"
    if terms.expires_at is not None and at >= terms.expires_at:
        return "review", "policy_expired"
    if terms.stage == "shadow":
        return "review", "shadow"
    if terms.stage == "share" and not drawn(key, terms.share):
        return "review", "not_in_rollout"
    if score is None:
        return "review", "no_score"
    return ("reject", "below_lo") if score < 0.35 else ("approve", "at_or_above_hi")


@pytest.mark.parametrize("terms", EVERY)
def test_the_python_file_and_rows_at_once_keep_the_terms_at_every_second_around_their_edges(terms):
    router = run(python_source(BAND, terms=terms))["route"]
    second, tiny = timedelta(seconds=1), timedelta(microseconds=1)
    moments = [e + d for e in (START, END) for d in (-second, -tiny, timedelta(0), tiny, second)]
    cases = [(score, key) for score in (0.9, 0.1, None) for key in ("a-1", "a-2", "a-3", "7", "9")]

    for at in moments:
        expected = [by_hand(score, at, key, terms) for score, key in cases]
        found = under_terms(route_rows([s for s, _ in cases], BAND), terms, at=at, keys=[k for _, k in cases])
        assert list(zip(found.route_names, found.reason_names, strict=True)) == expected
        assert [router(score, None, at, key) for score, key in cases] == expected
        text = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert [router(score, None, text, key) for score, key in cases] == expected


def test_a_moment_of_another_zone_is_the_same_moment():
    router = run(python_source(BAND, terms=EVERY[0]))["route"]
    tokyo = END.astimezone(timezone(timedelta(hours=9)))

    assert router(0.9, at=tokyo)[1] == "policy_expired"
    assert router(0.9, at=tokyo - timedelta(seconds=1))[0] == "approve"
    assert router(0.9, at=END.replace(tzinfo=None) - timedelta(seconds=1))[0] == "approve"


@pytest.mark.parametrize(("terms", "reason"), [(PAST, "policy_expired"), (FUTURE, "policy_not_in_force")])
def test_without_a_moment_it_is_now(terms, reason):
    router = run(python_source(BAND, terms=Terms(policy_id="p", **terms)))["route"]

    assert router(0.9) == ("review", reason)
    assert run(python_source(BAND, terms=Terms(policy_id="p", **NOW)))["route"](0.9)[0] == "approve"


@pytest.mark.parametrize("share", [0.001, 0.1, 0.3, 0.9999])
def test_a_share_is_drawn_by_the_rule_and_is_about_as_large_as_it_says(share):
    terms = Terms(policy_id="small-loans", stage="share", share=share)
    space = run(python_source(BAND, terms=terms))
    keys = [*range(2000), *(f"ünï-{i}" for i in range(2000))]

    expected = [drawn(key, share) for key in keys]

    assert [terms.takes_part(key) for key in keys] == expected
    assert [space["takes_part"](key) for key in keys] == expected
    assert abs(sum(expected) / 4000 - share) < 4 * (share * (1 - share) / 4000) ** 0.5


@pytest.mark.parametrize("key", [None, "", float("nan")])
def test_who_has_no_name_does_not_take_part(key):
    terms = Terms(policy_id="p", stage="share", share=0.9999999)

    assert not terms.takes_part(key)
    assert run(python_source(BAND, terms=terms))["route"](0.9, key=key) == ("review", "not_in_rollout")


def test_in_shadow_the_band_is_told_beside_the_route_that_is_applied():
    space = run(python_source(BAND, [AMOUNT], terms=Terms(policy_id="p", stage="shadow")))

    assert space["route"](0.9, {"amount": 1}) == ("review", "shadow")
    assert space["computed"](0.9, {"amount": 1}) == ("approve", "at_or_above_hi")
    assert space["computed"](0.9, {"amount": 60_000}) == ("review", "amount > 50000")


@pytest.mark.parametrize("terms", EVERY)
def test_the_file_needs_no_package_and_checks_itself(terms, tmp_path):
    path = tmp_path / "router.py"
    path.write_text(python_source(BAND, [AMOUNT], terms=terms))
    ast.parse(path.read_text(), feature_version=(3, 8))

    done = subprocess.run([sys.executable, "-I", "-S", path], capture_output=True, text=True, check=False)

    n = len(routing_vectors(BAND, [AMOUNT], terms=terms))
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, f"{n} of {n} test vectors agree.", "")


@pytest.mark.parametrize("terms", EVERY)
def test_vectors_are_json_and_told_by_the_rule(terms):
    vectors = json.loads(json.dumps(routing_vectors(BAND, terms=terms), allow_nan=False))
    sure = [v for v in vectors if v["score"] in {"0.0", "1.0"}]

    assert [(v["route"], v["reason"]) for v in sure] == [
        by_hand(float(v["score"]), datetime.fromisoformat(v["at"]), v["key"], terms) for v in sure
    ]


@pytest.mark.parametrize(
    ("terms", "reasons"),
    [
        (EVERY[0], {"policy_not_in_force", "policy_expired", "no_score", "below_lo", "in_band", "at_or_above_hi"}),
        (EVERY[1], {"policy_not_in_force"}),
        (EVERY[2], {"policy_not_in_force", "policy_expired", "shadow"}),
        (EVERY[3], {"policy_not_in_force", "policy_expired", "not_in_rollout", "at_or_above_hi"}),
    ],
)  # fmt: skip
def test_vectors_meet_every_reason(terms, reasons):
    found = {v["reason"] for v in routing_vectors(BAND, terms=terms)}

    assert reasons <= found
    assert terms.in_force or found == reasons


def test_a_file_whose_expiry_was_pushed_back_is_found_by_its_vectors():
    source = python_source(BAND, terms=EVERY[0])
    forged = source.replace("'expires_at': '2027-03-01T12:00:00Z'", "'expires_at': '2029-03-01T12:00:00Z'")

    assert forged != source
    assert run(forged)["check"]() != []


def answers(dialect, columns, keys):
    """Ask a database for ``columns`` of applications with these keys, all with the score 0.9."""
    if dialect == "sqlite":
        database = sqlite3.connect(":memory:")
        database.create_function("takes_part", 1, run(python_source(BAND, terms=SHARE))["takes_part"])
    else:
        database = duckdb.connect()
    database.execute("CREATE TABLE t (place INTEGER, score DOUBLE PRECISION, who VARCHAR)")
    database.executemany("INSERT INTO t VALUES (?, 0.9, ?)", list(enumerate(keys)))
    return database.execute(f"SELECT {columns} FROM t ORDER BY place").fetchall()  # noqa: S608


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])
@pytest.mark.parametrize(
    ("terms", "told"),
    [
        (Terms(policy_id="p", **PAST), ("review", "policy_expired")),
        (Terms(policy_id="p", **FUTURE), ("review", "policy_not_in_force")),
        (Terms(policy_id="p", **NOW), ("approve", "at_or_above_hi")),
        (Terms(policy_id="p", **NOW, in_force=False), ("review", "policy_not_in_force")),
        (Terms(policy_id="p", **NOW, stage="shadow"), ("review", "shadow")),
    ],
)
def test_a_database_keeps_the_terms_by_its_own_clock(dialect, terms, told):
    cases = [sql_case(BAND, dialect=dialect, what=what, terms=terms) for what in ("route", "reason")]

    assert answers(dialect, ", ".join(cases), ["a"]) == [told]


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])
def test_the_expiry_of_a_database_turns_with_the_second(dialect):
    """A minute ago is over, in a minute is not: the text of a time is read in UTC."""
    now = datetime.now(UTC)

    for minutes, reason in ((-1, "policy_expired"), (1, "at_or_above_hi")):
        terms = Terms(policy_id="p", expires_at=now + timedelta(minutes=minutes))
        case = sql_case(BAND, dialect=dialect, what="reason", terms=terms)
        assert answers(dialect, case, ["a"]) == [(reason,)]


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])
def test_a_database_draws_the_same_share(dialect):
    keys = [None, "", *(f"naïve {i}" for i in range(500)), *map(str, range(500))]
    case = sql_case(BAND, dialect=dialect, what="reason", terms=SHARE, key="who")

    expected = ["at_or_above_hi" if key and drawn(key, 0.3) else "not_in_rollout" for key in keys]

    assert [reason for (reason,) in answers(dialect, case, keys)] == expected
    assert set(expected) == {"at_or_above_hi", "not_in_rollout"}


def test_sqlite_without_the_function_fails_and_decides_nothing():
    database = sqlite3.connect(":memory:")

    case = sql_case(BAND, dialect="sqlite", terms=SHARE, key="who")

    with pytest.raises(sqlite3.OperationalError, match="takes_part"):
        database.execute(f"SELECT {case} FROM (SELECT 1 AS score, 2 AS who)")  # noqa: S608


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_share_without_the_column_of_names_is_refused(dialect):
    with pytest.raises(InvalidChoice, match="decides about 30 % of the applications"):
        sql_case(BAND, dialect=dialect, terms=SHARE)
    with pytest.raises(InvalidChoice, match="which column"):
        under_terms(route_rows([0.9], BAND), SHARE, at=datetime.now(UTC), keys=None)


@pytest.mark.parametrize("terms", EVERY)
def test_terms_are_read_back(terms):
    assert terms_from_json(json.loads(json.dumps(terms.to_json()))) == terms


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"stage": "half"}, "no stage of a roll-out"),
        ({"stage": "share"}, "needs a share between 0 and 1, got None"),
        ({"stage": "share", "share": 1.0}, "needs a share between 0 and 1"),
        ({"expires_at": "2027-03-01T12:00:00"}, "has no zone"),
        ({"expires_at": "soon"}, "cannot be read"),
        ({"colour": "red"}, "cannot be read"),
    ],
)
def test_terms_that_make_no_sense_are_refused(parts, says):
    with pytest.raises(InvalidChoice, match=says):
        terms_from_json({"policy_id": "p", **parts})
    assert STAGES == ("shadow", "share", "all")
