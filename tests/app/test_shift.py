"""The page that compares two data sets, and the classifier that tries to tell them apart."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from rai_dash.bundled import open_bundled
from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.dataset import Dataset, dataset_from_frame
from rai_dash.data.read import read_dataset
from rai_dash.trials.two_sample import two_sample
from tests.app.conftest import Open, table_case, texts

EVIL = "![x](https://example.invalid/p.png)"


def _rows(n: int, seed: int, shift: float = 0.0) -> Dataset:
    rng = np.random.default_rng(seed)
    frame = {"a": rng.normal(size=n), "b": rng.normal(shift, 1, n), "c": rng.choice(["x", "y", "z"], n)}
    return dataset_from_frame(pd.DataFrame(frame))


def test_a_shifted_column_gives_the_data_sets_away() -> None:
    found = two_sample(_rows(900, 1), _rows(700, 2, shift=1.0), seed=0)

    # Two normal distributions one standard deviation apart: at best Phi(1 / sqrt 2) = 0.760.
    assert 0.70 < found.auc < 0.79
    assert found.low < found.auc < found.high
    assert found.is_shown
    assert found.columns[0][0] == "b"
    assert found == two_sample(_rows(900, 1), _rows(700, 2, shift=1.0), seed=0)


def test_two_draws_of_one_source_are_not_told_apart() -> None:
    found = two_sample(_rows(600, 1), _rows(600, 2), seed=0)

    assert 0.44 < found.auc < 0.56


def test_copies_of_rows_do_not_give_the_data_sets_away() -> None:
    """Every row of the first is there three times: a copy in training would give its label away."""
    pool = _rows(400, 1).frame
    first = dataset_from_frame(pd.concat([pool.iloc[:200]] * 3))
    second = dataset_from_frame(pool.iloc[200:])

    assert two_sample(first, second, seed=0).auc < 0.6


def test_too_few_rows_and_no_common_column_are_refused_in_words() -> None:
    with pytest.raises(InvalidChoice, match="at least 50 rows"):
        two_sample(_rows(49, 1), _rows(100, 2), seed=0)
    other = dataset_from_frame(_rows(100, 2).frame.rename(columns={"a": "d", "b": "e", "c": "f"}))
    with pytest.raises(InvalidChoice, match="No column can be compared"):
        two_sample(_rows(100, 1), other, seed=0)


def _evil_case() -> Case:
    rng = np.random.default_rng(0)
    lines = [[f"y,{EVIL},n"], [f"y,{EVIL},n"]]
    for side, values in enumerate((("u", "v"), ("u", "**w**"))):
        for _ in range(300):
            y, at = int(rng.random() < (0.2, 0.7)[side]), values[int(rng.integers(2))]
            lines[side].append(f"{y},{at},{rng.normal(side):.3f}")
    roles = Roles(target="y", favourable=("1",))
    case = table_case("\n".join(lines[0]), roles)
    dataset = read_dataset("\n".join(lines[1]).encode(), roles, name="now.csv")
    now = CaseData(key="now", title=EVIL, role=DataRole.PRODUCTION, dataset=dataset)
    return replace(case.with_data(now), id="case-shift-evil")


def test_the_story_is_a_prior_shift_of_1_to_45_percent(open_page: Open) -> None:
    at = open_page("shift", case=open_bundled("story", "story.shift-page"), versus="living")

    words = texts(at)
    assert not at.exception
    assert not at.error
    assert "has moved (a prior shift):** 1.2 % (1.0 % to 1.5 %), 100 of 8,000 then; 45 % " in words
    assert "500 of 1,100 now" in words
    assert "**The ranking still works, the threshold no longer means what it did.**" in words
    assert "44 % (463 of 1,063) have the favourable outcome now, 0.8 % (13 of 1,593) then" in words
    assert "60 of 1,100 rows now (5.5 %) were there then" in words
    assert "**relationship** (PSI 0.26)" in words


def test_the_story_figures_of_scores_and_shared_rows_are_those_of_pandas_and_sklearn() -> None:
    case = open_bundled("story", "story.shift-figures")
    then, now = (case.judge(key) for key in ("training", "living"))
    frames = [j.data.dataset.frame for j in (then, now)]
    for side, (declined, favourable) in zip((then, now), ((1_593, 13), (1_063, 463)), strict=True):
        outcome, score = side.data.dataset.outcome[side.judged], side.score[side.judged]
        assert ((score < 0.5).sum(), outcome[score < 0.5].sum()) == (declined, favourable)
    assert roc_auc_score(now.data.dataset.outcome, now.score) == pytest.approx(0.83, abs=0.005)
    roles = now.roles
    compared = [c for c in frames[1] if c in frames[0] and c not in {roles.id, roles.split, roles.score}]
    same = frames[1][compared].merge(frames[0][compared].drop_duplicates(), on=compared)
    assert len(same) == 60


def test_training_is_then_whichever_data_set_is_looked_at(open_page: Open) -> None:
    case = open_bundled("story", "story.shift-turned")
    at = open_page("shift", case=case, data="production", versus="training")

    words = texts(at)
    assert "8,000 rows. Now:" in words
    assert "too few to say how far" in words


def test_one_data_set_says_how_to_add_another(open_page: Open) -> None:
    at = open_page("shift", case=table_case("y,a\n1,2\n0,3\n", Roles(target="y", favourable=("1",))))

    assert "This case has one data set" in texts(at)
    assert not at.exception


def test_names_from_the_files_stay_text(open_page: Open) -> None:
    words = texts(open_page("shift", case=_evil_case()))

    assert "1 category was never seen then" in words
    assert "![" not in words
    assert "**w**" not in words


def test_the_classifier_runs_on_a_button_and_is_found_again(open_page: Open) -> None:
    case = replace(_evil_case(), id="case-shift-job")
    at = open_page("shift", case=case)
    assert "Nothing is trained until you start" in texts(at)

    at.button(key="shift_go").click()
    at.run()
    end = time.monotonic() + 60
    while "AUC" not in texts(at) and not at.error and time.monotonic() < end:
        time.sleep(0.3)
        at.run()

    assert not at.exception
    assert "A classifier can tell them apart" in texts(at)
    assert "A classifier can tell them apart" in texts(open_page("shift", case=case))
