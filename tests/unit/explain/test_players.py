"""Blocks of columns that count as one: the brute force over coalitions of blocks, on every route."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from rai_dash.core.errors import InvalidChoice
from rai_dash.explain._base import Reference, Subject
from rai_dash.explain._players import players_of
from rai_dash.explain.routing import attribute

BLOCKS = (("home", "age"), ("job", "debt"))


def by_blocks(subject, row, background, space):
    """Shapley values of the game of age + home, income, debt + job, straight from the definition."""
    players = [("age", "home"), ("income",), ("debt", "job")]

    def worth(members):
        mixed = background[list(subject.names)].copy().reset_index(drop=True)
        for name in (name for player in members for name in player):
            mixed[name] = np.repeat(row[name].to_numpy(), len(mixed))
        return float(subject.output(mixed, space).mean())

    phi = []
    for player in players:
        rest = [p for p in players if p != player]
        gains = [
            (worth([*s, player]) - worth(s)) / (len(players) * comb(len(rest), k))
            for k in range(len(players))
            for s in combinations(rest, k)
        ]
        phi.append(sum(gains))
    return phi


def pipeline(last):
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    prepare = ColumnTransformer(
        [("w", words, ["home", "job"]), ("n", StandardScaler(), ["debt", "age", "income"])]
    )
    return make_pipeline(prepare, last)


@pytest.mark.parametrize(
    ("last", "method"),
    [
        (LogisticRegression(), "Linear model"),
        (MLPClassifier((4,), random_state=0, max_iter=60, tol=1e-2), "Exact over the columns that differ"),
        (xgboost.XGBClassifier(n_estimators=8, max_depth=4, n_jobs=1), "Exact tree kernel"),
    ],
    ids=lambda v: type(v).__name__,
)
def test_a_block_gets_the_value_of_the_game_in_which_it_moves_together(last, method, loans, wrap):
    frame, label = loans
    subject = Subject(wrap(pipeline(last).fit(frame, label), frame).native, BLOCKS)
    row, background = frame.iloc[[0]], frame.iloc[20:40]

    found, _ = attribute(subject, row, Reference(frame=background))

    assert subject.players.names == ("age + home", "income", "debt + job")
    assert found.methods[0].startswith(method)
    assert found.values[0] == pytest.approx(by_blocks(subject, row, background, found.space), abs=1e-6)


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([["age", "wealth"]], "no column `wealth`"),
        ([["age", "job"], ["job", "home"]], "`job` is named twice"),
        ([["age", "age"]], "`age` is named twice"),
        ([["age"]], "has 1 of them"),
    ],
    ids=str,
)
def test_blocks_that_cannot_be_are_refused_in_one_sentence(blocks, said):
    with pytest.raises(InvalidChoice, match=said):
        players_of(["age", "job", "home"], blocks)
