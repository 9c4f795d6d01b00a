from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.case import CaseData, DataRole, judge
from rai_dash.core.target_words import Wording
from rai_dash.core.types import Roles
from rai_dash.data.blanks import blanks_of_counts
from rai_dash.data.counting import count
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.table import metric_table
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.report.small_cells import suppress
from rai_dash.ui import why, why_words

WORDS = Wording("applicants with the good outcome", "applicants with the bad outcome")
ROLES = Roles(
    target="y", favourable=("1",), unfavourable=("0",), sensitive=("g",), features=("g", "x", "z"), score="s",
    split="part", split_train=("train",),
)  # fmt: skip


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(8)
    n = 1200
    group = rng.choice(["a", "b", "c"], n, p=[0.6, 0.38, 0.02])
    return pd.DataFrame(
        {
            "g": group,
            "y": np.where(rng.random(n) < 0.05, "?", (rng.random(n) < 0.4).astype(int).astype(str)),
            "s": np.where(rng.random(n) < 0.03, np.nan, rng.beta(2, 3, n)),
            "x": np.where(rng.random(n) < np.where(group == "a", 0.05, 0.3), np.nan, 1.0),
            "z": 1.0,
            "part": np.where(rng.random(n) < 0.2, "train", "test"),
        }
    )


@pytest.fixture(scope="module")
def judgement(frame):
    data = CaseData(key="d", title="d", role=DataRole.TRAINING, dataset=dataset_from_frame(frame, ROLES))
    return judge(data, None)


def test_the_panel_counts_the_judged_rows_as_a_groupby_does(frame, judgement):
    found = why.sources(judgement, ("g",))
    judged = frame[frame["part"] == "test"]
    by = judged.groupby("g")

    known = judged[judged["y"] != "?"]
    base = (known["y"] == "1").groupby(known["g"]).mean()
    assert found.base.groups == ("a", "b", "c")
    assert found.base.values["base_rate"].value.tolist() == pytest.approx(base.tolist(), abs=1e-15)
    assert found.blanks.columns == ("x", "z", "y", "s")
    assert found.blanks.blank[0].tolist() == by["x"].agg(lambda v: v.isna().sum()).tolist()
    assert found.absent.blank[0].tolist() == by["y"].agg(lambda v: (v == "?").sum()).tolist()
    assert found.absent.blank[1].tolist() == by["s"].agg(lambda v: v.isna().sum()).tolist()
    assert found.bins.sum(axis=1).tolist() == by["s"].count().tolist()
    assert found.everyone == pytest.approx((known["y"] == "1").mean())


def test_half_of_a_group_score_under_its_middle_and_not_under_the_step_before(frame, judgement):
    middle = why.sources(judgement, ("g",)).middle
    judged = frame[(frame["part"] == "test") & frame["s"].notna()]

    for name, m in zip("abc", middle, strict=True):
        scores = judged.loc[judged["g"] == name, "s"]
        assert (scores < m).mean() >= 0.5
        assert (scores < m - 0.001).mean() < 0.5


def test_rows_are_read_once_for_a_choice_of_columns(judgement):
    assert why.sources(judgement, ("g",)) is why.sources(judgement, ("g",))


def test_the_tables_of_the_panel_can_hide_few_people(judgement):
    found = why.sources(judgement, ("g",))

    blanks, note = suppress(why_words.blanks_frame(found.blanks), why._OF_BLANKS, fewest=10)
    scores, _ = suppress(
        why_words.scores_frame(found.base, found.places, found.left, found.right, found.bins),
        why._OF_SCORES,
        fewest=10,
    )

    assert note
    assert not ((blanks["blank"] > 0) & (blanks["blank"] < 10)).any()
    assert not ((scores["in this range"] > 0) & (scores["in this range"] < 10)).any()


# --- words ---


def _base(sizes, good, names=("a", "b", "c")):
    codes = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    label = np.concatenate([np.r_[np.ones(k), np.zeros(n - k)] for n, k in zip(sizes, good, strict=True)])
    index = GroupIndex("g", tuple(names[: len(sizes)]), codes)
    counts = count(label.astype(np.int8), np.full(codes.size, 0.5), index)
    return metric_table(counts, 0.5, bootstrap=0, metrics=("base_rate", "selection_rate"))


def _base_words(*args, **options):
    table = _base(*args, **options)
    return why_words.base_rate_finding(
        table, disparity(table, "base_rate"), gap_verdict(table, "base_rate"), WORDS
    )


def test_a_difference_before_any_model_is_said_with_what_follows_and_what_does_not():
    words = _base_words([1000, 1000], [350, 510], names=("women", "men"))

    assert words.startswith("Before any model, **35 % ")
    assert "350 of 1,000** are applicants with the good outcome in **women** and **51 % " in words
    assert "That the two differ is shown." in words
    assert "may itself be unfair" in words


def test_among_several_groups_those_that_differ_are_named():
    words = _base_words([1000, 1000, 1000], [500, 505, 300])

    assert "A difference to all others is shown for **c**" in words
    assert "the two" not in words


def test_no_difference_is_said_only_where_it_is_shown():
    assert "within 5 points of all others" in _base_words([20_000, 20_000], [10_000, 10_010])
    assert "does not settle" in _base_words([40, 40], [20, 16])
    assert "cannot be compared" in _base_words([20, 20], [10, 10])


def test_names_of_groups_are_shown_literally():
    words = _base_words([1000, 1000], [350, 510], names=("[x](http://evil.test)", "b"))

    assert "\\[x\\]\\(http" in words


def test_the_middles_of_the_scores_are_compared_among_groups_of_30_rows_or_more():
    table = _base([100, 100, 10], [50, 50, 5])

    words = why_words.scores_finding(table, np.array([0.42, 0.55, 0.9]), 0.5)

    assert words.startswith(
        "Half of **a** score under 42 %, half of **b** under 55 %. At a threshold of 50 %, "
    )
    assert "**c**" not in words
    assert "about 42 %" in why_words.scores_finding(table, np.array([0.42, 0.425, 0.9]), 0.5)
    assert "cannot be compared" in why_words.scores_finding(table, np.array([0.42, np.nan, 0.9]), 0.5)


def _blanks(blank, n, columns=("income", "job")):
    blank = np.array(blank)
    return blanks_of_counts(columns[: len(blank)], tuple("abc")[: len(n)], blank, np.array(n))


def test_blanks_are_said_with_whose_they_are():
    words = why_words.blanks_finding(_blanks([[60, 20], [0, 0]], [500, 500]))

    assert words.startswith(
        "1 of 2 columns has blanks. Shown to differ between groups: **income** is blank for 12 % "
    )
    assert "60 of 500 in **a**, for 4.0 % of all others" in words


def test_blanks_that_do_not_differ_are_not_called_equal():
    assert why_words.blanks_finding(_blanks([[0, 0]], [500, 500])) == "No column has blanks (1 looked at)."
    assert "In none is a difference between groups shown." in why_words.blanks_finding(
        _blanks([[50, 52]], [500, 500])
    )
    assert "cannot be tested" in why_words.blanks_finding(_blanks([[5, 3]], [20, 20]))


def test_who_has_no_outcome_is_said_with_what_that_does_to_the_figures():
    names = ("outcome", "score")
    words = why_words.availability_finding(_blanks([[100, 10], [0, 0]], [500, 500], names))

    assert words.startswith("110 of 1,000 have no outcome and 0 of 1,000 have no score. ")
    assert "**outcome** is not known for 20 % " in words
    assert "leave out applicants without one" in words
    assert "Everybody" in why_words.availability_finding(_blanks([[0, 0], [0, 0]], [500, 500], names))
    assert "No difference between groups is shown" in why_words.availability_finding(
        _blanks([[9, 9], [0, 0]], [500, 500], names)
    )


def test_the_columns_that_are_drawn_are_those_with_the_strongest_evidence():
    blank = [[10, 10]] * 24 + [[60, 20]]
    found = blanks_of_counts([str(i) for i in range(25)], ("a", "b"), np.array(blank), np.array([500, 500]))

    drawn = why.most_telling(found)

    assert len(drawn) == 20
    assert 24 in drawn
    assert drawn == sorted(drawn)
