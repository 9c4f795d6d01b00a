"""The tour without a browser: each stop with its numbers, leaving, and cases that are somebody's own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.bundled import open_bundled
from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.types import Roles, TargetKind
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.ui import state
from rai_dash.ui.choices import Choices
from rai_dash.ui.tour.route import route_of, view_of
from rai_dash.ui.tour.sentences import said
from rai_dash.ui.tour.stops import BY_KEY, STOPS
from tests.app.conftest import Open, press_key, settled, table_case, words

TITLES = {
    "performance": "Performance", "shift": "Then and now", "data": "Data", "rebalance": "Rebalance",
    "drivers": "What drives the model", "fairness": "Fairness by group", "review_band": "Review band",
    "sign_off": "Sign-off", "monitor": "Monitor",
}  # fmt: skip


@pytest.fixture(scope="module")
def story() -> Any:
    return open_bundled("story", "story.tour0001")


@pytest.fixture(scope="module")
def expected(shared) -> dict[str, Any]:
    return json.loads((shared / "data/story/EXPECTED.json").read_text())["group"]


@pytest.fixture(scope="module")
def frames(repo) -> dict[str, pd.DataFrame]:
    names = {"training": "training", "production": "production_110", "living": "living_1100"}
    return {k: pd.read_csv(repo / f"sample_data/story_{n}.csv.gz") for k, n in names.items()}


def sentence(case: Any, key: str) -> str:
    text = said(BY_KEY[key], view_of(case, BY_KEY[key], Choices(case=case.id)))
    return text.replace("\\", "").replace("*", "").replace("\N{WORD JOINER}", "")


def percent(share: float) -> str:
    """Two digits, or a tenth near the ends: as pages write a share."""
    return f"{share:.1%}".replace("%", " %") if not 0.1 <= share <= 0.9 else f"{share:.0%}".replace("%", " %")


def share(k: int, n: int) -> str:
    return f"{percent(k / n)}, {k:,} of {n:,}"


# --- numbers ---


def test_the_accuracy_is_the_published_one(story, expected) -> None:
    cell = expected["1 biased"]["own_test"]["all"]
    refused = cell["tn"] + cell["fp"]

    text = sentence(story, "accuracy")

    assert f"agrees with the label for {share(cell['tp'] + cell['tn'], cell['n'])} applicants" in text
    assert f"Refusing everyone would agree for {share(refused, cell['n'])}." in text


def test_production_is_counted_on_the_newer_rows(story, expected) -> None:
    cell = expected["1 biased"]["production_110"]["all"]

    text = sentence(story, "production")

    assert "On “First applications from production (110)” the same model" in text
    assert f"59 % (50 % to 68 %), {cell['tp'] + cell['tn']} of {cell['n']} applicants" in text
    assert f"It approves {share(cell['tp'], cell['tp'] + cell['fn'])} applicants with the favourable" in text


def test_a_lower_bar_is_counted_row_by_row(story) -> None:
    judgement = story.judge("production", "biased")
    good, approved = judgement.data.dataset.outcome == 1, judgement.score >= 0.05

    text = sentence(story, "lower")

    assert f"{(good & approved).sum()} of {good.sum()} applicants with the favourable label" in text
    assert f"{share((~good & approved).sum(), (~good).sum())} applicants with the unfavourable" in text


def test_then_and_now_are_all_rows_of_the_files(story, frames) -> None:
    good = {k: int((f["loan"] == "Approved").sum()) for k, f in frames.items()}

    text = sentence(story, "shift")

    assert text.startswith(
        f"{share(good['training'], len(frames['training']))} of the outcomes are favourable in “Past"
    )
    assert f"{good['production']} of {len(frames['production'])} in “First" in text
    assert "more than chance" in text


def test_what_the_data_hid_is_a_cross_table(story, frames) -> None:
    table = pd.crosstab(frames["training"]["gender"], frames["training"]["loan"])

    text = sentence(story, "imbalance")

    for group in ("Male", "Female"):
        good, rows = table.loc[group, "Approved"], table.loc[group].sum()
        assert f"{good} of {rows:,} ({percent(good / rows)})" in text
    assert "A difference between groups is shown" in text


def test_topping_up_copies_the_rows_that_there_are(story, frames) -> None:
    """Training rows that look like one of the file's own test rows are not trained on."""
    features = [c for c in frames["living"].columns if c not in {"application_id", "loan"}]
    train = frames["training"].query("split == 'train'")
    seen = set(map(tuple, frames["training"].query("split == 'test'")[features].to_numpy()))
    kept = train[[row not in seen for row in map(tuple, train[features].to_numpy())]]
    cells = kept.groupby(["gender", "loan"]).size()

    text = sentence(story, "rebalance")

    few, most = cells["Female", "Approved"], cells.max()
    assert f"turns the {few} training rows “favourable × Female” into {most:,}: the same {few} again" in text


def test_the_model_says_what_it_reads(story, frames) -> None:
    features = set(frames["living"].columns) - {"application_id", "loan"}

    assert f"reads {len(features)} columns, and 3 of them are sensitive: gender, ethnicity, age." in sentence(
        story, "drivers"
    )


@pytest.mark.parametrize(
    ("stop", "step", "verdict"),
    [
        ("groups", "1 biased", "A difference between groups is shown"),
        ("second", "7 collected, up loan x gender", "This sample does not settle the difference."),
    ],
)
def test_whom_it_fails_is_the_published_recall(story, expected, stop, step, verdict) -> None:
    text = sentence(story, stop)

    for group in ("Female", "Male"):
        cell = expected[step]["living_1100"][group]
        good = cell["tp"] + cell["fn"]
        assert f"{cell['tp']} of {good} ({percent(cell['tp'] / good)})" in text
    assert text.endswith(verdict) or verdict in text


def test_who_decides_is_counted_row_by_row(story) -> None:
    judgement = story.judge("living", "repaired")
    score, good = judgement.score, judgement.data.dataset.outcome == 1
    declined, approved = score < 0.3, score >= 0.7
    wrong, alone = (declined & good) | (approved & ~good), declined | approved
    of_thousand = [round(1000 * part.mean()) for part in (approved, declined, ~alone)]

    text = sentence(story, "band")

    assert sum(of_thousand) == 1000
    assert "approves {} and declines {} alone; {} go to a person".format(*of_thousand) in text
    assert f"{wrong.sum()} of {alone.sum()} whose outcome is known" in text


def test_without_a_signature_it_says_what_signing_takes(story) -> None:
    assert sentence(story, "sign").startswith("Nobody has signed for this band.")
    assert "no line of 126 is shown to break its limits; 87 have too few rows to tell" in sentence(
        story, "watch"
    )


@pytest.mark.parametrize(
    ("kind", "verb", "whom"),
    [
        (TargetKind.OBSERVED, "is right about", "applicants with the good outcome"),
        (TargetKind.DECISION, "decides as people did for", "applicants approved in the past"),
        (TargetKind.STAND_IN, "agrees with the label for", "applicants with the favourable label"),
    ],
)
def test_words_follow_what_the_target_is(kind, verb, whom) -> None:
    case = own_case(kind=kind, newer=True)

    assert verb in sentence(case, "accuracy")
    assert verb in sentence(case, "production")
    assert whom in sentence(case, "production")
    assert whom in sentence(case, "groups")


# --- a case of one's own ---


def own_case(*, kind: TargetKind = TargetKind.OBSERVED, newer: bool = False, rows: int = 400) -> Any:
    """A hundred rows or more of two towns with a score column, and newer ones where wanted."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"paid": rng.integers(0, 2, rows), "town": rng.choice(["North", "South"], rows)})
    frame["score"] = np.clip(0.3 + 0.4 * frame["paid"] + rng.normal(0, 0.15, rows), 0, 1).round(3)
    roles = Roles(target="paid", favourable=("1",), sensitive=("town",), score="score", target_kind=kind)
    parts = {"data": (frame, DataRole.TRAINING)}
    if newer:
        parts["new"] = (frame.head(200), DataRole.PRODUCTION)
    data = tuple(
        CaseData(key=key, title=key, role=role, dataset=dataset_from_frame(part, roles), source="uploaded")
        for key, (part, role) in parts.items()
    )
    return Case(id=f"own-{kind}-{newer}", title="loans", data=data, default_data="data")


def test_an_own_case_is_asked_the_same_with_its_own_numbers_and_says_what_is_left_out(
    open_page: Open,
) -> None:
    case = own_case()
    frame = case.data_of("data").dataset.frame
    right = int(((frame["score"] >= 0.5) == (frame["paid"] == 1)).sum())
    at = open_page("start", case=case)
    assert at.button(key="tour_begin").label == "Do this with my data"

    press_key(at, "tour_begin")

    assert "1 of 8: How often is it right?" in words(at)
    assert f"{right} of {len(frame)}** applicants" in words(at)
    press_key(at, "tour_next")
    assert "Chapter 2 is left out: there is no second data set, such as newer applications." in words(at)
    assert "3 of 8: What do the data hide?" in words(at)
    walked = ["imbalance"]
    while not at.button(key="tour_next").disabled:
        press_key(at, "tour_next")
        walked.append(at.query_params["tour"])
    assert walked == ["imbalance", "rebalance", "groups", "band", "sign"]
    assert "tour_own" not in {b.key for b in at.button}


def test_the_story_can_be_seen_first_and_left_for_the_own_case(open_page: Open) -> None:
    case = own_case()
    at = open_page("start", case=case, threshold="0.4")

    press_key(at, "tour_story")
    assert at.query_params["case"].startswith("story.")
    assert "1 of 8: Accurate, so ready?" in words(at)
    assert case.id not in json.dumps(dict(at.query_params))
    press_key(at, "tour_next")
    press_key(at, "tour_leave")

    assert at.title[0].value == "Start"
    assert (at.query_params["case"], at.query_params["threshold"]) == (case.id, "0.4")
    assert "tour" not in at.query_params


def test_nothing_to_ask_is_no_door(open_page: Open) -> None:
    frame = pd.DataFrame({"x": range(40), "y": [0, 1] * 20})
    at = open_page("start", case=table_case(frame.to_csv(index=False), Roles()))

    keys = {b.key for b in at.button}

    assert "tour_story" in keys
    assert "tour_begin" not in keys


# --- the walk ---


def marks(at: AppTest) -> int:
    return sum("Look here" in m.value for m in at.markdown)


def test_the_walk_goes_over_the_real_pages_with_one_mark_each(open_page: Open, story) -> None:
    at = open_page("start", case=story)
    assert marks(at) == 0

    press_key(at, "tour_begin")

    for place, stop in enumerate(STOPS):
        settled(at)
        assert not at.exception
        assert at.query_params["tour"] == stop.key
        assert at.title[0].value == TITLES[stop.page]
        assert f"{stop.chapter} of 8" in words(at)
        assert sentence(story, stop.key) in words(at).replace("*", "")
        assert marks(at) == 1, stop.key
        assert at.button(key="tour_back").disabled == (place == 0)
        if place < len(STOPS) - 1:
            press_key(at, "tour_next")
    press_key(at, "tour_back")
    assert at.query_params["tour"] == "sign"
    press_key(at, "tour_next")
    press_key(at, "tour_own")
    assert at.title[0].value == "Start"
    assert dict(at.query_params) == {"case": story.id}


def test_leaving_brings_back_what_was_chosen_before(open_page: Open, story) -> None:
    at = open_page("start", case=story, by="ethnicity", threshold="0.3", data="living", metric="fpr")
    before = dict(at.query_params)

    press_key(at, "tour_begin")
    press_key(at, "tour_next")
    press_key(at, "tour_large")
    assert at.query_params["large"] == "1"
    press_key(at, "tour_leave")

    assert at.title[0].value == "Start"
    assert dict(at.query_params) == before


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("page", ["fairness", "review_band"])
def test_charts_are_drawn_in_presenter_size(page, size, open_page: Open, story) -> None:
    usual = open_page(page, case=story, data="living", model="repaired", by="gender")
    at = open_page(page, case=story, data="living", model="repaired", by="gender", large=str(size))

    charts = [len(one.get("vega_lite_chart")) for one in (usual, at)]

    assert not at.error
    assert charts[1] == charts[0] > 0


def test_a_refresh_keeps_the_chapter(open_page: Open, story) -> None:
    again = open_page("fairness", case=story, tour="groups", data="living", model="biased", by="gender")

    assert "6 of 8" in words(again)
    assert marks(again) == 1


def test_on_another_page_the_way_back_is_offered(open_page: Open, story) -> None:
    at = open_page("correlations", case=story, tour="band")
    assert "This chapter is on another page." in words(at)
    assert marks(at) == 0

    press_key(at, "tour_here")

    assert at.title[0].value == "Review band"
    assert (at.query_params["data"], at.query_params["model"]) == ("living", "repaired")


@pytest.mark.parametrize(
    "tour_from", ["../evil?x", "correlations", "%%%?%%%&by=<b>", "start?case=other&tour=band"]
)
def test_an_address_cannot_lead_astray(open_page: Open, story, tour_from) -> None:
    at = open_page("performance", case=story, tour="nonsense", tour_from=tour_from)
    assert "1 of 8" in words(at)

    press_key(at, "tour_leave")

    assert at.title[0].value == "Start"
    assert at.query_params["case"] == story.id
    assert "tour" not in at.query_params


def test_the_way_is_found_without_reading_a_row(story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding the way costs nothing; the sentence of one stop is all that is counted."""
    monkeypatch.setattr(type(story), "judge", lambda *_: pytest.fail("a pair was scored"))

    assert len(route_of(story).stops) == len(STOPS)
    assert state.choices().tour == ""
