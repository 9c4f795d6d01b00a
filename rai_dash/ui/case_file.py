"""The part of the Start page about the case as one file: taken along, and opened again here or elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import streamlit as st

from rai_dash.case import Case
from rai_dash.casefile import holds, left_out, named_only, open_file, pack
from rai_dash.core.errors import RaiError, UnreadableFile
from rai_dash.core.events import record
from rai_dash.core.files import MEGABYTE
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import mark, tr
from rai_dash.govern.people import AppRole
from rai_dash.ui import read_only, rights, state, upload, widgets
from rai_dash.ui.choices import Choices
from rai_dash.ui.offering import file_button
from rai_dash.ui.state import View
from rai_dash.ui.store import new_case_id
from rai_dash.ui.text import count, safe, sentence

ENDING: Final = "raicase"
#: What needs a role, as the beginning of a sentence.
TAKING: Final = mark("Downloading a case")
#: Choices that are keys, or name what is in the store of this server and not in the file.
_STAYS_HERE: Final = frozenset({"case", "link", "policy", "version", "other", "problem", "queue"})


def card(view: View) -> None:
    """Offer the case as one file, and the place where such a file is opened."""
    widgets.heading(
        tr("This case as one file"),
        tr("To take it to another machine, or to put it by, without the database of this server."),
    )
    left, right = st.columns(2)
    with left:
        _download(view)
    with right:
        _open()


def view_of(chosen: Choices) -> dict[str, str]:
    """Return what a file tells of the choices: bands, threshold, groups, never a key."""
    return {name: value for name, value in chosen.of_all().to_query().items() if name not in _STAYS_HERE}


def _download(view: View) -> None:
    case = view.case
    if not (case.data and rights.can_do(AppRole.ANALYST, tr(TAKING))):
        return
    if not rights.may_see_rows():
        widgets.note(tr("The file of a case has every row, and you may not see single applications."))
        return
    if not any(holds(case, item.key) for item in case.data):
        widgets.note(
            tr("None of the data of this case can be put into a file: their own file is not at hand.")
        )
        return
    most = get_settings().max_expanded_mb
    if _size(case) > most * MEGABYTE:
        widgets.notice(
            tr("This case has more than {most} MB, which no file of a case may have.", most=count(most))
        )
        return
    widgets.paragraph(
        tr(
            "In it: the uploaded files as they came, **with every row**, the models, what the columns are for, bands "
            "and conditions, and what is looked at now. Bundled files are only named: every copy of the app has them."
        )
    )
    for text in (*left_out(case), *named_only(case)):
        widgets.notice(sentence(text))
    file_button(
        tr("Download this case"),
        f"{Path(case.title).stem}.{ENDING}",
        "application/zip",
        _maker(case, state.choices()),
        key="download_case",
    )


def _maker(case: Case, chosen: Choices) -> Callable[[], bytes]:
    # A case is packed on the click: it can be large, and the page is drawn at every change.
    return lambda: pack(case, view=view_of(chosen))


def _size(case: Case) -> int:
    parts = [d.content for d in case.data if isinstance(d.content, bytes)]
    return sum(map(len, (*parts, *(m.model.content for m in case.models))))


def _open() -> None:
    allowed = rights.can_do(AppRole.ANALYST, tr(upload.UPLOADING))
    file = st.file_uploader(
        tr("Open a case file"),
        key="upload_case",
        disabled=not allowed,
        help=tr(
            "A file that Download this case wrote, of up to {most} MB. It opens as a new case of your own; its tables "
            "and models are checked like uploads.",
            most=count(get_settings().max_upload_mb),
        ),
    )
    if not allowed or file is None:
        return
    if upload.is_new(file.file_id):
        try:
            opened(file.getvalue())
        except RaiError as error:
            upload.note_problem(file.file_id, error)
        else:
            st.rerun()
    problem = upload.problem_of(file.file_id)
    if problem is not None:
        widgets.problem(safe(problem.message, limit=600))


def opened(content: bytes) -> Case:
    """Open a case file as a new case of whoever uses the app now, with what was looked at in it.

    Raises
    ------
    RaiError
        When they may not, or the file or anything in it is refused.
    """
    rights.require_role(AppRole.ANALYST, tr(upload.UPLOADING))
    read_only.refuse()
    most = get_settings().max_upload_mb
    facts: dict[str, str | float] = {"sha256": fingerprint_bytes(content), "bytes": len(content)}
    try:
        if len(content) > most * MEGABYTE:
            msg = tr(
                "The file has more than {most} MB. Ask the operator to raise the limit.", most=count(most)
            )
            raise UnreadableFile(msg, code="too_large")
        with st.spinner(tr("Opening the case in locked processes")):
            found = open_file(content, new_case_id())
    except RaiError as error:
        record("case_refused", code=error.code, **facts)
        raise
    record("case_read", **facts)
    kept = {name: value for name, value in found.view.items() if name not in _STAYS_HERE}
    state.open_case(found.case, Choices.from_query(kept))
    # What the columns are for was said before the file was written.
    st.session_state["confirmed"] = found.case.id
    return found.case
