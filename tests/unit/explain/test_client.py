from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import Cancelled, InvalidChoice, MissingColumn, WorkerFailed
from rai_dash.explain.client import lime_values, shap_matrix, shap_values
from rai_dash.models.client import load_model


@pytest.fixture(scope="module")
def story(repo):
    """The biased model of the story in its own process, and the production applications."""
    folder = repo / "sample_data"
    if not (folder / "story_biased.ubj").is_file():
        pytest.skip("sample_data/story_biased.ubj has not been built.")
    production = pd.read_csv(folder / "story_production_110.csv.gz")
    with load_model(folder / "story_biased.ubj", model_class="1") as model:
        yield model, production


def test_the_approved_woman_of_the_story_is_refused_for_her_gender(story, shared):
    model, production = story
    case = json.loads((shared / "data/story/EXPECTED.json").read_text())["group"]["case"]
    expected = dict(case["shap_biased"])
    place = int(np.flatnonzero(production["application_id"] == case["id"])[0])

    found = shap_values(
        model, production.iloc[[place]], production, row_ids=[place], perturbation="path-dependent"
    )[0]

    assert found.row == place
    assert found.space == "log-odds"
    assert found.base == pytest.approx(expected.pop("base"), abs=2e-3)
    assert found.values == pytest.approx(expected, abs=2e-3)
    assert min(found.values, key=found.values.get) == "gender"
    assert (
        found.method == "Exact tree kernel, path-dependent (branches weighted by hessian, no reference rows)"
    )
    assert found.background_rows is None
    assert found.additivity_error < 1e-5


def test_many_rows_at_once_are_the_rows_one_by_one(story):
    model, production = story
    blocks = [["education-num", "education"]]

    table = shap_matrix(model, production, production, blocks=blocks)

    singles = shap_values(model, production, production, row_ids=range(110), blocks=blocks)
    assert table.names == tuple(singles[0].values)
    assert "education + education-num" in table.names
    assert table.values == pytest.approx(np.array([list(e.values.values()) for e in singles]), abs=1e-12)
    assert table.output == pytest.approx([e.output for e in singles], abs=1e-12)
    assert (
        table.method == singles[0].method == "Exact tree kernel, interventional, against 110 reference rows"
    )
    assert table.exact.all()
    assert table.errors is None
    assert table.largest_error < 1e-5


def test_many_rows_of_the_other_class_have_the_other_sign(story):
    model, production = story

    one = shap_matrix(model, production.iloc[:5], production)
    model.model_class = "0"
    other = shap_matrix(model, production.iloc[:5], production)
    model.model_class = "1"

    assert other.values == pytest.approx(-one.values, abs=1e-12)
    assert other.output == pytest.approx(-one.output, abs=1e-12)
    assert other.largest_error == pytest.approx(one.largest_error, abs=1e-12)


def test_many_rows_need_rows(story):
    model, production = story

    with pytest.raises(InvalidChoice, match="no rows to explain"):
        shap_matrix(model, production.iloc[:0], production)


def test_a_block_with_an_unknown_column_is_refused_before_anything_is_sent(story):
    model, production = story

    with pytest.raises(InvalidChoice, match="no column `wealth`"):
        shap_values(model, production.iloc[:1], production, row_ids=[0], blocks=[["gender", "wealth"]])


def test_probability_is_another_route_with_its_reference_rows_and_the_score_as_output(story):
    model, production = story

    found = shap_values(
        model, production.iloc[:2], production, row_ids=[0, 1], space="probability", background_rows=20
    )

    assert [e.output for e in found] == pytest.approx(model.score(production.iloc[:2]).scores, abs=1e-9)
    assert {e.space for e in found} == {"probability"}
    assert {e.background_rows for e in found} == {20}
    assert max(e.additivity_error for e in found) < 1e-9


def test_lime_comes_back_whole_and_the_same_again(story):
    model, production = story
    row = production.iloc[[3]]

    one, again = (lime_values(model, row, production, seeds=2, samples=300, seed=4) for _ in range(2))

    assert one == again
    assert one.model_prediction == pytest.approx(model.score(row).scores[0], abs=1e-12)
    assert list(one.centred) == list(model.info.feature_names)
    assert one.rules["gender"] == f"gender = {row['gender'].iloc[0]}"
    assert (one.seeds, one.samples) == (2, 300)


def test_progress_is_heard_from_the_other_process(story):
    model, production = story
    heard = []

    shap_values(
        model, production, production, row_ids=range(110), on_progress=lambda *message: heard.append(message)
    )

    assert heard[-1] == (110, 110, "rows explained")


def test_an_explanation_can_be_cancelled_and_the_next_one_still_comes(story):
    model, production = story

    with pytest.raises(Cancelled):
        shap_values(model, production, production, row_ids=range(110), cancelled=lambda: True)

    assert len(shap_values(model, production.iloc[:1], production, row_ids=[0])) == 1


def test_a_column_that_is_not_there_is_named(story):
    model, production = story

    with pytest.raises(MissingColumn, match="`gender`"):
        shap_values(model, production.drop(columns="gender").iloc[:1], production, row_ids=[0])


def test_rows_and_row_numbers_must_match(story):
    model, production = story

    with pytest.raises(InvalidChoice, match="2 rows to explain need as many row numbers, got 1"):
        shap_values(model, production.iloc[:2], production, row_ids=[0])


def test_lime_explains_one_row_at_a_time(story):
    model, production = story

    with pytest.raises(InvalidChoice, match="Choose an applicant"):
        lime_values(model, production.iloc[:2], production)


def answering(data):
    """Build a stand-in for a model whose process answers ``data``."""
    info = SimpleNamespace(feature_names=("age",))
    return SimpleNamespace(
        info=info,
        favourable_index=1,
        rows_to_explain=lambda _applicants: None,
        call=lambda *_args, **_options: SimpleNamespace(data=data),
    )


GOOD = {
    "row": 0,
    "space": "log-odds",
    "base": 0.0,
    "values": {"age": 1.0},
    "output": 1.0,
    "method": "m",
    "background_rows": None,
    "additivity_error": 0.0,
}


@pytest.mark.parametrize(
    "changed",
    [
        {"row": 7},
        {"values": {"job": 1.0}},
        {"values": {"age": float("inf")}},
        {"base": "much"},
        {"method": None},
    ],
    ids=str,
)
def test_an_answer_that_is_not_what_was_asked_for_is_not_shown(changed):
    frame = pd.DataFrame({"age": [1.0]})
    assert shap_values(answering({"explanations": [GOOD]}), frame, frame, row_ids=[0])[0].output == 1.0

    with pytest.raises(WorkerFailed, match="Explain again"):
        shap_values(answering({"explanations": [GOOD | changed]}), frame, frame, row_ids=[0])


SAID = {"names": ["age"], "space": "log-odds", "methods": ["m"], "background_rows": None, "notices": []}
NUMBERS = [np.array([v]).tobytes() for v in (0.0, 1.0, 1.0)]


@pytest.mark.parametrize(
    ("said", "blobs"),
    [
        ({"names": ["job"]}, [*NUMBERS, b"\x01"]),
        ({"space": None}, [*NUMBERS, b"\x01"]),
        ({}, NUMBERS),
        ({}, [*NUMBERS, b"\x01\x01"]),
        ({}, [NUMBERS[0], np.array([np.nan]).tobytes(), NUMBERS[2], b"\x01"]),
    ],
    ids=["other column", "no space", "an array less", "too long", "not a number"],
)
def test_arrays_that_are_not_what_was_asked_for_are_not_shown(said, blobs):
    frame = pd.DataFrame({"age": [1.0]})
    good = SimpleNamespace(data=SAID, blobs=[*NUMBERS, b"\x01"])
    bad = SimpleNamespace(data=SAID | said, blobs=blobs)
    info = SimpleNamespace(feature_names=("age",))
    model = SimpleNamespace(
        info=info,
        favourable_index=1,
        rows_to_explain=lambda _applicants: None,
        call=lambda *_args, **_options: good,
    )
    assert shap_matrix(model, frame, frame).values.tolist() == [[1.0]]
    model.call = lambda *_args, **_options: bad

    with pytest.raises(WorkerFailed, match="Explain again"):
        shap_matrix(model, frame, frame)


def test_lime_without_an_answer_is_a_failure_of_the_process():
    frame = pd.DataFrame({"age": [1.0]})

    with pytest.raises(WorkerFailed, match="Explain again"):
        lime_values(answering({}), frame, frame)
