"""A model's figures on the rows whose outcome happened, beside those on all rows: decisions of people left out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rai_dash.case import Judgement
from rai_dash.core.memo import Memo
from rai_dash.data.labels import labels
from rai_dash.data.sources import DECIDED_BY_PEOPLE, SOURCE, decided_by_people
from rai_dash.metrics._base import MetricTable
from rai_dash.metrics.table import metric_table
from rai_dash.report.models_growth import HEADLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedAlone:
    """Figures with and without rows whose outcome is a decision of people.

    Parameters
    ----------
    rows, decided : int
        Judged rows, and those of them that people decided.
    everyone, observed : MetricTable
        On all judged rows, and on those that were observed; of the headline figures.
    """

    rows: int
    decided: int
    everyone: MetricTable
    observed: MetricTable


def observed_alone(judgement: Judgement, threshold: float) -> ObservedAlone | None:
    """Judge a model without the rows that people decided.

    Parameters
    ----------
    judgement : Judgement
    threshold : float

    Returns
    -------
    ObservedAlone or None
        None = no judged row has an outcome that people decided.
    """
    frame = judgement.data.dataset.frame
    if not decided_by_people(frame):
        return None
    is_decided = (labels(frame[SOURCE]) == DECIDED_BY_PEOPLE).to_numpy(dtype=bool)
    decided = int((is_decided & judgement.judged).sum())
    if not decided:
        return None
    both = judgement.of_sample
    alone = replace(both, judged=judgement.judged & ~is_decided, memo=Memo())
    return ObservedAlone(
        rows=judgement.n_judged,
        decided=decided,
        everyone=metric_table(both.counts(), threshold, metrics=HEADLINE),
        observed=metric_table(alone.counts(), threshold, metrics=HEADLINE),
    )
