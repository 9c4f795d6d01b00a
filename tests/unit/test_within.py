"""Counts within the levels of a control are the counts of each level's rows alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rai_dash import case
from rai_dash.case import CaseData, DataRole, judge
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.counting import count
from rai_dash.data.read import read_dataset
from rai_dash.metrics.table import metric_table

pytestmark = pytest.mark.usefixtures("reading_here")

ROLES = Roles(target="y", favourable=("1",), sensitive=("sex", "area"), score="s")


def table(n=400):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "y": rng.integers(0, 2, n),
            "s": np.round(rng.random(n), 5),
            "sex": rng.choice(["f", "m", ""], n, p=[0.45, 0.45, 0.1]),
            "area": rng.choice(["north", "south"], n),
            "job": rng.choice(["a", "b", ""], n, p=[0.5, 0.3, 0.2]),
            "age": rng.integers(18, 80, n),
            "w": rng.uniform(0.5, 2.0, n).round(3),
            "part": rng.choice(["train", "test"], n),
            "name": [f"person {i}" for i in range(n)],
        }
    )
    frame.loc[::17, "s"] = np.nan
    return frame


def judged(roles=ROLES):
    dataset = read_dataset(table().to_csv(index=False).encode(), roles)
    return judge(CaseData(key="d", title="t", role=DataRole.TRAINING, dataset=dataset), None)


@pytest.mark.parametrize(
    "roles", [ROLES, ROLES.with_(weight="w"), ROLES.with_(split="part", split_train=("train",))]
)
@pytest.mark.parametrize("columns", [("sex",), ("sex", "area")])
def test_each_level_is_what_its_rows_alone_would_count(roles, columns):
    judgement = judged(roles)

    found = judgement.within(columns, "job")

    assert [level for level, _ in found] == ["a", "b", "(missing)"]
    dataset, whole = judgement.data.dataset, judgement.groups(columns)
    job = dataset.frame["job"].fillna("(missing)").to_numpy()
    for level, counts in found:
        at = judgement.judged & (job == level)
        index = replace(whole, codes=whole.codes[at[judgement.judged]])
        weight = dataset.weight[at] if roles.weight else None
        alone = count(dataset.outcome[at], judgement.score[at], index, weight=weight)
        assert (counts.column, counts.groups) == (alone.column, alone.groups)
        assert np.array_equal(counts.counts, alone.counts)
        # 0.5 is on the grid, 0.50037 splits a cell and needs the rows; AUC and Brier need them too.
        for cut in (0.5, 0.50037):
            ours, theirs = (metric_table(c, cut, bootstrap=0) for c in (counts, alone))
            for name, values in theirs.values.items():
                assert ours.values[name].value == pytest.approx(values.value, abs=1e-12, nan_ok=True), name
                assert ours.values[name].high == pytest.approx(values.high, abs=1e-9, nan_ok=True), name


def test_the_levels_add_up_to_the_counts_without_the_control():
    judgement = judged()

    levels = judgement.within(("sex",), "age")

    assert len(levels) == 4
    assert all(level.startswith("[") for level, _ in levels)
    assert np.array_equal(sum(c.counts for _, c in levels), judgement.counts(("sex",)).counts)


def test_the_rows_are_counted_once_however_often_they_are_asked_for(monkeypatch):
    judgement, calls = judged(), []
    monkeypatch.setattr(case, "count", lambda *a, **k: calls.append(1) or count(*a, **k))

    first = judgement.within(("sex",), "job")

    assert judgement.within(("sex",), "job") is first
    assert calls == [1]


def test_a_control_that_cannot_be_held_fixed_is_refused_in_a_sentence():
    judgement = judged()

    for columns, control, said in (
        (("sex", "area"), "area", "`area` is a column that groups are compared by"),
        (("sex",), "jobs", "no column `jobs` to hold fixed. Did you mean `job`"),
        (("sex",), "name", "`name` has 400 levels, at most 50"),
        ((), "job", "no column to compare"),
    ):
        with pytest.raises(InvalidChoice, match=said):
            judgement.within(columns, control)


def test_a_cross_of_too_many_cells_is_refused(monkeypatch):
    monkeypatch.setattr("rai_dash.data.groups.MAX_CROSS", 17)

    with pytest.raises(InvalidChoice, match="18 cells"):
        judged().within(("sex", "area"), "job")
