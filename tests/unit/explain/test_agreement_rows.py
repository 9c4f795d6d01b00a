"""Agreement of many rows at once, against the measures of one row at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rai_dash.explain.agreement import agreement
from rai_dash.explain.agreement_rows import agreement_rows

# Few different sizes, so that ties and zeros are common.
SIZES = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])


@given(data=st.data(), columns=st.integers(1, 7), k=st.integers(1, 9))
def test_every_row_agrees_as_it_does_alone_also_with_ties(data, columns, k):
    names = data.draw(st.permutations([f"c{i}" for i in range(columns)]))
    pairs = data.draw(
        st.lists(st.lists(SIZES, min_size=2 * columns, max_size=2 * columns), min_size=1, max_size=6)
    )
    table = np.array(pairs)
    a, b = table[:, :columns], table[:, columns:]

    found = agreement_rows(a, b, names, k)

    for i in range(len(table)):
        alone = agreement(dict(zip(names, a[i], strict=True)), dict(zip(names, b[i], strict=True)), k)
        assert (found.k, found.overlap[i], found.sign[i], found.rank[i]) == (
            alone.k, alone.overlap, alone.sign, alone.rank,
        )  # fmt: skip


def test_other_columns_cannot_be_compared():
    with pytest.raises(ValueError, match="same columns"):
        agreement_rows(np.zeros((2, 3)), np.zeros((2, 2)), ["a", "b", "c"])
    with pytest.raises(ValueError, match="same columns"):
        agreement_rows(np.zeros((2, 0)), np.zeros((2, 0)), [])
