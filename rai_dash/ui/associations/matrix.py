"""The matrix of all pairs: one measure, in the order of the file or grouped, with its correlated blocks."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rai_dash.charts.association_heatmap import association_heatmap
from rai_dash.charts.dendrogram import Tree
from rai_dash.core.texts import tr
from rai_dash.data.associations import AssociationMatrix
from rai_dash.data.blocks import BLOCK_AT, blocks, grouped, links
from rai_dash.data.portfolio.associations import SPEARMAN_CELLS, associations_of
from rai_dash.report import correlated
from rai_dash.ui import controls, data_words, widgets
from rai_dash.ui.associations import clicks, words
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain


def drawn_columns(view: View, columns: Sequence[str]) -> tuple[str, ...]:
    """Choose at most 43 columns: those that go most with the target and the sensitive ones."""
    return correlated.drawn_columns(view.judgement.data.dataset, columns, view.judgement.memo)


def matrix_of(view: View, columns: tuple[str, ...], code: str) -> AssociationMatrix:
    """Return the matrix of a measure, made once."""
    dataset = view.judgement.data.dataset
    return view.judgement.memo.get(
        ("associations", columns, code), lambda: associations_of(dataset, columns, words.MEASURES[code])
    )


def matrix_panel(view: View, shown: tuple[str, ...], n_columns: int, pair: tuple[str, str]) -> None:
    """Draw the matrix.

    Parameters
    ----------
    view : View
        The case and what is looked at.
    shown : tuple of str (k,)
        Columns that are drawn, at most 43.
    n_columns : int
        How many there are to choose from.
    pair : (str, str)
        The pair that is looked at; a click on a cell chooses another.
    """
    with st.container(border=True):
        widgets.heading(tr("Every pair"), tr("0 is no association, ±1 the strongest the measure knows"))
        code = controls.view(tr("Measure"), "measure", words.LABELS)
        if len(shown) < n_columns:
            widgets.note(
                tr(
                    "{shown} of {n_columns} columns are compared: those that go most with the target and the "
                    "sensitive columns.",
                    shown=count(len(shown)),
                    n_columns=count(n_columns),
                )
            )
        with st.spinner(tr("Comparing every pair of columns")):
            matrix = matrix_of(view, shown, code)
        found = blocks(matrix)
        widgets.paragraph(words.blocks_sentence(found))
        _draw(matrix, found, pair)
        widgets.how_to_read(words.meaning(code))
        if any(cell.startswith(SPEARMAN_CELLS) for row in matrix.measure for cell in row):
            widgets.note(words.cells())
        widgets.note(tr(words.HIDES))
        widgets.numbers(lambda: data_words.matrix_frame(matrix), name="associations", key="matrix")


def _draw(matrix: AssociationMatrix, found: Sequence[Sequence[str]], pair: tuple[str, str]) -> None:
    together = not controls.switch(tr("Keep the order of the file"), "ungrouped")
    drawn = matrix.only(grouped(matrix)) if together else matrix
    at = drawn.columns.index
    chart = association_heatmap(
        drawn.columns,
        drawn.value,
        measure=drawn.measure,
        n=drawn.n,
        tree=Tree(links(matrix), BLOCK_AT, [[plain(c) for c in block] for block in found])
        if together
        else None,
        chosen=(at(pair[0]), at(pair[1])) if set(pair) <= set(drawn.columns) else None,
        turn=clicks.turn(*pair),
    )
    clicks.draw(chart, drawn.columns)
    widgets.note(words.tree() if together else tr(words.CLICK))
