"""The tree beside the matrix, the blocks its limit cuts, and the outlined pair."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, fcluster

from rai_dash.charts.association_heatmap import association_heatmap
from rai_dash.charts.dendrogram import Tree, tree_rows, tree_words
from rai_dash.data.associations import AssociationMatrix
from rai_dash.data.blocks import BLOCK_AT, blocks, grouped, links


@pytest.fixture(params=range(3))
def matrix(request):
    rng = np.random.default_rng(request.param)
    k = 12
    value = rng.uniform(-1, 1, (k, k)) ** 3
    value = np.tril(value, -1) + np.tril(value, -1).T + np.eye(k)
    value[3, 4] = value[4, 3] = np.nan
    return AssociationMatrix(
        tuple("abcdefghijkl"), value, (("m",) * k,) * k, np.full((k, k), 9, dtype=np.int64)
    )


@pytest.mark.parametrize("at", [BLOCK_AT, 0.5, 0.2])
def test_a_cut_through_the_tree_gives_the_blocks(matrix, at):
    flat = fcluster(links(matrix), 1 - at + 1e-12, "distance")
    cut = {frozenset(np.array(matrix.columns)[flat == c]) for c in set(flat)}

    assert {frozenset(b) for b in blocks(matrix, at=at)} == {c for c in cut if len(c) > 1}


def test_branches_are_those_of_scipys_drawing_in_the_order_of_the_rows(matrix):
    joined = links(matrix)
    rows = tree_rows(Tree(joined, BLOCK_AT, ()))
    drawn = dendrogram(joined, no_plot=True, labels=list(matrix.columns))

    assert tuple(drawn["ivl"]) == grouped(matrix)
    ours = {
        (round(min(r["top"], r["bottom"]), 9), round(max(r["top"], r["bottom"]), 9), round(r["from"], 9))
        for r in rows
        if r["part"] == "branch" and r["from"] == r["to"]
    }
    theirs = {
        (round((min(y) - 5) / 10, 9), round((max(y) - 5) / 10, 9), round(x[1], 9))
        for y, x in zip(drawn["icoord"], drawn["dcoord"], strict=True)
    }
    assert theirs <= ours
    assert len(rows) == 3 * 11 + 1


def test_the_text_alternative_names_the_blocks_and_says_when_there_is_none():
    tree = Tree(np.empty((0, 4)), 0.8, [["a", "b"], ["c", "d", "e"]])

    assert "Blocks: a and b; c and d and e." in tree_words(tree)
    assert "and 1 more" in tree_words(tree, most=1)
    assert "There is no block." in tree_words(Tree(np.empty((0, 4)), 0.8, ()))


def test_a_chosen_pair_is_outlined_on_both_sides_and_only_cells_can_be_clicked(matrix):
    chart = association_heatmap(
        matrix.columns,
        matrix.value,
        measure=matrix.measure,
        n=matrix.n,
        tree=Tree(links(matrix), BLOCK_AT, ()),
        chosen=(2, 5),
        turn=4,
    )
    chosen = chart.data[chart.data["part"] == "chosen"]
    cells = chart.data[chart.data["part"].isin(["pair", "none"])]

    assert set(zip(chosen["row"], chosen["column"], strict=True)) == {("c", "f"), ("f", "c")}
    assert (cells["i"].map(lambda i: matrix.columns[i]) == cells["row"]).all()
    assert (cells["j"].map(lambda j: matrix.columns[j]) == cells["column"]).all()
    assert (chart.data.drop(cells.index)[["i", "j"]] == -1).all(axis=None)
    assert set(chart.data["turn"]) == {4}
