"""The imbalance explorer: rows and outcomes in every cell of a cross of one to four columns."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.data.dataset import Dataset
from rai_dash.data.imbalance import (
    MOST_CROSSED,
    QUANTILE,
    WIDTH,
    ImbalanceTable,
    below_share,
    chosen_edges,
    imbalance,
    numeric_columns,
)
from rai_dash.ui import controls, rights, state, widgets
from rai_dash.ui import imbalance_words as words
from rai_dash.ui.guard import fragment
from rai_dash.ui.imbalance_charts import Look, draw
from rai_dash.ui.state import View
from rai_dash.ui.text import plain, safe, sentence
from rai_dash.ui.tour.spots import spot

OWN = "own"
_CELLS, _HOW, _EDGES = "pick_cells", "pick_binning", "pick_edges"
_BINS, _WANTED = "pick_bins", "pick_wanted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cross:
    """What is crossed, and how numbers are cut."""

    columns: tuple[str, ...]
    binning: str
    bins: int


@fragment
def imbalance_panel(view: View) -> None:
    """Draw the explorer: controls, the finding, the cells, and all of them as a table."""
    dataset = view.judgement.data.dataset
    with st.container(border=True):
        widgets.heading(
            tr("Imbalance"), tr("Rows, and the share with the favourable outcome, in every cell of a cross")
        )
        hidden = rights.hidden_columns(view)
        chosen = _controls(dataset, [c for c in offered(dataset) if c not in hidden])
        wanted = _wanted() if dataset.roles.target is not None else None
        try:
            look = look_of(view, chosen, wanted)
        except RaiError as error:
            widgets.problem(sentence(error.message))
            return
        with spot("imbalance"):
            _say(look, dataset)
            draw(look)
        below = look.below
        widgets.numbers(
            lambda: words.imbalance_frame(look.table, below),
            name="imbalance",
            key="imbalance",
            label=tr("All cells"),
            people=words.imbalance_people(look.table),
        )


def offered(dataset: Dataset) -> list[str]:
    """List the columns that can be crossed: sensitive ones first, no target, id or weight."""
    roles = dataset.roles
    left = {roles.target, roles.id, roles.weight, *roles.sensitive}
    return [*roles.sensitive, *(c for c in dataset.columns if c not in left)]


def write_names(names: list[str]) -> str:
    """Write column names with commas between; a name with a comma stands in quotes."""
    return ",".join(f'"{n.replace(chr(34), 2 * chr(34))}"' if {",", '"'} & set(n) else n for n in names)


def read_names(text: str, options: list[str]) -> list[str]:
    """Read the names that are there, at most four, in the order written; none = the first option."""
    try:
        stored = next(csv.reader([text]), [])
    except csv.Error:
        stored = []
    found = [n for n in dict.fromkeys(stored) if n in options][:MOST_CROSSED]
    return found or options[:1]


def _controls(dataset: Dataset, options: list[str]) -> Cross:
    left, right = st.columns([2, 1], gap="medium")
    with left:
        controls.seed(_CELLS, read_names(state.choices().cells, options))
        st.multiselect(
            tr("Columns to cross, one to four"),
            options,
            key=_CELLS,
            format_func=plain,
            max_selections=MOST_CROSSED,
            on_change=_commit_cells,
        )
    # An emptied box shows the default again: there is nothing to count without a column.
    columns = tuple(st.session_state[_CELLS]) or tuple(options[:1])
    numeric = numeric_columns(dataset, columns)
    with right:
        how = _how(dataset, numeric) if numeric else QUANTILE
        if numeric and how != OWN and (how == WIDTH or not set(numeric) <= set(dataset.roles.bins)):
            controls.seed(_BINS, _bin_count())
            st.number_input(tr("Bins"), 2, 12, key=_BINS, on_change=_commit_bins)
    binning = _own_edges(numeric[0]) if how == OWN else how
    return Cross(columns=columns, binning=binning, bins=_bin_count())


def _commit_cells() -> None:
    state.choose(cells=write_names(st.session_state[_CELLS]))


def _bin_count() -> int:
    return min(max(state.choices().bins, 2), 12)


def _how(dataset: Dataset, numeric: list[str]) -> str:
    """Let the user say how numbers are cut."""
    stored = state.choices().binning
    has_stated = any(c in dataset.roles.bins for c in numeric)
    names = {
        QUANTILE: tr("Stated edges, else equal counts") if has_stated else tr("Equal counts"),
        WIDTH: tr("Equal width"),
        OWN: tr("Own edges"),
    }
    controls.seed(_HOW, stored if stored in names else OWN)
    st.selectbox(
        tr("Numbers are cut into bins of"),
        list(names),
        key=_HOW,
        format_func=names.__getitem__,
        on_change=_commit_how,
    )
    return str(st.session_state[_HOW])


def _commit_how() -> None:
    state.choose(binning=st.session_state[_HOW])


def _commit_bins() -> None:
    state.choose(bins=st.session_state[_BINS])


def _own_edges(column: str) -> str:
    stored = state.choices().binning
    controls.seed(_EDGES, "" if stored in {QUANTILE, WIDTH, OWN} else stored)
    st.text_input(
        tr("Edges of {column}, with blanks between", column=safe(column)),
        key=_EDGES,
        placeholder="25 35 50",
        max_chars=150,
        on_change=_commit_edges,
        help=tr(
            "A value on an edge belongs to the bin that starts there. Other columns of numbers are cut by "
            "counts."
        ),
    )
    return str(st.session_state[_EDGES]).strip() or QUANTILE


def _commit_edges() -> None:
    state.choose(binning=st.session_state[_EDGES].strip() or OWN)


def _wanted() -> float | None:
    controls.seed(_WANTED, min(max(state.choices().wanted, 0), 100))
    st.number_input(
        tr("Share of favourable outcomes aimed at, in percent; 0 = none"),
        0,
        100,
        key=_WANTED,
        on_change=_commit_wanted,
    )
    return int(st.session_state[_WANTED]) / 100 or None


def _commit_wanted() -> None:
    state.choose(wanted=int(st.session_state[_WANTED]))


def look_of(view: View, chosen: Cross, wanted: float | None) -> Look:
    """Count and test the cells of a cross, once; ``wanted`` is the share that is aimed at."""
    judgement, tolerance = view.judgement, state.choices().tolerance
    dataset = judgement.data.dataset

    def counted() -> ImbalanceTable:
        edges = chosen_edges(dataset, chosen.columns, binning=chosen.binning, bins=chosen.bins)
        return imbalance(dataset, chosen.columns, bins=edges)

    key = ("imbalance", chosen.columns, chosen.binning, chosen.bins)
    table = judgement.memo.get(key, counted)
    within = min(max(tolerance, 1), 50) / 100
    tested = judgement.memo.get((*key, tolerance), lambda: words.tested(table, within))
    below = None if wanted is None else below_share(table, wanted)
    return Look(table=table, tested=tested, below=below, wanted=wanted)


def _say(look: Look, dataset: Dataset) -> None:
    """Say what was found, before any chart."""
    few = words.lopsided(look.table) if dataset.roles.target is not None else ()
    if dataset.roles.target is None:
        widgets.finding(words.sizes(look.table) or words.totals(look.table))
        widgets.note(
            tr("No outcome is named, so rows are counted and there are no rates. Name the target on Start.")
        )
    else:
        found = words.tested_words(look.tested, len(look.table.columns), dataset.roles.target_kind)
        widgets.finding(f"{words.totals(look.table)} {found}", warn=bool(few))
        if few:
            widgets.paragraph(words.lopsided_words(few))
    if look.below is not None and look.wanted is not None:
        widgets.paragraph(words.below_words(look.below, look.wanted))
    for text in words.thin_cells(look.table):
        widgets.note(text)
    about = words.tested_note(look.tested, len(look.table.columns))
    if about:
        widgets.note(about)
    if dataset.roles.weight is not None:
        widgets.note(
            tr(
                "Rows are counted here, whatever their weight; the base rates under What to look at first "
                "are weighted."
            )
        )
