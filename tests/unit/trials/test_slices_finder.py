"""What the finder names, how sure it says it is, the tree and the heat map."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, binomtest, norm

from rai_dash.core.errors import Cancelled, InvalidChoice
from rai_dash.data.slices import Slice, parse_slice, rows_of_slice, slice_words
from rai_dash.trials.slices import finder
from rai_dash.trials.slices.excess import Excess
from rai_dash.trials.slices.finder import SliceOptions, find_slices
from rai_dash.trials.slices.findings import rows_needed
from rai_dash.trials.slices.searched import search_apart
from rai_dash.trials.slices.tree import TreeNode

N = 3_000
QUICK = SliceOptions(draws=99)


def _wilson(k: float, n: float, alpha: float) -> tuple[float, float]:
    return tuple(binomtest(int(k), int(n)).proportion_ci(1 - alpha, method="wilson"))


def _newcombe(k: float, n: float, k2: float, n2: float, alpha: float) -> tuple[float, float]:
    """Method 10 of Newcombe (1998), as he writes it."""
    (low, high), (low2, high2) = _wilson(k, n, alpha), _wilson(k2, n2, alpha)
    p, p2 = k / n, k2 / n2
    below, above = ((p - low) ** 2 + (high2 - p2) ** 2) ** 0.5, ((high - p) ** 2 + (p2 - low2) ** 2) ** 0.5
    return p - p2 - below, p - p2 + above


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame({
        "age": np.where(rng.random(N) < 0.05, np.nan, rng.integers(18, 80, N)),
        "amount": rng.lognormal(9, 1, N).round(),
        "purpose": rng.choice(["car", "home", "trip", "study"], N, p=[0.4, 0.3, 0.2, 0.1]),
        "region": np.where(rng.random(N) < 0.05, None, rng.choice(["north", "south"], N)),
    })  # fmt: skip


@pytest.fixture(scope="module")
def there(frame) -> np.ndarray:
    return ((frame["age"] < 35) & (frame["purpose"] == "home")).to_numpy()


@pytest.fixture(scope="module")
def errors(there) -> np.ndarray:
    return np.random.default_rng(2).random(N) < np.where(there, 0.5, 0.1)


@pytest.fixture(scope="module")
def found(frame, errors):
    return find_slices(frame, errors, list(frame), seed=3, options=QUICK)


@pytest.fixture(scope="module")
def nothing(frame):
    return find_slices(frame, np.random.default_rng(0).random(N) < 0.1, list(frame), seed=3, options=QUICK)


def test_the_planted_slice_is_named_first_and_nearly_alone(frame, there, found):
    rows = rows_of_slice(found.found[0].slice, frame)

    assert (rows & there).sum() / (rows | there).sum() >= 0.8
    assert len(found.found) <= 2
    assert found.p_value == found.found[0].adjusted_p == 0.01


def test_without_a_pattern_nothing_is_named_and_the_tree_is_not_split(nothing):
    assert nothing.found == ()
    assert nothing.tree.children == ()
    assert nothing.p_value > 0.05
    assert nothing.reason is None
    assert not nothing.heat_map("age", "purpose").shown.any()


def test_figures_of_a_slice_are_those_of_its_rows(frame, errors, found):
    for one in found.found:
        rows = rows_of_slice(one.slice, frame)
        wrong, rest = errors[rows].sum(), errors[~rows].sum()
        assert one.rows == rows.sum()
        assert (one.rate.numerator, one.rate.denominator) == (wrong, rows.sum())
        assert (one.rest.numerator, one.rest.denominator) == (rest, (~rows).sum())
        assert one.rate.value == pytest.approx(errors[rows].mean())
        assert one.difference.value == pytest.approx(errors[rows].mean() - errors[~rows].mean())
        assert one.lift == pytest.approx(errors[rows].mean() / errors.mean())
        assert one.share_of_errors == pytest.approx(wrong / errors.sum())


def test_intervals_are_wilsons_and_newcombes_at_the_level_that_holds_for_all_slices(frame, errors, found):
    one = found.found[0]
    rows = rows_of_slice(one.slice, frame)
    k, n, k2, n2 = errors[rows].sum(), rows.sum(), errors[~rows].sum(), (~rows).sum()
    # z is read off the interval at hand; the other one has to have the same.
    z = (one.rate.value - one.rate.low) / np.sqrt(one.rate.low * (1 - one.rate.low) / n)
    alpha = 2 * norm.sf(z)

    assert z > 3.5
    assert (one.rate.low, one.rate.high) == pytest.approx(_wilson(k, n, alpha))
    both = _newcombe(k, n, k2, n2, alpha)
    assert (one.difference.low, one.difference.high) == pytest.approx(both)
    ordinary = _wilson(k2, n2, 0.05)
    assert (one.rest.low, one.rest.high) == pytest.approx(ordinary)
    assert one.difference.low > 0


def test_other_names_hold_nearly_the_same_rows_and_are_not_longer_versions(frame, errors):
    twice = frame.assign(kind=frame["purpose"].str.upper())
    answer = find_slices(twice, errors, list(twice), seed=3, options=QUICK)

    first = answer.found[0]
    assert first.also
    rows = rows_of_slice(first.slice, twice)
    for other in first.also:
        there = rows_of_slice(other, twice)
        assert (rows & there).sum() / (rows | there).sum() >= 0.8
        assert not set(first.slice.terms) <= set(other.terms)


def test_one_term_is_preferred_to_two_for_nearly_the_same_rows(frame):
    errors = np.random.default_rng(4).random(N) < np.where(frame["purpose"] == "study", 0.5, 0.1)

    answer = find_slices(frame, errors, list(frame), seed=1, options=QUICK)

    assert [slice_words(one.slice) for one in answer.found] == ["purpose is study"]


def test_a_worse_part_of_a_slice_and_another_place_are_named_as_well(frame):
    young, home, north = frame["age"] < 40, frame["purpose"] == "home", frame["region"] == "south"
    chance = np.where(home & young, 0.8, np.where(home, 0.35, np.where(north & ~home, 0.2, 0.02)))
    errors = np.random.default_rng(5).random(N) < chance

    named = {slice_words(one.slice) for one in find_slices(frame, errors, list(frame), options=QUICK).found}

    assert "purpose is home" in named
    assert any("age" in words and "purpose is home" in words for words in named)
    assert any("region is south" in words for words in named)


def test_the_same_seed_says_the_same_and_columns_may_come_in_any_order(frame, errors, found):
    again = find_slices(frame, errors, list(frame), seed=3, options=QUICK)
    turned = find_slices(frame, errors, list(frame)[::-1], seed=3, options=QUICK)

    assert again.found == found.found
    assert again.tree == found.tree
    assert set(turned.found[0].slice.terms) == set(found.found[0].slice.terms)


def test_weights_of_one_change_nothing_and_others_are_counted(frame, errors, found):
    same = find_slices(frame, errors, list(frame), weight=np.ones(N), seed=3, options=QUICK)
    weight = np.random.default_rng(7).choice([1.0, 2.0], N)
    heavy = find_slices(frame, errors, list(frame), weight=weight, seed=3, options=QUICK)

    assert same.found == found.found
    one = heavy.found[0]
    rows = rows_of_slice(one.slice, frame)
    assert one.rate.value == pytest.approx(np.average(errors[rows], weights=weight[rows]))
    assert one.rate.denominator == weight[rows].sum()
    assert one.rows == rows.sum()


def test_a_loss_is_found_where_it_is_larger(frame, there):
    loss = np.random.default_rng(8).exponential(np.where(there, 2.0, 1.0))
    answer = find_slices(frame, loss, list(frame), seed=3, options=QUICK)

    one = answer.found[0]
    rows = rows_of_slice(one.slice, frame)
    assert (rows & there).sum() / (rows | there).sum() >= 0.5
    assert answer.is_loss
    assert one.rate.value == pytest.approx(loss[rows].mean())
    z = (one.rate.high - one.rate.value) / (loss[rows].std(ddof=1) / np.sqrt(rows.sum()))
    assert z == pytest.approx(
        (one.rate.value - one.rate.low) / (loss[rows].std(ddof=1) / np.sqrt(rows.sum()))
    )
    assert z > 3


def test_more_rows_than_are_searched_are_sampled_and_figures_are_over_all(frame, errors, monkeypatch):
    monkeypatch.setattr(finder, "SEARCHED", 2_000)
    answer = find_slices(frame, errors, list(frame), seed=3, options=QUICK)

    assert (answer.rows, answer.searched) == (N, 2_000)
    assert answer.found[0].rows == rows_of_slice(answer.found[0].slice, frame).sum()
    assert answer.tree.rows == 2_000


def _walk(node: TreeNode) -> list[TreeNode]:
    return [node, *(inner for child in node.children for inner in _walk(child))]


def test_the_nodes_of_the_tree_are_their_rows_and_add_up(frame, errors, found):
    nodes = _walk(found.tree)

    assert len(nodes) > 3
    assert nodes[0].slice == Slice()
    for node in nodes:
        rows = rows_of_slice(node.slice, frame)
        assert node.rows == rows.sum()
        assert node.rate.numerator == errors[rows].sum()
        assert (node.rate.low, node.rate.high) == pytest.approx(_wilson(errors[rows].sum(), rows.sum(), 0.05))
        if node.children:
            assert sum(child.rows for child in node.children) == node.rows
            assert sum(child.rate.numerator for child in node.children) == node.rate.numerator
            assert node.p_value <= 0.05
            assert len(node.slice.terms) < 3


def test_blanks_of_the_column_of_a_split_are_a_part_of_their_own(frame):
    errors = np.random.default_rng(9).random(N) < np.where(frame["age"] < 40, 0.4, 0.05)
    tree = find_slices(frame, errors, list(frame), options=QUICK).tree

    assert [child.term.kind for child in tree.children] == ["compare", "compare", "blank"]
    assert tree.children[2].rows == frame["age"].isna().sum()


def test_the_cells_of_a_heat_map_are_those_of_a_scan(frame, errors, found):
    heat = found.heat_map("age", "region")

    assert heat.n.sum() == N
    assert set(heat.columns[:2]) == {"north", "south"}
    assert heat.columns[2:] == ("(blank)",)
    assert heat.rows[-1] == "(blank)"
    assert len(heat.rows) == 9
    for i in range(len(heat.rows)):
        for j in range(len(heat.columns)):
            rows = rows_of_slice(heat.slices[i][j], frame)
            assert heat.n[i, j] == rows.sum()
            assert heat.errors[i, j] == errors[rows].sum()
            assert heat.few[i, j] == (rows.sum() < found.min_rows)
            if rows.any():
                limits = _wilson(errors[rows].sum(), rows.sum(), 0.05)
                assert (heat.low[i, j], heat.high[i, j]) == pytest.approx(limits)


def test_cells_of_the_planted_slice_stand_out_and_no_others(there, frame, found):
    heat = found.heat_map("purpose", "age")

    assert heat.shown.any()
    for i, j in zip(*np.nonzero(heat.shown), strict=True):
        rows = rows_of_slice(heat.slices[i][j], frame)
        assert there[rows].mean() > 0.5


def test_rare_categories_are_one_cell_that_no_slice_names():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"c": [*["a"] * 150, *["b"] * 140, *["r1"] * 5, *["r2"] * 5], "x": rng.random(300)})
    answer = find_slices(frame, rng.random(300) < 0.2, ["c", "x"], options=QUICK)
    heat = answer.heat_map("c", "x")

    assert heat.rows == ("a", "b", "(all other)")
    assert heat.n[2].sum() == 10
    assert set(heat.slices[2]) == {None}


def test_a_heat_map_needs_two_columns_that_were_looked_at(found):
    assert found.pair is not None
    assert set(found.pair) == {"age", "purpose"}
    with pytest.raises(InvalidChoice, match="Did you mean `purpose`"):
        found.heat_map("age", "purpos")
    with pytest.raises(InvalidChoice, match="two columns"):
        found.heat_map("age", "age")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (0.0, "no row is decided wrongly"),
        (1.0, "every row is decided wrongly"),
        (0.3, "every row has the same loss"),
    ],
)
def test_where_all_rows_are_alike_nothing_is_compared_and_the_reason_is_given(frame, error, says):
    answer = find_slices(frame, np.full(N, error), list(frame))

    assert (answer.found, answer.p_value, answer.reason) == ((), None, says)
    assert answer.overall.value == pytest.approx(error)


def test_too_few_rows_are_not_searched_and_it_says_how_many_there_must_be(frame):
    answer = find_slices(frame.iloc[:59], np.arange(59) % 2, list(frame))

    assert answer.reason.startswith("a slice and its rest need 30 rows each, and there are 59")
    assert answer.rows_needed is None
    empty = find_slices(frame.iloc[:0], [], list(frame))
    assert empty.reason is not None
    assert empty.overall.value is None


def test_no_slice_has_fewer_rows_than_asked_for(frame, errors):
    answer = find_slices(frame, errors, list(frame), options=SliceOptions(draws=99, min_rows=400))

    assert answer.min_rows == 400
    assert all(one.rows >= 400 for one in answer.found)
    constant = find_slices(frame[["age"]].assign(age=1.0), errors, ["age"], options=QUICK)
    assert constant.reason == "no column divides the rows"
    assert constant.constant == ("age",)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"error": np.ones(5)}, "errors do not fit"),
        ({"error": np.full(N, np.nan)}, "errors do not fit"),
        ({"weight": np.full(N, -1.0)}, "below 0"),
        ({"weight": np.ones(3)}, "weights do not fit"),
    ],
)
def test_errors_and_weights_that_do_not_fit_are_refused(frame, errors, changes, says):
    given = {"error": errors, "weight": None} | changes
    with pytest.raises(InvalidChoice, match=says):
        find_slices(frame, given["error"], list(frame), weight=given["weight"])


@pytest.mark.parametrize("options", [{"max_terms": 3}, {"min_rows": 0}, {"alpha": 0.001}, {"alpha": 1.5}])
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(InvalidChoice):
        SliceOptions(**options)


def test_slices_of_one_term_only_can_be_asked_for(frame, errors):
    answer = find_slices(frame, errors, list(frame), options=SliceOptions(draws=99, max_terms=1))

    assert answer.found
    assert all(len(one.slice.terms) == 1 for one in answer.found)


def test_the_rows_needed_have_80_percent_power_and_5_percent_fewer_have_less():
    excess, bar = Excess(10_000, 1_000), 4.5
    needed = rows_needed(excess, at_least=bar)

    def power(n: int) -> float:
        k = np.arange(n + 1)
        return float(binom.pmf(k, n, 0.25)[excess.root(k, n) >= bar].sum())

    assert power(needed) >= 0.8
    assert power(int(needed * 0.92)) < 0.8
    assert rows_needed(Excess(100, 10), at_least=bar) is None


def test_what_is_named_reads_back_from_its_sentence(frame, found):
    for one in found.found:
        again = parse_slice(slice_words(one.slice), columns=list(frame))
        assert again == one.slice


def test_hostile_names_and_categories_are_found_and_said_so_that_they_read_back():
    rng = np.random.default_rng(6)
    values = np.array(['"', "and", "a, b", "is `x`", "[25, 35)", "is blank"])
    frame = pd.DataFrame(
        {"score": rng.choice(values, N), "a and b < `": rng.random(N), "outcome is": rng.random(N)}
    )
    there = ((frame["score"] == "[25, 35)") & (frame["a and b < `"] < 0.5)).to_numpy()

    answer = find_slices(frame, rng.random(N) < np.where(there, 0.7, 0.1), list(frame), options=QUICK)

    assert answer.found
    for one in answer.found:
        words = slice_words(one.slice)
        assert parse_slice(words, columns=list(frame)) == one.slice
        assert there[rows_of_slice(parse_slice(words), frame)].mean() > 0.5


@pytest.mark.parametrize("weighted", [False, True])
def test_a_process_of_its_own_finds_the_same_to_the_last_digit(weighted):
    rng = np.random.default_rng(8)
    n = 1_500
    frame = pd.DataFrame(
        {
            "age": np.where(rng.random(n) < 0.1, np.nan, rng.integers(18, 80, n)),
            "sex": rng.choice(["f", "m", None], n),
            "tool": rng.choice(["ja, nein", 'say "no"', "x"], n),
        }
    )
    error = rng.random(n) < np.where(frame["sex"] == "f", 0.5, 0.1)
    weight = rng.integers(1, 4, n).astype(float) if weighted else None
    told = []

    def run(search=None):
        return find_slices(frame, error, list(frame), weight=weight, seed=3, search=search)

    here, apart = run(), run(search_apart(lambda *at: told.append(at), lambda: False))

    assert here.found
    assert here.tree.children
    for name in ("found", "tree", "looked_at", "p_value", "bar", "rows_needed", "overall", "columns"):
        assert getattr(apart, name) == getattr(here, name), name
    assert [at[:2] for at in told if at[1] == 399]


def test_a_search_that_is_stopped_leaves_nothing_behind():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({f"x{i}": rng.normal(size=30_000) for i in range(15)})
    error = rng.random(30_000) < 0.1
    began = time.monotonic()
    with pytest.raises(Cancelled):
        find_slices(
            frame, error, list(frame), search=search_apart(None, lambda: time.monotonic() > began + 0.5)
        )
    assert time.monotonic() - began < 5.0
