"""Hostile, damaged and foreign models through the door of the app."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rai_dash.core.errors import RaiError, RefusedModel
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.client import Child
from rai_dash.sandbox.lock import Level
from tests.hostile.hostile_file import flaws, params
from tests.hostile.model_parts import ROWS
from tests.hostile.models import MODELS
from tests.hostile.skops_parts import COMMAND, with_function
from tests.hostile.table_foreign import MARKER

REFUSED = [file for file in MODELS if file.codes]
ACCEPTED = [file for file in MODELS if not file.codes]
CARRIERS = [file for file in MODELS if file.danger == "code"]


def loaded_and_scored(child, content, rows):
    child.call("rai_dash.models.ops:load", {"format": None}, [content], timeout=60)
    child.call("rai_dash.models.ops:score", {}, [rows], timeout=60)


@pytest.mark.parametrize("model", params(REFUSED))
def test_a_bad_model_is_refused_in_a_sentence_and_the_next_good_one_is_loaded(outcomes, model):
    outcome = outcomes.of(model)

    assert isinstance(outcome.error, RefusedModel), "it was loaded"
    assert outcome.error.code in model.codes, outcome.error.message
    assert [word for word in model.words if word not in outcome.error.message] == [], outcome.error.message
    assert flaws(outcome.error.message) == [], outcome.error.message
    assert outcome.kept == ()
    assert [kept.model.info.format for kept in outcome.good.models] == ["xgboost"]


@pytest.mark.parametrize("model", params(ACCEPTED))
def test_an_odd_model_is_loaded(outcomes, model):
    outcome = outcomes.of(model)

    assert outcome.error is None
    assert outcome.kept == (outcome.case,)


def test_the_collection_is_large_and_no_name_comes_twice():
    names = [(file.danger, file.name) for file in MODELS]

    assert len(names) == len(set(names)) >= 25


def test_the_marker_would_appear_if_a_step_of_a_pipeline_called_what_it_names(tmp_path):
    import functools

    file = tmp_path / "m"
    file.write_bytes(with_function(functools.partial(os.system, COMMAND))())
    code = (
        "import sys, skops.io\n"
        "content = open(sys.argv[1], 'rb').read()\n"
        "model = skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))\n"
        "model.steps[0][1].func.func('echo ran > ' + sys.argv[2])\n"
    )

    subprocess.run([sys.executable, "-c", code, file, MARKER], check=True, capture_output=True)

    assert MARKER.exists()
    MARKER.unlink()


def test_no_model_runs_what_it_carries_even_where_no_lock_holds():
    rows = frame_to_ipc(ROWS)

    with Child(level=Level.PROCESS) as child:
        for file in CARRIERS:
            with pytest.raises(RaiError):
                loaded_and_scored(child, file.build(), rows)
            assert not MARKER.exists()


def test_no_process_is_left_behind_by_a_model(outcomes, doors_left):
    outcomes.wait()

    assert doors_left() == []
