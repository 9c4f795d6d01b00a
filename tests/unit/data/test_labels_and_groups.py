from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, InvalidRoles, MissingColumn
from rai_dash.core.types import Roles
from rai_dash.data.groups import bin_labels, cross, group_index, quantile_edges, width_edges
from rai_dash.data.labels import label_text, labels, outcome_codes


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"), (1.0, "1"), ("1", "1"), ("1.0", "1"), (np.int64(7), "7"), (0.1, "0.1"), (True, "True"),
        (np.False_, "False"), (" a ", "a"), ("007", "007"), ("", ""), (None, ""), (np.nan, ""), (pd.NA, ""),
        (-0.0, "0"), ("-3.00", "-3"), (1e16, "1e+16"), ("1.50", "1.50"),
    ],
)  # fmt: skip
def test_one_value_has_one_label_in_every_file_format(value, text):
    assert label_text(value) == text


def test_blanks_have_no_label():
    found = labels(pd.Series(["a", " ", None, "b "], name="x"))

    assert found.dropna().to_dict() == {0: "a", 3: "b"}
    assert found.name == "x"


@pytest.mark.parametrize("values", [[1, 0, 1], [1.0, 0.0, 1.0], ["1", "0", "1.0"]])
def test_the_favourable_value_is_found_however_it_is_written(values):
    roles = Roles(target="y", favourable=("1",))

    assert outcome_codes(pd.DataFrame({"y": values}), roles).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("favourable", "unfavourable", "codes"),
    [(("a",), (), [1, 0, 0, 2]), ((), ("a",), [0, 1, 1, 2]), (("a",), ("b",), [1, 0, 2, 2])],
)
def test_labels_on_neither_side_are_unknown_only_where_both_sides_are_named(favourable, unfavourable, codes):
    roles = Roles(target="y", favourable=favourable, unfavourable=unfavourable)

    assert outcome_codes(pd.DataFrame({"y": ["a", "b", "c", None]}), roles).tolist() == codes


@pytest.mark.parametrize(
    ("roles", "error", "words"),
    [
        (Roles(target="y"), InvalidRoles, r"Which value.*'no' \(2\), 'yes' \(1\)"),
        (Roles(target="y", favourable=("Yes",)), InvalidRoles, "Did you mean 'yes'"),
        (Roles(target="y", favourable=("yes",), unfavourable=("yes",)), InvalidRoles, "Keep one"),
        (Roles(target="yy", favourable=("yes",)), MissingColumn, "Closest names here: `y`"),
    ],
)
def test_what_does_not_fit_is_explained(roles, error, words):
    with pytest.raises(error, match=words):
        outcome_codes(pd.DataFrame({"y": ["yes", "no", "no"], "z": 1}), roles)


def test_bins_are_closed_below_and_agree_with_pandas():
    values = pd.Series([20, 25, 34.9, 35, 80, np.nan])

    index = group_index(pd.DataFrame({"age": values}), "age", bins=[25, 35])

    oracle = pd.cut(values, [-np.inf, 25, 35, np.inf], right=False).cat.codes.replace(-1, 3)
    assert index.groups == ("[-inf, 25)", "[25, 35)", "[35, inf)", "(missing)")
    assert index.codes.tolist() == oracle.tolist()


def test_numbers_are_ordered_as_numbers_text_by_alphabet_and_blanks_come_last():
    frame = pd.DataFrame({"n": [10, 9, None, 2], "t": ["b", "A", "c", None]})

    assert group_index(frame, "n").groups == ("2", "9", "10", "(missing)")
    assert group_index(frame, "t").groups == ("A", "b", "c", "(missing)")


def test_numbers_with_many_values_are_cut_into_quarters_and_text_never():
    frame = pd.DataFrame({"n": np.arange(100.0), "t": [f"v{i:03}" for i in range(100)]})

    assert group_index(frame, "n").sizes.tolist() == [25, 25, 25, 25]
    assert group_index(frame, "t").n_groups == 100


def test_a_cross_has_every_cell_in_order():
    frame = pd.DataFrame({"a": ["x", "y", "x"], "b": ["u", "u", "v"]})

    both = cross(group_index(frame, "a"), group_index(frame, "b"))

    assert both.column == "a × b"
    assert both.groups == ("x × u", "x × v", "y × u", "y × v")
    assert (both.codes.tolist(), both.sizes.tolist()) == ([0, 2, 1], [1, 1, 1, 0])


def test_a_cross_too_large_to_show_is_refused():
    wide = group_index(pd.DataFrame({"a": [f"{i:03}x" for i in range(100)]}), "a")

    with pytest.raises(InvalidChoice, match="10,000 cells"):
        cross(wide, wide)


@pytest.mark.parametrize("edges", [[], [2, 1], [1, 1], [1, np.inf], [np.nan]])
def test_edges_that_do_not_increase_are_refused(edges):
    with pytest.raises(InvalidRoles, match="must be numbers that increase"):
        group_index(pd.DataFrame({"a": [1, 2]}), "a", bins=edges)


def test_text_cannot_be_cut():
    with pytest.raises(InvalidRoles, match="holds text"):
        group_index(pd.DataFrame({"a": ["x"]}), "a", bins=[1])


@pytest.mark.parametrize("edges_of", [quantile_edges, width_edges])
@pytest.mark.parametrize("values", [[1, 1, 1, 1, 9], [5, 5], [np.nan], [], [0, 1, 2, 3, 4, 5]])
def test_edges_increase_and_the_first_bin_is_never_empty(edges_of, values):
    values = np.array(values, dtype=np.float64)

    edges = edges_of(values, 4)

    assert list(edges) == sorted(set(edges))
    assert len(bin_labels(edges)) == len(edges) + 1
    if edges:
        assert (values < edges[0]).any()
        assert (values >= edges[-1]).any()


def test_a_column_whose_rows_mostly_have_the_lowest_value_is_cut_above_it():
    frame = pd.DataFrame({"gain": [0.0] * 900 + [float(x) for x in range(1, 31)]})

    index = group_index(frame, "gain")

    assert index.groups == ("[-inf, 1)", "[1, inf)")
    assert index.sizes.tolist() == [900, 30]
