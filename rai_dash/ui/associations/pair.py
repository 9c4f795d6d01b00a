"""One pair of columns: its chart, its measures and one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rai_dash.charts.pair_boxes import pair_boxes
from rai_dash.charts.pair_density import pair_density
from rai_dash.charts.pair_mosaic import pair_mosaic
from rai_dash.core.texts import tr
from rai_dash.data.associations import AssociationMatrix
from rai_dash.data.columns import is_number
from rai_dash.data.pairs import Boxes, Density, Mosaic
from rai_dash.data.portfolio.pairs import measures_of, picture_of
from rai_dash.ui import controls, rights, state, widgets
from rai_dash.ui.associations import words
from rai_dash.ui.state import View


def chosen_pair(columns: Sequence[str], matrix: AssociationMatrix) -> tuple[str, str]:
    """Return the pair of the choices; by default the target, or first column, and its strongest partner.

    Parameters
    ----------
    columns : sequence of str
        Two or more columns to choose from.
    matrix : AssociationMatrix
        Which partner is the strongest.
    """
    stored = state.choices()
    first = stored.first if stored.first in columns else columns[0]
    others = partners(first, columns, matrix)
    return first, stored.second if stored.second in others else others[0]


def partners(first: str, columns: Sequence[str], matrix: AssociationMatrix) -> list[str]:
    """Return what a column can be paired with, its strongest partner first."""
    best = [p.name for p in matrix.partners(first, 1)] if first in matrix.columns else []
    return best + [c for c in columns if c != first and c not in best]


def pair_panel(view: View, columns: Sequence[str], matrix: AssociationMatrix) -> None:
    """Draw the pair that is chosen.

    Parameters
    ----------
    view : View
        The case and what is looked at.
    columns : sequence of str
        Two or more columns to choose from.
    matrix : AssociationMatrix
        Which partner is the strongest.
    """
    with st.container(border=True):
        widgets.heading(tr("One pair"), tr("What the number of a pair looks like in the rows"))
        left, right = st.columns(2)
        with left:
            first = controls.pick(tr("Column"), "first", columns)
        with right:
            # The picker's default is its first option.
            second = controls.pick(tr("With column"), "second", partners(first, columns, matrix))
        _draw(view, first, second)


def _draw(view: View, first: str, second: str) -> None:
    dataset = view.judgement.data.dataset
    if {first, second} & rights.hidden_columns(view):
        widgets.note(rights.hidden_note(1))
        return
    frame, memo = dataset.frame, view.judgement.memo
    # Shares of the outcome within the other column can be judged, not the other way round.
    if first == dataset.roles.target and not (is_number(frame[first]) and is_number(frame[second])):
        first, second = second, first
    found = memo.get(("pair", first, second), lambda: picture_of(dataset, first, second))
    if found is None:
        widgets.notice(tr("No row has a value in both columns. Choose another pair."))
        return
    measured = memo.get(("pair measures", first, second), lambda: measures_of(dataset, first, second))
    if isinstance(found, Density):
        widgets.finding(words.density_sentence(found, first, second))
        widgets.draw(pair_density(found.x, found.y, found.counts), key="pair")
        widgets.how_to_read(
            tr(
                "The stronger the colour, the more rows have both values. The outermost cells hold all that "
                "lies beyond."
            )
        )
    elif isinstance(found, Boxes):
        value, by = (first, second) if is_number(frame[first]) else (second, first)
        widgets.finding(words.boxes_sentence(found, value, by))
        widgets.draw(pair_boxes(found.names, found.quantiles, found.n), key="pair")
        widgets.how_to_read(
            tr(
                "The tick is the median, the bar the middle half of the rows, the thin line the middle nine tenths."
            )
        )
    else:
        _mosaic(found, first, second)
    widgets.paragraph(words.measures_sentence(measured))


def _mosaic(found: Mosaic, first: str, second: str) -> None:
    widgets.finding(words.mosaic_sentence(found, first, second))
    widgets.draw(pair_mosaic(found.rows, found.columns, found.counts), key="pair")
    widgets.how_to_read(
        tr(
            "Each line is one value, as tall as its share of the rows; its tiles are as wide as the shares within it."
        )
    )
    if words.folded(found):
        widgets.note(tr("Rare categories are put together; the measures use all of them."))
    widgets.numbers(lambda: words.mosaic_frame(found), name="pair", key="pair", people="rows")
