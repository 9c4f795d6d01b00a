"""The page that explains one decision, through the app, against the story's published case and the model itself."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from rai_dash.bundled import open_bundled
from rai_dash.core.errors import InvalidChoice
from rai_dash.explain._base import PATH_DEPENDENT
from rai_dash.explain.agreement import agreement
from rai_dash.explain.counterfactuals import sentence
from rai_dash.explain.question import Question
from rai_dash.report.explanation_page import Contributions, explanation_page
from rai_dash.ui import training
from rai_dash.ui.choices import Choices
from rai_dash.ui.deciding import change
from rai_dash.ui.deciding.printing import printed
from rai_dash.ui.explanations import Explained, applicant_of, shap_of
from rai_dash.ui.state import View
from rai_dash.ui.text import score_beside
from tests.app.conftest import Open, settled, texts

# Models are trained here: a busy machine may need longer than the others' limit.
pytestmark = pytest.mark.timeout(400)

NUMERIC = {"age", "education-num", "capital-gain", "capital-loss", "hours-per-week"}
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def story():
    return open_bundled("story", "story.explained")


@pytest.fixture(scope="module")
def published(shared):
    return json.loads((shared / "data/story/EXPECTED.json").read_text())["group"]["case"]


@pytest.fixture(scope="module")
def row(story, published):
    frame = story.data_of("production").dataset.frame
    return int(np.flatnonzero(frame["application_id"] == published["id"])[0])


@pytest.fixture(scope="module")
def applicant(story, row):
    return applicant_of(View(story, Choices(case=story.id, data="production", row=row)), row)


def test_the_published_case_path_dependent(applicant, published):
    found = shap_of(applicant, Question(space="log-odds", perturbation=PATH_DEPENDENT))

    told = dict(published["shap_biased"])
    assert found.base == pytest.approx(told.pop("base"), abs=2e-3)
    assert found.values == pytest.approx(told, abs=2e-3)


def test_the_page_shows_it_and_says_that_gender_is_no_reason(open_page: Open, story, row, applicant):
    at = open_page("explain", case=story, data="production", row=str(row), unknown=PATH_DEPENDENT)

    assert not at.exception
    said = texts(at)
    at.session_state["numbers_agreement"] = True
    (saved,) = (d.value for d in at.run().dataframe if "spearman_abs" in d.value)
    shap = shap_of(applicant, Question(space="log-odds", perturbation=PATH_DEPENDENT))
    same = agreement(shap.values, applicant.lime.centred)
    assert saved.iloc[0].drop("SHAP in").to_dict() == asdict(same)
    assert "A09468" in said
    assert "**refused**" in said
    assert "**gender** is among the four strongest factors against this applicant" in said


def test_the_repaired_model_approves_and_has_no_refusal_to_give_reasons_for(open_page: Open, story, row):
    at = open_page("explain", case=story, data="production", model="repaired", row=str(row), why="reasons")

    assert not at.exception
    assert "**approved**" in texts(at)
    assert "no refusal to give reasons for" in texts(at)


def test_reasons_for_the_refusal_are_blocked_by_gender(open_page: Open, story, row):
    at = open_page("explain", case=story, data="production", row=str(row), why="reasons")

    assert not at.exception
    assert any("gender" in e.value and "Do not send this list" in e.value for e in at.error)
    assert "not reviewed" in texts(at)
    assert "not legal advice" in texts(at)


def test_what_if_is_scored_by_the_model_saved_and_answers_nonsense_with_one_sentence(
    open_page: Open, story, applicant, row
):
    at = open_page("explain", case=story, data="production", row=str(row), why="what_if")
    hours, gender = (
        f"what_if_{row}_own_{applicant.names.index(name)}" for name in ("hours-per-week", "gender")
    )
    # Sensitive columns are locked until somebody unlocks them on purpose.
    assert at.text_input(key=f"{gender}_locked").disabled

    at.session_state["numbers_what_if"] = True
    at.text_input(key=hours).set_value("400")
    at.toggle(key="what_if_unlock").set_value(True).run()

    assert not at.exception
    assert not at.selectbox(key=gender).disabled
    assert "outside the range" in texts(at)
    changed = applicant.one.assign(**{"hours-per-week": 400})
    expected = float(applicant.model.score(changed).scores[0])
    after = next(m.value for m in at.metric if m.label == "With these values")
    assert float(after.split()[0]) == pytest.approx(100 * expected, abs=0.51)
    (saved,) = (d.value for d in at.dataframe if "new value" in d.value)
    assert saved["new value"].tolist() == ["400"]
    assert saved["score after"].tolist() == [pytest.approx(expected)]
    assert saved["score before"].tolist() == [pytest.approx(applicant.score)]

    at.text_input(key=hours).set_value("many **hours**").run()

    assert not at.exception
    (error,) = at.error
    assert "needs a number" in error.value
    assert "**hours**" not in error.value


def test_what_one_column_says_of_another_moves_along_its_curve_unless_switched_off(
    open_page: Open, story, applicant, row
):
    frame = applicant.reference
    years = frame.groupby("education")["education-num"].first()
    at = open_page("explain", case=story, data="production", row=str(row), why="what_if")
    education = f"what_if_{row}_own_{applicant.names.index('education')}"
    at.session_state["numbers_ice"] = True

    def curve() -> dict[str, float]:
        (table,) = (d.value for d in at.dataframe if "reference rows" in d.value)
        return dict(zip(table["value"], table["score"], strict=True))

    def by_hand(**fixed) -> dict[str, float]:
        rows = [
            applicant.one.assign(**{"education": e, "education-num": fixed.get("num", years[e])})
            for e in curve()
        ]
        scores = applicant.model.score(pd.concat(rows, ignore_index=True)).scores
        return dict(zip(curve(), scores, strict=True))

    at.selectbox(key=education).set_value("Doctorate").run()
    assert curve() == pytest.approx(by_hand(), abs=1e-6)
    assert "Moved along, as the reference rows have it: education\\-num" in texts(at)

    at.toggle(key="what_if_linked").set_value(False).run()
    assert curve() == pytest.approx(by_hand(num=applicant.own["education-num"]), abs=1e-6)


def test_what_would_change_it_flips_through_the_real_model_and_may_be_told_to_only_fall(
    open_page: Open, story, applicant, row
):
    known = set(training.jobs()._jobs)
    at = settled(open_page("explain", case=story, data="production", row=str(row), why="change"))
    (key,) = set(training.jobs()._jobs) - known

    assert not at.exception
    found = training.jobs().get(key).result
    assert found.feasible
    assert any(e.value.startswith("Approved if:") for e in at.info)
    for one in found.found:
        assert not set(one.changes) & set(applicant.judgement.roles.sensitive)
        changed = applicant.one.assign(**{name: after for name, (_, after) in one.changes.items()})
        assert float(applicant.model.score(changed).scores[0]) >= 0.5
    shown = at.dataframe[0].value
    assert list(shown["with"]) == [sentence(one.changes) for one in found.found]

    # What rises may be forbidden to: it may then stay or fall, and is no longer offered the other way.
    risen = {c for one in found.found for c, (own, new) in one.changes.items() if c in NUMERIC and new > own}
    assert risen
    at.session_state["numbers_nearest"] = True
    at = settled(at.multiselect(key="change_down").set_value(sorted(risen)).run())

    assert not at.exception
    (last,) = set(training.jobs()._jobs) - known - {key}
    fallen = training.jobs().get(last).result
    assert fallen.found
    for one in fallen.found:
        for name in set(one.changes) & risen:
            own, new = one.changes[name]
            assert new < own
    saved = next(d.value for d in at.dataframe if "their value" in d.value)
    frame = applicant.judgement.data.dataset.frame
    for _, line in saved.iterrows():
        assert str(frame[line["column"]].iloc[line["row"] - 1]) == line["their value"]
        assert str(applicant.own[line["column"]]) == line["own value"] != line["their value"]
        assert applicant.judgement.score[line["row"] - 1] == line["score"] >= 0.5


def test_the_people_like_a_change_are_counted_in_the_reference_rows(applicant):
    frame = applicant.reference

    husbands = change._alike(applicant, {"relationship": ("Wife", "Husband"), "hours-per-week": (37, 44)})

    own = (frame["gender"] == "Female") & (frame["ethnicity"] == "White")
    assert husbands == int((own & (frame["relationship"] == "Husband")).sum())
    assert change._alike(applicant, {"workclass": ("State-gov", "Private")}) == int(
        (own & (frame["workclass"] == "Private")).sum()
    )
    assert change._alike(applicant, {"hours-per-week": (37, 44)}) is None


@pytest.mark.parametrize(
    ("score", "words"),
    [(0.499, "49.9 %"), (0.4999, "49.99 %"), (0.5, "50 %"), (0.094, "9.4 %"), (0.4999999, "just under 50 %")],
)
def test_a_score_under_the_threshold_is_never_written_like_it(score, words):
    assert score_beside(score, 0.5) == words


def test_a_model_without_trees_says_that_it_has_no_path_dependent_values(open_page: Open):
    at = open_page("explain", case=open_bundled("boston", "boston.explained"), unknown=PATH_DEPENDENT)

    assert not at.exception
    assert any("tree ensembles only" in e.value for e in at.error)


def test_the_printed_page_holds_what_it_rests_on(applicant):
    question = Question(space="log-odds")
    found = Explained(
        row=applicant.row, shap=shap_of(applicant, question), lime=applicant.lime, own=applicant.own,
        sensitive=applicant.sensitive,
    )  # fmt: skip

    page = printed(applicant, found, question)

    assert "A09468 scores 9.4 % and is refused" in page
    assert applicant.model.info.fingerprint in page
    assert applicant.judgement.data.dataset.fingerprint in page
    columns = re.findall(r'<tr><td>([^<]*)</td><td>[^<]*</td><td class="side', page)
    assert sorted(columns) == sorted(applicant.names * 2)


def test_hostile_names_stay_text_on_the_printed_page():
    values = {HOSTILE: -1.0, "b & c": 0.5}

    page = explanation_page(
        title=HOSTILE, decision=HOSTILE, cautions=[HOSTILE],
        lists=[Contributions(title=HOSTILE, under=HOSTILE, values=values, is_share=False)],
        order=list(values), own=dict.fromkeys(values, HOSTILE), facts={HOSTILE: HOSTILE},
    )  # fmt: skip

    assert "<script" not in page
    # Title twice, decision, caution, heading, line under it, column, two values, and both sides of the fact.
    assert page.count("&lt;script&gt;") == 11
    assert "b &amp; c" in page


def test_without_a_model_there_is_nobody_to_ask(story):
    living = story.data_of("production")
    bare = type(story)(id="bare", title="bare", data=(living,), default_data=living.key)

    with pytest.raises(InvalidChoice, match="need the model itself"):
        applicant_of(View(bare, Choices(case="bare")), 0)
