"""Problems on every model and data set, against counts by hand, scipy, and the rule of the house."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from rai_dash.case import DataRole
from rai_dash.core.errors import InvalidChoice, NotAllowed
from rai_dash.data.slices import parse_slice
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.problems import Basis, ProblemDesk, ProblemResult, ProblemScope, Rates, State
from rai_dash.report.problem_cases import few_checked, opening_checked, problem_cases, slice_rows
from rai_dash.report.problems_work import basis_of, evaluate_problems, record_results
from tests.unit.report.problem_world import case_of, crowd, data, problem

YOUNG = "age < 25"
SEES = Person(name="Ana", subject="Ana", role=AppRole.ANALYST, sees_rows=True)


def only(case, *problems, threshold=0.5):
    return evaluate_problems(case, problems, threshold)


def states(table):
    return {(line.data, line.model): line.state for line in table.lines}


def wilson(k, n):
    return stats.binomtest(int(k), int(n)).proportion_ci(method="wilson")


def newcombe(k1, n1, k2, n2):
    one, two = wilson(k1, n1), wilson(k2, n2)
    p, q = k1 / n1, k2 / n2
    return p - q - math.hypot(p - one.low, two.high - q), p - q + math.hypot(one.high - p, q - two.low)


def test_the_figures_are_those_of_a_count_by_hand():
    frame = crowd()
    table = only(case_of(data(frame)), problem(YOUNG))
    for line in table.lines:
        wrong = (frame[line.model] >= 0.5) != (frame["paid"] == 1)
        young = frame["age"] < 25
        found, (n, k) = line.found, (young.sum(), wrong[young].sum())
        assert (found.error.numerator, found.error.denominator) == (k, n)
        assert found.error.value == pytest.approx(k / n, abs=1e-15)
        assert (found.error.low, found.error.high) == pytest.approx(tuple(wilson(k, n)), abs=1e-12)
        rest_n, rest_k = (~young).sum(), wrong[~young].sum()
        assert found.excess.value == pytest.approx(k / n - rest_k / rest_n, abs=1e-15)
        assert (found.excess.low, found.excess.high) == pytest.approx(
            newcombe(k, n, rest_k, rest_n), abs=1e-12
        )
        assert found.rates == Rates(
            rows=n, n=pytest.approx(n), wrong=pytest.approx(k), rest_n=pytest.approx(rest_n),
            rest_wrong=pytest.approx(rest_k), share=pytest.approx(n / len(frame), abs=1e-15),
            overall=pytest.approx(wrong.mean(), abs=1e-15),
        )  # fmt: skip
        assert line.priority(3) == pytest.approx(n / len(frame) * (k / n) / wrong.mean() * 3, abs=1e-12)


def test_weights_count_in_share_errors_and_priority():
    frame = crowd()
    line = only(case_of(data(frame, weight="weight")), problem(YOUNG, harm=5)).on("p1", "d", "a")
    share = error = total_error = total = inside = 0.0
    for _, row in frame.iterrows():
        wrong = (row["a"] >= 0.5) != (row["paid"] == 1)
        total += row["weight"]
        total_error += row["weight"] * wrong
        if row["age"] < 25:
            inside += row["weight"]
            error += row["weight"] * wrong
    share = inside / total
    expected = share * (error / inside) / (total_error / total) * 5
    assert line.priority(5) == pytest.approx(expected, rel=1e-12)
    # Kish: (sum w)^2 / sum w^2 rows behind the rate.
    weight = frame.loc[frame["age"] < 25, "weight"]
    assert line.found.rates.n == pytest.approx(weight.sum() ** 2 / (weight**2).sum(), rel=1e-12)


def test_the_change_is_that_of_the_same_rows():
    frame = crowd()
    line = only(case_of(data(frame)), problem(YOUNG)).on("p1", "d", "b")
    young = (frame["age"] < 25).to_numpy()
    wrong = {m: ((frame[m] >= 0.5) != (frame["paid"] == 1)).to_numpy()[young] for m in "ab"}
    fell, rose = (wrong["a"] & ~wrong["b"]).sum(), (wrong["b"] & ~wrong["a"]).sum()
    assert line.found.drop.value == pytest.approx((fell - rose) / young.sum(), abs=1e-15)
    assert line.found.p_value == pytest.approx(
        stats.binomtest(int(fell), int(fell + rose), 0.5).pvalue, rel=1e-9
    )
    assert line.found.is_paired
    assert line.found.drop.low < line.found.drop.value < line.found.drop.high


def test_a_model_that_mends_it_is_seen_without_asking():
    table = only(case_of(data(crowd())), problem(YOUNG))
    assert states(table) == {("d", "a"): State.STILL_THERE, ("d", "b"): State.FIXED}
    assert [line.is_first for line in table.lines] == [True, False]
    # Nobody said what b was trained on, and that is no secret.
    assert table.lines[1].why.endswith("Nobody said whether the model was trained on these rows.")


def test_a_model_that_does_not_mend_it_has_not_fixed_it():
    assert states(only(case_of(data(crowd(mend=False))), problem(YOUNG)))["d", "b"] is State.NOT_FIXED


def test_too_few_rows_settle_nothing():
    frame = crowd(60, seed=3)
    found = only(case_of(data(frame)), problem(YOUNG)).on("p1", "d", "b")
    assert found.state in {State.TOO_FEW, State.NOT_SHOWN}


def test_a_slice_without_errors_anywhere_is_not_called_fixed():
    frame = crowd(bad=0.1)
    assert set(states(only(case_of(data(frame)), problem(YOUNG))).values()) == {State.NOT_SHOWN}


def test_rows_of_the_training_show_nothing_fixed():
    case = case_of(data(crowd(), role=DataRole.TRAINING), trained_on={"b": "d"})
    line = only(case, problem(YOUNG)).on("p1", "d", "b")
    assert line.state is State.BETTER
    assert "trained on these rows" in line.why


def test_rows_that_the_model_was_trained_on_are_left_out_where_the_data_say_so():
    frame = crowd().assign(split=lambda f: np.where(f.index % 2 == 0, "train", "test"))
    case = case_of(data(frame, split="split", split_train=("train",)))
    line = only(case, problem(YOUNG)).on("p1", "d", "a")
    held_out = frame[frame["split"] == "test"]
    assert line.found.rates.rows == (held_out["age"] < 25).sum()


def test_another_threshold_of_the_same_model_is_compared_with_the_first():
    frame = crowd()
    # The young who paid all get 0.4999 or less where they are refused: at 0.05 everybody is approved.
    line = only(case_of(data(frame), models=("a",)), problem(YOUNG), threshold=0.05).on("p1", "d", "a")
    assert not line.is_first
    young = (frame["age"] < 25).to_numpy()
    at_first = ((frame["a"] >= 0.5) != (frame["paid"] == 1))[young].mean()
    now = (frame["paid"] != 1)[young].mean()
    assert line.found.drop.value == pytest.approx(at_first - now, abs=1e-15)


def test_a_slice_that_asks_for_scores_is_compared_in_shares_of_everybody():
    frame = crowd()
    text = "score < 0.5 and outcome is favourable"
    line = only(case_of(data(frame)), problem(text)).on("p1", "d", "b")
    refused = {m: (frame[m] < 0.5) & (frame["paid"] == 1) for m in "ab"}
    assert line.found.error.value == 1.0
    assert line.found.of_everybody
    assert line.found.drop.value == pytest.approx(refused["a"].mean() - refused["b"].mean(), abs=1e-15)


def test_without_the_first_model_what_is_on_record_is_compared():
    frame = crowd()
    case = case_of(data(frame), models=("b",))
    then = Rates(rows=400, n=400.0, wrong=160.0, rest_n=1600.0, rest_wrong=160.0, share=0.2, overall=0.16)
    first = Basis(data="9" * 64, model="a" * 64, model_class="1", threshold=0.5)
    on_record = ProblemResult(basis=first, slice_hash=YOUNG, state=State.STILL_THERE, rates=then, seq=2)
    line = only(case, problem(YOUNG, of="9" * 64, results=(on_record,))).on("p1", "d", "b")
    young = frame["age"] < 25
    wrong = ((frame["b"] >= 0.5) != (frame["paid"] == 1))[young]
    assert not line.found.is_paired
    assert line.found.drop.value == pytest.approx(0.4 - wrong.mean(), abs=1e-12)
    assert (line.found.drop.low, line.found.drop.high) == pytest.approx(
        newcombe(160, 400, wrong.sum(), young.sum()), abs=1e-12
    )
    assert line.state is State.FIXED


def test_without_anything_to_compare_with_nothing_is_fixed():
    table = only(case_of(data(crowd()), models=("b",)), problem(YOUNG))
    assert states(table) == {("d", "b"): State.NOT_SHOWN}
    table = only(case_of(data(crowd()), models=("a",)), problem(YOUNG, first=None))
    assert states(table) == {("d", "a"): State.STILL_THERE}


def test_everybody_needs_an_agreed_error_rate():
    case = case_of(data(crowd()))
    assert states(only(case, problem("everyone"))) == {
        ("d", "a"): State.NOTHING_TO_COMPARE, ("d", "b"): State.BETTER,
    }  # fmt: skip
    agreed = problem("everyone", tolerance=0.13, slice_hash="agreed")
    assert states(only(case, agreed)) == {("d", "a"): State.STILL_THERE, ("d", "b"): State.FIXED}


def test_rows_without_an_outcome_or_a_score_are_judged_by_nobody():
    frame = crowd()
    frame["paid"] = frame["paid"].astype(object)
    frame.loc[:99, "paid"] = None
    frame.loc[100:199, "a"] = np.nan
    found = only(case_of(data(frame)), problem(YOUNG)).on("p1", "d", "a").found
    young = frame["age"] < 25
    assert found.rates.rows == young.sum()
    assert found.error.denominator == young[200:].sum()


@pytest.mark.parametrize("n", [0, 1])
def test_data_that_cannot_be_judged_are_named(n):
    frame = crowd(50)
    without = frame.drop(columns="b") if n else frame.assign(paid=None)
    table = only(case_of(data(frame), data(without, "e")), problem(YOUNG))
    assert {line.data for line in table.lines if line.model == "b"} == {"d"}
    told = [skip for skip in table.skipped if (skip.data, skip.model) == ("e", "b")]
    assert [skip.problem_id for skip in told] == [None]
    assert told[0].why.endswith(".")


def test_a_slice_that_the_data_cannot_answer_is_named_and_the_others_are_measured():
    other = problem("branch is 7", id="p2", slice_hash="other")
    table = only(case_of(data(crowd())), problem(YOUNG), other)
    assert {line.problem_id for line in table.lines} == {"p1"}
    assert {skip.problem_id for skip in table.skipped} == {"p2"}
    assert "branch" in table.skipped[0].why


def test_models_are_asked_once_however_often_it_is_evaluated():
    case = case_of(data(crowd()), data(crowd(seed=1), "e"))
    for threshold in (0.5, 0.6, 0.5):
        only(case, problem(YOUNG), threshold=threshold)
    assert [m.model.asked for m in case.models] == [2, 2]


def test_triage_is_by_what_one_model_does_on_one_data_set():
    case = case_of(data(crowd()))
    old = problem("age >= 25", id="p2", title="Old", slice_hash="old")
    nobody = problem("age < 1", id="p3", title="Babies", slice_hash="none")
    problems = [nobody, old, problem(YOUNG, title="Young")]
    order = only(case, *problems).triaged(problems, "d", "a")
    assert [one.name for one in order][-1] == "Babies"
    assert order[-1].priority is None
    assert order[0].priority > order[1].priority
    assert only(case, *problems).triaged(problems, "nowhere", "a")[0].priority is None


def picked(text, dataset, **more):
    scope = ProblemScope(data=frozenset({dataset.dataset.fingerprint}))
    return problem(text, has_patterns=True, scope=scope, **more)


def test_picked_rows_pass_or_fail_one_by_one():
    frame = crowd(50)
    frame.loc[:2, "paid"], frame.loc[:2, "a"], frame.loc[:2, "b"] = 1, [0.1, 0.2, 0.9], 0.8
    here = data(frame, id="id")
    one = picked("rows n0, n1 expected favourable, n2", here)
    table = only(case_of(here), one)
    assert states(table) == {("d", "a"): State.STILL_THERE, ("d", "b"): State.FIXED}
    found = table.on("p1", "d", "b").found.picked
    assert (found.right, found.decided, found.of, found.newly_right, found.newly_wrong) == (3, 3, 3, 2, 0)
    # What is expected of a row wins over what came out.
    otherwise = replace(one, slice=parse_slice("rows n0 expected unfavourable"), slice_hash="x")
    assert states(only(case_of(here), otherwise)) == {
        ("d", "a"): State.NOT_SHOWN,
        ("d", "b"): State.NOT_FIXED,
    }


def test_places_of_rows_are_those_of_the_whole_table():
    frame = crowd(50).assign(split=lambda f: np.where(f.index < 25, "train", "test"))
    frame.loc[30, ["paid", "a", "b"]] = [1, 0.1, 0.8]
    here = data(frame, split="split", split_train=("train",))
    table = only(case_of(here), picked("rows 30, 3", here))
    found = table.on("p1", "d", "b")
    assert (found.found.picked.right, found.found.picked.decided, found.found.picked.of) == (1, 1, 2)
    assert found.state is State.TOO_FEW


def test_picked_rows_are_not_looked_for_in_other_data():
    here, there = data(crowd(50), id="id"), data(crowd(50, seed=1), "e", id="id")
    table = only(case_of(here, there), picked("rows n0, n1", here))
    assert {line.data for line in table.lines} == {"d"}
    assert {skip.data for skip in table.skipped} == {"e"}


def test_cases_are_listed_for_those_who_see_rows_wrong_ones_first():
    frame = crowd(40)
    here = data(frame, id="id")
    case = case_of(here)
    with pytest.raises(NotAllowed, match="Single rows"):
        problem_cases(case.judge("d", "a"), problem(YOUNG), 0.5, replace(SEES, sees_rows=False))
    rows = problem_cases(case.judge("d", "a"), problem(YOUNG), 0.5, SEES)
    young = frame[frame["age"] < 25]
    assert set(rows["row"]) == set(young["id"])
    assert rows["wrong"].tolist() == sorted(rows["wrong"], reverse=True)
    for _, row in rows.iterrows():
        person = young.set_index("id").loc[row["row"]]
        assert row["score"] == person["a"]
        assert row["decision"] == ("favourable" if person["a"] >= 0.5 else "unfavourable")
        assert row["outcome"] == ("favourable" if person["paid"] == 1 else "unfavourable")
        assert row["wrong"] == (row["decision"] != row["outcome"])
    assert len(problem_cases(case.judge("d", "a"), problem(YOUNG), 0.5, SEES, most=2)) == 2


def test_who_may_not_see_rows_cannot_single_people_out_by_conditions():
    frame = crowd(50)
    judgement, blind = case_of(data(frame)).judge("d", "a"), replace(SEES, sees_rows=False)
    few, many = "age < 25 and score >= 0.5 and outcome is unfavourable", "age >= 25"
    counts = {words: int(slice_rows(judgement, parse_slice(words), 0.5).sum()) for words in (few, many)}
    assert 0 < counts[few] < 10 <= counts[many]

    few_checked(judgement, parse_slice(few), 0.5, SEES)
    few_checked(judgement, parse_slice(many), 0.5, blind)
    with pytest.raises(NotAllowed, match="Fewer than 10 people fit this"):
        few_checked(judgement, parse_slice(few), 0.5, blind)


def test_conditions_on_who_somebody_is_are_refused():
    judgement = case_of(data(crowd(50), id="id")).judge("d", "a")
    opening_checked(judgement, parse_slice(YOUNG))
    opening_checked(judgement, parse_slice("rows n1, n2"))
    with pytest.raises(InvalidChoice, match="`id` names people"):
        opening_checked(judgement, parse_slice("id is n1"))
    with pytest.raises(InvalidChoice, match="no row `n99`"):
        opening_checked(judgement, parse_slice("rows n99"))


@pytest.fixture
def desk(tmp_path):
    from tests.policies import store_in

    with store_in(tmp_path) as store:
        yield ProblemDesk(store, SEES)


def test_a_fixed_problem_that_comes_back_on_later_data_has_regressed(desk):
    case = case_of(data(crowd()))
    opened = desk.open("Young", parse_slice(YOUNG), basis=basis_of(case.judge("d", "a"), 0.5))
    (now,) = record_results(desk, [opened], only(case, opened))
    assert [r.state for r in now.results] == [State.STILL_THERE, State.FIXED]
    desk.status(opened.id, "fixed")
    later = case.with_data(data(crowd(seed=5, mend=False), "batch"))
    table = only(later, desk.problem(opened.id))
    assert states(table) == {
        ("d", "a"): State.STILL_THERE, ("d", "b"): State.FIXED,
        ("batch", "a"): State.STILL_THERE, ("batch", "b"): State.REGRESSED,
    }  # fmt: skip
    (now,) = record_results(desk, [desk.problem(opened.id)], table)
    # Once on record the answer stays.
    assert states(only(later, now)) == states(table)
    assert record_results(desk, [now], only(later, now)) == [now]


def test_a_new_model_brings_back_what_was_closed_as_fixed_and_a_known_one_does_not(desk):
    frame = crowd()
    frame["c"] = frame["d"] = crowd(mend=False)["a"]
    case = case_of(data(frame), models=("a", "b", "c"))
    opened = desk.open("Young", parse_slice(YOUNG), basis=basis_of(case.judge("d", "a"), 0.5))
    record_results(desk, [opened], only(case, opened))
    closed = desk.status(opened.id, "fixed")
    with_new = case_of(data(frame), models=("a", "b", "c", "d"))
    assert states(only(with_new, closed)) == {
        ("d", "a"): State.STILL_THERE, ("d", "b"): State.FIXED, ("d", "c"): State.NOT_FIXED,
        ("d", "d"): State.REGRESSED,
    }  # fmt: skip
    # Once on record the answer stays, also on other data.
    (now,) = record_results(desk, [closed], only(with_new, closed))
    assert states(only(with_new, now))["d", "d"] is State.REGRESSED
    more = frame.iloc[::-1].reset_index(drop=True)
    assert states(only(with_new.with_data(data(more, "e")), now))["e", "d"] is State.REGRESSED
    assert states(only(with_new.with_data(data(more, "e")), now))["e", "c"] is State.NOT_FIXED


def test_the_first_model_at_another_threshold_brings_nothing_back(desk):
    case = case_of(data(crowd()))
    opened = desk.open("Young", parse_slice(YOUNG), basis=basis_of(case.judge("d", "a"), 0.5))
    closed = desk.status(opened.id, "fixed", reason="The new model goes into force on Monday.")
    # No score lies between, so that nothing is decided otherwise.
    assert states(only(case, closed, threshold=0.45))["d", "a"] is State.NOT_FIXED


def test_those_who_may_not_write_write_nothing_by_looking(desk):
    case = case_of(data(crowd()))
    opened = desk.open("Young", parse_slice(YOUNG), basis=basis_of(case.judge("d", "a"), 0.5))
    viewer = ProblemDesk(desk._store, Person(name="Vera", subject="Vera"))
    assert record_results(viewer, [opened], only(case, opened)) == [opened]
    assert desk.problem(opened.id).results == ()


@pytest.mark.slow
@pytest.mark.parametrize(("bad", "state", "at_most"), [(0.4, State.FIXED, 0.0), (0.16, State.FIXED, 0.03)])
def test_a_model_that_mends_nothing_is_hardly_ever_said_to_fix_it(bad, state, at_most):
    # Both err alike about the young, each by its own chance; a slice that is only a little worse is the hard one.
    tries = 600
    hits = sum(
        only(case_of(data(crowd(800, seed=s, mend=False, bad=bad))), problem(YOUNG)).on("p1", "d", "b").state
        is state
        for s in range(tries)
    )
    assert hits <= at_most * tries


@pytest.mark.slow
def test_a_model_that_mends_it_is_mostly_said_to_fix_it():
    tries = 200
    hits = sum(
        only(case_of(data(crowd(seed=s))), problem(YOUNG)).on("p1", "d", "b").state is State.FIXED
        for s in range(tries)
    )
    # The excess left is shown by chance in 2.5 % of draws, and nothing else stands in the way.
    assert hits >= 0.93 * tries
