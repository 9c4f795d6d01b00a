"""What is looked at on the Fairness page, and the controls that set it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import streamlit as st

from rai_dash.core.counts import GroupCounts
from rai_dash.core.settings import get_settings
from rai_dash.core.target_words import Wording, wording
from rai_dash.core.texts import tr
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.report.small_cells import GroupTable, hidden_groups
from rai_dash.ui import controls, meanings, state
from rai_dash.ui.frames import metric_frame
from rai_dash.ui.state import View

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
    return meanings.label(metric)


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

    def few(self, table: GroupTable) -> GroupTable:
        """Hide in a further table of these groups whom the table of shares hides: both could be subtracted."""
        frame = metric_frame(self.rates(SHARES), SHARES)
        return replace(table, also=hidden_groups(frame, fewest=get_settings().smallest_export_cell))

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
            by = controls.pick(tr("Compare by"), "by", sensitive)
        with middle:
            others = ["", *(c for c in sensitive if c != by)]
            cross = controls.pick(tr("And by"), "cross", others, {"": tr("nothing else")})
        with right:
            metric = controls.pick(
                tr("Judge by"),
                "metric",
                list(SHARES),
                {m: title(m) for m in SHARES},
                meaning=meanings.meaning(_metric()),
            )
        slider, tolerance = st.columns([3, 2], gap="medium")
        with slider:
            threshold = controls.threshold_slider()
        with tolerance:
            tolerated = controls.tolerance_input()
        controls.threshold_note(threshold, tr("on the Performance page"))
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
