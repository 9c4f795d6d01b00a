"""Sign-off: somebody puts their name to the band, with everything it rests on."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.types import Notice
from rai_dash.govern.signoff import DECISIONS, MEANINGS
from rai_dash.review.band import RouteTable, route
from rai_dash.ui import records, widgets
from rai_dash.ui.reviewing import warnings, words
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.text import safe

PAGE = {
    "title": "Sign-off",
    "step": "Decide",
    "order": 1,
    "icon": ":material/draw:",
    "question": "Who answers for this band, on what evidence, and what was signed before?",
    "needs": ("scores",),
}
ROLES = ("Domain expert", "Risk owner", "Data scientist", "Other")


def render(view: View) -> None:
    """Draw the page."""
    bench = bench_of(view)
    band, judgement = bench.band, bench.judgement
    columns = judgement.roles.sensitive
    tables = [route(judgement.counts((c,)), band) for c in columns] or [route(judgement.counts(), band)]
    with st.container(border=True):
        widgets.heading("What is signed", "Change it on the Review band page")
        widgets.paragraph(f"**Band:** {words.band_text(band)}, a person in between.")
        widgets.paragraph(words.routes_sentence(tables[0].overall))
        widgets.paragraph(words.alone_sentence(tables[0].overall, exposure=judgement.exposure))
        warned = warnings.listed(bench)
        widgets.note(records.fingerprint_words(judgement))
    _form(view, tables, warned)
    _past(view)


def _form(view: View, tables: list[RouteTable], warned: list[Notice]) -> None:
    with st.form("sign", border=True):
        widgets.heading("Your signature", "It is kept for good and cannot be edited; a new one can follow")
        left, right = st.columns(2)
        name = left.text_input("Your name", key="sign_name", max_chars=200)
        role = right.selectbox("Your role", ROLES, key="sign_role")
        decision = left.selectbox("Decision", DECISIONS, key="sign_decision", format_func=str.capitalize)
        meaning = right.selectbox(
            "Your signature means", MEANINGS, index=2, key="sign_meaning", format_func=str.capitalize
        )
        reason = st.text_area(
            "Reason: why is this band right, and what does a wrong decision do to a person?",
            key="sign_reason",
        )
        sent = st.form_submit_button("Sign", icon=":material/draw:")
    if not sent:
        return
    signer = {"name": name, "role": role, "meaning": meaning, "decision": decision, "reason": reason}
    try:
        number = records.sign(view, tables, signer=signer, warned=warned, now=datetime.now(UTC))
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    st.success(f"Signed. This is record {number}.", icon=":material/verified:")


def _past(view: View) -> None:
    widgets.heading("Signed before", "Records that rest on the data of this case, newest first")
    try:
        past = records.past(view.case)
        state = records.chain_words()
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if not past:
        widgets.note("Nothing has been signed yet.")
        return
    widgets.note(state)
    if len(past) > 1:
        widgets.note("What changed with the newest one:")
        for line in records.changed_words(past[1], past[0]):
            widgets.note(line)
    for record in past[: records.SHOWN]:
        told = records.told(record)
        with st.expander(told.title, key=f"record_{record.seq}"):
            for line in told.lines:
                widgets.paragraph(line)
            st.download_button(
                "Download JSON",
                data=records.record_bytes(record),
                file_name=f"sign-off-{record.seq}.json",
                mime="application/json",
                on_click="ignore",
                key=f"record_json_{record.seq}",
            )
    if len(past) > records.SHOWN:
        widgets.note(f"The newest {records.SHOWN} are listed; `rai-dash ledger verify` checks them all.")


show(render, __file__)
