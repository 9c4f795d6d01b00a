from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import MissingColumn
from rai_dash.report.small_cells import GroupTable, hidden_groups, suppress

FEWEST = 10


def shares(rows):
    """One line a group and metric: (group, rows, metric, numerator, denominator)."""
    frame = pd.DataFrame(rows, columns=["group", "rows", "metric", "numerator", "denominator"])
    frame["value"] = frame["numerator"] / frame["denominator"]
    frame["undefined because"] = ""
    return frame


def hidden(frame, **options):
    out, note = suppress(frame, GroupTable(**options), fewest=FEWEST)
    return out, out["suppressed"] != "", note


# --- few people ---


def test_a_group_of_few_people_loses_every_number_and_keeps_its_name():
    frame = shares([("a", 9, "recall", 0, 0), ("b", 8, "recall", 0, 0), ("c", 500, "recall", 200, 400)])

    out, gone, note = hidden(frame)

    assert out["group"].tolist() == ["a", "b", "c"]
    assert out["metric"].tolist() == ["recall"] * 3
    assert gone.tolist() == [True, True, False]
    assert (
        out.loc[:1, ["rows", "numerator", "denominator", "value", "undefined because"]].isna().all(axis=None)
    )
    assert out.loc[2, ["rows", "numerator", "denominator", "value"]].tolist() == [500, 200, 400, 0.5]
    assert note == "2 of 3 lines are blank: fewer than 10 people, or needed to hide such a number."


def test_ten_people_are_enough_and_nobody_is_no_secret():
    frame = shares([("a", 10, "recall", 0, 10), ("b", 0, "recall", 0, 0), ("c", 500, "recall", 200, 400)])

    out, gone, note = hidden(frame)

    assert not gone.any()
    assert note == ""
    assert out.drop(columns="suppressed").equals(frame)


def test_one_hidden_group_takes_the_next_smallest_with_it_for_totals_are_known():
    frame = shares(
        [("a", 4, "m", 0, 0), ("b", 300, "m", 100, 200), ("c", 50, "m", 20, 40), ("d", 0, "m", 0, 0)]
    )

    out, gone, _ = hidden(frame)

    assert gone.tolist() == [True, False, True, False]
    assert out["rows"].isna().tolist() == [True, False, True, False]


def test_hidden_groups_that_are_few_together_take_another_with_them():
    frame = shares([("a", 2, "m", 0, 0), ("b", 3, "m", 0, 0), ("c", 60, "m", 20, 40), ("d", 80, "m", 30, 60)])

    _, gone, _ = hidden(frame)

    assert gone.tolist() == [True, True, True, False]


def test_the_reason_does_not_tell_which_of_the_hidden_groups_is_the_small_one():
    out, gone, _ = hidden(shares([("a", 4, "m", 0, 0), ("b", 300, "m", 100, 200)]))

    assert gone.all()
    assert len(set(out["suppressed"])) == 1


def test_a_single_line_is_said_in_the_singular():
    assert suppress(shares([("a", 4, "m", 0, 0)]), fewest=10)[1].startswith("1 of 1 line is blank")


# --- few people in a cell ---


@pytest.mark.parametrize(
    ("numerator", "denominator"), [(3, 250), (247, 250), (0, 7)], ids=["few hits", "few left", "few in all"]
)
def test_a_share_that_gives_few_people_away_is_hidden_and_the_size_of_the_group_stays(numerator, denominator):
    frame = shares(
        [("a", 250, "m", numerator, denominator), ("b", 250, "m", 100, 200), ("c", 900, "m", 300, 600)]
    )

    out, gone, _ = hidden(frame)

    assert gone.tolist() == [True, True, False]
    assert out["rows"].tolist() == [250, 250, 900]
    assert out["value"].isna().tolist() == [True, True, False]


def test_all_shares_of_a_group_go_together_for_one_gives_the_other_away():
    """Approved 104, rightly 100: 4 were wrongly approved."""
    lines = [("selection_rate", 104, 400), ("recall", 100, 200), ("fpr", 4, 200)]
    frame = shares(
        [("a", 400, *line) for line in lines]
        + [(g, 900, m, 300, 600) for g in ("b", "c") for m, _, _ in lines]
    )

    out, gone, _ = hidden(frame)

    assert gone[out["group"] == "a"].all()
    assert gone.groupby(out["group"]).any().sum() == 2


def test_lines_that_have_nothing_to_do_with_each_other_are_hidden_one_by_one():
    frame = pd.DataFrame(
        {
            "column": ["income", "income", "income", "age", "age", "age"],
            "group": ["a", "b", "c"] * 2,
            "rows": [400, 500, 600] * 2,
            "blank": [3, 90, 80, 40, 50, 60],
        }
    )

    out, gone, _ = hidden(frame, line=("column",), shares=(("blank", "rows"),), linked=False)

    assert gone.tolist() == [True, True, False, False, False, False]
    assert out["rows"].tolist() == [400, 500, 600] * 2


def test_whole_numbers_stay_whole_beside_hidden_ones():
    out, _, _ = hidden(shares([("a", 4, "m", 0, 0), ("b", 30, "m", 10, 20), ("c", 900, "m", 300, 600)]))

    assert out["rows"].dtype == "Int64"
    assert out.to_csv(index=False).splitlines()[3].startswith("c,900,m,300,600,")


def test_a_table_with_sizes_alone_is_protected_too():
    frame = pd.DataFrame({"group": ["a", "b", "c"], "rows": [5, 70, 90], "auc": [0.6, 0.7, 0.8]})

    out, gone, _ = hidden(frame)

    assert gone.tolist() == [True, True, False]
    assert out["auc"].isna().tolist() == [True, True, False]


# --- subtraction, against a brute-force attacker ---


def attacked(frame, out, gone, parts):
    """Return what somebody who knows every total can work out about few people."""
    found = []
    names = list(parts)
    depth = len(next(iter(parts.values())))
    margins = [kept for size in range(depth) for kept in combinations(range(depth), size)]
    for metric in frame["metric"].unique():
        of = frame["metric"] == metric
        for kept in margins:
            for key in {tuple(parts[g][k] for k in kept) for g in names}:
                inside = [g for g in names if tuple(parts[g][k] for k in kept) == key]
                line = of & frame["group"].isin(inside) & (frame["rows"] > 0)
                if not (line & ~gone).any():
                    continue  # the margin itself is a table of its own, with the same rule
                for what in ("rows", "numerator", "denominator", "left"):
                    before, after = (f.assign(left=f["denominator"] - f["numerator"]) for f in (frame, out))
                    lost = line & after[what].isna()
                    residual = before.loc[line, what].sum() - after.loc[line, what].sum()
                    if lost.sum() == 1 or 0 < residual < FEWEST:
                        found.append((metric, kept, key, what))
    return found


def random_table(rng, parts):
    lines = []
    for group in parts:
        n = int(rng.choice([0, 3, 8, 12, 30, 100, 400], p=[0.05, 0.1, 0.1, 0.15, 0.2, 0.2, 0.2]))
        for metric in ("selection_rate", "recall"):
            whole = n if metric == "selection_rate" else int(rng.integers(0, n + 1))
            lines.append((group, n, metric, int(rng.integers(0, whole + 1)), whole))
    return shares(lines)


@pytest.mark.parametrize("seed", range(12))
def test_nobody_finds_a_number_of_few_people_by_subtraction(seed):
    rng = np.random.default_rng(seed)
    sides = (list("abcdefg"), list("uvwxy"))[: 1 + seed % 2]
    parts = {" × ".join(name): name for name in product(*sides)}
    frame = random_table(rng, parts)

    out, gone, _ = hidden(frame)

    shown = frame[~gone & (frame["rows"] > 0)]
    cells = np.stack([shown["rows"], shown["numerator"], shown["denominator"]])
    cells = np.vstack([cells, cells[2] - cells[1]])
    assert gone.any()
    assert not ((cells > 0) & (cells < FEWEST)).any()
    assert attacked(frame, out, gone, parts) == []


def test_an_attacker_finds_what_the_first_two_rules_alone_would_leave():
    """The brute-force attacker above is able to find something."""
    frame = shares([("a", 4, "m", 0, 0), ("b", 300, "m", 100, 200), ("c", 900, "m", 300, 600)])
    out = frame.copy()
    out.loc[0, ["rows", "numerator", "denominator"]] = np.nan

    found = attacked(frame, out, pd.Series([True, False, False]), {g: (g,) for g in "abc"})

    assert ("m", (), (), "rows") in found


def test_a_cross_in_two_columns_is_protected_in_rows_and_columns():
    groups = list(product(["f", "m"], ["x", "y", "z"]))
    sizes = [4, 100, 200, 300, 400, 500]
    frame = pd.DataFrame(groups, columns=["sex", "age"]).assign(
        rows=sizes, favourable=[0, 40, 50, 60, 70, 80]
    )

    _, gone, _ = hidden(frame, by=("sex", "age"), shares=(("favourable", "rows"),))

    kept = dict(zip(groups, ~gone, strict=True))
    for side, names in ((0, ("f", "m")), (1, ("x", "y", "z"))):
        for name in names:
            lost = [g for g in groups if g[side] == name and not kept[g]]
            assert len(lost) != 1
    assert not kept["f", "x"]


# --- the switch ---


def test_off_means_off():
    frame = shares([("a", 4, "m", 1, 2)])

    out, note = suppress(frame, fewest=0)

    assert out.equals(frame)
    assert note == ""


def test_an_empty_table_stays_empty():
    out, note = suppress(shares([]), fewest=10)

    assert (len(out), note) == (0, "")
    assert "suppressed" in out


def test_a_table_without_the_column_of_people_is_refused():
    with pytest.raises(MissingColumn, match="`people`"):
        suppress(shares([("a", 4, "m", 1, 2)]), GroupTable(people="people"), fewest=10)


def test_the_table_that_was_given_is_not_changed():
    frame = shares([("a", 4, "m", 1, 2), ("b", 40, "m", 11, 32)])
    before = frame.copy()

    suppress(frame, fewest=10)

    assert frame.equals(before)


# --- parts of groups ---


def _bins(rows):
    names = [(g, b) for g in "abcd" for b in (0.0, 0.5)]
    return pd.DataFrame(names, columns=["group", "from"]).assign(rows=rows, observed=0.4)


def test_a_part_of_a_group_with_few_people_hides_the_group_and_another_one():
    out, gone, _ = hidden(_bins([0, 4, 90, 80, 500, 400, 300, 200]))

    assert gone.tolist() == [True, True, True, True, False, False, False, False]
    assert out["rows"].isna().tolist() == gone.tolist()
    assert out["from"].tolist() == [0.0, 0.5] * 4


def test_what_is_hidden_in_one_part_over_all_groups_is_not_few_people():
    """Group a has 4 in the second part, and b, the next smallest, nobody: b alone would not hide them."""
    _, gone, _ = hidden(_bins([50, 4, 60, 0, 500, 400, 300, 200]))

    assert gone.groupby(list("aabbccdd")).any().tolist() == [True, True, False, True]


def test_a_second_table_of_the_same_groups_does_not_tell_what_the_first_hides() -> None:
    """F1 is 2 tp over 2 tp + fp + fn: beside n and the positives it would give back the 5 that recall hides."""
    shares = pd.DataFrame(
        {
            "group": ["a", "a", "b", "b", "c", "c"],
            "rows": [61, 61, 300, 300, 500, 500],
            "metric": ["recall", "base_rate"] * 3,
            "numerator": [40, 45, 150, 200, 250, 300],
            "denominator": [45, 61, 200, 300, 300, 500],
        }
    )
    f1 = pd.DataFrame(
        {
            "group": ["a", "b", "c"],
            "rows": [61, 300, 500],
            "metric": ["f1"] * 3,
            "numerator": [80.0, 300.0, 500.0],
            "denominator": [93.0, 380.0, 600.0],
        }
    )
    gone = hidden_groups(shares, fewest=10)
    assert gone == {("a",), ("b",)}
    alone, _ = suppress(f1, GroupTable(shares=()), fewest=10)
    assert alone["numerator"].tolist() == [80.0, 300.0, 500.0]
    beside, _ = suppress(f1, GroupTable(shares=(), also=gone), fewest=10)
    assert beside["numerator"].isna().tolist() == [True, True, False]
    assert beside["rows"].tolist() == [61, 300, 500]
    assert hidden_groups(shares, fewest=0) == frozenset()
