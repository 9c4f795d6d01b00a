"""The record of a run: what is in it, what is not, and what is no record."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from rai_dash.core.errors import InvalidRecord
from rai_dash.report.run_record import SETTINGS, RunInput, read_run, recorded_json

RESULT = {"schema": "rai-dash/audit/1", "rates": {"b": 0.25, "a": None}, "pair": (1, 2), 3: "three"}


def text_of(result=RESULT, **parts):
    given = {"job": "audit", "parameters": {"threshold": 0.5, "seed": 3}, "inputs": {}} | parts
    return recorded_json(result, **given)


def test_the_result_comes_back_and_its_hash_is_that_of_its_sorted_json():
    run = read_run(text_of().encode())

    assert run.result == {
        "schema": "rai-dash/audit/1",
        "rates": {"b": 0.25, "a": None},
        "pair": [1, 2],
        "3": "three",
    }
    by_hand = '{"3":"three","pair":[1,2],"rates":{"a":null,"b":0.25},"schema":"rai-dash/audit/1"}'
    assert run.result_sha256 == hashlib.sha256(by_hand.encode()).hexdigest()
    assert run.is_untouched
    assert (run.job, run.schema, run.seeds) == ("audit", "rai-dash/audit/1", {"seed": 3})
    assert set(run.settings) == set(SETTINGS)
    assert run.program["libraries"]["numpy"] == np.__version__


def test_the_same_run_is_written_the_same_to_the_byte():
    assert text_of() == text_of()


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["rates"].update(b=0.26),
        lambda c: c["rates"].update(a=0),
        lambda c: c.update(more=1),
        lambda c: c.pop("pair"),
        lambda c: c["pair"].reverse(),
    ],
)
def test_every_edit_of_the_result_is_noticed(change):
    content = json.loads(text_of())
    change(content)

    assert not read_run(json.dumps(content).encode()).is_untouched


def test_another_order_of_names_and_other_blanks_are_no_edit():
    content = json.loads(text_of())

    assert read_run(json.dumps(dict(reversed(content.items())), indent=7).encode()).is_untouched


def test_a_file_is_known_by_its_bytes_and_its_name_alone(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"x,y\n1,2\n")

    assert RunInput.of(tmp_path / "a.csv") == RunInput(
        file="a.csv", sha256=hashlib.sha256(b"x,y\n1,2\n").hexdigest(), size=8
    )


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_what_is_no_file_has_no_hash(tmp_path, name):
    assert RunInput.of(tmp_path / name).sha256 is None


def test_an_undefined_number_has_to_be_none():
    with pytest.raises(ValueError, match="JSON"):
        text_of({"rate": float("nan")})


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "not JSON"),
        (b"nonsense", "not JSON"),
        (b"[1, 2]", "no record"),
        (b'{"a": 1}', "no record"),
        (b'{"run": 3}', "no record"),
        (b'{"run": {"schema": "other"}}', "another form"),
        (b'{"run": {"schema": "rai-dash/run/1"}}', "lacks `parameters`"),
        (b'{"a": 1, "a": 2, "run": {}}', "stands in one object twice"),
        (b'{"a": NaN, "run": {}}', "no number in JSON"),
        (b'{"run": {}, "a": ' + b"[" * 400 + b"]" * 400 + b"}", "nested more than"),
        (b'{"run": {}, "a": ' + b"[" * 40_000 + b"]" * 40_000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_record_is_refused_in_a_sentence(raw, said):
    with pytest.raises(InvalidRecord, match=said):
        read_run(raw)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidRecord, match="cannot be read"):
        read_run(tmp_path / "nothing.json")
