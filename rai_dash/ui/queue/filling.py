"""Put the data that are looked at into a queue, by the active policy."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import mark, tr
from rai_dash.data.all_rows import require_all_rows
from rai_dash.govern.people import AppRole
from rai_dash.govern.queue.reasons import reason_words
from rai_dash.ui import identity, rights, state, widgets
from rai_dash.ui.queue import practising, room
from rai_dash.ui.signing import acting
from rai_dash.ui.signing import desk as policies
from rai_dash.ui.state import View
from rai_dash.ui.text import count, percent, plain, safe, sentence

_FILLING = mark("Filling a review queue")
_KEEP = mark(
    "The rows of production batches are not kept here, and a review queue shows them to people. The "
    "operator turns it on with the setting RAI\\_DASH\\_KEEP\\_BATCH\\_ROWS=true; rows are then kept for "
    "{days} days."
)


def filling(view: View) -> None:
    """Show the form, or what stands in its way."""
    settings = get_settings()
    if not settings.keep_batch_rows:
        widgets.notice(tr(_KEEP, days=count(settings.batch_days)))
        practising.offer(view)
        return
    active = _active(view)
    if not active:
        _no_policy()
        practising.offer(view)
        return
    if not view.case.data or not view.judgement.has_scores:
        widgets.missing_box(
            widgets.Missing(tr("There is no batch with scores: upload one on the Start page."))
        )
        return
    if not (rights.can_do(AppRole.ANALYST, tr(_FILLING)) and rights.rows_shown()):
        return
    data = view.judgement.data
    try:
        require_all_rows(data.dataset, tr(_FILLING))
    except RaiError as error:
        widgets.notice(sentence(error.message))
        return
    widgets.paragraph(
        tr(
            "**{data}** has {n_rows} applications. Everybody whom the policy sends to a person goes into the "
            "queue, with {audit_sample_rate} of the automatic decisions, drawn by lot; {second_read_rate} of "
            "all are read by two people. Choose other data in the sidebar.",
            data=safe(data.title),
            n_rows=count(data.dataset.n_rows),
            audit_sample_rate=percent(settings.audit_sample_rate),
            second_read_rate=percent(settings.second_read_rate),
        )
    )
    acting.ask_for_a_name()
    if not acting.is_known():
        return
    with st.form(acting.key("queue_fill"), border=False):
        policy = st.selectbox(
            tr("Policy"), list(active), format_func=lambda name: active[name], key=acting.key("queue_policy")
        )
        label = st.text_input(
            tr("What the batch is called"),
            value=plain(data.title),
            max_chars=200,
            key=acting.key("queue_label"),
        )
        is_sent = st.form_submit_button(tr("Fill the queue"), icon=":material/playlist_add:")
    if is_sent:
        acting.act(lambda: _fill(view, policy, label), tr("The queue is filled."))
    _reasons()


def _fill(view: View, policy: str, label: str) -> None:
    rights.require_role(AppRole.ANALYST, tr(_FILLING))
    rights.require_rows()
    identity.who()
    judgement = view.judgement
    model = None if judgement.model is None else judgement.model.model.info.fingerprint
    queue = room.acting_desk().fill(policy, judgement.data.dataset, judgement.score, label=label, model=model)
    state.choose(queue=queue.id, queue_view="")


def _active(view: View) -> dict[str, str]:
    """Name the active versions that may be opened from here, by the id of their policy."""
    standings = policies.on_offer(view).standings
    return {
        name: plain(
            tr("{active} (version {version})", active=standing.active.title, version=standing.active.version)
        )
        for name, standing in standings.items()
        if standing.active is not None
    }


def _no_policy() -> None:
    st.info(
        tr(
            "No policy is active for this case, so nothing says who goes to a person. Sign one and put it "
            "into force."
        ),
        icon=":material/info:",
    )
    if st.button(tr("Go to sign-off"), icon=":material/arrow_forward:", key="queue_to_sign_off"):
        st.switch_page("pages/sign_off.py", query_params=state.choices().to_query())


def _reasons() -> None:
    with st.expander(tr("Reasons that reviewers choose from"), icon=":material/list:"):
        for words in reason_words().values():
            st.markdown(f"- {safe(words)}")
        widgets.note(tr("The operator sets others with RAI\\_DASH\\_REVIEW\\_REASONS."))
