"""Pages of ours as PDF: the same on paper; a certificate with the records it speaks of attached as a file."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr

#: The link of the page that holds the records, and when it was made; both are ours, as names are escaped.
_RECORDS: Final = re.compile(
    r'<a class="records" download="([a-z0-9.-]+)" href="data:application/json;base64,([A-Za-z0-9+/=]*)">'
)
_MADE: Final = re.compile(r'<meta name="dcterms\.created" content="([0-9TZ:-]{20})">')


class NoPdf(RaiError):
    """A page cannot be made into a PDF on this machine."""

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
        As `page_pdf`; the records that the page holds are attached.

    Raises
    ------
    NoPdf
        When the system lacks the libraries that lay text out.
    """
    return page_pdf(html, attach=_attached)


def page_pdf(html: str, *, attach: Callable[[str], list[Any]] | None = None) -> bytes:
    """Lay a page of ours out on paper.

    Parameters
    ----------
    html : str
        A whole document that needs nothing else.
    attach : callable, optional
        Makes the attachments out of the page.

    Returns
    -------
    bytes
        A PDF with title, language, outline and tags; equal pages give equal bytes on one machine. Nothing is fetched
        from anywhere.

    Raises
    ------
    NoPdf
        When the system lacks the libraries that lay text out.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        msg = tr(
            "This machine cannot write PDF, since the system library Pango is missing: install it "
            "(apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0), or take the HTML, "
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
            attachments=[] if attach is None else attach(html),
            finisher=_plain_labels,
        )
    )


def _plain_labels(_: object, pdf: Any) -> None:
    """Make the labels of figures plain drawings.

    A label that does not start where it is anchored is written as a group of its own, reaching to the left by a letter.
    As nothing shines through it, it needs to be no group of transparency, which some viewers cut at whole pixels.
    """
    for one in pdf.objects:
        extra = getattr(one, "extra", None)
        if extra and "Group" in extra and extra["BBox"][0] < 0 and b"BT" in one.stream:
            del extra["Group"]


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
