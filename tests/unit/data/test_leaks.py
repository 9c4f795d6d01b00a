from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from rai_dash.data.column_facts import TableFacts
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.leaks import find_leaks, leaks

N = 1000


@pytest.fixture
def outcome():
    return (np.arange(N) % 4 > 0).astype(np.int8)


def search(outcome, **columns):
    frame = dataset_from_frame(pd.DataFrame({"target": outcome, **columns})).frame
    return {leak.column: leak for leak in find_leaks(TableFacts(frame), outcome, target="target")}


def test_the_area_of_sklearn_is_in_the_evidence(outcome):
    x = outcome * 2.0 + np.random.default_rng(0).normal(size=N, scale=0.55)
    area = roc_auc_score(outcome, x)
    assert 0.99 < area < 0.9995  # a case that rounds to neither end

    assert f"AUC {area:.3f} in 1,000 rows" in search(outcome, x=x)["x"].evidence


def test_a_column_in_other_words_repeats_the_target_one_to_one(outcome):
    found = search(outcome, words=np.where(outcome == 1, "ok", "sorry"), codes=outcome + np.arange(N) % 2 * 5)

    assert found["words"].evidence == "repeats the outcome one to one in 1,000 rows"
    assert "AUC 1.000" in found["codes"].evidence  # four values: it tells all, but more than the outcome


def test_a_column_that_is_filled_on_one_side_only(outcome):
    half = np.where((outcome == 0) & (np.arange(N) % 8 == 0), 7.0, np.nan)

    found = search(outcome, recovered=half, text=pd.Series(half).map({7.0: "called"}))

    share = np.mean(~np.isnan(half[outcome == 0]))
    assert share == 0.5
    words = "is filled for 50 % of the unfavourable and 0 % of the favourable rows"
    assert (found["recovered"].evidence, found["text"].evidence) == (words, words)
    assert found["recovered"].is_strong


def test_a_column_that_is_blank_on_one_side_only(outcome):
    found = search(outcome, reason=np.where((outcome == 1) & (np.arange(N) % 2 == 1), None, "x"))

    assert (
        "is filled for 100 % of the unfavourable and 33 % of the favourable rows" in found["reason"].evidence
    )


def test_an_amount_that_is_0_on_one_side_is_a_weaker_suspect(outcome):
    amount = np.where((outcome == 0) & (np.arange(N) % 8 == 0), np.arange(N), 0)

    leak = search(outcome, recoveries=amount)["recoveries"]

    assert "differs from 0 for 50 %" in leak.evidence
    assert not leak.is_strong
    assert leaks(pd.DataFrame({"recoveries": amount}), outcome, skip=()) == ()


def test_blanks_at_random_and_rare_marks_are_no_leaks(outcome):
    rng = np.random.default_rng(1)
    noise = rng.normal(size=N)

    found = search(
        outcome,
        blank=np.where(rng.random(N) < 0.3, np.nan, noise),
        rare=np.where(np.arange(N) < 8, np.where(outcome == 0, 1.0, 2.0), np.nan),
        zeros=np.where(rng.random(N) < 0.1, noise, 0.0),
        group=np.where((outcome == 0) & (np.arange(N) % 8 == 0), 1, 0),  # 0 and 1: any fact about a person
    )

    assert found == {}


def test_few_rows_of_one_side_make_no_leak():
    outcome = np.ones(N, np.int8)
    outcome[:9] = 0

    assert search(outcome, x=outcome * 2, filled=np.where(outcome == 0, 1.0, np.nan)) == {}


def test_rows_without_outcome_do_not_count(outcome):
    outcome[::10] = 2
    x = np.where(outcome == 2, -5.0, outcome * 3.0)

    leak = search(outcome, x=x)["x"]

    assert f"in {int((outcome != 2).sum()):,} rows" in leak.evidence


def test_a_large_table_is_screened_and_then_ranked_as_a_whole():
    rng = np.random.default_rng(3)
    n = 90_000
    y = (rng.random(n) < 0.5).astype(np.int8)
    x, close = y * 2.0 + rng.normal(size=n, scale=0.55), y * 2.0 + rng.normal(size=n, scale=0.75)
    assert roc_auc_score(y, close) < 0.985

    found = search(y, x=x, close=close, noise=rng.normal(size=n))

    assert set(found) == {"x"}
    assert f"AUC {roc_auc_score(y, x):.3f} in 90,000 rows" in found["x"].evidence
