"""Runs, batches and policies side by side: every number that moved, and what was not the same when they counted."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest

from rai_dash.core.errors import InvalidChoice, InvalidRecord
from rai_dash.core.types import Estimate
from rai_dash.govern.monitor.lines import Family, Held, Line, MonitorReport, Verdict
from rai_dash.govern.monitor.states import State
from rai_dash.govern.policy_changes import compare
from rai_dash.report.changed import changed, kind_of
from rai_dash.report.changed._leaves import leaves, places
from rai_dash.report.changed.batches import changed_batches
from rai_dash.report.changed.repeated import repeated
from rai_dash.report.run_record import RunInput, read_run, recorded_json
from tests.certificates import make_policy
from tests.oracles.formulas import newcombe

INPUT = {"data": RunInput(file="rows.csv", sha256="a" * 64, size=3)}
RESULT = {
    "schema": "rai-dash/audit/1",
    "n": 100,
    "overall": {
        "recall": {"value": 0.5, "low": 0.4, "high": 0.6, "numerator": 50, "denominator": 100},
        "fpr": {"value": 0.1, "low": 0.05, "high": 0.2, "numerator": 10, "denominator": 100},
        "auc": {"value": None, "low": None, "high": None, "reason": "one outcome"},
    },
    "scores": {"first": [0.1, 0.2, 0.3, None]},
    "warnings": [{"code": "a", "message": "x"}, {"code": "b", "message": "y"}],
}


def run(result=RESULT, change=None, **parts):
    given = {"job": "audit", "parameters": {"threshold": 0.5, "data": "rows.csv"}, "inputs": INPUT} | parts
    content = json.loads(recorded_json(result, **given))
    if change is not None:
        change(content["run"])
    return read_run(json.dumps(content).encode())


def edited(**places_to):
    result = copy.deepcopy(RESULT)
    for path, value in places_to.items():
        *way, last = path.split("__")
        at = result
        for step in way:
            at = at[step]
        at[last] = value
    return result


def words(found, area):
    return [item.words for item in found.of(area)]


def test_the_same_run_has_not_changed_and_its_numbers_are_counted():
    found = changed(run(), run())

    assert found.is_same
    # n, recall, fpr, and the three scores: the ends of the intervals belong to their numbers.
    assert found.headline == (
        "Same options, files, program and settings. The results are identical: 6 numbers, and every text."
    )


def test_numbers_beyond_each_others_interval_come_first():
    recall = {"value": 0.8, "low": 0.71, "high": 0.87, "numerator": 80, "denominator": 100}
    fpr = {"value": 0.15, "low": 0.09, "high": 0.23, "numerator": 15, "denominator": 100}

    found = changed(run(), run(edited(overall__fpr=fpr, overall__recall=recall)))

    assert words(found, "numbers") == [
        "overall / recall: 0.5 before, 0.8 now (+30 points); by more than its interval.",
        "overall / fpr: 0.1 before, 0.15 now (+5 points).",
    ]
    assert "2 of 6 numbers moved, 1 of them by more than its interval." in found.headline
    assert found.details == {"numbers": 6, "moved": 2, "beyond": 1}


@pytest.mark.parametrize(
    ("value", "low", "high"), [(0.65, 0.55, 0.74), (0.58, 0.57, 0.59), (0.65, None, None)]
)
def test_a_number_inside_either_interval_or_without_one_is_not_beyond(value, low, high):
    recall = {"value": value, "low": low, "high": high, "numerator": 1, "denominator": 2}
    # 0.65 lies outside 0.4 to 0.6, and 0.5 outside 0.55 to 0.74: both are needed.
    expected = int(value == 0.65 and low is not None)

    assert changed(run(), run(edited(overall__recall=recall))).details["beyond"] == expected


def test_an_undefined_number_is_not_a_zero():
    auc = {"value": 0.7, "low": 0.6, "high": 0.8, "reason": None}

    found = changed(run(), run(edited(overall__auc=auc)))

    assert "overall / auc / value: undefined before, 0.7 now." in words(found, "texts")
    assert found.details["moved"] == 0


def test_lists_are_told_by_how_many_of_their_values_differ():
    found = changed(run(), run(edited(scores__first=[0.1, 0.4, 0.2, None])))

    [said] = words(found, "numbers")
    assert said == "scores / first: 2 of 4 values differ, by 0.15 on average and 0.2 at most."


def test_members_of_lists_are_told_apart_by_their_code_whatever_their_order():
    other = [{"code": "b", "message": "z"}, {"code": "c", "message": "n"}, {"code": "a", "message": "x"}]

    found = changed(run(), run(edited(warnings=other)))

    assert {item.what for item in found.items} == {"warnings / b / message", "warnings / c"}


def test_what_counted_is_told_beside_the_numbers():
    def other(record):
        record["program"]["libraries"]["xgboost"] = "9.9"
        record["program"]["git"] = "f" * 40
        record["settings"]["worker_mem_gb"] = 7

    second = run(change=other, parameters={"threshold": 0.6, "data": "rows.csv"}, inputs={
        "data": RunInput(file="rows.csv", sha256="b" * 64, size=4)})  # fmt: skip

    found = changed(run(), second)

    assert words(found, "parameters") == ["threshold: 0.5 before, 0.6 now."]
    assert words(found, "inputs") == ["data: rows.csv (aaaaaaaaaaaa) before, rows.csv (bbbbbbbbbbbb) now."]
    assert any(said.startswith("xgboost: ") and said.endswith("9.9 now.") for said in words(found, "program"))
    assert any("ffffffffffff now" in said for said in words(found, "program"))
    assert words(found, "settings") == ["RAI_DASH_WORKER_MEM_GB: 3.0 before, 7 now."]
    assert found.headline.startswith("Other options (threshold: 0.5 → 0.6); other files (")


def test_the_same_file_under_another_name_is_the_same_file():
    renamed = {"data": RunInput(file="other.csv", sha256="a" * 64, size=3)}

    assert changed(run(), run(inputs=renamed)).is_same


def test_an_altered_result_is_noted():
    tampered = json.loads(recorded_json(RESULT, job="audit", parameters={}, inputs={}))
    tampered["n"] = 101

    found = changed(run(), read_run(json.dumps(tampered).encode()))

    assert any(note.startswith("The second file was altered") for note in found.notes)


def test_true_and_one_are_two_values_and_an_absent_one_is_not_null():
    assert [leaf.path for leaf in leaves({"a": True, "b": None}, {"a": 1})] == ["a", "b"]
    assert list(leaves({"a": 1}, {"a": 1.0})) == []
    assert places({"a": True, "b": [1, 2.5, "x", None], "c": {"value": 1, "low": 0, "high": 2}}) == 3


def test_a_repeated_run_says_where_it_differs_and_that_nothing_else_does():
    again = run(edited(n=101, overall__fpr__value=0.11))

    found = repeated(run(), again, same_bytes=False)

    assert not found.is_identical
    said = list(found.sentences())
    assert said[0] == "Different: 2 places of the result are not the same."
    assert said[1:3] == ["- n", "- overall / fpr / value"]
    assert "Version, commit, libraries and settings are the ones in the record." in said


BY_ENGINE = {"rests_on": {"engine": "duckdb"}, "curve": [0.25, 0.5], "mean": 0.6, "gap": 1e-5, "n": 100}


def of_engine(**changes):
    return run(BY_ENGINE | changes)


def test_a_run_on_an_engine_may_differ_in_the_last_digits_of_sums_which_is_said():
    nearly = {"curve": [0.25, 0.5 + 2**-52], "mean": 0.6 * (1 + 5e-13), "gap": 1e-5 + 1e-16}

    found = repeated(of_engine(), of_engine(**nearly), same_bytes=False)

    assert found.is_identical
    assert (found.rounded, found.differing) == (3, ())
    (said,) = found.sentences()
    assert said == (
        "The same but for the last digits of sums: an engine adds rows up in another order each time, and 3 places of "
        "the result differ by that alone."
    )


@pytest.mark.parametrize(
    "change",
    [
        {"mean": 0.6 * (1 + 3e-12)}, {"n": 101}, {"gap": 1e-5 + 1e-12}, {"curve": [0.25, 0.5, 0.5]},
        {"curve": [0.25, 0.51]}, {"mean": None},
    ],
)  # fmt: skip
def test_what_no_order_of_adding_explains_is_different(change):
    found = repeated(of_engine(), of_engine(**change), same_bytes=False)

    assert not found.is_identical
    assert found.differing == tuple(change)


def test_in_memory_the_last_digit_counts():
    plain = {"mean": 0.6}

    assert not repeated(run(plain), run({"mean": 0.6 + 2**-52}), same_bytes=False).is_identical
    assert not repeated(of_engine(), run({"mean": 0.6 + 2**-52}), same_bytes=False).is_identical


# Batches: shares of two independent samples.


def line(name, state, k=None, n=None, **more):
    batch = {"value": None if k is None else k / n, "numerator": k, "denominator": n}
    return {"name": name, "state": state, "batch": batch, "column": "", "group": ""} | more


def batch(*lines, **more):
    return {"schema": "rai-dash/monitor/1", "lines": list(lines)} | more


def test_batches_tell_states_and_shares_with_newcombes_interval():
    first = batch(
        line("review_rate", "ok", 20, 200), line("selection_rate", "ok", 90, 200, column="sex", group="f")
    )
    second = batch(
        line("review_rate", "breach", 62, 200), line("selection_rate", "ok", 95, 210, column="sex", group="f")
    )

    found = changed(first, second)

    assert words(found, "states") == [
        "review_rate: ok before (10 % (20 of 200)), breach now (31 % (62 of 200))."
    ]
    low, high = newcombe(0.31, 200, 0.10, 200)
    assert words(found, "numbers")[0] == (
        "review_rate: 10 % (20 of 200) before, 31 % (62 of 200) now: +21 points "
        f"(+{low * 100:.1f} to +{high * 100:.1f} points)."
    )
    assert [item.what for item in found.of("numbers")] == ["review_rate", "selection_rate (sex is f)"]
    assert found.headline == (
        "1 line of the monitor changed its state, 1 for the worse (review_rate: ok → breach); 1 share moved by more "
        "than its 95 % interval."
    )


def test_a_line_of_only_one_batch_and_one_without_data_are_told():
    first = batch(line("psi", "ok", column="age"), line("old", "ok", 1, 2))
    second = batch(line("psi", "no_data", column="age"), line("new", "watch", 1, 2))

    found = changed(first, second)

    assert words(found, "states") == ["psi (age): ok before (undefined), no data now (undefined)."]
    assert words(found, "texts") == ["old: only in the first (ok).", "new: only in the second (watch)."]


def test_what_is_said_about_the_batch_as_a_whole_comes_first():
    said = [{"state": s, "sentence": f"It is {s}."} for s in ("holds", "breach")]

    found = changed(
        batch(line("a", "ok", 1, 2), verdict=said[0]), batch(line("a", "watch", 1, 2), verdict=said[1])
    )

    assert words(found, "states") == [
        "Said of the batch as a whole: holds before, breach now. It is breach.",
        "a: ok before (50 % (1 of 2)), watch now (50 % (1 of 2)).",
    ]


def test_the_real_report_of_the_monitor_is_read():
    share = Estimate(0.2, 0.1, 0.3, 20.0, 100.0)
    lines = (
        Line(name="psi", family=Family.COLUMNS, column="age", signed=Estimate.undefined("none"),
             batch=Estimate(0.3), state=State.BREACH),
        Line(name="review_rate", family=Family.ROUTES, signed=share, batch=share, state=State.OK),
    )  # fmt: skip
    report = MonitorReport(policy_id="p", version=1, label="June", rows=100, outcomes=0, batches=1, lines=lines,
                           verdict=Verdict(state=Held.BREACH, sentence="No."))  # fmt: skip
    calm = replace(report, lines=(replace(lines[0], batch=Estimate(0.05), state=State.OK), lines[1]))

    found = changed_batches(calm.to_json(), report.to_json())

    assert words(found, "states") == ["psi (age): ok before (0.05), breach now (0.3)."]
    assert words(found, "numbers") == ["psi (age): 0.05 before, 0.3 now."]


def test_a_line_that_is_hidden_in_one_file_changed_no_state():
    hidden = line("review_rate", None, column="sex", group="f")

    found = changed(batch(hidden), batch(line("review_rate", "ok", 30, 100, column="sex", group="f")))

    assert not found.of("states")
    assert any(note == "1 line of few people is hidden in one of the two files." for note in found.notes)


def test_the_same_batch_has_not_changed():
    assert changed(batch(line("a", "ok", 1, 2)), batch(line("a", "ok", 1, 2))).is_same


@pytest.mark.parametrize("lines", [None, 3, [1], [{}]])
def test_a_batch_without_lines_is_refused(lines):
    with pytest.raises(InvalidRecord, match="no lines"):
        changed(batch(line("a", "ok")), {"schema": "rai-dash/monitor/1", "lines": lines})


# Policies: what `compare` says, with the band before what was only written down.


def test_policies_tell_what_the_comparison_of_policies_tells():
    then, now = make_policy(), make_policy(environment="QA", model__name="step 8", data__rows_judged=900)

    found = changed(then, now)

    assert sorted(words(found, "policy")) == sorted(one.words for one in compare(then, now))
    assert found.of("policy")[0].what == "model"
    assert "3 changes" in found.headline


def test_the_same_policy_says_the_same():
    assert (
        changed(make_policy(), make_policy(version=7, parent_hash="e" * 64)).headline
        == "The two policies say the same."
    )


def test_two_of_different_kinds_are_refused_in_a_sentence():
    with pytest.raises(
        InvalidChoice, match=r"The first is a run and the second a policy\. Give two of one kind"
    ):
        changed(run(), make_policy())
    with pytest.raises(InvalidChoice, match="cannot be compared"):
        kind_of({"schema": "something else"})


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ("no_data", "ok", 0),
        ("ok", "no_data", 0),
        ("breach", "no_data", 0),
        ("no_data", "watch", 1),
        ("watch", "ok", 0),
    ],
)
def test_a_line_that_gets_data_is_not_worse_unless_a_limit_is_left(before, after, worse):
    found = changed_batches(batch(line("psi", before, column="age")), batch(line("psi", after, column="age")))
    assert f"{worse} for the worse" in found.headline
    assert "no_data" not in found.headline + " ".join(words(found, "states"))
