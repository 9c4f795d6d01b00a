from __future__ import annotations

import base64
import io
import re
import sys

import pytest
from pypdf import PdfReader

from rai_dash.report.certificate_page import certificate_page
from rai_dash.report.pdf import NoPdf, certificate_pdf
from tests.certificates import Book, make_policy, signed_book


def page_of(book: Book) -> str:
    return certificate_page(book.policy(), book.standing(), book.export(), as_of=book.now)


@pytest.fixture(scope="module")
def active() -> str:
    book = signed_book()
    book.activate()
    return page_of(book)


@pytest.fixture(scope="module")
def paper(active) -> bytes:
    return certificate_pdf(active)


@pytest.fixture(scope="module")
def reader(paper) -> PdfReader:
    return PdfReader(io.BytesIO(paper))


def words(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_it_has_title_language_dates_tags_and_pages_of_a4(reader):
    assert reader.metadata.title == "Certificate: Consumer loans up to 50,000 euros, version 1 (active)"
    assert reader.metadata.creation_date.isoformat() == "2026-11-29T18:00:00+00:00"
    root = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en", True)
    assert {tuple(round(float(x)) for x in page.mediabox[2:]) for page in reader.pages} == {(595, 842)}


def test_the_outline_holds_every_heading(reader, active):
    def titles(outline):
        for item in outline:
            yield from titles(item) if isinstance(item, list) else [item.title]

    headings = [
        re.sub(r"<[^>]+>", "", heading) for heading in re.findall(r"<h[123][^>]*>(.*?)</h[123]>", active)
    ]
    assert list(titles(reader.outline)) == headings


def test_every_word_of_the_page_is_on_paper(reader, active):
    body = active[active.index("<header>") :]
    on_screen = re.sub(r'<p class="screen">.*?</p>|<title.*?</title>', "", body, flags=re.DOTALL)
    paper = words("".join(page.extract_text() for page in reader.pages))
    pieces = [words(piece) for piece in re.split(r"<[^>]+>", on_screen)]
    missing = [p for p in pieces if p and p not in paper and "&" not in p and len(p) < 60]
    # What is cut by the end of a page has that page's margin in its middle.
    assert len(missing) <= len(reader.pages)


def test_each_page_says_which_record_it_belongs_to_and_none_is_blank(reader):
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert f"Page {number} of {len(reader.pages)}" in text
        assert re.search(r"Version 1 · record 9 · hash [0-9a-f]{12}…", text)
        assert len(words(text)) > 400


def test_no_heading_stands_alone_at_the_end_of_a_page(reader, active):
    headings = {words(re.sub(r"<[^>]+>", "", h)) for h in re.findall(r"<h[23][^>]*>(.*?)</h[23]>", active)}
    for page in reader.pages:
        lines = [words(line) for line in page.extract_text().splitlines()]
        last = [line for line in lines if line and "record9" not in line and "Page" not in line][-1]
        assert last not in headings


def test_the_records_are_attached_as_they_are_in_the_page(reader, active):
    [link] = re.findall(r'href="data:application/json;base64,([^"]*)"', active)
    assert reader.attachments == {"ledger-consumer-loans.json": [base64.b64decode(link)]}


def test_equal_pages_give_equal_bytes(active, paper):
    assert certificate_pdf(active) == paper


def test_what_is_not_signed_says_so_on_every_page():
    book = Book()
    book.draft(make_policy())
    for page in PdfReader(io.BytesIO(certificate_pdf(page_of(book)))).pages:
        assert "NOT SIGNED" in page.extract_text()


def test_nothing_is_fetched_whatever_the_page_holds(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    at = secret.as_uri()
    html = f'<html lang="en"><title>x</title><link rel="attachment" href="{at}"><img src="{at}">a'
    reader = PdfReader(io.BytesIO(certificate_pdf(html)))
    assert dict(reader.attachments) == {}


def test_a_machine_without_the_system_library_is_told_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(NoPdf, match=r"apt-get install libpango-1\.0-0 .* or take the HTML"):
        certificate_pdf("<p>")
