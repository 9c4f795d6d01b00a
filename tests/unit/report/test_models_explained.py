"""What two models lean on, with linear models whose Shapley values are known: weight times distance from the mean."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Explanation
from rai_dash.explain.coalitions import EXACT
from rai_dash.explain.table import AttributionTable
from rai_dash.report import models_explained
from rai_dash.report.models_explained import FEW_EXPLAINED, explained_pair, two_explanations
from rai_dash.report.models_work import compare_models
from tests.unit.report.models_world import case_of, data, people

WEIGHTS = {"a": {"x": 1.0, "z": 1.0}, "b": {"x": 3.0, "z": 0.1}}
#: Routes by model: one that is cheap, or one that asks the model many times a row.
CHEAP = "Linear, exact"


def table_of(model, rows, background, *, space, method, only=None):
    names = model.info.feature_names
    values = np.column_stack(
        [WEIGHTS[model.column][n] * (rows[n].to_numpy() - background[n].mean()) for n in names]
    )
    base = np.zeros(len(rows))
    return AttributionTable(
        names=names, space=only or space, base=base, values=values, output=values.sum(axis=1), methods=(method,),
        background_rows=len(background), exact=np.ones(len(rows), bool),
    )  # fmt: skip


@pytest.fixture
def explain(monkeypatch):
    """Answer in the place of the models' own processes; what was asked is kept."""
    asked = []

    def use(*, method=CHEAP, only=None):
        def many(model, rows, background, *, space, **_):
            asked.append((model.column, len(rows), len(background), space))
            route = method if model.column == "a" else CHEAP
            return table_of(
                model, rows, background, space=space, method=route, only=(only or {}).get(model.column)
            )

        def one(model, rows, background, *, row_ids, space, **_):
            found = table_of(
                model, rows, background, space=space, method=CHEAP, only=(only or {}).get(model.column)
            )
            values = dict(zip(found.names, found.values[0], strict=True))
            return [
                Explanation(
                    row=row_ids[0], space=found.space, base=0.0, values=values, output=sum(values.values()),
                    method=CHEAP, background_rows=len(background), additivity_error=0.0,
                )
            ]  # fmt: skip

        monkeypatch.setattr(models_explained, "shap_matrix", many)
        monkeypatch.setattr(models_explained, "shap_values", one)
        return asked

    return use


@pytest.fixture(scope="module")
def compared():
    return compare_models(case_of(data(people())), "living", ["a", "b"])


def test_shares_are_mean_absolute_contributions_over_their_sum(explain, compared):
    explain()
    found = explained_pair(compared, compared.pairs[0])
    judgement = compared.current.judgement
    order = np.argsort(judgement.score, kind="stable")
    assert (found.rows, found.of, found.background) == (500, 1_500, 1_500)
    frame = compared.data.dataset.frame
    x, z = (np.abs(frame[c] - frame[c].mean()) for c in ("x", "z"))
    by_name = {c.column: c for c in found.columns}
    # 500 of 1,500, evenly over the scores: close to all of them.
    for key, attribute in (("a", "current"), ("b", "candidate")):
        w = WEIGHTS[key]
        share = w["x"] * x.mean() / (w["x"] * x.mean() + w["z"] * z.mean())
        assert getattr(by_name["x"], attribute) == pytest.approx(share, abs=0.03)
    assert by_name["x"].difference == pytest.approx(by_name["x"].candidate - by_name["x"].current)
    assert by_name["x"].low < by_name["x"].difference < by_name["x"].high
    assert sum(c.candidate for c in found.columns) == pytest.approx(1.0)
    assert order.size == 1_500


def test_a_column_that_loses_its_weight_is_shown_to_and_its_rank_is_kept(explain, compared):
    explain()
    z = next(c for c in explained_pair(compared, compared.pairs[0]).columns if c.column == "z")
    assert z.is_steady
    assert z.difference < 0
    assert z.candidate_ranks == (2, 2)


def test_the_strongest_column_is_compared_row_by_row(explain, compared):
    explain()
    found = explained_pair(compared, compared.pairs[0])
    same = found.same_reason
    assert same.denominator == 500
    assert same.value == pytest.approx(same.numerator / 500)
    assert 0.3 < same.value < 0.8


def test_both_models_are_asked_about_the_same_rows_against_the_same_people(explain, compared):
    asked = explain()
    explained_pair(compared, compared.pairs[0])
    assert {(rows, people_) for _, rows, people_, _ in asked} == {(1, 1_500), (500, 1_500)}


def test_fewer_rows_are_explained_where_each_takes_many_answers(explain, compared):
    explain(method=f"{EXACT}, 100 reference rows")
    assert explained_pair(compared, compared.pairs[0]).rows == FEW_EXPLAINED


def test_where_one_model_has_probabilities_only_both_are_explained_in_them(explain, compared):
    explain(only={"a": "probability"})
    assert explained_pair(compared, compared.pairs[0]).space == "probability"
    both = two_explanations(compared, compared.pairs[0], 3)
    assert [e.space for e in both] == ["probability", "probability"]


def test_one_application_is_explained_by_both_models_in_one_space(explain, compared):
    explain()
    row = 7
    now, then = two_explanations(compared, compared.pairs[0], row)
    frame = compared.data.dataset.frame
    assert now.values["x"] == pytest.approx(frame["x"][row] - frame["x"].mean())
    assert then.values["x"] == pytest.approx(3.0 * now.values["x"])
    assert now.row == then.row == row


@pytest.mark.parametrize("row", [-1, 10**6])
def test_a_row_that_was_not_compared_is_refused(compared, row):
    with pytest.raises(InvalidChoice, match="none of the compared applications"):
        two_explanations(compared, compared.pairs[0], row)
