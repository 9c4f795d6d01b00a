"""Which columns matter, three ways: size of contributions, what is lost when a column is shuffled, what that costs."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from rai_dash.case import Exposure
from rai_dash.charts._amounts import Unit
from rai_dash.charts.importance_bars import importance_bars
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.explain._asking import Watch
from rai_dash.explain.drivers.importance import (
    AUC,
    COST,
    REPEATS,
    Importance,
)
from rai_dash.report.drivers_work import SHUFFLED_ROWS, shuffled
from rai_dash.ui import controls, widgets
from rai_dash.ui.costing import priced
from rai_dash.ui.drivers import asked, words
from rai_dash.ui.drivers.look import Look
from rai_dash.ui.frames import optional
from rai_dash.ui.text import count, number, percent, plain
from rai_dash.ui.tour.spots import spot

#: Bars of one chart.
MOST_BARS = 12
_UNITS: dict[str, Unit] = {AUC: "loss", COST: "cost"}
#: Fewer rows of the rarer outcome than this make every loss shaky.
_FEW = 50


def importance(look: Look) -> None:
    """Draw importance by contributions, and by shuffling once that was asked for."""
    found = look.importance
    top, sensitive = words.top_sentence(found, look.space, len(look.rows)), words.sensitive_among_top(look)
    with spot("drivers"):
        widgets.finding(f"{top} {sensitive}", warn=bool(sensitive))
        for text in words.sensitive_sentences(look):
            widgets.paragraph(text)
        with st.container(border=True):
            widgets.heading(tr("How far columns move the scores"), words.explained_line(look))
            _bars(found, look.space, key="shap")
            widgets.how_to_read(
                tr(
                    "The longer the bar, the further the column moves scores on average, up or down; thin lines "
                    "are 95 % intervals over applicants like these. It does not say whether that is right."
                )
            )
    widgets.numbers(lambda: importance_frame(found), name="importance_shap", key="shap")
    _shuffled(look)


def _bars(found: Importance, unit: Unit, *, key: str) -> None:
    shown = found.order[:MOST_BARS]
    if len(shown) < len(found.names):
        widgets.note(
            tr(
                "The first {shown} of {names} are drawn; the table has all.",
                shown=count(len(shown)),
                names=count(len(found.names)),
            )
        )
    value, low, high = (optional(x[shown]) for x in (found.value, found.low, found.high))
    chart = importance_bars([found.names[i] for i in shown], value, low=low, high=high, unit=unit)
    widgets.draw(chart, key=f"importance_{key}")


def _shuffled(look: Look) -> None:
    """Offer to shuffle columns, and draw what that does."""
    widgets.heading(
        tr("What the decisions rest on"), tr("Each column is shuffled among the applicants: what gets worse?")
    )
    if look.judgement.roles.target is None:
        widgets.note(tr("These data have no outcome column, so nothing can be said about better or worse."))
        return
    threshold = controls.threshold_slider()
    found = _job(look, threshold)
    if found is None:
        return
    for column, measure in zip(st.columns(2, gap="medium"), (AUC, COST), strict=True):
        with column, st.container(border=True, height="stretch"):
            title, under = tr(words.LOSSES[measure][0]), tr(words.LOSSES[measure][1])
            widgets.heading(title, under)
            widgets.paragraph(words.loss_sentence(found[measure]))
            if found[measure].reason is None:
                _bars(found[measure], _UNITS[measure], key=measure)
    widgets.how_to_read(
        tr(
            "Mean of {repeats} shuffles, with the 95 % interval over applicants and shuffles. A bar around "
            "0: nothing is lost without the column, or others tell the same. Linked columns hide each other "
            "here: switch on correlated blocks as one.",
            repeats=count(REPEATS),
        )
    )
    widgets.note(tr("{disagree} The table has log loss and Brier score too.", disagree=words.DISAGREE))
    widgets.numbers(lambda: _all(found), name="importance_shuffled", key="shuffled")


def _job(look: Look, threshold: float) -> dict[str, Importance] | None:
    judgement = look.judgement
    # Shuffling prices decisions, not loans: costs that follow the amount have no fixed unit here.
    costs = priced(judgement, look.view.choices.with_(cost_by="fixed")).costs
    if judgement.exposure is Exposure.IN_SAMPLE:
        widgets.note(
            tr("The model was trained on these rows: what it learned by heart looks important here too.")
        )
    outcome = judgement.data.dataset.outcome[judgement.judged]
    rarer = int(min((outcome == FAVOURABLE).sum(), (outcome == UNFAVOURABLE).sum()))
    if rarer < _FEW:
        widgets.note(
            tr(
                "Only {rarer} of these applicants have the rarer outcome: what is lost by shuffling hangs on "
                "them.",
                rarer=count(rarer),
            )
        )

    def work(
        progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]
    ) -> dict[str, Importance]:
        watch = Watch(progress, cancelled)
        return shuffled(judgement, blocks=look.blocks, threshold=threshold, costs=costs, watch=watch)

    wanted: dict[str, object] = {
        "blocks": [list(block) for block in look.blocks],
        "threshold": threshold,
        "costs": [costs.cost_fp, costs.cost_fn],
        "rows": SHUFFLED_ROWS,
    }
    n = min(SHUFFLED_ROWS, judgement.n_judged)
    found: dict[str, Importance] | None = asked.by_button(
        look.view,
        "shuffled",
        wanted,
        work,
        label=tr("Shuffle every column"),
        key="shuffled",
        idle=(
            tr(
                "{n} rows, {repeats} shuffles of each column. Cost is counted at a threshold of {threshold}: "
                "a wrong approval costs {cost_fp}, a wrong refusal {cost_fn} (set on the Performance page).",
                n=count(n),
                repeats=count(REPEATS),
                threshold=percent(threshold),
                cost_fp=number(costs.cost_fp, digits=0),
                cost_fn=number(costs.cost_fn, digits=0),
            )
        ),
    )
    return found


def importance_frame(found: Importance) -> pd.DataFrame:
    """Return one row a column or block, the most important first."""
    order = found.order
    frame = pd.DataFrame(
        {
            "column": [plain(found.names[i]) for i in order],
            "importance": found.value[order],
            "low": found.low[order],
            "high": found.high[order],
        }
    )
    if found.repeats:
        frame["sd between shuffles"] = found.repeat_sd[order]
    frame["rows"] = found.rows
    return frame


def _all(found: dict[str, Importance]) -> pd.DataFrame:
    parts = []
    for measure, one in found.items():
        part = importance_frame(one)
        part.insert(0, "measure", tr(words.LOSSES[measure][0]))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
