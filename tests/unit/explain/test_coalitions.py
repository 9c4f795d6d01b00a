from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from rai_dash.explain import coalitions
from rai_dash.explain._base import Reference
from rai_dash.explain.routing import silent


def route(subject, rows, background, *, space="probability", limit=None, seed=0):
    return coalitions.build(subject, Reference(frame=background, limit=limit, seed=seed), space)(rows, silent)


@pytest.fixture(scope="module")
def network(loans, wrap):
    frame, label = loans
    prepare = ColumnTransformer(
        [("n", StandardScaler(), ["age", "income", "debt"]), ("c", OneHotEncoder(), ["job", "home"])]
    )
    model = make_pipeline(prepare, MLPClassifier((6,), random_state=0, tol=1e-2, max_iter=300))
    return wrap(model.fit(frame, label), frame)


@pytest.mark.parametrize("space", ["probability", "log-odds"])
def test_it_is_the_brute_force_over_all_coalitions(network, loans, oracle, space):
    frame, _ = loans
    rows, background = frame.iloc[:2], frame.iloc[20:30]

    found = route(network, rows, background, space=space)

    for i in range(2):
        base, phi = oracle(network, rows.iloc[i : i + 1], background, space)
        assert found.base[i] == pytest.approx(base, abs=1e-9)
        assert found.values[i] == pytest.approx(phi, abs=1e-9)
    assert found.exact.all()
    assert found.additivity_error.max() < 1e-9


def test_a_network_takes_this_route_and_says_how_many_reference_rows_it_used(network, loans, explain):
    frame, _ = loans

    found = explain(network, frame.iloc[:1], frame)

    assert found.methods[0] == "Exact over the columns that differ, any model, against 100 reference rows"
    assert found.background_rows == 100
    assert found.space == "log-odds"


def test_blank_equals_blank(wrap_formula):
    frame = pd.DataFrame({"a": [np.nan, np.nan, 1.0], "b": ["x", None, "y"]})
    asked = []

    def count(rows):
        asked.append(len(rows))
        return rows["a"].fillna(0.3).to_numpy() / 2

    found = route(wrap_formula(count, frame), frame.iloc[:1], frame.iloc[[1]])

    assert asked == [2, 1]  # the two mixes of column b, then the row itself
    assert found.values.tolist() == [[0.0, 0.0]]


def test_a_reference_row_equal_to_the_applicant_adds_nothing(network, loans):
    frame, _ = loans

    found = route(network, frame.iloc[:1], frame.iloc[[0, 0]])

    assert found.values.tolist() == [[0.0] * 5]
    assert found.base[0] == found.output[0]


def test_duplicated_reference_rows_and_their_order_change_nothing(network, loans):
    frame, _ = loans
    background = frame.iloc[10:20]

    once = route(network, frame.iloc[:1], background)
    twice = route(network, frame.iloc[:1], pd.concat([background.iloc[::-1], background]))

    assert twice.values == pytest.approx(once.values, abs=1e-12)


def test_without_log_odds_it_answers_in_probability(loans, wrap_formula, explain):
    frame, _ = loans

    found = explain(wrap_formula(lambda f: f["age"].to_numpy() / 100, frame), frame.iloc[:1], frame)

    assert found.space == "probability"
    assert found.values[0, 0] == pytest.approx(found.output[0] - found.base[0])
    assert found.values[0, 1:].tolist() == [0, 0, 0, 0]


def test_calls_of_bounded_size_give_the_same_values(network, loans, monkeypatch):
    frame, _ = loans
    whole = route(network, frame.iloc[:1], frame, limit=20)
    monkeypatch.setattr(coalitions, "CALL_ROWS", 37)

    parts = route(network, frame.iloc[:1], frame, limit=20)

    assert parts.values == pytest.approx(whole.values, abs=1e-12)


def test_progress_counts_applicants(network, loans):
    frame, _ = loans
    heard = []

    coalitions.build(network, Reference(frame=frame, limit=3), "probability")(
        frame.iloc[:2], lambda *message: heard.append(message)
    )

    assert heard == [(1, 2, "rows explained"), (2, 2, "rows explained")]


@pytest.fixture(scope="module")
def wide(wrap_formula):
    """Eighteen continuous columns: a sum of products of three, whose Shapley values are known.

    (Products of two would be too easy: pairs of complements get those without any error.)
    """
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(60, 18)), columns=[f"c{j:02d}" for j in range(18)])

    def products(rows):
        x = rows.to_numpy()
        return (x[:, 0::3] * x[:, 1::3] * x[:, 2::3]).sum(axis=1) / 10

    return wrap_formula(products, frame), frame


def product_values(x, background):
    """Shapley values of a*b*c against (u, v, w): a gets (a - u) (vw/3 + bw/6 + vc/6 + bc/3), and so on."""
    phi = np.empty(x.size)
    for j in range(x.size):
        first = 3 * (j // 3)
        p, q = (first + (j + 1) % 3, first + (j + 2) % 3)
        b, c, v, w = x[p], x[q], background[:, p], background[:, q]
        phi[j] = ((x[j] - background[:, j]) * (v * w / 3 + b * w / 6 + v * c / 6 + b * c / 3)).mean()
    return phi / 10


def test_too_many_differing_columns_are_estimated_and_never_called_exact(wide):
    subject, frame = wide

    found = route(subject, frame.iloc[:1], frame.iloc[1:])

    truth = product_values(frame.iloc[0].to_numpy(), frame.iloc[1:].to_numpy())
    error = found.values[0] - truth
    assert not found.exact.any()
    assert "Estimated" in found.methods[0]
    assert "xact" not in found.methods[0]
    assert np.sqrt((error**2).mean()) < 0.02
    # The printed standard error is of the size of the true one.
    assert 0.4 < np.sqrt((error**2).mean()) / np.sqrt((found.errors[0] ** 2).mean()) < 2.5
    assert found.additivity_error[0] < 1e-12


def test_rows_that_need_no_estimate_are_called_exact_beside_one_that_does(wide):
    subject, frame = wide
    near = frame.iloc[[0]].assign(c00=9.0)  # differs from the only reference row in one column

    found = route(subject, pd.concat([near, frame.iloc[[1]]]), frame.iloc[[0]])

    assert found.exact.tolist() == [True, False]
    assert [m.split()[0] for m in found.methods] == ["Exact", "Estimated"]


def test_the_estimate_of_an_additive_model_is_exact(wrap_formula):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(30, 18)), columns=[f"c{j}" for j in range(18)])
    weights = rng.normal(size=18)
    subject = wrap_formula(lambda f: f.to_numpy() @ weights, frame)

    found = route(subject, frame.iloc[:1], frame.iloc[1:])

    assert found.values[0] == pytest.approx(
        (frame.iloc[0] - frame.iloc[1:].mean()).to_numpy() * weights, abs=1e-9
    )
    assert found.errors.max() < 1e-9


def test_a_seed_gives_the_same_estimate_again_whatever_rows_come_with_it(wide):
    subject, frame = wide

    alone = route(subject, frame.iloc[[3]], frame, limit=10)
    together = route(subject, frame.iloc[[5, 3]], frame, limit=10)

    assert together.values[1] == pytest.approx(alone.values[0], abs=1e-12)


def test_more_reference_rows_than_the_route_can_hold_are_cut_and_the_number_is_said(wrap_formula):
    frame = pd.DataFrame({"a": np.arange(3_000.0)})
    subject = wrap_formula(lambda f: f["a"].to_numpy() / 3_000, frame)

    found = route(subject, frame.iloc[:1], frame, limit=2_500)

    assert found.background_rows == 1_000
    assert found.base[0] == pytest.approx(0.5, abs=1e-3)
