from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.case import CaseData, DataRole, judge
from rai_dash.core.errors import InvalidRoles
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.metrics.table import Costs
from rai_dash.ui import costing
from rai_dash.ui.choices import Choices
from rai_dash.ui.costing import Priced

ROLES = Roles(target="y", favourable=("1",), score="s", amount="a")
SPLIT = ROLES.with_(split="fold", split_train=("train",))


def judgement(roles=ROLES, **columns):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"y": np.tile([0, 1], 60), "s": np.round(rng.random(120), 3), "a": np.arange(120.0)} | columns
    )
    dataset = dataset_from_frame(frame, roles)
    return judge(CaseData(key="d", title="d", role=DataRole.TRAINING, dataset=dataset), None)


def test_costs_are_read_from_the_choices_and_kept_in_range():
    fixed = costing.priced(judgement(), Choices(cost_fp=7, cost_fn=-3))
    amount = costing.priced(judgement(), Choices(cost_by="amount", lost=250, margin=10))

    assert fixed == Priced(Costs(cost_fp=7, cost_fn=0), by_amount=False)
    assert amount == Priced(Costs(cost_fp=1.0, cost_fn=0.1), by_amount=True)


def test_without_an_amount_column_costs_are_fixed():
    found = costing.priced(judgement(ROLES.with_(amount=None)), Choices(cost_by="amount"))

    assert not found.by_amount


def test_the_price_by_amount_is_the_share_of_the_money_that_goes_wrong():
    seen = judgement()
    frame = seen.data.dataset.frame
    wrong = np.where(
        frame["y"] == 0, 0.6 * frame["a"] * (seen.score >= 0.5), 0.1 * frame["a"] * (seen.score < 0.5)
    )

    curve = costing.curve(seen, costing.priced(seen, Choices(cost_by="amount")))

    assert curve.cost[500] == pytest.approx(wrong.sum() / 120)
    assert curve.stability.source == "rows"


def test_everything_is_made_once():
    seen = judgement()
    price = costing.priced(seen, Choices(cost_by="amount"))

    assert costing.curve(seen, price) is costing.curve(seen, price)
    assert costing.halves(seen, by_amount=True) is costing.halves(seen, by_amount=True)
    assert costing.stakes(seen, by_amount=True) is costing.stakes(seen, by_amount=True)


def test_halves_are_the_same_for_every_score_of_the_same_data():
    seen = judgement()
    other = judgement()
    object.__setattr__(other, "score", 1.0 - other.score)

    mine, theirs = (costing.halves(j, by_amount=True).chosen_on.amounts.sums.sum() for j in (seen, other))

    assert mine == theirs


def test_training_rows_are_in_neither_half():
    fold = np.repeat(["train", "test"], 60)
    halves = costing.halves(judgement(SPLIT, fold=fold), by_amount=False)

    assert int(halves.chosen_on.counts.n[0] + halves.reported_on.counts.n[0]) == 60


def test_an_amount_that_is_no_number_is_refused_in_one_sentence():
    with pytest.raises(InvalidRoles, match="`a` does not hold numbers"):
        costing.stakes(judgement(a=np.repeat(["x", "y"], 60)), by_amount=True)
