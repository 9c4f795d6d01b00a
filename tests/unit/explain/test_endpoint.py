"""Explanations of a model behind an address: the same values as from its file, within what may be asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from rai_dash.core.errors import UnsupportedModel
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Feature, ModelInfo
from rai_dash.explain._base import Reference, Subject
from rai_dash.explain.client import lime_values, score_of, shap_matrix, shap_values
from rai_dash.explain.routing import attribute
from rai_dash.explain.sparing import rows_each
from rai_dash.models.client import load_model
from tests.tls import Authority
from tests.unit.models.endpoint_service import (
    NUMBERS,
    PURPOSE,
    WEIGHTS,
    applications,
    lists,
    log_odds,
    mlflow,
    oip,
    prepare,
    serving,
    sigmoid,
)

ROWS, REFERENCE = applications(3, seed=1), applications(40, seed=2)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def remote(authority, monkeypatch):
    """Open the model behind its address; ``more`` goes into the operator's list."""
    prepare(monkeypatch)
    with serving(authority) as service:

        def opened(protocol=mlflow, **more):
            endpoint = protocol(service, authority, **more)
            lists(monkeypatch, endpoint)
            return load_model(endpoint["url"])

        opened.service = service
        yield opened
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def file():
    """The same function as a scikit-learn file."""
    frame = applications(300, seed=3)
    label = np.where(frame["income"] > 22_000, "good", "bad")
    frame[list(NUMBERS)] = (frame[list(NUMBERS)] - frame[list(NUMBERS)].mean()) / frame[list(NUMBERS)].std()
    encoded = make_column_transformer(
        ("passthrough", list(NUMBERS)), (OneHotEncoder(categories=[list(PURPOSE)]), ["purpose"])
    )
    model = make_pipeline(encoded, LogisticRegression())
    model.fit(frame[[*NUMBERS, "purpose"]], label)
    model[-1].coef_ = np.array([[*WEIGHTS, *PURPOSE.values()]])
    model[-1].intercept_ = np.zeros(1)
    with load_model(skops.io.dumps(model), model_class="good") as found:
        yield found


@pytest.mark.parametrize("protocol", [oip, mlflow])
def test_shapley_values_are_the_exact_ones(remote, protocol):
    """Of a sum, they are each term less its mean over the reference rows."""
    found = shap_values(remote(protocol), ROWS, REFERENCE, row_ids=[5, 6, 7])

    for i, one in enumerate(found):
        terms = {n: w * (ROWS[n][i] - REFERENCE[n].mean()) for n, w in zip(NUMBERS, WEIGHTS, strict=True)}
        purpose = PURPOSE[ROWS["purpose"][i]] - REFERENCE["purpose"].map(PURPOSE).mean()
        np.testing.assert_allclose(list(one.values.values()), [*terms.values(), purpose], rtol=0, atol=1e-12)
        assert (one.row, one.space, one.exact, one.background_rows) == (i + 5, "log-odds", True, 40)
        assert one.output == pytest.approx(log_odds(ROWS)[i], abs=1e-12)
        assert one.method == "Exact over the columns that differ, any model, against 40 reference rows"


def test_the_other_class_turns_the_sign(remote):
    good = shap_values(remote(), ROWS, REFERENCE, row_ids=[0, 1, 2])
    bad = shap_values(remote(favourable="bad"), ROWS, REFERENCE, row_ids=[0, 1, 2])
    for one, other in zip(good, bad, strict=True):
        np.testing.assert_allclose(list(one.values.values()), [-v for v in other.values.values()], atol=1e-12)


def test_lime_draws_and_fits_as_it_does_for_the_file(remote, file):
    """The same draws, so the same lines."""
    remote.service.is_whole = False
    inputs = [*NUMBERS, {"name": "purpose", "type": "text"}]
    here = lime_values(remote(inputs=inputs), ROWS[:1], REFERENCE, samples=400)
    there = lime_values(file, ROWS[:1], REFERENCE, samples=400)

    assert here.values == pytest.approx(there.values, abs=1e-9)
    assert here.model_prediction == pytest.approx(there.model_prediction, abs=1e-12)
    assert here.notices == there.notices


def test_lime_rounds_where_the_model_takes_whole_numbers_and_says_so(remote):
    model = remote()
    found = lime_values(model, ROWS[:1], REFERENCE, samples=400)

    assert "only in `amount`, `term`" in next(n.message for n in found.notices if n.code == "lime_rounded")
    amounts = [row[1] for row in remote.service.asked[-1]["dataframe_split"]["data"]]
    assert all(type(v) is int for v in amounts)


def test_the_matrix_of_many_rows_is_that_of_each(remote):
    model = remote()
    table = shap_matrix(model, ROWS, REFERENCE)
    each = shap_values(model, ROWS, REFERENCE, row_ids=[0, 1, 2])
    np.testing.assert_allclose(table.values, [list(e.values.values()) for e in each], rtol=0, atol=1e-14)


def test_fewer_rows_to_ask_are_fewer_reference_rows_and_said(remote):
    model = remote(most_rows=2_000)
    found = shap_matrix(model, applications(9, seed=4), REFERENCE)

    # 16 mixed rows a reference row, and what is left goes round by nine applicants.
    assert found.background_rows == (2_000 - 4) // 9 // 16 == 13
    assert remote.service.rows <= 2_000


def test_too_few_rows_to_ask_are_a_refusal_before_any_is(remote):
    model = remote(most_rows=1_000)
    before = remote.service.rows
    with pytest.raises(
        UnsupportedModel, match=r"Explaining 9 rows .* takes up to 160 rows each, and only 110 each"
    ):
        shap_matrix(model, applications(9, seed=4), REFERENCE)
    with pytest.raises(UnsupportedModel, match="LIME asks at least 2,500 rows"):
        lime_values(model, ROWS[:1], REFERENCE)
    assert remote.service.rows == before


def test_lime_draws_fewer_where_less_may_be_asked(remote):
    assert lime_values(remote(explain_rows=3_001), ROWS[:1], REFERENCE).samples == 600


def test_trees_branches_need_the_file(remote):
    with pytest.raises(UnsupportedModel, match="tree ensembles only"):
        shap_values(remote(), ROWS, REFERENCE, row_ids=[0, 1, 2], perturbation="path-dependent")


def test_a_probability_of_one_is_explained_in_probability(remote):
    remote.service.bias = 60.0
    found = shap_values(remote(), ROWS, REFERENCE, row_ids=[0, 1, 2])[0]

    assert (found.space, found.output) == ("probability", 1.0)
    assert [n.code for n in found.notices] == ["route_refused"]


def test_what_only_asks_for_scores_asks_this_model_too(remote):
    model = remote()
    assert score_of(model)(REFERENCE).tolist() == sigmoid(log_odds(REFERENCE)).tolist()


# --- the drawn coalitions ---


class Counted:
    """A model of twelve numbers that counts the rows it is asked."""

    native = None
    info = ModelInfo(
        format="endpoint", family="", fingerprint="", features=tuple(Feature(f"x{i}") for i in range(12))
    )

    def __init__(self):
        self.rows = 0

    def probability(self, frame):
        self.rows += len(frame)
        return sigmoid(frame.to_numpy() @ np.linspace(-1, 1, 12))

    def margin(self, frame):
        p = self.probability(frame)
        return np.log(p / (1 - p))


@pytest.mark.parametrize("most", [None, 12 * 1_050])
def test_coalitions_are_drawn_where_all_of_them_would_be_too_many_rows(most):
    rng = np.random.default_rng(0)
    rows, reference = (
        pd.DataFrame(rng.normal(size=(n, 12)), columns=Counted.info.feature_names) for n in (1, 12)
    )
    native = Counted()
    found, _ = attribute(Subject(native, (), most), rows, Reference(frame=reference))

    truth = np.linspace(-1, 1, 12) * (rows.to_numpy()[0] - reference.to_numpy().mean(axis=0))
    np.testing.assert_allclose(found.values[0], truth, atol=1e-9)  # of a sum, the drawn ones are exact, too
    assert bool(found.exact[0]) is (most is None)
    assert native.rows - 1 == 12 * (2**12 if most is None else rows_each(12))
