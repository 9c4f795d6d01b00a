"""A balanced train/test split: what it would look like, what it is not good for, and the file that keeps it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import FAVOURABLE
from rai_dash.data.balanced_split import CAVEAT, BalancedSplit, balanced_split
from rai_dash.data.dataset import Dataset
from rai_dash.data.imbalance import FEW
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, rests_on, rights, widgets
from rai_dash.ui.guard import fragment
from rai_dash.ui.offering import file_button
from rai_dash.ui.state import View
from rai_dash.ui.text import count, csv_bytes, percent, plain, sentence

_TRAIN, _TEST, _NONE = "train", "test", ""
#: The rows of a cell are those on its two sides.
OF_CELLS = GroupTable(by=("outcome", "group"), shares=((mark("test fold"), "rows"),))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked for: the column, the bounds of a cell, the share of test rows, and the seed."""

    by: str
    least: int
    most: int
    share: int
    seed: int


@fragment
def split_panel(view: View) -> None:
    """Draw the panel; nothing is drawn from the data until the button is pressed."""
    judgement = view.judgement
    dataset = judgement.data.dataset
    place = tr("split {id} {data}", id=view.case.id, data=judgement.data.key)
    with st.container(border=True):
        widgets.heading(
            tr("A balanced train/test split"),
            tr("A least and a most number of test rows in every outcome × group cell"),
        )
        widgets.paragraph(tr(CAVEAT))
        rests_on.sample_note(dataset, tr("a split says of every row in memory on which side it stands"))
        _form(list(dataset.roles.sensitive), place)
        wanted = st.session_state.get(place)
        if not isinstance(wanted, Wanted):
            widgets.note(tr("Choose the bounds and draw. Rows with the same features are kept on one side."))
            return
        try:
            split = judgement.memo.get(("balanced split", wanted), lambda: _drawn(dataset, wanted))
        except RaiError as error:
            widgets.problem(sentence(error.message))
            return
        _show(dataset, split, wanted)


def _drawn(dataset: Dataset, wanted: Wanted) -> BalancedSplit:
    return balanced_split(
        dataset,
        by=wanted.by or None,
        per_cell_min=wanted.least,
        per_cell_max=wanted.most or None,
        test_share=wanted.share / 100,
        seed=wanted.seed,
    )


def _form(sensitive: list[str], place: str) -> None:
    before = st.session_state.get(place)
    first = sensitive[0] if sensitive else ""
    shown = before if isinstance(before, Wanted) else Wanted(first, 30, 0, 20, 0)
    by = shown.by if shown.by in sensitive else ""
    for name, value in (("by", by), ("least", shown.least), ("most", shown.most), ("share", shown.share)):
        controls.seed(f"{place} {name}", value)
    controls.seed(tr("{place} seed", place=place), shown.seed)
    with st.form(f"form of {place}", border=False):
        left, middle, right = st.columns(3)
        with left:
            st.selectbox(
                tr("Groups of the cells"),
                [*sensitive, ""],
                key=f"{place} by",
                format_func=lambda c: plain(c) if c else tr("everyone together"),
            )
            st.number_input(tr("Test rows, in percent of each cell"), 1, 99, key=f"{place} share")
        with middle:
            st.number_input(tr("At least … test rows a cell"), 0, None, key=f"{place} least")
            st.number_input(tr("Seed of this split"), 0, 10_000, key=f"{place} seed")
        with right:
            st.number_input(tr("At most … test rows a cell, 0 = no limit"), 0, None, key=f"{place} most")
            st.space("small")
            st.form_submit_button(
                tr("Draw the split"), icon=":material/call_split:", on_click=_commit, args=(place,)
            )


def _commit(place: str) -> None:
    by, least, most, share, seed = (
        st.session_state[f"{place} {n}"] for n in ("by", "least", "most", "share", "seed")
    )
    st.session_state[place] = Wanted(
        str(by), int(least or 0), int(most or 0), int(share or 20), int(seed or 0)
    )


def _show(dataset: Dataset, split: BalancedSplit, wanted: Wanted) -> None:
    widgets.finding(split_words(split))
    columns = st.columns(3)
    whole = sum(c.n for c in split.cells)
    with columns[0]:
        widgets.card(
            tr("Training rows"),
            count(split.train.size),
            tr("of {whole} with a known outcome", whole=count(whole)),
        )
    with columns[1]:
        widgets.card(
            tr("Test rows"), count(split.test.size), tr("of {whole} with a known outcome", whole=count(whole))
        )
    with columns[2]:
        before, after = favourable_shares(split)
        widgets.card(
            tr("Favourable in the test fold"),
            percent(after),
            tr("{before} of all rows", before=percent(before)),
        )
    if split.kept_together:
        widgets.note(
            tr(
                "{kept_together} rows share all features with another one; each such set is on one side.",
                kept_together=count(split.kept_together),
            )
        )
    if split.left_out.size:
        widgets.note(
            tr("{size} rows without a known outcome are on neither side.", size=count(split.left_out.size))
        )
    widgets.numbers(
        lambda: split_frame(split),
        name="split_cells",
        key="split_cells",
        label=tr("Rows of each cell, before and after"),
        people=OF_CELLS,
    )
    if not rights.rows_shown():
        return
    file_button(
        tr("Row numbers and their side (CSV)"),
        f"split_seed_{wanted.seed}.csv",
        "text/csv",
        lambda: csv_bytes(split_column(dataset, split)),
        key="download_split",
        meaning=tr(
            "One line a row of the table, in its order: its number from 1, its id where there is one, and "
            "its side."
        ),
    )


def favourable_shares(split: BalancedSplit) -> tuple[float | None, float | None]:
    """Return the share of favourable outcomes of all labelled rows and of the test fold; None = no row."""
    good = [c for c in split.cells if c.label == FAVOURABLE]
    whole, test = sum(c.n for c in split.cells), sum(c.test for c in split.cells)
    before = sum(c.n for c in good) / whole if whole else None
    return before, sum(c.test for c in good) / test if test else None


def split_words(split: BalancedSplit) -> str:
    """Say how large the cells of the test fold are, and how far its outcomes are from those of the table."""
    sizes = [c.test for c in split.cells]
    before, after = favourable_shares(split)
    smallest, largest = min(sizes), max(sizes)
    span = (
        tr("{smallest} rows", smallest=count(smallest))
        if smallest == largest
        else tr("{smallest} to {largest} rows", smallest=count(smallest), largest=count(largest))
    )
    thin = (
        tr(" A cell with fewer than {few} test rows says little about its group.", few=FEW)
        if smallest < FEW
        else ""
    )
    return tr(
        "Each of the {sizes} cells has {span} in the test fold. Favourable there: **{after}**, in all "
        "rows: **{before}**. Judge groups by recall and false positive rate on this fold; for precision, "
        "accuracy and the threshold use rows as they come.{thin}",
        sizes=count(len(sizes)),
        span=span,
        after=percent(after),
        before=percent(before),
        thin=thin,
    )


def split_frame(split: BalancedSplit) -> pd.DataFrame:
    """Return one row a cell: its rows and shares in the table, in the training fold and in the test fold."""
    whole, test = sum(c.n for c in split.cells), sum(c.test for c in split.cells)
    return pd.DataFrame(
        [
            {
                "outcome": "favourable" if c.label == FAVOURABLE else "unfavourable",
                "group": plain(c.group),
                "rows": c.n,
                "training fold": c.train,
                "test fold": c.test,
                "share of all rows": c.n / whole,
                "share of the test fold": c.test / test if test else None,
            }
            for c in split.cells
        ]
    )


def split_column(dataset: Dataset, split: BalancedSplit) -> pd.DataFrame:
    """Return one line a row in memory: its number in the table from 1, its id where there is one, and its side."""
    side = np.full(dataset.n_rows, _NONE, dtype=object)
    side[split.train], side[split.test] = _TRAIN, _TEST
    places = np.arange(dataset.n_rows) if dataset.places is None else dataset.places
    columns = [pd.Series(places + 1, name="row")]
    if dataset.roles.id is not None:
        columns.append(dataset.frame[dataset.roles.id])
    # Put side by side, not set by name: the id may be called as one of ours is.
    return pd.concat([*columns, pd.Series(side, name="split")], axis=1)
