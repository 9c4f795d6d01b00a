from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rai_dash.core.types import Feature, ModelInfo
from rai_dash.explain import coalitions
from rai_dash.explain._base import Reference, Subject
from rai_dash.explain._shapley import all_coalitions, shapley_values
from rai_dash.explain.agreement import agreement
from rai_dash.explain.routing import silent

WORTH = st.integers(1, 5).flatmap(lambda k: arrays(np.float64, 2**k, elements=st.floats(-100, 100)))


class Table:
    """A model that looks its answer up by the values of all columns: any interaction may occur."""

    def __init__(self, n_columns):
        features = tuple(Feature(f"c{j}") for j in range(n_columns))
        self.info = ModelInfo(format="test", family="test", fingerprint="", features=features)

    def probability(self, frame):
        codes = frame.fillna(9).to_numpy() @ (7 ** np.arange(frame.shape[1]))
        return np.abs(np.sin(codes.astype(float)))

    def margin(self, _frame):
        return None


@given(WORTH)
def test_values_add_up_whatever_the_game(worth):
    phi = shapley_values(worth[None])[0]

    assert phi.sum() == pytest.approx(worth[-1] - worth[0], abs=1e-9)


@given(WORTH, st.integers(0, 4))
def test_a_player_who_changes_nothing_gets_nothing(worth, player):
    k = worth.size.bit_length() - 1
    player %= k
    numbers = np.arange(worth.size)
    idle = worth[numbers & ~(1 << player)]

    assert shapley_values(idle[None])[0, player] == pytest.approx(0, abs=1e-12)


@given(WORTH, st.randoms(use_true_random=False))
def test_renaming_the_players_renames_their_values(worth, random):
    k = worth.size.bit_length() - 1
    order = list(range(k))
    random.shuffle(order)
    renamed = worth[all_coalitions(k) @ (1 << np.array(order))]

    assert shapley_values(renamed[None])[0] == pytest.approx(shapley_values(worth[None])[0][order], abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(
    arrays(np.int64, (9, 4), elements=st.integers(0, 2)),
    st.permutations(range(4)),
    st.permutations(range(1, 9)),
)
def test_any_table_adds_up_and_the_order_of_columns_and_reference_rows_does_not_matter(values, columns, rows):
    frame = pd.DataFrame(values, columns=[f"c{j}" for j in range(4)]).replace(2, np.nan)
    subject = Subject(Table(4))

    def explain(background):
        return coalitions.build(subject, Reference(frame=background), "probability")(frame.iloc[:1], silent)

    found = explain(frame.iloc[1:])
    again = explain(frame.iloc[list(rows), list(columns)])

    assert found.additivity_error[0] < 1e-12
    assert again.values == pytest.approx(found.values, abs=1e-12)
    codes = frame.fillna(9).to_numpy()
    always_the_same = (codes == codes[0]).all(axis=0)
    assert found.values[0][always_the_same] == pytest.approx(0, abs=1e-12)


VALUES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-500, 500).map(float), min_size=2)


@given(VALUES, st.integers(1, 8), st.floats(0.1, 10))
def test_agreement_does_not_depend_on_units_or_on_the_order_of_columns(values, k, unit):
    scaled = {name: values[name] * unit for name in sorted(values, reverse=True)}

    found = agreement(values, scaled, k)

    assert (found.overlap, found.rank, found.sign) == (1, 1, 1)


@given(VALUES, st.integers(1, 8), st.randoms(use_true_random=False))
def test_agreement_is_the_same_both_ways_and_never_more_than_whole(values, k, random):
    other = dict(zip(values, random.sample(list(values.values()), len(values)), strict=True))

    found, back = agreement(values, other, k), agreement(other, values, k)

    assert (found.overlap, found.rank, found.sign) == (back.overlap, back.rank, back.sign)
    assert 0 <= found.signed_rank <= min(found.rank, found.sign) <= found.overlap <= 1
