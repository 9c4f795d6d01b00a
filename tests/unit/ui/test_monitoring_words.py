from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.types import Estimate
from rai_dash.govern._policy_monitoring import WatchedColumn
from rai_dash.govern.monitor.counts import ColumnCounts
from rai_dash.govern.monitor.lines import Family, Held, Line, MonitorReport, Verdict
from rai_dash.govern.monitor.states import State
from rai_dash.ui.monitoring import words
from rai_dash.ui.monitoring.column import BLANK, cells
from rai_dash.ui.monitoring.frames import group_frame, lines_frame
from rai_dash.ui.monitoring.lines_view import share_row


def line(name: str = "review_rate", **changes: object) -> Line:
    given: dict[str, object] = {
        "name": name,
        "family": Family.ROUTES,
        "signed": Estimate(0.18, 0.15, 0.21, 18, 100),
        "batch": Estimate(0.31, 0.23, 0.41, 31, 100),
        "tolerance": 0.02,
        "state": State.BREACH,
    }
    return Line(**(given | changes))  # type: ignore[arg-type]


def psi(column: str, value: float, state: State, **changes: object) -> Line:
    return line(
        "psi", family=Family.COLUMNS, column=column, signed=Estimate.undefined(""), state=state, tolerance=None,
        batch=Estimate(value, denominator=100.0), watch=0.1, breach=0.25, by_chance=0.05, **changes,
    )  # fmt: skip


def report(*lines: Line) -> MonitorReport:
    verdict = Verdict(state=Held.BREACH, sentence="", not_judged=sum(not x.state.is_judged for x in lines))
    return MonitorReport(
        policy_id="p", version=1, label="", rows=100, outcomes=0, batches=1, verdict=verdict, lines=lines
    )


# --- how a line is drawn and told ---


@pytest.mark.parametrize(
    ("changes", "look", "told"),
    [
        ({}, "breach", "breach"),
        (
            {"within_chance": True, "reason": "it may be chance among 9 lines"},
            "watch",
            "outside its limits: it may be chance among 9 lines",
        ),
        ({"state": State.WATCH}, "watch", "to watch: outside, and not settled"),
        ({"state": State.OK}, "ok", "within its limits"),
        ({"state": State.OK, "too_few": True, "rows_needed": 273}, "few", "too few rows to tell, 273 are needed"),
        ({"state": State.NO_DATA, "reason": "no outcome is known yet"}, "few", "not judged: no outcome is known yet"),
        ({"state": State.NO_LIMIT, "reason": "no limit was signed"}, "few", "not judged: no limit was signed"),
        ({"state": State.NO_ROWS, "reason": "the signed rows are not at hand"}, "few",
         "not judged: the signed rows are not at hand"),
    ],
)  # fmt: skip
def test_a_state_is_drawn_and_told(changes: dict[str, object], look: str, told: str):
    one = line(**changes)

    assert words.look_of(one) == look
    assert words.state_words(one) == told


def test_a_breach_on_few_rows_is_no_empty_mark_and_an_unsettled_line_is():
    assert share_row(line(too_few=True)).hollow is False
    assert share_row(line(state=State.WATCH, too_few=True)).hollow is True
    assert share_row(line(within_chance=True, too_few=True)).hollow is True


def test_a_gap_is_held_against_its_upper_limit_alone():
    row = share_row(line("review_rate_gap", family=Family.GAPS, column="sex"))

    assert (row.low, row.high) == (0.0, pytest.approx(0.20))
    assert words.limit_words(line("review_rate_gap")) == "up to 20 points"


def test_values_and_limits_are_written_in_their_units():
    assert words.limit_words(line()) == "18 % ± 2 points"
    assert words.limit_words(psi("age", 0.3, State.BREACH)) == "watched from 0.10, breach from 0.25"
    assert words.value_words("review_rate", 0.31) == "31 %"
    assert words.value_words("review_rate_gap", 0.31) == "31 points"
    assert words.value_words("psi", 0.31) == "0.31"
    assert words.value_words("psi", None) == "–"


def test_a_line_is_named_with_its_column_and_group():
    assert words.line_name("auto_error_rate", "sex", "f") == "sex f: wrong when the machine decides alone"
    assert words.line_name("auto_error_rate", "sex", "f", short=True) == "sex f: machine is wrong"
    assert words.line_name("psi", "age") == "age: drift (PSI)"
    assert words.line_name("psi") == "Score: drift (PSI)"
    assert words.line_name("review_rate_gap", "sex", short=True) == "sex: gap, sent to a person"


# --- what is said about a batch ---


def test_it_is_said_of_how_many_rows_the_outcome_is_known():
    assert words.outcome_words(110, 110) == "110 applications, the outcome of all is known."
    assert "no outcome is known yet" in words.outcome_words(110, 0)
    assert "known of 11 (10 %)" in words.outcome_words(110, 11)
    assert words.outcome_words(1, 1).startswith("1 application,")


def test_the_lines_are_counted_by_what_may_be_said_of_them():
    lines = [
        line(), line("auto_reject_rate", within_chance=True), line("auto_approve_rate", state=State.WATCH),
        line("base_rate", state=State.OK), line("fnr_auto", state=State.OK, too_few=True),
        line("fpr_auto", state=State.NO_DATA, reason="no row"),
    ]  # fmt: skip

    told = words.part_words(lines)

    assert told == (
        "Of 5 lines 1 is broken by more than chance; 2 lie outside and are not settled; 1 is within its limits; "
        "1 lies within on too few rows to tell."
    )
    assert words.counted_words(report(*lines)) == told + " 1 more could not be judged."


def test_a_part_without_a_judged_line_says_why():
    lines = [line("brier", state=State.NO_DATA, reason="no outcome is known yet")]

    assert words.part_words(lines) == "Nothing here could be judged: no outcome is known yet."
    assert words.part_words([]) == "There is nothing to judge here."


def test_the_worst_column_comes_first_with_its_chance_and_the_unsettled_ones_are_named():
    told = words.outside_sentences(
        [
            psi("b", 0.3, State.BREACH),
            psi("a", 0.9, State.BREACH),
            psi("c", 0.2, State.WATCH),
            psi("d", 0.0, State.OK),
        ]
    )

    assert told == [
        "a: drift (PSI) 0.90, watched from 0.10, breach from 0.25 (0.05 by chance alone).",
        "b: drift (PSI) 0.30, watched from 0.10, breach from 0.25 (0.05 by chance alone).",
        "Outside and not settled: c: drift (PSI).",
    ]


def test_the_chart_has_everyone_and_one_group_for_each_column_and_figure():
    groups = [
        line("auto_error_rate", family=Family.GROUPS, column="sex", group=g, batch=Estimate(v, v, v, 1, 9))
        for g, v in (("f", 0.5), ("m", 0.9))
    ]
    quiet = line("review_rate", family=Family.GROUPS, column="sex", group="f", state=State.OK)

    shown = words.headline_lines(report(line(), *groups, quiet, psi("age", 0.9, State.BREACH)))

    assert [x.key for x in shown] == [("review_rate", "", ""), ("auto_error_rate", "sex", "m")]


# --- tables ---


def test_the_table_has_the_numbers_and_the_limits_of_each_line():
    found = lines_frame([line(), psi("age", 0.3, State.BREACH)]).iloc[0]

    assert (found["signed"], found["batch"], found["low"], found["high"]) == (0.18, 0.31, 0.23, 0.41)
    assert (found["numerator"], found["denominator"]) == (31, 100)
    assert (found["lowest allowed"], found["highest allowed"]) == (pytest.approx(0.16), pytest.approx(0.20))


def test_a_table_of_groups_names_the_group_in_a_column_of_its_own():
    found = group_frame([line("review_rate", family=Family.GROUPS, column="sex", group="f")])

    assert found[["group", "figure"]].to_numpy().tolist() == [["sex: f", "Sent to a person"]]


# --- one column then and now ---


def test_the_cells_of_numbers_are_the_signed_tenths_with_blanks_last():
    watched = WatchedColumn(
        name="age", kind="number", is_feature=True, n=10, blank=1, edges=(20.0, 30.5), counts=(3, 4, 2)
    )
    names, then, now = cells(watched, ColumnCounts(n=5, blank=0, cells=np.array([1, 1, 3])))

    assert names == ("[-inf, 20)", "[20, 30.5)", "[30.5, inf)", BLANK)
    assert (then.tolist(), now.tolist()) == ([3, 4, 2, 1], [1, 1, 3, 0])


def test_new_categories_have_a_cell_each_and_those_not_listed_at_signing_one_together():
    watched = WatchedColumn(
        name="job", kind="category", is_feature=True, n=12, blank=0, categories=("cook", "clerk"), counts=(6, 4),
        other=2,
    )  # fmt: skip
    found = ColumnCounts(n=9, blank=2, cells=np.array([3, 0]), new={"pilot": 3, "actor": 1})
    names, then, now = cells(watched, found)

    assert names == (
        "cook",
        "clerk",
        "not signed: pilot",
        "not signed: actor",
        "rare ones, not listed",
        BLANK,
    )
    assert then.tolist() == [6, 4, 0, 0, 2, 0]
    assert now.tolist() == [3, 0, 3, 1, 0, 2]
