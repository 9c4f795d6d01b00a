"""The story as production, and many fresh batches of a mix in which nothing has moved."""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from rai_dash.bundled import open_bundled
from rai_dash.core.review_cube import edges_of
from rai_dash.core.types import ReviewBand, Roles
from rai_dash.data.dataset import Dataset, dataset_from_frame
from rai_dash.data.review_counting import review_cube
from rai_dash.govern.drafting import DataFacts, ModelFacts, draft_policy
from rai_dash.govern.monitor.counting import batch_of, count_batch
from rai_dash.govern.monitor.judging import judge_batch
from rai_dash.govern.monitor.lines import Held
from rai_dash.govern.monitor.reference import reference_of
from rai_dash.govern.monitor.subject import SIGNED
from rai_dash.review.evaluate import evaluate
from tests.simulations.worlds import at_most
from tests.unit.govern.desk_story import START
from tests.unit.govern.monitor_story import applications, judged, make_policy, signed_data

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

BANDS = [ReviewBand(0.5, 0.5, 0.5), ReviewBand(0.2, 0.5, 0.8), ReviewBand(0.35, 0.5, 0.7)]
SEEDS = 400
MOST_ALARMS = 0.05


def policy_on(judgement, band):
    """The draft on the judged rows of a pair of data and model."""
    dataset, roles, model = judgement.data.dataset, judgement.roles, judgement.model.model
    outcome, score = dataset.outcome[judgement.judged], judgement.score[judgement.judged]
    cubes = {
        c: review_cube(outcome, score, judgement.groups([c]), edges=edges_of(band)) for c in roles.sensitive
    }
    info = model.info
    return draft_policy(
        policy_id="story", title="Story", environment="QA",
        data=DataFacts(
            name=dataset.name, sha256=dataset.fingerprint, rows=dataset.n_rows, columns=len(dataset.columns),
            role="test", rows_judged=judgement.n_judged, favourable=roles.favourable, target=roles.target,
            target_kind=roles.target_kind.value, sensitive=roles.sensitive,
        ),
        model=ModelFacts(
            name=info.family, format=info.format, sha256=info.fingerprint, favourable_class=model.model_class,
            features=info.feature_names,
        ),
        evaluation=evaluate(cubes, band),
        monitoring=reference_of(
            dataset, judgement.score, judged=judgement.judged, features=info.feature_names, threshold=band.threshold
        ),
        now=START,
    )  # fmt: skip


@pytest.fixture(scope="module")
def case():
    return open_bundled("story", "simulated")


@pytest.fixture(scope="module")
def census(case, shared):
    """Census rows that are in no file of the story, with their scores by the repaired model, by outcome and gender."""
    sys.path.insert(0, str(shared / "data"))
    try:
        import make_story
    finally:
        sys.path.pop(0)
    everyone = make_story.load(shared / "data/census-loan/census.csv.gz")
    seen = pd.concat([d.dataset.frame["application_id"] for d in case.data])
    rest = everyone[~everyone["application_id"].isin(seen)].reset_index(drop=True)
    frame = dataset_from_frame(rest).frame
    model = next(m for m in case.models if m.key == "repaired").model
    approved, female = rest["loan"].eq("Approved"), rest["gender"].eq("Female")
    parts = [np.flatnonzero(a & b) for a in (approved, ~approved) for b in (female, ~female)]
    return frame, model.score(frame).scores, parts


def drawn(rng, parts, approved, refused):
    """The rows of a batch as `make_story.py` mixes them: half women among the approved and among the refused."""
    sizes = (approved // 2, approved - approved // 2, refused // 2, refused - refused // 2)
    return np.concatenate([rng.choice(p, size, replace=False) for p, size in zip(parts, sizes, strict=True)])


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("key", ["production", "living"])
def test_the_story_breaks_on_approvals_errors_and_outcomes_and_says_so(case, key, band):
    policy = policy_on(case.judge("training", "biased"), band)
    judgement = case.judge(key, "biased")
    batch = batch_of(policy, judgement.data.dataset, model=judgement.model.model, score=judgement.score)

    found = judge_batch(policy, count_batch(policy, batch), rows=batch, subject=SIGNED)

    assert policy.data.rows_judged == 1_600
    assert found.verdict.state is Held.BREACH
    for name in ("selection_rate", "auto_error_rate", "base_rate"):
        assert found.line(name).counts, name
    for words in (
        "approved at the model’s own line",
        "automatic decisions are wrong",
        "outcomes are favourable",
    ):
        assert words in found.verdict.sentence
    assert found.verdict.sentence.startswith("The signed policy no longer holds: ")


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("mix", [(50, 60), (500, 600)])
def test_a_fresh_draw_of_the_same_mix_is_no_breach(case, census, band, mix):
    frame, score, parts = census
    policy = policy_on(case.judge("living", "repaired"), band)
    model = next(m for m in case.models if m.key == "repaired").model
    verdicts: Counter[str] = Counter()

    for seed in range(SEEDS):
        rows = drawn(np.random.default_rng(seed), parts, *mix)
        fresh = Dataset(frame=frame.iloc[rows].reset_index(drop=True), roles=Roles(), fingerprint="0" * 64)
        batch = batch_of(policy, fresh, model=model, score=score[rows])
        verdicts[judge_batch(policy, count_batch(policy, batch)).verdict.state] += 1

    assert verdicts[Held.BREACH] <= MOST_ALARMS * SEEDS, verdicts


@pytest.mark.parametrize("rows", [100, 1_000, 5_000])
def test_where_nothing_moved_a_breach_is_rare_and_a_real_one_is_found(rows):
    """A policy on 1,500 rows, drawn anew each time: its own figures are a sample as well."""
    runs = 200
    alarms = found = 0
    for seed in range(runs):
        policy = make_policy(signed_data(seed=seed))
        alarms += judged(policy, applications(rows, 10_000 + seed)).verdict.state is Held.BREACH
        if seed < 50 and rows >= 1_000:
            moved = applications(rows, 20_000 + seed, shift=0.08)
            found += judged(policy, moved).verdict.state is Held.BREACH

    assert alarms <= at_most(MOST_ALARMS, runs)
    assert rows < 1_000 or found >= 45
