"""The page of questions in the documents and the questions in the code are the same list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rai_dash.govern.questions import QUESTIONS, AnswerState, Question

REPO = Path(__file__).parents[2]
PAGE = (REPO / "docs" / "questions.md").read_text(encoding="utf-8")
SECTIONS = {
    heading: " ".join(text.split())
    for heading, text in re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
}


def test_the_documents_have_every_question_and_no_other():
    assert list(SECTIONS) == [f"{q.code} {q.title}" for q in QUESTIONS]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.code)
def test_a_question_reads_the_same_in_both(question: Question):
    section = SECTIONS[f"{question.code} {question.title}"]
    asked, beyond = re.search(
        r"\*\*Asked:\*\* (.+?) \*\*How .+\*\*Not answered here:\*\* (.+)", section
    ).groups()  # type: ignore[union-attr]

    assert (asked, beyond.strip()) == (question.ask, question.beyond)
    assert ("**Items:**" in section) == bool(question.items)
    assert question.items in section


def test_every_state_is_explained():
    assert re.findall(r"^\| ([A-Z][^|]+?) \|", PAGE, flags=re.MULTILINE) == [s.words for s in AnswerState]


def test_the_source_is_credited_and_linked():
    assert "https://ethical.institute/principles.html" in PAGE
    assert "https://ethical.institute/mlmm.html" in PAGE
    assert "https://github.com/EthicalML/ai-rfx-procurement-framework" in PAGE
    assert "The Institute for Ethical AI & Machine Learning" in " ".join(PAGE.split())
