"""The section of an audit about what errors cost."""

from __future__ import annotations

from dataclasses import asdict

from rai_dash.case import Judgement
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.metrics.cheapest import cost_at, cost_curve, theory
from rai_dash.metrics.stakes import Stakes, draw_stakes
from rai_dash.metrics.table import Costs


def costs_json(judgement: Judgement, costs: Costs, threshold: float) -> dict[str, object]:
    """Describe the cost of the threshold, of the cheapest one, and how stable that pick is.

    Parameters
    ----------
    judgement : Judgement
        The judged rows.
    costs : Costs
        Fixed costs of the two errors and of a review.
    threshold : float
        In [0, 1].

    Returns
    -------
    dict
        ``per_application`` at the threshold, of refusing and of approving everyone, ``theory`` (the threshold for
        scores that are true probabilities), ``cheapest`` (picked on these very rows: its cost is too good) and its
        ``stability``; undefined = None, a threshold of None = nobody is approved.
    """
    stakes = Stakes(counts=judgement.counts())
    seed = int(fingerprint_value([judgement.data.dataset.fingerprint, "costs"])[:8], 16)
    curve = cost_curve(stakes, costs, draws=draw_stakes(stakes, seed=seed))
    return {
        **asdict(costs),
        "per_application": {
            "at_threshold": cost_at(stakes, costs, threshold),
            "refuse_all": cost_at(stakes, costs, None),
            "approve_all": cost_at(stakes, costs, 0.0),
        },
        "theory": theory(costs),
        "cheapest": None if curve.cheapest is None else asdict(curve.cheapest),
        "stability": None if curve.stability is None else asdict(curve.stability),
        "reason": curve.reason,
    }
