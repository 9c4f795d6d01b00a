"""What pushed the model's score, for a reviewer who has decided: where the batch and its model are in the case."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.charts.contributions import contribution_order, contributions
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.explain.question import Question
from rai_dash.explain.reasons import shown as written
from rai_dash.govern.queue.views import QueueLine, Revealed
from rai_dash.ui import widgets
from rai_dash.ui.explanations import applicant_of, shap_of
from rai_dash.ui.queue import words
from rai_dash.ui.state import View
from rai_dash.ui.text import safe

_MOST: Final = 6
_ABSENT: Final = mark(
    "What moved this score is not shown: this case does not hold the batch and the model that scored it."
)


def model_reasons(view: View, line: QueueLine, shown: Revealed) -> None:
    """Draw the columns that moved the score most; the values of those that were not shown stay away."""
    if shown.score is None:
        return
    there = _view_of(view, line)
    if there is None:
        widgets.note(tr(_ABSENT))
        return
    try:
        with st.spinner(tr("Asking the model about this application")):
            applicant = applicant_of(there, shown.row)
            shap = shap_of(applicant, Question(space="probability"))
    except RaiError as error:
        widgets.note(safe(error.message.replace("`", "'"), limit=600))
        return
    own = {name: written(value) for name, value in applicant.own.items() if name in shown.values}
    order = contribution_order(shap.values, {}, k=_MOST)
    chart = contributions(shap.values, order=order, space="probability", method=shap.method, shown=own)
    widgets.heading(tr("What moved the score"), words.score_line(shap))
    widgets.draw(chart, key="queue_reasons")
    widgets.how_to_read(
        tr(
            "Each bar is one column: to the right it pushed the score towards approval, to the left towards "
            "refusal, in percentage points. It says what the model does, not what is right."
        )
    )


def _view_of(view: View, line: QueueLine) -> View | None:
    """Look at the batch through the model that scored it; None = one of them is not in this case."""
    case = view.case
    data = next((d for d in case.data if d.dataset.fingerprint == line.batch), None)
    model = next((m for m in case.models if m.model.info.fingerprint == line.model), None)
    if data is None or model is None:
        return None
    return View(case, view.choices.with_(data=data.key, model=model.key))
