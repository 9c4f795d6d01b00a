"""The applicants nearest to each line: an expert judges examples, not curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from rai_dash.core.errors import RaiError
from rai_dash.core.words import score_beside
from rai_dash.explain.client import shap_matrix
from rai_dash.explain.table import AttributionTable
from rai_dash.report.reference import model_of, reference_rows
from rai_dash.ui import state, widgets
from rai_dash.ui.applicants import name_of
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.reviewing.recent import recent
from rai_dash.ui.reviewing.words import score_text
from rai_dash.ui.text import count, plain, safe

#: Applicants on either side of a line, and columns that are named as reasons.
EACH_SIDE, REASONS = 5, 2


def section(bench: Bench) -> None:
    """Draw the cases behind an expander; nothing is explained while it is closed."""
    with st.expander(
        "Cases near your lines", icon=":material/person_search:", key="band_cases", on_change="rerun"
    ) as box:
        if not box.open:
            return
        lo, hi = bench.band.lo, bench.band.hi
        edges = sorted({edge for edge in (lo, hi) if edge is not None})
        if not edges:
            widgets.note("Both ends are open: a person decides every application, so there is no line.")
            return
        found = _explained(bench, np.unique(np.concatenate([nearest(bench, edge) for edge in edges])))
        for edge in edges:
            title = "Where declining ends" if edge == lo else "Where approving begins"
            _line(bench, edge, found, title)


def _line(bench: Bench, edge: float, found: AttributionTable | None, title: str) -> None:
    widgets.heading(
        f"{title}: {score_text(edge)}", f"{count(EACH_SIDE)} just below, {count(EACH_SIDE)} just above"
    )
    _table(bench, edge, nearest(bench, edge), found)


def nearest(bench: Bench, edge: float) -> NDArray[np.intp]:
    """Return the positions of the applicants nearest to a line, by score: below, then at or above."""
    rows, score = recent(bench.judgement, "by_score", (), lambda: _by_score(bench))
    cut = int(np.searchsorted(score, edge))
    return rows[max(cut - EACH_SIDE, 0) : cut + EACH_SIDE]


def _by_score(bench: Bench) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return positions and scores of the judged rows that have one, the lowest first."""
    rows = bench.judgement.positions[np.isfinite(bench.scores())]
    score = bench.judgement.score[rows]
    order = np.argsort(score, kind="stable")
    return rows[order], score[order]


def _explained(bench: Bench, rows: NDArray[np.intp]) -> AttributionTable | None:
    """Explain these applicants in one call; None where there is no model, or it cannot be explained."""
    judgement = bench.judgement
    if judgement.model is None or rows.size == 0:
        return None
    key = tuple(rows.tolist())

    def make() -> AttributionTable:
        with st.spinner("Asking the model why"):
            return shap_matrix(
                model_of(judgement).model,
                judgement.data.dataset.frame.iloc[rows],
                reference_rows(bench.view.case, judgement),
                space="log-odds",
            )

    try:
        return recent(judgement, "band_cases", key, make, most=16)
    except RaiError as error:
        widgets.note(f"No reasons: {safe(error.message, limit=300)}")
        return None


def _table(bench: Bench, edge: float, rows: NDArray[np.intp], found: AttributionTable | None) -> None:
    judgement = bench.judgement
    all_rows = np.unique(
        np.concatenate([nearest(bench, e) for e in (bench.band.lo, bench.band.hi) if e is not None])
    )
    frame = judgement.data.dataset.frame
    lines = []
    for row in rows:
        line: dict[str, object] = {
            "applicant": plain(name_of(judgement, int(row))),
            "score": score_beside(float(judgement.score[row]), edge),
        }
        for column in (judgement.roles.target, bench.by):
            if column:
                line[plain(column)] = plain(frame[column].iloc[row])
        if found is not None:
            at = int(np.searchsorted(all_rows, row))
            line |= reasons(found.names, found.values[at], frame.iloc[row])
        lines.append(line)
    event = st.dataframe(
        pd.DataFrame(lines),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"band_cases_{edge}",
        alt="Table: applicants nearest to this line; select one to explain the decision",
    )
    picked = event.selection.rows
    if picked and st.button(
        "Explain this decision", icon=":material/arrow_forward:", key=f"band_case_{edge}"
    ):
        query = state.choices().with_(row=int(rows[picked[0]])).to_query()
        st.switch_page("pages/explain.py", query_params=query)


def reasons(names: Sequence[str], values: NDArray[np.float64], row: pd.Series) -> dict[str, str]:
    """Name the columns that speak most for and against an applicant, with their values."""
    order = np.argsort(-np.abs(values), kind="stable")
    speak = {
        "speaks for": [i for i in order if values[i] > 0],
        "speaks against": [i for i in order if values[i] < 0],
    }
    return {
        title: ", ".join(_named(names[i], row) for i in places[:REASONS]) or "–"
        for title, places in speak.items()
    }


def _named(name: str, row: pd.Series) -> str:
    value = row.get(name)
    return plain(name) if value is None else f"{plain(name)} = {plain(value)}"
