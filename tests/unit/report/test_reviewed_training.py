"""The next training set: decided cases beside a table that a model was trained on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rai_dash.case import DataRole, Exposure, held_out_rows
from rai_dash.casefile import pack, unpack
from rai_dash.core.errors import InvalidChoice
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.sources import DECIDED_BY_PEOPLE, OBSERVED, SOURCE
from rai_dash.report.observed_alone import observed_alone
from rai_dash.report.reviewed_training import with_reviewed
from tests.unit.report.models_world import ROLES, case_of, data, people

pytestmark = pytest.mark.usefixtures("reading_here")


def cases(n=6, *, decided=4, first=1_000):
    frame = people(n, seed=3, first=first, unknown=0.0)
    frame[SOURCE] = [DECIDED_BY_PEOPLE] * decided + [OBSERVED] * (n - decided)
    return dataset_from_frame(frame, ROLES)


@pytest.fixture
def case():
    return case_of(
        data(people(200, unknown=0.0), "training", role=DataRole.TRAINING), trained_on={"a": "training"}
    )


def test_the_cases_stand_behind_the_rows_of_before_in_a_set_of_their_own(case):
    found = with_reviewed(case, "training", cases())
    assert [d.key for d in found.case.data] == ["training", "reviewed1"]
    assert found.case.data[0] is case.data[0]
    assert (found.data.dataset.n_rows, found.growth.added, found.decided) == (206, 6, 4)
    assert found.data.role is DataRole.TRAINING
    assert found.data.title == "The training set and 6 reviewed cases (4 outcomes decided by people)"
    assert SOURCE not in found.data.dataset.features
    assert found.data.dataset.frame["id"].tolist()[200:] == [f"p{i}" for i in range(1_000, 1_006)]


def test_one_case_is_told_as_one(case):
    title = with_reviewed(case, "training", cases(1, decided=1)).data.title
    assert title.endswith("and 1 reviewed case (1 outcome decided by people)")


def test_a_second_time_makes_another_set(case):
    once = with_reviewed(case, "training", cases()).case
    assert [d.key for d in with_reviewed(once, "training", cases()).case.data][1:] == [
        "reviewed1",
        "reviewed2",
    ]


def test_a_model_trained_on_the_rows_of_before_has_seen_them(case):
    found = with_reviewed(case, "training", cases())
    assert found.case.judge("reviewed1", "a").exposure is Exposure.IN_SAMPLE
    assert found.case.judge("reviewed1", "b").exposure is Exposure.UNKNOWN


def test_where_a_column_says_what_is_trained_on_the_cases_are(case):
    frame = people(200, unknown=0.0).assign(part=["fit", "test"] * 100)
    roles = ROLES.with_(split="part", split_train=("fit",))
    told = case.with_data(replace(case.data[0], dataset=dataset_from_frame(frame, roles)))
    found = with_reviewed(told, "training", cases()).data.dataset
    assert found.frame["part"].tolist()[200:] == ["fit"] * 6
    assert held_out_rows(found).sum() == 100


def test_it_is_kept_with_the_case_and_opens_as_it_was():
    # Without models: these are no files.
    bare = case_of(data(people(60, unknown=0.0), "training"), models="a")
    found = with_reviewed(bare, "training", cases())
    kept = replace(found.case, data=(found.data,), models=())
    opened = unpack(pack(kept), "other").data[0]
    assert opened.grown_from == "training"
    assert opened.dataset.frame.equals(found.data.dataset.frame)
    assert opened.dataset.roles == found.data.dataset.roles
    assert b"grown_from" not in pack(replace(kept, data=(replace(found.data, grown_from=""),)))


def test_a_set_that_is_not_there_is_refused(case):
    with pytest.raises(InvalidChoice, match="no data set `other`"):
        with_reviewed(case, "other", cases())


def test_figures_on_observed_rows_alone_are_those_of_a_table_without_the_others(case):
    found = with_reviewed(case, "training", cases(80, decided=60))
    told = observed_alone(found.case.judge("reviewed1", "a"), 0.5)
    assert (told.rows, told.decided) == (280, 60)
    frame = found.data.dataset.frame
    for rows, table in ((frame, told.everyone), (frame[frame[SOURCE] == OBSERVED], told.observed)):
        good = rows["paid"].astype(str).isin(["1", "1.0"])
        right = (rows["a"] >= 0.5) == good
        accuracy = table.estimate("accuracy", 0)
        assert (accuracy.numerator, accuracy.denominator) == (right.sum(), len(rows))
    assert observed_alone(case.judge("training", "a"), 0.5) is None
