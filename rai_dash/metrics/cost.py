"""What the errors cost: review-band.md section 6, for a plain threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.estimates import Estimates
from rai_dash.core.texts import mark, tr
from rai_dash.metrics._base import NO_LABELLED, Costs, MetricInput, composite, metric, ratio
from rai_dash.metrics._confusion import Confusion

FloatArray = NDArray[np.float64]


@metric(
    "expected_cost",
    label=mark("Cost per application"),
    meaning=mark("What wrong decisions cost on average, per application with a known outcome."),
    direction="lower",
    family="cost",
)
def expected_cost(given: MetricInput) -> Estimates:
    """Compute the mean cost of a labelled application; undefined without costs or labels.

    An application without a score goes to a person, who errs as the costs say.
    """
    costs = given.costs
    if costs is None:
        return composite(given, lambda c: np.full(c.tp.shape, np.nan), undefined=tr("no costs were given"))
    return composite(
        given,
        lambda c: ratio(_total(c, costs), c.labelled),
        undefined=NO_LABELLED,
        parts=(_total(given.sums, costs), given.sums.labelled),
    )


def _total(c: Confusion, costs: Costs) -> FloatArray:
    """Sum the costs of a group."""
    good, bad = c.favourable_without_score, c.unfavourable_without_score
    fn = c.fn + good * (1.0 - costs.approves_favourable)
    fp = c.fp + bad * (1.0 - costs.refuses_unfavourable)
    return costs.cost_fn * fn + costs.cost_fp * fp + costs.cost_review * (good + bad)
