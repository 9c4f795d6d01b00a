"""The views of the Data page: what is found first, and where its button leads."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import fisher_exact

from rai_dash.bundled import open_bundled
from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from tests.app.conftest import texts

HOSTILE = "![x](http://e.example/a.png) `b` :smile:"


def test_the_first_findings_are_the_two_women_the_98_men_and_the_rare_outcome(open_page):
    words = texts(open_page("data"))

    assert "2 of 3,064" in words
    assert "98 of 4,936" in words
    assert "1\\.2 %" in words


def test_where_outcomes_are_rare_both_views_say_that_the_groups_differ(open_page):
    """Within five points everything is equivalent where one row in eighty is favourable: a fifth of that is allowed."""
    case = open_bundled("story", "story.rare-outcomes")
    first, cells = (texts(open_page("data", case=case, lens=lens)) for lens in ("look", "imbalance"))

    assert fisher_exact([[2, 3_062], [98, 4_838]]).pvalue < 1e-9
    assert "That the two differ is shown" in first
    assert "is shown to be within" not in first
    assert "**Disparity shown.**" in cells
    # 100 of 8,000, a fifth of it: 0.25 points.
    assert "more than the tolerance of 0.2 points" in cells


@pytest.mark.parametrize(
    ("place", "lens", "seen"),
    [(0, "rows", "Near-duplicates"), (1, "imbalance", "Imbalance")],
)
def test_the_button_of_a_finding_opens_its_view(open_page, place, lens, seen):
    page = open_page("data")
    page.button(key=f"look_{place}").click()
    page.run()

    assert page.query_params["lens"] in (lens, [lens])
    assert seen in texts(page)


def test_the_rows_state_the_conflicts_and_the_bound_that_follows(open_page):
    case = open_bundled("story", "story.rows-of-the-story")
    rows = case.data_of("collected").dataset.frame
    features = [c for c in rows.columns if c not in {"application_id", "loan", "split"}]
    by_side = rows.groupby(features, dropna=False)["loan"].agg(
        ["size", lambda y: y.value_counts().iloc[0], "nunique"]
    )
    by_side.columns = ["size", "larger", "sides"]

    words = texts(open_page("data", case=case, lens="rows", data="collected"))

    assert f"**{by_side.loc[by_side['sides'] == 2, 'size'].sum()} rows** of 8,000" in words
    assert f"more than {by_side['larger'].sum():,} right" in words


def hostile_case() -> Case:
    n = 80
    rows = pd.DataFrame(
        {
            HOSTILE: [f"{HOSTILE}{i % 3}" for i in range(n)],
            "when": ["2020-01-01", "2020-02-01"] * (n // 2),
            "pay": [None if i % 4 else float(i) for i in range(n)],
            "y": [HOSTILE if i % 2 else "no" for i in range(n)],
        }
    )
    roles = Roles(target="y", favourable=(HOSTILE,), sensitive=(HOSTILE,), time="when")
    data = CaseData(key="d", title="d", role=DataRole.TRAINING, dataset=dataset_from_frame(rows, roles))
    return Case(id="hostile.data", title="t", data=(data,))


@pytest.mark.parametrize("lens", ["look", "imbalance", "columns", "rows", "blanks", "population"])
def test_hostile_names_are_shown_as_they_are_in_every_view(open_page, lens):
    page = open_page("data", case=hostile_case(), lens=lens)

    assert not page.exception
    assert "Something went wrong" not in texts(page)
    assert "![x](" not in texts(page)
