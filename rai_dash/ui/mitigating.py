"""The job of the mitigation trials: its controls, its key, and its result as dots of a chart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

import streamlit as st

from rai_dash.case import held_out_rows
from rai_dash.charts.trade_off import Trial as Dot
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.trials.mitigation import Goal, Judged, Mitigated, mitigate
from rai_dash.trials.rebalance import make_fold
from rai_dash.ui import controls, training, widgets
from rai_dash.ui.state import View

GOALS: Final = {
    "equalized_odds": mark("equalized odds: recall and false positive rate alike"),
    "equal_opportunity": mark("equal opportunity: recall alike"),
    "demographic_parity": mark("demographic parity: share approved alike"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be tried."""

    by: str
    goal: str
    threshold: float
    seed: int


def form(view: View) -> Wanted:
    """Show the controls; the start button starts the job. Returns what they describe."""
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            by = controls.pick(tr("Compare by"), "repair_by", list(view.judgement.roles.sensitive))
        with right:
            goal = controls.pick(tr("Gap to make smaller"), "repair_goal", list(GOALS), all_of(GOALS))
        left, right = st.columns([2, 3], gap="medium")
        with left:
            seed = controls.seed_input()
        with right:
            threshold = controls.threshold_slider()
        go = training.start_button(tr("Try all methods"), icon=":material/model_training:", key="mit_go")
    wanted = Wanted(by=by, goal=goal, threshold=threshold, seed=seed)
    if go:
        start(view, wanted)
    widgets.note(
        tr(
            "Everything is trained on training rows only. Half of the test rows choose cuts, the other half "
            "judges every method, so that all figures are of the same people, whom nothing was fitted to."
        )
    )
    return wanted


def key(view: View, wanted: Wanted) -> str:
    """Name the job of what is wanted."""
    return training.job_key(view, "mitigation", asdict(wanted))


def start(view: View, wanted: Wanted) -> None:
    """Start the job."""
    judgement = view.judgement
    dataset = judgement.data.dataset
    model = judgement.model.model if judgement.model else None

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Mitigated:
        return mitigate(
            dataset,
            model,
            by=wanted.by,
            goal=Goal(wanted.goal),
            threshold=wanted.threshold,
            seed=wanted.seed,
            fold=make_fold(dataset, held_out_rows(dataset), seed=wanted.seed),
            progress=progress,
            cancelled=cancelled,
        )

    training.start(key(view, wanted), work)


def dots(result: Mitigated) -> list[Dot]:
    """Return the model as it is and every method as dots of the trade-off chart."""
    found = [_dot(tr("The model as it is"), result.base, 0.0, is_base=True)]
    for trial in result.trials:
        if trial.judged is not None:
            flips = 0.0 if trial.flips is None else trial.flips.share
            study = tr(" (study only)") if trial.method.study else ""
            found.append(_dot(f"{trial.method.title}{study}", trial.judged, flips, is_base=False))
    return found


def _dot(name: str, judged: Judged, flips: float | None, *, is_base: bool) -> Dot:
    accuracy, gap = judged.everyone.estimate("accuracy", 0), judged.gap
    return Dot(
        name=name,
        accuracy=accuracy.value,
        accuracy_low=accuracy.low,
        accuracy_high=accuracy.high,
        gap=gap.value,
        gap_low=gap.low,
        gap_high=gap.high,
        flips=flips,
        is_base=is_base,
    )
