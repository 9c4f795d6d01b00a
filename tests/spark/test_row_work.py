"""Scoring and explaining on Spark, against the job on this machine, row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai_dash.core.errors import InvalidChoice, RefusedModel
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.explain.portfolio_shap import ShapOptions, explain_parts, reference_rows
from rai_dash.explain.spark import explain_on_spark
from rai_dash.models.client import load_model
from rai_dash.models.portfolio_scores import ScoreOptions, score_parts
from rai_dash.models.spark import SentModel, score_on_spark
from tests.command import command
from tests.in_process import play
from tests.jobs import expected, loans, trained


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three parts of unlike sizes, the last by far the largest: Spark works on it first."""
    path = tmp_path_factory.mktemp("table")
    table = loans(6_000)
    for i, (first, last) in enumerate([(0, 500), (500, 1_700), (1_700, 6_000)]):
        pq.write_table(table.slice(first, last - first), path / f"part-{i}.parquet")
    return path


@pytest.fixture(scope="module")
def model():
    with load_model(trained(), model_class="1") as opened:
        yield opened


def in_order(path):
    found = pq.read_table(path).to_pandas()
    return found.sort_values(["part", "row"]).reset_index(drop=True)


@pytest.mark.parametrize("session", ["spark", "connected"])
def test_scores_on_spark_equal_those_of_this_machine_row_by_row(request, folder, model, tmp_path, session):
    rows = score_on_spark(
        request.getfixturevalue(session), folder, model, str(tmp_path / "spark"), ["id", "region"]
    )
    score_parts(open_portfolio(folder), model, tmp_path / "here", ScoreOptions(kept=("id", "region")))

    there, here = in_order(tmp_path / "spark"), pq.read_table(tmp_path / "here").to_pandas()
    assert rows == len(there) == 6_000
    pd.testing.assert_frame_equal(there[["id", "region", "score", "unseen"]], here, check_dtype=False)
    assert there["id"].is_monotonic_increasing
    assert here["unseen"].sum() == (here["region"] == "R9").sum() > 0


def test_contributions_on_spark_equal_those_of_this_machine_row_by_row(spark, folder, model, tmp_path):
    options = ShapOptions(kept=("id",))
    table = open_portfolio(folder)
    reference = reference_rows(table, model.info.feature_names, 1_000)
    rows, about = explain_on_spark(
        spark, folder, model, str(tmp_path / "spark"), reference=reference, options=options
    )
    done = explain_parts(table, model, tmp_path / "here", reference, options)

    there, here = in_order(tmp_path / "spark"), pq.read_table(tmp_path / "here").to_pandas()
    assert rows == 6_000
    assert about == done["about"]
    pd.testing.assert_frame_equal(there.drop(columns=["part", "row"]), here, rtol=0, atol=1e-9)
    shap = here.filter(like="shap: ").to_numpy()
    assert np.abs(here["base"] + shap.sum(axis=1) - here["output"]).max() < 1e-5


def test_the_commands_do_the_same(spark, folder, tmp_path, monkeypatch):
    play(monkeypatch)
    monkeypatch.setattr("rai_dash.data.portfolio.spark.spark_session", lambda *_: spark)
    (tmp_path / "model.ubj").write_bytes(trained())
    given = (
        folder,
        "--model",
        tmp_path / "model.ubj",
        "--model-class",
        "1",
        "--engine",
        "spark",
        "--keep",
        "id",
    )
    scored = command("score", *given, "--out", tmp_path / "scores")
    explained = command("explain", *given, "--out", tmp_path / "shap", "--background-rows", 200)

    assert scored.stderr.splitlines()[-1] == f"{tmp_path / 'scores'}: 6,000 rows, written by Spark."
    assert "6,000 rows, written by Spark. Exact tree kernel, interventional, against 200" in explained.stderr
    found, shap = in_order(tmp_path / "scores"), in_order(tmp_path / "shap")
    assert list(found) == ["part", "row", "id", "score", "unseen"]
    np.testing.assert_array_equal(found["score"], expected(trained(), loans(6_000)))
    np.testing.assert_allclose(1 / (1 + np.exp(-shap["output"])), found["score"], atol=1e-6)
    refused = command("score", *given, "--out", tmp_path / "more", "--part-rows", 2_000)
    assert "Leave out --part-rows" in refused.stderr


def test_spark_never_writes_over_what_is_there(spark, folder, model, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")

    with pytest.raises(InvalidChoice, match="is there already"):
        score_on_spark(spark, folder, model, str(tmp_path / "out"))
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"


def test_what_an_executor_refuses_comes_back_as_one_sentence(spark, model, tmp_path):
    broken = loans(50).set_column(2, "income", pa.array(["much"] * 50))
    pq.write_table(broken, tmp_path / "broken.parquet")

    with pytest.raises(InvalidChoice, match=r"takes numbers in `income`.*`much`"):
        score_on_spark(spark, tmp_path / "broken.parquet", model, str(tmp_path / "out"))


def test_an_executor_opens_no_pickle():
    with pytest.raises(RefusedModel, match="rai-dash convert"):
        SentModel(b"\x80\x04.", "pickle", ("a",), 1).loaded()
    with pytest.raises(RefusedModel):
        SentModel(b'{"learner": 1}', "xgboost", ("a",), 1).loaded()
