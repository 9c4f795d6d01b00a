"""What a bundled case is about: what must be known first, and the rest on demand."""

from __future__ import annotations

import streamlit as st

from rai_dash.case import Case
from rai_dash.core.texts import tr
from rai_dash.ui import upload, widgets
from rai_dash.ui.text import safe

_BETWEEN = "\n\n"
_LONGEST = 2000


def first_of(story: str) -> str:
    """Return the first paragraph of a story: what nobody may miss."""
    return story.partition(_BETWEEN)[0]


def told(case: Case) -> None:
    """Say what the case is about; how its rows came to be, and their source, behind a click."""
    first, *more = case.story.split(_BETWEEN)
    widgets.finding(safe(first, limit=_LONGEST))
    sources = sources_of(case)
    if not (more or sources):
        return
    with st.expander(tr("More about these data, and where they come from"), icon=":material/menu_book:"):
        for text in more:
            widgets.paragraph(safe(text, limit=_LONGEST))
        for source, titles in sources.items():
            widgets.note(
                tr(
                    "Source of {titles}: {source}",
                    titles=", ".join(safe(title) for title in titles),
                    source=safe(source, limit=300),
                )
            )


def sources_of(case: Case) -> dict[str, list[str]]:
    """Return the titles of the tables by the source they share; what was uploaded has none."""
    found: dict[str, list[str]] = {}
    for item in case.data:
        if item.source != upload.UPLOADED and item.dataset.portfolio is None:
            found.setdefault(item.source, []).append(item.title)
    return found
