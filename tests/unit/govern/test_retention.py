"""Rows of batches whose time is over are gone from every file of the store; the clock is moved by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rai_dash.core.settings import get_settings
from rai_dash.govern import artifacts
from rai_dash.govern.monitor.counting import batch_of, count_batch
from rai_dash.govern.monitor.judging import judge_batch
from rai_dash.govern.monitor.log import MonitorLog
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.retention import remove_expired_rows
from tests.policies import bring_into_force, store_in
from tests.unit.govern.desk_story import Clock
from tests.unit.govern.monitor_story import applications, make_policy, table

#: Stands in a row, and would be found in any file that still holds it.
MARK = "nobody-else-has-this-purpose"
DAYS = 30
SEES = Person(name="Ana", subject="Ana", role=AppRole.OPERATOR, sees_rows=True)


@pytest.fixture(autouse=True)
def _rows_are_kept(monkeypatch):
    monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", "true")
    monkeypatch.setenv("RAI_DASH_BATCH_DAYS", str(DAYS))
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def place(tmp_path):
    with store_in(tmp_path) as store:
        bring_into_force(store, make_policy())
    return tmp_path


def record(log, store, frame, label):
    policy = log._shelf.policy("small-loans", 1)
    batch = batch_of(policy, table(frame))
    counts = count_batch(policy, batch)
    return log.record(policy, counts, judge_batch(policy, counts, rows=batch), batch=batch, label=label)


def marked(seed):
    # In one row alone, so that no report names the value.
    frame = applications(200, seed)
    frame.loc[0, "purpose"] = MARK
    return frame


def files_with(place):
    """The files of the store that hold the row; rows are packed without compression."""
    return sorted(p.name for p in place.glob("store.sqlite*") if MARK.encode() in p.read_bytes())


def test_rows_are_gone_from_the_files_once_their_time_is_over(place):
    clock = Clock()
    with store_in(place) as store:
        log = MonitorLog(store, SEES, clock)
        run = record(log, store, marked(1), "June")
        assert files_with(place)

        clock.at += timedelta(days=DAYS) - timedelta(seconds=1)
        assert remove_expired_rows(store, clock) == 0
        assert log.rows_of(run) is not None

        clock.at += timedelta(seconds=1)
        assert log.rows_of(run) is None
        assert remove_expired_rows(store, clock) == 1
        # While the store is still open: no page of before stands in what SQLite writes ahead.
        assert files_with(place) == []
        assert remove_expired_rows(store, clock) == 0
        assert log.report_of(run)["batch"]["rows"] == 200
        assert log.counts_of(run).n == 200
        assert store.verify() == []
    assert files_with(place) == []


def test_writing_the_next_batch_down_removes_the_rows_of_those_before(place):
    clock = Clock()
    with store_in(place) as store:
        log = MonitorLog(store, SEES, clock)
        record(log, store, marked(1), "June")
        clock.at += timedelta(days=DAYS)
        july = record(log, store, applications(200, 2), "July")

        assert files_with(place) == []
        assert log.rows_of(july) is not None


def test_what_has_no_end_stays(place):
    clock = Clock()
    with store_in(place) as store:
        with store.writing() as job:
            sha256 = artifacts.put(job.connection, "report", b"stays", at=clock())
        assert remove_expired_rows(store, lambda: clock() + timedelta(days=99_999)) == 0
        with store.reading() as connection:
            assert artifacts.get(connection, sha256) == b"stays"
