"""Two versions side by side: what changed, in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.core.words import NOTHING
from rai_dash.govern.policy_changes import Change, compare
from rai_dash.govern.standing import Standing
from rai_dash.ui import state, widgets
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.signing import desk
from rai_dash.ui.text import count, plain, safe

_MOST: Final = 12


def section(standing: Standing) -> None:
    """Draw two versions that the user chooses, the older one first."""
    if len(standing.versions) < 2:
        return
    chosen = state.choices()
    with st.container(border=True):
        widgets.heading(tr("What changed between two versions"))
        new = desk.version_of(standing, chosen.version)
        old = chosen.other if chosen.other in _numbers(standing) else max(new - 1, 1)
        left, right = st.columns(2)
        with left:
            old = _pick(standing, tr("From"), "other", old)
        with right:
            new = _pick(standing, tr("To"), "version", new)
        if old == new:
            widgets.note(tr("Choose two different versions."))
            return
        room = desk.room()
        listed(compare(room.policy(standing.policy_id, old), room.policy(standing.policy_id, new)))


def _numbers(standing: Standing) -> list[int]:
    return [v.version for v in standing.versions]


def _pick(standing: Standing, label: str, name: str, now: int) -> int:
    key = f"pick_{name}"
    st.session_state[key] = now
    st.selectbox(
        label, _numbers(standing), key=key, on_change=_commit, args=(name, key),
        format_func=lambda n: plain(tr("version {n} ({state})", n=n, state=standing.version(n).state.words)),
    )  # fmt: skip
    return int(st.session_state[key])


def _commit(name: str, key: str) -> None:
    state.choose(**{name: int(st.session_state[key])})


def listed(changes: Sequence[Change]) -> None:
    """Draw changes, a row each, before beside after."""
    if not changes:
        widgets.note(tr("Nothing changed."))
        return
    rows = [
        [_label(c), safe(c.before or NOTHING, limit=300), safe(c.after or NOTHING, limit=300)]
        for c in changes
    ]
    table(["what", "before", "after"], rows[:_MOST], words=(0, 1, 2))
    if len(rows) > _MOST:
        with st.expander(tr("{rows} more changes", rows=count(len(rows) - _MOST))):
            for change in changes[_MOST:]:
                widgets.note(safe(change.words, limit=600))


def _label(change: Change) -> str:
    """Return what a change is about: its sentence up to the values."""
    return safe(change.words.partition(":")[0], limit=300)
