"""Living test sets in the ledger, and a case whose test set grows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pandas as pd
import pytest

from rai_dash.casefile import pack, unpack
from rai_dash.core.errors import InvalidChoice, InvalidRecord, NotAllowed
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.growing import grow
from rai_dash.govern import artifacts
from rai_dash.govern.living import DAYS, Figure, LivingSets, NewResult
from rai_dash.govern.people import AppRole, Person
from rai_dash.report.models_growth import HEADLINE, grow_case, record_missing, taken_up
from tests.unit.report.models_world import ROLES, case_of, data, people

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ANA = Person(name="Ana", subject="ana", role=AppRole.ANALYST)
EVE = Person(name="Eve", subject="eve", role=AppRole.EXPERT)
MODEL, OTHER = "a" * 64, "b" * 64

pytestmark = pytest.mark.usefixtures("reading_here")


def sets(store, person=ANA):
    return LivingSets(store, person, clock=lambda: NOON)


def dataset(n=200, *, seed=0, first=0):
    return dataset_from_frame(people(n, seed=seed, first=first, unknown=0.0), ROLES)


def result(model=MODEL, threshold=0.5, value=0.8):
    return NewResult(
        model=model, model_class="1", threshold=threshold,
        figures=(Figure(metric="recall", value=value, low=0.7, high=0.9, k=80.0, n=100.0),),
    )  # fmt: skip


def test_a_data_set_becomes_version_1_and_is_found_again_by_its_content(store):
    first = dataset()
    found = sets(store).start(first, "Living <test> set")
    assert (found.id, found.latest.number, found.latest.rows) == (first.fingerprint, 1, 200)
    assert sets(store, EVE).find({first.fingerprint, "0" * 64}).id == first.fingerprint
    assert sets(store).find({"0" * 64}) is None
    texts = sets(store).texts(found)
    assert texts[found.title] == "Living <test> set"
    assert Person.of_text(texts[found.latest.actor]).name == "Ana"
    assert store.verify() == []


def test_starting_again_starts_nothing(store):
    sets(store).start(dataset(), "one")
    sets(store).start(dataset(), "two")
    assert len(list(store.records())) == 1


def test_it_grows_by_versions_that_tell_who_joined_and_who_did_not(store):
    case = case_of(data(people(200, unknown=0.0)))
    offered = pd.concat([people(50, seed=1, first=200, unknown=0.2), people(200, unknown=0.0).iloc[:5]])
    known = int(offered["paid"].notna().sum()) - 5
    grown = grow_case(
        case,
        "living",
        dataset_from_frame(offered, ROLES),
        sets(store),
        note="Third quarter",
        thresholds={"b": 0.4},
    )
    version = grown.living.latest
    assert (version.number, version.rows, version.added) == (2, 200 + known, known)
    assert version.left_out == 55 - known
    assert version.data == grown.case.data_of("living").dataset.fingerprint
    assert sets(store).texts(grown.living)[version.note] == "Third quarter"
    assert grown.growth.twice == 5
    assert store.verify() == []


def test_every_model_is_judged_on_both_versions_once_each_with_counts(store):
    case = case_of(data(people(200, unknown=0.0)))
    grown = grow_case(case, "living", dataset(50, seed=1, first=200), sets(store), thresholds={"b": 0.4})
    found = [(r.version, r.model, r.threshold) for r in grown.living.results]
    a, b = (m.model.info.fingerprint for m in case.models)
    assert found == [(1, a, 0.5), (1, b, 0.4), (2, a, 0.5), (2, b, 0.4)]
    assert [f.metric for f in grown.living.results[0].figures] == list(HEADLINE)
    frame = grown.case.data_of("living").dataset.frame
    good = frame["paid"].astype(str).isin(["1", "1.0"])
    recall = next(f for f in grown.living.results_of(b)[1].figures if f.metric == "recall")
    assert (recall.k, recall.n) == ((good & (frame["b"] >= 0.4)).sum(), good.sum())
    auc = next(f for f in grown.living.results_of(a)[0].figures if f.metric == "auc")
    assert (auc.k, auc.n) == (None, None)


def test_results_are_recorded_once_for_each_model_version_and_threshold(store):
    started = sets(store).start(dataset(), "set")
    for _ in range(2):
        found = sets(store).record(started.id, 1, [result(), result(), result(OTHER), result(threshold=0.4)])
    assert [(r.model, r.threshold) for r in found.results] == [(MODEL, 0.5), (OTHER, 0.5), (MODEL, 0.4)]
    assert len(list(store.records())) == 4


def test_a_set_that_grew_meanwhile_is_not_grown_from_its_old_version(store):
    case = case_of(data(people(200, unknown=0.0)))
    grow_case(case, "living", dataset(20, seed=1, first=200), sets(store))
    with pytest.raises(InvalidChoice, match="at version 2 by now, with 220 rows"):
        grow_case(case, "living", dataset(20, seed=2, first=300), sets(store))
    assert sets(store).find({case.data[0].dataset.fingerprint}).latest.number == 2


def test_an_older_version_may_grow_where_somebody_says_so_and_the_record_tells_from_which(store):
    case = case_of(data(people(200, unknown=0.0)))
    grow_case(case, "living", dataset(20, seed=1, first=200), sets(store))
    again = grow_case(case, "living", dataset(30, seed=2, first=300), sets(store), from_older=True)
    assert [(v.number, v.parent, v.rows) for v in again.living.versions] == [
        (1, 0, 200),
        (2, 1, 220),
        (3, 1, 230),
    ]
    assert again.living.latest.data == again.case.data_of("living").dataset.fingerprint


def test_what_is_refused_starts_nothing(store):
    case = case_of(data(people(200, unknown=0.0)))
    with pytest.raises(InvalidChoice, match="None of the 5 rows joins"):
        grow_case(case, "living", dataset_from_frame(people(200, unknown=0.0).iloc[:5], ROLES), sets(store))
    assert list(store.records()) == []


def test_a_grown_set_can_be_kept_and_opened_and_is_the_same_version(store):
    grown = grow_case(
        case_of(data(people(200, unknown=0.0))), "living", dataset(20, seed=1, first=200), sets(store)
    )
    packed = pack(replace(grown.case, models=()))
    opened = unpack(packed, "again").data_of("living").dataset
    assert opened.fingerprint == grown.living.latest.data
    assert opened.frame.equals(grown.case.data_of("living").dataset.frame)


def test_growing_again_joins_the_newest_version(store):
    grown = grow_case(
        case_of(data(people(200, unknown=0.0))), "living", dataset(20, seed=1, first=200), sets(store)
    )
    again = grow_case(grown.case, "living", dataset(20, seed=2, first=300), sets(store), source="review")
    assert [(v.number, v.rows, v.source) for v in again.living.versions] == [
        (1, 200, "case"), (2, 220, "upload"), (3, 240, "review"),
    ]  # fmt: skip


@pytest.mark.parametrize("what", ["start", "record", "grow"])
def test_less_than_an_analyst_writes_nothing(store, what):
    started = sets(store).start(dataset(), "set")
    before = len(list(store.records()))
    act = {
        "start": lambda: sets(store, EVE).start(dataset(30), "x"),
        "record": lambda: sets(store, EVE).record(started.id, 1, [result()]),
        "grow": lambda: grow_case(
            case_of(data(people(200, unknown=0.0))), "living", dataset(9, first=900), sets(store, EVE)
        ),
    }[what]
    with pytest.raises(NotAllowed, match="needs the role analyst"):
        act()
    assert len(list(store.records())) == before


def test_what_is_not_there_is_refused(store):
    with pytest.raises(InvalidChoice, match="no such living test set"):
        sets(store).read("0" * 64)
    with pytest.raises(InvalidChoice, match="no such living test set"):
        sets(store).record("0" * 64, 1, [result()])
    started = sets(store).start(dataset(), "set")
    with pytest.raises(InvalidChoice, match="no version 2"):
        sets(store).record(started.id, 2, [result()])


def test_a_number_that_is_none_is_not_written_down(store):
    started = sets(store).start(dataset(), "set")
    with pytest.raises(InvalidRecord):
        sets(store).record(started.id, 1, [result(threshold=1.5)])
    assert sets(store).read(started.id).results == ()


def test_no_value_of_an_applicant_is_in_the_chain(store):
    grow_case(
        case_of(data(people(200, unknown=0.0))),
        "living",
        dataset(20, seed=1, first=200),
        sets(store),
        note="secret",
    )
    text = " ".join(str(record.content) for record in store.records())
    assert not any(word in text for word in ("p201", "women", "secret"))


def grown_case(store, **how):
    case = case_of(data(people(200, unknown=0.0)))
    return case, grow_case(case, "living", dataset(20, seed=1, first=200), sets(store), **how)


def test_growth_and_figures_of_both_versions_are_one_transaction(store):
    """A figure that cannot be written takes the version back with it."""
    first = dataset()
    started = sets(store).start(first, "set")
    growth = grow(first, dataset(20, seed=1, first=200))
    before = list(store.records())
    with pytest.raises(InvalidRecord):
        sets(store).grown(
            started.id, first.fingerprint, growth, growth.dataset, source="upload", content=b"rows",
            before=[result()], after=[result(), result(OTHER, threshold=1.5)],
        )  # fmt: skip
    assert list(store.records()) == before
    with store.reading() as connection:
        assert artifacts.get(connection, sha256(b"rows").hexdigest()) is None


def test_rows_that_did_not_reach_the_case_are_taken_up_by_whoever_let_them_in(store):
    case, grown = grown_case(store)
    # The process died before the case was saved: the case is as it was.
    version = sets(store).find([case.data[0].dataset.fingerprint]).latest
    assert sets(store).waits(version)
    again = taken_up(case, "living", sets(store)).data_of("living")
    assert again.dataset.fingerprint == version.data
    assert again.dataset.frame.equals(grown.case.data_of("living").dataset.frame)
    assert again.dataset.roles == grown.case.data_of("living").dataset.roles
    opened = unpack(pack(replace(case.with_data(again), models=())), "again")
    assert opened.data_of("living").dataset.fingerprint == version.data


@pytest.mark.parametrize("who", [EVE, Person(name="Bob", subject="bob", role=AppRole.ANALYST)])
def test_nobody_else_takes_them_up(store, who):
    case, grown = grown_case(store)
    assert not sets(store, who).waits(grown.living.latest)
    with pytest.raises(NotAllowed):
        taken_up(case, "living", sets(store, who))


def test_the_rows_are_gone_once_a_case_is_kept_with_them_or_their_time_is_over(store):
    case, grown = grown_case(store)
    later = LivingSets(store, ANA, clock=lambda: NOON + timedelta(days=DAYS))
    assert not later.waits(grown.living.latest)
    with pytest.raises(InvalidChoice, match="rows of version 2 are not in the store"):
        taken_up(case, "living", later)
    assert sets(store).settled([case.data[0].dataset.fingerprint]) == 0
    assert sets(store).settled([grown.living.latest.data, "0" * 64]) == 1
    assert not sets(store).waits(grown.living.latest)
    assert store.verify() == []


def test_a_set_with_decisions_of_people_is_taken_up_with_its_roles(store):
    case = case_of(data(people(200, unknown=0.0)))
    frame = people(20, seed=1, first=200, unknown=0.0).assign(outcome_source="decided by a person")
    grown = grow_case(case, "living", dataset_from_frame(frame, ROLES), sets(store), source="review")
    again = taken_up(case, "living", sets(store)).data_of("living").dataset
    assert "outcome_source" in again.columns
    assert again.roles == grown.case.data_of("living").dataset.roles


def test_a_model_that_joins_after_the_set_grew_gets_its_figures_once(store):
    _, grown = grown_case(store)
    late = grown.case.with_model(case_of(data(people(9)), models="c").models[0])
    for threshold in (0.4, 0.6):
        found = record_missing(late, "living", sets(store), {"a": threshold, "c": threshold})
    c = late.model_of("c").model.info.fingerprint
    assert [(r.version, r.threshold) for r in found.results_of(c)] == [(2, 0.4)]
    assert len(found.results) == 5
    frame = late.data_of("living").dataset.frame
    good, approved = frame["paid"].astype(str).isin(["1", "1.0"]), frame["c"] >= 0.4
    recall = next(f for f in found.results_of(c)[0].figures if f.metric == "recall")
    assert (recall.k, recall.n) == ((good & approved).sum(), good.sum())


def test_figures_are_recorded_for_living_sets_alone_and_by_analysts(store):
    case, grown = grown_case(store)
    late = grown.case.with_model(case_of(data(people(9)), models="c").models[0])
    other = case_of(data(people(50, seed=9)))
    assert record_missing(other, "living", sets(store), {}) is None
    before = len(list(store.records()))
    with pytest.raises(NotAllowed):
        record_missing(late, "living", sets(store, EVE), {})
    assert record_missing(case, "living", sets(store), {}).latest.number == 2
    assert len(list(store.records())) == before
