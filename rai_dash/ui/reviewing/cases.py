"""The applicants nearest to each line: an expert judges examples, not curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.core.words import score_beside
from rai_dash.explain.client import shap_matrix
from rai_dash.explain.table import AttributionTable
from rai_dash.report.reference import model_of, reference_rows
from rai_dash.ui import headers, rests_on, rights, state, widgets
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
        tr("Cases near your lines"), icon=":material/person_search:", key="band_cases", on_change="rerun"
    ) as box:
        if not box.open or not rights.rows_shown():
            return
        lo, hi = bench.band.lo, bench.band.hi
        edges = sorted({edge for edge in (lo, hi) if edge is not None})
        if not edges:
            widgets.note(tr("Both ends are open: a person decides every application, so there is no line."))
            return
        rests_on.sample_note(bench.judgement.data.dataset, tr("single applications are shown"))
        near = {edge: nearest(bench, edge) for edge in edges}
        why = _reasons(bench, np.unique(np.concatenate([*near.values()])))
        for edge, rows in near.items():
            title = tr("Where declining ends") if edge == lo else tr("Where approving begins")
            below = int(np.count_nonzero(bench.judgement.score[rows] < edge))
            widgets.heading(
                f"{title}: {score_text(edge)}",
                tr(
                    "{below} just below, {size} just above", below=count(below), size=count(rows.size - below)
                ),
            )
            _table(bench, edge, rows, why)


def nearest(bench: Bench, edge: float) -> NDArray[np.intp]:
    """Return the positions of the applicants nearest to a line, by score: below, then at or above.

    Raises
    ------
    NotAllowed
        When whoever uses the app may not see single applications.
    """
    rights.require_rows()
    rows, score = recent(bench.judgement, "by_score", (), lambda: _by_score(bench))
    cut = int(np.searchsorted(score, edge))
    return rows[max(cut - EACH_SIDE, 0) : cut + EACH_SIDE]


def _by_score(bench: Bench) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return positions and scores of the judged rows that have one, the lowest first."""
    rows = bench.judgement.positions[np.isfinite(bench.scores())]
    score = bench.judgement.score[rows]
    order = np.argsort(score, kind="stable")
    return rows[order], score[order]


def _reasons(bench: Bench, rows: NDArray[np.intp]) -> dict[int, dict[str, str]]:
    """Explain these applicants in one call; nothing where there is no model, or it cannot be explained."""
    judgement = bench.judgement
    if judgement.model is None or rows.size == 0:
        return {}
    key = tuple(rows.tolist())

    def make() -> AttributionTable:
        with st.spinner(tr("Asking the model why")):
            return shap_matrix(
                model_of(judgement).model,
                judgement.data.dataset.frame.iloc[rows],
                reference_rows(bench.view.case, judgement),
                space="log-odds",
            )

    try:
        found = recent(judgement, "band_cases", key, make, most=16)
    except RaiError as error:
        widgets.note(tr("No reasons: {error}", error=safe(error.message, limit=300)))
        return {}
    frame = judgement.data.dataset.frame
    return {
        int(row): reasons(found.names, values, frame.iloc[row])
        for row, values in zip(rows, found.values, strict=True)
    }


def _table(bench: Bench, edge: float, rows: NDArray[np.intp], why: dict[int, dict[str, str]]) -> None:
    judgement = bench.judgement
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
        lines.append(line | why.get(int(row), {}))
    event = st.dataframe(
        headers.shown(pd.DataFrame(lines)),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"band_cases_{edge}",
        alt=tr("Table: applicants nearest to this line; select one to explain the decision"),
    )
    picked = event.selection.rows
    if picked and st.button(
        tr("Explain this decision"), icon=":material/arrow_forward:", key=f"band_case_{edge}"
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
