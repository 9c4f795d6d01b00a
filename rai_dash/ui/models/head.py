"""The chips of the page on candidates: which set judges which models, whatever the sidebar looks at."""

from __future__ import annotations

import streamlit as st

from rai_dash.ui import rests_on
from rai_dash.ui.models.look import Look
from rai_dash.ui.text import badge_text, count


def chips(look: Look) -> None:
    """Show the test set, how many of its rows are compared, the two models and the favourable outcome."""
    data = look.found.data
    roles, total = data.dataset.roles, data.dataset.n_rows
    rows = f"{count(look.found.n)} of {count(total)} rows" if look.found.n < total else f"{count(total)} rows"
    if rests_on.is_sampled(data.dataset):
        rows = f"{rows} in a sample of {count(data.dataset.n_all)}"
    with st.container(horizontal=True, gap="small"):
        st.badge(f"Test set: {badge_text(data.title)}", icon=":material/fact_check:", color="gray")
        st.badge(rows, icon=":material/group:", color="gray")
        st.badge(
            f"Now: {badge_text(look.current.model.title)}", icon=":material/model_training:", color="gray"
        )
        st.badge(
            f"Candidate: {badge_text(look.candidate.model.title)}", icon=":material/balance:", color="gray"
        )
        if roles.target:
            good = ", ".join(badge_text(value) for value in roles.favourable)
            st.badge(f"Favourable: {badge_text(roles.target)} = {good}", icon=":material/flag:", color="gray")
