"""The Problems page: empty, with the story, with bad input, and with a second model that nobody asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rai_dash.bundled import open_bundled
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.slices import parse_slice
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.problems import ProblemDesk, Source
from rai_dash.govern.store import Store
from rai_dash.report.problems_work import basis_of
from rai_dash.ui import identity
from tests.app.conftest import table_case, texts

ANA = Person(name="Ana", subject="Ana", role=AppRole.OPERATOR, sees_rows=True)
WOMEN = "gender is Female and outcome is favourable"


def desk():
    return ProblemDesk(Store(get_settings().database_url), ANA)


def story(name="s"):
    return open_bundled("story", f"story.{name}")


@pytest.fixture
def known():
    """A problem of the first model, seen on the living test set."""
    case = story()
    made = desk().open(
        "Women who pay back are declined", parse_slice(WOMEN), basis=basis_of(case.judge("living", "biased"), 0.5),
        harm=4, harmed="Women who would pay back.",
    )  # fmt: skip
    return case, made


def field(at, label, kinds=("text_input", "text_area", "selectbox", "radio", "select_slider")):
    return next(e for kind in kinds for e in getattr(at, kind) if e.label.startswith(label))


def named(at, name="Ana"):
    """Say who uses the page, as typing the name does."""
    at.session_state[identity.LOCAL_NAME] = name
    return at.run()


def press(at, key):
    at.button(key=key).click()
    return at.run()


def test_no_store_is_made_by_a_viewer_who_looks(open_page, tmp_path, monkeypatch):
    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "viewer")
    get_settings.cache_clear()
    at = open_page("problems", case=story("looking"), data="living")

    assert not at.exception
    assert not (tmp_path / "store.sqlite").exists()


def test_without_a_problem_it_says_so_and_has_the_buttons(open_page):
    at = open_page("problems", case=story(), data="living")
    assert not at.exception
    assert "No problem is known" in texts(at)
    press(at, "problems_report")
    assert "Report a problem" in texts(at)


def test_without_data_it_says_what_is_missing(open_page):
    from rai_dash.case import Case

    at = open_page("problems", case=Case(id="empty", title="Empty"))
    assert "no data yet" in texts(at)


def test_a_second_model_shows_its_state_without_a_click(open_page, known):
    case, made = known
    at = open_page("problems", case=case, data="living", model="biased")
    assert not at.exception
    told = texts(at)
    assert "1 problem is open; on these data it touches" in told
    assert "times the usual error" in told
    assert "**Still there**" in told
    # The other model, on all data with outcomes, in the table of states.
    assert "fixed" in told
    assert len(at.get("vega_lite_chart")) == 1
    at = open_page("problems", case=story("t"), data="living", model="repaired")
    assert "**Fixed**" in texts(at)
    assert made.results == ()


def test_what_was_measured_is_recorded_once_by_those_who_may(open_page, known):
    case, made = known
    at = open_page("problems", case=case, data="living")
    assert desk().problem(made.id).results == ()
    named(at)
    on_record = desk().problem(made.id)
    assert {r.state.value for r in on_record.results} >= {"still there", "fixed"}
    at.run()
    # Its day is that of the look at it.
    assert replace(desk().problem(made.id), as_of=on_record.as_of) == on_record
    # Another threshold is a look, not a result.
    at = open_page("problems", case=story("u"), data="living", threshold="0.6")
    named(at)
    assert desk().problem(made.id).results == on_record.results


def test_viewers_read_and_write_nothing(open_page, known, monkeypatch):
    case, made = known
    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "viewer")
    get_settings.cache_clear()
    at = named(open_page("problems", case=case, data="living"))
    assert "still there" in texts(at)
    assert "needs the role expert" in texts(at)
    assert desk().problem(made.id).results == ()
    assert not [b for b in at.button if b.label in {"Set the status", "Keep the note", "Set the harm"}]


def test_single_people_are_shown_only_to_those_who_may_see_them(open_page, known, monkeypatch):
    case, _ = known
    monkeypatch.setenv("RAI_DASH_LOCAL_SEES_ROWS", "false")
    get_settings.cache_clear()
    at = open_page("problems", case=case, data="living")
    at.session_state["problem_cases"] = True
    at.run()
    assert "You may not see single applications" in texts(at)
    ids = set(case.data_of("living").dataset.frame["application_id"].astype(str))
    assert not any(ids & set(frame.value.astype(str).to_numpy().ravel()) for frame in at.dataframe)


def test_the_people_behind_it_are_listed_for_those_who_may(open_page, known):
    case, _ = known
    at = open_page("problems", case=case, data="living")
    at.session_state["problem_cases"] = True
    at.run()
    frame = at.dataframe[-1].value
    living = case.data_of("living").dataset.frame
    assert (
        len(frame) == ((living["gender"] == "Female") & (case.data_of("living").dataset.outcome == 1)).sum()
    )
    assert bool(frame["wrong"].iloc[0])


def reporting(open_page, **query):
    return named(open_page("problems", case=story("r"), data="living", problems="report", **query))


def test_a_problem_is_reported_and_tried_at_once(open_page):
    at = reporting(open_page)
    field(at, "What is wrong").set_value("Women who pay back are declined")
    field(at, "Conditions").set_value(WOMEN)
    at.run()
    assert "rows that are judged" in texts(at)
    press(at, "problem_report")
    assert not at.exception
    (made,) = desk().problems()
    assert (made.title, made.source) == ("Women who pay back are declined", Source.PERSON)
    assert made.basis.threshold == 0.5
    told = texts(at)
    assert "was tried on every model" in told
    assert "still there" in told


@pytest.mark.parametrize(
    ("words", "says"),
    [("agee < 25", "Did you mean 'age'"), ("gender <", "gender"), ("application_id is 5", "names people"),
     ("gender is Martian", "Martian")],
)  # fmt: skip
def test_conditions_that_cannot_be_read_are_said_to_be_so(open_page, words, says):
    at = reporting(open_page)
    field(at, "What is wrong").set_value("Something is wrong")
    field(at, "Conditions").set_value(words)
    at.run()
    assert says in texts(at).replace("\\", "")
    press(at, "problem_report")
    assert desk().problems() == []
    assert not at.exception


def test_people_are_picked_by_hand(open_page):
    at = reporting(open_page)
    ids = story("x").data_of("living").dataset.frame["application_id"].astype(str)
    field(at, "What is wrong").set_value("These two")
    field(at, "Whom it is about").set_value("hand")
    at.run()
    field(at, "Their ids").set_value(f"{ids[0]}, {ids[1]}")
    field(at, "They should be").set_value("favourable")
    at.run()
    press(at, "problem_report")
    (made,) = desk().problems()
    assert [(p.row, p.expected) for p in made.slice.rows] == [(ids[0], "favourable"), (ids[1], "favourable")]
    assert "2 people picked by hand" in texts(at)
    assert "came out as expected" in texts(at)


def test_people_who_may_not_see_rows_pick_nobody(open_page, monkeypatch):
    monkeypatch.setenv("RAI_DASH_LOCAL_SEES_ROWS", "false")
    get_settings.cache_clear()
    at = reporting(open_page)
    field(at, "Whom it is about").set_value("hand")
    at.run()
    assert "right of its own" in texts(at)


def test_status_owner_and_notes_are_set(open_page, known):
    case, made = known
    at = named(open_page("problems", case=case, data="living"))
    field(at, "Name (empty").set_value("Emil")
    press(at, "problem_set_owner")
    field(at, "Note").set_value("See branch 7.")
    press(at, "problem_add_note")
    field(at, "It is now").set_value("in work")
    press(at, "problem_set_status")
    now = desk().problem(made.id)
    assert (now.owner, now.status.value) == ("Emil", "in work")
    assert "Emil looks after it" in texts(at)
    assert "See branch 7" in texts(at).replace("\\", "")


def test_a_reason_that_is_missing_is_asked_for_and_nothing_is_written(open_page, known):
    case, made = known
    at = named(open_page("problems", case=case, data="living"))
    field(at, "It is now").set_value("not a problem")
    at.run()
    press(at, "problem_set_status")
    assert "at least 10 are needed" in texts(at)
    assert desk().problem(made.id).status.value == "open"


def test_where_the_error_concentrates_becomes_a_problem(open_page):
    at = named(open_page("problems", case=story("f"), data="living", model="biased", problems="find"))
    assert not at.exception
    assert "stand out among" in texts(at)
    assert len(at.get("vega_lite_chart")) == 2
    press(at, "problem_of_slice_0")
    assert "Found where the error concentrates" in texts(at)
    press(at, "problem_report")
    (made,) = desk().problems()
    assert made.source is Source.SLICES
    assert "still there" in texts(at)


def test_hostile_titles_and_values_are_shown_as_they_are(open_page):
    csv = "x,y,s\n" + "\n".join(f"![a](http://b)**{i % 2},{i % 2},0.{i % 9 + 1}" for i in range(60))
    case = table_case(csv, Roles(target="y", favourable=("1",), score="s"))
    words = 'x is "![a](http://b)**1"'
    desk().open("<b>![x](http://y)</b>", parse_slice(words), basis=basis_of(case.judge(), 0.5))
    at = open_page("problems", case=case)
    assert not at.exception
    assert "![" not in texts(at).replace("!\\[", "").replace("\\!", "")


def test_a_store_that_cannot_be_reached_is_said_to_be_so(open_page, monkeypatch):
    monkeypatch.setenv("RAI_DASH_DATABASE_URL", "sqlite:////proc/nowhere/store.sqlite")
    get_settings.cache_clear()
    at = open_page("problems", case=story("g"), data="living")
    assert not at.exception
    assert at.error


def test_an_explanation_is_flagged(open_page):
    case = story("e")
    at = named(open_page("explain", case=case, data="living", row="3"))
    press(at, "problem_of_explanation")
    assert "From an explanation" in texts(at)
    # AppTest goes on with the page that it was told last.
    at.switch_page("pages/problems.py")
    at.run()
    press(at, "problem_report")
    (made,) = desk().problems()
    name = str(case.data_of("living").dataset.frame["application_id"].iloc[3])
    assert [(p.row, p.expected) for p in made.slice.rows] == [(name, None)]
    assert made.source is Source.EXPLANATION
    assert name not in made.title


def test_a_leak_that_was_found_becomes_a_problem(open_page):
    csv = "x,paid_back,y,s\n" + "\n".join(f"{i % 7},{i % 2},{i % 2},0.{i % 9 + 1}" for i in range(200))
    case = table_case(csv, Roles(target="y", favourable=("1",), score="s"))
    at = named(open_page("start", case=case))
    button = next(b for b in at.button if str(b.key).startswith("problem_of_leak"))
    button.click()
    at.run()
    assert "From a leak" in texts(at)
    press(at, "problem_report")
    (made,) = desk().problems()
    assert made.source is Source.LEAK
    assert made.slice.columns == ("paid_back",)


def test_what_was_flagged_is_forgotten_on_leaving_the_form(open_page):
    at = named(open_page("problems", case=story("h"), data="living", model="biased", problems="find"))
    press(at, "problem_of_slice_0")
    at.query_params["problems"] = "list"
    at.run()
    at.query_params["problems"] = "report"
    at.run()
    assert field(at, "Conditions").value == ""


def test_a_long_search_runs_beside_the_page_and_is_found_again(open_page, monkeypatch):
    from rai_dash.ui import training
    from rai_dash.ui.problems import finding

    case = story("job")
    alone = open_page("problems", case=case, data="living", model="biased", problems="find")
    at_once = texts(alone)
    assert "stand out among" in at_once
    monkeypatch.setattr(finding, "AT_ONCE", 100)
    # Jobs of other tests may be there still.
    before = set(training.jobs()._jobs)
    case = story("job2")
    at = open_page("problems", case=case, data="living", model="biased", problems="find")
    assert not at.exception
    (job,) = [job for key, job in training.jobs()._jobs.items() if key not in before]
    assert job.wait(60)
    at.run()
    assert texts(at).partition("stand out among")[2] == at_once.partition("stand out among")[2]
    # A new look finds it done.
    again = open_page("problems", case=case, data="living", model="biased", problems="find")
    assert "stand out among" in texts(again)


def test_a_search_that_was_stopped_can_be_started_again(open_page, monkeypatch):
    from rai_dash.core.errors import Cancelled
    from rai_dash.ui import training
    from rai_dash.ui.problems import finding

    real = finding.slices_of

    def stopped(*_, **__):
        msg = "Stopped."
        raise Cancelled(msg)

    monkeypatch.setattr(finding, "AT_ONCE", 100)
    monkeypatch.setattr(finding, "slices_of", stopped)
    at = open_page("problems", case=story("job3"), data="living", model="biased", problems="find")
    for job in training.jobs()._jobs.values():
        job.wait(60)
    at.run()
    assert not at.exception
    assert "Stopped. Start again when you like." in texts(at)
    monkeypatch.setattr(finding, "slices_of", real)
    press(at, "again_slices")
    assert not at.exception
    for job in training.jobs()._jobs.values():
        job.wait(60)
    at.run()
    assert "stand out among" in texts(at)


def test_the_tables_behind_the_pictures_open_and_their_files_hide_few_people(open_page, known):
    case, _ = known
    at = open_page("problems", case=case, data="living")
    at.session_state["numbers_problem_numbers"] = True
    at.run()
    assert not at.exception
    assert "wrong" in at.dataframe[-1].value.columns
    at = open_page("problems", case=story("few"), data="living", model="biased", problems="find")
    at.session_state["numbers_error_cells"] = True
    at.run()
    assert not at.exception
    assert "lines are blank" in texts(at)


def restated(open_page, case, words):
    at = named(open_page("problems", case=case, data="living"))
    made = desk().problems()[0]
    at.session_state[f"problem_anew_{made.id}"] = True
    at.run()
    field(at, "Conditions").set_value(words)
    at.run()
    return press(at, "problem_restate")


def test_whom_a_problem_is_about_is_said_anew_and_tried_again(open_page, known):
    case, made = known
    at = restated(open_page, case, "gender is Male")
    assert not at.exception
    now = desk().problem(made.id)
    assert now.slice == parse_slice("gender is Male")
    # Measured again for the new slice; what stood there is in the history alone.
    assert {r.slice_hash for r in now.results} == {now.slice_hash} != {made.slice_hash}
    assert "was tried on every model" in texts(at)
    assert any("said anew" in line.what for line in now.history)


def test_a_slice_that_names_people_is_refused_when_it_is_said_anew(open_page, known):
    case, made = known
    at = named(open_page("problems", case=case, data="living"))
    at.session_state[f"problem_anew_{made.id}"] = True
    at.run()
    field(at, "Conditions").set_value("application_id is 5")
    at.run()
    assert "names people" in texts(at)
    assert next(b for b in at.button if b.key == "problem_restate").disabled
    assert desk().problem(made.id).slice == made.slice


def test_experts_who_do_not_look_after_it_cannot_say_anew_whom_it_is_about(open_page, known, monkeypatch):
    case, _ = known
    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "expert")
    get_settings.cache_clear()
    at = named(open_page("problems", case=case, data="living"), "Emil")
    assert "changed by analysts" in texts(at)
    assert not [b for b in at.button if b.key == "problem_restate"]


def test_rows_are_offered_to_be_picked_wrong_ones_first(open_page):
    at = reporting(open_page)
    field(at, "Whom it is about").set_value("hand")
    at.run()
    at.session_state["sign_problem_table"] = True
    at.run()
    assert not at.exception
    shown = at.dataframe[-1].value
    living = story("y").judge("living", "biased")
    wrong = (living.score >= 0.5) != (living.data.dataset.outcome == 1)
    assert shown["wrong"].sum() == wrong.sum()
    assert shown["wrong"].iloc[: wrong.sum()].all()
    ids = living.data.dataset.frame["application_id"].astype(str).to_numpy()
    assert set(shown["row"].iloc[: wrong.sum()]) == set(ids[wrong])


def test_marked_rows_are_named_by_their_ids():
    import pandas as pd

    from rai_dash.ui.problems.whom import marked

    rows = pd.DataFrame({"row": ["A-1", "7", "B"]})
    assert marked(rows, [2, 0, 9]) == ["B", "A-1"]


def test_slices_are_searched_though_the_store_cannot_be_reached(open_page, monkeypatch):
    monkeypatch.setenv("RAI_DASH_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    get_settings.cache_clear()
    at = open_page("problems", case=story("h2"), data="living", model="biased", problems="find")
    assert not at.exception
    assert "stand out among" in texts(at)
