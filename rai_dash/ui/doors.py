"""The door of the Start page through which tables come in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from rai_dash.case import DataRole
from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.data.options import ReadOptions
from rai_dash.data.read import parts_of
from rai_dash.govern.people import AppRole
from rai_dash.ui import reading_form, rights, upload, widgets
from rai_dash.ui.model_door import take_model
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, sentence
from rai_dash.ui.upload import Problem

ROLE_WORDS = {
    DataRole.TRAINING: "training or test data",
    DataRole.PRODUCTION: "applications from production",
    DataRole.LIVING: "living test set",
    DataRole.COLLECTED: "newly collected data",
}
NEW_CASE = "new"
#: Mistakes that no other way of reading mends.
_FINAL = frozenset({"pickle", "empty_file", "too_large", "damaged_archive", "damaged_file"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that came in: what it is for, its bytes or its place on this server, its name, and a mark of its own.

    ``then`` is done once it is in, before the page starts anew.
    """

    kind: str
    content: bytes | Path
    name: str
    mark: str
    then: Callable[[], None] | None = None


def data_door(view: View) -> None:
    """Take a table in: a new case, or more data of this one."""
    uploads = [NEW_CASE, *DataRole]
    kind = st.selectbox(
        "These data are",
        uploads,
        format_func=lambda r: "a new case" if r == NEW_CASE else f"for this case: {ROLE_WORDS[DataRole(r)]}",
        key="upload_kind",
    )
    table_door(view, kind)


def table_door(
    view: View, kind: str, *, label: str = "Data file", then: Callable[[], None] | None = None
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
        label,
        key="upload_data",
        help=f"CSV or other text (also in gzip or zip), Excel .xlsx, Parquet, Feather; up to {count(most)} MB.",
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


def _take(view: View, arrival: Arrival, options: ReadOptions | None = None) -> None:
    """Read the table; what is wrong with it stays on the page until another file is chosen."""
    try:
        with st.spinner("Reading the table in a locked process"):
            if arrival.kind == NEW_CASE:
                upload.open_data(arrival.content, arrival.name, options)
            else:
                role = DataRole(arrival.kind)
                upload.add_data(view.case, arrival.content, arrival.name, role, options)
    except RaiError as error:
        upload.note_problem(arrival.mark, error)
        return
    upload.note_problem(arrival.mark, None)
    if arrival.then is not None:
        arrival.then()
    st.rerun()


def _mend(view: View, arrival: Arrival, problem: Problem) -> None:
    """Say what is wrong and offer what mends it: the other door, or another way of reading."""
    widgets.problem(sentence(problem.message))
    if problem.code == "model_not_table":
        if st.button("Use it as the model", icon=":material/model_training:", key="as_model"):
            take_model(view, upload.bytes_of(arrival.content), arrival.name, arrival.mark)
        return
    if problem.code in _FINAL:
        return
    with st.expander("Read it another way", icon=":material/tune:", expanded=True):
        parts = parts_of(arrival.content) if problem.code == "choose_part" else ()
        options = reading_form.reading_form(arrival.mark, ReadOptions(), parts=parts)
    if options is not None:
        _take(view, arrival, options)
        st.rerun()


def _from_folder(view: View, kind: str, then: Callable[[], None] | None) -> None:
    """Offer the files of the operator's folder: they need no upload and may be larger."""
    files = upload.folder_files()
    if not files:
        return
    picked = st.selectbox(
        "Or a file on this server",
        ["", *files],
        format_func=lambda name: plain(name) if name else "– none –",
        key="folder_file",
    )
    if not picked:
        return
    arrival = Arrival(kind, files[picked], picked, f"folder {picked}", then)
    if st.button("Open it", icon=":material/folder_open:", key="open_folder_file"):
        _take(view, arrival)
    problem = upload.problem_of(arrival.mark)
    if problem is not None:
        _mend(view, arrival, problem)
