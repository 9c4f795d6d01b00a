from __future__ import annotations

import numpy as np

from rai_dash.core.cells import EDGES, NO_SCORE, cell_of, score_cells


def search(score):
    return np.searchsorted(EDGES, score, side="right") - 1


def test_edges_are_the_doubles_nearest_to_the_decimals():
    assert [f"{edge:.3f}" for edge in EDGES[[0, 1, 350, 999, 1000]]] == [
        "0.000",
        "0.001",
        "0.350",
        "0.999",
        "1.000",
    ]
    assert all(float(f"{k / 1000:.3f}") == EDGES[k] for k in range(1001))


def test_linspace_would_miss_144_of_the_edges():
    assert np.count_nonzero(np.linspace(0, 1, 1001) != EDGES) == 144


def test_every_edge_and_its_neighbours_fall_where_a_binary_search_puts_them():
    below, above = np.nextafter(EDGES[1:], 0.0), np.nextafter(EDGES[:-1], 1.0)
    scores = np.concatenate((EDGES, below, above, np.nextafter(below, 0.0), np.nextafter(above, 1.0)))

    assert np.array_equal(score_cells(scores), search(scores))


def test_random_scores_fall_where_a_binary_search_puts_them():
    rng = np.random.default_rng(1)
    scores = np.concatenate((rng.random(50_000), rng.beta(0.1, 5.0, 50_000), [0.0, -0.0, 5e-324, 1.0]))

    assert np.array_equal(score_cells(scores), search(scores))


def test_single_precision_scores_widened_fall_below_the_decimal_they_miss():
    assert cell_of(float(np.float32(0.7))) == 699


def test_missing_and_infinite_scores_have_a_cell_of_their_own():
    assert score_cells(np.array([np.nan, np.inf, -np.inf, 0.5])).tolist() == [
        NO_SCORE,
        NO_SCORE,
        NO_SCORE,
        500,
    ]


def test_no_score_at_all_gives_no_cell():
    assert score_cells(np.array([])).size == 0
