"""``rai-dash explain`` on single decisions against XGBoost itself, brute force, and the page of the story's case."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xgboost
from typer.testing import CliRunner

from rai_dash.bundled import open_bundled
from rai_dash.cli.app import app
from rai_dash.core.errors import InvalidChoice
from rai_dash.explain.anchors import anchor
from rai_dash.explain.baselines import baseline_of
from rai_dash.explain.client import score_of, shap_values
from rai_dash.explain.counterfactuals import Constraints, candidates_of, counterfactuals
from rai_dash.explain.noise import noise_of
from rai_dash.explain.question import Question
from rai_dash.explain.refusal import draft_refusal
from rai_dash.explain.refusal_record import RefusalRecord
from rai_dash.explain.steadiness import steadiness
from rai_dash.report.correlated import stand_ins
from rai_dash.report.decision_json import DecisionOptions
from rai_dash.report.decision_work import moved_by_noise, reasons_of, steady_of
from rai_dash.report.explain_json import explain_dataset
from rai_dash.ui.choices import Choices
from rai_dash.ui.deciding import change
from rai_dash.ui.explanations import applicant_of
from rai_dash.ui.state import View

#: The roles of the story's case, as the page has them.
ROLES = ["--id-column", "application_id", "--target", "loan", "--favourable", "Approved", "--split", "split",
         "--sensitive", "gender", "--sensitive", "ethnicity", "--sensitive", "age:25,35,50,65"]  # fmt: skip


def explained(*args: str) -> dict:
    result = CliRunner().invoke(app, ["explain", *args])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def files(repo):
    folder = repo / "sample_data"
    return {
        "model": str(folder / "story_biased.ubj"),
        "training": str(folder / "story_training.csv.gz"),
        "production": str(folder / "story_production_110.csv.gz"),
    }


@pytest.fixture(scope="module")
def decided(files, tmp_path_factory):
    """Ask everything about the story's refused applicant, and write the texts of reasons."""
    texts = tmp_path_factory.mktemp("texts") / "reasons.json"
    found = explained(
        files["production"], "--model", files["model"], "--background", files["training"], *ROLES,
        "--find", "A09468", "--lime", "--counterfactuals", "--only-down", "hours-per-week", "--rule", "--neighbours",
        "--reasons", "--steady", "--what-if", "education=Doctorate", "--curve", "age", "--curve", "education",
        "--draft-texts", str(texts),
    )  # fmt: skip
    return found | {"texts": json.loads(texts.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def page(decided):
    """The same applicant as the page has it."""
    view = View(open_bundled("story", "story.cli"), Choices(case="story.cli", data="production"))
    return applicant_of(view, decided["decisions"][0]["row"])


@pytest.fixture(scope="module")
def booster(files):
    """Score rows with XGBoost itself."""
    model = xgboost.Booster(model_file=files["model"])

    def score(frame: pd.DataFrame) -> np.ndarray:
        frame = frame[model.feature_names].copy()
        text = frame.columns[frame.dtypes == "str"]
        frame[text] = frame[text].astype("category")
        return model.predict(xgboost.DMatrix(frame, enable_categorical=True))

    return score


def test_the_page_and_the_command_find_the_same_changes(decided, page):
    told = decided["decisions"][0]["counterfactuals"]
    fixed = (*page.sensitive, *stand_ins(page.judgement))
    constraints = Constraints(immutable=fixed, only_down=("hours-per-week",), linked=page.linked)

    found = counterfactuals(
        score_of(page.model), page.one, candidates_of(page.reference, page.names, constraints), threshold=0.5
    )

    assert told["constraints"]["immutable"] == list(fixed)
    assert [one["changes"] for one in told["found"]] == [
        {name: {"from": before, "to": after} for name, (before, after) in one.changes.items()}
        for one in found.found
    ]
    assert [one["score"] for one in told["found"]] == [one.score for one in found.found]
    alike = [change._alike(page, one.changes) for one in found.found]
    assert [one["people_like_that"] for one in told["found"]] == alike
    table = change.way_frame(found, alike, len(page.reference))
    assert len(table) == sum(len(one["changes"]) for one in told["found"])
    assert table.groupby("way")["score"].first().tolist() == [one["score"] for one in told["found"]]
    none = change.way_frame(replace(found, found=()), (), len(page.reference))
    assert set(none["way"]) == {"none feasible; the closest"}


def test_each_change_turns_the_decision_of_the_library_and_goes_the_allowed_way(decided, page, booster):
    told = decided["decisions"][0]["counterfactuals"]

    assert told["feasible"]
    for one in told["found"]:
        new = {name: value["to"] for name, value in one["changes"].items()}
        (score,) = booster(page.one.assign(**new))
        assert score == pytest.approx(one["score"], abs=1e-6)
        assert score >= 0.5
        assert new.get("hours-per-week", 0) <= page.own["hours-per-week"]


def test_the_page_and_the_command_find_the_same_rule_and_rows_are_counted(decided, page):
    told = decided["decisions"][0]["rule"]

    found = anchor(score_of(page.model), page.one, page.reference, threshold=0.5, linked=page.linked)

    rule, one = found.rule or found.nearest, told["rule"] or told["nearest"]
    assert rule is not None
    assert (one["text"], one["precision"]["value"], one["seen"]["value"]) == (
        rule.text, rule.precision.value, rule.seen.value,
    )  # fmt: skip
    assert one["coverage"]["denominator"] == len(page.reference) == 6400
    table = change.rule_frame(found).set_index("what")
    assert table["value"].to_dict() == {
        what: one[what]["value"] for what in ("precision", "coverage", "seen")
    }


def test_neighbours_are_the_nearest_of_all_with_the_other_decision(decided, page, booster):
    told = decided["decisions"][0]["neighbours"]["found"]
    frame = page.judgement.data.dataset.frame[list(page.names)]

    distance = np.zeros(len(frame))
    for name in page.names:
        own, column = page.own[name], frame[name]
        if column.dtype == "str":
            distance += (column != own).to_numpy(dtype=float)
        else:
            distance += (column - own).abs().to_numpy(dtype=float) / float(np.ptp(column))
    others = np.flatnonzero(booster(frame) >= 0.5)
    nearest = others[np.argsort(distance[others], kind="stable")][: len(told)]

    assert [one["row"] for one in told] == nearest.tolist()
    assert [one["distance"] for one in told] == pytest.approx(distance[nearest] / len(page.names))


def test_the_page_and_the_command_draft_the_same_reasons(decided, page):
    told = decided["decisions"][0]["reasons"]
    # 25 of the reference rows are approved and fewer just so: too few to compare with.
    baseline = baseline_of(page.reference, page.reference_scores, kind="approved", threshold=0.5)
    why = shap_values(page.model, page.one, page.reference.iloc[baseline.rows], row_ids=[page.row])[0]

    found = draft_refusal(
        score_of(page.model), why, page.one, page.reference, baseline, threshold=0.5,
        sensitive=page.judgement.roles.sensitive, proxies=stand_ins(page.judgement),
    )  # fmt: skip
    record = RefusalRecord.of(
        found, model_fingerprint=page.model.info.fingerprint,
        data_fingerprint=page.judgement.data.dataset.fingerprint,
    )  # fmt: skip

    assert told["record"] == record.model_dump(mode="json")
    assert told["obstacles"] == list(found.obstacles)
    assert [one["column"] for one in told["blocking"]] == ["gender"]
    assert set(decided["texts"]["texts"]) == set(page.names)


def test_what_noise_moves_by_more_than_they_differ_counts_as_a_tie(page):
    refused = applicant_of(page.view, int(np.argmin(page.judgement.score)))
    alone = reasons_of(refused, 0.5, kind="population")
    checked = steady_of(refused, 0.5, Question(space="log-odds", perturbation="interventional"))
    far = np.full(len(page.names), 1e3)
    shaky = replace(checked, noise=replace(checked.noise, low=-far, high=far))

    moved = moved_by_noise(checked, alone.explanation)
    spread = dict(zip(checked.noise.names, checked.noise.high - checked.noise.low, strict=True))
    assert moved == {name: pytest.approx(width / 2) for name, width in spread.items()}
    adverse = [name for name, value in alone.explanation.values.items() if value < -1e-9]
    listed = [reason.factor.column for reason in alone.reasons]
    assert len(adverse) > len(listed) == 4
    tied = reasons_of(refused, 0.5, kind="population", steady=shaky)
    assert set(tied.tie.others) == set(adverse) - set(listed)
    assert tied.tie.within == 1e3
    # In another space noise is not known.
    other = replace(alone.explanation, space="probability")
    assert moved_by_noise(checked, other) == moved_by_noise(None, alone.explanation) == {}


def test_the_page_and_the_command_shake_the_same_explanation(decided, page):
    told = decided["decisions"][0]["steady"]
    noise = noise_of(page.reference, linked=page.linked)

    found = steadiness(
        page.model, page.one, page.reference, noise, page.reference_scores, eps=0.05, threshold=0.5
    )

    assert told["noise"]["reasons"] == list(found.noise.own)
    assert told["noise"]["flip"]["value"] == found.noise.flip.value
    assert told["noise"]["low"] == dict(zip(found.noise.names, found.noise.low.tolist(), strict=True))
    assert {kind: one["people"] for kind, one in told["against"].items()} == {
        one.kind.value: one.people for one in found.against
    }
    # Against all reference rows it is the explanation above.
    assert told["against"]["population"]["contributions"] == decided["explanations"][0]["values"]


def test_what_if_and_the_curves_are_what_the_library_says(decided, page, booster):
    one = decided["decisions"][0]
    (after,) = booster(page.one.assign(**{"education": "Doctorate", "education-num": 16}))

    assert set(one["what_if"]["changes"]) == {"education", "education-num"}
    assert one["what_if"]["after"] == pytest.approx(after, abs=1e-6)
    age, education = one["curves"]
    changed = page.one.assign(**{"education": "Doctorate", "education-num": 16})
    moved = pd.concat([changed.assign(age=value) for value in age["values"]], ignore_index=True)
    assert age["scores"] == pytest.approx(booster(moved), abs=1e-6)
    # The number of a degree is what the reference rows say of it.
    years = page.reference.groupby("education")["education-num"].first()
    degrees = [page.one.assign(**{"education": d, "education-num": years[d]}) for d in education["values"]]
    assert education["linked"] == ["education-num"]
    assert education["scores"] == pytest.approx(booster(pd.concat(degrees, ignore_index=True)), abs=1e-6)


def test_how_far_the_two_explanations_agree_follows_from_their_numbers(decided):
    shap, (same,) = decided["explanations"][0]["values"], decided["agreement"]
    centred = decided["lime"][0]["centred"]

    top, other = (sorted(x, key=lambda c: -abs(x[c]))[:5] for x in (shap, centred))

    shared = set(top) & set(other)
    assert same["overlap"] == len(shared) / 5
    assert same["sign"] == sum(shap[c] * centred[c] > 0 for c in shared) / 5
    assert same["same_units"] is False


def said(page, row: int, **asked) -> dict:
    """Ask about a decision through the same function as the command, of the model that runs already."""
    judgement = page.judgement
    how = DecisionOptions(**asked)
    content = explain_dataset(judgement.data.dataset, judgement.model.model, rows=[row], decision=how)
    return content["decisions"][0]


def test_nobody_is_given_reasons_for_an_approval(page):
    approved = int(np.argmax(page.judgement.score))

    one = said(page, approved, reasons=True)

    assert one["decision"] == "approved"
    assert one["reasons"]["record"] is None
    assert "no refusal to give reasons for" in one["reasons"]["reason"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"changes": {"age": "old"}}, "needs a number"),
        ({"changes": {"shoes": "red"}}, "no column 'shoes'"),
        ({"curves": ("shoes",)}, "no column 'shoes'"),
        ({"counterfactuals": True, "only_down": ("occupation",)}, "no up or down"),
        ({"counterfactuals": True, "only_down": ("age",), "only_up": ("age",)}, "only rise and only fall"),
        ({"neighbours": True, "distance": "miles"}, "by 'range' or 'spread'"),
        ({"reasons": True, "baseline": "friends"}, "no baseline 'friends'"),
        ({"threshold": 7}, "between 0 and 1"),
    ],
)
def test_nonsense_about_a_decision_is_refused_in_one_sentence(page, asked, says):
    with pytest.raises(InvalidChoice, match=says):
        said(page, page.row, **asked)


def test_typical_values_are_those_of_the_reference_rows_and_may_be_left_alone(page):
    frame = page.judgement.data.dataset.frame[list(page.names)]

    one = said(page, page.row, start="typical")
    alone = said(page, page.row, changes={"education": "Doctorate"}, curves=("education",), moves_along=False)

    typical = {
        name: frame[name].mode()[0]
        if frame[name].dtype == "str"
        else frame[name].sort_values().iloc[(len(frame) - 1) // 2]
        for name in page.names
    }
    told = {name: value["to"] for name, value in one["what_if"]["changes"].items()}
    assert told == {name: value for name, value in typical.items() if value != page.own[name]}
    assert set(alone["what_if"]["changes"]) == {"education"}
    assert alone["curves"][0]["linked"] == []
