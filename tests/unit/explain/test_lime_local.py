from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lime.lime_tabular import LimeTabularExplainer
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from rai_dash.core.errors import InvalidChoice
from rai_dash.explain.lime_local import explain_lime, prepare_lime

WORDS = {"job": ["clerk", "driver", "none", "nurse"], "home": ["own", "rent"]}


@pytest.fixture(
    scope="module", params=[LogisticRegression(), RandomForestClassifier(10, random_state=0)], ids=str
)
def subject(request, loans, wrap):
    frame, label = loans
    prepare = ColumnTransformer(
        [
            ("n", StandardScaler(), ["age", "income", "debt"]),
            ("c", OneHotEncoder(handle_unknown="ignore"), ["job", "home"]),
        ]
    )
    return wrap(make_pipeline(prepare, request.param).fit(frame, label), frame)


def lime_itself(subject, frame, row, *, seed, samples):
    """Run the package as its authors meant it, one seed."""
    codes = frame.assign(**{c: pd.Categorical(frame[c], categories=v).codes for c, v in WORDS.items()})
    matrix = codes.to_numpy(dtype=float)
    explainer = LimeTabularExplainer(
        matrix,
        feature_names=list(frame.columns),
        categorical_features=[3, 4],
        categorical_names={3: WORDS["job"], 4: WORDS["home"]},
        discretize_continuous=True,
        feature_selection="none",
        random_state=seed,
    )

    def predict(samples):
        table = pd.DataFrame(samples, columns=frame.columns)
        for c, values in WORDS.items():
            table[c] = np.array(values)[table[c].astype(int)]
        p = subject.output(table, "probability")
        return np.column_stack([1 - p, p])

    found = explainer.explain_instance(matrix[row], predict, num_features=5, num_samples=samples)
    weights = dict(found.local_exp[1])
    rules = [text for _, text in sorted(zip(weights, (t for t, _ in found.as_list()), strict=True))]
    return (
        np.array([weights[j] for j in range(5)]),
        found.intercept[1],
        found.score,
        found.local_pred[0],
        rules,
    )


@pytest.mark.parametrize("row", [0, 7])
def test_it_is_lime_itself_averaged_over_seeds(subject, loans, row):
    frame, _ = loans
    near = prepare_lime(frame, subject.native.info.features)

    found = explain_lime(subject, near, frame.iloc[[row]], favourable_index=1, seeds=3, samples=400, seed=11)

    weights, intercepts, r2, predictions, _ = zip(
        *(lime_itself(subject, frame, row, seed=11 + i, samples=400) for i in range(3)), strict=True
    )
    assert list(found.values.values()) == pytest.approx(np.mean(weights, axis=0), abs=1e-9)
    assert list(found.sd.values()) == pytest.approx(np.std(weights, axis=0, ddof=1), abs=1e-9)
    assert found.intercept == pytest.approx(np.mean(intercepts), abs=1e-9)
    assert found.r2 == pytest.approx(np.mean(r2), abs=1e-9)
    assert found.r2_low == pytest.approx(np.min(r2), abs=1e-9)
    assert found.local_prediction == pytest.approx(np.mean(predictions), abs=1e-9)
    assert found.model_prediction == pytest.approx(
        subject.output(frame.iloc[[row]], "probability")[0], abs=1e-12
    )
    assert found.distance == abs(found.local_prediction - found.model_prediction)


def test_the_refusal_is_the_mirror_image_of_the_approval(subject, loans):
    frame, _ = loans
    near = prepare_lime(frame, subject.native.info.features)

    one, other = (
        explain_lime(subject, near, frame.iloc[:1], favourable_index=i, seeds=2, samples=300) for i in (1, 0)
    )

    assert list(other.values.values()) == pytest.approx([-v for v in one.values.values()], abs=1e-12)
    assert other.model_prediction == pytest.approx(1 - one.model_prediction)
    assert other.r2 == pytest.approx(one.r2)


def test_a_result_does_not_depend_on_what_was_explained_before(subject, loans):
    frame, _ = loans
    near = prepare_lime(frame, subject.native.info.features)
    first = explain_lime(subject, near, frame.iloc[:1], favourable_index=1, seeds=2, samples=300)
    explain_lime(subject, near, frame.iloc[5:6], favourable_index=1, seeds=2, samples=300)

    again = explain_lime(subject, near, frame.iloc[:1], favourable_index=1, seeds=2, samples=300)

    assert again == first


def test_all_samples_of_all_seeds_go_through_one_call(loans, wrap_formula):
    frame, _ = loans
    asked = []

    def count(rows):
        asked.append(len(rows))
        return rows["age"].to_numpy() / 100

    subject = wrap_formula(count, frame)
    explain_lime(
        subject,
        prepare_lime(frame, subject.native.info.features),
        frame.iloc[:1],
        favourable_index=1,
        samples=200,
    )

    assert asked == [5 * 200 + 1]


def formula_result(wrap_formula, frame, row, function, **options):
    subject = wrap_formula(function, frame)
    near = prepare_lime(frame, subject.native.info.features)
    return explain_lime(subject, near, row, favourable_index=1, seeds=2, samples=500, **options)


def test_rules_name_the_applicants_own_bin(wrap_formula):
    frame = pd.DataFrame(
        {"age": np.arange(20.0, 60.0), "gain": [0.0] * 38 + [5.5, 9.0], "home": ["own", "rent"] * 20}
    )
    row = pd.DataFrame({"age": [59.0], "gain": [0.0], "home": ["rent"]})

    found = formula_result(wrap_formula, frame, row, lambda f: f["age"].to_numpy() / 100)

    assert found.rules == {"age": "age > 49.25", "gain": "gain ≤ 0", "home": "home = rent"}
    middle = formula_result(wrap_formula, frame, row.assign(age=35.0), lambda f: f["age"].to_numpy() / 100)
    assert middle.rules["age"] == "29.75 < age ≤ 39.5"


def test_centred_weights_are_relative_to_the_average_person(wrap_formula):
    frame = pd.DataFrame({"home": ["own"] * 90 + ["rent"] * 10, "age": np.arange(100.0)})

    found = formula_result(
        wrap_formula, frame, frame.iloc[:1], lambda f: (f["home"] == "own").to_numpy() * 0.5
    )

    assert found.bin_shares["home"] == pytest.approx(0.9)
    assert found.bin_shares["age"] == pytest.approx(0.25)
    assert found.centred["home"] == pytest.approx(found.values["home"] * 0.1)
    assert found.values["home"] == pytest.approx(0.5, abs=0.02)
    # The exact Shapley value of this model is 0.5 - 0.45.
    assert found.centred["home"] == pytest.approx(0.05, abs=0.002)


def test_a_line_that_explains_little_is_warned_about(wrap_formula):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 3)), columns=["a", "b", "c"])

    found = formula_result(
        wrap_formula, frame, frame.iloc[:1], lambda f: (np.sin(40 * f["a"].to_numpy()) > 0) * 1.0
    )

    assert found.r2 < 0.5
    assert found.notices[0].code == "lime_poor_fit"


def test_a_constant_model_has_no_weights_and_no_warning(wrap_formula, loans):
    frame, _ = loans

    found = formula_result(wrap_formula, frame, frame.iloc[:1], lambda f: np.full(len(f), 0.25))

    assert list(found.values.values()) == pytest.approx([0.0] * 5, abs=1e-12)
    assert found.r2 == 1.0
    assert found.notices == ()


def test_missing_numbers_are_filled_with_the_median_and_said(wrap_formula):
    frame = pd.DataFrame({"age": [20.0, 30.0, 40.0, np.nan], "debt": [1.0, 2.0, 3.0, 4.0]})
    row = pd.DataFrame({"age": [np.nan], "debt": [2.0]})

    found = formula_result(wrap_formula, frame, row, lambda f: f["age"].fillna(90).to_numpy() / 100)

    assert [n.code for n in found.notices if n.code != "lime_poor_fit"] == ["lime_filled", "lime_row_filled"]
    assert found.rules["age"] == "age is missing (median 30 used)"
    assert found.model_prediction == 0.9  # of the row as it is, not as it was filled


def test_a_missing_category_is_a_category_of_its_own(wrap_formula):
    frame = pd.DataFrame({"job": ["clerk", None, "nurse", None] * 10, "age": np.arange(40.0)})

    found = formula_result(
        wrap_formula, frame, frame.iloc[1:2], lambda f: f["job"].isna().to_numpy() * 0.4 + 0.1
    )

    assert found.rules["job"] == "job is missing"
    assert found.bin_shares["job"] == 0.5
    assert found.values["job"] == pytest.approx(0.4, abs=0.02)
    assert found.notices == ()


def test_a_category_that_the_reference_rows_do_not_have_is_said_to_be_unseen(wrap_formula, loans):
    frame, _ = loans
    row = frame.iloc[:1].assign(job="pilot")
    seen = []

    def remember(rows):
        seen.extend(rows["job"])
        return np.full(len(rows), 0.5)

    found = formula_result(wrap_formula, frame, row, remember)

    assert found.rules["job"] == "job = pilot"
    assert found.bin_shares["job"] == 0.0
    assert [n.code for n in found.notices] == ["lime_unseen"]
    assert seen.count("pilot") == 3  # the first sample of each seed, and the row itself


@pytest.mark.parametrize(
    "column",
    [[1, 2, 2, 3] * 10, [True, False] * 20, [1.5, np.nan] * 20, pd.Categorical(["x", "y"] * 20)],
    ids=["codes", "flags", "blanks", "categorical"],
)
def test_categories_come_back_as_the_values_they_were(column, wrap):
    from rai_dash.core.types import Feature

    frame = pd.DataFrame({"code": column, "age": np.arange(40.0)})
    near = prepare_lime(frame, [Feature("code", "category"), Feature("age")])
    row = frame.iloc[:1]

    _, matrix = near.draw(near.encode(row), seed=0, samples=200)
    table = near.decode(matrix, row)

    assert set(table["code"].dropna()) == set(pd.Series(column).dropna())
    assert table["code"].isna().any() == pd.Series(column).isna().any()


def test_an_always_missing_column_has_no_weight(wrap_formula):
    frame = pd.DataFrame({"gone": [np.nan] * 40, "age": np.arange(40.0)})

    found = formula_result(wrap_formula, frame, frame.iloc[:1], lambda f: f["age"].to_numpy() / 100)

    assert found.centred["gone"] == 0.0
    assert found.rules["gone"] == "gone is missing"


@pytest.mark.parametrize("options", [{"seeds": 1}, {"samples": 10}])
def test_too_few_draws_are_refused(options, wrap_formula, loans):
    frame, _ = loans
    subject = wrap_formula(lambda f: f["age"].to_numpy() / 100, frame)
    near = prepare_lime(frame, subject.native.info.features)

    with pytest.raises(InvalidChoice, match="at least 2 seeds of 100 samples"):
        explain_lime(subject, near, frame.iloc[:1], favourable_index=1, **options)
