"""``rai-dash explain`` against XGBoost's own contributions and the published case of the story."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import xgboost
from typer.testing import CliRunner

from rai_dash.cli.app import app


@pytest.fixture(scope="module")
def files(repo):
    folder = repo / "sample_data"
    return {
        "data": str(folder / "story_living_1100.csv.gz"),
        "model": str(folder / "story_biased.ubj"),
        "training": str(folder / "story_training.csv.gz"),
        "production": str(folder / "story_production_110.csv.gz"),
    }


def explained(*args: str) -> dict:
    result = CliRunner().invoke(app, ["explain", *args])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_published_case_by_its_id_path_dependent(files, shared):
    case = json.loads((shared / "data/story/EXPECTED.json").read_text())["group"]["case"]

    found = explained(
        files["production"], "--model", files["model"], "--id-column", "application_id", "--find", case["id"],
        "--perturbation", "path-dependent",
    )  # fmt: skip

    (one,) = found["explanations"]
    published = dict(case["shap_biased"])
    assert one["base"] == pytest.approx(published.pop("base"), abs=2e-3)
    assert one["values"] == pytest.approx(published, abs=2e-3)
    assert one["values"]["gender"] == pytest.approx(-1.761, abs=2e-3)
    assert one["additivity_error"] < 1e-5


def _own_contributions(files) -> np.ndarray:
    """What XGBoost itself says of every row, columns in the model's order, base last."""
    booster = xgboost.Booster(model_file=files["model"])
    frame = pd.read_csv(files["data"])[booster.feature_names]
    text = frame.columns[frame.dtypes == "str"]
    frame[text] = frame[text].astype("category")  # XGBoost finds its own codes for them
    data = xgboost.DMatrix(frame, enable_categorical=True)
    return booster.predict(data, pred_contribs=True)


def test_everyone_goes_to_parquet_and_equals_the_librarys_own_contributions(files, tmp_path):
    out = tmp_path / "all.parquet"
    result = CliRunner().invoke(app, [
        "explain", files["data"], "--model", files["model"], "--perturbation", "path-dependent",
        "--id-column", "application_id", "--all", str(out),
    ])  # fmt: skip
    assert result.exit_code == 0, result.output

    frame, own = pd.read_parquet(out), _own_contributions(files)
    values = frame[[c for c in frame if c.startswith("shap: ")]].to_numpy()
    assert values.shape == (1100, 12)
    np.testing.assert_allclose(values, own[:, :-1], atol=2e-5)
    np.testing.assert_allclose(frame["output"], own.sum(axis=1), atol=2e-5)
    assert frame["application_id"].tolist() == pd.read_csv(files["data"])["application_id"].tolist()
    assert frame["exact"].all()


def test_a_block_lime_and_the_reference_rows_are_in_the_json(files):
    found = explained(
        files["data"], "--model", files["model"], "--rows", "3,7-8", "--background", files["training"],
        "--block", "education,education-num", "--lime",
    )  # fmt: skip

    assert [e["row"] for e in found["explanations"]] == [3, 7, 8]
    assert found["background"]["rows"] == 8000
    assert {e["background_rows"] for e in found["explanations"]} == {8000}
    assert "education + education-num" in found["explanations"][0]["values"]
    assert [one["row"] for one in found["lime"]] == [3, 7, 8]
    for shap, lime in zip(found["explanations"], found["lime"], strict=True):
        odds = shap["output"]
        assert lime["model_prediction"] == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-6)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--rows", "1100"], "rows 0 to 1,099"),
        (["--rows", "nonsense"], "names no rows"),
        (["--find", "A1"], "Name it with --id-column"),
        (["--id-column", "application_id", "--find", "nobody"], "has no 'nobody'"),
        ([], "nobody to explain"),
        (["--rows", "1", "--space", "feet"], "no space for explanations"),
        (["--rows", "1", "--block", "age,nothing"], "nothing"),
        (["--rows", "1", "--perturbation", "magic"], "magic"),
        (["--rows", "1", "--what-if", "age"], "is not COLUMN=VALUE"),
        (["--rows", "1", "--what-if-from", "mars"], "starts from"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(files, args, says):
    result = CliRunner().invoke(app, ["explain", files["data"], "--model", files["model"], *args])

    assert result.exit_code != 0
    assert says in str(result.exception)
