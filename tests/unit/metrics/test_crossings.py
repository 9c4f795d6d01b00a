from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.crossings import rank_cells
from rai_dash.metrics.table import metric_table


def _table(column, sizes, approved):
    codes = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    score = np.concatenate([np.repeat([0.9, 0.1], [k, n - k]) for n, k in zip(sizes, approved, strict=True)])
    index = GroupIndex(column, tuple(f"{column}{i}" for i in range(len(sizes))), codes)
    return metric_table(count(np.ones(codes.size, dtype=np.int8), score, index), 0.5, bootstrap=0)


FIRST = ("a", [400, 400, 40, 20], [200, 200, 12, 0])
SECOND = ("b", [500, 300, 60, 0], [200, 192, 20, 0])


def _fisher(sizes, approved, i):
    k, n = approved[i], sizes[i]
    rest = (sum(approved) - k, sum(sizes) - n - sum(approved) + k)
    return fisher_exact([[k, n - k], rest]).pvalue


def test_evidence_ranks_before_the_size_of_the_gap():
    cells = rank_cells([_table(*FIRST), _table(*SECOND)], "recall")

    names = [c.group for c in cells]
    # The group of 20 has the largest gap of all and no evidence that may be used: it is too small to be tested.
    assert names[-1] == "a3"
    assert cells[-1].small
    assert cells[-1].p_value is None
    tested = [c.p_value for c in cells if c.p_value is not None]
    assert tested == sorted(tested)
    assert "b3" not in names


def test_p_values_pay_for_every_group_and_every_cross():
    cells = {c.group: c for c in rank_cells([_table(*FIRST), _table(*SECOND)], "recall")}

    sizes, approved = SECOND[1][:3], SECOND[2][:3]
    raw = [_fisher(sizes, approved, i) for i in range(3)]
    smallest = int(np.argmin(raw))
    assert cells[f"b{smallest}"].p_value == pytest.approx(min(1.0, raw[smallest] * 3 * 2), rel=1e-9)
    assert cells[f"b{smallest}"].starred


def test_one_cross_alone_is_one_look():
    table = _table(*SECOND)

    alone, beside = rank_cells([table], "recall"), rank_cells([table, _table(*FIRST)], "recall")

    p = {c.group: c.p_value for c in alone}
    assert all(
        c.p_value == pytest.approx(min(1.0, 2 * p[c.group]))
        for c in beside
        if c.column == "b" and c.p_value is not None
    )
