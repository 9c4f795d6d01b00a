"""Group shares against a stated population: typed in or from a file, and who is missing from the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rai_dash.charts.population_bars import population_bars
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP
from rai_dash.data.group_sizes import Sized, group_sizes_of
from rai_dash.data.imbalance import FEW
from rai_dash.data.population import MOST_GROUPS, PopulationFit, population_fit, stated_shares
from rai_dash.data.read import read_table
from rai_dash.ui import controls, upload, widgets
from rai_dash.ui import population_words as words
from rai_dash.ui.guard import fragment
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe, sentence

#: More groups than this are stated in a file.
MOST_TYPED = 12
MOST_DRAWN = 40
_ACROSS = 3


@dataclass(frozen=True, slots=True)
class Stated:
    """What the user said about a population: a number a group, and whether they are to be scaled."""

    shares: Mapping[str, float]
    scale: bool = False


@fragment
def population_panel(view: View) -> None:
    """Draw the panel: the column, the stated shares, and what they say about the rows."""
    with st.container(border=True):
        widgets.heading(
            tr("Who is missing from the data"),
            tr("Share of each group in these rows, beside its share in a population"),
        )
        column = _column(view)
        try:
            index = _index(view, column)
        except RaiError as error:
            widgets.problem(sentence(error.message))
            return
        if len(index.groups) > MOST_GROUPS:
            widgets.note(
                tr(
                    "{column} has {groups} values, at most {most_groups} can be compared.",
                    column=safe(column),
                    groups=count(len(index.groups)),
                    most_groups=count(MOST_GROUPS),
                )
            )
            return
        place = tr(
            "population {id} {data} {column}", id=view.case.id, data=view.judgement.data.key, column=column
        )
        _ask(index, place)
        stated = st.session_state.get(place)
        if not isinstance(stated, Stated):
            widgets.note(tr("Nothing is compared until the shares of a population are stated."))
            return
        try:
            fit = population_fit(index, stated.shares, scale=stated.scale)
        except RaiError as error:
            widgets.problem(sentence(error.message))
            return
        _show(fit)


def _column(view: View) -> str:
    roles, columns = view.judgement.roles, view.judgement.data.dataset.columns
    left = {roles.target, roles.id, roles.weight, *roles.sensitive}
    options = [*roles.sensitive, *(c for c in columns if c not in left)]
    return st.selectbox(tr("Groups of people"), options, key="population_column", format_func=plain)


def _index(view: View, column: str) -> Sized:
    dataset = view.judgement.data.dataset
    return view.judgement.memo.get(("groups of all rows", column), lambda: group_sizes_of(dataset, column))


def _ask(index: Sized, place: str) -> None:
    """Let the user type the shares of few groups, or bring a file for any number."""
    known = [g for g in index.groups if g != MISSING_GROUP]
    if len(known) <= MOST_TYPED:
        _form(known, place)
    with st.expander(tr("Or bring a file with a row a group: group, share"), icon=":material/upload:"):
        file = st.file_uploader(
            tr("File of shares"), key=f"file of {place}", help=tr("CSV, Excel, Parquet; at most 200 rows.")
        )
        if file is None:
            return
        # The same file may say something about another column too.
        mark = f"{file.file_id} {place}"
        if upload.is_new(mark):
            _take(file.getvalue(), file.name, mark, place)
        problem = upload.problem_of(mark)
        if problem is not None:
            widgets.problem(sentence(problem.message))


def _take(content: bytes, name: str, mark: str, place: str) -> None:
    """Read a file of shares in the locked process."""
    try:
        with st.spinner(tr("Reading the table in a locked process")):
            shares = stated_shares(read_table(content, name=name).dataset.frame)
    except RaiError as error:
        upload.note_problem(mark, error)
        return
    upload.note_problem(mark, None)
    st.session_state[place] = Stated(shares)


def _form(known: list[str], place: str) -> None:
    before = st.session_state.get(place)
    stated = before if isinstance(before, Stated) else Stated({})
    keys = [f"{place} {i}" for i in range(len(known))]
    with st.form(f"form of {place}", border=False):
        columns = st.columns(_ACROSS)
        for i, group in enumerate(known):
            controls.seed(keys[i], stated.shares.get(group))
            with columns[i % _ACROSS]:
                st.number_input(
                    tr("{group}, % of the population", group=safe(group, limit=40)),
                    0.0,
                    None,
                    key=keys[i],
                    format="%g",
                )
        controls.seed(tr("{place} scale", place=place), stated.scale)
        st.toggle(
            tr("Scale to 100 %"),
            key=f"{place} scale",
            help=tr(
                "For head counts, or shares that leave somebody out: every number is divided by their sum."
            ),
        )
        st.form_submit_button(
            tr("Compare"),
            icon=":material/balance:",
            on_click=_commit,
            args=(dict(zip(keys, known, strict=True)), place),
        )


def _commit(groups: Mapping[str, str], place: str) -> None:
    typed: dict[str, Any] = {group: st.session_state[key] for key, group in groups.items()}
    shares = {group: float(x) for group, x in typed.items() if x is not None}
    # An empty form takes back what was stated.
    st.session_state[place] = Stated(shares, bool(st.session_state[f"{place} scale"])) if shares else None


def _show(fit: PopulationFit) -> None:
    widgets.finding(words.population_finding(fit), warn=bool(words.missing_groups(fit)))
    for text in words.population_notes(fit):
        widgets.note(text)
    drawn = fit.groups
    if len(drawn) > MOST_DRAWN:
        drawn = tuple(sorted(fit.groups, key=lambda g: (g.p_value, -abs(g.lacking)))[:MOST_DRAWN])
        widgets.note(
            tr(
                "The {most_drawn} groups that differ most clearly are drawn; the table has all.",
                most_drawn=count(MOST_DRAWN),
            )
        )
    chart = population_bars(
        [g.group for g in drawn],
        [g.observed.value for g in drawn],
        [g.stated for g in drawn],
        low=[g.observed.low for g in drawn],
        high=[g.observed.high for g in drawn],
        n=[g.n for g in drawn],
        starred=[g.is_shown for g in drawn],
        small=[g.n < FEW for g in drawn],
    )
    widgets.draw(chart, key="population")
    widgets.how_to_read(
        tr(
            "The bar is the share of the rows with its 95 % interval (Wilson), the upright mark the stated "
            "share. A star is shown by the test. Grey bars have fewer than {few} rows.",
            few=FEW,
        )
    )
    widgets.numbers(
        lambda: words.population_frame(fit),
        name="population",
        key="population",
        label=tr("All groups"),
        people=words.OF_GROUPS,
    )
