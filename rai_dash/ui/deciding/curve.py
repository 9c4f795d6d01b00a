"""The applicant's score along the values of one column."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from rai_dash.charts.ice_curve import ice_curve, ice_dots
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.explain.what_if import Ice, WhatIf
from rai_dash.report.decision_work import curve_of
from rai_dash.ui import widgets
from rai_dash.ui.explanations import Applicant
from rai_dash.ui.text import count, plain, safe


def curve(applicant: Applicant, changed: WhatIf, *, touched: str, moves_along: bool) -> None:
    """Draw the score of the changed applicant along the column that was touched last, and what it says along."""
    free = [name for name in applicant.names if name not in applicant.sensitive]
    usual = next(iter(changed.changes), (free or list(applicant.names))[0])
    first = touched if touched in applicant.names else usual
    key = f"what_if_curve_{applicant.names.index(first)}"
    column = st.selectbox(
        tr("Score along the values of"),
        applicant.names,
        index=applicant.names.index(first),
        format_func=plain,
        key=key,
    )
    try:
        found = curve_of(applicant, changed, column, moves_along=moves_along)
    except RaiError as error:
        widgets.problem(safe(error.message.replace("`", "'"), limit=600))
        return
    threshold = applicant.threshold
    rows = [int(n) for n in found.counts]
    with st.container(border=True):
        if found.is_numeric:
            own = None if found.own is None else float(str(found.own))
            values = [float(str(p)) for p in found.points]
            chart = ice_curve(
                values, found.scores, n=rows, threshold=threshold, own=own, own_score=found.own_score
            )
        else:
            at = found.points.index(found.own) if found.own in found.points else None
            chart = ice_dots(found.labels, found.scores, n=rows, threshold=threshold, own=at)
        widgets.draw(chart, key="ice")
    widgets.how_to_read(
        tr(
            "Each point is the model's answer with another value of {column}, all else as typed above. The "
            "large dot is the value now; the dashed line is the threshold. Values that do not go with the "
            "others ask about people who do not exist.",
            column=safe(column),
        )
    )
    if found.linked:
        widgets.note(
            tr(
                "Moved along, as the reference rows have it: {linked}.",
                linked=", ".join(safe(n) for n in found.linked),
            )
        )
    if found.left_out:
        widgets.note(
            tr(
                "{left_out} reference rows with a blank or a rare category have no point.",
                left_out=count(found.left_out),
            )
        )
    widgets.numbers(lambda: ice_frame(found), name="score_along", key="ice")


def ice_frame(found: Ice) -> pd.DataFrame:
    """Return one row a value: score and reference rows."""
    return pd.DataFrame(
        {
            "value": [plain(label) for label in found.labels],
            "score": found.scores,
            "reference rows": found.counts,
        }
    )
