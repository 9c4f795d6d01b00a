"""The figures of a whole queue, against a second count over its entries; and what is made of decided cases."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from rai_dash.core.errors import InvalidChoice, NotAllowed
from rai_dash.core.settings import get_settings
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.govern.people import AppRole
from rai_dash.govern.queue.feeding import accepted_table, decisions_table, recorded_decisions
from rai_dash.govern.queue.summary import figures_of
from rai_dash.report.queue_json import groups_table, queue_json, readers_table
from tests.unit.govern.queue_story import ANA, ROLES, QueueStory, batch, reader, rows_kept

pytestmark = pytest.mark.usefixtures("quick_disk", "keeping")


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A queue that three people have worked off, each in their own way."""
    patch = pytest.MonkeyPatch()
    rows_kept(patch)
    from rai_dash.govern.store import Store

    folder = tmp_path_factory.mktemp("worked")
    with Store(folder / "s.sqlite", checkpoints=folder, signing_key=folder / "k.pem") as store:
        story = QueueStory(store, n=40, audit=0.5, second=0.6)
        rng = np.random.default_rng(3)
        for who, approves in (("Bea", 0.7), ("Cem", 0.5), ("Dan", 0.6)):
            while True:
                blind = rng.choice(["approve", "refuse", "cannot_say"], p=[approves, 0.95 - approves, 0.05])
                final = None if rng.random() < 0.6 else str(rng.choice(["approve", "refuse"]))
                if story.decide(who, str(blind), final, seconds=float(rng.integers(5, 60))) is None:
                    break
        yield story
    patch.undo()
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def entries(worked):
    """What the ledger says, read without the fold."""
    return [(r.kind, r.actor, r.content) for r in worked.store.records() if r.kind.startswith("queue.")]


def figures(story):
    queue = story.now()
    outcomes, rows = story.at(ANA).facts(story.id)
    return queue, figures_of(queue, outcomes, rows.groups), outcomes, rows


def said(entries, kind, place):
    return {body["case"]: body["decision"] for k, _, body in entries if k == kind and body["place"] == place}


def test_agreement_and_kappa_are_those_of_the_entries(worked, entries):
    _, found, _, _ = figures(worked)
    one, two = said(entries, "queue.blind", 1), said(entries, "queue.blind", 2)
    done = list(said(entries, "queue.final", 2))
    same = sum(one[c] == two[c] for c in done)
    assert (found.agreement.numerator, found.agreement.denominator) == (same, len(done))
    kappa = cohen_kappa_score([one[c] for c in done], [two[c] for c in done])
    assert found.kappa.value == pytest.approx(kappa, abs=1e-12)


def test_deference_and_overrides_are_those_of_the_entries(worked, entries):
    queue, found, _, _ = figures(worked)
    sides = {"0": "refuse", "1": "approve", "-": None}
    followed = against = overrides = finals = 0
    for place in (1, 2, 3):
        blind, final = said(entries, "queue.blind", place), said(entries, "queue.final", place)
        for case, last in final.items():
            side = sides[queue.fill.sides[case]]
            if place < 3 and side and blind[case] != "cannot_say" and blind[case] != side:
                against += 1
                followed += last == side
            if side and last != "cannot_say":
                finals += 1
                overrides += last != side
    assert (found.deference.followed.numerator, found.deference.followed.denominator) == (followed, against)
    assert (found.overrides.numerator, found.overrides.denominator) == (overrides, finals)


def test_accuracy_is_of_first_readers_on_what_the_policy_sent_to_a_person(worked, entries):
    queue, found, outcomes, _ = figures(worked)
    blind = said(entries, "queue.blind", 1)
    cases = [c for c, what in blind.items() if queue.fill.routes[c] == "v" and what != "cannot_say"]
    assert found.accuracy.decided == len(cases)
    assert found.accuracy.known == sum(outcomes[c] != 2 for c in cases)
    cells = Counter((blind[c], int(outcomes[c])) for c in cases)
    n = {d: sum(v for (what, _), v in cells.items() if what == d) for d in ("approve", "refuse")}
    known = {d: cells[d, 0] + cells[d, 1] for d in n}
    good = {d: n[d] * cells[d, 1] / known[d] for d in n}
    assert found.accuracy.h1.value == pytest.approx(good["approve"] / sum(good.values()), abs=1e-12)


def test_figures_of_a_group_are_those_of_its_cases_alone(worked):
    queue, found, _outcomes, rows = figures(worked)
    assert {line.group for line in found.groups["gender"]} == {"f", "m"}
    people = 0
    for line in found.groups["gender"]:
        own = (rows.frame["gender"] == line.group).to_numpy()
        people += line.people
        standing = [queue.cases[i].decision for i in np.flatnonzero(own) if queue.fill.routes[i] == "v"]
        told = [s.value for s in standing if s is not None and s.value != "cannot_say"]
        assert (line.approved.numerator, line.approved.denominator) == (told.count("approve"), len(told))
    assert people == len(queue.cases)


def test_the_audit_speaks_of_all_automatic_decisions(worked, entries):
    """By hand: within a route everybody drawn stands for as many."""
    queue, _, outcomes, _ = figures(worked)
    known = np.where(outcomes == 2, np.arange(outcomes.size) % 2, outcomes).astype(np.int8)
    found = figures_of(queue, known)
    wrong = 0.0
    for route, bad in (("r", 1), ("a", 0)):
        size = queue.fill.batch_routes["rva".index(route)]
        drawn = [i for i, letter in enumerate(queue.fill.routes) if letter == route]
        wrong += size * sum(known[i] == bad for i in drawn) / len(drawn)
    automatic = queue.fill.batch_routes[0] + queue.fill.batch_routes[2]
    assert found.audit_outcomes.rates["auto_error_rate"].value == pytest.approx(wrong / automatic, abs=1e-12)
    blind = said(entries, "queue.blind", 1)
    told = [i for i, letter in enumerate(queue.fill.routes) if letter != "v" and blind[i] != "cannot_say"]
    assert found.audit_people.judged == len(told)


def test_the_audit_says_nothing_where_outcomes_may_be_missing_by_what_was_decided(worked):
    queue, *_ = figures(worked)
    routes = np.array(list(queue.fill.routes))
    decided = np.array([c.decision.value if c.decision else "" for c in queue.cases])
    assert {"approve", "refuse"} <= set(decided[routes == "r"])
    # Who was refused in the end never shows an outcome: the known ones would say 100 % wrong.
    known = np.where((routes == "r") & (decided != "approve"), 2, 1).astype(np.int8)
    found = figures_of(queue, known).audit_outcomes
    error = found.rates["auto_error_rate"]
    assert error.value is None
    assert "decided both ways" in str(error.reason)
    assert found.totals["fn"].value is None
    assert found.totals["tp"].value == queue.fill.batch_routes[2]
    assert found.judged == int(((routes != "v") & (known != 2)).sum())


def test_readers_are_counted_apart(worked, entries):
    _, found, _, _ = figures(worked)
    reads = Counter(actor for kind, actor, _ in entries if kind == "queue.blind")
    assert {line.reader: line.reads for line in found.readers} == dict(reads)


def test_recorded_decisions_stand_at_the_rows_of_the_batch(worked):
    queue, _, _, rows = figures(worked)
    found = recorded_decisions(queue, rows, 40)
    for case in queue.cases:
        told = None if case.decision is None else case.decision.value
        assert found[rows.row[case.number]] == {"refuse": 0, "approve": 1}.get(told, 2)
    assert (found == 2).sum() >= 40 - len(queue.cases)


def test_the_table_of_decisions_has_one_line_a_case_and_no_reader(worked):
    queue, _, outcomes, rows = figures(worked)
    table = decisions_table(queue, rows, outcomes)
    settled = [case.number for case in queue.cases if case.due is None]
    assert table["review_case"].tolist() == settled
    assert table["number"].tolist() == rows.frame["number"][settled].tolist()
    assert table["score"].tolist() == rows.score[settled].tolist()
    assert not any(name in table.to_json() for name in ("Bea", "Cem", "Dan"))
    assert "number" not in decisions_table(queue, None, outcomes).columns


def test_accepted_rows_say_where_their_outcome_comes_from(worked):
    queue, _, outcomes, rows = figures(worked)
    with pytest.raises(InvalidChoice, match="accepted"):
        accepted_table(queue, rows, outcomes)
    settled = [c for c in queue.cases if c.decision is not None and c.decision.value != "cannot_say"]
    cases = [c.number for c in settled[:18]]
    queue = worked.at(ANA).accept(worked.id, cases, reason="Checked against the files.")
    table, roles = accepted_table(queue, rows, outcomes)
    data = dataset_from_frame(table, roles)
    assert len(table) == 18
    for line, number in zip(table.to_dict("records"), cases, strict=True):
        told = queue.cases[number].decision.value
        if outcomes[number] == 2:
            wanted = ("yes" if told == "approve" else "no", "decided by a person")
        else:
            wanted = ("yes" if outcomes[number] == 1 else "no", "observed")
        assert (line["repaid"], line["outcome_source"]) == wanted
        assert line["number"] == rows.frame["number"][number]
    assert "outcome_source" not in data.features
    assert set(table["outcome_source"]) == {"decided by a person", "observed"}


def test_json_hides_figures_of_few_people_and_says_so(worked):
    queue, found, _, _ = figures(worked)
    told = queue_json(queue, found, names=worked.at(ANA).names(worked.id), fewest=10)
    assert json.loads(json.dumps(told, allow_nan=False))["schema"] == "rai-dash/queue/1"
    assert {line["name"] for line in told["readers"]} == {"Bea", "Cem", "Dan"}
    hidden = queue_json(queue, found, fewest=10_000)
    assert hidden["readers"] is None
    for line in hidden["groups"]["gender"]:
        assert line["people"] is None
        assert line["approved"]["value"] is None
        assert "fewer than" in line["approved"]["reason"]
    assert told["counts"]["settled"] == found.counts.settled


def test_tables_for_the_page_have_a_line_each(worked):
    _, found, _, _ = figures(worked)
    assert set(groups_table(found)["figure"]) == {"approved", "agreement", "h1", "h0"}
    assert set(readers_table(found, worked.at(ANA).names(worked.id))["reader"]) == {"Bea", "Cem", "Dan"}


def test_reviewers_see_their_own_figures_and_nobody_elses(worked):
    with pytest.raises(NotAllowed):
        worked.at("Bea").names(worked.id)
    own = worked.at("Bea").own(worked.id)
    found = figures_of(own, np.full(len(own.cases), 2, dtype=np.int8))
    assert len(found.readers) == 1
    all_of_them = {line.reads for line in figures(worked)[1].readers}
    assert found.readers[0].reads in all_of_them


def test_a_reviewers_own_figures_tell_nothing_of_cases_they_have_not_decided(store):
    story = QueueStory(store)
    number = story.decide("Bea")
    own = story.at("Bea").own(story.id)
    others = [case for case in own.cases if case.number != number]
    assert {(case.route, case.side, case.two_reads, case.reads) for case in others} == {("v", "-", False, ())}
    assert set(own.fill.routes) <= {"v", story.filled.fill.routes[number]}
    assert set(own.fill.second) == {"0"}


def test_nothing_is_claimed_of_a_queue_that_nobody_has_worked(store):
    story = QueueStory(store)
    _, found, _, _ = figures(story)
    for one in (found.agreement, found.kappa, found.overrides, found.accuracy.h1, found.accuracy_all["h1"]):
        assert one.value is None
        assert one.reason
    assert found.seconds.median is None
    assert found.readers == ()


def test_over_all_applications_the_audited_stand_for_the_others(store):
    frame, score = batch(44)
    known = frame.frame.assign(repaid=np.where(np.random.default_rng(1).random(44) < score, "yes", "no"))
    story = QueueStory(store, n=12)
    dataset = dataset_from_frame(known, ROLES, name="all known")
    queue = story.at(ANA).fill("consumer-loans", dataset, score, audit_share=0.3, second_share=0)
    story.id = queue.id
    rng = np.random.default_rng(2)
    while story.decide("Bea", str(rng.choice(["approve", "refuse"])), seconds=0, pause=0) is not None:
        pass
    _, found, outcomes, rows = figures(story)
    queue = story.now()
    sizes = dict(zip("rva", queue.fill.batch_routes, strict=True))
    drawn = Counter(queue.fill.routes)
    mine = whole = 0.0
    for case in queue.cases:
        weight = sizes[case.route] / drawn[case.route]
        if outcomes[case.number] == 1:
            whole += weight
            mine += weight * (case.reads[0].blind.decision.value == "approve")
    assert found.accuracy_all["h1"].value == pytest.approx(mine / whole, abs=1e-12)
    assert pd.notna(rows.score).all()


def test_a_viewer_sees_no_figures(worked):
    with pytest.raises(NotAllowed):
        worked.at(reader("Vera", AppRole.VIEWER)).facts(worked.id)
