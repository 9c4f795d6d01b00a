"""What the Problems page says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rai_dash.data.slices import parse_slice
from rai_dash.govern.problems import Status, Triaged
from rai_dash.govern.problems._rules import NEXT
from rai_dash.report.problems_work import ProblemTable, evaluate_problems
from rai_dash.ui.problems import words
from tests.unit.report.problem_world import case_of, crowd, data, problem

NOTHING = ProblemTable(threshold=0.5, lines=(), skipped=())


def placed(problem_, share=0.12, error=0.24, overall=0.1):
    return Triaged(
        name=problem_.title, id=problem_.id, harm=problem_.harm, share=share, error=error, overall=overall
    )


def open_ones(n):
    return [problem("age < 25", id=f"p{i}", title=f"T{i}") for i in range(n)]


def said(problems, **place):
    return words.finding(problems, [placed(p, **place) for p in problems], NOTHING)


def test_the_finding_counts_and_names_the_worst():
    assert said(open_ones(3)) == (
        "3 problems are open; on these data the worst touches 12 % of applicants with 2.4 times the usual error."
    )
    assert (
        said(open_ones(1))
        == "1 problem is open; on these data it touches 12 % of applicants with 2.4 times the usual error."
    )


def test_the_usual_error_is_not_told_of_everyone():
    one = open_ones(1)
    told = words.finding(one, [placed(one[0], share=1.0, error=0.2, overall=0.2)], NOTHING)
    assert told == "1 problem is open; it is about everyone."


def test_an_undefined_priority_is_not_made_up():
    assert said(open_ones(2), error=None) == "2 problems are open."


def test_nothing_known_is_not_nothing_wrong():
    assert "nobody has looked" in said([])


def test_what_is_closed_is_not_open():
    closed = problem("age < 25", status=Status.FIXED)
    assert said([closed]) == "No problem is open; 1 is closed."
    assert not words.is_worrying([closed], NOTHING)
    assert words.is_worrying(open_ones(1), NOTHING)


def test_what_came_back_is_said_also_where_it_is_closed():
    closed = problem("age < 25", status=Status.FIXED, fixed_at=(1,))
    table = evaluate_problems(case_of(data(crowd(mend=False))), [closed], 0.5)
    assert words.finding([closed], [placed(closed)], table).endswith("1 has come back.")
    assert words.is_worrying([closed], table)


def test_people_picked_by_hand_are_counted_and_not_named():
    picked = problem("rows A17, A18", has_patterns=True)
    assert words.whom(picked) == "2 people picked by hand"
    assert "not kept" in words.whom(problem("rows A17", has_patterns=True, slice=None))
    assert words.whom(problem("age < 25 and gender is Female")) == "age < 25 and gender is Female"


@pytest.mark.parametrize("status", Status)
def test_every_status_that_may_follow_has_its_words(status):
    assert set(words.may_become(status, NEXT[status])) == {s.value for s in NEXT[status]}


def test_an_acceptance_has_its_end():
    until = problem("age < 25", status=Status.ACCEPTED, until=datetime(2027, 3, 1, tzinfo=UTC))
    assert words.status(until) == "accepted until 28 Feb 2027"


def test_a_row_of_the_list_has_dashes_for_what_is_undefined():
    one = problem("age < 25", slice=parse_slice("age < 25"))
    row = words.list_row(one, placed(one, share=None), None)
    assert (row["Here"], row["People"], row["Priority"], row["Owner"]) == ("–", "–", "–", "nobody")
    assert words.list_row(one, placed(one), None)["Priority"] == "0.86"


def test_what_is_shown_on_other_data_alone_is_said_where_the_data_are_looked_at():
    # Of the young four in ten are decided wrongly in one table, and nobody in the other one.
    case = case_of(data(crowd(bad=0.4), "hit"), data(crowd(bad=0.0, seed=1), "clean"))
    young = [problem("age < 25", id=f"p{i}") for i in range(2)]
    closed = problem("age < 25", id="p2", status=Status.NOT_A_PROBLEM)
    table = evaluate_problems(case, [*young, closed], 0.5)

    one = words.elsewhere([young[0], closed], table, ("clean", "a"))
    assert one == "It is not shown on these data, but it is on others with the same model."
    assert words.elsewhere(young, table, ("clean", "a")).startswith("2 of them are not shown on these data")
    assert words.elsewhere(young, table, ("hit", "a")) == ""
    assert words.elsewhere([closed], table, ("clean", "a")) == ""
