"""Two JSON files that commands wrote, brought by the user."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from rai_dash.core.errors import InvalidChoice, RaiError
from rai_dash.core.texts import tr
from rai_dash.govern.people import AppRole
from rai_dash.report.changed import changed, kind_of
from rai_dash.report.changed.files import read_ours
from rai_dash.report.changed.runs import OF_APPLICANTS, changed_runs
from rai_dash.ui import rights, upload, widgets
from rai_dash.ui.changed import look
from rai_dash.ui.text import count, sentence

#: Megabytes. A run's JSON is small, and it is read in this very process.
_MOST_MB: Final = 20


def section() -> None:
    """Let the user bring two files, and draw what changed."""
    allowed = rights.can_do(AppRole.ANALYST, upload.UPLOADING)
    widgets.note(
        tr(
            "Each is what rai-dash audit, band, explain, drivers, compare, profile, rebalance or monitor "
            "wrote with --json, or an exported policy. They are read, and not kept."
        )
    )
    left, right = st.columns(2)
    with left:
        first = _bring(tr("Before"), "changed_first", allowed=allowed)
    with right:
        second = _bring(tr("After"), "changed_second", allowed=allowed)
    if first is None or second is None:
        widgets.note(tr("Bring both files: then stands here what is not the same in them."))
        return
    if kind_of(first) == "run" == kind_of(second):
        hidden: frozenset[str] = frozenset() if rights.may_see_rows() else OF_APPLICANTS
        look.draw(changed_runs(first, second, without=hidden))
        return
    look.draw(changed(first, second))


def _bring(label: str, key: str, *, allowed: bool) -> Any:
    """Take one file; None = there is none, or it is refused, which is said."""
    file = st.file_uploader(
        tr("{label}: a JSON file", label=label),
        type=["json"],
        key=key,
        disabled=not allowed,
        max_upload_size=_MOST_MB,
    )
    if file is None or not allowed:
        return None
    try:
        return _read(file.getvalue())
    except RaiError as error:
        widgets.problem(sentence(error.message))
        return None


def _read(content: bytes) -> Any:
    """Read what was brought.

    Raises
    ------
    RaiError
        When it is no JSON of ours, or whoever uses the app may not bring files.
    """
    rights.require_role(AppRole.ANALYST, upload.UPLOADING)
    if len(content) > _MOST_MB * 2**20:
        msg = (
            f"The file is larger than {count(_MOST_MB)} MB, the limit here. Compare it on the command line with "
            "rai-dash changed."
        )
        raise InvalidChoice(msg)
    found = read_ours(content, tr("The file"))
    if found is None:
        msg = "The file is no JSON that rai-dash wrote. Bring what a command wrote with --json."
        raise InvalidChoice(msg)
    return found
