"""The job of the mitigation trials: its controls, its key, and its result as dots of a chart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

import streamlit as st

from rai_dash.case import held_out_rows
from rai_dash.charts.trade_off import Trial as Dot
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.sandbox.jobs import Job
from rai_dash.trials.mitigation import Goal, Judged, Mitigated, mitigate
from rai_dash.trials.rebalance import make_fold
from rai_dash.ui import controls, widgets
from rai_dash.ui.rebalancing import jobs
from rai_dash.ui.state import View
from rai_dash.ui.text import safe

GOALS: Final = {
    "equalized_odds": "equalized odds: recall and false positive rate alike",
    "equal_opportunity": "equal opportunity: recall alike",
    "demographic_parity": "demographic parity: share approved alike",
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
        left, middle, right = st.columns(3)
        with left:
            by = controls.pick("Compare by", "repair_by", list(view.judgement.roles.sensitive))
            seed = controls.seed_input()
        with middle:
            goal = controls.pick("Gap to make smaller", "repair_goal", list(GOALS), GOALS)
        with right:
            threshold = controls.threshold_slider()
        go = st.button("Try all methods", icon=":material/model_training:", key="mit_go")
    wanted = Wanted(by=by, goal=goal, threshold=threshold, seed=seed)
    if go:
        start(view, wanted)
    widgets.note(
        "Everything is trained on training rows only. Half of the test rows choose cuts, the other half judges every "
        "method, so that all figures are of the same people, whom nothing was fitted to."
    )
    return wanted


def _key(view: View, wanted: Wanted) -> str:
    """Name a job by its case and all its inputs: a refresh finds it again, another user never does."""
    judgement = view.judgement
    model = judgement.model.model if judgement.model else None
    seen = (model.info.fingerprint, model.model_class) if model else ()
    dataset = judgement.data.dataset
    inputs = [
        "mitigation", view.case.id, dataset.fingerprint, dataset.roles_fingerprint, list(seen), asdict(wanted),
    ]  # fmt: skip
    return fingerprint_value(inputs)


def current(view: View, wanted: Wanted) -> Job | None:
    """Find the job, running or done."""
    return jobs().get(_key(view, wanted))


def start(view: View, wanted: Wanted) -> None:
    """Start the job; one that ended without a result is started anew."""
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

    jobs().start(_key(view, wanted), work)


@st.fragment(run_every=0.5)
def progress(view: View, wanted: Wanted) -> None:
    """Show how far the job is, and a button that stops it."""
    job = current(view, wanted)
    if job is None or not job.is_active:
        st.rerun()
    st.progress(job.fraction, text=f"Training in a separate process: {safe(job.note) or 'starting'}")
    if st.button("Cancel", key="mit_cancel", icon=":material/cancel:"):
        job.cancel()


def dots(result: Mitigated) -> list[Dot]:
    """Return the model as it is and every method as dots of the trade-off chart."""
    found = [_dot("The model as it is", result.base, 0.0, is_base=True)]
    for trial in result.trials:
        if trial.judged is not None:
            flips = 0.0 if trial.flips is None else trial.flips.share
            study = " (study only)" if trial.method.study else ""
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
