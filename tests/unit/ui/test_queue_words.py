"""The sentences of the Review queue page: singular and plural, and what a number may claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rai_dash.core.types import Estimate, ReviewBand
from rai_dash.govern.queue.bodies import Decision
from rai_dash.govern.queue.views import Finished, QueueLine, Revealed, Said
from rai_dash.ui.queue import words

NOW = datetime(2026, 11, 29, tzinfo=UTC)
LINE = QueueLine(
    id="q", label="l", policy_id="p", version=1, batch="b", model=None, filled_at=NOW, expires_at=NOW, cases=5,
    settled=1, waiting=4, escalated=2, for_me=3, blocked=0,
)  # fmt: skip
SHOWN = Revealed(
    queue="q", case=0, values={}, codes=(), until=NOW, row=0, score=0.62, band=ReviewBand(0.3, 0.5, 0.7),
    route="review", reason="in_band", side=True, own=Said(decision=Decision.REFUSE, codes=(), note=None),
)  # fmt: skip


@pytest.mark.parametrize(
    ("for_me", "waiting", "said"),
    [
        (3, 4, "3 cases wait for you."),
        (1, 4, "1 case waits for you."),
        (0, 0, "All 5 cases of this queue are settled."),
    ],
)
def test_a_line_says_how_much_there_is_to_do(for_me, waiting, said):
    assert words.line_words(replace(LINE, for_me=for_me, waiting=waiting)) == said


def test_a_line_does_not_tell_how_many_need_a_third_person():
    told = {words.line_words(replace(LINE, escalated=n, settled=5 - n)) for n in range(5)}
    assert len(told) == 1


def test_what_is_revealed_says_what_model_and_policy_did():
    told = words.revealed_words(SHOWN)
    assert told == (
        "You would **refuse** it. The model's score is **62 %**; at its threshold of 50 % it would approve. The policy "
        "sent it to a person: the score lies inside the review band."
    )
    declined = words.revealed_words(replace(SHOWN, score=None, side=None, route="reject", reason="below_lo"))
    assert "**no score**" in declined
    assert "The machine has **declined** it: the score lies below the band." in declined


def test_a_reason_of_a_condition_is_shown_as_text():
    told = words.revealed_words(replace(SHOWN, reason="**bold** [x](http://y)"))
    assert r"\*\*bold\*\*" in told
    assert "[x](http" not in told


def test_what_others_said_has_no_name_until_it_is_told():
    said = Said(decision=Decision.APPROVE, codes=("debts_high",), note="a *note*")
    assert (
        words.said_words(said) == r"Another person would **approve** it (Too much other debt). “a \*note\*”"
    )
    assert words.said_words(replace(said, name="B_b", note=None)).startswith(r"B\_b would")


@pytest.mark.parametrize(
    ("settled", "said"),
    [
        (None, "Another person reads this case as well."),
        (Decision.APPROVE, "The case is settled: approve."),
        (Decision.CANNOT_SAY, "Nobody could settle this case: decide it outside the queue."),
    ],
)
def test_what_came_of_a_decision(settled, said):
    done = Finished(case=0, changed=False, override=False, settled=settled, others=())
    assert words.finished_words(done) == said


@pytest.mark.parametrize(
    ("assumed", "said"),
    [
        (0.9, "fewer than the 90 % that the policy assumes"),
        (0.3, "more than the 30 % that the policy assumes"),
        (0.55, "the 55 % that the policy assumes are possible"),
    ],
)
def test_a_measured_share_is_compared_with_the_assumption_by_its_interval(assumed, said):
    found = Estimate(0.5, 0.4, 0.6, 50.0, 100.0)
    assert said in words._right("approve", "good", found, assumed)


def test_kappa_has_no_percent_and_a_real_minus():
    assert words.kappa_words(Estimate(-0.1, -0.4, 0.2)) == "−0.10"
    assert words.kappa_interval(Estimate(-0.1, -0.4, 0.2)) == "−0.40 to 0.20"
    assert words.kappa_interval(Estimate(1.0)) == "no interval: every pair agrees"
    assert words.kappa_words(Estimate.undefined("x")) == "–"
