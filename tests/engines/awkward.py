"""A table of everything that engines read in different ways, and the engines that it is put on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa

from rai_dash.core.cells import EDGES
from rai_dash.data.portfolio.portfolio import plain_frame

#: Names that a parser, an alias of ours or an engine could take for something else.
HOSTILE = (
    'say "hi"', "it's", "a`b", "a.b", "two\nlines", "x; DROP TABLE t; --", "größe", "名前", "k0", "n", "s0", "x0",
    "{brace}", "%s", "*", "^c.*$", "select", "rowid", "count", "long" * 50,
)  # fmt: skip
TEXTS = (
    "a", " a", "a ", "A", "b", "", "  ", "\t\n", "\xa0", "\u3000", None, "1", "1.0", "01", "é", "e\u0301", "日本",
    "'; DROP TABLE t; --", "two\nlines", "`x`", 'say "hi"', "(missing)", "nan", "None", "null", "NULL", "x" * 300,
)  # fmt: skip
NUMBERS = (
    None,
    np.nan,
    np.inf,
    -np.inf,
    -0.0,
    0.0,
    1.0,
    -1.5,
    2.0,
    5e-324,
    1e300,
    0.1,
    0.1,
    0.30000000000000004,
)
_UTC = dt.datetime(2031, 3, 30, 0, 30, tzinfo=dt.UTC)
#: Midnight, a fraction, and both sides of the hour that Berlin and New York leave out or have twice.
MOMENTS = (
    None, *(_UTC + dt.timedelta(hours=h) for h in (-0.5, 0, 1, 2, 24 * 217, 24 * 217 + 1)),
    _UTC + dt.timedelta(microseconds=500_000), _UTC + dt.timedelta(microseconds=123_456),
)  # fmt: skip


def beside_edges() -> np.ndarray:
    """Every edge of the grid with the doubles just below and above it, float64 (3003,)."""
    found = np.concatenate([np.nextafter(EDGES, -1.0), EDGES, np.nextafter(EDGES, 2.0)])
    return np.clip(found, 0.0, 1.0)


def awkward(rows: int = 4_000, seed: int = 0) -> pa.Table:
    """Make the table; the first 3,003 rows have a score beside every edge."""
    rng = np.random.default_rng(seed)

    def some(values, type_=None):
        return pa.array([values[i] for i in rng.integers(0, len(values), rows)], type_, from_pandas=False)

    score = np.concatenate([beside_edges(), rng.random(max(rows - 3_003, 0))])[:rows]
    gaps = rng.random(rows)
    thousandths = rng.integers(0, 1001, rows)
    with_gaps = np.select([gaps < 0.03, gaps < 0.04, gaps < 0.05], [np.nan, np.inf, -np.inf], score)
    naive = [None if m is None else m.replace(tzinfo=None) for m in MOMENTS]
    columns = {
        "outcome": some(["repaid", " repaid ", "defaulted", "defaulted", "", None]),
        "paid8": some([0, 1, 1, None], pa.int8()),
        "paid": some([True, False, None]),
        "score": pa.array(np.where((gaps < 0.1) & (np.arange(rows) >= 3_003), -0.0, score)),
        "gaps": pa.array(with_gaps, mask=gaps < 0.02, from_pandas=False),
        "single": pa.array((thousandths / 1000).astype(np.float32)),
        "points": pa.array(rng.integers(300, 851, rows).astype(np.int16), mask=gaps < 0.01),
        "exact": pa.array([Decimal(int(t)).scaleb(-3) for t in thousandths], pa.decimal128(4, 3)),
        "risk": pa.array(thousandths / 1000),
        "number": some(NUMBERS, pa.float64()),
        "amount": pa.array(np.where(gaps < 0.02, np.nan, np.round(rng.lognormal(8, 1, rows), 2))),
        "tied": pa.array(np.repeat(np.round(rng.normal(size=rows // 4 + 1), 3), 4)[:rows]),
        "spike": pa.array(np.where(gaps < 0.9, 0.0, rng.random(rows))),
        "i8": some([-128, 127, 0, None], pa.int8()),
        "u8": some([0, 255, 7], pa.uint8()),
        "i64": some([1, 2, -(10**12), None], pa.int64()),
        "serial": pa.array(10**17 + rng.integers(0, 30, rows)),
        "text": some(TEXTS),
        "level": some(["low", "high", " low", None]).dictionary_encode(),
        "day": some([dt.date(2031, 5, 1), dt.date(1969, 12, 31), None], pa.date32()),
        "moment": some(naive, pa.timestamp("us")),
        "moment_utc": some(MOMENTS, pa.timestamp("us", "UTC")),
        "moment_berlin": some(MOMENTS, pa.timestamp("us", "Europe/Berlin")),
        "money": some([Decimal("0.10"), Decimal("123456789.12"), Decimal("-0.07"), None], pa.decimal128(15, 2)),
        "no_text": pa.nulls(rows, pa.string()),
        "no_number": pa.array(np.full(rows, np.nan)),
        "weight": pa.array(rng.integers(0, 40, rows) / 8, mask=gaps < 0.02),
        "split": some(["train", "test", "test", None]),
        **{name: some(["p", "q", name, None]) for name in HOSTILE},
    }  # fmt: skip
    return pa.table(columns)


def in_memory(table: pa.Table) -> pd.DataFrame:
    """Read the table through the data door: what the same rows are in memory."""
    return plain_frame(table)


def large(rows: int = 2_000_000, seed: int = 1) -> pa.Table:
    """Make a large table with blanks, NaN, infinities, ties, odd categories, and scores beside every edge."""
    rng = np.random.default_rng(seed)

    def some(values, type_):
        return pa.array(values, type_, from_pandas=False).take(pa.array(rng.integers(0, len(values), rows)))

    score = np.where(rng.random(rows) < 0.5, rng.choice(beside_edges(), rows), rng.random(rows))
    return pa.table(
        {
            "outcome": some(["repaid", " repaid ", "defaulted", "", None], pa.string()),
            "score": pa.array(
                np.where(rng.random(rows) < 0.03, rng.choice([np.nan, np.inf, -np.inf, -0.0], rows), score),
                mask=rng.random(rows) < 0.02,
                from_pandas=False,
            ),
            "text": some(TEXTS, pa.string()),
            "number": some(NUMBERS, pa.float64()),
            "amount": pa.array(np.round(rng.lognormal(8, 1, rows), 2), mask=rng.random(rows) < 0.01),
            "i8": some([-128, 127, 0, None], pa.int8()),
            "moment": some(MOMENTS, pa.timestamp("us", "UTC")),
            "weight": some([None, *(w / 8 for w in range(40))], pa.float64()),
        }
    )
