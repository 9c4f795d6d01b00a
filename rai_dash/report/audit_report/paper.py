"""Writes a report's document as a PDF: the same page on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rai_dash.report.audit_report.page import report_html
from rai_dash.report.pdf import page_pdf


def report_pdf(document: Mapping[str, Any]) -> bytes:
    """Write a report as PDF.

    Parameters
    ----------
    document : mapping
        What `rai_dash.report.audit_report.document.report_document` returns.

    Returns
    -------
    bytes
        A4, with title, language, bookmarks and tags; equal documents give equal bytes on one machine.

    Raises
    ------
    NoPdf
        When the system lacks the libraries that lay text out.
    """
    return page_pdf(report_html(document))
