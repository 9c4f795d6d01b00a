"""The report as a page: its numbers, its names, what it loads, and that equals are equal."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from rai_dash.report.audit_report.document import document_sha256, report_document
from rai_dash.report.audit_report.page import report_html
from tests.report_numbers import FORMULAS, Page, allowed, plain, shown_numbers
from tests.unit.report.audit_report.conftest import COLUMN, HOSTILE


@pytest.fixture(scope="module")
def document(world):
    return report_document(world.audit.content, title="Loans <i>", profile=world.profile)


@pytest.fixture(scope="module")
def html(document):
    return report_html(document)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_every_number_of_every_chapter_is_one_of_the_json(page, document):
    ok = allowed(document) | set(re.findall(r"\d+", document_sha256(document)))
    seen = 0
    for chapter, texts in page.texts.items():
        if chapter in {FORMULAS, "contents"}:
            continue
        shown = shown_numbers(texts, {**document, "own": document_sha256(document)[:12]})
        seen += len(shown)
        assert [n for n in shown if n not in ok] == [], chapter
    assert seen > 300


def test_the_table_of_groups_has_the_counts_of_the_rows(page, world):
    rows = {row[0]: row for row in page.table(f"Shares by “{COLUMN}”, with 95 % intervals and counts")[1:]}

    for name, part in world.frame.groupby(COLUMN):
        approved = world.score[part.index] >= 0.5
        good = part["y"].to_numpy() == 1
        cells = rows[plain(str(name))]
        assert cells[1] == str(len(part))
        assert cells[2].endswith(f"{approved.sum()} of {len(part)}")
        if good.any():
            assert cells[3].endswith(f"{(approved & good).sum()} of {good.sum()}")
        assert cells[4].endswith(f"{(approved & ~good).sum()} of {(~good).sum()}")
        assert cells[6].endswith(f"{(approved == good).sum()} of {len(part)}")


def test_the_first_page_has_the_figures_of_all_rows(page, world):
    text = plain(" ".join(page.texts["summary"]))
    approved = world.score >= 0.5
    n = len(approved)

    assert f"{approved.sum()} of {n}" in text
    assert f"{100 * approved.mean():.0f} %" in text
    assert f"{(approved == (world.frame['y'] == 1)).sum()} of {n}" in text


def test_names_from_files_are_text_and_never_markup(html, page):
    assert "<script" not in html
    assert "<i>" not in html
    assert HOSTILE in " ".join(page.texts["summary"])
    assert any(row[0] == HOSTILE for table in page.tables for row in table if row)


def test_nothing_is_fetched_and_nothing_runs(html):
    without_names = re.sub(r'xmlns(:\w+)?="[^"]*"', "", html)

    assert not re.search(r"https?:|//[a-z]|\bsrc=|@import|javascript:|\bon\w+=", without_names)
    assert not re.search(
        r'(?:href|url\()\s*=?"?(?!#)[a-z/]', re.sub(r"<style>.*?</style>", "", without_names, flags=re.DOTALL)
    )
    assert "default-src 'none'" in html


def test_equal_documents_are_equal_pages_and_another_number_is_another_page(document, html):
    other = {**document, "made": "2026-11-30"}

    assert report_html(document) == html
    assert "2026-11-30" in report_html(other)
    assert document_sha256(other) != document_sha256(document)


def test_headings_are_in_order_and_tables_and_figures_have_names(html):
    levels = [int(x) for x in re.findall(r"<h(\d)", html)]

    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert '<html lang="en">' in html
    assert html.count("<th scope=") == html.count("<th ")
    assert (
        html.count("<figure>") == html.count("<figcaption>") == html.count('<svg role="img" aria-label="') > 3
    )
    assert len(re.findall(r'<table class="(?!facts)', html)) == html.count("<caption>")


def test_the_contents_name_every_chapter_once(html):
    links = re.findall(r'<li><a href="#([\w-]+)">(\d+) ([^<]+)</a>', html)
    heads = re.findall(r'<h2 id="([\w-]+)">(\d+) ([^<]+)</h2>', html)

    assert links == heads
    assert [key for key, _, _ in heads] == [
        "data", "performance", "groups", "explanations", "band", "certificate", "model-card", "data-sheet", "methods",
        "appendix", "fingerprints",
    ]  # fmt: skip


def test_what_was_not_given_is_said_in_one_sentence(world):
    bare = Page(report_html(report_document({**world.audit.content, "band": None})))

    assert "No review band was given" in " ".join(bare.texts["band"])
    assert "no profile was made" in " ".join(bare.texts["data"])
    assert "nobody has signed" in " ".join(bare.texts["certificate"])
    assert "No decision is explained here" in " ".join(bare.texts["explanations"])
    assert "not stated" in " ".join(bare.texts["model-card"])


def test_past_decisions_are_named_as_what_they_are(page):
    text = plain(" ".join(page.texts["summary"]))

    assert "The target is what was decided, not what happened" in text
    assert "applicants approved in the past" in text


def test_an_undefined_share_is_a_dash_with_its_reason(page):
    table = page.table(f"All figures by “{COLUMN}”")

    dashes = [cell for row in table for cell in row if cell.startswith("–")]
    assert dashes
    assert any("no favourable applicant in this group" in cell for cell in dashes)
    assert all(re.search(r"[a-z]{4}", cell) for cell in dashes)


def test_small_cells_are_hidden_by_default_and_nothing_is_concluded_from_that(world):
    page = Page(world.audit.to_html())

    text = plain(" ".join(page.texts["groups"]))
    row = next(
        r for r in page.table(f"Shares by “{COLUMN}”, with 95 % intervals and counts") if r[0] == "few"
    )
    n_few = int((world.frame[COLUMN] == "few").sum())
    assert 0 < n_few < 10
    assert row[1:] == ["hidden"] * 6
    summary = plain(" ".join(page.texts["summary"]))
    assert re.search(r"In all [\d,]+ numbers are hidden\.", summary)
    assert "--show-small-cells" in summary
    assert "few" not in " ".join(t for t in page.figures if "%" in t)
    assert "no difference" not in text.lower()
