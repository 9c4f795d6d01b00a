"""What must not change an answer: order, names, files, units of weights, copies, columns without information."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import reduce

import numpy as np
import pandas as pd
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

import rai_dash
from rai_dash.core.counts import add_counts
from rai_dash.core.types import Roles
from rai_dash.data.counting import count
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.table import metric_table
from tests.property.answers import everything, rates, rename, same, shuffle, unordered, values
from tests.property.tables import cuts, tables

few = settings(max_examples=25)
#: Audits of small tables, 30 ms each.
fewer = settings(max_examples=10)
on_grid = st.integers(0, 1000).map(lambda k: k / 1000.0)


@few
@given(tables(), cuts, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_number_and_no_verdict(table, cut, random):
    shuffled = table.take(shuffle(random, table.label.size))

    same(everything(shuffled.counts(), cut, bootstrap=50), everything(table.counts(), cut, bootstrap=50))


@settings(max_examples=25, phases=[Phase.generate])
@given(tables(), cuts, st.randoms(use_true_random=False))
def test_other_names_and_another_order_of_groups_change_no_number_and_no_verdict(table, cut, random):
    new = ("zz", "¿?", "[-inf, 3)", "<b>")
    place = shuffle(random, 4)
    renamed = replace(
        table, group=place[table.group].astype(np.int32), names=tuple(new[i] for i in np.argsort(place))
    )

    found = everything(renamed.counts(), cut)

    back = dict(zip(new, table.names, strict=True))
    same(unordered(rename(found, back)), unordered(everything(table.counts(), cut)))


@few
@given(tables(max_rows=60), on_grid, st.lists(st.integers(0, 60), min_size=1, max_size=3))
def test_files_counted_apart_and_added_give_what_one_file_gives(table, cut, ends):
    n = table.label.size
    pieces = np.split(np.arange(n), sorted(min(e, n) for e in ends))
    parts = [table.take(piece).counts() for piece in pieces]

    whole = everything(table.counts(), cut)
    added = everything(reduce(add_counts, parts), cut)
    other_way = everything(reduce(add_counts, parts[::-1]), cut)

    same(other_way, added)
    same(added["verdicts"], whole["verdicts"])
    same(added["against"], whole["against"])
    for group, numbers in whole["groups"].items():
        for name in (*rates, "f1", "balanced_accuracy", "mean_score", "brier"):
            same(added["groups"][group][name], numbers[name], (group, name))
        exact, cells = numbers["auc"]["value"], added["groups"][group]["auc"]
        assert (exact is None) == (cells["value"] is None)
        assert exact is None or abs(cells["value"] - exact) <= cells["bound"] + 1e-12


@few
@given(tables(), cuts, st.lists(st.integers(0, 40), max_size=8))
def test_groups_that_a_file_lacks_are_still_added(table, cut, at):
    keep = np.array(sorted({i for i in at if i < table.label.size}), dtype=np.int64)
    part = table.take(keep)
    present = sorted(set(part.group.tolist()))
    codes = np.searchsorted(present, part.group).astype(np.int32)
    names = tuple(table.names[i] for i in present)
    partial = count(part.label, part.score, GroupIndex("column", names, codes), weight=part.weight)

    added = add_counts(table.counts(), partial)

    twice = table.take(np.concatenate((np.arange(table.label.size), keep)))
    assert np.array_equal(added.counts, twice.counts().counts)
    assert np.array_equal(added.sums, twice.counts().sums)


@few
@given(tables(weighted=True), cuts, st.sampled_from([1e-6, 0.1, 3.0, 1e5]))
def test_the_unit_of_the_weights_changes_no_value_no_limit_and_no_effective_size(table, cut, unit):
    scaled = replace(table, weight=table.weight * unit)

    first, second = (metric_table(t.counts(), cut, min_n=2, bootstrap=0) for t in (table, scaled))

    for name, estimates in first.values.items():
        other = second.values[name]
        # A spread is the root of a difference: half the digits are sure.
        loose = 1e-5 if "calibration" in name else 1e-7 if name in {"mean_score", "brier"} else 1e-9
        for field in ("value", "low", "high"):
            a, b = getattr(estimates, field), getattr(other, field)
            assert np.allclose(a, b, rtol=loose, atol=loose, equal_nan=True), (name, field, a, b)
        if name in rates:
            assert np.allclose(estimates.size, other.size, rtol=1e-9), name
        assert estimates.reason == other.reason


@few
@given(tables(), cuts)
def test_every_row_twice_changes_no_value_and_narrows_the_limits_of_shares(table, cut):
    twice = table.take(np.repeat(np.arange(table.label.size), 2))

    once, doubled = everything(table.counts(), cut), everything(twice.counts(), cut)

    same(values(doubled), values(once))
    for metric, gap in once["gaps"].items():
        if not gap["excluded"]:
            same(doubled["gaps"][metric]["difference"], gap["difference"], (metric,))
    for group, numbers in once["groups"].items():
        assert doubled["groups"][group]["n"] == 2 * numbers["n"]
        for name in rates:
            before, after = numbers[name], doubled["groups"][group][name]
            if before["value"] is not None:
                assert after["high"] - after["low"] < before["high"] - before["low"], (group, name)


@few
@given(tables(weighted=False), cuts, st.lists(st.integers(0, 3), min_size=40, max_size=40))
def test_a_whole_weight_is_so_many_copies_of_the_row(table, cut, copies):
    times = np.array(copies[: table.label.size], dtype=np.int64)
    weighted = replace(table, weight=times.astype(np.float64))

    same(
        values(everything(weighted.counts(), cut)),
        values(everything(table.take(np.repeat(np.arange(times.size), times)).counts(), cut)),
    )


@few
@given(tables(weighted=False), cuts, st.sampled_from([0.5, 1.0, 7.0]))
def test_equal_weights_are_no_weights(table, cut, weight):
    weighted = replace(table, weight=np.full(table.label.size, weight))

    first, second = (metric_table(t.counts(), cut, bootstrap=0) for t in (table, weighted))

    for name in (*rates, "mean_score", "brier", "auc"):
        for field in ("value", "low", "high", "size" if name in rates else "value"):
            a, b = getattr(first.values[name], field), getattr(second.values[name], field)
            loose = 1e-7 if name in {"mean_score", "brier"} else 1e-9
            assert np.allclose(a, b, rtol=loose, atol=loose, equal_nan=True), (name, field)


SECTIONS = ("overall", "groups", "crosses", "disparities", "parities", "against", "impact_ratios")


def frame_of(table, *, unfavourable=("bad",)):
    """The table as a file would hold it."""
    bad = np.array(unfavourable, dtype=object)[np.arange(table.label.size) % len(unfavourable)]
    outcome = np.where(table.label == 1, "good", np.where(table.label == 0, bad, ""))
    return pd.DataFrame(
        {
            "outcome": outcome,
            "group": np.array(table.names, dtype=object)[table.group],
            "half": np.where(np.arange(table.label.size) % 2 == 0, "x", "y"),
        }
    )


def audited(frame, score, cut, **roles):
    """The sections of an audit that hold figures."""
    given_roles = Roles(target="outcome", favourable=("good",), sensitive=("group", "half"), **roles)
    found = rai_dash.audit(
        dataset_from_frame(frame, given_roles), score, threshold=cut, crosses=[("group", "half")], min_n=2
    )
    content = json.loads(found.to_json())
    return {section: content[section] for section in SECTIONS} | {"first": content["scores"]["first"]}


def assume_a_target(table):
    assume(table.label.size > 1 and (table.label == 1).any())


@fewer
@given(tables(weighted=False), cuts, st.sampled_from([7, 2.5, "same", None]))
def test_a_column_without_information_changes_no_audit(table, cut, constant):
    assume_a_target(table)
    frame = frame_of(table)
    wider = frame.assign(constant=pd.Series([constant] * len(frame), dtype=object)).iloc[:, ::-1]

    same(audited(wider, table.score, cut), audited(frame, table.score, cut))


@fewer
@given(tables(weighted=False), cuts)
def test_what_unfavourable_values_are_called_changes_no_audit(table, cut):
    assume_a_target(table)
    other = frame_of(table, unfavourable=("late", "charged off", "3"))

    same(audited(other, table.score, cut), audited(frame_of(table), table.score, cut))


@fewer
@given(tables(weighted=False), cuts, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_audit(table, cut, random):
    assume_a_target(table)
    frame, order = frame_of(table), shuffle(random, table.label.size)

    found = audited(frame.iloc[order], table.score[order], cut)
    expected = audited(frame, table.score, cut)

    del found["first"], expected["first"]
    same(found, expected)


@fewer
@given(tables(weighted=False), cuts, st.lists(st.booleans(), min_size=40, max_size=40))
def test_rows_a_model_was_trained_on_are_as_if_they_were_not_in_the_file(table, cut, trained):
    trained = np.array(trained[: table.label.size], dtype=bool)
    assume(table.label.size > 1 and (table.label[~trained] == 1).any())
    frame = frame_of(table).assign(part=np.where(trained, "train", "test"))

    found = audited(frame, table.score, cut, split="part", split_train=("train",))

    rest = frame[~trained].drop(columns="part")
    expected = audited(rest, table.score[~trained], cut)
    same(unordered(found["overall"]), unordered(expected["overall"]))
    for group, numbers in expected["groups"]["group"].items():
        same(found["groups"]["group"][group], numbers, (group,))
