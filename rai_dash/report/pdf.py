"""A certificate as PDF: the same page on paper, with the records it speaks of attached as a file."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from datetime import datetime
from typing import Any, Final

from rai_dash.core.errors import RaiError

#: The link of the page that holds the records, and when it was made; both are ours, as names are escaped.
_RECORDS: Final = re.compile(
    r'<a class="records" download="([a-z0-9.-]+)" href="data:application/json;base64,([A-Za-z0-9+/=]*)">'
)
_MADE: Final = re.compile(r'<meta name="dcterms\.created" content="([0-9TZ:-]{20})">')


class NoPdf(RaiError):
    """The certificate cannot be made into a PDF on this machine."""

    default_code = "no_pdf"


def certificate_pdf(html: str) -> bytes:
    """Lay a certificate out on paper.

    Parameters
    ----------
    html : str
        What `rai_dash.report.certificate_page.certificate_page` returned.

    Returns
    -------
    bytes
        A PDF with title, language, outline and tags; equal pages give equal bytes on one machine. The records that the
        page holds are attached. Nothing is fetched from anywhere.

    Raises
    ------
    NoPdf
        When the system lacks the libraries that lay text out.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        msg = (
            "This machine cannot write PDF, since the system library Pango is missing: install it "
            "(apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0), or take the HTML certificate, "
            "which says the same."
        )
        raise NoPdf(msg) from error
    # It complains about every rule that is for screens alone.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    page = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=()))
    return bytes(
        page.write_pdf(
            pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
            pdf_tags=True,
            attachments=_attached(html),
        )
    )


def _attached(html: str) -> list[Any]:
    """Take the records out of the page; dated like the page, so that equal pages give equal files."""
    from weasyprint import Attachment

    link, made = _RECORDS.search(html), _MADE.search(html)
    if link is None or made is None:
        return []
    name, records = link.groups()
    at = datetime.fromisoformat(made[1])
    return [
        Attachment(
            string=base64.b64decode(records),
            name=name,
            description="The records of this policy, to be checked",
            created=at,
            modified=at,
            relationship="Source",
        )
    ]
