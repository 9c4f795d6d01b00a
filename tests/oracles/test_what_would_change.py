"""Counterfactuals, rules, neighbours and lines of a real model, asked about again by the library itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from rai_dash.explain.anchors import anchor
from rai_dash.explain.counterfactuals import Constraints, candidates_of, counterfactuals, linked_columns
from rai_dash.explain.nearest import gower, nearest_other
from rai_dash.explain.what_if import ice, what_if
from tests.oracles.cases import read_real

FIXED = ("gender", "ethnicity", "relationship", "marital-status")


class Census:
    """The census file with a pipeline of scikit-learn."""

    def __init__(self, shared):
        real = read_real("census", shared)
        self.frame = real.dataset.frame.drop(columns=["Unnamed: 0", "loan"])
        text = [c for c in self.frame if not pd.api.types.is_numeric_dtype(self.frame[c])]
        numeric = [c for c in self.frame if c not in text]
        prepare = make_column_transformer((OneHotEncoder(), text), (StandardScaler(), numeric))
        self.pipeline = make_pipeline(prepare, LogisticRegression(max_iter=300)).fit(self.frame, real.label)
        self.scores = self.score(self.frame)
        self.refused = np.random.default_rng(2).choice(np.flatnonzero(self.scores < 0.5), 12, replace=False)

    def score(self, frame):
        return self.pipeline.predict_proba(frame)[:, 1]


@pytest.fixture(scope="module")
def census(shared):
    return Census(shared)


def test_the_two_columns_of_education_are_found_to_be_linked_and_no_others(census):
    assert linked_columns(census.frame) == (("education", "education-num"),)


def test_every_change_turns_the_decision_of_the_pipeline_and_keeps_to_what_exists(census):
    frame = census.frame
    linked = (("education", "education-num"),)
    wanted = Constraints(immutable=FIXED, only_up=("age",), linked=linked)
    candidates = candidates_of(frame, list(frame), wanted)
    pairs = set(zip(frame["education"], frame["education-num"], strict=True))
    for i in census.refused:
        row = frame.iloc[[i]]
        found = counterfactuals(census.score, row, candidates, threshold=0.5).found
        assert found
        for one in found:
            changed = row.assign(**{c: after for c, (_, after) in one.changes.items()})
            assert census.score(changed)[0] >= 0.5
            assert census.score(changed)[0] == pytest.approx(one.score, abs=1e-12)
            assert not set(one.changes) & set(FIXED)
            assert changed["age"].iloc[0] >= row["age"].iloc[0]
            assert (changed["education"].iloc[0], changed["education-num"].iloc[0]) in pairs
            assert all((frame[c] == after).any() for c, (_, after) in one.changes.items())


def test_a_rule_holds_on_draws_made_another_way(census):
    """Draw each unit's values in a loop of pandas, and compare with the interval given."""
    frame, linked = census.frame, [["education", "education-num"]]
    rng = np.random.default_rng(99)
    reached = 0
    for i in census.refused[:6]:
        found = anchor(census.score, frame.iloc[[i]], frame, threshold=0.5, linked=linked)
        rule = found.rule or found.nearest
        reached += found.rule is not None
        held, inside = {c.column: c for c in rule.conditions}, {}
        for name, c in held.items():
            low, high = (-np.inf if c.low is None else c.low), (np.inf if c.high is None else c.high)
            is_range = c.value is None
            inside[name] = (
                frame[name].between(low, high, inclusive="left")
                if is_range
                else frame[name].astype(str) == c.value
            )
        met = np.logical_and.reduce([*inside.values(), np.ones(len(frame), bool)])
        assert rule.coverage.numerator == met.sum()
        draws = frame.iloc[rng.integers(0, len(frame), 20_000)].reset_index(drop=True)
        for unit in [*linked, *([c] for c in frame if c not in linked[0])]:
            if unit[0] in held:
                home = np.flatnonzero(np.logical_and.reduce([inside[c] for c in unit]))
                draws[unit] = frame[unit].iloc[rng.choice(home, len(draws))].to_numpy()
        draws = draws.astype(frame.dtypes.to_dict())
        share = float((census.score(draws) < 0.5).mean())
        # 1,000 draws give the interval and 20,000 this share; allow both their errors at about four deviations.
        assert share == pytest.approx(rule.precision.value, abs=0.02)
    assert reached >= 4


def test_neighbours_are_the_nearest_of_all_approved_people(census):
    frame = census.frame
    i = int(census.refused[0])
    found = nearest_other(census.score, frame.iloc[[i]], frame, threshold=0.5, k=4)

    total, _ = gower(frame.iloc[[i]], frame)
    approved = np.flatnonzero(census.scores >= 0.5)
    assert found[0].distance == total[approved].min()
    assert all(census.scores[one.row] >= 0.5 for one in found)
    closer = approved[total[approved] < found[-1].distance]
    assert len(frame.iloc[closer].drop_duplicates()) <= len(found) - 1


def test_lines_and_typed_values_are_the_pipelines_answers(census):
    row = census.frame.iloc[[int(census.refused[1])]]

    line = ice(census.score, row, census.frame, "hours-per-week")
    typed = what_if(census.score, row, {"hours-per-week": "61", "occupation": "Sales"}, census.frame)

    by_hand = [census.score(row.assign(**{"hours-per-week": v}))[0] for v in line.points]
    assert line.scores == pytest.approx(by_hand, abs=1e-12)
    text = next(v for v in census.frame["occupation"].unique() if v.strip() == "Sales")
    changed = row.assign(**{"hours-per-week": 61, "occupation": text})
    assert typed.after == pytest.approx(census.score(changed)[0], abs=1e-12)
