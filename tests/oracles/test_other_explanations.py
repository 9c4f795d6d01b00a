"""Pipelines, networks and ONNX on the real files: brute force over all coalitions, shap, and the lime package."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shap
from lime.lime_tabular import LimeTabularExplainer

from rai_dash.explain._base import LOG_ODDS, PROBABILITY, Reference
from rai_dash.explain.lime_local import explain_lime, prepare_lime
from rai_dash.explain.routing import attribute
from tests.oracles.explained import NATIVE, PIPELINES, TRAINING, mixed_means
from tests.unit.explain.tree_games import brute

pytestmark = [pytest.mark.timeout(400), pytest.mark.usefixtures("one_thread")]

ROUTES = {
    "one-hot forest": "Exact tree kernel, interventional",
    "linear": "Linear model in closed form",
    "network": "Exact over the columns that differ",
    "onnx": "Exact over the columns that differ",
}
#: What float32 leaves: tables of the kernel, and all of ONNX; the others are float64.
WITHIN = {"one-hot forest": 1e-6, "linear": 1e-9, "network": 1e-9, "onnx": 1e-6}


class Codes:
    """Table rows as the float matrix that shap and lime want, and back."""

    def __init__(self, piece):
        self.names, self.words = list(piece.clean), piece.words
        self.values = {c: sorted(piece.clean[c].unique()) for c in piece.words}

    def matrix(self, frame):
        coded = {c: pd.Categorical(frame[c], categories=self.values[c]).codes for c in self.words}
        return frame.assign(**coded).to_numpy(np.float64)

    def frame(self, matrix):
        table = pd.DataFrame(matrix, columns=self.names)
        return table.assign(**{c: np.array(self.values[c])[table[c].astype(int)] for c in self.words})


def answers_of(model, space):
    """Return what the library itself says of table rows in a space."""

    def answers(frame):
        if space == PROBABILITY:
            return model.own.predict_proba(frame)[:, 1]
        if hasattr(model.own, "decision_function"):
            return model.own.decision_function(frame)
        p = model.own.predict_proba(frame)
        return np.log(p[:, 1]) - np.log(p[:, 0])

    return answers


@pytest.mark.parametrize(
    ("kind", "space"),
    [(kind, space) for kind in PIPELINES for space in (LOG_ODDS, PROBABILITY) if kind != "one-hot forest"]
    + [("one-hot forest", PROBABILITY)],
)
def test_values_are_brute_force_over_all_coalitions(kind, space, piece):
    model = piece.model(kind)
    answers = answers_of(model, space)
    rows, background = piece.clean[:2], piece.clean[100:125]

    found, refused = attribute(model.subject, rows, Reference(frame=background), space=space)

    games = [mixed_means(answers, rows[i : i + 1], background) for i in range(len(rows))]
    is_linear = kind == "linear" and space == PROBABILITY
    assert found.methods[0].startswith(ROUTES["network" if is_linear else kind])
    assert not refused
    assert found.exact.all()
    assert found.space == space
    assert found.values == pytest.approx(np.array([brute(g)[0] for g in games]), abs=WITHIN[kind])
    assert found.base == pytest.approx([g[frozenset()] for g in games], abs=WITHIN[kind])
    off = np.abs(found.base + found.values.sum(axis=1) - answers(rows))
    assert off.max() <= 1e-5


# shap compiles its own route for any model first, for ten seconds.
@pytest.mark.slow
@pytest.mark.parametrize("space", [LOG_ODDS, PROBABILITY])
@pytest.mark.parametrize("kind", [*NATIVE, *PIPELINES[1:]])
def test_values_are_those_of_shap_exact_for_any_model(kind, space, piece):
    model, codes = piece.model(kind), Codes(piece)
    rows, background = piece.clean[:10], piece.clean[100:200]

    found, _ = attribute(model.subject, rows, Reference(frame=background), space=space)

    masker = shap.maskers.Independent(codes.matrix(background), max_samples=len(background))
    explainer = shap.explainers.Exact(lambda m: model.subject.output(codes.frame(m), space), masker)
    expected = explainer(codes.matrix(rows))
    assert found.background_rows == len(background)
    # XGBoost and ONNX answer in float32.
    assert found.values == pytest.approx(expected.values, abs=2e-6)


@pytest.mark.parametrize("kind", ["one-hot forest", "linear"])
def test_every_row_adds_up_to_what_the_library_says(kind, piece):
    model = piece.model(kind)
    rows = piece.blanks if kind == "linear" else piece.clean  # the encoder of words takes blanks as a word
    rows = rows[:2_000].fillna(dict.fromkeys(piece.words, "never seen"))

    found, _ = attribute(model.subject, rows, Reference(frame=rows))

    off = np.abs(found.base + found.values.sum(axis=1) - answers_of(model, found.space)(rows))
    assert off.max() <= 1e-5


@pytest.fixture(scope="module")
def lime_package(piece):
    """Return the package's explainer of a file, set up as its authors meant it, and the rows it was given."""
    codes = Codes(piece)
    matrix = codes.matrix(piece.clean[:TRAINING])
    places = [codes.names.index(c) for c in codes.words]
    explainer = LimeTabularExplainer(
        matrix,
        feature_names=codes.names,
        categorical_features=places,
        categorical_names={at: codes.values[c] for at, c in zip(places, codes.words, strict=True)},
        discretize_continuous=True,
        feature_selection="none",
    )
    return explainer, matrix, codes


def lime_itself(package, answers, *, row, seed, samples):
    """Run the package with one seed; weights, intercept, R² and prediction."""
    explainer, matrix, codes = package
    explainer.random_state = explainer.discretizer.random_state = np.random.RandomState(seed)

    def both(samples):
        p = answers(codes.frame(samples))
        return np.column_stack([1 - p, p])

    d = len(codes.names)
    found = explainer.explain_instance(matrix[row], both, num_features=d, num_samples=samples)
    weights = dict(found.local_exp[1])
    return np.array([*(weights[j] for j in range(d)), found.intercept[1], found.score, found.local_pred[0]])


@pytest.mark.parametrize("kind", [*NATIVE, *PIPELINES])
def test_lime_is_the_package_itself_averaged_over_seeds(kind, piece, lime_package):
    model = piece.model(kind)
    near = prepare_lime(piece.clean[:TRAINING], model.subject.native.info.features)

    def answers(frame):
        return model.subject.output(frame, PROBABILITY)

    found = explain_lime(
        model.subject, near, piece.clean[3:4], favourable_index=1, seeds=2, samples=400, seed=5
    )

    theirs = [lime_itself(lime_package, answers, row=3, seed=5 + i, samples=400) for i in range(2)]
    ours = [*found.values.values(), found.intercept, found.r2, found.local_prediction]
    assert ours == pytest.approx(np.mean(theirs, axis=0), abs=1e-9)
    assert list(found.sd.values()) == pytest.approx(np.std(theirs, axis=0, ddof=1)[:-3], abs=1e-9)
