"""Small tables that hypothesis draws: many ties, scores on, beside and between the edges."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex


@dataclass(frozen=True)
class Table:
    label: NDArray[np.int8]
    score: NDArray[np.float64]
    group: NDArray[np.int32]
    weight: NDArray[np.float64] | None
    names: tuple[str, ...] = ("a", "b", "c", "d")

    def counts(self) -> GroupCounts:
        index = GroupIndex("column", self.names, self.group)
        return count(self.label, self.score, index, weight=self.weight)

    def take(self, positions) -> Table:
        return replace(
            self,
            label=self.label[positions],
            score=self.score[positions],
            group=self.group[positions],
            weight=None if self.weight is None else self.weight[positions],
        )


def beside_an_edge(k: int, step: int) -> float:
    """The edge k / 1000, or the double just below or above it."""
    edge = k / 1000.0
    return float(np.clip(np.nextafter(edge, edge + step) if step else edge, 0.0, 1.0))


on_edges = st.builds(beside_an_edge, st.integers(0, 1000), st.sampled_from([-1, 0, 1]))
few_values = st.sampled_from([0.0, 0.25, 0.3502, 0.3505, 0.5, 1.0])
anywhere = st.floats(0.0, 1.0)
scores = st.one_of(few_values, on_edges, anywhere)
cuts = st.one_of(st.integers(0, 1000).map(lambda k: k / 1000.0), on_edges, few_values, anywhere)


@st.composite
def tables(draw, *, max_rows=40, labels=(0, 1, 2), with_gaps=True, weighted=None):
    """Draw a table; with_gaps: some rows have no score."""
    n = draw(st.integers(0, max_rows))
    score = st.one_of(scores, st.sampled_from([np.nan, np.inf, -np.inf])) if with_gaps else scores

    def column(values):
        return draw(st.lists(values, min_size=n, max_size=n))

    has_weights = draw(st.booleans()) if weighted is None else weighted
    # Eighths add up without rounding, so that sums can be compared with ==.
    weight = np.array(column(st.integers(0, 40).map(lambda w: w / 8))) if has_weights else None
    return Table(
        label=np.array(column(st.sampled_from(labels)), np.int8),
        score=np.array(column(score), np.float64),
        group=np.array(column(st.integers(0, 3)), np.int32),
        weight=weight,
    )
