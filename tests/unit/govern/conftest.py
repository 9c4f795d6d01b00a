from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rai_dash.govern.ledger import Record, next_record
from rai_dash.govern.store import SignOffStore

Content = dict[str, object]


def make_content(**changes: object) -> Content:
    figures = {
        "n": 1000,
        "approve": 412,
        "reject": 355,
        "review": 233,
        "no_score": 12,
        "rates": {
            "review_rate": {
                "value": 0.233,
                "low": 0.208,
                "high": 0.26,
                "numerator": 233,
                "denominator": 1000,
            },
            "auto_error_rate": {
                "value": 0.1 + 0.2,
                "low": 0.25,
                "high": 0.35,
                "numerator": 230,
                "denominator": 767,
            },
        },
    }
    undefined = {"value": None, "reason": "nobody was decided automatically"}
    group = {**figures, "column": "sex", "group": "Frauen <ü>", "rates": {"auto_error_rate": undefined}}
    content: Content = {
        "signed_at": datetime(2026, 11, 25, 9, 30, 15, 999_999, tzinfo=UTC),
        "case": "Loans in Köln",
        "band": {"lo": 0.35, "threshold": 0.5, "hi": 0.7},
        "figures": {"overall": figures, "groups": [group]},
        "data": {"name": "loans.csv", "fingerprint": "a" * 64, "rows": 1000, "role": "production"},
        "model": {"name": "step 7", "format": "xgboost", "fingerprint": "b" * 64, "favourable_class": "1"},
        "code": {"version": "0.1.0"},
        "warnings_shown": [{"code": "in_sample", "message": "Trained on these rows?"}],
        "signer": {
            "name": "Zoë Müller-日本",
            "role": "domain expert",
            "meaning": "approval",
            "decision": "approve",
            "reason": "The error is what our officers reach, and the unsure cases go to them.",
        },
    }
    return content | changes


@pytest.fixture
def content() -> Callable[..., Content]:
    """Make the content of a sign-off, with some fields changed."""
    return make_content


@pytest.fixture
def chain() -> Callable[[int], list[Record]]:
    """Make an intact chain of small records."""

    def make(n: int) -> list[Record]:
        records: list[Record] = []
        for i in range(n):
            records.append(next_record({"what": f"record {i + 1}"}, last=records[-1] if records else None))
        return records

    return make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "sign-offs.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SignOffStore]:
    with SignOffStore(path) as opened:
        yield opened
