from __future__ import annotations

import pytest

from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.types import Roles
from rai_dash.data.read import read_dataset
from rai_dash.ui import upload

pytestmark = pytest.mark.usefixtures("reading_here")

ROLES = Roles(
    target="y", favourable=("1",), sensitive=("g", "age"), bins={"age": (25.0, 50.0)}, score="s", id="who",
    split="part", split_train=("train",), features=("a", "b"),
)  # fmt: skip
FIRST = b"""who,y,g,age,s,part,a,b
1,1,f,20,0.5,train,1,2
2,0,m,60,0.4,test,1,2
"""


@pytest.fixture(autouse=True)
def state(monkeypatch):
    """Take the place of session and store."""
    kept: list[Case] = []
    chosen: dict[str, object] = {}
    monkeypatch.setattr(upload.state, "save", kept.append)
    monkeypatch.setattr(upload.state, "open_case", kept.append)
    monkeypatch.setattr(upload.state, "choose", lambda **changes: chosen.update(changes))
    return kept, chosen


@pytest.fixture
def case():
    dataset = read_dataset(FIRST, ROLES)
    data = CaseData(key="data", title="first", role=DataRole.TRAINING, dataset=dataset)
    return Case(id="c", title="c", data=(data,), default_data="data")


def test_a_first_table_opens_a_case_of_its_own_with_guessed_roles(state):
    case = upload.open_data(b"gender,loan\n" + b"Female,Approved\nMale,Rejected\n" * 5, "mine.csv")

    assert state[0] == [case]
    assert len(case.id) >= 22
    assert case.data_of("").dataset.roles.target == "loan"
    assert case.data_of("").title == "mine.csv"


def test_another_table_takes_over_the_roles_it_has_columns_for(case, state):
    bigger = upload.add_data(case, b"y,g,a\n1,f,1\n0,m,2\n", "new.csv", DataRole.PRODUCTION)

    roles = bigger.data_of("production").dataset.roles
    assert (roles.target, roles.favourable, roles.sensitive, roles.features) == ("y", ("1",), ("g",), ("a",))
    assert (roles.bins, roles.score, roles.id) == ({}, None, None)
    assert state == ([bigger], {"data": "production"})


def test_the_rows_of_another_table_were_not_split_by_the_first(case):
    bigger = upload.add_data(case, FIRST, "again.csv", DataRole.LIVING)

    assert (bigger.data_of("living").dataset.roles.split, bigger.judge("living").n_judged) == (None, 2)


def test_two_tables_of_one_kind_get_keys_of_their_own(case):
    for _ in range(3):
        case = upload.add_data(case, b"y,g\n1,f\n0,m\n", "new.csv", DataRole.LIVING)

    assert [d.key for d in case.data] == ["data", "living", "living1", "living2"]


@pytest.mark.parametrize(
    "csv",
    [
        b"y,g\nyes,f\nno,m\n",  # the label is spelled another way
        b"y,g,s\n1,f,500\n0,m,640\n",  # the score is on another scale
    ],
)
def test_a_table_that_the_roles_do_not_fit_comes_in_with_its_own(case, csv):
    bigger = upload.add_data(case, csv, "new.csv", DataRole.PRODUCTION)

    assert bigger.data_of("production").dataset.n_rows == 2
    assert case.data_of("data").dataset.roles == ROLES


def test_confirmed_roles_change_one_table_and_no_figure_of_the_other(case, state):
    bigger = upload.add_data(case, b"y,g\n1,f\n0,m\n", "new.csv", DataRole.PRODUCTION)

    changed = upload.set_roles(bigger, "production", Roles(target="g", favourable=("f",)))

    assert changed.data_of("production").dataset.roles.target == "g"
    assert changed.data_of("data").dataset.roles == ROLES
    assert [d.key for d in changed.data] == ["data", "production"]
    assert state[0][-1] is changed
