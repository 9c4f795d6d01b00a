"""Problems tried on batches of production, against counts over the rows by hand, in a real store."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rai_dash.core.errors import InvalidChoice, NotAllowed, StoreUnavailable
from rai_dash.core.settings import get_settings
from rai_dash.data.slices import parse_slice, slice_words
from rai_dash.govern.desk import Desk
from rai_dash.govern.monitor.counting import batch_of, count_batch
from rai_dash.govern.monitor.judging import judge_batch
from rai_dash.govern.monitor.log import MonitorLog
from rai_dash.govern.monitor.subject import SIGNED
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.problems import Basis, ProblemDesk, ProblemScope, Source, State
from rai_dash.report._problem_rows import column_fingerprint
from rai_dash.report.problem_batches import batch_history, kept_rows_tried, problems_on_batch, recorded_error
from rai_dash.report.slices_batches import pool_of, slices_of_pool
from rai_dash.trials.slices.searched import search_apart
from tests.policies import PEOPLE, bring_into_force, store_in
from tests.unit.govern.monitor_story import applications, make_policy, table

ANA = PEOPLE[0]
SEES = Person(name="Ana", subject="Ana", role=AppRole.ANALYST, sees_rows=True)
NAME = "small-loans"
WOMEN = "sex is f"
OF_POLICY = ProblemScope(policy_id=NAME)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    found = tmp_path_factory.mktemp("in_force")
    with store_in(found) as store:
        bring_into_force(store, make_policy())
    return found


@pytest.fixture
def store(place, tmp_path):
    copy = tmp_path / "store"
    shutil.copytree(place, copy)
    with store_in(copy) as opened:
        yield opened


@pytest.fixture
def keeping(monkeypatch):
    monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", "true")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def policy_in(store):
    return Desk(store, ANA).policy(NAME, 1)


def record(store, frame, label, *, log=None, hook=True):
    policy = policy_in(store)
    batch = batch_of(policy, table(frame))
    counts = count_batch(policy, batch)
    report = judge_batch(policy, counts, rows=batch, label=label, subject=SIGNED)
    log = log or MonitorLog(store, ANA, on_record=problems_on_batch(store) if hook else None)
    return log.record(policy, counts, report, batch=batch, label=label)


def opened(store, text=WOMEN, scope=OF_POLICY, **more):
    return ProblemDesk(store, ANA).open("Something is wrong", parse_slice(text), scope=scope, **more)


def again(store, problem):
    return ProblemDesk(store, ANA).problem(problem.id)


def history(store, problem, *, person=SEES):
    log = MonitorLog(store, person)
    trying = kept_rows_tried(log, Desk(store, ANA).policy)
    return batch_history(
        again(store, problem), log.series(NAME), trying, data_of=lambda _: policy_in(store).data.sha256
    )


def by_hand(frame, inside, threshold=0.5):
    """Rows, judged rows and wrong decisions in a slice and beside it, row by row."""
    n = [0, 0]
    wrong = [0, 0]
    for is_in, (_, row) in zip(inside, frame.iterrows(), strict=True):
        n[not is_in] += 1
        wrong[not is_in] += (row["score"] >= threshold) != (row["outcome"] == "repaid")
    return n[0], wrong[0], n[1], wrong[1]


def test_every_problem_of_the_policy_is_tried_on_a_batch_while_it_is_recorded(store):
    problems = [opened(store), opened(store, "amount is blank")]
    frame = applications(900, 40)

    run = record(store, frame, "June")

    for problem, inside in zip(problems, (frame["sex"] == "f", frame["amount"].isna()), strict=True):
        (result,) = again(store, problem).results
        n, wrong, rest_n, rest_wrong = by_hand(frame, inside)
        rates = result.rates
        assert (rates.rows, rates.n, rates.wrong) == (n, n, wrong)
        assert (rates.rest_n, rates.rest_wrong) == (rest_n, rest_wrong)
        assert rates.share == pytest.approx(n / 900)
        assert rates.overall == pytest.approx((wrong + rest_wrong) / 900)
        scale = policy_in(store).score.scale
        assert result.basis == Basis(
            data=run.batch_sha256, model=column_fingerprint("score", scale), threshold=0.5
        )
    assert store.verify() == []


def test_the_entries_of_a_batch_and_of_its_problems_are_one_transaction(store):
    problem = opened(store)
    before = len(list(store.records()))

    def fails(writing, policy, batch):
        problems_on_batch(store)(writing, policy, batch)
        msg = "the lights went out"
        raise OSError(msg)

    with pytest.raises(StoreUnavailable, match="lights"):
        record(store, applications(300, 40), "June", log=MonitorLog(store, ANA, on_record=fails))

    assert len(list(store.records())) == before
    assert again(store, problem).results == ()
    record(store, applications(300, 40), "June")
    assert len(again(store, problem).results) == 1


def test_the_same_batch_again_adds_nothing_and_late_outcomes_are_a_result_of_their_own(store):
    problem = opened(store)
    frame = applications(400, 40)
    record(store, frame.drop(columns="outcome"), "June")
    record(store, frame.drop(columns="outcome"), "June")
    (first,) = again(store, problem).results
    assert (first.state, first.rates.n, first.rates.overall) == (State.TOO_FEW, 0, None)
    assert first.rates.rows == (frame["sex"] == "f").sum()

    record(store, frame, "June")

    assert [r.rates.n for r in again(store, problem).results] == [0, (frame["sex"] == "f").sum()]
    # In the series the batch stands once, as it is now.
    assert [one.result.rates.n for one in history(store, problem).tried] == [(frame["sex"] == "f").sum()]


def test_a_problem_that_a_breach_opens_is_tried_on_its_own_batch(store):
    run = record(store, applications(600, 41, shift=0.2), "July")
    assert run.problems
    for name in run.problems:
        problem = ProblemDesk(store, ANA).problem(name)
        assert problem.source is Source.MONITOR
        assert [r.basis.data for r in problem.results] == [run.batch_sha256]


def test_a_problem_of_other_data_or_another_policy_is_left_alone(store):
    other = opened(store, scope=ProblemScope(data=frozenset({"0" * 64}), policy_id="another"))
    of_data = opened(store, scope=ProblemScope(data=frozenset({policy_in(store).data.sha256})))
    record(store, applications(300, 40), "June")
    assert again(store, other).results == ()
    assert len(again(store, of_data).results) == 1
    # Unless the case that the batch is recorded from has those data.
    log = MonitorLog(store, ANA, on_record=problems_on_batch(store, data=["0" * 64]))
    record(store, applications(300, 41), "July", log=log)
    assert len(again(store, other).results) == 1


def test_a_batch_that_cannot_answer_is_recorded_all_the_same(store):
    problem, picked = opened(store, "purpose is car"), opened(store, "rows 3, 5 expected favourable")
    record(store, applications(300, 40).drop(columns="purpose"), "June")
    assert len(MonitorLog(store, ANA).series(NAME)) == 1
    assert again(store, problem).results == again(store, picked).results == ()


def test_a_planted_error_is_shown_on_the_batch_and_the_state_says_so(store):
    problem = opened(store)
    frame = applications(2_000, 40)
    # All women who repay are declined.
    frame.loc[(frame["sex"] == "f") & (frame["outcome"] == "repaid"), "score"] = 0.2
    record(store, frame, "June")
    (result,) = again(store, problem).results
    assert result.state is State.STILL_THERE
    error, rest, excess = recorded_error(result.rates)
    n, wrong, rest_n, rest_wrong = by_hand(frame, frame["sex"] == "f")
    one, two = (
        stats.binomtest(k, m).proportion_ci(method="wilson") for k, m in ((wrong, n), (rest_wrong, rest_n))
    )
    assert (error.low, error.high) == pytest.approx((one.low, one.high), abs=1e-9)
    assert (rest.low, rest.high) == pytest.approx((two.low, two.high), abs=1e-9)
    p, q = wrong / n, rest_wrong / rest_n
    assert excess.low == pytest.approx(p - q - math.hypot(p - one.low, two.high - q), abs=1e-9)


def test_a_fixed_problem_that_comes_back_on_a_batch_has_regressed(store):
    model = column_fingerprint("score", policy_in(store).score.scale)
    desk = ProblemDesk(store, ANA)
    problem = opened(store, basis=Basis(model="a" * 64, model_class="1", threshold=0.5))
    from rai_dash.govern.problems import ProblemResult, Rates

    rates = Rates(rows=100, n=100, wrong=5, rest_n=900, rest_wrong=45, share=0.1, overall=0.05)
    basis = Basis(data="d" * 64, model=model, threshold=0.5)
    fixed = ProblemResult(basis=basis, slice_hash=problem.slice_hash, state=State.FIXED, rates=rates)
    desk.record(problem.id, [fixed])
    frame = applications(2_000, 40)
    frame.loc[(frame["sex"] == "f") & (frame["outcome"] == "repaid"), "score"] = 0.2
    record(store, frame, "June")
    assert again(store, problem).results[-1].state is State.REGRESSED


def test_batches_before_the_problem_are_tried_where_rows_are_kept_and_counted_where_not(store, keeping):
    record(store, applications(300, 39), "May", hook=False)
    frame = applications(300, 40)
    problem = opened(store)
    found = history(store, problem)
    assert [one.run.label for one in found.tried] == ["May"]
    assert (
        found.tried[0].result.rates.wrong
        == by_hand(applications(300, 39), applications(300, 39)["sex"] == "f")[1]
    )
    assert len(found.new) == 1
    ProblemDesk(store, ANA).record(problem.id, found.new)
    record(store, frame, "June")
    found = history(store, problem)
    assert ([one.run.label for one in found.tried], found.new, found.not_kept) == (["May", "June"], (), 0)


def test_batches_whose_rows_were_not_kept_are_counted(store):
    for seed, label in enumerate(("March", "April", "May")):
        record(store, applications(200, seed), label)
    problem = opened(store)
    record(store, applications(200, 40), "June")
    found = history(store, problem)
    assert ([one.run.label for one in found.tried], found.not_kept) == (["June"], 3)


def test_kept_rows_are_touched_only_by_those_who_may_see_single_applications(store, keeping):
    record(store, applications(200, 39), "May", hook=False)
    problem = opened(store)
    blind = Person(name="Eve", subject="Eve", role=AppRole.ANALYST, sees_rows=False)
    found = history(store, problem, person=blind)
    assert (found.tried, found.closed, found.not_kept) == ((), 1, 0)
    log = MonitorLog(store, blind)
    with pytest.raises(NotAllowed):
        kept_rows_tried(log, Desk(store, ANA).policy)(again(store, problem), log.series(NAME)[0])


def test_kept_rows_give_the_same_figures_as_the_batch_did_when_it_came(store, keeping):
    frame = applications(500, 40)
    early = opened(store)
    record(store, frame, "June")
    late = opened(store)
    kept = history(store, late).tried[0].result
    there = again(store, early).results[0]
    assert (kept.rates, kept.state, kept.basis) == (there.rates, there.state, there.basis)


def test_rows_picked_by_hand_are_never_looked_for_in_a_batch(store, keeping):
    record(store, applications(200, 39), "May", hook=False)
    found = history(store, opened(store, "rows 3, 5 expected favourable"))
    assert (found.tried, found.not_kept) == ((), 0)
    assert "picked by hand" in found.refused[0]


def test_weights_of_the_signed_rows_count_on_a_batch(place, tmp_path):
    from dataclasses import replace

    from rai_dash.data.dataset import dataset_from_frame
    from tests.unit.govern.monitor_story import ROLES

    rng = np.random.default_rng(5)
    signed = applications(1_500, 1).assign(w=rng.integers(1, 5, 1_500).astype(float))
    policy = make_policy(dataset_from_frame(signed, replace(ROLES, weight="w"), name="signed.csv"))
    frame = applications(400, 40).assign(w=rng.integers(1, 5, 400).astype(float))
    with store_in(tmp_path) as store:
        bring_into_force(store, policy)
        problem = opened(store)
        record(store, frame, "June")
        rates = again(store, problem).results[0].rates
    w, women = frame["w"].to_numpy(), (frame["sex"] == "f").to_numpy()
    wrong = ((frame["score"] >= 0.5) != (frame["outcome"] == "repaid")).to_numpy()
    assert rates.error == pytest.approx(w[women & wrong].sum() / w[women].sum(), abs=1e-12)
    assert rates.n == pytest.approx(w[women].sum() ** 2 / (w[women] ** 2).sum(), rel=1e-12)
    assert rates.share == pytest.approx(w[women].sum() / w.sum(), abs=1e-12)


def test_a_batch_that_another_model_scored_is_not_tried_afterwards(store, keeping, monkeypatch):
    from types import SimpleNamespace

    run = record(store, applications(200, 39), "May", hook=False)
    problem = opened(store)
    log = MonitorLog(store, SEES)
    monkeypatch.setattr(type(run), "line", lambda *_: SimpleNamespace(state="breach"))
    with pytest.raises(InvalidChoice, match="Another model"):
        kept_rows_tried(log, Desk(store, ANA).policy)(again(store, problem), run)


def planted(seed, n=600):
    frame = applications(n, seed)
    frame.loc[(frame["purpose"] == "car") & (frame["outcome"] == "repaid"), "score"] = 0.2
    return frame


def test_slices_are_found_in_all_past_batches_together(store, keeping):
    early, june, july = planted(40).drop(columns="outcome"), planted(40), planted(41)
    record(store, early, "June")
    record(store, june, "June")
    record(store, july, "July")

    pool = pool_of(MonitorLog(store, SEES), NAME, Desk(store, ANA).policy)
    # June counts once, as it was recorded last.
    assert [run.label for run in pool.runs] == ["June", "July"]
    assert (pool.known, pool.not_kept, pool.other) == (1_200, 0, 0)
    found = slices_of_pool(pool)

    both = pd.concat([june, july], ignore_index=True)
    wrong = (both["score"] >= 0.5) != (both["outcome"] == "repaid")
    first = found.findings.found[0]
    assert slice_words(first.slice) == "purpose is car"
    cars = both["purpose"] == "car"
    assert (first.rate.numerator, first.rate.denominator) == (wrong[cars].sum(), cars.sum())
    assert (found.findings.overall.numerator, found.findings.rows) == (wrong.sum(), 1_200)
    assert (found.no_outcome, found.no_score) == (0, 0)
    assert set(found.findings.columns) == {"amount", "purpose", "sex", "age"}
    apart = slices_of_pool(pool, search=search_apart())
    assert apart.findings.found == found.findings.found


def test_batches_without_rows_are_counted_and_a_column_of_two_types_is_left_out(store, monkeypatch):
    record(store, planted(39), "May")
    monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", "true")
    get_settings.cache_clear()
    record(store, planted(40), "June")
    words = planted(41)
    words["amount"] = "much"
    record(store, words, "July")
    pool = pool_of(MonitorLog(store, SEES), NAME, Desk(store, ANA).policy)
    assert ([run.label for run in pool.runs], pool.not_kept) == (["June", "July"], 1)
    found = slices_of_pool(pool)
    assert found.left_out["amount"] == "numbers in one batch, text in another"
    assert slice_words(found.findings.found[0].slice) == "purpose is car"
    get_settings.cache_clear()


def test_past_batches_are_searched_only_by_those_who_may_see_single_applications(store, keeping):
    record(store, planted(40), "June")
    blind = Person(name="Eve", subject="Eve", role=AppRole.ANALYST, sees_rows=False)
    with pytest.raises(NotAllowed):
        pool_of(MonitorLog(store, blind), NAME, Desk(store, ANA).policy)
