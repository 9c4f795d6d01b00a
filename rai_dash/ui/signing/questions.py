"""The questions of the Institute, each with what the records of this app say to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import pandas as pd
import streamlit as st

from rai_dash.core.errors import LedgerBroken
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import mark, tr
from rai_dash.govern.in_use import in_use
from rai_dash.govern.questions import LISTS, Answer, AnswerState, Facts, InUse, answers, tally_words
from rai_dash.govern.standing import Standing
from rai_dash.sandbox.lock import Level
from rai_dash.sandbox.selftest import self_test
from rai_dash.ui import identity, widgets
from rai_dash.ui.signing import desk
from rai_dash.ui.state import View
from rai_dash.ui.text import badge_text, safe

#: Icon and colour of a state; its word always stands beside them.
_LOOKS: Final[Mapping[AnswerState, tuple[str, Literal["green", "orange", "red", "gray"]]]] = {
    AnswerState.ANSWERED: (":material/check_circle:", "green"),
    AnswerState.PARTLY: (":material/incomplete_circle:", "orange"),
    AnswerState.OPEN: (":material/radio_button_unchecked:", "red"),
    AnswerState.OUTSIDE: (":material/block:", "gray"),
}
_CREDIT: Final = mark(
    "After the [principles](https://ethical.institute/principles.html) and the [Machine Learning "
    "Maturity Model](https://ethical.institute/mlmm.html) of the Institute for Ethical AI & Machine "
    "Learning, in our words. An answer is no certificate: it says what is on record, and what this app "
    "cannot know."
)
#: Longest answer that is shown.
_LONGEST: Final = 3_000


def draw(view: View) -> None:
    """Draw both lists with a count on top and all answers as a table at the end."""
    facts = facts_of(view)
    found = answers(facts)
    widgets.finding(safe(tally_words(found), limit=600))
    if facts.finding is not None:
        widgets.problem(safe(facts.finding, limit=600))
    widgets.note(safe(_about(facts), limit=600))
    for part, title in LISTS.items():
        widgets.heading(title)
        for answer in found:
            if answer.question.part == part:
                _row(answer)
    widgets.note(tr(_CREDIT))
    widgets.numbers(
        lambda: table(found),
        name="questions",
        key="questions",
        label=tr("All questions and answers as a table"),
    )


def facts_of(view: View) -> Facts:
    """Gather what the questions are answered from: the policy of the view, the ledger, and how the app is set up.

    Raises
    ------
    RaiError
        When the store cannot be read.
    """
    person, settings = identity.visitor(), get_settings()
    room = desk.room()
    broken = next((f.message for f in room.store().verify()), None)
    standing, policy, use = None, None, InUse()
    try:
        standing = desk.looked_at(view, desk.on_offer(view))
        if standing is not None:
            policy = room.policy(standing.policy_id, _version(standing))
            use = in_use(room.store(), policy, clock=desk.now)
    except LedgerBroken as error:
        broken = broken or error.message
    checkpoint = next(reversed(room.store().checkpoints()), None)
    return Facts(
        standing=standing,
        version=0 if standing is None else _version(standing),
        policy=policy,
        n_records=len(room.store().records()),
        finding=broken,
        checkpoint=None if checkpoint is None else checkpoint.n,
        explains=view.judgement.model is not None,
        sign_in=person.is_verified,
        rows_are_a_right=person.is_verified or not settings.local_sees_rows,
        is_locked=self_test().level is Level.FULL,
        kept_days=settings.retention_days,
        fewest=settings.smallest_export_cell,
        batch_days=settings.batch_days if settings.keep_batch_rows else 0,
        use=use,
    )


def _version(standing: Standing) -> int:
    return (standing.active or standing.latest).version


def _about(facts: Facts) -> str:
    subject = facts.subject
    if subject is None and facts.finding is not None:
        return tr(
            "The policy of these data cannot be read; what is answered is how the app itself is set up."
        )
    if subject is None:
        return tr("No policy rests on these data yet; what is answered is how the app itself is set up.")
    return tr(
        "About version {version} of {status}.", version=subject.status.version, status=subject.status.title
    )


def _row(answer: Answer) -> None:
    question = answer.question
    icon, color = _LOOKS[answer.state]
    with st.container(border=True, gap="small"):
        widgets.paragraph(
            f"**{safe(question.code)} {safe(question.title)}.** {safe(question.ask, limit=_LONGEST)}"
        )
        st.badge(badge_text(answer.state.words), icon=icon, color=color)
        widgets.paragraph(safe(answer.words, limit=_LONGEST))
        rests = "; ".join(safe(e.words, limit=600) for e in answer.evidence)
        widgets.note(tr("**Rests on:** {rests}", rests=rests or tr("nothing yet")))
        widgets.note(tr("**Not answered here:** {beyond}", beyond=safe(question.beyond, limit=_LONGEST)))


def table(found: Sequence[Answer]) -> pd.DataFrame:
    """Return the answers as a table, one a row."""
    return pd.DataFrame(
        {
            "question": [a.question.code for a in found],
            "title": [a.question.title for a in found],
            "asked": [a.question.ask for a in found],
            "state": [a.state.words for a in found],
            "answer": [a.words for a in found],
            "rests on": ["; ".join(e.words for e in a.evidence) for a in found],
            "not answered here": [a.question.beyond for a in found],
            "source": [a.question.source for a in found],
        }
    )
