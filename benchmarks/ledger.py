"""Append and verify times of the sign-off ledger (budget: append <= 20 ms, 10,000 records <= 2 s).

Run: ``python benchmarks/ledger.py``. The two figures are from one run on the same file system as the
temporary folder; set ``TMPDIR`` to measure another disk.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rai_dash.govern.ledger import GENESIS, Record, canonical, record_hash
from rai_dash.govern.signoff import SignOff, sign_off
from rai_dash.govern.store import SignOffStore
from rai_dash.govern.verify import verify

APPENDS = 200
RECORDS = 10_000


def example(n_groups: int = 8) -> SignOff:
    """Make a sign-off of usual size: 13 rates for everyone and for each of some groups."""
    rate = {"value": 0.1234567890123, "low": 0.1, "high": 0.15, "numerator": 123, "denominator": 997}
    figures = {"n": 1000, "approve": 400, "reject": 350, "review": 250, "no_score": 3}
    figures["rates"] = {f"rate_{i}": rate for i in range(13)}
    groups = [{**figures, "column": "group", "group": f"g{i}"} for i in range(n_groups)]
    return sign_off(
        {
            "signed_at": datetime.now(UTC),
            "case": "benchmark",
            "band": {"lo": 0.3, "threshold": 0.5, "hi": 0.7},
            "figures": {"overall": figures, "groups": groups},
            "data": {"name": "x.csv", "fingerprint": "a" * 64, "rows": 1000, "role": "production"},
            "model": {"name": "m", "format": "xgboost", "fingerprint": "b" * 64, "favourable_class": "1"},
            "code": {"version": "0"},
            "signer": {"name": "n", "role": "r", "decision": "approve", "reason": "a reason to sign it"},
        }
    )


def append_times(signed: SignOff) -> list[float]:
    """Measure appends, with everything that makes them durable."""
    times = []
    with tempfile.TemporaryDirectory() as folder, SignOffStore(Path(folder) / "x.sqlite3") as store:
        for _ in range(APPENDS):
            start = time.perf_counter()
            store.append(signed)
            times.append(time.perf_counter() - start)
    return times


def verify_time(signed: SignOff) -> float:
    """Measure the check of a long chain."""
    body, prev_hash = canonical(signed.content()), GENESIS
    records = []
    for seq in range(1, RECORDS + 1):
        digest = record_hash(body, seq=seq, prev_hash=prev_hash)
        records.append(Record(seq=seq, body=body, prev_hash=prev_hash, hash=digest))
        prev_hash = digest
    start = time.perf_counter()
    findings = verify(records)
    elapsed = time.perf_counter() - start
    if findings:
        raise SystemExit(findings[0].message)
    return elapsed


def main() -> None:
    """Print the figures."""
    signed = example()
    times = append_times(signed)
    worst = statistics.quantiles(times, n=20)[-1]
    print(
        f"append, {APPENDS} records: median {statistics.median(times) * 1e3:.1f} ms, p95 {worst * 1e3:.1f} ms"
    )
    print(f"verify {RECORDS} records: {verify_time(signed):.2f} s")


if __name__ == "__main__":
    main()
