from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rai_dash.core.errors import InvalidRecord, LedgerBroken
from rai_dash.govern._bodies import SealedText
from rai_dash.govern.journal import Journal, JournalBody
from rai_dash.govern.people import Person

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ADA = Person(name="Ada", subject="ada")


class Opened(JournalBody):
    share: float
    name: SealedText


class Closed(JournalBody):
    why: str


def journal_of(store, at=NOON):
    bodies = {"thing.open": Opened, "thing.close": Closed}
    return Journal(store, prefix="thing:", bodies=bodies, clock=lambda: at)


def test_entries_are_read_back_as_they_were_written(store):
    journal = journal_of(store)
    with journal.at_work("a", ADA) as work:
        work.write("thing.open", share=0.25, name=work.sealed("Young people"))
    with journal.at_work("b") as work:
        work.write("thing.close", why="done")
    first, second = journal.entries()
    assert (first.kind, first.subject, first.at, first.body.share) == ("thing.open", "a", NOON, 0.25)
    texts = journal.texts([first])
    assert texts[first.body.name.sealed] == "Young people"
    assert Person.of_text(texts[first.actor]).name == "Ada"
    assert (second.subject, second.actor, second.body.why) == ("b", "app", "done")
    assert journal.subjects() == ["a", "b"]
    assert journal.entries("b") == [second]
    assert journal.entries(after=first.seq) == [second]
    assert store.verify() == []


def test_a_transaction_sees_what_it_wrote_and_all_before(store):
    journal = journal_of(store)
    with journal.at_work("a", ADA) as work:
        work.write("thing.open", share=0.5, name=work.sealed("one"))
    with journal.at_work("a", ADA) as work:
        assert [e.kind for e in work.entries] == ["thing.open"]
        assert work.texts[work.entries[0].body.name.sealed] == "one"
        work.write("thing.close", why="x")
        assert [e.kind for e in work.entries] == ["thing.open", "thing.close"]


def test_nothing_is_written_when_the_work_fails_half_way(store):
    journal = journal_of(store)

    def half():
        with journal.at_work("a", ADA) as work:
            work.write("thing.close", why="x")
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert journal.entries() == []


def test_two_journals_write_in_one_transaction(store):
    journal = journal_of(store)
    with store.writing() as writing:
        with journal.at_work("a", writing=writing) as work:
            work.write("thing.close", why="x")
        with journal.at_work("b", writing=writing) as work:
            work.write("thing.close", why="y")
    assert [e.subject for e in journal.entries()] == ["a", "b"]


def test_a_clock_that_is_behind_does_not_turn_time_back(store):
    with journal_of(store).at_work("a") as work:
        work.write("thing.close", why="x")
    with journal_of(store, NOON - timedelta(hours=1)).at_work("a") as work:
        assert work.write("thing.close", why="y").at == NOON


@pytest.mark.parametrize("content", [{}, {"why": 3}, {"why": "x", "more": 1}])
def test_a_body_that_does_not_fit_is_refused_in_a_sentence(store, content):
    with journal_of(store).at_work("a") as work, pytest.raises(InvalidRecord, match=r"\."):
        work.write("thing.close", **content)


def test_a_foreign_record_is_named(store):
    store.append("thing.close", "other:a", "app", {"why": "x"})
    with pytest.raises(LedgerBroken, match="Record 1"):
        journal_of(store).entries()
