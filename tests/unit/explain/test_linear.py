from __future__ import annotations

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler


def pipeline(*, drop=None, rare=None):
    one_hot = OneHotEncoder(
        drop=drop, handle_unknown="ignore" if drop is None else "error", min_frequency=rare
    )
    prepare = ColumnTransformer(
        [
            ("words", make_pipeline(SimpleImputer(strategy="most_frequent"), one_hot), ["home", "job"]),
            ("numbers", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), ["debt", "age"]),
        ],
        remainder="passthrough",
    )
    return make_pipeline(prepare, LogisticRegression(max_iter=300))


@pytest.fixture(scope="module")
def blanks(loans):
    frame, label = loans
    frame = frame.assign(debt=frame["debt"].mask(frame["debt"] == 0), income=frame["income"] / 10_000)
    return frame.assign(job=frame["job"].mask(frame["job"] == "none")), label


@pytest.mark.parametrize("options", [{}, {"drop": "first"}, {"drop": "if_binary"}, {"rare": 150}], ids=str)
def test_original_columns_get_what_brute_force_gives_them(options, blanks, wrap, explain, oracle):
    frame, label = blanks
    subject = wrap(pipeline(**options).fit(frame, label), frame)

    found = explain(subject, frame.iloc[:2], frame.iloc[20:40])

    for i in range(2):
        base, phi = oracle(subject, frame.iloc[i : i + 1], frame.iloc[20:40], "log-odds")
        assert found.base[i] == pytest.approx(base, abs=1e-9)
        assert found.values[i] == pytest.approx(phi, abs=1e-9)
    assert found.methods[0] == "Linear model in closed form, against 20 reference rows"


def test_prepared_columns_are_those_of_shap(loans, wrap, explain):
    import shap

    frame, label = loans
    numbers = frame[["age", "income", "debt"]]
    scaler, model = StandardScaler(), LogisticRegression()
    model.fit(scaler.fit_transform(numbers), label)
    prepared = scaler.transform(numbers)

    found = explain(wrap(make_pipeline(scaler, model), numbers), numbers.iloc[:5], numbers)

    masker = shap.maskers.Independent(prepared, max_samples=len(prepared))
    assert found.values == pytest.approx(
        shap.LinearExplainer(model, masker).shap_values(prepared[:5]), abs=1e-9
    )
    assert found.background_rows == 400


def test_a_bare_linear_model_needs_no_pipeline(loans, wrap, explain):
    frame, label = loans
    numbers = frame[["age"]].astype(float)
    model = LogisticRegression().fit(numbers, label)

    found = explain(wrap(model, numbers), numbers.iloc[:1], numbers)

    assert found.values[0, 0] == pytest.approx(
        model.coef_[0, 0] * (numbers.iloc[0, 0] - numbers["age"].mean())
    )


def test_a_column_that_the_preparation_drops_gets_nothing(loans, wrap, explain):
    frame, label = loans
    prepare = ColumnTransformer([("n", StandardScaler(), ["age"])])
    subject = wrap(make_pipeline(prepare, LogisticRegression()).fit(frame, label), frame)

    found = explain(subject, frame.iloc[:1], frame)

    assert found.values[0, 1:].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("mixing", [PCA(2), PolynomialFeatures(2)], ids=str)
def test_a_preparation_that_mixes_columns_is_left_to_the_route_for_any_model(
    mixing, loans, wrap, explain, oracle
):
    frame, label = loans
    numbers = frame[["age", "income", "debt"]] / 1_000
    subject = wrap(make_pipeline(mixing, LogisticRegression(max_iter=5_000)).fit(numbers, label), numbers)

    found = explain(subject, numbers.iloc[:1], numbers.iloc[20:40])

    _, phi = oracle(subject, numbers.iloc[:1], numbers.iloc[20:40], "log-odds")
    assert found.methods[0].startswith("Exact over the columns that differ")
    assert found.values[0] == pytest.approx(phi, abs=1e-9)


def test_a_calibrated_model_is_not_taken_for_a_linear_one(loans, wrap, explain):
    frame, label = loans
    numbers = frame[["age", "debt"]]
    model = CalibratedClassifierCV(LogisticRegression(), cv=2).fit(numbers, label)

    found = explain(wrap(model, numbers), numbers.iloc[:1], numbers.iloc[20:40])

    assert found.methods[0].startswith("Exact over the columns that differ")


def test_probability_of_a_linear_model_is_the_exact_one(loans, wrap, explain, oracle):
    frame, label = loans
    numbers = frame[["age", "debt"]]
    subject = wrap(LogisticRegression(max_iter=300).fit(numbers, label), numbers)

    found = explain(subject, numbers.iloc[:1], numbers.iloc[20:40], space="probability")

    _, phi = oracle(subject, numbers.iloc[:1], numbers.iloc[20:40], "probability")
    assert found.space == "probability"
    assert found.values[0] == pytest.approx(phi, abs=1e-9)
