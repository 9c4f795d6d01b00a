"""Whether the reasons of one decision hold, against counting copy by copy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from rai_dash.core.errors import InvalidChoice
from rai_dash.explain.noise import noise_of
from rai_dash.explain.one_stability import in_all, one_stability, reasons_of

NAMES = ("b", "a", "kind", "nothing")


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "a": rng.normal(size=300),
            "b": rng.normal(size=300),
            "kind": rng.choice(["x", "y"], 300),
            "nothing": rng.integers(0, 9, 300),
        }
    )


class Asked:
    """A linear model that keeps what it was asked."""

    def __init__(self):
        self.tables = []

    def contributions(self, frame):
        self.tables.append(frame)
        kind = frame["kind"].map({"x": -0.06, "y": 0.3}).to_numpy(float)
        zero = np.zeros(len(frame))
        return np.column_stack([0.9 * frame["b"], frame["a"], kind, zero])

    def score(self, frame):
        return 1 / (1 + np.exp(-self.contributions(frame).sum(axis=1)))


@pytest.fixture(scope="module")
def found(people):
    asked = Asked()
    row = pd.DataFrame({"a": [-0.1], "b": [-0.05], "kind": ["x"], "nothing": [4]})
    result = one_stability(
        asked.contributions,
        asked.score,
        row,
        noise_of(people),
        names=NAMES,
        eps=0.15,
        threshold=0.5,
        copies=150,
        k=2,
    )
    return asked, row, result


def by_hand(values, towards):
    pushing = {n: towards * v for n, v in zip(NAMES, values, strict=True) if towards * v > 1e-9}
    return sorted(pushing, key=lambda n: (-pushing[n], n))[:2]


def test_the_row_itself_and_its_copies_are_asked_about_in_one_call_each(found):
    asked, row, _ = found

    # The score of this model asks for its contributions.
    first, second = asked.tables
    assert len(first) == 151
    assert first.equals(second)
    assert first.iloc[:1].equals(row)
    assert first["nothing"].dtype == np.int64
    assert len(first["a"].unique()) > 140


def test_shares_equal_counting_copy_by_copy(found):
    asked, _, result = found
    values = Asked().contributions(asked.tables[0])
    lists = [by_hand(v, -1) for v in values]
    own, copies = lists[0], lists[1:]
    scores = 1 / (1 + np.exp(-values.sum(axis=1)))

    assert result.own == tuple(own) == ("a", "kind")
    assert 0 < result.same_set.value < 1
    assert result.same_set.numerator == sum(set(one) == set(own) for one in copies)
    assert result.same_first.numerator == sum(one[:1] == own[:1] for one in copies)
    assert result.flip.numerator == sum(scores[1:] >= 0.5) > 0
    assert {n: s.numerator for n, s in result.among.items()} == {
        n: sum(n in one for one in copies) for n in NAMES if any(n in one for one in lists)
    }
    assert list(result.among)[:2] == own
    assert "nothing" not in result.among


def test_intervals_are_wilsons_over_copies(found):
    _, _, result = found
    for share in (result.same_set, result.same_first, result.flip, *result.among.values()):
        expected = binomtest(int(share.numerator), 150).proportion_ci(method="wilson")
        assert (share.low, share.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_nine_copies_of_ten_lie_between_the_ends_of_a_contribution(found):
    asked, _, result = found
    copies = Asked().contributions(asked.tables[0])[1:]
    inside = ((copies >= result.low) & (copies <= result.high)).mean(axis=0)

    assert (inside >= 0.9).all()
    assert inside[:2] == pytest.approx([0.9, 0.9], abs=0.02)
    assert set(result.low) <= set(copies.ravel())


def test_reasons_for_an_approval_push_towards_approval(people):
    asked = Asked()
    row = pd.DataFrame({"a": [2.0], "b": [-0.5], "kind": ["y"], "nothing": [4]})

    result = one_stability(
        asked.contributions, asked.score, row, noise_of(people), names=NAMES, eps=0.0, threshold=0.5, copies=3
    )

    assert result.own == ("a", "kind")
    assert (result.same_set.value, result.same_first.value, result.flip.value) == (1, 1, 0)


def test_the_same_applicant_gets_the_same_answer_beside_whatever_was_asked_before(people, found):
    _, row, result = found
    asked = Asked()
    again = one_stability(
        asked.contributions, asked.score, row.rename(index={0: 77}), noise_of(people.sample(frac=1, random_state=1)),
        names=NAMES, eps=0.15, threshold=0.5, copies=150, k=2,
    )  # fmt: skip

    assert again.same_set == result.same_set
    assert again.flip == result.flip


def test_where_nothing_pushes_there_is_no_first_reason(people):
    result = one_stability(
        lambda frame: np.zeros((len(frame), 4)), lambda frame: np.full(len(frame), 0.2), people.iloc[:1],
        noise_of(people), names=NAMES, eps=0.1, threshold=0.5, copies=5,
    )  # fmt: skip

    assert result.own == ()
    assert result.same_first.value is None
    assert result.among == {}


@pytest.mark.parametrize("wrong", [{"copies": 0}, {"k": 0}, {"eps": 2.0}])
def test_what_cannot_be_compared_is_refused(people, wrong):
    asked = Asked()
    options = {"eps": 0.1, "threshold": 0.5} | wrong
    with pytest.raises(InvalidChoice):
        one_stability(
            asked.contributions, asked.score, people.iloc[:1], noise_of(people), names=NAMES, **options
        )


def test_reasons_are_the_strongest_one_way_with_ties_by_name():
    values = {"d": -1.0, "c": -1.0, "e": 3.0, "a": -1e-12, "b": -2.0}

    assert reasons_of(values, towards=-1) == ("b", "c", "d")
    assert reasons_of(values, towards=-1, k=2) == ("b", "c")
    assert reasons_of(values, towards=1) == ("e",)


def test_what_stands_in_all_lists_keeps_the_order_of_the_first():
    assert in_all([("c", "a", "b"), ("a", "b"), ("b", "x", "a")]) == ("a", "b")
    assert in_all([("a",), ()]) == ()
    assert in_all([]) == ()
