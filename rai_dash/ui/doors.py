"""The door of the Start page through which tables come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from rai_dash.case import DataRole
from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import mark, tr
from rai_dash.data.options import ReadOptions
from rai_dash.data.read import parts_of
from rai_dash.govern.people import AppRole
from rai_dash.samples import bundled_cases
from rai_dash.ui import case_story, portfolios, reading_form, rights, state, upload, widgets
from rai_dash.ui.model_door import take_model
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe, sentence
from rai_dash.ui.upload import Problem

ROLE_WORDS = {
    DataRole.TRAINING: mark("training or test data"),
    DataRole.PRODUCTION: mark("applications from production"),
    DataRole.LIVING: mark("living test set"),
    DataRole.COLLECTED: mark("newly collected data"),
}
NEW_CASE = "new"
#: Mistakes that no other way of reading mends.
_FINAL = frozenset({"pickle", "empty_file", "too_large", "damaged_archive", "damaged_file"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A table that came in: what it is for, its bytes, place or address, its name, and a mark of its own.

    ``then`` is done once it is in, before the page starts anew. ``in_place``: it stays where it lies, and is counted
    there.
    """

    kind: str
    content: bytes | Path | str
    name: str
    mark: str
    then: Callable[[], None] | None = None
    in_place: bool = False


def data_door(view: View) -> None:
    """Take a table in: a new case, or more data of this one."""
    uploads = [NEW_CASE, *DataRole]
    kind = st.selectbox(
        tr("These data are"),
        uploads,
        format_func=lambda r: (
            tr("a new case")
            if r == NEW_CASE
            else tr("for this case: {datarole}", datarole=tr(ROLE_WORDS[DataRole(r)]))
        ),
        key="upload_kind",
    )
    table_door(view, kind)


def table_door(
    view: View, kind: str, *, label: str = mark("Data file"), then: Callable[[], None] | None = None
) -> None:
    """Take a table in for what it was said to be.

    Parameters
    ----------
    view : View
    kind : str
        `NEW_CASE`, or the role that it has in this case.
    label : str
        Of the place for the file.
    then : callable, optional
        Done once the table is in, before the page starts anew.
    """
    most = get_settings().max_upload_mb
    allowed = rights.can_do(AppRole.ANALYST, upload.UPLOADING)
    file = st.file_uploader(
        tr(label),
        key="upload_data",
        help=tr(
            "CSV or other text (also in gzip or zip), Excel .xlsx, Parquet, Feather; up to {most} MB.",
            most=count(most),
        ),
        disabled=not allowed,
    )
    if not allowed:
        return
    _from_folder(view, kind, then)
    if file is None:
        return
    arrival = Arrival(kind, file.getvalue(), file.name, file.file_id, then)
    if upload.is_new(arrival.mark):
        _take(view, arrival)
    problem = upload.problem_of(arrival.mark)
    if problem is not None:
        _mend(view, arrival, problem)


def bundled_door() -> None:
    """Offer the cases that ship with the app."""
    widgets.heading(tr("Or open a bundled case"), tr("Each opens as your own copy."))
    grid = st.columns(2)
    for i, (name, sample) in enumerate(bundled_cases().items()):
        with grid[i % 2], st.container(border=True, height="stretch"):
            widgets.paragraph(f"**{safe(sample.title)}**")
            widgets.note(safe(case_story.first_of(sample.story), limit=2000))
            if st.button(tr("Open"), key=f"open_{name}", icon=":material/folder_open:"):
                state.open_sample(name)
                st.rerun()


def _take(view: View, arrival: Arrival, options: ReadOptions | None = None) -> None:
    """Read the table; what is wrong with it stays on the page until another file is chosen."""
    try:
        if isinstance(arrival.content, str) or (arrival.in_place and isinstance(arrival.content, Path)):
            _open_in_place(view, arrival, arrival.content)
        else:
            _read(view, arrival, arrival.content, options)
    except RaiError as error:
        upload.note_problem(arrival.mark, error)
        return
    upload.note_problem(arrival.mark, None)
    if arrival.then is not None:
        arrival.then()
    st.rerun()


def _read(view: View, arrival: Arrival, content: bytes | Path, options: ReadOptions | None) -> None:
    with st.spinner(tr("Reading the table in a locked process")):
        if arrival.kind == NEW_CASE:
            upload.open_data(content, arrival.name, options)
        else:
            upload.add_data(view.case, content, arrival.name, DataRole(arrival.kind), options)


def _open_in_place(view: View, arrival: Arrival, place: Path | str) -> None:
    with st.status(tr("Opening the table where it lies"), expanded=True) as status:

        def told(what: str) -> None:
            status.update(label=safe(what, limit=200))

        if arrival.kind == NEW_CASE:
            portfolios.open_in_place(place, arrival.name, told=told)
        else:
            portfolios.add_in_place(view.case, place, arrival.name, DataRole(arrival.kind), told=told)


def _mend(view: View, arrival: Arrival, problem: Problem) -> None:
    """Say what is wrong and offer what mends it: the other door, or another way of reading."""
    widgets.problem(sentence(problem.message))
    if problem.code == "too_large" and isinstance(arrival.content, Path) and not arrival.in_place:
        widgets.note(
            tr(
                "It can be counted where it lies instead: all rows are counted, and a sample comes into "
                "memory."
            )
        )
        if st.button(tr("Open it where it lies"), icon=":material/database:", key="open_in_place"):
            _take(view, replace(arrival, in_place=True))
        return
    if arrival.in_place or isinstance(arrival.content, str):
        return
    if problem.code == "model_not_table":
        if st.button(tr("Use it as the model"), icon=":material/model_training:", key="as_model"):
            take_model(view, upload.bytes_of(arrival.content), arrival.name, arrival.mark)
        return
    if problem.code in _FINAL:
        return
    with st.expander(tr("Read it another way"), icon=":material/tune:", expanded=True):
        parts = parts_of(arrival.content) if problem.code == "choose_part" else ()
        options = reading_form.reading_form(arrival.mark, ReadOptions(), parts=parts)
    if options is not None:
        _take(view, arrival, options)
        st.rerun()


def _from_folder(view: View, kind: str, then: Callable[[], None] | None) -> None:
    """Offer what lies on this server: files need no upload and may be larger, folders are counted where they lie."""
    files, lying = upload.folder_files(), portfolios.sources()
    if not files and not lying:
        return
    picked = st.selectbox(
        tr("Or a table on this server"),
        ["", *dict.fromkeys([*files, *lying])],
        format_func=lambda name: _server_label(name, lying) if name else tr("– none –"),
        key="folder_file",
        help=tr(
            "A folder of Parquet or CSV files is one table. It stays where it lies: all its rows are counted "
            "there, and a sample of them comes into memory."
        ),
    )
    if not picked:
        return
    in_place = picked in lying
    place = lying[picked].place if in_place else files[picked]
    arrival = Arrival(kind, place, picked, tr("folder {picked}", picked=picked), then, in_place=in_place)
    if st.button(tr("Open it"), icon=":material/folder_open:", key="open_folder_file"):
        _take(view, arrival)
    problem = upload.problem_of(arrival.mark)
    if problem is not None:
        _mend(view, arrival, problem)


def _server_label(name: str, lying: Mapping[str, portfolios.Source]) -> str:
    """Name a table of this server, and say of one that stays there that it does."""
    return tr("{name} (counted where it lies)", name=plain(name)) if name in lying else plain(name)
