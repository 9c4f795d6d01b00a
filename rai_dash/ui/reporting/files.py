"""The files of a report, and a first look at what it says."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.report.audit_report.apart import Written
from rai_dash.report.audit_report.document import document_json, document_sha256
from rai_dash.report.audit_report.executive import executive
from rai_dash.ui import widgets
from rai_dash.ui.offering import file_button
from rai_dash.ui.text import count, safe

_SHORT = 12


def files(written: Written) -> None:
    """Say what the report says first, and offer it in three forms."""
    summary = executive(written.document)
    widgets.finding(safe(summary.headline, limit=600), warn=summary.is_alarm)
    fingerprint = document_sha256(written.document)[:_SHORT]
    name = f"report-{fingerprint}"
    with st.container(horizontal=True):
        if written.pdf is not None:
            pdf = written.pdf
            _file("PDF", f"{name}.pdf", "application/pdf", lambda: pdf)
        _file("HTML", f"{name}.html", "text/html", written.html.encode)
        _file("JSON", f"{name}.json", "application/json", lambda: document_json(written.document).encode())
    if written.problem:
        widgets.notice(safe(written.problem, limit=600))
    hidden = written.document.get("suppression")
    if hidden and hidden.get("hidden"):
        widgets.notice(
            tr(
                "{hidden} numbers of fewer than {fewest} people, or that would give them away, are hidden in these "
                "files. If you may pass them on, switch the hiding off and make the report again.",
                hidden=count(hidden["hidden"]),
                fewest=count(hidden["fewest"]),
            )
        )
    for text in summary.groups:
        widgets.paragraph(safe(text, limit=900))
    widgets.note(
        tr(
            "Report {fingerprint}. Equal inputs give the same files, byte by byte. The JSON has every number of the "
            "report.",
            fingerprint=safe(fingerprint),
        )
    )


def _file(label: str, name: str, mime: str, make: Callable[[], bytes]) -> None:
    file_button(label, name, mime, make, key=f"report_file_{mime}")
