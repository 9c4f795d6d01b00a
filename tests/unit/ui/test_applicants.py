from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rai_dash.case import CaseData, DataRole, judge
from rai_dash.core.types import Roles
from rai_dash.data.read import read_dataset
from rai_dash.ui.applicants import (
    COMPUTED,
    MOST_LISTED,
    Ranked,
    Show,
    find,
    listing,
    name_of,
    suggested,
)

pytestmark = pytest.mark.usefixtures("reading_here")

CSV = b"""who,y,g,s,part
A.1,1,f,0.45,test
B*2,0,m,0.60,test
c3,1,,0.10,test
d4,1,f,,test
e5,0,f,0.90,train
f6,0,m,0.20,test
"""
ROLES = Roles(
    target="y", favourable=("1",), sensitive=("g",), score="s", id="who", split="part", split_train=("train",)
)


def _judgement(csv=CSV, roles=ROLES):
    data = CaseData(key="d", title="t", role=DataRole.TRAINING, dataset=read_dataset(csv, roles))
    return judge(data, None)


@pytest.mark.parametrize(
    ("show", "rows"),
    [
        (Show.REFUSED_GOOD, [0, 2]),
        (Show.APPROVED_BAD, [1]),
        (Show.NEAR, [0, 1, 5, 2]),
        (Show.LOWEST, [2, 5, 0, 1]),
        (Show.HIGHEST, [1, 0, 5, 2]),
        (Show.UNSEEN, []),
        (Show.ALL, [0, 1, 2, 3, 5]),
    ],
)
def test_each_filter_lists_its_applicants_in_order_and_none_that_was_trained_on(show, rows):
    assert find(_judgement(), show=show, threshold=0.5).tolist() == rows


def test_those_near_an_end_of_the_review_band_come_by_their_distance_to_it():
    def near(edges):
        return find(_judgement(), show=Show.EDGE, threshold=0.5, edges=edges).tolist()

    # Scores 0.45, 0.60, 0.10 and 0.20 in rows 0, 1, 2 and 5.
    assert near([0.22, 0.68]) == [5, 1, 2, 0]
    assert near([0.68]) == [1, 0, 5, 2]
    assert near([]) == []


def test_applicants_with_a_value_the_model_never_saw_are_found_and_marked():
    judgement = replace(_judgement(), unseen=np.array([False, True, True, False, True, False]))

    assert find(judgement, show=Show.UNSEEN, threshold=0.5).tolist() == [1, 2]
    assert listing(judgement, np.array([0, 1, 2]))["new to the model"].tolist() == ["", "yes", "yes"]
    assert "new to the model" not in listing(judgement, np.array([0, 3]))


def test_one_group_alone_also_the_one_of_the_blanks():
    def of(group):
        return find(_judgement(), show=Show.ALL, threshold=0.5, group=("g", group)).tolist()

    assert (of("f"), of("m"), of("(missing)")) == ([0, 3], [1, 5], [2])


@pytest.mark.parametrize(
    ("text", "rows"), [("b*2", [1]), (" A.1 ", [0]), (".", [0]), ("", [0, 1, 2, 3, 5]), ("f", [5])]
)
def test_the_search_is_for_the_letters_as_they_stand(text, rows):
    assert find(_judgement(), show=Show.ALL, threshold=0.5, text=text).tolist() == rows


@pytest.mark.parametrize("text", ["nan", "none", "<na>"])
def test_a_blank_is_never_found_by_a_word_for_it(text):
    without_id = _judgement(roles=ROLES.with_(id=None))

    assert find(without_id, show=Show.ALL, threshold=0.5, text=text).size == 0


def test_the_refused_good_applicant_next_to_the_threshold_comes_first():
    assert suggested(_judgement(), 0.5) == 0
    assert suggested(_judgement(), 0.05) in {2, 5}
    assert suggested(_judgement(roles=ROLES.with_(score=None)), 0.5) == 0


def test_an_applicant_is_called_by_id_else_by_place():
    assert name_of(_judgement(), 5) == "f6"
    assert name_of(_judgement(roles=ROLES.with_(id=None)), 5) == "row 6"


@pytest.mark.parametrize("csv", [b"id,y\n101,1\n102,0\n,1\n", b"id,y\n101.0,1\n102.0,0\n,1\n"])
def test_a_number_as_id_is_written_as_in_the_file(csv):
    found = _judgement(csv, Roles(target="y", favourable=("1",), id="id"))

    assert name_of(found, 0) == "101"
    assert name_of(found, 2) == "row 3"
    assert find(found, show=Show.ALL, threshold=0.5, text="102").tolist() == [1]


def test_a_long_list_is_cut():
    csv = b"y,g\n" + b"1,a\n0,b\n" * MOST_LISTED
    found = _judgement(csv, Roles(target="y", favourable=("1",), sensitive=("g",)))

    table = listing(found, np.arange(2 * MOST_LISTED))

    assert len(table) == MOST_LISTED
    assert list(table.columns) == ["applicant", "score", "y", "g"]


def test_a_computed_order_is_kept_within_a_group_and_shows_its_numbers():
    ranked = Ranked(rows=np.array([5, 3, 1, 0]), numbers={"flips": np.array([0.9, 0.5, 0.25, 0.1])})

    def of(**more):
        return find(_judgement(), show=Show.FRAGILE, threshold=0.5, ranked=ranked, **more)

    assert of().tolist() == [5, 3, 1, 0]
    assert of(group=("g", "m")).tolist() == [5, 1]
    assert of(text="d4").tolist() == [3]
    assert listing(_judgement(), of(group=("g", "m")), ranked)["flips"].tolist() == [0.9, 0.25]


def test_until_its_numbers_are_there_a_computed_filter_lists_those_near_the_threshold():
    near = find(_judgement(), show=Show.NEAR, threshold=0.5).tolist()

    for show in COMPUTED:
        assert find(_judgement(), show=show, threshold=0.5).tolist() == near


def test_every_filter_comes_back_from_its_code():
    assert [Show[show.code.upper()] for show in Show] == list(Show)
