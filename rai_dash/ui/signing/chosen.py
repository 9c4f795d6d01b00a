"""Which policy the Sign-off page is about."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.core.texts import mark, tr
from rai_dash.govern.people import AppRole
from rai_dash.govern.standing import Standing
from rai_dash.ui import controls, rights, widgets
from rai_dash.ui.signing import acting, desk
from rai_dash.ui.state import View
from rai_dash.ui.text import plain, safe

_NEW: Final = mark("A new policy")
_NONE: Final = mark("Choose a policy")


def policy(view: View) -> Standing | None:
    """Say what the last action did, and let the user pick a policy where there is a choice; None = there is none."""
    acting.told()
    offer = desk.on_offer(view)
    found = desk.looked_at(view, offer)
    named = view.choices.policy
    if named and named != desk.ANOTHER and named not in offer.standings:
        shown = "" if found is None else tr(" What is shown is the newest policy on your data.")
        widgets.notice(
            tr(
                "The address names the policy {named}, which is not in these records. Was the link copied as "
                "a whole, and is it of this server?{shown}",
                named=safe(named, limit=80),
                shown=shown,
            )
        )
    names = {name: _name(standing) for name, standing in offer.standings.items()}
    if found is None and names:
        names[desk.ANOTHER] = tr(_NEW) if rights.may(AppRole.ANALYST) else tr(_NONE)
    if len(names) > 1:
        picked = desk.ANOTHER if found is None else found.policy_id
        with st.container(width=560):
            controls.pick(tr("Policy"), "policy", list(names), names, current=picked)
    return found


def nothing(view: View) -> str:
    """Say, escaped, that there is no policy to look at, and what that means."""
    if view.choices.policy == desk.ANOTHER and desk.on_offer(view).standings:
        return tr("A new policy, beside those there are: nothing has been stated in it yet.")
    return tr("Nothing has been stated about these data yet: a person decides every application.")


def another(view: View) -> None:
    """Offer to start a policy beside the one that is looked at."""
    if rights.may(AppRole.ANALYST) and view.choices.policy != desk.ANOTHER:
        st.button(
            tr("Start another policy"), icon=":material/add:", key="sign_another", type="tertiary",
            on_click=desk.open_policy, args=(desk.ANOTHER,),
        )  # fmt: skip


def _name(standing: Standing) -> str:
    latest = standing.latest
    what = f"{plain(latest.title, limit=60)} ({plain(latest.environment, limit=20)})"
    return tr(
        "{what}, version {version} {state}", what=what, version=latest.version, state=latest.state.words
    )
