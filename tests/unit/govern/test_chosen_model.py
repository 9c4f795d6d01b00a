"""Choosing a model on record: with a reason, against others, by an analyst, and told with who and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rai_dash.core.errors import InvalidChoice, InvalidRecord, NotAllowed
from rai_dash.govern.chosen_model import ChosenModels, ModelAsked
from rai_dash.govern.living import Figure, LivingSets
from rai_dash.govern.people import AppRole, Person
from rai_dash.report.models_growth import asked_of
from rai_dash.report.models_work import compare_models
from tests.unit.govern.desk_story import WHY
from tests.unit.report.models_world import case_of, data, people

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ANA = Person(name="Ana", subject="ana", role=AppRole.ANALYST)
DATA, MODEL, OTHER = "d" * 64, "a" * 64, "b" * 64
ASKED = ModelAsked(
    data=DATA, rows=1_100, living=None, version=None, model=MODEL, model_class="1", title="Model <b>", threshold=0.5,
    others=(OTHER,), figures=(Figure(metric="recall", value=0.8, low=0.7, high=0.9, k=80.0, n=100.0),),
)  # fmt: skip


def chosen(store, person=ANA):
    return ChosenModels(store, person, clock=lambda: NOON)


def test_a_choice_is_told_with_who_when_and_why_and_its_words_are_not_in_the_chain(store):
    chosen(store).choose(ASKED, WHY)
    (found,) = chosen(store).choices([DATA])
    assert (found.by.name, found.at, found.title, found.reason) == ("Ana", NOON, "Model <b>", WHY)
    assert found.body.others == (OTHER,)
    assert found.body.figures[0].k == 80.0
    assert WHY not in str([record.content for record in store.records()])
    assert store.verify() == []


def test_the_newest_choice_stands_first_and_the_older_one_stays(store):
    chosen(store).choose(ASKED, WHY)
    chosen(store).choose(replace(ASKED, model=OTHER, others=(MODEL,)), WHY)
    assert [c.body.model for c in chosen(store).choices([DATA])] == [OTHER, MODEL]


def test_choices_about_all_versions_of_a_living_set_are_found_by_its_id(store):
    chosen(store).choose(replace(ASKED, living="c" * 64, version=2), WHY)
    assert [c.body.version for c in chosen(store).choices([DATA, "c" * 64])] == [2]


@pytest.mark.parametrize(
    ("change", "reason", "said"),
    [
        ({}, "It is better.", "at least 20 are needed"),
        ({"others": (MODEL,)}, WHY, "among those it was chosen against"),
        ({"others": ()}, WHY, "."),
        ({"version": 2}, WHY, "a version goes with a living test set"),
        ({"model": "no hash"}, WHY, "."),
    ],
)
def test_a_choice_that_says_too_little_is_refused_and_not_written(store, change, reason, said):
    with pytest.raises(InvalidRecord, match=said):
        chosen(store).choose(replace(ASKED, **change), reason)
    assert list(store.records()) == []


def test_it_takes_an_analyst(store):
    with pytest.raises(NotAllowed, match="needs the role analyst"):
        chosen(store, replace(ANA, role=AppRole.EXPERT)).choose(ASKED, WHY)


def test_what_is_put_on_record_is_what_was_compared(store):
    case = case_of(data(people(400)), models="abc")
    found = compare_models(case, "living", ["a", "b", "c"])
    living = LivingSets(store, ANA).start(found.data.dataset, "set")
    asked = asked_of(found, found.candidate("b"), living)
    prints = [m.model.info.fingerprint for m in case.models]
    assert (asked.model, asked.others) == (prints[1], (prints[0], prints[2]))
    assert (asked.living, asked.version, asked.rows) == (living.id, 1, 400)
    recall = next(f for f in asked.figures if f.metric == "recall")
    assert recall.value == found.candidate("b").everyone.estimate("recall", 0).value
    chosen(store).choose(asked, WHY)
    assert chosen(store).choices([living.id])[0].title == "Model b"


def test_data_that_are_no_version_of_a_living_set_stand_for_themselves():
    found = compare_models(case_of(data(people(400))), "living", ["a", "b"])
    asked = asked_of(found, found.current, None)
    assert (asked.living, asked.version, asked.data) == (None, None, found.data.dataset.fingerprint)


def test_a_model_that_is_in_the_case_twice_cannot_be_chosen_against_itself():
    case = case_of(data(people(400)))
    twin = replace(case.models[0], key="twin")
    found = compare_models(replace(case, models=(*case.models, twin)), "living", ["a", "twin"])
    with pytest.raises(InvalidChoice, match="in the case twice"):
        asked_of(found, found.current, None)
