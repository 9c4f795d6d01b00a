"""The page What drives the model: every view of it, on trees, a linear pipeline and a table without groups."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from pages.drivers import VIEWS
from rai_dash.bundled import open_bundled
from rai_dash.case import Case
from rai_dash.core.errors import Cancelled
from rai_dash.core.memo import Memo
from rai_dash.explain.client import shap_values
from rai_dash.report import drivers_work, everyone
from rai_dash.report.everyone import Everyone
from rai_dash.report.reference import reference_rows
from rai_dash.ui import training
from rai_dash.ui.choices import Choices
from rai_dash.ui.drivers import explain_all
from rai_dash.ui.drivers.look import correlated_blocks, look_at
from rai_dash.ui.state import View
from tests.app.conftest import Open, pressed, settled, texts

# Models are trained here: a busy machine may need longer than the others' limit.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module", autouse=True)
def few_are_shaken():
    """Shake fewer rows: noise is the same for each row, however many there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drivers_work, "SHAKEN_ROWS", 40)
        patch.setattr(drivers_work, "MOST_EXPLAINED", 20)
        yield


BUTTONS = {"importance": "start_shuffled", "pairs": "start_interactions", "noise": "start_noise"}


def boston(name: str) -> Case:
    return open_bundled("boston", f"boston.{name}")


def everyone_of(
    case: Case, model: str = "", data: str = "", *, blocks: bool = False
) -> tuple[View, Everyone]:
    """Do the work of the page's first job here."""
    view = View(case, Choices(case=case.id, model=model, data=data))
    joined = correlated_blocks(view) if blocks else ()
    found = explain_all._work(view, "log-odds", joined, None)(lambda *_: None, lambda: False)
    assert isinstance(found, Everyone)
    return view, found


@pytest.mark.parametrize("lens", VIEWS)
def test_every_view_of_a_linear_pipeline_opens_and_says_something(lens: str, open_page: Open) -> None:
    at = settled(open_page("drivers", case=boston("views"), drivers=lens))
    if lens in BUTTONS:
        assert not any("Start again" in b.label for b in at.button)
        at = pressed(at, BUTTONS[lens])

    assert not at.exception
    assert not at.error
    assert at.info or at.warning
    assert "How to read it" in texts(at)


def test_trees_are_explained_for_everyone_without_a_click_and_a_refresh_finds_them(open_page: Open) -> None:
    case = open_bundled("story", "story.drivers")
    at = settled(open_page("drivers", case=case))

    first = texts(at)
    assert "moves the scores most" in first
    assert "of all 1,600 rows" in first
    # The first model reads gender, and does so to the disadvantage of women.
    assert "sensitive columns and among the 5 that move the scores most" in first
    n = len(training.jobs())
    again = open_page("drivers", case=case)
    assert "moves the scores most" in texts(again)
    assert len(training.jobs()) == n


def test_the_repaired_model_leaves_gender_alone(open_page: Open) -> None:
    case = open_bundled("story", "story.drivers-repaired")
    words = texts(settled(open_page("drivers", case=case, data="living", model="repaired")))

    assert "**gender** is number 12 of 12" in words


def test_where_only_log_odds_are_cheap_shaken_explanations_are_in_them_and_the_page_says_so(
    open_page: Open,
) -> None:
    case = open_bundled("story", "story.drivers-noise")
    at = open_page("drivers", case=case, data="production", drivers="noise", space="probability")
    words = texts(pressed(at, "start_noise"))

    assert "Contributions in log\\-odds" in words
    assert "In log-odds, since in probability each copy would take this model many answers" in words


def test_contributions_of_everyone_are_those_of_each_applicant_alone() -> None:
    view, found = everyone_of(boston("alone"))
    judgement = view.judgement
    assert judgement.model is not None
    background = reference_rows(view.case, judgement)
    assert len(found.at) == judgement.n_judged
    assert len(background) == len(judgement.judged) - judgement.n_judged

    explained = judgement.positions[found.at]
    for k in (0, 7, len(explained) - 1):
        row = int(explained[k])
        one = judgement.data.dataset.frame.iloc[[row]].reset_index(drop=True)
        alone = shap_values(judgement.model.model, one, background, row_ids=[row])[0]
        np.testing.assert_allclose(found.table.values[k], list(alone.values.values()), atol=1e-9)


def test_scores_follow_from_the_contributions() -> None:
    view, found = everyone_of(boston("sums"))
    score = view.judgement.score[view.judgement.positions[found.at]]

    np.testing.assert_allclose(
        found.table.base + found.table.values.sum(axis=1), np.log(score / (1 - score)), atol=1e-8
    )


def test_a_block_is_the_sum_of_its_columns_in_a_linear_model() -> None:
    view, single = everyone_of(boston("blocks"))
    _, joined = everyone_of(view.case, blocks=True)
    blocks = correlated_blocks(view)

    assert blocks
    for block in blocks:
        parts = [single.table.names.index(name) for name in block]
        whole = joined.table.names.index(" + ".join(block))
        np.testing.assert_allclose(
            joined.table.values[:, whole], single.table.values[:, parts].sum(axis=1), atol=1e-9
        )
    look = look_at(view, joined, blocks)
    assert set(joined.table.names) <= set(look.rows.columns)
    assert look.player_of(blocks[0][0]) == " + ".join(blocks[0])
    assert look.player_of("no such column") is None


def test_blocks_are_found_where_a_column_repeats_another() -> None:
    view = View(open_bundled("story", "story.blocks"), Choices())

    assert correlated_blocks(view) == (("education", "education-num"),)


def test_groups_of_explained_rows_are_their_own() -> None:
    view, found = everyone_of(boston("groups"))
    look = look_at(view, found, ())
    groups, codes = look.groups("black")
    own = view.judgement.data.dataset.frame["black"].iloc[view.judgement.positions[found.at]]

    assert [groups[c] for c in codes] == own.astype(str).tolist()


def test_where_the_model_is_asked_row_by_row_a_button_starts_a_stated_sample(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain_all, "SAMPLE", 5)
    at = settled(open_page("drivers", case=boston("sample"), space="probability"))
    assert "Explain 5 of 597 applicants" in [b.label for b in at.button]
    assert "moves the scores most" not in texts(at)

    at = pressed(at, "start_everyone")
    words = texts(at)
    assert "5 of 597 rows, evenly over their scores, in probability" in words
    assert "points on average over 5 applicants" in words


def test_a_stopped_job_is_not_started_again_by_itself(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def stopped(*_: object, **__: object) -> None:
        asked.append(1)
        msg = "Stopped."
        raise Cancelled(msg)

    monkeypatch.setattr(everyone, "shap_matrix", stopped)
    # Copies of a bundled case share what was made of it: this one starts empty.
    at = settled(open_page("drivers", case=dataclasses.replace(boston("stopped"), memo=Memo())))
    at.run()
    at.run()

    assert "Stopped" in texts(at)
    assert any(b.label == "Start again" for b in at.button)
    assert len(asked) == 1


def test_nonsense_in_the_address_opens_the_first_view(open_page: Open) -> None:
    query = {"drivers": "../etc", "driver": "<b>", "partner": "x", "by": "nobody", "one_group": "![x](y)"}
    for more in ({}, {"drivers": "column"}, {"drivers": "groups"}):
        at = settled(open_page("drivers", case=boston("nonsense"), **(query | more)))

        assert not at.exception
        assert not at.error


def test_data_of_one_group_only_say_that_there_is_nothing_to_compare(open_page: Open) -> None:
    case = boston("one-group")
    data = case.data[0]
    frame: pd.DataFrame = data.dataset.frame
    few = dataclasses.replace(
        data.dataset, frame=frame.assign(black=frame["black"].iloc[0]), fingerprint="one-group"
    )
    at = settled(
        open_page(
            "drivers",
            case=case.with_data(dataclasses.replace(data, dataset=few)),
            drivers="groups",
            by="black",
        )
    )

    assert "there is nothing to compare it with" in texts(at)
