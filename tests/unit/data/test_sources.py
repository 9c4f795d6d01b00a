"""Where outcomes come from: a column that is known, added where it lacks, and used by no model."""

from __future__ import annotations

import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.growing import grow
from rai_dash.data.roles import guess_roles
from rai_dash.data.sources import DECIDED_BY_PEOPLE, OBSERVED, SOURCE, decided_by_people, tells_source

ROLES = Roles(target="y", favourable=("1",), id="id")
PLAIN, TELLING = ("id", "x", "y"), ("id", "x", "y", SOURCE)


def table(rows, columns=PLAIN, roles=ROLES):
    return dataset_from_frame(pd.DataFrame(rows, columns=list(columns)), roles)


@pytest.fixture
def before():
    return table([("a", 1.0, "1"), ("b", 2.0, "0")])


@pytest.fixture
def offered():
    return table([("c", 3.0, "1", DECIDED_BY_PEOPLE), ("d", 4.0, "0", OBSERVED)], TELLING)


def test_rows_of_before_count_as_observed_when_decided_ones_join(before, offered):
    grown = grow(before, offered)
    assert grown.dataset.frame[SOURCE].tolist() == [OBSERVED, OBSERVED, DECIDED_BY_PEOPLE, OBSERVED]
    assert grown.dropped == ()
    assert decided_by_people(grown.dataset.frame) == 1
    assert decided_by_people(before.frame) == 0


def test_the_column_is_no_feature_of_a_grown_set_and_no_group(before, offered):
    wrong = before.with_roles(ROLES.with_(features=("x",)))
    for set_of_before in (before, wrong):
        grown = grow(set_of_before, offered).dataset
        assert grown.features == ("x",)
        assert grown.roles.ignored == (SOURCE,)
    said = offered.with_roles(ROLES.with_(features=("x", SOURCE), sensitive=(SOURCE,)))
    grown = grow(said, table([("e", 5.0, "1")])).dataset
    assert (grown.features, grown.roles.sensitive) == (("x",), ())


def test_a_set_that_tells_lets_rows_join_that_do_not(before, offered):
    grown = grow(grow(before, offered).dataset, table([("e", 5.0, "1")])).dataset
    assert grown.frame[SOURCE].tolist()[-1] == OBSERVED
    assert decided_by_people(grown.frame) == 1


@pytest.mark.parametrize("roles", [ROLES, ROLES.with_(id=None, ignored=("id",))])
def test_the_same_application_joins_once_whoever_says_how_it_went(before, roles):
    again = table([("a", 1.0, "1", DECIDED_BY_PEOPLE), ("c", 3.0, "1", DECIDED_BY_PEOPLE)], TELLING, roles)
    grown = grow(before.with_roles(roles), again)
    assert (grown.added, grown.twice, grown.clashing) == (1, 1, 0)
    assert grown.dataset.frame[SOURCE].tolist() == [OBSERVED, OBSERVED, DECIDED_BY_PEOPLE]


def test_a_column_of_that_name_with_other_values_stays_a_column(before):
    bureau = table([("e", 5.0, "1", "bureau")], TELLING)
    assert not tells_source(bureau.frame)
    assert grow(before, bureau).dropped == (SOURCE,)
    grown = grow(bureau, table([("f", 6.0, "1", "branch")], TELLING))
    assert grown.dataset.frame[SOURCE].tolist() == ["bureau", "branch"]


def test_it_is_not_mixed_with_another_meaning(before, offered):
    with pytest.raises(InvalidChoice, match="holds something else"):
        grow(table([("e", 5.0, "1", "bureau")], TELLING), offered)


def test_an_uploaded_table_that_tells_gets_no_model_input_from_it():
    n = 40
    frame = pd.DataFrame(
        {
            "income": range(1000, 1000 + n),
            "default": ["yes", "no"] * (n // 2),
            SOURCE: [OBSERVED, DECIDED_BY_PEOPLE] * (n // 2),
        }
    )
    guess = guess_roles(frame)
    assert SOURCE in guess.roles.ignored
    assert SOURCE not in dataset_from_frame(frame, guess.roles).features
    assert guess.roles.target == "default"
