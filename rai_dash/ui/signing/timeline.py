"""What was done to a policy, as a timeline, and what earlier versions of the app have signed."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from rai_dash.core.texts import ntr, tr
from rai_dash.govern.standing import Standing
from rai_dash.govern.timeline import TimelineEntry, timeline_words
from rai_dash.ui import widgets
from rai_dash.ui.offering import file_button
from rai_dash.ui.signing import desk, words
from rai_dash.ui.signing.old_records import past, record_bytes, told
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe

#: Hex digits of a hash by which a record is told from others by eye.
_SHORT: Final = 12
_MOST: Final = 60
#: Old records that are listed.
_MOST_OLD: Final = 20


def section(standing: Standing) -> None:
    """Draw everything that was done to a policy, the newest on top."""
    lines = timeline_words(standing)
    with st.container(border=True):
        widgets.heading(tr("What was done"), tr("The newest on top; nothing here can be edited or removed"))
        for line in reversed(lines[-_MOST:]):
            _line(line)
        if len(lines) > _MOST:
            widgets.note(
                tr(
                    "The newest {most} of {lines} are listed; the policy file holds all of them.",
                    most=_MOST,
                    lines=count(len(lines)),
                )
            )
        _check()


def _line(line: TimelineEntry) -> None:
    record = tr("by itself, when the time was over")
    if line.seq is not None and line.hash is not None:
        record = tr("record {seq}, {hash}…", seq=count(line.seq), hash=safe(line.hash[:_SHORT]))
    icon = ":red[:material/cancel:]" if line.is_dissent else ":material/radio_button_checked:"
    detail = f"“{safe(line.detail, limit=5_000)}” · " if line.detail else ""
    with st.container(gap=None):
        widgets.paragraph(f"{icon} **{safe(words.moment(line.at))}** · {safe(line.headline, limit=400)}")
        widgets.note(f"{detail}{record}")


def _check() -> None:
    """Check the whole chain of the store when it is asked for."""
    if not st.button(tr("Check the whole chain"), icon=":material/link:", key="sign_check"):
        return
    store = desk.room().store()
    with st.spinner(tr("Checking every record")):
        findings = store.verify()
        total = desk.room().shelf().last
    if findings:
        widgets.problem(
            tr("The chain of records is broken: {findings}", findings=safe(findings[0].message, limit=400))
        )
    else:
        st.success(
            ntr(
                "The chain of {total} record in this store is whole: nothing was edited, removed or swapped.",
                "The chain of {total} records in this store is whole: nothing was edited, removed or swapped.",
                total,
                total=count(total),
            ),
            icon=":material/verified:",
        )


def old(view: View) -> None:
    """Draw what was signed on the data of the case by versions of the app that knew no policies."""
    records = past(view.case)
    if not records:
        return
    widgets.heading(
        tr("Signed before there were policies"), tr("By an earlier version of this app, newest first")
    )
    for record in records[:_MOST_OLD]:
        words_of_it = told(record)
        with st.expander(words_of_it.title, key=f"record_{record.seq}"):
            for text in words_of_it.lines:
                widgets.paragraph(text)
            file_button(
                tr("Download JSON"),
                f"sign-off-{record.seq}.json",
                "application/json",
                partial(record_bytes, record),
                key=f"record_json_{record.seq}",
            )
    if len(records) > _MOST_OLD:
        widgets.note(
            tr(
                "The newest {most_old} are listed; **rai-dash ledger verify** checks them all.",
                most_old=_MOST_OLD,
            )
        )
