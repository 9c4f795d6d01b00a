"""The questions of the Institute: what the records of a policy can and cannot say to them."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rai_dash.govern.policy import Policy
from rai_dash.govern.questions import QUESTIONS, Answer, AnswerState, Facts, answers, tally_words
from tests.certificates import Book, make_policy

ANSWERED, PARTLY, OPEN, OUTSIDE = (
    AnswerState.ANSWERED,
    AnswerState.PARTLY,
    AnswerState.OPEN,
    AnswerState.OUTSIDE,
)
BEST_SETUP: dict[str, Any] = {
    "explains": True,
    "sign_in": True,
    "rows_are_a_right": True,
    "is_locked": True,
    "kept_days": 90,
    "fewest": 10,
}  # fmt: skip
ABOUT_THE_APP = {"P3", "P7", "P8", "R2", "R5", "R8"}


def told(facts: Facts) -> dict[str, Answer]:
    return {a.question.code: a for a in answers(facts)}


def facts_of(book: Book, version: int = 1, **changes: Any) -> Facts:
    setup = BEST_SETUP | {"n_records": len(book.records)} | changes
    return Facts(standing=book.standing(), version=version, policy=book.policy(version), **setup)


def signed_book(policy: Policy | None = None, *, stage: str | None = "all") -> Book:
    book = Book()
    content = book.draft(policy or make_policy())
    book.submit(content)
    book.sign(content, "Dora Expert", "domain expert", verified=True)
    book.sign(content, "Rita Owner", "risk owner")
    if stage is not None:
        book.activate(stage=stage)
    return book


def two_versions() -> Book:
    book = signed_book()
    first = book.standing().version(1).content_hash
    second = make_policy(band__lo=0.3).numbered(2, first)
    content = book.draft(second, parent=first)
    book.submit(content, version=2)
    book.sign(content, "Dora Expert", "domain expert", version=2)
    book.sign(content, "Rita Owner", "risk owner", version=2)
    book.activate(version=2)
    return book


# --- the list ---


def test_there_are_eight_principles_and_eight_red_flags_in_their_order():
    codes = [q.code for q in QUESTIONS]

    assert codes == [f"P{n}" for n in range(1, 9)] + [f"R{n}" for n in range(1, 9)]


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.part == "red_flags"], ids=lambda q: q.code)
def test_the_items_of_a_red_flag_are_of_its_criterion(question: Any):
    items = question.items.split(" and ")

    assert {item.split(".")[0] for item in items} == {str(question.number)}


# --- without a policy ---


def test_without_a_policy_only_the_app_itself_can_answer():
    found = told(Facts(**BEST_SETUP))

    assert {code for code, a in found.items() if a.state is not OPEN} == ABOUT_THE_APP
    assert {e.seq for a in found.values() for e in a.evidence} == {None}


def test_an_app_that_nobody_set_up_answers_nothing():
    found = told(Facts())

    assert {a.state for code, a in found.items() if code != "P3"} == {OPEN}
    assert found["P3"].state is OUTSIDE


def test_records_that_cannot_be_read_are_not_taken_for_none():
    found = told(Facts(**BEST_SETUP, finding="Record 3 was edited."))

    assert {code for code, a in found.items() if "cannot be relied on" in a.words} == {
        q.code for q in QUESTIONS
    } - (ABOUT_THE_APP - {"R2"})


# --- a policy from draft to its end ---


def test_an_approved_policy_answers_what_records_can_answer_and_no_more():
    found = told(facts_of(signed_book()))

    assert {c for c, a in found.items() if a.state is ANSWERED} == {"P1", "P4", "P5", "P6", "R1", "R5", "R6"}
    assert {a.state for a in found.values()} == {ANSWERED, PARTLY}


@pytest.mark.parametrize("stage", ["draft", "review", "expired", "revoked"])
def test_a_policy_that_is_not_approved_or_has_ended_answers_in_part(stage: str):
    book = Book() if stage in {"draft", "review"} else signed_book()
    if stage in {"draft", "review"}:
        content = book.draft(make_policy())
    if stage == "review":
        book.submit(content)
        book.sign(content, "Dora Expert", "domain expert")
    if stage == "revoked":
        reason = {"sealed": book.seal("The costs have doubled.")}
        book.write("policy.revoke", "Rita Owner", {"version": 1, "role": "risk owner", "reason": reason})
    facts = facts_of(book)
    if stage == "expired":
        later = book.now.replace(year=book.now.year + 2)
        facts = replace(facts, standing=book.standing(later))

    found = told(facts)

    assert [found[code].state for code in ("P1", "P4", "P5", "P6", "R1", "R6")] == [PARTLY] * 6
    says = {
        "draft": "is a draft: the required roles have not approved it",
        "review": "is in review; not approved yet as risk owner",
        "expired": "is expired and decides nothing any more",
        "revoked": "is revoked and decides nothing any more",
    }[stage]
    assert says in found["P1"].words


def test_a_suspended_policy_says_that_everything_goes_to_a_person():
    book = signed_book()
    reason = {"sealed": book.seal("The figures of last week do not fit.")}
    book.write("policy.suspend", "Otto Operator", {"version": 1, "cause": "person", "reason": reason})

    assert "suspended: everything goes to a person" in told(facts_of(book))["P1"].words


# --- what is missing is said ---


@pytest.mark.parametrize(
    ("changes", "code", "state", "says"),
    [
        ({"harm__wrong_refusal": None}, "P1", PARTLY, "does not state yet what a wrong decision does"),
        ({"harm__answerable": None}, "R6", PARTLY, "is not stated yet"),
        ({"alternatives": []}, "R6", PARTLY, "No other band"),
        ({"people_before": None}, "P5", OPEN, "does not state yet what changes"),
        ({"cost": None}, "P6", PARTLY, "Nobody stated what an error costs"),
        ({"settings__limits": []}, "P6", ANSWERED, "No limits were set."),
        ({"metrics__groups": []}, "P2", OPEN, "no sensitive column was named"),
        ({"code__git": None}, "P4", PARTLY, "but not the state of the program’s source."),
        ({"code__dirty": True}, "P4", PARTLY, "but not the changes that were made to the program’s source."),
        ({"code__lockfile_sha256": None}, "P4", PARTLY, "but not the list of libraries"),
        ({"model__sha256": None}, "P4", PARTLY, "but not the model."),
        ({"score": {"source": "column", "column": "s"}}, "P4", PARTLY, "scores came as a column."),
        ({"metrics__overall__review": 0.0}, "P1", PARTLY, "sends 0 to a person"),
    ],
)
def test_what_a_policy_lacks_is_said(changes: dict[str, Any], code: str, state: AnswerState, says: str):
    answer = told(facts_of(signed_book(make_policy(**changes))))[code]

    assert answer.state is state
    assert says in answer.words


def test_a_measure_without_its_interval_is_named():
    rates = make_policy().content()["metrics"]["overall"]["rates"]
    rates["bad_auto_approved"] |= {"low": None, "high": None}

    answer = told(facts_of(signed_book(make_policy(metrics__overall__rates=rates))))["R1"]

    assert answer.state is PARTLY
    assert "Without a number and its interval: wrongly approved by the machine." in answer.words


def test_groups_that_are_too_small_are_counted_and_named():
    found = told(facts_of(signed_book()))

    assert "of sex and age:" in found["P2"].words
    assert "1 of 5 groups has fewer than 30 rows" in found["P2"].words
    assert "Too few rows to speak for: sex = (missing)." in found["R3"].words
    assert "1,000 of 8,000 rows of applications 2026.csv (test)" in found["R3"].words


# --- versions ---


def test_the_first_version_has_no_way_back_and_the_second_has_one():
    first, second = (told(facts_of(book, n))["R4"] for book, n in ((signed_book(), 1), (two_versions(), 2)))

    assert (first.state, second.state) == (PARTLY, ANSWERED)
    assert "no version to go back to" in first.words
    assert "2 versions" in second.words
    assert "leads back to version 1" in second.words
    assert [e.label for e in second.evidence] == ["Version 2 drafted", "Version 2 put into use, stage all"]


def test_there_is_no_way_back_to_a_version_whose_time_is_over():
    book = two_versions()
    second, first = book.standing().version(2), book.standing().version(1)
    assert first.expires_at is not None
    assert second.expires_at is not None
    assert first.expires_at < second.expires_at

    facts = replace(facts_of(book, 2), standing=book.standing(first.expires_at))

    assert told(facts)["R4"].state is PARTLY


def test_every_stage_is_a_step():
    book = signed_book(stage="shadow")
    book.write("policy.stage", "Otto Operator", {"version": 1, "stage": "all", "share": None})

    answer = told(facts_of(book))["R7"]

    assert answer.state is PARTLY
    assert "in 2 steps" in answer.words
    assert [e.label for e in answer.evidence][1:] == [
        "Version 1 put into use, stage shadow",
        "Version 1 moved to stage all",
    ]


# --- evidence ---


def test_an_answer_names_the_records_it_rests_on():
    book = signed_book()
    by_kind = [(r.seq, r.hash) for r in book.records if r.kind in {"policy.draft", "policy.signature"}]
    drafted, _author, expert, owner = by_kind

    evidence = told(facts_of(book))["P1"].evidence

    assert [(e.seq, e.hash) for e in evidence] == [drafted, expert, owner]
    assert [e.label for e in evidence] == [
        "Version 1 drafted",
        "Approved as domain expert",
        "Approved as risk owner (under a name that nobody checked)",
    ]
    assert evidence[0].words == f"Version 1 drafted: record 1, sha256 {drafted[1][:12]}…"


def test_no_answer_repeats_what_somebody_wrote_or_is_called():
    book = signed_book()
    words = " ".join(a.words + " ".join(e.words for e in a.evidence) for a in told(facts_of(book)).values())

    own = [
        "arrears", "would have repaid", "Head of consumer lending", "Six officers", "Wider, for the first month",
        "Consumer loans up to", "forty cases", "Dora", "Rita", "Anna", "Otto",
    ]  # fmt: skip
    assert [text for text in own if text in words] == []


def test_erasing_every_text_changes_no_answer():
    book = signed_book()
    before = told(facts_of(book, n_records=7))
    for text in (
        "The household",
        "Somebody who",
        "Head of",
        "Six officers",
        "Consumer loans",
        "Wider",
        "Dora Expert",
    ):
        book.erase(text)

    assert told(facts_of(book, n_records=7)) == before


def test_every_page_that_is_named_is_a_page_of_the_app():
    pages = Path(__file__).parents[3] / "pages"
    titles = set()
    for path in pages.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "PAGE":
                titles.add(ast.literal_eval(node.value)["title"])

    named = {e.page for a in answers(facts_of(signed_book())) for e in a.evidence if e.page is not None}

    assert len(named) >= 5
    assert named <= titles


# --- the ledger and the app ---


def test_a_broken_ledger_answers_nothing_that_rests_on_it():
    book = signed_book()
    whole = told(facts_of(book, checkpoint=6))
    found = told(facts_of(book, checkpoint=6, finding="Record 3 was edited."))

    assert {c for c, a in found.items() if a.state is ANSWERED} == {"R5"}
    assert "The chain of records is broken" in found["P1"].words
    assert "The chain of records is broken" not in found["R5"].words
    assert (whole["P8"].state, found["P8"].state) == (PARTLY, OPEN)
    assert "holds it fast up to record 6" in whole["P8"].words
    assert "Record 3 was edited." in found["P8"].words
    assert "holds it fast" not in found["P8"].words


@pytest.mark.parametrize(
    ("setup", "states"),
    [
        ({"sign_in": True, "rows_are_a_right": True}, {"P7": PARTLY, "R5": ANSWERED, "R8": PARTLY}),
        ({"sign_in": False, "rows_are_a_right": True}, {"P7": PARTLY, "R5": PARTLY, "R8": OPEN}),
        ({"sign_in": False, "rows_are_a_right": False}, {"P7": OPEN, "R5": OPEN, "R8": OPEN}),
        ({"is_locked": False}, {"P8": OPEN}),
        ({"explains": False}, {"P3": OUTSIDE, "R2": PARTLY}),
    ],
)
def test_how_the_app_is_set_up_decides_what_it_can_say(setup: dict[str, Any], states: dict[str, AnswerState]):
    found = told(facts_of(signed_book(), **setup))

    assert {code: found[code].state for code in states} == states


def test_retention_and_hidden_numbers_are_told_as_set():
    found = told(Facts(**BEST_SETUP))
    without = told(Facts(**(BEST_SETUP | {"kept_days": 0, "fewest": 0})))

    assert "deleted after 90 days" in found["P7"].words
    assert "kept until somebody deletes it" in without["P7"].words
    assert "fewer than 10 people" in found["R8"].words
    assert "also of few people" in without["R8"].words


def test_the_count_adds_up():
    assert (
        tally_words(answers(Facts())) == "16 questions: 0 answered, 0 in part, 15 open, 1 outside this app."
    )
    assert (
        tally_words(answers(facts_of(signed_book())))
        == "16 questions: 7 answered, 9 in part, 0 open, 0 outside this app."
    )
