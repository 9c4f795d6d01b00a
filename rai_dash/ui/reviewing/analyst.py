"""What a data scientist looks at: every band, what may be promised, calibration, stability, noise, and the files."""

from __future__ import annotations

import json
from collections.abc import Callable

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.core.types import ScoreScale
from rai_dash.review.exported import DIALECTS, python_source, routing_vectors, sql_case
from rai_dash.ui import widgets
from rai_dash.ui.offering import file_button
from rai_dash.ui.reviewing import bands_map, handles, holding, limits, trust
from rai_dash.ui.reviewing.bench import Bench


def analyst(bench: Bench) -> None:
    """Draw the page for the data scientist."""
    handles.section(bench, bench.judged(by=limits.columns(bench)), has_chart=True)
    bands_map.section(bench)
    trust.guarantee(bench)
    trust.risk(bench)
    trust.inside(bench)
    holding.stability(bench)
    holding.noise(bench)
    holding.cohorts(bench)
    _files(bench)


def _files(bench: Bench) -> None:
    """Offer everything as JSON, and the routing as Python, SQL and test vectors."""
    with st.container(border=True):
        widgets.heading(tr("Take it with you"), tr("The same routes everywhere, to the last bit of a score"))
        with st.container(horizontal=True):
            _file(tr("All figures"), "band.json", lambda: _json(bench.judged().to_json()), "application/json")
            _file(
                tr("Routing in Python"),
                "route.py",
                lambda: python_source(bench.band, bench.view.case.always, scale=_scale(bench)),
                "text/x-python",
            )
            _file(
                tr("Test vectors"),
                "vectors.json",
                lambda: _json(routing_vectors(bench.band, bench.view.case.always, scale=_scale(bench))),
                "application/json",
            )
        dialect = st.selectbox(tr("SQL of"), DIALECTS, key="band_dialect", width=220)
        st.code(
            sql_case(bench.band, conditions=bench.view.case.always, dialect=dialect, scale=_scale(bench)),
            language="sql",
            wrap_lines=True,
        )


def _scale(bench: Bench) -> ScoreScale | None:
    """Return how the score column is written; None = the score is a probability, as a model gives it."""
    return None if bench.judgement.model is not None else bench.judgement.roles.scale


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)


def _file(label: str, name: str, make: Callable[[], str], mime: str) -> None:
    file_button(label, name, mime, make, key=f"band_{name}")
