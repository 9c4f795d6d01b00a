"""Honest families of scikit-learn models load, and score bit for bit as they did where they were trained."""

from __future__ import annotations

import pytest
import skops.io

from rai_dash.models.skops_format import load, review
from tests.unit.models.skops_families import DATA, FAMILIES, check_scores, one_thread, table, trained

__all__ = ["one_thread"]

#: What takes longer is trained by the tests that start a model's own process.
LONGER = (
    "Gaussian process",
    "support vectors",
    "easy ensemble",
    "balanced",
    "boosting on samples",
    "iterative imputer",
    "neighbour imputer",
    "grid search",
    "nearest neighbours, ",
    "columns left over",
    "naive Bayes, ",
    "SMOTE and",
    "random ",
    "calibrated, temperature",
    "unit rows",
    "robust",
)
QUICK = [name for name in FAMILIES if not name.startswith(LONGER)]


@pytest.fixture(scope="module")
def tables(shared):
    return {name: table(shared, name, rows=250) for name in DATA}


@pytest.mark.parametrize(("place", "name"), list(enumerate(QUICK)))
@pytest.mark.filterwarnings("ignore")
def test_a_family_scores_bit_for_bit_whatever_the_order_of_columns(tables, place, name):
    frame, outcome = tables[DATA[place % 3]]
    fitted, direct = trained(name, frame, outcome)
    content = skops.io.dumps(fitted)

    review(content)
    model = load(content)
    found = model.probability(frame[frame.columns[::-1]].assign(further=0))

    check_scores(name, found, direct)
    assert model.info.feature_names == tuple(frame.columns)
    assert model.info.classes == tuple(str(c) for c in fitted.classes_)
    words = frame.select_dtypes(exclude="number").columns
    assert {f.name for f in model.info.features if f.kind == "category"} == set(words)
    # A filled blank is the most frequent value; everything else is what the table holds.
    for feature in model.info.features:
        if feature.kind == "category":
            assert set(feature.categories) == set(frame[feature.name].dropna())
