"""A signed policy routes every row as the page does: in Python without our package, in three databases, by command."""

from __future__ import annotations

import io
import json
import math
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from rai_dash.bundled import open_bundled
from rai_dash.core.types import ReviewBand
from rai_dash.data.labels import label_codes
from rai_dash.data.read import read_dataset
from rai_dash.govern._policy_conditions import PolicyCondition
from rai_dash.review.conditions import TrainingFacts, hold, parse_condition
from rai_dash.review.exported import route_rows
from tests.command import command
from tests.policies import bring_into_force, store_in
from tests.unit.govern.desk_story import make_policy

BAND = ReviewBand(0.28, 0.5, 0.7300000000000001)
#: Scores at which a router may go wrong: both ends and the doubles beside them, none, not finite, off the scale.
EDGES = [
    *(f(c) for c in (0.28, 0.5, 0.7300000000000001)
      for f in (float, lambda c: math.nextafter(c, -1), lambda c: math.nextafter(c, 2), np.float32)),
    math.nan, math.inf, -math.inf, -0.0, 0.0, 1.0, 1.0000001, -5e-324, 5e-324,
]  # fmt: skip
ALWAYS = {
    "story": (
        "age > 60",
        "education in 11th, HS-grad unless blank",
        "unseen category in occupation",
        "out of range in age",
    ),
    "census": (
        "hours-per-week >= 80",
        "occupation in ?, Sales",
        "unseen category in workclass",
        "out of range in capital-gain",
    ),
}
#: What the training rows are said to have been like: some rows hold a category and a number that is new.
NEW = {
    "story": ("occupation", "Sales", ("age", (25.0, 58.0))),
    "census": ("workclass", "State-gov", ("capital-gain", (0.0, 9_000.0))),
}


@dataclass(frozen=True)
class World:
    """Rows with their scores, and how the page routes them."""

    frame: pd.DataFrame
    route: list[str]
    reason: list[str]
    file: Path

    @property
    def told(self) -> list[tuple[str, str]]:
        return list(zip(self.route, self.reason, strict=True))


def rows_of(name: str, request: pytest.FixtureRequest) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows of a world, and the scores that the page has for them."""
    if name == "story":
        judgement = open_bundled("story", "story.policy").judge("living", "repaired")
        return judgement.data.dataset.frame, judgement.score
    path = request.getfixturevalue("shared") / "data/census-loan/census.csv.gz"
    frame = read_dataset(path).frame
    # No model comes with it: any scores will do, as a model's float32 and with ties.
    return frame, np.random.default_rng(7).random(len(frame)).round(3).astype(np.float32)


@pytest.fixture(scope="module", params=["story", "census"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    place = tmp_path_factory.mktemp("policy")
    frame, score = rows_of(request.param, request)
    score = score.astype(np.float64)
    score[: len(EDGES)] = EDGES
    column, new, (numeric, ends) = NEW[request.param]
    known = tuple(v for v in label_codes(frame[column])[1] if v != new)
    facts = TrainingFacts(inputs=(column, numeric), categories={column: known}, ranges={numeric: ends})
    conditions = [
        parse_condition(text, columns=list(frame.columns)).frozen(facts) for text in ALWAYS[request.param]
    ]
    # Rows that no condition holds come first, so that it is the scores that are tried.
    free = frame[~hold(conditions, frame).rows]
    frame = pd.concat([free.iloc[: len(EDGES)], frame.drop(free.index[: len(EDGES)])], ignore_index=True)
    expected = route_rows(score, BAND, held=hold(conditions, frame))
    policy = make_policy(
        band={"lo": BAND.lo, "threshold": BAND.threshold, "hi": BAND.hi},
        conditions=[PolicyCondition.of(c) for c in conditions],
    )
    with store_in(place) as store:
        address = bring_into_force(store, policy)
    file = place / "policy.json"
    done = command("policy", "show", address, "--store", place / "store.sqlite", "--out", file)
    assert (done.returncode, done.stderr) == (0, "")
    return World(
        frame=frame.assign(place=np.arange(len(frame)), score=score),
        route=expected.route_names.tolist(),
        reason=expected.reason_names.tolist(),
        file=file,
    )


def test_the_rows_try_every_route_and_reason(world: World) -> None:
    assert set(world.route) == {"reject", "review", "approve"}
    assert {"no_score", "off_scale", "below_lo", "in_band", "at_or_above_hi"} < set(world.reason)
    assert sum("a category never seen in training" in reason for reason in world.reason) > 20
    assert sum("the values seen in training" in reason for reason in world.reason) > 20
    assert world.reason[: len(EDGES)] == [
        "in_band", "below_lo", "in_band", "in_band",
        "in_band", "in_band", "in_band", "in_band",
        "at_or_above_hi", "in_band", "at_or_above_hi", "at_or_above_hi",
        "no_score", "no_score", "no_score",
        "below_lo", "below_lo", "at_or_above_hi", "off_scale", "off_scale", "below_lo",
    ]  # fmt: skip


PROGRAM = """
import json, sys
try:
    import rai_dash
except ImportError:
    pass
else:
    raise SystemExit("our package is here")
sys.path.insert(0, sys.argv[1])
from router import check, route
rows = json.load(open(sys.argv[2]))
print(json.dumps([len(check()), [route(row["score"], row) for row in rows]]))
"""


def test_plain_python_in_an_empty_folder(world: World, tmp_path: Path) -> None:
    router, rows, empty = tmp_path / "router.py", tmp_path / "rows.json", tmp_path / "empty"
    empty.mkdir()
    assert command("policy", "export", world.file, "--python", router).returncode == 0
    rows.write_text(json.dumps(world.frame.astype(object).to_dict("records"), default=str))

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, tmp_path, rows],
        cwd=empty, capture_output=True, text=True, check=False, env={},
    )  # fmt: skip

    assert done.stderr == ""
    wrong, told = json.loads(done.stdout)
    assert wrong == 0
    assert [tuple(one) for one in told] == world.told


def statement(world: World, dialect: str, place: Path) -> str:
    """The SELECT that the command writes."""
    out = place / f"{dialect}.sql"
    done = command("policy", "export", world.file, "--sql", out, "--dialect", dialect)
    assert (done.returncode, done.stderr) == (0, "")
    return out.read_text()


def sqlite_rows(world: World, sql: str, request: pytest.FixtureRequest) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(":memory:")
    world.frame.to_sql("applications", database, index=False)
    assert database.execute("SELECT COUNT(*) FROM applications WHERE score IS NULL").fetchone() == (1,)
    return database.execute(sql).fetchall()


def duckdb_rows(world: World, sql: str, request: pytest.FixtureRequest) -> list[tuple[Any, ...]]:
    database = duckdb.connect().register("rows", world.frame)
    database.execute("CREATE TABLE applications AS SELECT * FROM rows")
    return database.execute(sql).fetchall()


def postgresql_rows(world: World, sql: str, request: pytest.FixtureRequest) -> list[tuple[Any, ...]]:
    server = request.getfixturevalue("postgresql")
    kinds = {"i": "BIGINT", "f": "DOUBLE PRECISION", "u": "BIGINT"}
    columns = ", ".join(f'"{c}" {kinds.get(world.frame[c].dtype.kind, "TEXT")}' for c in world.frame)
    with server.connect(server.new_database()) as database:
        database.execute(f"CREATE TABLE applications ({columns})")
        with database.cursor().copy("COPY applications FROM STDIN") as copy:
            for row in world.frame.astype(object).itertuples(index=False):
                # A blank score is NULL, the others as they are: NaN is a value of its own there.
                copy.write_row([None if v is pd.NA or (v != v and i % 2) else v for i, v in enumerate(row)])  # noqa: PLR0124
        return database.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("dialect", "ask"),
    [("sqlite", sqlite_rows), ("duckdb", duckdb_rows), ("postgresql", postgresql_rows)],
)
def test_a_database(
    world: World,
    dialect: str,
    ask: Callable[..., list[tuple[Any, ...]]],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    found = ask(world, statement(world, dialect, tmp_path), request)

    place = world.frame.columns.get_loc("place")
    told = [row[-2:] for row in sorted(found, key=lambda row: row[place])]
    assert told == world.told
    assert len(found[0]) == world.frame.shape[1] + 2


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_the_command(world: World, ending: str, tmp_path: Path) -> None:
    table = tmp_path / f"scores.{ending}"
    if ending == "csv":
        world.frame.to_csv(table, index=False)
    else:
        world.frame.to_parquet(table, index=False)

    done = command("policy", "route", world.file, table, "--strict")

    assert done.returncode == 0
    found = pd.read_csv(io.StringIO(done.stdout), keep_default_na=False)
    assert found.columns.tolist() == ["row", "score", "route", "reason"]
    assert found["row"].tolist() == list(range(len(world.frame)))
    assert list(zip(found["route"], found["reason"], strict=True)) == world.told
    printed = [float(text) if text else math.nan for text in found["score"].astype(str)]
    finite = np.isfinite(world.frame["score"])
    assert np.array(printed)[finite].tobytes() == world.frame["score"][finite].to_numpy().tobytes()
    routes = ", ".join(f"{r} {world.route.count(r):,}" for r in ("approve", "reject", "review"))
    assert done.stderr.startswith(f"{len(world.frame):,} rows: {routes} (")
