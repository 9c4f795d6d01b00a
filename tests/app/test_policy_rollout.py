"""A policy for a share of the applications, its times and its scale: alike by command, in Python and in databases."""

from __future__ import annotations

import hashlib
import io
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Direction, ReviewBand, ScoreScale
from rai_dash.govern.rollout import takes_part
from rai_dash.review.exported import route_rows, sql_case, terms_from_json
from rai_dash.review.row_routes import probabilities
from tests.command import command
from tests.policies import bring_into_force, store_in
from tests.unit.govern.desk_story import LOANS, make_policy

BAND = ReviewBand(0.28, 0.5, 0.73)


@dataclass(frozen=True)
class Rollout:
    """A second version, active for a share of the applications beside the first."""

    frame: pd.DataFrame
    told: list[tuple[str, str]]
    file: Path
    place: Path


@pytest.fixture(scope="module")
def rollout(tmp_path_factory: pytest.TempPathFactory) -> Rollout:
    place = tmp_path_factory.mktemp("rollout")
    keys = [f"Ä-{i}" for i in range(300)] + [str(i) for i in range(300)]
    frame = pd.DataFrame(
        {"who": pd.Series(keys, dtype="str"), "score": np.linspace(0, 1, 600), "place": range(600)}
    )
    with store_in(place) as store:
        bring_into_force(store, make_policy())
        bring_into_force(
            store, make_policy(band={"lo": 0.4, "threshold": 0.5, "hi": 0.6}), stage="share", share=0.25
        )
    file = place / "policy.json"
    assert (
        command(
            "policy", "show", "consumer-loans@2", "--store", place / "store.sqlite", "--out", file
        ).returncode
        == 0
    )
    routes = route_rows(frame["score"], ReviewBand(0.4, 0.5, 0.6))
    drawn = [
        int.from_bytes(hashlib.sha256(f"consumer-loans\n{key}".encode()).digest()[:8], "big") < 2**62
        for key in keys
    ]
    assert 100 < sum(drawn) < 200
    plain = zip(routes.route_names, routes.reason_names, drawn, strict=True)
    told = [(route, reason) if part else ("review", "not_in_rollout") for route, reason, part in plain]
    return Rollout(frame, told, file, place)


def test_a_share_is_the_same_by_command_and_in_python(rollout: Rollout) -> None:
    table, router = rollout.place / "rows.csv", rollout.place / "router.py"
    rollout.frame.to_csv(table, index=False)

    done = command("policy", "route", rollout.file, table, "--id-column", "who")
    command("policy", "export", rollout.file, "--python", router)
    space: dict[str, Any] = {}
    exec(router.read_text(), space)  # noqa: S102 - what we export ourselves

    found = pd.read_csv(io.StringIO(done.stdout), dtype={"id": str})
    assert found.columns.tolist() == ["id", "row", "score", "route", "reason"]
    assert list(zip(found["route"], found["reason"], strict=True)) == rollout.told
    assert found["id"].tolist() == rollout.frame["who"].tolist()
    assert "decides about 25 % of the applications; route the others by version 1" in done.stderr
    rows = zip(rollout.frame["score"], rollout.frame["who"], strict=True)
    assert [space["route"](score, key=key) for score, key in rows] == rollout.told
    assert [takes_part(LOANS, key, 0.25) for key in rollout.frame["who"]] == [
        space["takes_part"](key) for key in rollout.frame["who"]
    ]


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb", "postgresql"])
def test_a_share_is_the_same_in_a_database(
    rollout: Rollout, dialect: str, request: pytest.FixtureRequest
) -> None:
    out, router = rollout.place / f"{dialect}.sql", rollout.place / f"{dialect}.py"
    done = command(
        "policy", "export", rollout.file, "--sql", out, "--dialect", dialect, "--id-column", "who", "--python", router,
    )  # fmt: skip
    assert done.returncode == 0
    sql, rows = (
        out.read_text(),
        list(rollout.frame[["who", "score", "place"]].itertuples(index=False, name=None)),
    )
    made = "CREATE TABLE applications (who TEXT, score DOUBLE PRECISION, place INTEGER)"
    if dialect == "postgresql":
        server = request.getfixturevalue("postgresql")
        with server.connect(server.new_database()) as database:
            database.execute(made)
            database.cursor().executemany("INSERT INTO applications VALUES (%s, %s, %s)", rows)
            found = database.execute(sql).fetchall()
    else:
        other = sqlite3.connect(":memory:") if dialect == "sqlite" else duckdb.connect()
        if dialect == "sqlite":
            space: dict[str, Any] = {}
            exec(router.read_text(), space)  # noqa: S102 - what we export ourselves
            other.create_function("takes_part", 1, space["takes_part"])
        other.execute(made)
        other.executemany("INSERT INTO applications VALUES (?, ?, ?)", rows)
        found = other.execute(sql).fetchall()

    assert [row[-2:] for row in sorted(found, key=lambda row: row[2])] == rollout.told


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"valid_from": "2020-01-01T00:00:00Z", "expires_at": "2021-01-01T00:00:00Z"}, "policy_expired"),
        ({"valid_from": "2190-01-01T00:00:00Z", "expires_at": "2191-01-01T00:00:00Z"}, "policy_not_in_force"),
        ({"valid_from": "2020-01-01T00:00:00Z", "expires_at": "2191-01-01T00:00:00Z"}, "at_or_above_hi"),
    ],
)
def test_postgresql_keeps_the_terms_by_its_own_clock_in_any_zone(
    terms: dict[str, str], reason: str, postgresql: Any
) -> None:
    case = sql_case(BAND, terms=terms_from_json({"policy_id": "loans", **terms}), what="reason")

    with postgresql.connect() as database:
        for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
            database.execute(f"SET TIME ZONE '{zone}'")
            assert database.execute(f"SELECT {case} FROM (SELECT 0.9 AS score) AS t").fetchone() == (reason,)  # noqa: S608


@pytest.mark.parametrize("scale", [Direction.LOWER, Direction.HIGHER])
def test_postgresql_turns_a_score_of_other_units_as_the_app_does(scale: Direction, postgresql: Any) -> None:
    points = ScoreScale(direction=scale, low=-3.7, high=12.3)
    raw = np.linspace(-3.7, 12.3, 16_001)
    expected = route_rows(probabilities(raw, points), ReviewBand(0.07, 0.5, 0.93))
    case = sql_case(ReviewBand(0.07, 0.5, 0.93), scale=points)

    with postgresql.connect() as database:
        database.execute("CREATE TEMPORARY TABLE t (place INTEGER, score DOUBLE PRECISION)")
        with database.cursor().copy("COPY t FROM STDIN") as copy:
            for row in enumerate(raw.tolist()):
                copy.write_row(row)
        found = database.execute(f"SELECT {case} FROM t ORDER BY place").fetchall()  # noqa: S608

    assert [route for (route,) in found] == expected.route_names.tolist()
