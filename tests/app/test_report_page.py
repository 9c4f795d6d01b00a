"""The page Report: made on a click, small cells hidden, in three forms that say the same."""

from __future__ import annotations

import io

import numpy as np
import pytest
from pypdf import PdfReader

from rai_dash.core.errors import Cancelled, WorkerFailed
from rai_dash.core.types import Roles
from rai_dash.report.audit_report import apart
from rai_dash.report.audit_report.document import document_sha256
from rai_dash.ui import training
from tests.app.conftest import pressed, table_case, texts
from tests.report_numbers import Page, plain

EVIL = "![x](https://example.invalid/p.png)"


def case_of_groups(n: int = 120):
    rng = np.random.default_rng(3)
    groups = [EVIL if i % 2 else "b" for i in range(n)]
    score = np.round(rng.uniform(0, 1, n), 3)
    y = (rng.uniform(0, 1, n) < score).astype(int)
    csv = "y,group,score\n" + "\n".join(f"{a},{g},{s}" for a, g, s in zip(y, groups, score, strict=True))
    roles = Roles(target="y", favourable=("1",), sensitive=("group",), score="score")
    return table_case(csv, roles), score, y


def made() -> apart.Written:
    """Return the newest report of this process."""
    return [j.result for j in training.jobs()._jobs.values() if isinstance(j.result, apart.Written)][-1]


def stopped_here(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """Take down what a report would be written from, and write none."""
    seen: list[dict] = []

    def written(audit, parts, **_):
        seen.append(parts)
        msg = "stopped here"
        raise WorkerFailed(msg)

    monkeypatch.setattr("rai_dash.ui.reporting.making.written_apart", written)
    return seen


def test_nothing_is_made_before_the_click_and_then_there_are_three_files(open_page) -> None:
    case, score, y = case_of_groups()
    at = open_page("report", case=case)
    assert not at.exception
    assert not at.get("download_button")
    assert at.toggle(key="report_hide").value

    pressed(at, "report_make")

    assert not at.exception
    assert [b.proto.label for b in at.get("download_button")] == ["PDF", "HTML", "JSON"]
    written = made()
    short = document_sha256(written.document)[:12]
    assert f"Report {short}" in texts(at)
    assert f"Report {short}" in plain(" ".join(Page(written.html).texts["summary"]))
    assert short in PdfReader(io.BytesIO(written.pdf)).pages[0].extract_text()
    approved = int((score >= 0.5).sum())
    assert written.document["audit"]["overall"]["selection_rate"]["numerator"] == approved
    assert f"{approved} of {len(y)}" in plain(" ".join(Page(written.html).texts["summary"]))
    # A name from the file is text on the page, not a picture.
    assert "![" not in texts(at)
    assert EVIL in plain(" ".join(Page(written.html).texts["groups"]))


def test_the_switch_shows_what_the_limit_hides(open_page, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = stopped_here(monkeypatch)
    at = open_page("report", case=case_of_groups(124)[0])
    pressed(at, "report_make")
    at.toggle(key="report_hide").set_value(False).run()
    pressed(at, "report_make")

    assert [parts["fewest"] for parts in seen] == [10, 0]
    assert all(parts["policy"] is None for parts in seen)
    assert "stopped here" in texts(at)


def test_what_is_stated_goes_into_the_report_and_makes_it_another_one(open_page, monkeypatch) -> None:
    seen = stopped_here(monkeypatch)
    at = open_page("report", case=case_of_groups(126)[0])
    next(a for a in at.text_area if a.label == "Intended use").set_value(" Small loans. ").run()
    pressed(at, "report_make")

    assert [parts["about"] for parts in seen] == [{"intended_use": "Small loans."}]


def test_a_report_without_scores_says_what_is_missing(open_page) -> None:
    case = table_case("y,group\n1,a\n0,b\n1,a\n", Roles(target="y", favourable=("1",), sensitive=("group",)))
    at = open_page("report", case=case)

    assert not at.exception
    assert not [b for b in at.button if b.key == "report_make"]


def test_a_report_is_stopped_between_its_steps() -> None:
    with pytest.raises(Cancelled):
        apart.written_apart({}, {}, language="en", cancelled=lambda: True)


def test_a_process_that_gives_no_report_is_a_fault_in_words() -> None:
    with pytest.raises(WorkerFailed, match="could not be written"):
        apart.written_apart({"no": "audit"}, {}, language="en")
