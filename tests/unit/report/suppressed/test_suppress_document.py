"""What is hidden in a document, by hand, and what never changes."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rai_dash.report.suppressed import suppress_document
from tests.unit.report.suppressed.documents import document, random_rows

Json = dict[str, Any]
FEWEST = 10


def people(*cells: tuple[str, str, float, int]) -> pd.DataFrame:
    """Make rows from (group, outcome, score, how many)."""
    rows = [(group, outcome, score) for group, outcome, score, n in cells for _ in range(n)]
    return pd.DataFrame(rows, columns=["a", "outcome", "score"])


def two_groups(fn: int, *, other_fn: int = 40) -> pd.DataFrame:
    """Group y refuses so many of its good applicants; every other cell is large."""
    return people(
        ("x", "f", 0.9, 200), ("x", "f", 0.1, other_fn), ("x", "u", 0.9, 50), ("x", "u", 0.1, 60),
        ("y", "f", 0.9, 90), ("y", "f", 0.1, fn), ("y", "u", 0.9, 30), ("y", "u", 0.1, 40),
    )  # fmt: skip


def numbers(value: object) -> int:
    """Count the numbers in a document."""
    if isinstance(value, dict):
        return sum(map(numbers, value.values()))
    if isinstance(value, list):
        return sum(map(numbers, value))
    return int(isinstance(value, int | float) and not isinstance(value, bool))


@pytest.mark.parametrize("fn", [0, 10, 25])
def test_none_and_enough_people_are_shown(fn: int) -> None:
    """0 and 10 are no small counts: nothing is taken."""
    full = document(two_groups(fn), ("a",))
    told = suppress_document(full, fewest=FEWEST)
    assert told["groups"] == full["groups"]
    assert told["suppression"]["hidden"] == 0
    assert told["suppression"]["notes"] == []


@pytest.mark.parametrize("fn", [1, 3, 9])
def test_a_small_cell_takes_what_it_follows_from_and_no_more(fn: int) -> None:
    """Size, base rate and approvals stay: their counts are large. Outcome by decision goes, in both groups."""
    full = document(two_groups(fn), ("a",))
    told = suppress_document(full, fewest=FEWEST)
    for group in ("x", "y"):
        metrics, before = told["groups"]["a"][group], full["groups"]["a"][group]
        for name in ("n", "positives", "predicted_positives", "base_rate", "selection_rate"):
            assert metrics[name] == before[name]
        for name in ("recall", "precision", "fpr", "fnr", "tnr", "fdr", "for_rate", "npv", "accuracy"):
            assert metrics[name]["suppressed"] is True
            assert all(
                metrics[name][key] is None for key in ("value", "low", "high", "numerator", "denominator")
            )
            assert metrics[name]["reason"] == "fewer than 10 people, or needed to hide such a number"
    assert told["overall"] == full["overall"]


def test_a_small_group_loses_everything_with_the_next_smallest() -> None:
    """Of 5, 80 and 400 people, 5 are hidden, and 80 since 485 less 400 less 80 is 5."""
    rows = people(
        ("s", "f", 0.9, 5), ("m", "f", 0.9, 40), ("m", "u", 0.1, 40), ("l", "f", 0.9, 200), ("l", "u", 0.1, 200),
    )  # fmt: skip
    told = suppress_document(document(rows, ("a",)), fewest=FEWEST)["groups"]["a"]
    assert numbers(told["s"]) == numbers(told["m"]) == 0
    assert told["s"]["suppressed"] is told["m"]["suppressed"] is True
    assert told["l"]["n"] == 400
    assert told["l"]["recall"]["value"] == 1.0


def test_a_hidden_part_of_a_cross_does_not_follow_from_the_columns() -> None:
    """One small cell of a cross hides a rectangle: its row and its column would give it away."""
    rows = people(("x", "f", 0.9, 100), ("y", "f", 0.9, 103)).assign(
        b=["p"] * 50 + ["q"] * 50 + ["p"] * 3 + ["q"] * 100
    )
    told = suppress_document(document(rows, ("a", "b"), [("a", "b")]), fewest=FEWEST)
    sizes = {group: metrics["n"] for group, metrics in told["crosses"]["a × b"].items()}
    assert sizes == {"x × p": None, "x × q": None, "y × p": None, "y × q": None}
    assert [told["groups"]["a"][g]["n"] for g in "xy"] == [100, 103]


def test_two_cuts_close_to_each_other_do_not_tell_who_lies_between() -> None:
    """31 approved at 0.5 and 28 at 0.6 are both large; the 3 people between are not."""
    rows = people(
        ("x", "f", 0.9, 300), ("x", "f", 0.55, 40), ("x", "u", 0.1, 200),
        ("y", "f", 0.9, 28), ("y", "f", 0.55, 3), ("y", "u", 0.1, 60),
    )  # fmt: skip
    told = suppress_document(document(rows, ("a",), band=(0.2, 0.6)), fewest=FEWEST)
    assert told["groups"]["a"]["y"]["selection_rate"]["numerator"] == 31
    assert told["band"]["groups"]["a"]["y"]["approve"] is None
    assert told["band"]["groups"]["a"]["y"]["n"] == 91
    assert told["band"]["overall"]["approve"] == 328


def test_switched_off_nothing_changes() -> None:
    """0 = everything is shown."""
    full = document(two_groups(3), ("a",), band=(0.3, 0.7))
    assert suppress_document(full, fewest=0) == full


def test_the_document_given_is_left_as_it_was() -> None:
    """The caller may go on with the full one."""
    full = document(two_groups(3), ("a",), band=(0.3, 0.7))
    before = copy.deepcopy(full)
    suppress_document(full, fewest=FEWEST)
    assert full == before


@pytest.mark.parametrize("seed", range(3))
def test_twice_is_once_and_always_the_same(seed: int) -> None:
    """Idempotent, and the same every time."""
    full = document(random_rows(seed, n=300, groups=(2, 2), is_complete=True), ("a", "b"), [("a", "b")])
    told = suppress_document(full, fewest=FEWEST)
    assert suppress_document(full, fewest=FEWEST) == told
    assert suppress_document(told, fewest=FEWEST) == told


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_groups_does_not_matter(seed: int) -> None:
    """Groups, columns and crosses in the other order: the same is hidden."""
    full = document(random_rows(seed, n=300, groups=(3, 2), is_complete=True), ("a", "b"), [("a", "b")])
    turned = copy.deepcopy(full)
    for section in ("groups", "crosses"):
        turned[section] = {
            name: dict(reversed(groups.items())) for name, groups in reversed(turned[section].items())
        }
    assert (
        suppress_document(turned, fewest=FEWEST)["groups"] == suppress_document(full, fewest=FEWEST)["groups"]
    )
    assert (
        suppress_document(turned, fewest=FEWEST)["crosses"]
        == suppress_document(full, fewest=FEWEST)["crosses"]
    )


def test_a_larger_limit_never_shows_more() -> None:
    """What is hidden at 5 is hidden at 10."""
    full = document(random_rows(5, n=500, groups=(3,), is_complete=True), ("a",))
    left = [numbers(suppress_document(full, fewest=fewest)["groups"]) for fewest in (0, 2, 5, 10, 30)]
    assert left == sorted(left, reverse=True)
    assert left[-1] < left[0]


def test_many_people_lose_nothing() -> None:
    """20,000 people in 2 x 3 groups: the document is whole."""
    rows = random_rows(1, n=20_000, groups=(2, 3), skew=0.3, is_complete=True)
    full = document(rows, ("a", "b"), [("a", "b")], band=(0.3, 0.7))
    told = suppress_document(full, fewest=FEWEST)
    assert {k: told[k] for k in ("groups", "crosses", "band")} == {
        k: full[k] for k in ("groups", "crosses", "band")
    }


def test_a_share_of_the_document_stays() -> None:
    """1,000 people in groups of 2, 2 and 5 (as German credit): a third or more of the numbers by group are left."""
    rows = random_rows(8, n=1000, groups=(2, 2, 4), skew=0.5, is_complete=True)
    full = document(rows, ("a", "b", "c"), [("a", "b")])
    told = suppress_document(full, fewest=FEWEST)
    assert numbers(told["groups"]) >= numbers(full["groups"]) / 3


def test_rows_of_single_people_are_left_out() -> None:
    """A row is a cell of one person."""
    full = document(two_groups(20), ("a",))
    full |= {
        "scores": {"n": 510, "missing": 0, "first": [0.9] * 200},
        "explanations": [{"row": 0, "values": {"a": 1.0}}],
    }
    told = suppress_document(full, fewest=FEWEST)
    assert told["scores"] == {"n": 510, "missing": 0, "first": []}
    assert told["explanations"] == []
    assert told["suppression"]["rows_of_single_people"] == 200
    assert "single applicants" in told["suppression"]["notes"][-1]


def test_the_hash_of_the_full_result_is_taken_out() -> None:
    """Whoever guesses the hidden numbers could make sure with it."""
    full = document(two_groups(3), ("a",)) | {"run": {"job": "audit", "result_sha256": "ab" * 32}}
    assert suppress_document(full, fewest=FEWEST)["run"] == {"job": "audit", "result_sha256": None}


def test_names_that_hold_the_sign_of_a_cross_show_nothing() -> None:
    """What cannot be added up cannot be checked."""
    rows = two_groups(20)
    rows["a"] = rows["a"].replace({"y": "y × z"})
    rows["b"] = np.where(np.arange(len(rows)) % 2, "p", "q")
    told = suppress_document(document(rows, ("a", "b"), [("a", "b")]), fewest=FEWEST)
    assert numbers(told["crosses"]["a × b"]["y × z × p"]) == 0


def test_a_warning_does_not_tell_the_size_of_a_small_group() -> None:
    full = document(two_groups(25), ("a",))
    few = {
        "code": "missing_code",
        "column": "a",
        "rows": 3,
        "message": "`a` holds '666' (3), kept as a value.",
    }
    other = {"code": "missing_code", "column": "income", "rows": 3, "message": "`income` holds '666' (3)."}
    many = {
        "code": "missing_code",
        "column": "a",
        "rows": 30,
        "message": "`a` holds 'none' (30), kept as a value.",
    }
    full["data"] = {"warnings": [few, other, many]}

    found = suppress_document(full, fewest=FEWEST)["data"]["warnings"]

    assert "666" not in found[0]["message"]
    assert found[0]["rows"] is None
    assert found[1:] == [other, many]
