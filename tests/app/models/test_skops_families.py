"""Every family of scikit-learn models on three real tables; some of them through a model's own process."""

from __future__ import annotations

import numpy as np
import pytest
import skops.io

from rai_dash.models.client import load_model
from rai_dash.models.skops_format import load
from tests.unit.models.skops_families import (
    DATA,
    FAMILIES,
    WITH_GAPS,
    check_scores,
    gaps,
    one_thread,
    table,
    trained,
)

__all__ = ["one_thread"]

THROUGH_THE_PROCESS = (
    "logistic",
    "histogram boosting",
    "random forest",
    "support vectors",
    "calibrated, isotonic",
    "stack",
    "LightGBM",
    "SMOTE",
    "grid search",
    "tuned threshold",
)
#: What takes seconds to train on more rows.
SLOW = ("Gaussian process", "support vectors", "iterative imputer", "neighbour imputer")


@pytest.fixture(scope="module")
def tables(shared):
    return {name: table(shared, name, rows=3000) for name in DATA}


def rows_of(tables, data, name, rows):
    return (part.head(700 if name.startswith(SLOW) else rows) for part in tables[data])


@pytest.mark.parametrize(("place", "name"), list(enumerate(FAMILIES)))
@pytest.mark.filterwarnings("ignore")
def test_a_family_scores_bit_for_bit_on_a_real_table(tables, place, name):
    frame, outcome = rows_of(tables, DATA[(place + 1) % 3], name, 800)
    fitted, direct = trained(name, frame, outcome)

    check_scores(name, load(skops.io.dumps(fitted)).probability(frame), direct)
    assert bool(gaps(fitted)) == (name in WITH_GAPS)


@pytest.mark.slow
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("name", list(FAMILIES))
@pytest.mark.filterwarnings("ignore")
def test_a_family_scores_bit_for_bit_on_each_real_table(tables, name, data):
    frame, outcome = rows_of(tables, data, name, 3000)
    fitted, direct = trained(name, frame, outcome)

    check_scores(name, load(skops.io.dumps(fitted)).probability(frame), direct)


@pytest.mark.parametrize("name", THROUGH_THE_PROCESS)
@pytest.mark.filterwarnings("ignore")
def test_a_family_scores_bit_for_bit_through_a_process_of_its_own(tables, name):
    frame, outcome = (part.head(1000) for part in tables["german"])
    fitted, direct = trained(name, frame, outcome)

    with load_model(skops.io.dumps(fitted), favourable=["good"]) as model:
        found = model.score(frame)

    assert np.array_equal(found.scores, direct)
    assert found.notices == ()
    assert {n.code for n in model.info.warnings} == (
        {"own_threshold"} if name == "tuned threshold" else set()
    )
