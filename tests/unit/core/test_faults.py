"""What the operator's logs hold: places, hashes and counts, and nothing that was in a file."""

from __future__ import annotations

import json

import pytest

from rai_dash.core import events
from rai_dash.core.faults import describe_fault

SECRET = "4000 0000 0000 0002"


def fail():
    return int(SECRET)


def test_a_fault_is_described_by_class_and_place_without_its_text():
    with pytest.raises(ValueError, match=SECRET) as caught:
        fail()
    said = describe_fault(caught.value)

    assert said.startswith("ValueError at ")
    assert said.endswith(" fail")
    assert SECRET not in said


def test_an_error_that_was_never_raised_has_no_place():
    assert describe_fault(KeyError("x")) == "KeyError at an unknown place"


def test_events_are_appended_as_json_lines_that_only_the_operator_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(events, "events_file", lambda: tmp_path / "new" / "events.jsonl")

    events.record("data_refused", sha256="ab", bytes=3, code="ragged_row")
    events.record("self_test", level="full")

    path = tmp_path / "new" / "events.jsonl"
    first, second = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert first.pop("time").endswith("+00:00")
    assert first == {"event": "data_refused", "sha256": "ab", "bytes": 3, "code": "ragged_row"}
    assert second["level"] == "full"
    assert path.stat().st_mode & 0o777 == 0o600


def test_events_that_cannot_be_written_stop_nobody(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(events, "events_file", lambda: tmp_path / "file" / "events.jsonl")

    events.record("self_test", level="full")

    assert "could not be written" in caplog.text
