"""The files of a version: certificate, policy, and the routing for other programs; each is made on a click."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.govern.events import PREFIX, Stage
from rai_dash.govern.policy_export import PolicyFile, exported_from, read_policy_file
from rai_dash.govern.policy_sql import sql_text
from rai_dash.govern.standing import Standing
from rai_dash.govern.workflow import VersionStatus
from rai_dash.ui import widgets
from rai_dash.ui.offering import file_button
from rai_dash.ui.signing import desk
from rai_dash.ui.text import count, safe

_DIALECTS: Final = {"postgresql": "PostgreSQL", "sqlite": mark("SQLite"), "duckdb": "DuckDB"}
_PDF: Final = "sign_pdf"
#: What the column that names an application is called where only a share of them is decided.
_KEY: Final = "application_id"
_TABLE: Final = "applications"


def section(standing: Standing, status: VersionStatus) -> None:
    """Offer the files of a version."""
    name = f"{status.policy_id}-v{status.version}"
    with st.container(border=True):
        widgets.heading(
            tr("To keep and to hand on"),
            tr("Version {version}, with its signatures and how to check them", version=count(status.version)),
        )
        with st.container(horizontal=True):
            _file(tr("Certificate"), f"certificate-{name}.html", "text/html", lambda: html(status).encode())
            _pdf(standing, status, name)
            _file(tr("Policy file"), f"{name}.json", "application/json", lambda: policy_json(status))
        widgets.note(
            tr(
                "The certificate and the policy file hold the signed records: somebody who has nothing else "
                "can check them with **rai-dash ledger verify**."
            )
        )
        with st.expander(tr("The routing for other programs"), icon=":material/code:", key="sign_routing"):
            with st.container(horizontal=True):
                _file(tr("Python"), f"{name}.py", "text/x-python", lambda: python(status))
                for dialect, label in _DIALECTS.items():
                    _file(
                        tr("SQL for {label}", label=label),
                        f"{name}-{dialect}.sql",
                        "application/sql",
                        partial(sql, status, dialect),
                    )
                _file(tr("Test vectors"), f"{name}-vectors.json", "application/json", lambda: vectors(status))
            widgets.note(
                tr(
                    "Each needs nothing of this app, and sends everything to a person once the policy is "
                    "over. A version that is changed or stopped here has to be exported again."
                )
            )


def _file(label: str, name: str, mime: str, make: Callable[[], bytes]) -> None:
    file_button(label, name, mime, make, key=f"sign_file_{name}")


def _pdf(standing: Standing, status: VersionStatus, name: str) -> None:
    """Offer to make the PDF, and then the PDF: it takes a moment, and some machines cannot."""
    which = (status.policy_id, status.version, standing.events[-1].seq)
    if st.session_state.get(_PDF) != which:
        if st.button(tr("Make the PDF"), icon=":material/picture_as_pdf:", key="sign_make_pdf"):
            st.session_state[_PDF] = which
            st.rerun()
        return
    try:
        page = _pdf_of(*which)
    except RaiError as error:
        del st.session_state[_PDF]
        widgets.problem(safe(error.message, limit=600))
        return
    _file(tr("Certificate (PDF)"), f"certificate-{name}.pdf", "application/pdf", lambda: page)


@st.cache_data(show_spinner="Laying it out on paper", max_entries=8)
def _pdf_of(policy_id: str, version: int, last: int) -> bytes:
    from rai_dash.report.pdf import certificate_pdf

    del last  # part of the key: the certificate tells everything up to this record
    return certificate_pdf(html(desk.reading_desk().standing(policy_id).version(version)))


def html(status: VersionStatus) -> str:
    """Write the certificate of a version as it stands now."""
    from rai_dash.govern.policy_changes import compare
    from rai_dash.report.certificate_page import certificate_page

    reader = desk.reading_desk()
    standing = reader.standing(status.policy_id)
    policy = reader.policy(status.policy_id, status.version)
    before = reader.policy(status.policy_id, status.version - 1) if status.version > 1 else None
    ledger = desk.room().store().export(subject=PREFIX + status.policy_id)
    changes = () if before is None else compare(before, policy)
    return certificate_page(policy, standing, ledger, as_of=standing.as_of, changes=changes)


def policy_json(status: VersionStatus) -> bytes:
    """Write a version with its signed records."""
    ledger = desk.room().store().export(subject=PREFIX + status.policy_id)
    content = exported_from(ledger, status.policy_id, status.version, now=desk.now())
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def python(status: VersionStatus) -> bytes:
    """Write the routing of a version as a Python file."""
    return _routing(status).python().encode()


def sql(status: VersionStatus, dialect: str) -> bytes:
    """Write the routing of a version, and the reason for each route, as a statement for a database."""
    found = _routing(status)
    score, key = found.score_column or "score", _KEY if status.stage is Stage.SHARE else None
    return sql_text(found, dialect=dialect, table=_TABLE, score=score, key=key).encode()


def vectors(status: VersionStatus) -> bytes:
    """Write what every router must answer."""
    return (
        json.dumps(_routing(status).vectors(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    ).encode()


def _routing(status: VersionStatus) -> PolicyFile:
    return read_policy_file(policy_json(status))
