"""The handle on a model: its process comes and goes, its answers stay the same."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
import xgboost

from rai_dash.core.errors import InvalidChoice, RefusedModel
from rai_dash.core.settings import Settings
from rai_dash.core.types import ModelInfo
from rai_dash.models import client, workers
from rai_dash.models.client import load_model
from rai_dash.models.favourable import favourable_class
from rai_dash.models.workers import WORKERS


def info(*classes, labelled=True):
    return ModelInfo(
        format="skops", family="", fingerprint="", features=(), classes=classes, has_class_labels=labelled
    )


@pytest.mark.parametrize(
    ("found", "model_class", "favourable", "expected"),
    [
        (info("0", "1", labelled=False), None, ["Approved"], "1"),
        (info("0", "1", labelled=False), None, ["0"], "1"),
        (info("0", "1", labelled=False), "0", None, "0"),
        (info("bad", "good"), None, ["good"], "good"),
        (info("bad", "good"), None, ["bad"], "bad"),
        (info("bad", "good"), "good", ["bad"], "good"),
        (info("0", "1"), None, ["0"], "0"),
        (info("0", "1"), None, ["yes"], "1"),
        (info("1", "2"), None, [1.0], "1"),
    ],
)
def test_the_favourable_class_follows_the_user_then_the_labels_then_class_1(
    found, model_class, favourable, expected
):
    assert favourable_class(found, model_class, favourable) == expected


@pytest.mark.parametrize(
    ("found", "model_class", "favourable"),
    [
        (info("bad", "good"), None, None),
        (info("bad", "good"), None, ["yes"]),
        (info("bad", "good"), "fine", None),
        (info("0", "1"), None, ["0", "1"]),
    ],
)
def test_where_the_class_is_not_clear_both_are_named_and_the_option(found, model_class, favourable):
    with pytest.raises(InvalidChoice, match=rf"`{found.classes[0]}`.*`{found.classes[1]}`.*--model-class"):
        favourable_class(found, model_class, favourable)


def test_a_process_that_died_is_started_again_with_the_same_answers(story_ubj, living):
    with load_model(story_ubj) as model:
        before = model.score(living).scores
        os.kill(model._child.pid, signal.SIGKILL)
        model._child._process.wait()
        assert not model.is_alive
        assert np.array_equal(model.score(living).scores, before)
        assert model.is_alive


def test_given_names_survive_a_new_process_and_wrong_ones_are_refused(toy):
    frame, target = toy
    made = xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(frame[["pay", "code"]].to_numpy(), target)
    content = bytes(made.get_booster().save_raw("ubj"))
    with pytest.raises(InvalidChoice, match="do not fit"):
        load_model(content, feature_names=["pay"])
    with load_model(content, feature_names=["pay", "code"]) as model:
        before = model.score(frame).scores
        model.close()
        assert np.array_equal(model.score(frame).scores, before)


def test_no_more_processes_live_than_the_operator_allows_and_a_busy_one_stays(monkeypatch, story_ubj, living):
    monkeypatch.setattr(workers, "get_settings", lambda: Settings(workers=2))
    with load_model(story_ubj) as first, load_model(story_ubj) as second, first._worker():
        with load_model(story_ubj) as third:
            assert [m.is_alive for m in (first, second, third)] == [True, False, True]
        assert second.score(living.head(3)).scores.size == 3


def test_an_idle_process_ends_and_comes_back(monkeypatch, story_ubj, living):
    with load_model(story_ubj) as model:
        monkeypatch.setattr(workers, "get_settings", lambda: Settings(worker_idle_s=1000))
        WORKERS.reap()
        assert model.is_alive
        model.used -= 2000
        WORKERS.reap()
        assert not model.is_alive
        assert model.score(living.head(3)).scores.size == 3


def test_a_file_that_is_not_there_or_too_large_is_refused(monkeypatch, tmp_path, story_ubj):
    with pytest.raises(RefusedModel, match="cannot be read"):
        load_model(tmp_path / "none.ubj")
    monkeypatch.setattr(client, "get_settings", lambda: Settings(max_upload_mb=1))
    with pytest.raises(RefusedModel, match="larger than 1 MB"):
        load_model(story_ubj * 5)


def test_rows_come_and_go_in_their_order_and_none_are_no_scores(story_ubj, living):
    with load_model(story_ubj) as model:
        whole = model.score(living).scores
        assert np.array_equal(model.score(living.iloc[::-1]).scores, whole[::-1])
        assert model.score(living.head(0)).scores.size == 0
