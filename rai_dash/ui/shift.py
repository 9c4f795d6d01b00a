"""Two data sets of a case beside each other: what moved, and the classifier that tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from rai_dash.case import Case, CaseData, DataRole
from rai_dash.charts._base import Chart
from rai_dash.charts.shift_bars import shift_bars
from rai_dash.charts.two_distributions import MAX_CELLS, two_distributions
from rai_dash.core.errors import RaiError
from rai_dash.data.column_drift import ColumnDrift
from rai_dash.data.drift import Drift, data_drift
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.trials.two_sample import MOST_ROWS, TwoSample, two_sample
from rai_dash.ui import controls, shift_words, training, widgets
from rai_dash.ui.frames import optional
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe, sentence

DRAWN = 20
_MOST_VALUES = 20
_METRICS = ("auc", "mean_score", "base_rate")


@dataclass(frozen=True, slots=True)
class Pair:
    """The two data sets."""

    then: CaseData
    now: CaseData


def pair(view: View) -> Pair:
    """Let the user pick the second data set; the training data are always the first."""
    here = view.judgement.data
    data = view.case.data
    place = [d.key for d in data].index(here.key)
    others = [*data[place + 1 :], *data[:place]]
    key = controls.pick(
        "Compared with", "versus", [d.key for d in others], {d.key: plain(d.title) for d in others}
    )
    other = view.case.data_of(key)
    is_swapped = other.role is DataRole.TRAINING and here.role is not DataRole.TRAINING
    found = Pair(other, here) if is_swapped else Pair(here, other)
    widgets.note(
        f"Then: {safe(found.then.title)}, {count(found.then.dataset.n_rows)} rows. Now: {safe(found.now.title)}, "
        f"{count(found.now.dataset.n_rows)} rows. All rows of both, each counted once."
    )
    return found


def drift_of(case: Case, two: Pair) -> Drift:
    """Compare the two data sets, once."""
    sides = [(d.dataset.fingerprint, d.dataset.roles_fingerprint) for d in (two.then, two.now)]
    return case.memo.get(("drift", *sides), lambda: data_drift(two.then.dataset, two.now.dataset))


def scores(view: View, two: Pair, found: Drift) -> None:
    """Say what the shift means for the scores, where both data sets have some."""
    try:
        sides = [view.case.judge(d.key, view.choices.model) for d in (two.then, two.now)]
    except RaiError as error:
        widgets.problem(sentence(error.message))
        return
    if not all(s.has_scores for s in sides):
        widgets.note("Scores are compared once both data sets have some: add a model or name a score column.")
        return
    then, now = (_figures(view, d) for d in (two.then, two.now))
    prior_moved = found.prior is not None and found.prior.is_shown
    for text in shift_words.score_sentences(then, now, prior_moved=prior_moved):
        widgets.paragraph(text)


def _figures(view: View, data: CaseData) -> MetricTable:
    judgement = view.case.judge(data.key, view.choices.model)
    counts = judgement.counts()
    return judgement.memo.get("shift", lambda: metric_table(counts, 0.5, bootstrap=0, metrics=_METRICS))


def bars(found: Drift) -> Chart:
    """Draw the columns that moved most."""
    top = found.columns[:DRAWN]
    return shift_bars(
        [c.name for c in top],
        optional([c.psi for c in top]),
        chance=optional([c.psi_by_chance for c in top]),
        shown=[c.is_shown for c in top],
        finding=[c.shift.value for c in top],
    )


def cells(one: ColumnDrift) -> Chart:
    """Draw one column in both data sets; rare values are added up."""
    if one.kind == "number" or len(one.cells) <= _MOST_VALUES:
        return two_distributions(one.cells[:MAX_CELLS], one.then[:MAX_CELLS], one.now[:MAX_CELLS])
    share = one.then / max(one.then.sum(), 1) + one.now / max(one.now.sum(), 1)
    order = np.argsort(-share, kind="stable")
    kept, rest = order[: _MOST_VALUES - 1], order[_MOST_VALUES - 1 :]
    names = [*(one.cells[i] for i in kept), f"all others ({len(rest)} values)"]
    then, now = (np.append(side[kept], side[rest].sum()) for side in (one.then, one.now))
    return two_distributions(names, then, now)


def classifier(view: View, two: Pair) -> None:
    """Let the user train a classifier that tells the data sets apart, and say what it found."""
    seed = controls.seed_input()
    sides = [(d.dataset.fingerprint, d.dataset.roles_fingerprint) for d in (two.then, two.now)]
    key = training.job_key(view, "two_sample", {"seed": seed, "sides": sides})
    if st.button("Try to tell them apart", icon=":material/model_training:", key="shift_go"):
        training.start(key, _work(two, seed))
    job = training.finished(key, idle="Nothing is trained until you start.")
    if job is not None:
        _told(job.result)


def _work(two: Pair, seed: int) -> Callable[..., TwoSample]:
    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> TwoSample:
        return two_sample(
            two.then.dataset, two.now.dataset, seed=seed, progress=progress, cancelled=cancelled
        )

    return work


def _told(result: TwoSample) -> None:
    widgets.finding(shift_words.told_apart(result))
    widgets.note(
        f"Trained on one half of the rows and judged on the other: {count(result.rows_then)} then and "
        f"{count(result.rows_now)} now (of at most {count(MOST_ROWS)} of each); equal rows stay in one half. The "
        "outcome is not among its columns. Columns that go together share what they give away."
    )
    widgets.numbers(lambda: shift_words.two_sample_frame(result), name="two_sample", key="two_sample")
