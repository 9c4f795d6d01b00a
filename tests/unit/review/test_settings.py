from __future__ import annotations

import json

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.review.settings import BandCosts, Reviewer, Workload

WORK = {"volume_per_day": 100, "minutes_per_review": 20, "minutes_per_day": 300}


def test_the_defaults_are_those_of_the_reference_page():
    assert (Reviewer().h1, Reviewer().h0, Reviewer().deference, Reviewer().use_recorded) == (
        0.9,
        0.9,
        0,
        False,
    )
    assert set(BandCosts().to_json().values()) == {0.0}
    assert (Workload(**WORK).days, Workload(**WORK).reviewers) == (20, None)


def test_pairs_of_some_groups_override_the_common_one():
    h1, h0 = Reviewer(h1=0.8, by_group={"b": (1.0, 0.0)}).pairs(("a", "b"))

    assert (h1.tolist(), h0.tolist()) == ([0.8, 1.0], [0.9, 0.0])
    assert [part.shape for part in Reviewer().pairs(())] == [(0,), (0,)]


@pytest.mark.parametrize("name", ["h1", "h0", "deference"])
@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan])
def test_what_is_no_probability_is_refused(name, wrong):
    with pytest.raises(InvalidChoice, match=f"`{name}` is a probability"):
        Reviewer(**{name: wrong})


def test_a_pair_of_a_group_is_two_probabilities():
    with pytest.raises(InvalidChoice, match="h0 of group 'a'"):
        Reviewer(by_group={"a": (0.5, 2.0)})
    with pytest.raises(InvalidChoice, match="needs two numbers"):
        Reviewer(by_group={"a": (0.5,)})


@pytest.mark.parametrize("name", BandCosts().to_json())
@pytest.mark.parametrize("wrong", [-1.0, np.inf, np.nan])
def test_what_is_no_cost_is_refused(name, wrong):
    with pytest.raises(InvalidChoice, match=name):
        BandCosts(**{name: wrong})


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("volume_per_day", -1),
        ("minutes_per_review", 0),
        ("minutes_per_day", 0),
        ("minutes_per_day", np.nan),
        ("reviewers", -1),
        ("days", np.inf),
    ],
)
def test_what_is_no_amount_of_work_is_refused(name, wrong):
    with pytest.raises(InvalidChoice, match="Give a number"):
        Workload(**(WORK | {name: wrong}))


def test_no_reviewer_at_all_is_a_workload():
    assert Workload(**WORK, reviewers=0).reviewers == 0


def test_settings_are_written_as_plain_values():
    plain = [
        Reviewer(by_group={"a": (0.5, 1.0)}).to_json(),
        BandCosts().to_json(),
        Workload(**WORK).to_json(),
    ]

    assert json.loads(json.dumps(plain))[0]["by_group"] == {"a": [0.5, 1.0]}


def test_settings_can_be_keys_and_differ_by_their_pairs():
    described = Reviewer(by_group={"a": (0.5, 1.0)})

    assert {described: 1}[Reviewer(by_group={"a": (0.5, 1.0)})] == 1
    assert described != Reviewer()
    assert hash(BandCosts()) == hash(BandCosts())
