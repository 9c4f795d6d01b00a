"""Numbers made of several rates: an interval that covers, or none with the reason."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.metrics.table import metric_table
from tests.simulations.worlds import THRESHOLD, at_least, counts_of, law

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROMISED = 0.91
RUNS = 1000


def shown(rows, base, recall, fpr):
    """The composites of many data sets, one a group, and the truth of each."""
    chance = law(base=base, recall=recall, fpr=fpr)
    cells = np.random.default_rng(16).multinomial(rows, chance, size=RUNS)
    table = metric_table(counts_of(cells), THRESHOLD, bootstrap=1000, metrics=["f1", "balanced_accuracy"])
    _, fp, fn, tp = chance
    truth = {"f1": 2 * tp / (2 * tp + fp + fn), "balanced_accuracy": (recall + 1 - fpr) / 2}
    return {name: (table.values[name], truth[name]) for name in truth}


@pytest.mark.parametrize(("recall", "fpr"), [(0.5, 0.3), (0.95, 0.05), (0.95, 0.5), (0.05, 0.3), (0.5, 0.95)])
@pytest.mark.parametrize(("rows", "base"), [(400, 0.4), (3_000, 0.05), (3_000, 0.95)])
def test_where_a_composite_has_an_interval_it_covers(rows, base, recall, fpr):
    for name, (found, truth) in shown(rows, base, recall, fpr).items():
        has_interval = np.isfinite(found.low)
        covered = (found.low <= truth) & (truth <= found.high)

        assert has_interval.sum() > 0.9 * RUNS, name
        assert covered.sum() >= at_least(PROMISED, int(has_interval.sum())), (name, covered.sum())


def test_a_composite_of_few_rows_has_a_value_and_no_interval():
    # About 30 rows have the rarer outcome, far fewer than an interval is given for.
    for found, _ in shown(100, 0.3, 0.9, 0.1).values():
        assert np.isfinite(found.value).all()
        assert np.isnan(found.low).all()
        assert np.isnan(found.high).all()
