from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.explain.nearest import BY_SPREAD, convention, gower, nearest, nearest_other


def people(n=200, seed=3):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 70, n),
            "gain": np.where(rng.random(n) < 0.9, 0.0, rng.lognormal(8, 1, n).round()),
            "job": rng.choice(["clerk", "nurse", "driver"], n),
        }
    )
    frame.loc[rng.random(n) < 0.1, "gain"] = np.nan
    frame.loc[rng.random(n) < 0.1, "job"] = None
    return frame.astype({"job": "str"})


def one_by_one(row, other, ranges):
    """Gower's distance of two rows, straight from its definition, with blanks as this product counts them."""
    parts = []
    for name, value in row.items():
        theirs = other[name]
        blank = [v is None or (isinstance(v, float) and math.isnan(v)) for v in (value, theirs)]
        if any(blank):
            parts.append(0.0 if all(blank) else 1.0)
        elif name in ranges:
            parts.append(min(abs(value - theirs) / ranges[name], 1.0))
        else:
            parts.append(float(value != theirs))
    return sum(parts) / len(parts)


@pytest.mark.parametrize("unit", ["range", BY_SPREAD])
@pytest.mark.parametrize("at", [0, 5, 17, 33])
def test_distances_equal_those_computed_one_by_one(unit, at):
    frame = people()
    ranges = {}
    for name in ("age", "gain"):
        known = sorted(frame[name].dropna())
        low, high = (known[0], known[-1]) if unit == "range" else np.percentile(known, [5, 95])
        ranges[name] = high - low
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")

    total, _ = gower(frame.iloc[[at]], frame, unit=unit)

    assert total == pytest.approx([one_by_one(records[at], other, ranges) for other in records], abs=1e-12)
    assert total[at] == 0


def test_the_nearest_are_those_of_a_full_sort_among_the_rows_that_may_be_named():
    frame = people()
    among = np.arange(len(frame)) % 3 == 0
    total, _ = gower(frame.iloc[[4]], frame)
    ranked = sorted(np.flatnonzero(among), key=lambda i: (total[i], i))
    different = list({tuple(frame.iloc[i].astype(str)): i for i in reversed(ranked)}.values())

    found = nearest(frame.iloc[[4]], frame, among, k=6)

    assert [one.row for one in found] == sorted(different, key=lambda i: (total[i], i))[:6]
    assert [one.distance for one in found] == sorted(one.distance for one in found)


def test_people_who_are_alike_count_once_and_differences_name_both_values():
    frame = pd.DataFrame({"age": [30, 40, 40, 60, 31], "job": ["a", "a", "a", "b", None]}).astype(
        {"job": "str"}
    )

    found = nearest(frame.iloc[[0]], frame, np.array([False, True, True, True, True]), k=5)

    assert [(one.row, one.alike) for one in found] == [(1, 2), (4, 1), (3, 1)]
    assert found[0].differs == {"age": (30, 40)}
    assert list(found[1].differs.items()) == [("job", ("a", None)), ("age", (30, 31))]


def test_the_other_decision_and_the_other_outcome_are_looked_up_in_one_call():
    frame = people()
    calls = []

    def score(rows):
        calls.append(len(rows))
        return (rows["age"] / 100).to_numpy(float)

    row = frame[frame["age"] < 40].iloc[[0]]
    outcome = np.where(frame["job"] == "nurse", 1, 0).astype(np.int8)

    decided = nearest_other(score, row, frame, threshold=0.5, k=3)
    had = nearest_other(score, row, frame, threshold=0.5, outcome=outcome, own_outcome=0, k=3)

    assert calls == [len(frame) + 1] * 2
    assert all(one.score == frame["age"].iloc[one.row] / 100 >= 0.5 for one in decided)
    assert all(frame["job"].iloc[one.row] == "nurse" for one in had)


def test_known_scores_are_not_asked_for_again():
    frame = people()
    scores = (frame["age"] / 100).to_numpy(float)
    calls = []

    def score(rows):
        calls.append(len(rows))
        return (rows["age"] / 100).to_numpy(float)

    found = nearest_other(score, frame.iloc[[0]], frame, threshold=0.5, scores=scores)

    assert calls == [1]
    assert found == nearest_other(score, frame.iloc[[0]], frame, threshold=0.5)


def test_a_column_of_one_value_and_one_without_any_do_not_divide_by_zero():
    frame = pd.DataFrame({"same": [5, 5, 5], "blank": [np.nan] * 3, "x": [1.0, 2.0, 3.0]})

    total, parts = gower(frame.iloc[[0]], frame, unit=BY_SPREAD)

    assert parts[:, :2].sum() == 0
    assert total[2] == pytest.approx(1 / 3)


def test_what_cannot_be_is_refused_in_words():
    frame = people()
    with pytest.raises(InvalidChoice, match="outcome is not known"):
        nearest_other(
            len, frame.iloc[[0]], frame, threshold=0.5, outcome=np.zeros(200, np.int8), own_outcome=2
        )
    with pytest.raises(InvalidChoice, match="At least one neighbour"):
        nearest(frame.iloc[[0]], frame, np.ones(200, bool), k=0)
    with pytest.raises(InvalidChoice, match="distance is by"):
        gower(frame.iloc[[0]], frame, unit="miles")
    with pytest.raises(InvalidChoice, match="No column is left"):
        gower(frame.iloc[[0]], frame, columns=[])


def test_the_convention_is_said():
    assert convention().startswith("Distance is a convention")
    assert "range of the column" in convention()
