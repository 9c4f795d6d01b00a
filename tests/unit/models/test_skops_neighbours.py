"""Nearest neighbours: their trees over training rows are checked after loading, as damaged ones read foreign memory."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.neighbors import KNeighborsClassifier

from rai_dash.core.errors import RefusedModel
from rai_dash.models._skops.review import review
from rai_dash.models.skops_format import load

ROWS = pd.DataFrame(np.random.default_rng(0).random((200, 3)), columns=list("abc"))
LABEL = (ROWS["a"] > 0.5).astype(int)


def saved(algorithm: str) -> tuple[KNeighborsClassifier, bytes]:
    model = KNeighborsClassifier(algorithm=algorithm).fit(ROWS, LABEL)
    return model, skops.io.dumps(model)


def rewrite(content: bytes, is_wanted, change) -> bytes:
    """Change the arrays of a file that are wanted."""
    out, hits = io.BytesIO(), 0
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            if name.endswith(".npy") and is_wanted(array := np.load(io.BytesIO(raw))):
                hits += 1
                buffer = io.BytesIO()
                np.save(buffer, change(array.copy()))
                raw = buffer.getvalue()
            new.writestr(name, raw)
    assert hits, "nothing was changed"
    return out.getvalue()


def is_order(array: np.ndarray) -> bool:
    return array.dtype.kind == "i" and array.shape == (200,) and array.max() == 199


def is_nodes(array: np.ndarray) -> bool:
    return "idx_start" in (array.dtype.names or ())


def far_row(array):
    array[0] = 10**9
    return array


def far_end(array):
    array["idx_end"][0] = 10**9
    return array


def negative_start(array):
    array["idx_start"][-1] = -1
    return array


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree", "brute"])
def test_a_sound_model_scores_bit_for_bit(algorithm):
    model, content = saved(algorithm)
    review(content)
    assert np.array_equal(load(content).probability(ROWS), model.predict_proba(ROWS)[:, 1])


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
@pytest.mark.parametrize(
    ("is_wanted", "change"),
    [
        (is_order, far_row),
        (is_order, lambda array: array[:50]),
        (is_nodes, far_end),
        (is_nodes, negative_start),
        (is_nodes, lambda array: array[:-1]),
    ],
)
def test_a_tree_that_points_outside_its_rows_is_refused(algorithm, is_wanted, change):
    damaged = rewrite(saved(algorithm)[1], is_wanted, change)
    review(damaged)
    with pytest.raises(RefusedModel, match="damaged"):
        load(damaged)
