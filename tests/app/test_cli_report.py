"""The report from the command line: every number of the paper is one of the JSON, and equal inputs are equal bytes."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from pypdf import PdfReader

from rai_dash.cli.running import LEFT_OUT
from rai_dash.report.audit_report.document import document_sha256, report_document
from tests.command import command
from tests.report_numbers import FORMULAS, NUMBER, Page, allowed, plain, shown_numbers

BOSTON = (
    "audit", "sample_data/loanapp.csv.gz", "--target", "approve", "--favourable", "1", "--sensitive", "black",
    "--sensitive", "hispan", "--cross", "black,male", "--reference", "black=0", "--split", "split",
    "--model", "sample_data/boston_pipeline.skops", "--control", "married", "--cost", "5", "1", "--band", "0.6", "0.9",
    "--explain", "3", "--show-small-cells",
)  # fmt: skip
STORY = (
    "audit", "sample_data/story_living_1100.csv.gz", "--target", "loan", "--favourable", "Approved",
    "--sensitive", "gender", "--model", "sample_data/story_biased.ubj", "--band", "0.2", "0.8", "--explain", "2",
    "--show-small-cells", "--title", "Loans of the story",
)  # fmt: skip

#: Two reports on paper: some 15 s of work each, which a machine that is busy with other tests stretches.
pytestmark = pytest.mark.timeout(600)


class Report:
    """The files of one command, and what was read of them."""

    def __init__(self, arguments: tuple[str, ...], folder, repo) -> None:
        places = {ending: folder / f"report.{ending}" for ending in ("json", "html", "pdf")}
        given = [part for ending, place in places.items() for part in (f"--{ending}", place)]
        done = command(*arguments, *given, cwd=repo)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        self.json = json.loads(places["json"].read_text(encoding="utf-8"))
        self.html = places["html"].read_text(encoding="utf-8")
        self.page = Page(self.html)
        self.pdf = places["pdf"].read_bytes()
        self.reader = PdfReader(io.BytesIO(self.pdf))
        self.sheets = [plain(sheet.extract_text()) for sheet in self.reader.pages]


@pytest.fixture(scope="module", params=[BOSTON, STORY], ids=["boston", "story"])
def report(request, tmp_path_factory, repo) -> Report:
    return Report(request.param, tmp_path_factory.mktemp("report"), repo)


def test_every_number_of_the_page_is_one_of_the_json(report):
    own = re.search(r"Report ([0-9a-f]{12})", plain(" ".join(report.page.texts["summary"])))[1]
    whole = re.search(rf"{own}[0-9a-f]{{52}}", report.html)[0]
    # The profile of the columns is a JSON of its own; here its numbers are checked by another test.
    told = {**report.json, "own": [own, whole]}
    ok = allowed(told)
    chapters = {
        key: texts for key, texts in report.page.texts.items() if key in {"performance", "groups", "band"}
    }

    assert len(chapters) == 3
    for chapter, texts in chapters.items():
        shown = shown_numbers(texts, told)
        assert len(shown) > 30
        assert [n for n in shown if n not in ok] == [], chapter


def test_the_paper_says_every_number_of_the_page(report):
    on_page = Counter(
        n for key, texts in report.page.texts.items() if key not in {FORMULAS, "contents"}
        for text in texts for n in NUMBER.findall(plain(text))
    )  # fmt: skip
    on_paper = Counter(n for sheet in report.sheets for n in NUMBER.findall(sheet))
    lost = {n: k for n, k in on_page.items() if on_paper[n] < k and len(n) < 8}

    # A hash, or a word that is broken at the end of a line, is read in two pieces.
    assert sum(lost.values()) <= 0.005 * sum(on_page.values()), lost


def test_the_table_of_groups_has_the_numbers_of_the_json(report):
    for column, groups in report.json["groups"].items():
        rows = {
            row[0]: row
            for row in report.page.table(f"Shares by “{column}”, with 95 % intervals and counts")[1:]
        }
        for name, one in groups.items():
            cells = rows[plain(name)]
            assert cells[1] == f"{one['n']:,}"
            for cell, metric in zip(
                cells[2:], ("selection_rate", "recall", "fpr", "precision", "accuracy"), strict=True
            ):
                share = one[metric]
                if share["value"] is None:
                    assert cell == f"– | {share['reason']}"
                    continue
                assert cell.endswith(f"{share['numerator']:,.0f} of {share['denominator']:,.0f}")
                assert abs(float(cell.split(" %")[0]) - 100 * share["value"]) <= 0.5


def test_no_sheet_is_blank_and_every_chapter_is_where_the_contents_say(report):
    heads = re.findall(r'<h2 id="[\w-]+">(\d+) ([^<]+)</h2>', report.html)
    contents = next(sheet for sheet in report.sheets if "Contents" in sheet)

    assert all(len(sheet) > 250 for sheet in report.sheets)
    assert all(sheet.endswith(f"of {len(report.sheets)}") or f"Page {i} of {len(report.sheets)}" in sheet
               for i, sheet in enumerate(report.sheets, start=1))  # fmt: skip
    assert len(heads) == 11
    for number, title in heads:
        at = int(re.search(rf"{number} {re.escape(title)}\s*[. ]*(\d+)", contents)[1])
        assert f"{number} {title}" in report.sheets[at - 1]
    marks = [mark.title for mark in report.reader.outline if not isinstance(mark, list)]
    assert len(marks) >= 1


def test_figures_are_vectors_and_nothing_is_fetched(report):
    assert all(not sheet.images for sheet in report.reader.pages)
    assert report.html.count("<svg ") >= 6
    assert "<image" not in report.html
    assert "/URI" not in report.pdf.decode("latin1")
    assert report.reader.trailer["/Root"]["/Lang"] == "en"
    assert report.reader.metadata.creation_date is None


@pytest.fixture(scope="module")
def small(repo, tmp_path_factory):
    """The story without band and explanations, with all defaults: its JSON with and without a page, and the page."""
    folder = tmp_path_factory.mktemp("small")
    alone, beside, page = folder / "alone.json", folder / "beside.json", folder / "page.html"
    command(*STORY[:10], "--json", alone, cwd=repo)
    command(*STORY[:10], "--json", beside, "--html", page, "--made", "2026-11-30", cwd=repo)
    return alone.read_bytes(), beside.read_bytes(), page.read_text(encoding="utf-8")


def test_equal_documents_are_equal_bytes_whatever_the_order_of_hashes(repo, small):
    audit = json.loads(small[0])
    order = json.dumps({"audit": audit, "parts": {"title": "Loans"}, "language": "en"}).encode()
    program = [sys.executable, "-m", "rai_dash.report.audit_report.apart"]

    def written_with(seed: str) -> bytes:
        env = os.environ | {"PYTHONHASHSEED": seed}
        return subprocess.run(program, input=order, capture_output=True, check=True, cwd=repo, env=env).stdout

    with ThreadPoolExecutor(2) as both:
        written = list(both.map(written_with, ("1", "2")))

    assert written[0] == written[1]
    assert json.loads(written[0])["pdf"]
    assert json.loads(written[0])["document"] == report_document(audit, title="Loans")
    assert document_sha256(report_document(audit, title="Loans"))[:12] in json.loads(written[0])["html"]


def test_the_record_of_the_json_is_the_same_with_and_without_a_report(small):
    alone, beside, page = small

    assert alone == beside
    assert {"--html", "--pdf", "--few", "--show-small-cells", "--about", "--certificate"} <= LEFT_OUT
    assert "2026-11-30" in page


def test_small_cells_are_hidden_by_default(small):
    page = Page(small[2])
    row = page.table("Shares by “gender”, with 95 % intervals and counts")[1]

    # 3 of 550 women are approved.
    assert row[:3] == ["Female", "550", "hidden"]
    assert "How groups compare is hidden in this report" in " ".join(page.texts["summary"])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--html", "-"], "give --html and --pdf the name of one"),
        (["--pdf", "nowhere/r.pdf"], "cannot be written"),
        (["--html", "r.html", "--about", "nothing.toml"], "nothing.toml"),
        (
            ["--html", "r.html", "--certificate", "loans@1", "--store", "sqlite:///nowhere.db"],
            "There is no store",
        ),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(repo, tmp_path, more, words):
    given = [str(tmp_path / part) if part in {"r.html", "nothing.toml"} else part for part in more]
    done = command(*STORY[:10], *given, cwd=repo)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr
