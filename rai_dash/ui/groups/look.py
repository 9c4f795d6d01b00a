"""What is looked at on the Fairness page, and the controls that set it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from rai_dash.core.counts import GroupCounts
from rai_dash.metrics.table import METRICS, MetricTable, metric_table
from rai_dash.ui import controls, state
from rai_dash.ui.state import View
from rai_dash.ui.words import Wording, wording

#: Shares that are compared between groups, in the order of the page.
SHARES = (
    "selection_rate",
    "recall",
    "precision",
    "fpr",
    "fnr",
    "accuracy",
    "npv",
    "for_rate",
    "base_rate",
)


def title(metric: str) -> str:
    """Return what a metric is called on the page."""
    return METRICS[metric].label


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One comparison: who with whom, in what, from which score on.

    Parameters
    ----------
    view : View
        The case and the pair of data and model.
    columns : tuple of str
        One or two sensitive columns.
    counts : GroupCounts
        Of these columns.
    metric : str
        What the finding is about.
    threshold, tolerance : float
        In [0, 1].
    """

    view: View
    columns: tuple[str, ...]
    counts: GroupCounts
    metric: str
    threshold: float
    tolerance: float

    def rates(self, metrics: Iterable[str]) -> MetricTable:
        """Compute metrics of all groups, without the intervals that need a bootstrap."""
        return metric_table(self.counts, self.threshold, bootstrap=0, metrics=tuple(metrics))

    def everyone(self, metrics: Iterable[str]) -> MetricTable:
        """Compute metrics of all groups together."""
        everyone = self.view.judgement.counts()
        return metric_table(everyone, self.threshold, bootstrap=0, metrics=tuple(metrics))


def words_of(look: Look) -> Wording:
    """Return how applicants with either label are called."""
    return wording(look.view.judgement.roles.target_kind)


def controls_box(view: View) -> Look:
    """Draw the controls and return what they say."""
    sensitive = list(view.judgement.roles.sensitive)
    with st.container(border=True):
        left, middle, right = st.columns(3, gap="medium")
        with left:
            by = controls.pick("Compare by", "by", sensitive)
        with middle:
            others = ["", *(c for c in sensitive if c != by)]
            cross = controls.pick("And by", "cross", others, {"": "nothing else"})
        with right:
            metric = controls.pick(
                "Judge by",
                "metric",
                list(SHARES),
                {m: title(m) for m in SHARES},
                meaning=METRICS[_metric()].meaning,
            )
        slider, tolerance = st.columns([2, 1], gap="medium")
        with slider:
            threshold = controls.threshold_slider()
        with tolerance:
            tolerated = controls.tolerance_input()
    columns = (by, cross) if cross else (by,)
    return Look(
        view=view,
        columns=columns,
        counts=view.judgement.counts(columns),
        metric=metric,
        threshold=threshold,
        tolerance=tolerated,
    )


def _metric() -> str:
    chosen = state.choices().metric
    return chosen if chosen in SHARES else SHARES[0]
