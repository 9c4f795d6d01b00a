"""The scores of shaken copies: nobody is asked about twice, whatever the order, and old ones are let go."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rai_dash.explain.noise import DRAWS
from rai_dash.report import shaken_scores
from rai_dash.report.shaken_scores import ShakenScores

ROWS = pd.DataFrame({"x": np.arange(20) * 1.5})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch):
    """Let copy k of a row score its own value plus k, and note who was asked about."""
    found: list[list[float]] = []

    def scores(_score, table, _noise, *, eps, watch):
        assert eps == 0.05
        assert watch is shaken_scores.SILENT
        found.append(table["x"].tolist())
        return table["x"].to_numpy() + np.arange(1 + DRAWS)[:, None]

    monkeypatch.setattr(shaken_scores, "shaken_scores", scores)
    monkeypatch.setattr(shaken_scores, "feature_rows", lambda _judgement: ROWS)
    monkeypatch.setattr(shaken_scores, "model_of", lambda _judgement: SimpleNamespace(model=None))
    return found


def of(kept: ShakenScores, *at: int) -> list[float]:
    scores = kept.of(None, None, np.array(at), eps=0.05)
    assert scores.shape == (1 + DRAWS, len(at))
    assert (scores[DRAWS] == scores[0] + DRAWS).all()
    return scores[0].tolist()


def test_only_those_are_asked_about_who_are_not_known_and_come_in_the_order_asked_for(asked):
    kept = ShakenScores()

    assert of(kept, 7, 2) == [10.5, 3.0]
    assert of(kept, 3, 7, 0) == [4.5, 10.5, 0.0]
    assert of(kept, 0, 2, 3, 7) == [0.0, 3.0, 4.5, 10.5]

    assert asked == [[10.5, 3.0], [4.5, 0.0]]
    at, scores = kept.known
    assert dict(zip(at.tolist(), scores[0].tolist(), strict=True)) == {7: 10.5, 2: 3.0, 3: 4.5, 0: 0.0}


def test_with_too_many_rows_the_old_ones_are_let_go_and_the_answer_is_whole(
    asked, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shaken_scores, "MOST_KEPT", 3)
    kept = ShakenScores()

    of(kept, 1, 2)
    assert of(kept, 1, 4, 5) == [1.5, 6.0, 7.5]

    assert sorted(kept.known[0].tolist()) == [4, 5]
    assert of(kept, 1) == [1.5]
    assert asked == [[1.5, 3.0], [6.0, 7.5], [1.5]]
