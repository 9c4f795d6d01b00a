"""The command line on awkward tables, models in wrong slots, and pickles on the analyst's own machine."""

from __future__ import annotations

import json
import os
import pickle  # noqa: TID251 - writes what is to be refused
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.command import command


class Evil:
    """Runs a command when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


@pytest.fixture(scope="module")
def run(repo):
    return partial(command, cwd=repo)


@pytest.fixture(scope="module")
def loans():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "income": np.round(rng.lognormal(8, 0.5, 400), 2),
            "job": rng.choice(["clerk", "cook", "driver"], 400),
            "sex": rng.choice(["f", "m"], 400),
        }
    )
    repaid = np.where(frame["income"] + rng.normal(0, 1500, 400) > 2900, "yes", "no")
    return frame, repaid


@pytest.fixture(scope="module")
def fitted(loans):
    frame, repaid = loans
    steps = make_column_transformer((OneHotEncoder(), ["job"]), (StandardScaler(), ["income"]))
    return make_pipeline(steps, LogisticRegression()).fit(frame, repaid)


@pytest.fixture(scope="module")
def table(loans, tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "loans.csv"
    frame, repaid = loans
    frame.assign(repaid=repaid).to_csv(path, index=False)
    return path


def refused(done, *words):
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert all(w in done.stderr for w in words), done.stderr


@pytest.mark.parametrize("kind", ["pickle", "joblib", "compressed", "dictionary"])
def test_a_pickle_of_ones_own_becomes_a_skops_file_with_the_same_predictions(  # noqa: PLR0917
    run, loans, fitted, table, tmp_path, kind
):
    source, out = tmp_path / "model.bin", tmp_path / "model.skops"
    if kind == "pickle":
        source.write_bytes(pickle.dumps(fitted))
    else:
        joblib.dump({"model": fitted, "note": "best"} if kind == "dictionary" else fitted, source,
                    compress=3 if kind == "compressed" else 0)  # fmt: skip

    done = run("convert", source, out, "--check", table)

    assert done.returncode == 0, done.stderr
    assert "Largest difference in prediction on 400 rows of the table: 0." in done.stdout
    frame, _ = loans
    written = skops.io.load(out, trusted=skops.io.get_untrusted_types(file=out))
    assert np.array_equal(written.predict_proba(frame), fitted.predict_proba(frame))
    assert run("inspect", out).returncode == 0


def test_without_a_table_the_copies_are_compared_on_made_up_rows(run, fitted, tmp_path):
    joblib.dump(fitted, tmp_path / "m.joblib")

    done = run("convert", tmp_path / "m.joblib", tmp_path / "m.skops")

    assert "on 1,000 made-up rows: 0." in done.stdout


def test_a_pickle_that_runs_a_command_runs_none_even_when_it_is_converted(run, tmp_path):
    marker = tmp_path / "ran"
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(Evil(marker)))

    refused(run("convert", tmp_path / "evil.pkl", tmp_path / "out.skops"), "holds no classifier")

    assert not marker.exists()
    assert not (tmp_path / "out.skops").exists()


def test_what_is_no_pickle_and_what_cannot_be_written_is_refused(run, table, fitted, tmp_path):
    refused(run("convert", table, tmp_path / "out.skops"), "not a pickle", "rai-dash inspect")
    refused(run("convert", tmp_path / "none.pkl", tmp_path / "out.skops"), "cannot be read")
    joblib.dump(fitted, tmp_path / "m.joblib")
    refused(run("convert", tmp_path / "m.joblib", tmp_path / "no" / "m.skops"), "cannot be written")
    (tmp_path / "cut.pkl").write_bytes(pickle.dumps(fitted)[:200])
    refused(run("convert", tmp_path / "cut.pkl", tmp_path / "out.skops"), "cannot be opened")


def test_the_options_for_reading_reach_every_command(run, loans, tmp_path):
    frame, repaid = loans
    path = tmp_path / "odd.csv"
    odd = frame.assign(repaid=repaid).astype({"income": "str"})
    odd.loc[odd.index % 10 == 0, "income"] = "k.A."
    odd.to_csv(path, index=False, header=False, sep="|")
    read = ["--read", "separator=bar", "--read", "header=no", "--read", "missing.column 1=k.A."]

    done = run("audit", path, "--target", "column 4", "--favourable", "yes", "--sensitive", "column 3",
               "--score-column", "column 1", *read)  # fmt: skip

    refused(done, "column 1")
    audited = run(
        "audit", path, "--target", "column 4", "--favourable", "yes", "--sensitive", "column 3", *read
    )
    content = json.loads(audited.stdout)
    assert content["data"]["rows"] == 400
    assert content["overall"]["base_rate"]["numerator"] == int((repaid == "yes").sum())
    assert any(w["code"] == "missing_set" and w["rows"] == 40 for w in content["data"]["warnings"])
    assert run("inspect", path, *read).returncode == 0


def test_a_model_beside_its_own_scores_is_compared_with_them(run, loans, fitted, tmp_path):
    frame, repaid = loans
    table, model = tmp_path / "scored.csv", tmp_path / "m.skops"
    skops.io.dump(fitted, model)
    score = fitted.predict_proba(frame)[:, 1]
    frame.assign(repaid=repaid, old=score, other=1 - score).to_csv(table, index=False)
    options = ["--target", "repaid", "--favourable", "yes", "--model", model]

    same = json.loads(run("audit", table, *options, "--score-column", "old").stdout)["model"]
    other = json.loads(run("audit", table, *options, "--score-column", "other").stdout)["model"]

    assert same["fidelity"] == {"column": "old", "rows": 400, "largest_difference": 0.0, "flips": 0}
    assert "fidelity" not in {w["code"] for w in same["warnings"]}
    assert other["fidelity"]["largest_difference"] == pytest.approx(np.abs(2 * score - 1).max())
    assert other["fidelity"]["flips"] == int(((score >= 0.5) != (1 - score >= 0.5)).sum())
    assert "fidelity" in {w["code"] for w in other["warnings"]}


def test_a_table_in_the_place_of_the_model_and_back_is_named(run, table, fitted, tmp_path):
    model = tmp_path / "m.skops"
    skops.io.dump(fitted, model)

    refused(run("audit", table, "--target", "repaid", "--favourable", "yes", "--model", table), "text table")
    refused(run("audit", model, "--target", "repaid", "--favourable", "yes"), "not a table")
