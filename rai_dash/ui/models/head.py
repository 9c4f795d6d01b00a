"""The chips of the page on candidates: which set judges which models, whatever the sidebar looks at."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.ui import rests_on
from rai_dash.ui.models.look import Look
from rai_dash.ui.text import badge_text, count


def chips(look: Look) -> None:
    """Show the test set, how many of its rows are compared, the two models and the favourable outcome."""
    data = look.found.data
    roles, total = data.dataset.roles, data.dataset.n_rows
    rows = (
        tr("{found} of {total} rows", found=count(look.found.n), total=count(total))
        if look.found.n < total
        else tr("{total} rows", total=count(total))
    )
    if rests_on.is_sampled(data.dataset):
        rows = tr("{rows} in a sample of {n_all}", rows=rows, n_all=count(data.dataset.n_all))
    with st.container(horizontal=True, gap="small"):
        st.badge(
            tr("Test set: {data}", data=badge_text(data.title)), icon=":material/fact_check:", color="gray"
        )
        st.badge(rows, icon=":material/group:", color="gray")
        st.badge(
            tr("Now: {model}", model=badge_text(look.current.model.title)),
            icon=":material/model_training:",
            color="gray",
        )
        st.badge(
            tr("Candidate: {model}", model=badge_text(look.candidate.model.title)),
            icon=":material/balance:",
            color="gray",
        )
        if roles.target:
            good = ", ".join(badge_text(value) for value in roles.favourable)
            st.badge(
                tr("Favourable: {target} = {good}", target=badge_text(roles.target), good=good),
                icon=":material/flag:",
                color="gray",
            )
