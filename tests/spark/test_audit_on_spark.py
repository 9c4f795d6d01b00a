"""The audit and the monitor on Spark, number by number against the same files counted here."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import rai_dash
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand, Roles
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.portfolio.spark import spark_portfolio
from rai_dash.govern.monitor.on_spark import count_on_spark
from rai_dash.govern.monitor.parts import count_parts
from rai_dash.models.client import load_model
from tests.jobs import trained
from tests.same_json import differences
from tests.unit.govern.monitor_story import applications, make_policy

ROLES = Roles(
    target="outcome", favourable=("repaid",), sensitive=("sex", "age"), score="score", split="split",
    split_train=("train",),
)  # fmt: skip


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(5)
    found = applications(6_000, 5)
    found["split"] = rng.choice(["train", "test"], len(found))
    found["w"] = rng.random(len(found)) * 3
    found.loc[rng.random(len(found)) < 0.02, "score"] = np.nan
    found.loc[5_000:, "sex"] = "x"
    return found


@pytest.fixture(scope="module")
def folder(frame, tmp_path_factory):
    place = tmp_path_factory.mktemp("parts")
    for i, (a, b) in enumerate([(0, 500), (500, 4_000), (4_000, 6_000)]):
        frame.iloc[a:b].to_parquet(place / f"part-{i}.parquet", index=False)
    return place


def audited(portfolio, roles):
    found = rai_dash.audit(
        dataset_of(portfolio, roles), crosses=[("sex", "age")], controls=("purpose",), threshold=0.4567,
        band=ReviewBand(0.3, 0.45, 0.7),
    )  # fmt: skip
    return json.loads(found.to_json())


@pytest.mark.parametrize(("session", "weight"), [("spark", None), ("connected", "w")])
def test_the_audit_is_that_of_the_files_counted_here(request, folder, session, weight):
    """Counts, and what follows from them, are identical; sums with a fraction, and what follows, within 1e-12."""
    session = request.getfixturevalue(session)
    roles = ROLES.with_(weight=weight)
    here, there = audited(open_portfolio(folder), roles), audited(spark_portfolio(folder, session), roles)

    assert (here["rests_on"].pop("engine"), there["rests_on"].pop("engine")) == ("duckdb", "spark")
    assert list(differences(here, there, rel=1e-12)) == []
    exact = {at[-2] for at, *_ in differences(here, there, rel=0.0) if at[0] == "groups"}
    if weight is None:
        assert exact <= {"mean_score", "brier"}


def test_a_model_must_have_scored_the_rows_first(spark, folder):
    with (
        load_model(trained(), model_class="1") as model,
        pytest.raises(InvalidChoice, match="rai-dash score"),
    ):
        rai_dash.audit(dataset_of(spark_portfolio(folder, spark), ROLES), model)


def test_a_batch_counts_through_spark_connect_as_it_does_here(connected, frame, folder):
    policy = make_policy(conditions=("amount > 9000",))
    facts, counts = count_parts(policy, open_portfolio(folder))
    there_facts, there = count_on_spark(policy, spark_portfolio(folder, connected))

    assert (facts, facts.sha256) == (facts, there_facts.sha256)
    assert facts.notices == there_facts.notices
    a, b = counts.to_json(), there.to_json()
    assert list(differences(a, b, rel=1e-12)) == []
    assert (a.pop("scores")["rows"], a) == (b.pop("scores")["rows"], b)
    assert isinstance(frame, pd.DataFrame)


def test_a_batch_is_scored_on_spark_by_the_model_of_the_policy(spark, repo, tmp_path):
    """The story: every score of the model, and the rows with a category that it has never seen."""
    from rai_dash.govern.policy_export import read_policy_file
    from tests.command import command

    samples = repo / "sample_data"
    drafted = command(
        "policy", "draft", samples / "story_training.csv.gz", "--target", "loan", "--favourable", "Approved",
        "--sensitive", "gender", "--id", "application_id", "--split", "split", "--lo", 0.2, "--hi", 0.8,
        "--model", samples / "story_biased.ubj", "--wrong-approval", "Debts.", "--wrong-refusal", "No home.",
        "--answerable", "Rita Berg", "--people-before", "Two.", "--policy-id", "story", "--out", tmp_path / "p.json",
    )  # fmt: skip
    assert drafted.returncode == 0
    batch = pd.read_csv(samples / "story_living_1100.csv.gz")
    batch.loc[[10, 900], "workclass"] = "Astronaut"
    (tmp_path / "batch").mkdir()
    batch.iloc[:400].to_parquet(tmp_path / "batch" / "a.parquet", index=False)
    batch.iloc[400:].to_parquet(tmp_path / "batch" / "b.parquet", index=False)
    policy = read_policy_file(tmp_path / "p.json").policy
    assert policy is not None

    with load_model(samples / "story_biased.ubj", favourable=("Approved",)) as model:
        facts, here = count_parts(policy, open_portfolio(tmp_path / "batch"), model=model)
        there_facts, there = count_on_spark(policy, spark_portfolio(tmp_path / "batch", spark), model=model)

    assert list(differences(here.to_json(), there.to_json(), rel=1e-12)) == []
    assert facts.model == there_facts.model == model.info.fingerprint
    assert sum(n.rows or 0 for n in there_facts.notices if n.code == "unseen_categories") == 2
