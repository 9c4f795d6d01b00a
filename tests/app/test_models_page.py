"""The page that compares candidates: the story, one model, one that does not fit, rights, choosing, growing."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace

import pandas as pd
import pytest

from rai_dash.bundled import open_bundled
from rai_dash.case import CaseModel
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.store import Store
from rai_dash.ui import identity, state
from tests.app.conftest import Open, settled, table_case, texts
from tests.app.conftest import words as said_on

EVIL = "![x](https://example.invalid/p.png)"
WHY = (
    "It finds most of those whom the first model refused although they are good, and the price in wrong approvals is "
    "one that a person can look at first."
)


@pytest.fixture
def story():
    return open_bundled("story", "story.modelspage0001")


def show(open_page: Open, case, view="", **query):
    at = open_page("models", case=case, candidates=view, **query)
    assert not at.exception
    return settled(at)


def test_the_finding_stands_first_with_counts_and_intervals(open_page: Open, story) -> None:
    at = show(open_page, story)
    words = at.warning[0].value.replace("\N{NO-BREAK SPACE}", " ")
    assert "**Model on collected data** instead of **First model**, on the same 1,100 applications" in words
    # 408 of 500 against 37 of 500; hand count of the bundled living test set.
    favourable = "Of applicants with the favourable label it approves **82 %** instead of 7.4 % (+70.0 to +77.7 points)"
    assert f"{favourable}: shown to be better." in words
    assert "it approves **15 %** instead of 0 % (+12.0 to +17.7 points): shown to be worse." in words
    assert "It approves **45 %** instead of 3.4 % of all." in words
    assert "Also better: Accuracy, Balanced accuracy, F1, AUC, and 1 more in the table." in words
    assert (
        "**459 of 1,100** decisions change: all are approved now; 243 of them are of the group Female, "
        "as are 550 of all 1,100." in words
    )
    assert "371 became right and 88 became wrong" in words
    assert len(at.get("vega_lite_chart")) == 1


def test_the_chips_name_the_set_that_judges_and_not_that_of_the_sidebar(open_page: Open, story) -> None:
    at = show(open_page, story, data="training")
    chips = [str(one.value) for one in at.markdown if "-badge[" in str(one.value)]
    said = " ".join(chips).replace("\\", "")
    assert "Test set: Living test set" in said
    assert "1,100 rows" in said
    assert "8,000" not in said


def test_gaps_of_both_models_are_compared_on_the_same_rows(open_page: Open, story) -> None:
    at = show(open_page, story, "groups")
    said = said_on(at)
    # Women and men with the good label: 1.4 % and 13.8 % now, hand count; 12.4 points apart.
    assert "12.4 (Female to Male) → 6.4 (Male to Female) points" in said
    assert "No change of the gap is shown in Approval rate, Recall, False positive rate, Accuracy." in said
    at = show(open_page, replace(story, id="story.modelspage0009"), "groups", tested="collected")
    assert "The gap in" in said_on(at)


@pytest.mark.parametrize(
    "view", ["figures", "groups", "people", "problems", "cost", "reasons", "living", "choose"]
)
def test_every_view_draws_something_and_no_error(open_page: Open, story, view) -> None:
    at = show(open_page, story, view)
    assert not at.error
    assert len(texts(at)) > 400
    charts = {"figures": 1, "groups": 1, "people": 1, "reasons": 1}
    assert len(at.get("vega_lite_chart")) == charts.get(view, 0)


def test_costs_are_told_as_too_good(open_page: Open, story) -> None:
    said = said_on(show(open_page, story, "cost"))
    assert "At each one's cheapest band an application costs" in said
    assert "less (0.083 to 0.137; optimistic: these applications picked both bands)" in said
    assert "Not certified: picked on the same data" in said


def test_reasons_name_the_columns_that_gain_and_lose(open_page: Open, story) -> None:
    said = texts(show(open_page, story, "reasons"))
    assert "It leans less on **gender** (11 % → 0.8 %)" in said


def test_each_model_has_its_own_threshold_in_the_address(open_page: Open, story) -> None:
    at = show(open_page, story, cuts="500.1000")
    assert "It approves **0 %** instead of 3.4 %" in texts(at)
    at.slider(key="models_cut_candidate").set_value(50.0).run()
    assert at.query_params["cuts"] == ["500.500"] or at.query_params["cuts"] == "500.500"


@pytest.mark.parametrize("cuts", ["x", "9999.1", "..", "-1.5", "500"])
def test_nonsense_in_the_address_is_the_usual_threshold(open_page: Open, story, cuts) -> None:
    at = show(open_page, story, cuts=cuts)
    assert not at.error


def test_with_one_model_it_says_how_to_get_a_second(open_page: Open, story) -> None:
    at = show(open_page, replace(story, models=story.models[:1]))
    assert "a comparison needs two" in texts(at)
    assert any(b.key == "next_rebalance" for b in at.button)


def test_a_case_without_a_model_is_not_blank(open_page: Open) -> None:
    case = table_case("a,y\n1,1\n2,0\n", Roles(target="y", favourable=("1",)))
    assert "This case has no model" in texts(show(open_page, case))


def test_a_model_that_lacks_columns_is_named_and_nothing_breaks(open_page: Open, story) -> None:
    other = open_bundled("boston", "boston.modelspage01").models[0]
    stranger = replace(other, key="stranger", title=EVIL)
    at = show(open_page, replace(story, models=(*story.models, stranger)), rival="stranger")
    assert "cannot score these applications" in at.error[0].value
    assert EVIL not in texts(at)
    # Looked at beside it, the others are compared all the same.
    at = show(open_page, replace(story, id="story.modelspage0002", models=(*story.models, stranger)))
    assert not at.error
    assert "cannot score these applications" in texts(at)


def test_a_model_against_its_copy_changes_nobody(open_page: Open, story) -> None:
    twin = replace(story.models[0], key="twin", title="Twin")
    at = show(open_page, replace(story, models=(story.models[0], twin)))
    assert "Not one of 1,100 decisions changes." in texts(at)
    assert "do not show that either is better" in texts(at)


def test_single_applications_are_for_those_who_may_see_them(open_page: Open, story, monkeypatch) -> None:
    monkeypatch.setenv("RAI_DASH_LOCAL_SEES_ROWS", "false")
    get_settings.cache_clear()
    at = show(open_page, story, "people")
    at.session_state["models_rows"] = True
    at.run()
    assert not at.dataframe
    assert not any("application_id" in str(t.value) for t in at.markdown)


def test_one_application_is_explained_by_both_models_side_by_side(open_page: Open, story) -> None:
    at = show(open_page, story, "people")
    at.session_state["models_rows"] = True
    at.run()
    assert not at.exception
    assert len(at.dataframe) == 1
    assert len(at.get("vega_lite_chart")) == 3
    assert "Contributions in log-odds" in said_on(at)


def test_a_choice_needs_a_name_a_role_and_a_reason_and_is_shown_with_who(
    open_page: Open, story, monkeypatch
) -> None:
    at = show(open_page, story, "choose")
    assert "Who are you?" in texts(at)
    at.session_state[identity.LOCAL_NAME] = "Ana <b>"
    at.run()
    at.text_area(key="sign_models_reason").set_value("It is better.")
    at.button(key="FormSubmitter:sign_models_choose-Choose it").click().run()
    assert "at least 20 are needed" in at.error[0].value
    at.text_area(key="sign_models_reason").set_value(WHY)
    at.button(key="FormSubmitter:sign_models_choose-Choose it").click().run()
    said = texts(at)
    assert "The choice is on record" in said
    assert "against 1 other model" in said
    assert "Ana" in said
    assert "<b>" not in said.replace("\\<b\\>", "")
    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "expert")
    get_settings.cache_clear()
    at.run()
    assert "Choosing a model needs the role analyst" in texts(at)
    assert not [t for t in at.text_area if str(t.key).startswith("sign_models_reason")]


def test_applications_join_the_test_set_and_every_model_is_judged_again(open_page: Open, story, repo) -> None:
    at = show(open_page, story, "living")
    at.session_state[identity.LOCAL_NAME] = "Ana"
    at.run()
    content = (repo / "sample_data" / "story_collected_8000.csv.gz").read_bytes()
    frame = pd.read_csv(io.BytesIO(gzip.decompress(content))).head(50)
    at.file_uploader(key="sign_models_file").set_value(
        ("more.csv", frame.to_csv(index=False).encode(), "text/csv")
    )
    at.text_input(key="sign_models_note").set_value("Fifty more")
    at.button(key="FormSubmitter:sign_models_grow-Let them join").click().run()
    at = settled(at)
    assert not at.exception
    said = texts(at)
    assert "They joined" in said
    assert "version **2** of 2" in said
    assert "1,150 applications" in said
    assert "Fifty more" in said
    assert len(at.get("vega_lite_chart")) == 1
    kept = state.store().get("story.modelspage0001")
    assert kept.data_of("living").dataset.n_rows == 1_150


def grown(case, store):
    """Let fifty rows join as Ana, as the page does."""
    from rai_dash.govern.living import LivingSets
    from rai_dash.report.models_growth import grow_case

    person = Person(name="Ana", subject="Ana", role=AppRole.ANALYST)
    rows = open_bundled("story", "story.more000000001").data_of("collected").dataset
    more = dataset_from_frame(rows.frame.head(50), rows.roles)
    return grow_case(case, "living", more, LivingSets(store, person))


def test_a_version_that_did_not_reach_the_case_is_taken_up_by_whoever_let_it_in(
    open_page: Open, story
) -> None:
    with Store(get_settings().database_url) as store:
        grown(story, store)
    # The process died before the case was saved: the page finds the older version.
    at = show(open_page, story, "living")
    said = said_on(at)
    assert "The set has grown since, to 1,150 applications." in said
    assert not [b for b in at.button if b.label == "Take up the newest version"]
    at.session_state[identity.LOCAL_NAME] = "Ana"
    at.run()
    next(b for b in at.button if b.label == "Take up the newest version").click().run()
    at = settled(at)
    assert not at.exception
    assert "version **2** of 2" in texts(at)
    assert state.store().get(story.id).data_of("living").dataset.n_rows == 1_150


def test_a_model_that_joins_later_gets_its_figures_when_an_analyst_compares_it(
    open_page: Open, story
) -> None:
    with Store(get_settings().database_url) as store:
        case = grown(replace(story, models=story.models[:1]), store).case
    at = show(open_page, replace(case, id=story.id, models=story.models), "living")

    def recorded() -> list[str]:
        with Store(get_settings().database_url) as store:
            return [r.content["model"] for r in store.records() if r.kind == "model.result"]

    first, second = (m.model.info.fingerprint for m in story.models)
    assert recorded() == [first, first]
    at.session_state[identity.LOCAL_NAME] = "Ana"
    at.run()
    assert recorded() == [first, first, second]
    at.slider(key="models_cut_candidate").set_value(40.0).run()
    at.run()
    assert recorded() == [first, first, second]


def test_a_file_that_does_not_fit_is_refused_and_the_set_stays(open_page: Open, story) -> None:
    at = show(open_page, story, "living")
    at.session_state[identity.LOCAL_NAME] = "Ana"
    at.run()
    at.file_uploader(key="sign_models_file").set_value(("more.csv", b"a,b\n1,2\n", "text/csv"))
    at.button(key="FormSubmitter:sign_models_grow-Let them join").click().run()
    assert at.error
    assert "no versions yet" in texts(at)


def test_problems_that_the_candidate_fixes_are_counted_at_each_models_threshold(
    open_page: Open, story
) -> None:
    from rai_dash.data.slices import parse_slice
    from rai_dash.govern.problems import Basis, ProblemDesk

    living, first = story.data_of("living").dataset, story.models[0].model
    basis = Basis(
        data=living.fingerprint,
        model=first.info.fingerprint,
        model_class=str(first.model_class),
        threshold=0.5,
    )
    with Store(get_settings().database_url) as store:
        desk = ProblemDesk(store, Person(name="Ana", subject="ana", role=AppRole.ANALYST))
        desk.open(
            "Good women are refused", parse_slice("gender is Female and outcome is favourable"), basis=basis
        )
    at = show(open_page, story, "problems")
    said = said_on(at)
    assert not at.error
    assert "Of 1 problem on record the candidate fixes **1** and brings back **0**" in said
    assert "Good women are refused" in said


def test_hostile_names_are_shown_and_not_run(open_page: Open, story) -> None:
    named = [replace(m, title=EVIL) for m in story.models]
    at = show(open_page, replace(story, models=tuple(named)), "cost")
    assert EVIL not in texts(at)


def test_a_kept_variant_is_one_more_candidate(open_page: Open, story) -> None:
    third = CaseModel(key="third", title="Third", model=story.models[1].model, trained_on=None)
    at = show(open_page, replace(story, models=(*story.models, third)))
    assert "which rows it was trained on is not known" in said_on(at)
