"""Try the queue where nothing is signed: today's band, a queue of this session alone, and nothing is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.samples import bundled_cases
from rai_dash.ui import rests_on, rights, widgets
from rai_dash.ui.monitoring.basis import rehearsed
from rai_dash.ui.queue import room
from rai_dash.ui.signing import acting
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe

if TYPE_CHECKING:
    from rai_dash.case import Judgement
    from rai_dash.govern.queue.practice import Practice
    from rai_dash.govern.queue.views import QueueLine

#: More rows would take long, and nobody practises on so many.
MOST_ROWS: Final = 20_000
_KEPT: Final = "queue_practice"


def of(view: View) -> Practice | None:
    """Return what is practised on these data; None = nothing. Of other data it is dropped."""
    found = st.session_state.get(_KEPT)
    if found is None:
        return None
    about, practice = found
    if about != _about(view):
        end()
        return None
    return practice  # type: ignore[no-any-return]


def offer(view: View) -> None:
    """Offer a practice where these data have scores, and their rows may be put into a file for a while."""
    judgement = view.judgement
    if not (view.case.data and judgement.has_scores and rights.rows_shown() and _may_be_written(judgement)):
        return
    if judgement.data.dataset.n_rows > MOST_ROWS:
        widgets.note(
            tr(
                "To practise without a policy, look at data of {most_rows} rows at most.",
                most_rows=count(MOST_ROWS),
            )
        )
        return
    rests_on.sample_note(judgement.data.dataset, tr("a practice shows single applications"))
    widgets.paragraph(
        tr("Nothing is signed. Try the queue with today's band; nothing that you decide is recorded.")
    )
    if st.button(tr("Practise with today's band"), icon=":material/school:", key="queue_practise"):
        acting.act(lambda: _begin(view), tr("This is a practice."))


def told(practice: Practice) -> None:
    """Say on top of everything that this is no real queue, and let it end."""
    band = practice.policy.review_band
    ends = " to ".join("–" if end is None else f"{100 * end:g} %" for end in (band.lo, band.hi))
    widgets.notice(
        tr(
            "**Practice.** Nobody has signed the band ({ends}), and nothing here is recorded: it ends with "
            "this session, and its figures are about nobody.",
            ends=safe(ends),
        )
    )
    if st.button(tr("End the practice"), icon=":material/close:", type="tertiary", key="queue_practise_end"):
        acting.act(end, tr("The practice is over; nothing of it is kept."))


def line_of(practice: Practice) -> QueueLine:
    """Return how far the practice is."""
    return practice.desk(room.visitor()).lines()[0]


def end() -> None:
    """Drop the practice."""
    _, practice = st.session_state.pop(_KEPT, (None, None))
    if practice is not None:
        practice.close()


def _begin(view: View) -> None:
    from rai_dash.govern.queue.practice import Practice

    rights.require_rows()
    judgement = view.judgement
    if not _may_be_written(judgement):
        msg = "The rows of these data are not put into a file here, not even for a while. Practise on a bundled case."
        raise InvalidChoice(msg)
    end()
    model = None if judgement.model is None else judgement.model.model.info.fingerprint
    made = Practice(rehearsed(view).policy, judgement.data.dataset, judgement.score, model=model)
    st.session_state[_KEPT] = (_about(view), made)


def _may_be_written(judgement: Judgement) -> bool:
    """Whether rows may be in a file for a while: the operator lets them be kept, or they ship with the app."""
    shipped = (part.sha256 for case in bundled_cases().values() for part in case.datasets)
    return get_settings().keep_batch_rows or judgement.data.dataset.fingerprint in shipped


def _about(view: View) -> tuple[str, str, str]:
    return view.case.id, view.choices.data, view.choices.model
