"""Finding an applicant by what the model was asked for, and how steady one explanation is, through the app."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.bundled import open_bundled
from rai_dash.core.errors import Cancelled, InvalidChoice, UnsupportedModel
from rai_dash.core.memo import Memo
from rai_dash.explain._base import PATH_DEPENDENT
from rai_dash.explain._noise import row_keys
from rai_dash.explain.agreement import agreement
from rai_dash.explain.client import score_of, shap_values
from rai_dash.explain.noise import flips
from rai_dash.explain.question import Question
from rai_dash.explain.reason_texts import DRAFT
from rai_dash.explain.reasons import factors
from rai_dash.report import drivers_work, finder_work, shaken_scores
from rai_dash.report.applicant import applicant_at
from rai_dash.report.drivers_work import shaken, usual_noise
from rai_dash.report.finder_json import FinderOptions, find_dataset
from rai_dash.report.reference import feature_rows, model_of
from rai_dash.ui import training
from rai_dash.ui.choices import Choices
from rai_dash.ui.deciding import disagreeing, fragile, steady
from rai_dash.ui.deciding.fragile import FLIPS
from rai_dash.ui.explanations import applicant_of, shap_of
from rai_dash.ui.state import View
from tests.app.conftest import Open, pressed, settled, stops, texts

# Models are asked here: a busy machine may need longer than the others' limit.
pytestmark = pytest.mark.timeout(400)

LOG_ODDS = Question(space="log-odds")


@pytest.fixture(scope="module")
def story():
    # Copies of a bundled case share what was made of it: in this one nobody is shaken yet.
    return dataclasses.replace(open_bundled("story", "story.finder"), memo=Memo())


@pytest.fixture(scope="module")
def view(story):
    return View(story, Choices(case=story.id, data="production"))


@pytest.fixture(scope="module")
def refused(view):
    """The applicant next to the threshold whom the biased model refuses."""
    score = view.judgement.score
    return int(np.flatnonzero(score == score[score < 0.5].max())[0])


@pytest.fixture(scope="module")
def rows(view):
    """Positions by id."""
    return {name: i for i, name in enumerate(view.judgement.data.dataset.frame["application_id"])}


def over_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every job be over before the page goes on: no page is drawn while it runs."""
    start = training.jobs().start
    monkeypatch.setattr(training.jobs(), "start", lambda key, work: start(key, work).wait(60))


def listed(at: AppTest):
    """The list of applicants: the last table of the page."""
    return at.dataframe[-1].value


# --- most fragile ---


def flips_by_hand(view, row):
    """Shake one applicant 50 times and count."""
    applicant = applicant_of(view, row)
    noise, keys = usual_noise(view.judgement, applicant.reference), row_keys(applicant.one)
    copies = pd.concat([noise.shaken(applicant.one, keys, eps=0.05, draw=draw) for draw in range(50)])
    approved = [score >= 0.5 for score in applicant.model.score(copies).scores]
    return approved.count(applicant.score < 0.5) / 50


def test_the_most_fragile_are_listed_once_they_were_shaken(open_page: Open, story, view, rows):
    at = open_page("explain", case=story, data="production", find="fragile")
    assert not at.exception
    assert FLIPS not in listed(at)
    assert len(listed(at)) == 110

    at = pressed(at, "start_fragile")

    assert not at.exception
    assert not any(b.key == "start_fragile" for b in at.button)
    shares = listed(at)[FLIPS]
    assert list(shares) == sorted(shares, reverse=True)
    assert shares.min() > 0
    for k in (0, len(shares) - 1):
        assert shares[k] == flips_by_hand(view, rows[listed(at)["applicant"][k]])
    # The command line lists the same, in the same order.
    judgement = view.judgement
    known = finder_work.shaken_rows(story, judgement, 0.5)
    order = finder_work.fragile_first(judgement, known, 0.5)
    assert [rows[name] for name in listed(at)["applicant"]] == judgement.positions[
        np.take(known.at, order)
    ].tolist()


def test_nobody_is_shaken_twice_by_the_two_pages_whatever_the_threshold(
    story, monkeypatch: pytest.MonkeyPatch
):
    case = dataclasses.replace(story, memo=Memo())
    judgement = View(case, Choices(case=case.id, data="production")).judgement
    noise = usual_noise(judgement, applicant_at(case, judgement, 0).reference)
    asked, real = [], shaken_scores.shaken_scores

    def counted(score, frame, *more, **options):
        asked.append((options["eps"], len(frame)))
        return real(score, frame, *more, **options)

    with monkeypatch.context() as patch:
        patch.setattr(drivers_work, "LEVELS", (0.05, 0.1))
        patch.setattr(drivers_work, "SHAKEN_ROWS", 60)
        patch.setattr(drivers_work, "MOST_EXPLAINED", 2)
        patch.setattr(drivers_work, "EXPLAINED_DRAWS", 1)
        patch.setattr(shaken_scores, "shaken_scores", counted)
        shaken(case, judgement, threshold=0.5, by="", space="log-odds")
        found = finder_work.shaken_rows(case, judgement, 0.4)
        again = shaken(case, judgement, threshold=0.3, by="gender", space="log-odds")

    assert asked == [(0.05, 60), (0.1, 60), (0.05, 50)]
    ask, rows = score_of(model_of(judgement).model), feature_rows(judgement)
    alone = flips(ask, rows, noise, eps=0.05, threshold=0.4)
    assert sorted(found.at.tolist()) == list(range(110))
    assert found.flip.tolist() == alone.flip[found.at].tolist()
    alone = flips(ask, rows, noise, eps=0.05, threshold=0.3, most_rows=60)
    assert again.flips[0].rows.tolist() == alone.rows.tolist()
    assert again.flips[0].shift.tolist() == alone.shift.tolist()
    assert (again.flips[0].rate, again.flips[0].p95_shift) == (alone.rate, alone.p95_shift)


# --- disagreeing explanations ---


def measures(table, k):
    return tuple(table.iloc[k][list(table.columns[2:5])])


def test_shap_and_lime_are_compared_near_the_threshold_as_the_page_compares_them(
    open_page: Open, story, view, rows, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(disagreeing, "FEWEST_LIME", 3)
    at = open_page("explain", case=story, data="production", find="lime", nearest="3")
    at = pressed(at, "start_lime_nearest")

    assert not at.exception
    table = listed(at)
    assert "3 applicants nearest to the threshold" in texts(at)
    nearest = np.argsort(np.abs(view.judgement.score - 0.5), kind="stable")[:3]
    assert {rows[name] for name in table["applicant"]} == set(nearest)
    for k, name in enumerate(table["applicant"]):
        applicant = applicant_of(view, rows[name])
        same = agreement(shap_of(applicant, LOG_ODDS).values, applicant.lime.centred)
        assert measures(table, k) == (same.overlap, same.sign, same.rank)
    assert list(table.iloc[:, 2]) == sorted(table.iloc[:, 2])


def test_the_comparison_with_lime_stops_between_two_applicants(view):
    asked = []

    def cancelled():
        return len(asked) > 2

    with pytest.raises(Cancelled):
        disagreeing._lime_work(view, LOG_ODDS, np.arange(40))(lambda *step: asked.append(step), cancelled)


def test_two_ways_of_shap_are_compared_for_everyone_and_a_model_without_trees_has_no_second_one(
    open_page: Open, story, view, rows
):
    def refuses(*_, **__):
        msg = "Path-dependent values exist for tree ensembles only. Choose interventional values."
        raise UnsupportedModel(msg)

    at = open_page("explain", case=story, data="production", find="ways", why="what_if")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finder_work, "shap_matrix", refuses)
        over_at_once(patch)
        at = pressed(at, "start_shap_ways")

    assert not at.exception
    assert any("tree ensembles only" in e.value for e in at.error)
    assert len(listed(at)) == 110

    at = pressed(at, "start_shap_ways")

    assert not at.exception
    assert "All 110 applicants" in texts(at)
    table = listed(at)
    assert len(table) == 110
    for k in (0, 50, 109):
        applicant = applicant_of(view, rows[table["applicant"][k]])
        trees = shap_of(applicant, Question(space="log-odds", perturbation=PATH_DEPENDENT))
        same = agreement(shap_of(applicant, LOG_ODDS).values, trees.values)
        assert measures(table, k) == (same.overlap, same.sign, same.rank)


def test_work_that_fails_before_the_page_is_drawn_can_be_started_again(
    open_page: Open, story, refused, monkeypatch: pytest.MonkeyPatch
):
    asked = []

    def refuses(*_):
        asked.append(1)
        msg = "This model refuses."
        raise UnsupportedModel(msg)

    monkeypatch.setattr(steady, "_work", lambda *_: refuses)
    over_at_once(monkeypatch)
    case = dataclasses.replace(story, id="story.refusing", memo=Memo())
    at = open_page("explain", case=case, data="production", row=str(refused), steady="1")

    for times in (1, 2):
        assert not at.exception
        assert any("This model refuses" in e.value for e in at.error)
        assert len(asked) == times
        at.button(key="again_steady").click()
        at.run()


def test_work_of_the_list_and_of_the_view_can_wait_beside_each_other(
    open_page: Open, story, monkeypatch: pytest.MonkeyPatch
):
    """Both show their progress at once: their buttons must not be one."""

    def waits(*_):
        def work(progress, cancelled):
            while not cancelled():
                time.sleep(0.02)
            msg = "Stopped."
            raise Cancelled(msg)

        return work

    monkeypatch.setattr(fragile, "_work", waits)
    monkeypatch.setattr(steady, "_work", waits)
    case = dataclasses.replace(story, id="story.waiting", memo=Memo())
    at = open_page("explain", case=case, data="production", find="fragile", steady="1", threshold="0.6")
    at.button(key="start_fragile").click()
    at.run()

    assert not at.exception
    both = stops(at)
    assert len(set(both)) == 2
    for key in both:
        at.button(key=key).click()
        at.run()
    settled(at)
    assert texts(at).count("Stopped. Start again when you like.") == 2


def test_a_list_can_be_saved(open_page: Open, story, view):
    at = open_page("explain", case=story, data="production", find="lowest", why="what_if")
    at.session_state["numbers_find_list"] = True
    at.run()

    assert any("find_list" in b.proto.id for b in at.get("download_button"))
    assert len(at.dataframe[-1].value) == 110
    assert at.dataframe[-1].value["score"].tolist() == sorted(view.judgement.score)


@pytest.mark.parametrize("asked", [{"fragile": 0}, {"two_ways": -1}, {"threshold": 7}])
def test_an_impossible_list_is_refused(asked):
    with pytest.raises(InvalidChoice, match=r"at least one applicant|between 0 and 1"):
        FinderOptions(**asked)


def test_the_lists_of_the_command_line_are_those_of_the_page(view, rows):
    judgement = view.judgement
    found = find_dataset(
        judgement.data.dataset, judgement.model.model, background=view.case.data_of(judgement.model.trained_on).dataset,
        options=FinderOptions(fragile=2, disagreeing=2, two_ways=2),
    )["lists"]  # fmt: skip

    for one in found["fragile"]["applicants"]:
        assert one["flip"] == flips_by_hand(view, one["row"])
        assert rows[one["id"]] == one["row"]
    for name, other in (("shap_and_lime", lambda a: a.lime.centred), ("two_ways", trees_of)):
        told = found[name]["applicants"]
        assert len(told) == 2
        for one in told:
            applicant = applicant_of(view, one["row"])
            same = agreement(shap_of(applicant, LOG_ODDS).values, other(applicant))
            assert (one["overlap"], one["sign"], one["rank"]) == (same.overlap, same.sign, same.rank)
    assert found["two_ways"]["compared"] == found["fragile"]["shaken"] == 110


def trees_of(applicant):
    return shap_of(applicant, Question(space="log-odds", perturbation=PATH_DEPENDENT)).values


# --- how steady one explanation is ---


def reasons_by_hand(applicant, rows):
    one = shap_values(applicant.model, applicant.one, applicant.reference[rows], row_ids=[applicant.row])[0]
    return [f.column for f in factors(one.values, least=1e-9).adverse[:4]]


def test_the_reasons_against_three_baselines_stand_beside_each_other_once_somebody_asks(
    open_page: Open, story, view, refused
):
    n = len(training.jobs())
    at = open_page("explain", case=story, data="production", row=str(refused))
    assert "How steady are the reasons?" in texts(at)
    assert not any(m.label == "Same reasons" for m in at.metric)
    assert len(training.jobs()) == n

    at = settled(at.toggle(key="pick_steady").set_value(True).run())

    assert not at.exception
    applicant = applicant_of(view, refused)
    scores = applicant.model.score(applicant.reference).scores
    expected = {
        "Everybody": np.ones(len(scores), dtype=bool),
        "All approved": scores >= 0.5,
        "Just approved": (scores >= 0.5) & (scores < 0.6),
    }
    table = next(d.value for d in at.dataframe if "Just approved" in d.value)
    for title, inside in expected.items():
        by_hand = reasons_by_hand(applicant, inside)
        assert list(table[title]) == by_hand + ["–"] * (4 - len(by_hand))
    assert {m.label for m in at.metric} >= {"Same reasons", "Same first reason", "Decision flips"}
    # 25 of the reference rows are approved, and 3 just so: the sentence rests on neither.
    assert "Too few reference rows are approved" in texts(at)

    at = settled(at.selectbox(key="pick_unknown").set_value(PATH_DEPENDENT).run())

    assert not at.exception
    assert "compare with nobody" in texts(at)
    assert any(m.label == "Same reasons" for m in at.metric)


def test_where_nobody_is_approved_that_is_said_instead_of_a_chart(open_page: Open, story, refused):
    query = {"data": "production", "row": str(refused), "steady": "1", "threshold": "1"}
    at = settled(open_page("explain", case=story, **query))

    assert not at.exception
    assert texts(at).count("Nobody is in it at this threshold.") == 2


# --- the reasons of a refusal ---


def test_with_too_few_just_approved_a_refusal_is_compared_with_all_approved_unless_somebody_chose(
    open_page: Open, story, refused
):
    at = open_page("explain", case=story, data="production", row=str(refused), why="reasons")

    assert not at.exception
    assert at.selectbox(key="pick_baseline").value == "approved"
    assert "Only 3 of the reference rows were just approved" in texts(at)
    reasons = [m.value for m in at.markdown if m.value.startswith(("1\\.", "2\\."))]
    assert len(reasons) == 2
    for text in reasons:
        assert text.lower().count("not reviewed") == 1
        assert DRAFT not in text

    at.selectbox(key="pick_baseline").set_value("just_approved").run()

    assert at.selectbox(key="pick_baseline").value == "just_approved"
    assert "Only 3 applicants are in this comparison" in texts(at)


def test_the_next_applicant_of_the_list_and_the_one_before_are_a_click_away(open_page: Open, story, view):
    score, outcome = view.judgement.score, view.judgement.data.dataset.outcome
    wronged = np.flatnonzero((outcome == 1) & (score < 0.5))
    order = wronged[np.argsort(0.5 - score[wronged], kind="stable")]
    at = open_page("explain", case=story, data="production")
    shown = []

    for key in ("find_next", "find_next", "find_previous", "find_previous", "find_previous"):
        at.button(key=key).click()
        at.run()
        shown.append(at.session_state["choices"].row)

    assert shown == [order[i] for i in (1, 2, 1, 0, -1)]
