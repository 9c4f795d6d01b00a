"""The applicants most like one, with the other decision."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.explain.nearest import BY_RANGE, BY_SPREAD, Neighbour, convention, nearest_other
from rai_dash.ui import widgets
from rai_dash.ui.applicants import name_of
from rai_dash.ui.deciding import words
from rai_dash.ui.explanations import Applicant, score_of
from rai_dash.ui.text import number, plain, safe, score_beside

UNITS = {BY_RANGE: "Over the range of a column", BY_SPREAD: "Over the middle 90 % of a column"}


def neighbours(applicant: Applicant) -> None:
    """List the nearest applicants with the other decision."""
    judgement, threshold = applicant.judgement, applicant.view.choices.threshold
    widgets.heading(
        "The nearest with the other decision", "People in these data, compared by the model's columns"
    )
    unit = st.selectbox("Distance of numbers", list(UNITS), format_func=UNITS.__getitem__, key="nearest_unit")
    rows = judgement.positions[np.isfinite(judgement.score[judgement.positions])]
    key = ("nearest", applicant.row, unit, threshold)

    def make() -> tuple[Neighbour, ...]:
        frame = judgement.data.dataset.frame[list(applicant.names)].iloc[rows].reset_index(drop=True)
        return nearest_other(
            score_of(applicant),
            applicant.one,
            frame,
            threshold=threshold,
            unit=unit or BY_RANGE,
            scores=judgement.score[rows],
        )

    found = [_placed(one, int(rows[one.row])) for one in judgement.memo.get(key, make)]
    widgets.paragraph(words.neighbours_sentence(found, judgement, threshold))
    if found:
        table = pd.DataFrame([_line(applicant, one) for one in found])
        st.dataframe(
            table, hide_index=True, alt="Nearest applicants with the other decision and how they differ."
        )
    widgets.note(safe(convention(unit or BY_RANGE), limit=600))


def _placed(one: Neighbour, row: int) -> Neighbour:
    """Name a neighbour by its place in the whole table."""
    return Neighbour(row=row, distance=one.distance, score=one.score, differs=one.differs, alike=one.alike)


def _line(applicant: Applicant, one: Neighbour) -> dict[str, object]:
    differs = "; ".join(
        f"{name}: {_text(theirs)} (here {_text(own)})" for name, (own, theirs) in one.differs.items()
    )
    return {
        "applicant": plain(name_of(applicant.judgement, one.row)),
        "score": "–" if one.score is None else score_beside(one.score, applicant.view.choices.threshold),
        "distance": number(one.distance),
        "alike": one.alike,
        "differs in": plain(differs, limit=words.LONG),
    }


def _text(value: object) -> str:
    return "blank" if value is None else str(value)
