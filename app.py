"""The shell of RAI Dash: page settings, warm-up, navigation. Run it with ``make run``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from rai_dash.ui.shell import navigate, warm_up

st.set_page_config(
    page_title="RAI Dash", page_icon=str(Path(__file__).parent / "docs" / "icon.png"), layout="wide"
)
warm_up()
page = navigate()
# Each page has a title of its own: it is what a screen reader says first, and what a tab and the history show.
st.set_page_config(page_title=f"{page.title} · RAI Dash")
page.run()
