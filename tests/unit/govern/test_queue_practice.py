"""A practice: the steps of the queue at a store that is dropped, whatever the settings say, and in no ledger."""

from __future__ import annotations

import gc
import warnings

import pytest

from rai_dash.core.errors import InvalidChoice, NotAllowed
from rai_dash.core.settings import get_settings
from rai_dash.govern.people import AppRole
from rai_dash.govern.queue.practice import Practice
from rai_dash.govern.queue.views import BlindCase
from tests.unit.govern.desk_story import Clock, make_policy
from tests.unit.govern.queue_story import ANA, batch, reader

pytestmark = pytest.mark.usefixtures("quick_disk")


@pytest.fixture
def practice(monkeypatch, tmp_path):
    monkeypatch.setenv("RAI_DASH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", "false")
    get_settings.cache_clear()
    dataset, score = batch(30)
    made = Practice(make_policy(), dataset, score, clock=Clock())
    yield made
    made.close()


def test_everybody_in_the_band_is_there_and_the_steps_are_those_of_a_queue(practice):
    _, score = batch(30)
    desk = practice.desk(reader("Bea"))
    line = desk.lines()[0]
    inside = int(((score >= 0.35) & (score < 0.7)).sum())
    queue = practice.desk(ANA).queue(practice.queue_id)
    assert sum(not case.is_audit for case in queue.cases) == inside
    assert not any(case.two_reads for case in queue.cases)
    shown = desk.next_case(line.id)
    assert isinstance(shown, BlindCase)
    with pytest.raises(InvalidChoice, match="blind first"):
        desk.decide(line.id, shown.case, "approve")
    desk.decide_blind(line.id, shown.case, "approve")
    done = desk.decide(line.id, shown.case, codes=["other"])
    assert done.settled == "approve"
    assert desk.lines()[0].settled == 1


def test_nothing_of_it_is_in_the_data_folder_and_it_goes_with_the_object(practice, tmp_path):
    folder = practice.folder
    assert folder.is_dir()
    assert not (tmp_path / "data").exists()
    assert tmp_path not in folder.parents
    practice.close()
    assert not folder.exists()


def test_it_goes_when_nobody_holds_it_any_more():
    dataset, score = batch(30)
    made = Practice(make_policy(), dataset, score)
    folder = made.folder
    del made
    # Whoever leaves a practice has done nothing wrong: no warning either.
    with warnings.catch_warnings(action="error"):
        gc.collect()
    assert not folder.exists()


def test_a_batch_with_nobody_in_the_band_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setenv("RAI_DASH_AUDIT_SAMPLE_RATE", "0")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    get_settings.cache_clear()
    dataset, score = batch(30)
    with pytest.raises(InvalidChoice, match="nobody of this batch"):
        Practice(make_policy(), dataset, score * 0.0)
    assert list(tmp_path.glob("rai-dash-practice-*")) == []


def test_whoever_may_not_decide_may_not_practise_either(practice):
    with pytest.raises(NotAllowed):
        practice.desk(reader("Vera", AppRole.VIEWER)).next_case(practice.queue_id)
    with pytest.raises(NotAllowed):
        practice.desk(reader("Vera", sees_rows=False)).next_case(practice.queue_id)
