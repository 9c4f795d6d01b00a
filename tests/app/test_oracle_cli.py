"""The five published data sets through the command line: the same numbers as fairlearn and a count by hand."""

from __future__ import annotations

import json

import fairlearn.metrics as fairlearn
import numpy as np
import pytest
from sklearn.metrics import precision_score, roc_auc_score

from tests.command import command
from tests.oracles.cases import SPECS, read_real
from tests.oracles.compare import COMPARED, EVERY_METRIC, EXACT, assert_close, counted, parts_of

FAVOURABLE = {"census": ">50K", "german": "good", "boston": "1", "hmda": "0", "taiwan": "0"}
ORACLES = {
    "selection_rate": fairlearn.selection_rate,
    "recall": fairlearn.true_positive_rate,
    "fpr": fairlearn.false_positive_rate,
    "precision": precision_score,
}


@pytest.fixture(scope="module", params=list(SPECS))
def audited(request, shared, repo, tmp_path_factory):
    """A sample of a data set with its scores as a file, audited by the command line."""
    real = read_real(request.param, shared).sample
    folder = tmp_path_factory.mktemp(request.param)
    real.plain.assign(our_score=real.score).to_csv(folder / "rows.csv", index=False)
    bins = {column: ":" + ",".join(f"{e:g}" for e in edges) for column, edges in real.spec.roles.bins.items()}
    roles = real.spec.roles
    options = ["--target", roles.target, "--favourable", FAVOURABLE[real.name], "--score-column", "our_score"]
    options += [part for c in roles.sensitive for part in ("--sensitive", c + bins.get(c, ""))]
    options += [part for pair in real.spec.crosses for part in ("--cross", ",".join(pair))]
    options += [
        "--threshold",
        str(real.thresholds["tie"]),
        "--min-n",
        "1",
        "--json",
        str(folder / "audit.json"),
    ]
    done = command("audit", folder / "rows.csv", *options, cwd=repo)
    assert done.returncode == 0, done.stderr
    return real, json.loads((folder / "audit.json").read_text())


def test_every_share_equals_a_count_by_hand_and_is_null_where_there_is_nobody(audited):
    real, content = audited
    for columns in real.divisions:
        groups = (content["groups"] | content["crosses"])[" × ".join(columns)]
        assert set(groups) >= set(real.rows(columns))
        for _, group, part in parts_of(real, columns, tuple(groups), real.thresholds["tie"]):
            assert groups[group]["n"] == part.label.size
            for metric in COMPARED:
                k, n = counted(metric, part)
                entry = groups[group][metric]
                assert entry["numerator"] == k, (columns, group, metric)
                assert entry["denominator"] == n, (columns, group, metric)
                if n:
                    assert_close(entry["value"], k / n, EXACT, columns, group, metric)
            for metric in EVERY_METRIC:
                entry = groups[group][metric]
                assert (entry["value"] is not None) == part.defined(metric), (columns, group, metric)
                assert bool(entry.get("reason")) == (entry["value"] is None)


def test_a_column_and_its_gap_equal_fairlearn(audited):
    real, content = audited
    column = real.spec.roles.sensitive[0]
    frame = fairlearn.MetricFrame(
        metrics=ORACLES,
        y_true=real.label,
        y_pred=(real.score >= real.thresholds["tie"]).astype(int),
        sensitive_features=real.groups((column,)).to_numpy(object),
    )

    for name in ORACLES:
        for group, expected in frame.by_group[name].items():
            found = content["groups"][column][group][name]["value"]
            assert_close(found, expected, EXACT, real.name, group, name)
        gap = content["disparities"][column][name]
        assert_close(gap["difference"], frame.difference()[name], EXACT, real.name, name)
        assert_close(gap["ratio"], frame.ratio()[name], EXACT, real.name, name)
        assert_close(content["overall"][name]["value"], frame.overall[name], EXACT, real.name, name)


def test_the_quality_of_the_score_equals_scikit_learn(audited):
    real, content = audited
    overall = content["overall"]

    assert_close(overall["auc"]["value"], roc_auc_score(real.label, real.score), EXACT, real.name, "auc")
    assert_close(
        overall["brier"]["value"], np.mean((real.score - real.label) ** 2), EXACT, real.name, "brier"
    )
    assert content["scores"]["first"] == real.score[:200].tolist()
