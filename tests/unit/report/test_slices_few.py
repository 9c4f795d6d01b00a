"""Numbers of few people in error slices: none is shown, and none is a total less what is shown."""

from __future__ import annotations

import copy
import itertools

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.report.slices_few import without_few
from rai_dash.report.slices_json import find_dataset_slices, limits_of
from rai_dash.trials.slices.finder import SliceOptions

FEWEST = 10


def made(seed, n=500, base=0.03):
    """People of a small town: errors are rare, and common among a few."""
    rng = np.random.default_rng(seed)
    town, trade = rng.choice(["a", "b", "c"], n, p=[0.8, 0.12, 0.08]), rng.choice(["x", "y"], n)
    age = rng.integers(20, 60, n).astype(float)
    age[rng.random(n) < 0.012] = np.nan
    wrong = rng.random(n) < np.where(town == "c", 0.6, base) + np.where(age > 50, 0.1, 0.0)
    paid = rng.integers(0, 2, n)
    frame = pd.DataFrame(
        {
            "town": town,
            "trade": trade,
            "age": age,
            "paid": paid,
            "s": np.where(paid.astype(bool) != wrong, 0.9, 0.1),
        }
    )
    roles = Roles(target="paid", favourable=("1",), score="s", features=("town", "trade", "age"))
    options = SliceOptions(draws=99)
    return find_dataset_slices(dataset_from_frame(frame, roles), None, options=options)


def is_few(x):
    return x is not None and 0 < x < FEWEST


def nodes(node):
    yield node
    for child in node["children"]:
        yield from nodes(child)


@pytest.mark.parametrize("seed", range(12))
def test_no_small_number_is_shown_or_follows_from_those_that_are(seed):
    whole = made(seed)
    told = without_few(whole, fewest=FEWEST)
    total, everyone = told["overall"].get("numerator"), told["overall"]["denominator"]
    for one in told["slices"]:
        k, n = one["error_rate"]["numerator"], one["error_rate"]["denominator"]
        if k is None:
            assert {one[x] for x in ("lift", "share_of_errors", "adjusted_p")} == {None}
            assert one["error_rate"]["low"] is one["rest"]["high"] is one["difference"]["value"] is None
        else:
            assert not any(map(is_few, (k, n - k, total - k, everyone - n, everyone - n - total + k)))
    for node in nodes(told["tree"]):
        k, n = node["error_rate"].get("numerator"), node["rows"]
        assert not is_few(k)
        assert not is_few(n)
        assert k is None or not is_few(n - k)
        check_children(node)
    check_map(whole["heat_map"], told["heat_map"])


def check_children(node):
    """A parent less those of its children that are shown is never one child, nor few people."""
    for of in (lambda x: x["rows"], lambda x: x["error_rate"].get("numerator")):
        shown = [of(child) for child in node["children"]]
        if of(node) is None or not shown:
            continue
        hidden = [x for x in shown if x is None]
        assert len(hidden) != 1
        if hidden:
            assert not is_few(of(node) - sum(x for x in shown if x is not None))


def check_map(whole, told):
    true = {name: np.array(whole[name], float) for name in ("n", "errors")}
    for name in true:
        seen = np.array([[np.nan if x is None else x for x in line] for line in told[name]], float)
        assert not ((seen > 0) & (seen < FEWEST)).any()
        gone = np.isnan(seen)
        for axis in (0, 1):
            for place in range(true[name].shape[1 - axis]):
                filled = np.take(true["n"], place, axis=1 - axis) > 0
                line = np.take(gone, place, axis=1 - axis) & filled
                if (line == filled).all():
                    # Nothing of it is shown: then the total is a number of few people itself, and stands nowhere.
                    continue
                left = np.take(true[name], place, axis=1 - axis)[line].sum()
                assert line.sum() != 1
                assert not is_few(left)
    for i, j in itertools.product(range(true["n"].shape[0]), range(true["n"].shape[1])):
        if told["errors"][i][j] is None:
            assert told["rate"][i][j] is told["low"][i][j] is told["high"][i][j] is None


def test_with_many_people_everywhere_nothing_is_hidden():
    rng = np.random.default_rng(1)
    n = 20_000
    town = rng.choice(["a", "b"], n)
    wrong = rng.random(n) < np.where(town == "a", 0.5, 0.3)
    paid = rng.integers(0, 2, n)
    frame = pd.DataFrame(
        {
            "town": town,
            "trade": rng.choice(["x", "y"], n),
            "paid": paid,
            "s": np.where(paid.astype(bool) != wrong, 0.9, 0.1),
        }
    )
    roles = Roles(target="paid", favourable=("1",), score="s", features=("town", "trade"))
    whole = find_dataset_slices(dataset_from_frame(frame, roles), None, options=SliceOptions(draws=99))
    assert whole["slices"]
    assert without_few(whole, fewest=FEWEST) == whole


def test_what_is_asked_for_is_shown_and_what_was_found_is_not_changed():
    whole = made(0)
    before = copy.deepcopy(whole)
    assert "suppressed" in without_few(whole, fewest=FEWEST)
    assert without_few(whole, fewest=0) == before == whole


def test_limits_of_a_gate_see_the_numbers_that_are_hidden():
    limits = limits_of(made(0))["overall"]
    assert limits["worst_rate"]["value"] is not None
