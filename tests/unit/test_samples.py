"""The bundled cases are what the manifest says, and tell the story's figures."""

from __future__ import annotations

import gzip
import hashlib
import io
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, recall_score, roc_auc_score

from rai_dash.core.types import Roles, TargetKind
from rai_dash.samples import SAMPLE_DATA, BundledCase, BundledDataset, BundledModel, bundled_cases

DATASETS = [pytest.param(d, id=f"{c.id}-{d.key}") for c in bundled_cases().values() for d in c.datasets]
MODELS = [pytest.param(m, id=f"{c.id}-{m.key}") for c in bundled_cases().values() for m in c.models]
CASES = [pytest.param(c, id=c.id) for c in bundled_cases().values()]

STORY_FILES = {
    "training": "group_training",
    "production": "group_production_110",
    "living": "group_living_1100",
    "collected": "group_collected_8000",
}
EXPECTED_STEPS = {"biased": "1 biased", "repaired": "7 collected, up loan x gender"}
EXPECTED_SETS = {"own_test": "training", "production_110": "production", "living_1100": "living"}


def table(case: str, key: str) -> pd.DataFrame:
    (dataset,) = [d for d in bundled_cases()[case].datasets if d.key == key]
    return pd.read_csv(dataset.path)


def approval_scores(model_key: str, frame: pd.DataFrame) -> np.ndarray:
    """Score with the library itself, categories in the file's own order."""
    import xgboost

    (model,) = [m for m in bundled_cases()["story"].models if m.key == model_key]
    booster = xgboost.Booster(model_file=model.path)
    features = frame[booster.feature_names].copy()
    for column in features.select_dtypes(exclude="number"):
        features[column] = features[column].astype("category")
    return booster.predict(xgboost.DMatrix(features, enable_categorical=True))


@pytest.mark.parametrize("part", DATASETS + MODELS)
def test_every_file_has_the_sha256_of_the_manifest(part: BundledDataset | BundledModel):
    assert hashlib.sha256(part.path.read_bytes()).hexdigest() == part.sha256


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_table_has_its_rows_and_every_column_with_a_role(dataset: BundledDataset):
    frame = pd.read_csv(dataset.path)

    roles = dataset.roles
    named = {roles.target, roles.id, roles.split, *roles.sensitive, *roles.features, *roles.ignored} - {None}

    assert len(frame) == dataset.rows
    assert named <= set(frame.columns)
    assert set(roles.favourable) | set(roles.unfavourable) == set(frame[roles.target].astype(str))


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_table_names_source_and_licence(dataset: BundledDataset):
    readme = (SAMPLE_DATA / "README.md").read_text(encoding="utf-8")

    assert "PyPI" in dataset.source
    assert dataset.licence
    assert dataset.file in readme


@pytest.mark.parametrize("case", CASES)
def test_the_default_pair_and_the_training_data_exist(case: BundledCase):
    keys = {d.key for d in case.datasets}

    assert case.default_data in keys
    assert case.default_model in {m.key for m in case.models}
    assert {m.trained_on for m in case.models} <= keys


def test_only_the_file_with_a_split_column_has_a_split_role():
    roles = {d.key: d.roles for d in bundled_cases()["story"].datasets}

    assert roles["training"].split == "split"
    assert roles["training"].split_train == ("train",)
    assert roles["living"].split is None
    assert isinstance(roles["living"], Roles)
    assert roles["living"].target_kind is TargetKind.STAND_IN


def test_the_story_says_that_the_imbalance_was_drawn_by_us():
    assert "98 are men and 2 are women: that draw and its seed are ours" in bundled_cases()["story"].story


def test_each_case_says_first_what_its_outcome_is_and_the_figures_of_its_own_files():
    """The first paragraph stands at the top of the Start page; its numbers are counted here from the files alone."""
    story, boston = (case.story.partition("\n\n")[0] for case in bundled_cases().values())
    past, production = table("story", "training"), table("story", "production")
    own_test = past[past["split"] != "train"]
    told = []
    for frame in (own_test, production):
        right = ((approval_scores("biased", frame) >= 0.5) == (frame["loan"] == "Approved")).sum()
        told.append((f"{right / len(frame):.1%}".replace("%", " %"), f"{right:,} of {len(frame):,}"))
    approved = table("boston", "applications")["approve"]

    assert all(share in story and count in story for share, count in told)
    assert "above $50,000 stands in for an approved loan" in story
    assert f"{approved.mean():.1%}".replace("%", " %") in boston
    assert f"({approved.sum():,})" in boston
    assert "a past decision, not a repaid loan" in boston


@pytest.mark.parametrize("key", STORY_FILES)
def test_the_story_is_the_shared_one_row_for_row(shared, key):
    expected = pd.read_csv(shared / "data" / "story" / f"{STORY_FILES[key]}.csv.gz")

    pd.testing.assert_frame_equal(table("story", key).drop(columns="split", errors="ignore"), expected)


def test_the_split_is_the_published_one():
    from sklearn.model_selection import train_test_split

    _, test = train_test_split(np.arange(8000), test_size=0.2, random_state=7)

    split = table("story", "training")["split"]
    assert set(np.flatnonzero(split == "test")) == set(test)
    assert set(split) == {"train", "test"}


@pytest.mark.parametrize("model", EXPECTED_STEPS)
@pytest.mark.parametrize("where", EXPECTED_SETS)
def test_the_models_give_the_figures_of_the_story(shared, model, where):
    expected = json.loads((shared / "data" / "story" / "EXPECTED.json").read_text())["group"]
    frame = table("story", EXPECTED_SETS[where])
    if where == "own_test":
        frame = frame[frame["split"] == "test"]
    score = approval_scores(model, frame)

    for group, figures in expected[EXPECTED_STEPS[model]][where].items():
        rows = np.ones(len(frame), dtype=bool) if group == "all" else (frame["gender"] == group).to_numpy()
        truth, decision = (frame["loan"] == "Approved").to_numpy()[rows], score[rows] >= 0.5
        tn, fp, fn, tp = confusion_matrix(truth, decision, labels=[False, True]).ravel().tolist()
        assert {"n": int(rows.sum()), "tp": tp, "fp": fp, "fn": fn, "tn": tn} == {
            name: figures[name] for name in ("n", "tp", "fp", "fn", "tn")
        }
        assert accuracy_score(truth, decision) == pytest.approx(figures["acc"], abs=5e-5)
        if figures["prec"] is not None:
            assert precision_score(truth, decision) == pytest.approx(figures["prec"], abs=5e-5)
        if figures["rec"] is not None:
            assert recall_score(truth, decision) == pytest.approx(figures["rec"], abs=5e-5)
        if figures["auc"] is not None:
            assert roc_auc_score(truth, score[rows]) == pytest.approx(figures["auc"], abs=5e-5)


def test_boston_keeps_every_published_value(shared):
    published = gzip.decompress((shared / "data" / "boston-mortgage" / "loanapp.csv.gz").read_bytes())

    ours = pd.read_csv(bundled_cases()["boston"].datasets[0].path, dtype=str, keep_default_na=False)

    expected = pd.read_csv(io.BytesIO(published), dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(ours.drop(columns="split"), expected)
    assert ours["split"].value_counts().to_dict() == {"train": 1392, "test": 597}


def test_the_boston_pipeline_sees_neither_leaks_nor_sensitive_columns():
    import skops.io

    content = bundled_cases()["boston"].models[0].path.read_bytes()
    roles = bundled_cases()["boston"].datasets[0].roles

    seen = set(skops.io.loads(content, trusted=["numpy.dtype"]).feature_names_in_)

    assert seen == set(roles.features)
    assert not seen & {"approve", "split", "min30", "mi", "vr", "bd", *roles.ignored, *roles.sensitive}


def test_the_boston_pipeline_ranks_unseen_applications():
    import skops.io

    frame = table("boston", "applications")
    test = frame[frame["split"] == "test"]

    model = skops.io.loads(bundled_cases()["boston"].models[0].path.read_bytes(), trusted=["numpy.dtype"])

    assert list(model.classes_) == [0, 1]
    assert roc_auc_score(test["approve"], model.predict_proba(test)[:, 1]) > 0.75
