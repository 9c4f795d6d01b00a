from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from rai_dash.core.errors import InvalidChoice, LedgerBroken
from rai_dash.govern import artifacts
from rai_dash.govern.artifacts import drop, get, purge, put

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_what_was_kept_is_found_by_its_sha256(store):
    with store.writing() as job:
        ref = put(job.connection, "report", b"some bytes", at=NOON)
    assert ref == hashlib.sha256(b"some bytes").hexdigest()
    with store.reading() as connection:
        assert get(connection, ref, at=NOON + timedelta(days=9999)) == b"some bytes"
        assert get(connection, "0" * 64) is None


def test_what_has_run_out_is_given_to_nobody_and_then_removed(store):
    with store.writing() as job:
        ref = put(job.connection, "rows", b"rows", at=NOON, days=2)
        put(job.connection, "report", b"stays", at=NOON)
    with store.reading() as connection:
        assert get(connection, ref, at=NOON + timedelta(days=1)) == b"rows"
        assert get(connection, ref, at=NOON + timedelta(days=2)) is None
    with store.writing() as job:
        assert purge(job.connection, at=NOON + timedelta(days=1)) == 0
        assert purge(job.connection, at=NOON + timedelta(days=2)) == 1
    with store.reading() as connection:
        assert get(connection, ref) is None


def test_the_same_bytes_are_kept_once_and_for_the_longer_time(store):
    with store.writing() as job:
        first = put(job.connection, "rows", b"rows", at=NOON, days=2)
        assert put(job.connection, "rows", b"rows", at=NOON, days=1) == first
        assert put(job.connection, "rows", b"rows", at=NOON, days=5) == first
        assert purge(job.connection, at=NOON + timedelta(days=4)) == 0
        put(job.connection, "rows", b"rows", at=NOON)
        assert purge(job.connection, at=NOON + timedelta(days=400)) == 0
        assert drop(job.connection, first)
        assert not drop(job.connection, first)


def test_changed_bytes_are_noticed(store):
    with store.writing() as job:
        ref = put(job.connection, "report", b"some bytes", at=NOON)
        table = artifacts.artifacts()
        job.connection.execute(table.update().values(content=b"other bytes"))
    with store.reading() as connection, pytest.raises(LedgerBroken, match="not what was kept"):
        get(connection, ref)


def test_what_is_too_large_is_refused(store, monkeypatch):
    monkeypatch.setattr(artifacts, "LARGEST", 3)
    with store.writing() as job, pytest.raises(InvalidChoice, match="Bring fewer rows"):
        put(job.connection, "rows", b"four", at=NOON)
