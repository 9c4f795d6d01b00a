"""Times of the ledger (budget: append <= 20 ms, 10,000 records verified <= 2 s), each with its median and p95.

Run: ``python benchmarks/ledger.py``. All figures are from one run on the file system of the temporary
folder; set ``TMPDIR`` to measure another disk. An append is everything that makes it durable: the commit,
the head file, and with a checkpoint its signature and its file. Verified are a store of small entries as
signatures are (0.5 kB), one of a usual mix, and for the first rule sign-offs of usual size (13 kB).
"""

from __future__ import annotations

import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rai_dash.govern.examining import examine_store
from rai_dash.govern.export import read_export, verify_export
from rai_dash.govern.ledger import GENESIS, Record, canonical
from rai_dash.govern.signoff import SignOff, sign_off
from rai_dash.govern.store import Store
from rai_dash.govern.verify import verify

APPENDS = 200
RECORDS = 10_000
#: One policy in so many entries; the others are submissions, signatures and steps.
MIX = 8


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


def small(i: int, ref: str) -> dict[str, object]:
    """Make the content of a signature, with its rationale sealed."""
    return {
        "version": i,
        "content_hash": hashlib.sha256(str(i).encode()).hexdigest(),
        "role": "risk owner",
        "meaning": "approval",
        "decision": "approve",
        "rationale": {"sealed": ref},
        "conditions": None,
        "identity": "oidc",
        "warnings": [{"code": "in_sample", "ticked": True}],
    }


def opened(folder: str) -> Store:
    """Open a store with everything in one folder."""
    place = Path(folder)
    return Store(place / "x.sqlite3", checkpoints=place / "checkpoints", signing_key=place / "key.pem")


def append_times(content: dict[str, object], *, checkpoint: bool) -> list[float]:
    """Measure appends."""
    times = []
    with tempfile.TemporaryDirectory() as folder, opened(folder) as store:
        store.append("warm.up", "policy:a", "local", {})
        for _ in range(APPENDS):
            start = time.perf_counter()
            store.append("policy.signature", "policy:a", "local", content, checkpoint=checkpoint)
            times.append(time.perf_counter() - start)
    return times


def store_times(large: dict[str, object], mix: int | None) -> tuple[float, float]:
    """Measure the check of a long store and of its export; every n-th entry is large."""
    with tempfile.TemporaryDirectory() as folder, opened(folder) as store:
        with store.writing() as job:
            person = job.person("Zoë")
            for i in range(RECORDS):
                is_large = mix is not None and i % mix == 0
                body = large if is_large else small(i, job.seal(f"a rationale of some words {i}"))
                job.append("policy.signature", f"policy:{i % 50}", person, body, checkpoint=i % 3 == 0)
        out = Path(folder) / "export.json"
        out.write_text(json.dumps(store.export()))
        content = read_export(out)
        return (
            timed(
                lambda: (
                    examine_store(
                        Path(folder) / "x.sqlite3", checkpoints=Path(folder) / "checkpoints"
                    ).findings
                )
            ),
            timed(lambda: verify_export(content)),
        )


def first_rule_time(content: dict[str, object]) -> float:
    """Measure the check of a long chain by the first rule, all of it large."""
    body, prev_hash = canonical(content), GENESIS
    records = []
    for seq in range(1, RECORDS + 1):
        whole = f'{{"content":{body},"prev_hash":"{prev_hash}","seq":{seq}}}'
        digest = hashlib.sha256(whole.encode()).hexdigest()
        records.append(Record(seq=seq, body=body, prev_hash=prev_hash, hash=digest))
        prev_hash = digest
    return timed(lambda: verify(records))


def timed(check: Callable[[], list[object]]) -> float:
    """Time a check that must find nothing."""
    start = time.perf_counter()
    findings = check()
    elapsed = time.perf_counter() - start
    if findings:
        raise SystemExit(findings[0])
    return elapsed


def main() -> None:
    """Print the figures."""
    large = example().content()
    for what, checkpoint in (("", False), (" with a checkpoint", True)):
        times = append_times(small(1, "a" * 64), checkpoint=checkpoint)
        worst = statistics.quantiles(times, n=20)[-1]
        print(f"append{what}: median {statistics.median(times) * 1e3:.1f} ms, p95 {worst * 1e3:.1f} ms")
    for what, mix in (("small entries", None), (f"every {MIX}th of {len(canonical(large)) // 1000} kB", MIX)):
        whole, exported = store_times(large, mix)
        print(f"verify {RECORDS} records, {what}: store {whole:.2f} s, export {exported:.2f} s")
    print(f"verify {RECORDS} records of the first rule, all large: {first_rule_time(large):.2f} s")


if __name__ == "__main__":
    main()
