"""Exact tree explanations on the real files: shap with a true background, the libraries, mixed rows, brute force."""

from __future__ import annotations

import numpy as np
import pytest
import shap

from rai_dash.explain import coalitions
from rai_dash.explain._base import PATH_DEPENDENT, Reference
from rai_dash.explain._ensemble import Ensemble
from rai_dash.explain.routing import attribute, silent
from rai_dash.explain.trees.kernel import TreeKernel
from tests.oracles.explained import BLANKS, NATIVE, NUMERIC, dmatrix, mixed_means
from tests.unit.explain.tree_games import brute, worth

# The tree kernel is compiled by the first test where it was not yet.
pytestmark = [pytest.mark.timeout(400), pytest.mark.usefixtures("one_thread")]

#: Reference rows that shap is given, all of which it has to use.
BACKGROUND = {"census": 50, "german": 100, "boston": 150, "taiwan": 200}
#: A table with blanks has splits on numbers too: without blanks the same models are slow tests.
TREES = [
    *(pytest.param(k, marks=[pytest.mark.slow] if f"{k}, blanks" in BLANKS else []) for k in NUMERIC),
    *BLANKS,
]


def assert_same(values, expected, within=1e-6):
    """Compare relative to the size of a row's values, where that is more than 1."""
    size = np.maximum(1.0, np.abs(expected).sum(axis=1, keepdims=True))
    assert (np.abs(values - expected) / size).max() <= within


def by_kernel(model, rows, background, perturbation="interventional"):
    """Explain rows by the route that the product takes: the kernel, which adds up on each row.

    What it adds up to is the library's own answer in float64; of XGBoost, which sums in float32, the sum of the leaves.
    """
    found, refused = attribute(model.subject, rows, Reference(frame=background), perturbation=perturbation)
    assert found.methods[0].startswith(f"Exact tree kernel, {perturbation}")
    assert not refused
    off = np.abs(found.base + found.values.sum(axis=1) - model.answers(rows))
    assert off.max() <= 1e-5
    return found


def one_class(base, values):
    """Return what shap says of class 1."""
    return np.ravel(base)[-1], values[..., 1] if np.ndim(values) == 3 else values


def readable(kind, model, frame, n):
    """Find the first n rows that shap can send where the model does, and the numbers that it needs for it.

    shap compares numbers with thresholds as float64 in one place and as float32 in another. One step of float32 up or
    down brings all but a few rows to the model's side in both.
    """
    ensemble = shap.TreeExplainer(model.own).model
    exact = frame.to_numpy(np.float64)
    narrow = exact.astype(np.float32)
    seen = exact if kind.startswith(("lightgbm", "histogram")) else narrow
    out, is_right = exact.copy(), np.ones(len(frame), bool)
    for j in range(exact.shape[1]):
        t = ensemble.thresholds[ensemble.features == j].clip(-1e38, 1e38)
        sides = seen[:, j, None] <= t
        tries = [narrow[:, j], *(np.nextafter(narrow[:, j], np.float32(side)) for side in (-np.inf, np.inf))]
        fits = [
            ((x[:, None] <= t) == sides).all(axis=1)
            & ((x[:, None] <= t.astype(np.float32)) == sides).all(axis=1)
            for x in map(np.float64, tries)
        ]
        is_right &= np.any(fits, axis=0)
        out[:, j] = np.choose(np.argmax(fits, axis=0), tries)
    places = np.flatnonzero(is_right)[:n]
    assert len(places) == n
    return places, out[places]


@pytest.mark.parametrize("kind", TREES)
def test_values_are_those_of_shap_with_all_the_reference_rows(kind, piece):
    model, n = piece.model(kind), BACKGROUND[piece.name]
    rows, pool = model.frame[:300], model.frame[300:800]
    places, their_rows = readable(kind, model, rows, 20)
    theirs, their_background = readable(kind, model, pool, n)

    found = by_kernel(model, rows, pool.iloc[theirs])

    masker = shap.maskers.Independent(their_background, max_samples=n)
    explainer = shap.TreeExplainer(model.own, data=masker)
    values = explainer.shap_values(their_rows, check_additivity=False)
    base, expected = one_class(explainer.expected_value, values)
    assert found.background_rows == n
    assert found.values[places] == pytest.approx(expected, abs=1e-6)
    assert found.base == pytest.approx(base, abs=1e-6)


def contributions(kind, piece, model, rows):
    """Return path-dependent values and base of class 1 by the library itself, or by shap where it has none."""
    if kind.startswith("xgboost"):
        own = model.own.predict(dmatrix(piece.coded(rows)), pred_contribs=True)
    elif kind.startswith("lightgbm"):
        own = model.own.predict(piece.coded(rows), pred_contrib=True)
    else:
        explainer = shap.TreeExplainer(model.own, feature_perturbation="tree_path_dependent")
        values = explainer.shap_values(rows.to_numpy(np.float64), check_additivity=False)
        base, values = one_class(explainer.expected_value, values)
        return values, base
    return own[:, :-1], own[:, -1]


# shap cannot read the categories of histogram boosting: brute force stands for it below.
@pytest.mark.parametrize("kind", [*TREES, *NATIVE[:2]])
def test_values_by_cover_are_the_librarys_own_or_those_of_shap(kind, piece):
    model = piece.model(kind)
    rows = model.frame[:200]

    found = by_kernel(model, rows, rows, PATH_DEPENDENT)

    values, base = contributions(kind, piece, model, rows)
    assert_same(found.values, values)
    assert found.base == pytest.approx(base, abs=2e-6)


@pytest.mark.parametrize("kind", NATIVE)
def test_native_categories_are_as_all_mixed_rows_of_the_model(kind, piece):
    model = piece.model(kind)
    rows, background = model.frame[:300], model.frame[400:430]

    found = by_kernel(model, rows, background)

    mixed = coalitions.build(model.subject, Reference(frame=background), "log-odds")(rows[:8], silent)
    assert mixed.exact.all()
    # Sums of XGBoost are float32, so mixed rows are good to about 1e-6 of the margin's size.
    assert_same(found.values[:8], mixed.values)
    assert found.base[:8] == pytest.approx(mixed.base, abs=2e-6)


def parts_of(model):
    """Return the trees as they are read, the way from table rows to what they take, and its players."""
    ensemble = Ensemble.read(model.subject, model.frame[:50])
    return ensemble.trees, ensemble.composed.prepare, ensemble.players


@pytest.mark.parametrize("kind", ["gradient boosting", *BLANKS, *NATIVE])
def test_small_models_are_as_brute_force_over_all_coalitions_to_nine_digits(kind, piece):
    model = piece.model(kind, trees=6, depth=3)
    rows, background = model.frame[:2], model.frame[100:115]
    trees, prepare, players = parts_of(model)

    found = TreeKernel.interventional(trees, prepare(background), players=players, table_type=np.float64)
    by_cover = TreeKernel.path_dependent(trees, players=players, table_type=np.float64)

    matrix = prepare(rows)
    for i in range(len(rows)):
        game = mixed_means(model.answers, rows[i : i + 1], background)
        assert found.base == pytest.approx(game[frozenset()], abs=1e-9)
        assert found.values(matrix[i : i + 1])[0] == pytest.approx(brute(game)[0], abs=1e-9)
    covered = worth(trees, matrix[0], players)
    assert by_cover.base == pytest.approx(covered[frozenset()], abs=1e-9)
    assert by_cover.values(matrix[:1])[0] == pytest.approx(brute(covered)[0], abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*NUMERIC, *BLANKS, *NATIVE])
def test_every_row_of_the_whole_file_adds_up_for_models_of_full_size(kind, piece):
    model = piece.model(kind, trees=300, depth=6)

    found = by_kernel(model, model.frame, model.frame)

    assert found.background_rows == len(model.frame)
