"""The made table of any number of rows, and the models for it; nothing is written twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MILLION: Final = 1_000_000
#: What a measure costs however few the rows are is measured on so many.
FEW: Final = 10_000
SENSITIVE: Final = ("sex", "race")
SEXES: Final = ("Female", "Male", "(missing)")
RACES: Final = ("Asian", "Black", "Native", "Other", "White", "(missing)")
#: What the models look at.
FEATURES: Final = ("age", "income", "amount", "term", "burden", "history", "limit", "accounts")
NUMBERS: Final = (*FEATURES, "employed", "score")
CATEGORIES: Final = ("region", *SENSITIVE, "outcome")
COLUMNS: Final = ("id", *CATEGORIES, *NUMBERS)
#: Rows that a model is made from, and that every row is compared with where rows are explained.
TRAINING_ROWS: Final = 200_000
#: Threads for what is compared with ours: as many as ours takes.
THREADS: Final = len(os.sched_getaffinity(0))


def _part(seed: int) -> Any:
    """Make one million applications: skewed groups, one in a hundred cells blank, scores from a logistic model."""
    import pyarrow as pa

    rng, n = np.random.default_rng(seed), MILLION
    sex = np.array(["Female", "Male"], object)[rng.choice(2, n, p=[0.35, 0.65])]
    race = np.array(["White", "Black", "Asian", "Other", "Native"], object)[
        rng.choice(5, n, p=[0.80, 0.11, 0.05, 0.03, 0.01])
    ]
    for column in (sex, race):
        column[rng.random(n) < 0.01] = None
    income = rng.lognormal(10.3, 0.6, n).round(2)
    amount, history = rng.lognormal(9.2, 0.7, n).round(-2), rng.integers(0, 31, n)
    burden = np.clip(amount / income * 0.5 + rng.normal(0, 0.1, n), 0, 3)
    accounts = rng.poisson(3, n)
    z = 0.9 + 0.5 * (np.log(income) - 10.3) - 1.1 * burden + 0.03 * history + 0.05 * accounts
    z -= 0.3 * (sex == "Female")
    score = 1 / (1 + np.exp(-(z + rng.normal(0, 0.7, n))))
    columns = {
        "id": np.arange(n, dtype=np.int64) + seed * n,
        "region": np.array([f"R{i:02d}" for i in range(40)], object)[rng.integers(0, 40, n)],
        "sex": pa.array(sex),
        "race": pa.array(race),
        "outcome": np.where(rng.random(n) < 1 / (1 + np.exp(-z)), "repaid", "defaulted"),
        "age": np.clip(rng.gamma(9, 4.5, n) + 18, 18, 90).astype(np.int64),
        "income": np.where(rng.random(n) < 0.01, np.nan, income),
        "amount": amount,
        "term": rng.choice([12, 24, 36, 48, 60], n),
        "burden": burden,
        "history": history,
        "limit": (income * rng.uniform(0.1, 0.6, n)).round(-1),
        "accounts": accounts,
        "employed": rng.gamma(2, 4, n).round(1),
        "score": np.where(rng.random(n) < 0.005, np.nan, score),
    }
    return pa.table(columns).select(COLUMNS)


def _is_there(path: Path) -> bool:
    import pyarrow.parquet as pq

    return path.is_file() and tuple(pq.read_schema(path).names) == COLUMNS


def _million(folder: Path, i: int) -> Path:
    """Return a part of one million rows, written where it is not there yet."""
    import pyarrow.parquet as pq

    path = folder / "parts" / f"part-{i:05d}.parquet"
    if not _is_there(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        pq.write_table(_part(i), unfinished, row_group_size=MILLION // 4)
        unfinished.replace(path)
    return path


def table_of(folder: Path, rows: int) -> Path:
    """Return a folder that is a table of so many rows: parts of a million, or the first rows of one."""
    import pyarrow.parquet as pq

    chosen = folder / f"rows-{rows}"
    chosen.mkdir(parents=True, exist_ok=True)
    for i in range(max(1, rows // MILLION)):
        part, here = _million(folder, i), chosen / f"part-{i:05d}.parquet"
        if here.exists():
            continue
        if rows < MILLION:
            pq.write_table(pq.read_table(part).slice(0, rows), here)
        else:
            os.link(part, here)
    return chosen


def background_of(folder: Path) -> Path:
    """Return the rows that the models were made from, as a file."""
    return table_of(folder, TRAINING_ROWS) / "part-00000.parquet"


def model_of(folder: Path, trees: int, depth: int) -> Path:
    """Return a model of XGBoost for the table, made where it is not there yet."""
    import pyarrow.parquet as pq
    import xgboost

    path = folder / f"model-{trees}x{depth}.ubj"
    if not path.exists():
        table = pq.read_table(background_of(folder))
        data = xgboost.DMatrix(
            matrix(table), label=labels(table), feature_names=list(FEATURES), nthread=THREADS
        )
        parameters = {"objective": "binary:logistic", "max_depth": depth, "eta": 0.1, "nthread": THREADS}
        xgboost.train(parameters, data, num_boost_round=trees).save_model(path)
    return path


def matrix(table: Any) -> NDArray[np.float32]:
    """Return what a model looks at, float32 (n, 8)."""
    columns = [table.column(name).to_numpy(zero_copy_only=False) for name in FEATURES]
    return np.column_stack(columns).astype(np.float32)


def labels(table: Any) -> NDArray[np.int64]:
    """Return 1 for a loan that was repaid, int64 (n,)."""
    import pyarrow.compute as pc

    return np.asarray(pc.equal(table.column("outcome"), "repaid").to_numpy(zero_copy_only=False), np.int64)
