"""The sentences of the Sign-off page, and whether limits are kept by the figures of the policy alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.policy_changes import compare
from rai_dash.ui.signing import words
from rai_dash.ui.signing.kept_limits import LimitLine, limit_lines
from rai_dash.ui.signing.stating import new_policy_id
from rai_dash.ui.signing.words import Tone
from tests.certificates import Book, make_policy, signed_book

DAYS = (60, 30, 7)


def lines(book: Book, now: datetime | None = None) -> list[tuple[str, Tone]]:
    at = now or book.now
    return [(line.text, line.tone) for line in words.status_lines(book.standing(at), at, DAYS)]


def test_the_line_of_every_state():
    draft = Book()
    content = draft.draft(make_policy())
    assert lines(draft) == [("Policy: a draft, nobody has signed it", Tone.OPEN)]
    draft.submit(content)
    assert lines(draft) == [("Policy: in review, waits for domain expert and risk owner", Tone.OPEN)]
    book = signed_book()
    assert lines(book) == [("Policy: signed on 29 Nov 2026, not in use yet", Tone.OPEN)]
    book.activate(stage="share", share=0.2)
    assert lines(book) == [("Policy: active since 29 Nov 2026, for 20 % of the cases", Tone.GOOD)]


def test_the_line_reminds_before_the_end_and_then_says_who_decides():
    book = signed_book()
    book.activate()
    end = book.now.replace(year=2027)

    assert lines(book, end - timedelta(days=61)) == [
        ("Policy: active since 29 Nov 2026, for all cases", Tone.GOOD)
    ]
    assert lines(book, end - timedelta(days=60))[1:] == [("It expires in 60 days, on 29 Nov 2027", Tone.SOON)]
    assert lines(book, end - timedelta(hours=30))[1:] == [("It expires in 1 day, on 29 Nov 2027", Tone.SOON)]
    assert lines(book, end - timedelta(hours=1))[1:] == [
        ("It expires in less than a day, on 29 Nov 2027", Tone.SOON)
    ]
    assert lines(book, end) == [("Policy: expired on 29 Nov 2027, everything goes to a person", Tone.BAD)]


def test_a_new_version_in_review_does_not_hide_who_decides():
    book = signed_book()
    book.activate()
    second = make_policy(version=2, band__lo=0.3)
    content = book.draft(second, parent=book.standing().latest.content_hash)
    book.submit(content, version=2)

    assert lines(book) == [
        ("Policy: active since 29 Nov 2026, for all cases", Tone.GOOD),
        ("Version 2: in review, waits for domain expert and risk owner", Tone.OPEN),
    ]


@pytest.mark.parametrize(
    ("role", "signs_as", "told"),
    [
        (AppRole.VIEWER, None, "You can read it; you are not asked to approve it."),
        (AppRole.EXPERT, frozenset({"risk owner"}), "You can sign below as risk owner."),
        (AppRole.EXPERT, frozenset({"compliance"}), "You can read it; you are not asked to approve it."),
        (AppRole.OPERATOR, None, "You can sign below as domain expert or risk owner."),
    ],
)
def test_what_somebody_can_do_follows_their_rights(role: AppRole, signs_as: frozenset[str] | None, told: str):
    book = Book()
    book.submit(book.draft(make_policy()))
    person = Person(name="Dom", subject="Dom", role=role, signs_as=signs_as)

    assert words.you_words(person, book.standing().latest).endswith(told)
    own = words.you_words(person, book.standing().latest, is_author=True)
    assert own.endswith("You wrote it, so others have to approve it.")


def test_limits_are_held_against_the_figures_that_were_signed():
    # Of the 1,000: 233 to a person; 61 of 767 wrong; wrongly declined 21 of 290 women, 10 of 308 men.
    policy = make_policy(
        settings__limits=[
            "review at most 25 %",
            "automated error at most 7 %",
            "wrongly declined gap between women and men (sex) at most 5 points",
            "wrongly declined gap by sex at most 3 points",
            "cost at most 66",
            "nothing that can be read",
        ]
    )

    assert list(limit_lines(policy)) == [
        LimitLine("review at most 25 %", "23 %", is_kept=True),
        LimitLine("automated error at most 7 %", "8.0 %", is_kept=False),
        LimitLine(
            "wrongly declined gap between women and men (sex) at most 5 points", "4 points", is_kept=True
        ),
        LimitLine("wrongly declined gap by sex at most 3 points", "4 points", is_kept=False),
        LimitLine("cost at most 66", "65.83", is_kept=True),
        LimitLine("nothing that can be read", "–", is_kept=None),
    ]


def test_what_differs_is_named_and_what_follows_is_counted():
    old = make_policy()

    assert words.differing_words(compare(old, make_policy(band__lo=0.3))) == "the band"
    both = make_policy(band__lo=0.3, metrics__overall__rates__review_rate__value=0.3)
    assert words.differing_words(compare(old, both)) == "the band, and 1 figure with it"


def test_a_new_policy_gets_a_name_that_nobody_guesses():
    names = {new_policy_id("Consumer loans, Köln") for _ in range(50)}

    assert len(names) == 50
    assert all(name.startswith("consumer-loans-koln-") and len(name) == 26 for name in names)
    assert len(new_policy_id("x" * 500)) <= 64
