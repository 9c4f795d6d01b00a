"""How far a model has scored a table that is counted where it lies, and the job that scores the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from rai_dash.case import Judgement
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import written
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.models.portfolio_scores import score_portfolio, scores_folder, scoring_of
from rai_dash.ui import rests_on, widgets
from rai_dash.ui.drivers import asked
from rai_dash.ui.state import View
from rai_dash.ui.text import count

SCORING: Final = mark("Scoring all rows in the model's own process")

_IDLE: Final = mark(
    "Every row is read once. It can be cancelled; files that were finished are not scored again."
)


def door(view: View) -> None:
    """Say that the figures are of the sample while the model has not scored all rows, and offer to score them."""
    judgement = view.judgement
    if judgement.model is None or not rests_on.is_of_sample(judgement):
        return
    dataset = judgement.data.dataset
    with st.container(border=True):
        widgets.paragraph(
            tr(
                ":material/colorize: The model has scored {n_rows} of {n_all} rows. What needs its scores is "
                "counted in this sample until all rows are scored.",
                n_rows=count(dataset.n_rows),
                n_all=count(dataset.n_all),
            )
        )
        found = asked.by_button(
            view, "score all rows", {}, _work(judgement), label=tr("Score all rows"), idle=tr(_IDLE), doing=tr(SCORING),
            key="score_all",
        )  # fmt: skip
    if found is not None and dataset.portfolio is not None:
        # From now on the pair is judged on all rows. A case that was opened anew has not heard of the job yet.
        dataset.portfolio.scorings[scoring_of(judgement.model.model)] = found
        st.rerun()


def _work(judgement: Judgement) -> Callable[[Callable[[int, int, str], None], Callable[[], bool]], Portfolio]:
    """Return the job."""
    portfolio, model = judgement.data.dataset.portfolio, judgement.model

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Portfolio:
        if portfolio is None or model is None:
            msg = "There is no model to score with. Add one on the Start page."
            raise InvalidChoice(msg)

        def tell(done: int, total: int, note: str) -> None:
            del note
            progress(
                done,
                total,
                tr("{done} of {total} rows", done=written(f"{done:,}"), total=written(f"{total:,}")),
            )

        folder = scores_folder(portfolio, model.model)
        return score_portfolio(portfolio, model.model, folder, on_progress=tell, cancelled=cancelled)

    return work
