"""What is said about groups, against gaps written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rai_dash.core.target_words import Wording
from rai_dash.report._certificate_parts import Cell, Row, Table
from rai_dash.report.audit_report.executive import Executive, executive
from rai_dash.report.audit_report.found import Found, loudest, sentences_of
from rai_dash.report.audit_report.section_data import base_rate_sentence
from rai_dash.report.audit_report.told import told_grid, whole_grid
from rai_dash.stats.tests import Verdict

WORDS = Wording("the good", "the bad")


def share(k: int, n: int) -> dict:
    return {"value": k / n, "low": 0.1, "high": 0.9, "numerator": k, "denominator": n}


def found(column: str = "sex", **gap: object) -> Found:
    whole = {
        "difference": 0.3, "low": 0.1, "high": 0.5, "ratio": 0.4, "worst": "a", "best": "b", "excluded": [],
        "expected_by_chance": 0.05, "tolerance": 0.05, "verdict": "disparity shown", "starred": ["a", "b"],
        "rows_needed": None,
    }  # fmt: skip
    groups = {"a": {"recall": share(20, 100)}, "b": {"recall": share(50, 100)}}
    return Found(column=column, metric="recall", gap=whole | gap, groups=groups, words=WORDS)


def test_a_disparity_that_is_shown_names_both_ends_with_their_counts():
    text = found().sentence()

    assert text == (
        "Disparity shown. Of the good, 20 % (10 % to 90 %; 20 of 100) are approved in “a” and 50 % (10 % to 90 %; "
        "50 of 100) in “b”: 30 points apart (10 points to 50 points; about 5 points by chance alone)."
    )


def test_too_few_rows_are_called_that_and_how_many_are_needed():
    text = found(verdict="not enough data", starred=[], rows_needed=1200).sentence()

    assert text.startswith("Not enough data.")
    assert "This sample does not settle the difference." in text
    assert "about 1,200 rows a group would be needed" in text


def test_equivalence_is_of_a_tolerance_and_low_shares_far_apart_are_not_passed_over():
    near = found(verdict="equivalent within tolerance", starred=[]).sentence()
    far = found(verdict="equivalent within tolerance").sentence()

    assert near.startswith("Equivalent within 5 points.")
    assert "more than chance" not in near
    assert "only 40 % of the highest, and that is more than chance" in far


def test_an_undefined_gap_says_why():
    assert found(
        difference=None, verdict=None, reason="fewer than two groups can be compared"
    ).sentence() == ("Not comparable between groups. Fewer than two groups can be compared.")


def test_a_hidden_gap_is_not_said_to_be_none():
    hidden = found(difference=None, verdict=None, suppressed=True, worst=None, best=None)

    assert hidden.verdict == Verdict.UNDEFINED
    assert "This says nothing about whether groups differ." in hidden.sentence()


@pytest.mark.parametrize(
    ("verdicts", "first"),
    [
        (["equivalent within tolerance", "not enough data", "disparity shown"], "disparity shown"),
        (["equivalent within tolerance", "not enough data"], "not enough data"),
    ],
)
def test_the_loudest_finding_comes_first(verdicts, first):
    assert loudest([found(verdict=v) for v in verdicts]).verdict == first


def test_of_two_disparities_the_wider_comes_first():
    assert loudest([found("near", difference=0.1), found("wide", difference=-0.4)]).column == "wide"


def gap_of(
    k: tuple[int, int], verdict: str | None, *, tolerance: float = 0.05, starred: bool = False
) -> dict:
    low, high = min(k) / 100, max(k) / 100
    return {
        "difference": high - low, "low": -0.02, "high": 0.08, "ratio": low / high, "worst": "a", "best": "b",
        "excluded": [], "expected_by_chance": 0.03, "tolerance": tolerance, "verdict": verdict,
        "starred": ["a"] if starred else [], "rows_needed": None,
    }  # fmt: skip


def first_page_audit(**gaps: dict) -> dict:
    """An audit whose groups ``a`` and ``b`` have 100 people each of whom the shares are."""
    nothing = {
        "value": None,
        "low": None,
        "high": None,
        "numerator": None,
        "denominator": None,
        "reason": "-",
    }
    everyone = {name: share(50, 200) for name in ("selection_rate", "accuracy", "recall", "fpr")}
    groups = {name: {metric: share(10, 100) for metric in gaps} for name in ("a", "b")}
    return {
        "data": {"exposure": "held out", "warnings": []}, "model": None, "band": None, "threshold": 0.5,
        "overall": everyone | {"nothing": nothing}, "groups": {"sex": groups}, "crosses": {},
        "disparities": {"sex": gaps},
    }  # fmt: skip


def first_page(**gaps: dict) -> Executive:
    return executive({"audit": first_page_audit(**gaps), "policy": None})


EQUAL, OPEN, SHOWN = "equivalent within tolerance", "not enough data", "disparity shown"
TAKEN = {"difference": None, "verdict": None, "suppressed": True, "worst": None, "best": None}


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        ({"selection_rate": gap_of((50, 51), EQUAL), "fpr": gap_of((9, 9), EQUAL)}, "No difference between groups"),
        ({"selection_rate": TAKEN, "fpr": gap_of((9, 9), EQUAL)}, "How groups compare is hidden"),
        ({"selection_rate": gap_of((50, 51), EQUAL), "recall": gap_of((9, 20), OPEN)}, "does not rule one out"),
        ({"selection_rate": gap_of((1, 4), EQUAL, starred=True)}, "Groups differ by little in points"),
        ({"selection_rate": {"difference": None, "verdict": None}}, "Groups cannot be compared"),
        ({"selection_rate": gap_of((9, 40), SHOWN), "recall": TAKEN}, "Decisions differ between groups"),
    ],
)  # fmt: skip
def test_the_first_page_says_that_groups_are_alike_only_where_all_of_it_is_known(gaps, said):
    assert said in first_page(**gaps).headline


def test_the_gap_on_the_first_page_says_what_is_not_settled():
    opened = first_page(selection_rate=gap_of((9, 20), OPEN)).figures[-1]
    shown = first_page(selection_rate=gap_of((9, 40), SHOWN)).figures[-1]

    assert opened.label == "Gap between groups"
    assert opened.under[0] == "not enough data"
    assert shown.label == "Widest gap beyond chance"
    assert shown.value == "31 points"


def test_a_signed_band_that_was_not_judged_here_is_not_said_to_be_none():
    audit = first_page_audit(selection_rate=gap_of((50, 51), EQUAL))
    signed = executive({"audit": audit, "policy": {"title": "Loans", "state": "Active", "signed_by": []}})

    assert "the signed policy sends to a person" in signed.person
    assert "no person looks" in executive({"audit": audit, "policy": None}).person


def test_findings_that_are_only_hidden_share_one_sentence_beside_the_told_one():
    told = found(column="sex")
    taken = {"difference": None, "verdict": None, "suppressed": True, "worst": None, "best": None}
    silent = [replace(found(**taken), metric=metric) for metric in ("selection_rate", "fpr")]

    first, second = sentences_of([silent[0], told, silent[1]])

    assert first == told.sentence()
    assert second == (
        "Hidden, since it rests on few people or would give such a number away: the share approved, of all applicants; "
        "the bad. This says nothing about whether groups differ."
    )
    assert sentences_of([silent[0]]) == (silent[0].sentence(),)


def test_a_hidden_difference_of_the_outcome_is_not_called_incomparable():
    hidden = base_rate_sentence(found(difference=None, verdict=None, suppressed=True, worst=None, best=None))
    none = base_rate_sentence(found(difference=None, verdict=None, worst=None, best=None))

    assert "is hidden, since it rests on few people" in hidden
    assert "cannot be compared" not in hidden
    assert "cannot be compared" in none


def test_rows_of_which_every_number_is_hidden_are_named_below_the_table():
    hidden, undefined, told = Cell("hidden"), Cell("–", ("nobody is approved",)), Cell("5 %")
    rows = [
        Row((Cell("one"), hidden, Cell("–"))), Row((Cell("two"), hidden, told)), Row((Cell("three"), hidden, hidden)),
        Row((Cell("four"), undefined, hidden)),
    ]  # fmt: skip
    table = Table(heads=("a", "b", "c"), caption="All of it", rows=tuple(rows))

    short = told_grid(table).table

    assert [row.cells[0].text for row in short.rows] == ["two", "four"]
    assert short.notes == ("Hidden, since they rest on few people: one, three.",)
    assert told_grid(replace(table, rows=tuple(rows[:2]))).table.notes == ()
    assert len(whole_grid(table).table.rows) == 4
    for grid in (told_grid, whole_grid):
        block = grid(replace(table, rows=(rows[0], rows[2])))
        assert block.text == "All of it: all are hidden, since they rest on few people."
