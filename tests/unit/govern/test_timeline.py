from __future__ import annotations

from datetime import timedelta

from rai_dash.govern.timeline import timeline_words
from tests.certificates import WHY, Book, make_policy, signed_book


def test_everything_that_was_done_is_one_line_each_and_dissent_stays():
    book = signed_book()
    book.activate(stage="share", share=0.2)
    book.write("policy.stage", "Otto Operator", {"version": 1, "stage": "all", "share": None})
    lines = timeline_words(book.standing())
    assert [line.headline for line in lines] == [
        "Anna Author drafted version 1",
        "Anna Author put version 1 forward for review",
        "Anna Author signed version 1 as its author",
        "Rita Risk rejected version 1 as risk owner",
        "Anna Author put version 1 forward for review",
        "Anna Author signed version 1 as its author",
        "Zoë Müller-Šimić approved version 1 as domain expert",
        "Rita Risk approved version 1 as risk owner",
        "Otto Operator put version 1 into use, for 20 % of the cases",
        "Otto Operator set version 1 to work for all cases",
    ]
    assert [line.seq for line in lines if line.is_dissent] == [4]
    assert [line.hash for line in lines] == [record.hash for record in book.records]
    assert lines[6].detail == WHY


def test_an_expiry_has_a_line_of_its_own_without_a_record():
    book = signed_book()
    book.activate()
    lines = timeline_words(book.standing(book.now + timedelta(days=400)))
    assert lines[-1].headline == "Version 1 expired: what it decided goes to a person"
    assert (lines[-1].seq, lines[-1].hash) == (None, None)
    assert lines[-1].at == book.now.replace(year=book.now.year + 1)


def test_suspension_revocation_and_an_erased_name():
    book = signed_book()
    book.activate()
    reason = {"sealed": book.seal("The monitor found a breach.")}
    book.write("policy.suspend", "Otto Operator", {"version": 1, "cause": "person", "reason": reason})
    book.write("policy.lift", "Otto Operator", {"version": 1, "cause": "person", "reason": reason})
    book.write("policy.revoke", "Rita Risk", {"version": 1, "role": "risk owner", "reason": reason})
    book.erase("Otto Operator")
    assert [line.headline for line in timeline_words(book.standing())][-4:] == [
        "(name erased) put version 1 into use, for all cases",
        "(name erased) suspended version 1: everything goes to a person",
        "(name erased) lifted the suspension of version 1",
        "Rita Risk revoked version 1 as risk owner: that is final",
    ]


def test_a_draft_alone():
    book = Book()
    book.draft(make_policy())
    assert [line.headline for line in timeline_words(book.standing())] == ["Anna Author drafted version 1"]
