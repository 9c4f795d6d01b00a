"""A pickle on a server: refused, unless the operator approved this very file on a machine that locks fully."""

from __future__ import annotations

import hashlib
import json
import pickle  # noqa: TID251 - writes what is to be refused

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from rai_dash.core.errors import RefusedModel
from rai_dash.core.events import events_file
from rai_dash.core.settings import get_settings
from rai_dash.models.client import load_model
from rai_dash.sandbox import selftest
from rai_dash.sandbox.lock import Level


@pytest.fixture
def allow(monkeypatch):
    """Turn the operator's switch on, with a list of approved files."""

    def allow(*digests):
        monkeypatch.setenv("RAI_DASH_ALLOW_PICKLE", "1")
        monkeypatch.setenv("RAI_DASH_APPROVED_PICKLES", json.dumps(digests))
        get_settings.cache_clear()

    yield allow
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def pickled(toy):
    frame, target = toy
    columns = ["pay", "code"]
    model = LogisticRegression().fit(frame[columns], target)
    content = pickle.dumps(model)
    return content, hashlib.sha256(content).hexdigest(), model.predict_proba(frame[columns])[:, 1]


def code_of(content):
    with pytest.raises(RefusedModel) as caught:
        load_model(content, model_class="1")
    return caught.value.code, caught.value.message


def test_by_default_no_pickle_is_opened_whatever_the_list(monkeypatch, pickled):
    content, digest, _ = pickled
    monkeypatch.setenv("RAI_DASH_APPROVED_PICKLES", json.dumps([digest]))
    get_settings.cache_clear()
    try:
        assert code_of(content)[0] == "pickle"
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


def test_a_file_that_is_not_on_the_list_is_refused_with_its_sha256_and_recorded(allow, pickled):
    content, digest, _ = pickled
    allow("0" * 64)

    code, message = code_of(content)

    assert code == "pickle"
    assert digest in message
    last = json.loads(events_file().read_text().splitlines()[-1])
    assert (last["event"], last["sha256"]) == ("pickle_refused", digest)


def test_an_approved_file_scores_as_it_did_is_marked_and_recorded(allow, pickled, toy):
    content, digest, expected = pickled
    allow(digest)

    with load_model(content, model_class="1") as model:
        assert np.array_equal(model.score(toy[0]).scores, expected)
        assert model.info.format == "pickle"
        assert model.info.warnings[0].code == "pickle"
        model.close()
        assert np.array_equal(model.score(toy[0]).scores, expected)

    last = json.loads(events_file().read_text().splitlines()[-1])
    assert (last["event"], last["sha256"], last["bytes"]) == ("pickle_opened", digest, len(content))


@pytest.mark.parametrize("level", [Level.SECCOMP, Level.PROCESS])
def test_below_the_full_lock_even_an_approved_file_is_refused(allow, pickled, monkeypatch, level):
    content, digest, _ = pickled
    allow(digest)
    monkeypatch.setattr(selftest, "_found", [selftest.SelfTest(level, ())])

    assert code_of(content)[0] == "pickle"
