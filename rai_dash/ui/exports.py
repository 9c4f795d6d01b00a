"""The downloads under a table: CSV, Excel and JSON, made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from rai_dash.core.settings import get_settings
from rai_dash.core.texts import KEPT, SOURCE, mark, spoken, tr
from rai_dash.report.small_cells import GroupTable, suppress
from rai_dash.report.tables import csv_bytes, fits_excel, json_bytes, xlsx_bytes
from rai_dash.ui import rests_on, state
from rai_dash.ui.offering import file_button
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe

HIDE_HELP = mark(
    "On: numbers that rest on few people are left blank in the file, and as many others as it takes to "
    "keep them from being worked out by subtraction. Off: the file has every number, as the page does; "
    "it may then say something about single people."
)


@dataclass(frozen=True, slots=True)
class Form:
    """One form in which a table is offered."""

    label: str
    ending: str
    mime: str
    meaning: str


_FORMS = (
    Form(mark("CSV"), "csv", "text/csv", mark("Plain text that every program reads.")),
    Form(
        mark("Excel"),
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        mark("A workbook; its second sheet says what the table is and what it rests on."),
    ),
    Form(mark("JSON"), "json", "application/json", mark("One record a row, for programs.")),
)


def downloads(
    frame: pd.DataFrame,
    *,
    name: str,
    key: str,
    label: str,
    people: str | GroupTable | None = None,
    about: Mapping[str, str] | None = None,
) -> None:
    """Offer a table as a file in three forms.

    Parameters
    ----------
    frame : DataFrame
        The table; the index is left out.
    name : str
        What the file is called, without an ending.
    key : str
        Unique on the page.
    label : str
        What the table is called on the page.
    people : str or GroupTable, optional
        Column with the number of people of a group, or more about where the table keeps its people: numbers of
        few people are then hidden unless the user switches that off. None = the table is not about people.
    about : mapping of str to str, optional
        Further lines of the sheet that says what the table is, such as the threshold.
    """
    note = ""
    if people is not None:
        frame, note = _without_few(frame, people, key)
    with spoken(SOURCE):
        facts = about_table(name, label) | dict(about or {})
    if note:
        facts["Hidden numbers"] = note
        st.caption(tr("In the file, {note}", note=safe(note, limit=200)))
    makers: dict[str, Callable[[], bytes]] = {
        "csv": lambda: csv_bytes(frame),
        "xlsx": lambda: xlsx_bytes(frame, title=name, about=facts),
        "json": lambda: json_bytes(frame),
    }
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for form in _FORMS:
            file_button(
                tr(form.label),
                f"{name}.{form.ending}",
                form.mime,
                makers[form.ending],
                key=f"download_{key}_{form.ending}",
                meaning=tr(form.meaning),
                disabled=form.ending == "xlsx" and not fits_excel(frame),
            )


def _without_few(frame: pd.DataFrame, people: str | GroupTable, key: str) -> tuple[pd.DataFrame, str]:
    """Hide numbers of few people, unless the operator or the user wants every number."""
    fewest = get_settings().smallest_export_cell
    if fewest <= 0:
        return frame, ""
    label = tr("Hide numbers of fewer than {fewest} people in the file", fewest=count(fewest))
    if not st.toggle(label, value=True, key=f"hide_few_{key}", help=tr(HIDE_HELP)):
        return frame, ""
    table = GroupTable(people=people) if isinstance(people, str) else people
    with spoken(KEPT):
        return suppress(frame, table, fewest=fewest)


def about_table(name: str, label: str) -> dict[str, str]:
    """Say what a table is and what it rests on: no date, so that equal tables are equal files."""
    facts = {"Table": name.replace("_", " "), "On the page": label}
    case = state.current_case()
    if case is None or not case.data:
        return facts
    judgement = View(case, state.choices()).judgement
    dataset = judgement.data.dataset
    facts |= {
        "Case": case.title,
        "Data": judgement.data.title,
        "Fingerprint of the data (sha256)": dataset.fingerprint,
        "Fingerprint of the roles (sha256)": dataset.roles_fingerprint,
        rests_on.ROWS: rests_on.rows_words(judgement),
    }
    if state.is_page_of_sample():
        facts |= rests_on.of_sample(dataset)
    if judgement.model is not None:
        facts["Model"] = judgement.model.title
        facts["Fingerprint of the model (sha256)"] = judgement.model.model.info.fingerprint
    elif judgement.roles.score:
        facts["Scores"] = tr("Column {score}", score=judgement.roles.score)
    if judgement.has_scores:
        facts["Were these rows seen in training?"] = judgement.exposure.value
    return facts | {"Blank cells": tr("Undefined or hidden, never zero.")}


def sample_lines() -> tuple[str, ...]:
    """Say below a picture that it is of a sample; nothing where it is of all rows."""
    case = state.current_case()
    if case is None or not case.data:
        return ()
    judgement = View(case, state.choices()).judgement
    if not state.is_page_of_sample() and not rests_on.is_of_sample(judgement):
        return ()
    return tuple(rests_on.of_sample(judgement.data.dataset).values())
