"""What moves along in a what-if, where it starts, who is like a change, and LIME's weights of blocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.explain._lime import LimeResult
from rai_dash.explain.agreement import agreement
from rai_dash.explain.counterfactuals import Counterfactual, Counterfactuals, named_first, people_like
from rai_dash.explain.lime_blocks import joined_lime
from rai_dash.explain.moved_along import changes_from, moved_along, typical_row

FRAME = pd.DataFrame(
    {
        "degree": ["school", "doctor", "school", None],
        "years": [9, 16, 9, 13],
        "income": [1.5, np.nan, 2.5, 8.0],
        "sex": ["f", "m", "f", "f"],
    }
).astype({"degree": "str", "sex": "str"})
LINKED = (("degree", "years"),)


def test_a_changed_column_takes_along_what_it_says():
    own = FRAME.iloc[[0]]

    assert moved_along(FRAME, own, LINKED, {"degree": "doctor"}) == {"years": "16"}
    assert moved_along(FRAME, own, LINKED, {"years": " 16 "}) == {"degree": "doctor"}
    assert moved_along(FRAME, own, LINKED, {"degree": "never seen"}) == {}
    assert moved_along(FRAME, own, LINKED, {"degree": "doctor", "years": "9"}) == {}
    assert moved_along(FRAME, own, LINKED, {"degree": "school"}) == {}
    assert moved_along(FRAME, own, LINKED, {"income": "3"}) == {}


def test_a_what_if_may_start_from_typical_values():
    typical = typical_row(FRAME)

    assert typical.iloc[0].tolist() == ["school", 9, 2.5, "f"]
    # The second applicant has no income: a blank differs from a value.
    assert changes_from(FRAME.iloc[[1]], typical, {"sex": "x"}) == {
        "degree": "school", "years": "9", "income": "2.5", "sex": "x",
    }  # fmt: skip
    assert changes_from(FRAME.iloc[[0]], FRAME.iloc[[0]], {}) == {}


def test_people_like_a_change_have_its_categories_and_the_own_sensitive_ones():
    own = FRAME.iloc[0].to_dict()

    assert people_like(FRAME, own, {"degree": ("school", "doctor")}, ["sex"]) == 0
    assert people_like(FRAME, own, {"degree": ("school", "doctor")}, []) == 1
    assert people_like(FRAME, own, {"degree": ("school", None)}, ["sex", "years"]) == 1
    assert people_like(FRAME, own, {"years": (9, 16)}, ["sex"]) is None


@pytest.mark.parametrize(("alike", "first"), [((0, 3), 1), ((None, 3), 0), ((0, 0), None), ((2, 0), 0)])
def test_the_way_that_is_named_has_people_like_it(alike, first):
    ways = tuple(Counterfactual(changes={}, n_changes=1, cost=float(i), score=0.6) for i in range(2))
    found = Counterfactuals(
        before=0.1, threshold=0.5, towards="approval", found=ways, closest=ways[0], most_changes=4, tried=2
    )  # fmt: skip

    assert named_first(found, alike) == first


def test_weights_of_a_block_are_added_so_that_blocks_compare():
    single = {"a": 0.3, "b": -0.1, "c": 0.2}
    lime = LimeResult(
        values=single, sd=dict.fromkeys("abc", 0.01), centred={n: v / 2 for n, v in single.items()},
        centred_sd=dict.fromkeys("abc", 0.02), rules={}, bin_shares={}, intercept=0.1, r2=0.9, r2_low=0.8,
        local_prediction=0.5, model_prediction=0.5, jaccard=1.0, seeds=5, samples=100, notices=(),
    )  # fmt: skip

    joined = joined_lime(lime, [["a", "b"]])

    assert joined.values == pytest.approx({"a + b": 0.2, "c": 0.2})
    assert joined.centred == pytest.approx({"a + b": 0.1, "c": 0.1})
    assert set(joined.sd) == set(joined.centred_sd) == {"c"}
    assert joined_lime(lime, ()) is lime
    assert agreement({"a + b": 1.0, "c": 2.0}, joined.centred).sign == 1.0
