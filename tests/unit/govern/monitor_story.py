"""A small lender: applications drawn by a rule, and a policy on their score column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from rai_dash.core.review_cube import edges_of
from rai_dash.core.types import ReviewBand, Roles
from rai_dash.data.dataset import Dataset, dataset_from_frame
from rai_dash.data.groups import group_index
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.review_counting import review_cube
from rai_dash.data.scores import scores_of_column
from rai_dash.govern._policy_monitoring import MonitorLimits
from rai_dash.govern.drafting import DataFacts, HarmFacts, ModelFacts, ScoreFacts, draft_policy
from rai_dash.govern.monitor.counting import batch_of, count_batch
from rai_dash.govern.monitor.judging import judge_batch
from rai_dash.govern.monitor.reference import reference_of
from rai_dash.govern.monitor.subject import SIGNED
from rai_dash.govern.policy import Policy
from rai_dash.review.conditions import hold, parse_condition
from rai_dash.review.evaluate import evaluate
from tests.unit.govern.desk_story import START

BAND = ReviewBand(0.35, 0.5, 0.7)
FEATURES = ("amount", "purpose")
ROLES = Roles(
    target="outcome",
    favourable=("repaid",),
    sensitive=("sex", "age"),
    bins={"age": (30.0, 50.0)},
    features=FEATURES,
    id="id",
    score="score",
)
LONG_HARM = HarmFacts(
    wrong_approval="Debts that cannot be paid back.",
    wrong_refusal="A home not bought.",
    answerable="Rita Berg",
)


def applications(
    n: int, seed: int, *, shift: float = 0.0, purposes: tuple[str, ...] = ("car", "home", "other")
):
    """``n`` rows; ``shift`` moves the scores and not the outcomes."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(2.0, 2.0, n)
    frame = pd.DataFrame(
        {
            "id": [f"A{seed}-{i}" for i in range(n)],
            "age": rng.integers(18, 80, n),
            "sex": rng.choice(["f", "m"], n, p=[0.4, 0.6]),
            "amount": rng.lognormal(8.0, 1.0, n).round(2),
            "purpose": rng.choice(list(purposes), n),
            "score": np.clip(truth + shift, 0.0, 1.0).round(3),
            "outcome": np.where(rng.random(n) < truth, "repaid", "lost"),
        }
    )
    frame.loc[rng.random(n) < 0.05, "amount"] = np.nan
    frame.loc[rng.random(n) < 0.03, "sex"] = None
    return frame


def signed_data(n: int = 1_500, seed: int = 1) -> Dataset:
    return dataset_from_frame(applications(n, seed), ROLES, name="signed.csv")


def make_policy(
    data: Dataset | None = None,
    *,
    band: ReviewBand = BAND,
    conditions: tuple[str, ...] = (),
    limits: MonitorLimits | None = None,
    **changes: object,
) -> Policy:
    """The draft of a policy on the score column of some applications."""
    data = data or signed_data()
    roles, score = data.roles, scores_of_column(data)
    asked = [parse_condition(text, columns=data.columns) for text in conditions]
    routed = np.where(hold(asked, data.frame).rows, np.nan, score)
    weight = data.weight if roles.weight else None
    cubes = {
        column: review_cube(
            data.outcome, routed, group_index(data.frame, column, bins=roles.bins.get(column)), weight=weight,
            edges=edges_of(band),
        )
        for column in roles.sensitive
    }  # fmt: skip
    given = {
        "policy_id": "small-loans",
        "title": "Small loans",
        "environment": "QA",
        "data": DataFacts(
            name=data.name, sha256=data.fingerprint, rows=data.n_rows, columns=len(data.columns), role="test",
            rows_judged=data.n_rows, favourable=roles.favourable, target=roles.target,
            target_kind=roles.target_kind.value, sensitive=roles.sensitive,
        ),
        "model": ModelFacts(name="score", format="score_column"),
        "score": ScoreFacts(source="column", column="score"),
        "evaluation": evaluate(cubes, band),
        "conditions": asked,
        "harm": LONG_HARM,
        "people_before": "Two officers decided every case; they now see the unsure ones.",
        "monitoring": reference_of(
            data, score, judged=np.ones(data.n_rows, dtype=bool), features=FEATURES, threshold=band.threshold,
            limits=limits or MonitorLimits(),
        ),
        "now": START,
    }  # fmt: skip
    return draft_policy(**(given | changes))


def table(frame: pd.DataFrame, name: str = "batch.csv") -> Dataset:
    return dataset_from_frame(frame, name=name)


def counted(policy: Policy, frame: pd.DataFrame):
    return count_batch(policy, batch_of(policy, table(frame)))


def judged(policy: Policy, frame: pd.DataFrame, **more: object):
    return judge_batch(policy, counted(policy, frame), **({"subject": SIGNED} | more))


class Parts:
    """Parts of a table in memory, handed out in batches as an engine hands them out, and a log of what was read."""

    name = "memory"

    def __init__(self, frames: list[pd.DataFrame], batch: int = 700) -> None:
        whole = pa.Table.from_pandas(pd.concat(frames), preserve_index=False)
        sizes = [len(f) for f in frames]
        starts = np.cumsum([0, *sizes[:-1]])
        self._tables = [whole.slice(s, n) for s, n in zip(starts, sizes, strict=True)]
        self._whole, self._batch = whole, batch
        self.part_rows = tuple(sizes)
        self.kinds = dict.fromkeys(whole.column_names, "text")
        self.read: list[int] = []

    def head(self, columns, n):
        return self._whole.select(list(columns)).slice(0, n)

    def batches(self, part, columns):
        self.read.append(part)
        yield from self._tables[part].select(list(columns)).to_batches(max_chunksize=self._batch)


def portfolio_of(frames: list[pd.DataFrame], batch: int = 700) -> Portfolio:
    return Portfolio(name="batch", engine=Parts(frames, batch), fingerprint="ab" * 32, source="parts")
