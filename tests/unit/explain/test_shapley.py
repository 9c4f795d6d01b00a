from __future__ import annotations

import numpy as np
import pytest

from rai_dash.explain._shapley import all_coalitions, draw_coalitions, kernel_estimate, shapley_values


def test_the_glove_game_has_its_textbook_values():
    # Players 0 and 1 own a left glove, player 2 the right one; a pair is worth 1.
    members = all_coalitions(3)
    worth = ((members[:, 0] | members[:, 1]) & members[:, 2]).astype(float)

    assert shapley_values(worth[None])[0] == pytest.approx([1 / 6, 1 / 6, 4 / 6])


def test_no_player_gets_nothing():
    assert shapley_values(np.ones((4, 1))).shape == (4, 0)


def test_values_add_up_to_the_worth_of_everyone():
    worth = np.random.default_rng(0).normal(size=(5, 2**6))

    assert shapley_values(worth).sum(axis=1) == pytest.approx(worth[:, -1] - worth[:, 0])


def test_drawn_coalitions_come_in_pairs_of_complements():
    draw = draw_coalitions(6, pairs=40, batches=4, rng=np.random.default_rng(0))

    drawn = draw.members[draw.batch >= 0]
    assert (drawn[:40] == ~drawn[40:]).all()
    assert set(drawn.sum(axis=1)) <= {2, 3, 4}
    assert np.bincount(draw.batch[draw.batch >= 0]).tolist() == [20, 20, 20, 20]


def test_kernel_weights_add_up_to_the_kernel_of_all_sizes():
    d = 8
    draw = draw_coalitions(d, pairs=64, batches=8, rng=np.random.default_rng(0))

    assert draw.weight.sum() == pytest.approx(sum((d - 1) / (s * (d - s)) for s in range(1, d)))


def test_the_estimate_comes_close_to_the_exact_values():
    d = 10
    rng = np.random.default_rng(1)
    worth = rng.normal(size=2**d).cumsum() / 30
    exact = shapley_values(worth[None])[0]
    draw = draw_coalitions(d, pairs=2_000, batches=8, rng=rng)
    place = draw.members @ (1 << np.arange(d))

    found, errors = kernel_estimate(draw, worth[place] - worth[0], total=worth[-1] - worth[0])

    assert found.sum() == pytest.approx(worth[-1] - worth[0])
    assert np.abs(found - exact).max() < 5 * errors.max()
    assert errors.max() < 0.05
