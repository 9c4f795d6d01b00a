"""LightGBM files through a model's own process."""

from __future__ import annotations

import re

import lightgbm
import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, MissingColumn, RaiError, WorkerFailed
from rai_dash.explain.client import lime_values, shap_values
from rai_dash.models.client import LOAD, SCORE, load_model
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.client import Child

CATEGORIES = ["job", "home"]


@pytest.fixture(scope="module")
def trained(loans):
    """A model with categories, as LightGBM's own classifier."""
    frame, label = loans
    settings = {"n_estimators": 12, "num_leaves": 8, "n_jobs": 1, "verbose": -1, "min_data_per_group": 5}
    return lightgbm.LGBMClassifier(**settings).fit(frame.astype(dict.fromkeys(CATEGORIES, "category")), label)


@pytest.fixture(scope="module")
def content(trained):
    return trained.booster_.model_to_string().encode()


def test_scores_equal_the_library_bit_for_bit_in_any_order_of_columns(content, trained, loans):
    frame = loans[0]
    direct = trained.predict_proba(frame.astype(dict.fromkeys(CATEGORIES, "category")))[:, 1]

    with load_model(content) as model:
        table = frame[frame.columns[::-1]].assign(extra="x")
        score, one = model.score(table).scores, model.score(table.tail(1)).scores

    assert np.array_equal(score, direct)
    assert np.array_equal(one, direct[-1:])
    assert (model.info.format, model.info.classes, model.info.has_class_labels) == (
        "lightgbm",
        ("0", "1"),
        False,
    )
    assert model.info.features[2].categories == ("clerk", "cook", "driver")


def test_the_other_class_gives_the_complement(content, trained, loans):
    direct = trained.predict_proba(loans[0].astype(dict.fromkeys(CATEGORIES, "category")))[:, 1]

    with load_model(content, model_class="0") as model:
        assert np.array_equal(model.score(loans[0]).scores, 1.0 - direct)


def test_a_category_never_seen_is_counted_and_scored_as_missing(content, trained, loans):
    frame = loans[0].head(9).copy()
    frame.loc[[1, 4], "job"] = "pilot"
    typed = loans[0].astype(dict.fromkeys(CATEGORIES, "category")).head(9)
    typed.loc[[1, 4], "job"] = np.nan

    with load_model(content) as model:
        found = model.score(frame)

    assert [(n.code, n.column, n.rows) for n in found.notices] == [("unseen_category", "job", 2)]
    assert np.array_equal(found.scores, trained.predict_proba(typed)[:, 1])


def test_missing_columns_and_text_for_numbers_are_named(content, loans):
    with load_model(content) as model:
        with pytest.raises(MissingColumn, match=r"`income`.*Closest names here: `incomes`"):
            model.score(loans[0].rename(columns={"income": "incomes"}))
        with pytest.raises(InvalidChoice, match="numbers in `age`"):
            model.score(loans[0].assign(age="old"))


def test_given_names_survive_the_end_of_the_process(loans):
    rows = loans[0][["age", "income"]]
    data = lightgbm.Dataset(rows.to_numpy(), loans[1] == "good")
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 5)

    with load_model(booster.model_to_string().encode(), feature_names=["age", "income"]) as model:
        before = model.score(rows).scores
        model.close()
        after = model.score(rows[["income", "age"]]).scores

    assert np.array_equal(before, booster.predict(rows.to_numpy()))
    assert np.array_equal(before, after)


@pytest.mark.parametrize("space", ["log-odds", "probability"])
@pytest.mark.parametrize("columns", [["age", "income", "job", "home", "grade"], ["age", "income", "grade"]])
def test_explanations_add_up_to_the_scores(loans, columns, space):
    rows = loans[0][columns]
    typed = rows.astype({c: "category" for c in CATEGORIES if c in columns})
    classifier = lightgbm.LGBMClassifier(n_estimators=12, n_jobs=1, verbose=-1).fit(typed, loans[1])
    direct = classifier.predict_proba(typed.head(3))[:, 1]

    with load_model(classifier.booster_.model_to_string().encode()) as model:
        found = shap_values(model, rows.head(3), rows.head(200), row_ids=[0, 1, 2], space=space)
        lime = lime_values(model, rows.head(1), rows, seeds=2, samples=500)

    output = [e.base + sum(e.values.values()) for e in found]
    wanted = direct if space == "probability" else np.log(direct / (1 - direct))
    assert [e.space for e in found] == [space] * 3
    np.testing.assert_allclose(output, wanted, rtol=0, atol=1e-6)
    assert list(lime.values) == columns


REAL = {
    "german-credit/german_credit_decoded": "credit_risk",
    "census-loan/census": "loan",
    "taiwan-default/credit_card_clients": "default payment",
}


@pytest.mark.parametrize("name", REAL)
def test_models_of_real_data_score_as_lightgbm_does_from_the_table_as_it_is_read(shared, tmp_path, name):
    from rai_dash.core.types import Roles
    from rai_dash.data.read import read_dataset

    path = shared / "data" / f"{name}.csv.gz"
    frame = pd.read_csv(path, keep_default_na=False)
    label = frame.pop(REAL[name])
    frame = frame.drop(columns=[c for c in frame.columns if c.startswith("Unnamed")])
    typed = frame.astype({c: "category" for c in frame.columns if frame[c].dtype == "str"})
    classifier = lightgbm.LGBMClassifier(n_estimators=30, n_jobs=1, verbose=-1)
    classifier.fit(typed, label == label.unique()[0])
    classifier.booster_.save_model(tmp_path / "model.txt")
    table = read_dataset(path, Roles()).frame

    with load_model(tmp_path / "model.txt", feature_names=list(frame.columns)) as model:
        found = model.score(table)

    assert np.array_equal(found.scores, classifier.predict_proba(typed)[:, 1])
    assert found.notices == ()


def _resized(content):
    """Write the true sizes of the trees, so that the damage gets past the first check of all."""
    start, end = content.find(b"Tree=0"), content.find(b"end of trees")
    blocks = re.split(rb"(?m)^(?=Tree=)", content[start:end])[1:]
    sizes = b" ".join(b"%d" % len(block) for block in blocks)
    return re.sub(rb"(?m)^tree_sizes=.*$", b"tree_sizes=" + sizes, content)


def _flip(content, rng):
    out = bytearray(content)
    for place in rng.integers(0, len(out), rng.integers(1, 4)):
        out[place] = rng.integers(0, 256)
    return bytes(out)


def _number(content, rng):
    found = list(re.finditer(rb"(?<=[=\s:\[])-?\d[\d.]*", content))
    at = found[rng.integers(len(found))]
    value = rng.choice(
        [b"-1", b"0", b"1", b"7", b"64", b"99999", b"2147483647", b"-2147483648", b"1e308", b"nan"]
    )
    return content[: at.start()] + bytes(value) + content[at.end() :]


def _lines(content, rng):
    lines = content.split(b"\n")
    at, other = rng.integers(0, len(lines), 2)
    change = rng.integers(3)
    if change == 0:
        del lines[at]
    elif change == 1:
        lines.insert(at, lines[other])
    else:
        lines[at], lines[other] = lines[other], lines[at]
    return b"\n".join(lines)


def _cut(content, rng):
    return content[: rng.integers(1, len(content))]


@pytest.mark.slow
def test_500_damaged_files_are_refused_or_give_finite_scores_and_never_end_the_process(content, loans):
    rng = np.random.default_rng(11)
    rows, outcomes = loans[0].head(40), {"refused": 0, "scored": 0}
    table = frame_to_ipc(rows)
    with load_model(content) as model:
        clean = model.score(rows).scores
    child = Child()
    for i in range(500):
        damaged = (_flip, _number, _lines, _cut, _number)[i % 5](content, rng)
        damaged = _resized(damaged) if i % 2 else damaged
        try:
            child.call(LOAD, {}, [damaged], timeout=20)
            reply = child.call(SCORE, {}, [table], timeout=20)
        except WorkerFailed as failed:
            pytest.fail(f"mutation {i} reached LightGBM or an unforeseen place: {failed.message}")
        except RaiError:
            outcomes["refused"] += 1
        else:
            assert np.isfinite(np.frombuffer(reply.blobs[0])).all()
            outcomes["scored"] += 1
        assert child.alive
    child.call(LOAD, {}, [content])
    again = child.call(SCORE, {}, [table])
    child.close()
    assert np.array_equal(np.frombuffer(again.blobs[0]), clean)
    assert min(outcomes.values()) > 50
