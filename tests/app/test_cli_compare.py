"""``rai-dash compare``: numbers against scipy and pandas, exit codes, and refusals in one line."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, ks_2samp
from sklearn.metrics import roc_auc_score

import rai_dash
from tests.command import command


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """500 rows then and 400 now: the number moves, the category gets a new value, blanks become more."""
    rng = np.random.default_rng(4)
    then = pd.DataFrame(
        {"y": rng.integers(0, 2, 500), "x": rng.normal(size=500).round(3), "c": rng.choice(["a", "b"], 500)}
    )
    now = pd.DataFrame(
        {
            "y": (rng.random(400) < 0.8).astype(int),
            "x": rng.normal(1.0, size=400).round(3),
            "c": rng.choice(["a", "b", "z"], 400, p=[0.4, 0.4, 0.2]),
        }
    )
    now.loc[now.index[:60], "c"] = None
    place = tmp_path_factory.mktemp("tables")
    then.to_csv(place / "then.csv", index=False)
    now.to_csv(place / "now.csv", index=False)
    return place, then, now


def run(*arguments):
    return command("compare", *arguments)


def test_the_numbers_are_those_of_pandas_and_scipy(tables):
    place, then, now = tables
    done = run(place / "then.csv", place / "now.csv", "--target", "y", "--favourable", "1", "--json", "-")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == "rai-dash/compare/1"
    assert found["rows"] == {"then": 500, "now": 400}
    assert found["prior_shift"]["now"]["value"] == pytest.approx(now["y"].mean())
    assert found["prior_shift"]["shown"]
    x, c = found["columns"]["x"], found["columns"]["c"]
    assert x["statistic"] == pytest.approx(ks_2samp(then["x"], now["x"]).statistic)
    assert x["mean_now"] == pytest.approx(now["x"].mean())
    shares = [np.array([cell[side] for cell in x["cells"]]) for side in ("then", "now")]
    old, new = (np.maximum(s / s.sum(), 1e-4) for s in shares)
    assert x["psi"] == pytest.approx(((new - old) * np.log(new / old)).sum())
    counts = [frame["c"].value_counts().reindex(["a", "b", "z"]).fillna(0) for frame in (then, now)]
    assert c["statistic"] == pytest.approx(chi2_contingency(counts, correction=False).statistic)
    assert c["new"] == [{"value": "z", "rows": int((now["c"] == "z").sum())}]
    assert (c["missing_then"], c["missing_now"]) == (0, 60)
    assert found["classifier"]["shown"]
    known = set(then.itertuples(index=False, name=None))
    assert found["shared_rows"]["equal"] == sum(
        row in known for row in now.itertuples(index=False, name=None)
    )
    assert found["scores"] is None


def test_python_gives_what_the_command_writes(tables):
    place = tables[0]
    files = (place / "then.csv", place / "now.csv")
    done = run(*files, "--target", "y", "--favourable", "1", "--json", "-")
    roles = rai_dash.Roles(target="y", favourable=("1",))

    found = rai_dash.compare_datasets(*(rai_dash.read_dataset(f, roles) for f in files))

    written = json.loads(done.stdout)
    assert written.pop("run")["job"] == "compare"
    assert json.loads(found.to_json()) == written


def test_copied_rows_and_moved_scores_break_their_limits(tables, tmp_path):
    _, then, now = tables
    rng = np.random.default_rng(0)
    scores = [np.clip(rng.normal(m, 0.1, len(t)), 0, 1).round(3) for t, m in ((then, 0.4), (now, 0.6))]
    then, now = (
        t.assign(score=s, loan=rng.lognormal(9, 2, len(t)).round(2))
        for t, s in zip((then, now), scores, strict=True)
    )
    copies = then.iloc[:7].assign(x=lambda f: f["x"] * 1.003)
    pd.concat([now, then.iloc[7:12], copies]).to_csv(tmp_path / "now.csv", index=False)
    then.to_csv(tmp_path / "then.csv", index=False)

    done = run(tmp_path / "then.csv", tmp_path / "now.csv", "--target", "y", "--favourable", "1", "--no-classifier",
               "--score-column", "score", "--json", tmp_path / "out.json", "--fail-if", "shared_rows > 0",
               "--fail-if", "alike_rows > 6", "--fail-if", "alike_rows > 7", "--fail-if",
               "score_psi > 0.25")  # fmt: skip

    assert done.returncode == 1, done.stderr
    assert len(done.stderr.strip().splitlines()) == 3
    found = json.loads((tmp_path / "out.json").read_text())
    assert (found["shared_rows"]["equal"], found["shared_rows"]["alike"]) == (5, 7)
    after = pd.read_csv(tmp_path / "now.csv")
    assert found["scores"]["statistic"] == pytest.approx(ks_2samp(then["score"], after["score"]).statistic)
    assert found["scores"]["now"]["auc"]["value"] == pytest.approx(roc_auc_score(after["y"], after["score"]))


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("psi of x > 0.25", 1),
        ("psi of x > 9", 0),
        ("new of c > 0", 1),
        ("missing of c > 0.1", 1),
        ("prior_shift > 0.5", 0),
        ("prior_shift > 0.2", 1),
        ("psi of nope > 0.1", 2),
        ("classifier_auc > 0.9", 1),  # undefined without the classifier, and such a limit fails
    ],
)
def test_limits_break_with_status_1_and_nonsense_is_refused(tables, rule, code):
    place, *_ = tables
    files = (place / "then.csv", place / "now.csv")

    done = run(*files, "--target", "y", "--favourable", "1", "--no-classifier", "--json", place / "out.json",
               "--fail-if", rule)  # fmt: skip

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == (0 if code == 0 else 1)


def test_new_applications_without_outcomes_have_no_prior_shift(tables, tmp_path):
    place, _, now = tables
    now.drop(columns="y").to_csv(tmp_path / "open.csv", index=False)

    done = run(place / "then.csv", tmp_path / "open.csv", "--target", "y", "--favourable", "1", "--no-classifier",
               "--json", "-")  # fmt: skip

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["prior_shift"] is None
    assert set(found["columns"]) == {"x", "c"}
