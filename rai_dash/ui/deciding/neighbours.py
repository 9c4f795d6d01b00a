"""The applicants most like one, with the other decision."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from rai_dash.core.texts import mark, tr
from rai_dash.explain.nearest import BY_RANGE, BY_SPREAD, Neighbour, convention
from rai_dash.report.decision_work import neighbours_of
from rai_dash.ui import headers, widgets
from rai_dash.ui.applicants import name_of
from rai_dash.ui.deciding import words
from rai_dash.ui.explanations import Applicant
from rai_dash.ui.text import number, percent, plain, safe, score_beside

UNITS = {BY_RANGE: mark("Over the range of a column"), BY_SPREAD: mark("Over the middle 90 % of a column")}


def neighbours(applicant: Applicant) -> None:
    """List the nearest applicants with the other decision."""
    judgement, threshold = applicant.judgement, applicant.threshold
    widgets.heading(
        tr("The nearest with the other decision"), tr("People in these data, compared by the model's columns")
    )
    unit = st.selectbox(
        tr("Distance of numbers"), list(UNITS), format_func=lambda one: tr(UNITS[one]), key="nearest_unit"
    )
    found = judgement.memo.get(
        ("nearest", applicant.row, unit, threshold),
        lambda: neighbours_of(applicant, threshold, unit or BY_RANGE),
    )
    widgets.paragraph(words.neighbours_sentence(found, judgement, threshold))
    if found:
        table = pd.DataFrame([_line(applicant, one) for one in found])
        st.dataframe(
            headers.shown(table),
            hide_index=True,
            alt=tr("Nearest applicants with the other decision and how they differ."),
        )
        widgets.numbers(
            lambda: neighbours_frame(applicant, found), name="nearest", key="nearest", label=tr("The nearest"),
            about={"applicant": plain(name_of(judgement, applicant.row)), "threshold": percent(threshold)},
        )  # fmt: skip
    widgets.note(safe(convention(unit or BY_RANGE), limit=600))


def neighbours_frame(applicant: Applicant, found: Sequence[Neighbour]) -> pd.DataFrame:
    """Return one row a column in which a neighbour differs: both values, score and distance of the neighbour."""
    return pd.DataFrame(
        [
            {
                "applicant": plain(name_of(applicant.judgement, one.row)),
                "row": one.row + 1,
                "score": one.score,
                "distance": one.distance,
                "alike": one.alike,
                "column": plain(column),
                "own value": plain(_text(own)),
                "their value": plain(_text(theirs)),
            }
            for one in found
            for column, (own, theirs) in one.differs.items()
        ]
    )


def _line(applicant: Applicant, one: Neighbour) -> dict[str, object]:
    differs = "; ".join(
        tr("{name}: {text} (here {text_own})", name=name, text=_text(theirs), text_own=_text(own))
        for name, (own, theirs) in one.differs.items()
    )
    return {
        "applicant": plain(name_of(applicant.judgement, one.row)),
        "score": "–" if one.score is None else score_beside(one.score, applicant.threshold),
        "distance": number(one.distance),
        "alike": one.alike,
        "differs in": plain(differs, limit=words.LONG),
    }


def _text(value: object) -> str:
    return "blank" if value is None else str(value)
