"""Hostile, damaged, oversized and merely odd tables through the door of the app."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.reading.limits import TableLimits
from rai_dash.sandbox.client import Child
from rai_dash.sandbox.lock import Level
from tests.hostile.files import GOOD_TABLE, TABLES
from tests.hostile.hostile_file import flaws, params
from tests.hostile.table_foreign import CODE, MARKER, pickled

REFUSED = [file for file in TABLES if file.codes]
ACCEPTED = [file for file in TABLES if not file.codes]


@pytest.mark.parametrize("table", params(REFUSED))
def test_a_bad_table_is_refused_in_a_sentence_and_the_next_good_one_is_read(outcomes, table):
    outcome = outcomes.of(table)

    assert isinstance(outcome.error, UnreadableFile), "it was read"
    assert outcome.error.code in table.codes, outcome.error.message
    assert [word for word in table.words if word not in outcome.error.message] == [], outcome.error.message
    assert flaws(outcome.error.message) == [], outcome.error.message
    assert outcome.kept == ()
    assert outcome.good.data_of("").dataset.frame.shape == (GOOD_TABLE.count(b"\n") - 1, 3)


@pytest.mark.parametrize("table", params(ACCEPTED))
def test_an_odd_table_is_read_and_what_is_odd_is_told(outcomes, table):
    outcome = outcomes.of(table)

    assert outcome.error is None
    dataset = outcome.case.data_of("").dataset
    assert dataset.frame.shape == table.shape
    assert set(table.notices) <= {notice.code for notice in dataset.warnings}
    assert outcome.kept == (outcome.case,)


def test_the_collection_is_large_and_no_name_comes_twice():
    names = [(file.danger, file.name) for file in TABLES]

    assert len(names) == len(set(names)) >= 45


def test_the_marker_would_appear_if_a_pickle_was_opened(tmp_path):
    file = tmp_path / "p"
    file.write_bytes(pickled(4)())

    subprocess.run(
        [sys.executable, "-c", f"import pickle; pickle.load(open({str(file)!r}, 'rb'))"], check=True
    )

    assert MARKER.exists()
    MARKER.unlink()


def test_no_table_runs_what_it_carries_even_where_no_lock_holds():
    limits = {"limits": TableLimits.from_settings().to_args()}
    carriers = [*CODE, *(file for file in TABLES if "pickle" in file.name)]

    with Child(level=Level.PROCESS) as child:
        for file in carriers:
            try:
                child.call("rai_dash.data.ops:parse_table", limits, [file.build()], timeout=60)
            except UnreadableFile:
                assert file.codes
            assert not MARKER.exists()


def test_no_process_is_left_behind_by_a_table(outcomes, doors_left):
    outcomes.wait()

    assert doors_left() == []
