"""The Review queue page: what is missing, deciding blind and then with the model, figures, accepting, the band."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.case import Case
from rai_dash.core.review_cube import NO_DECISION
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Estimate
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.sources import without_source
from rai_dash.govern.people import AppRole
from rai_dash.govern.queue import _filler
from rai_dash.govern.queue.bodies import Decision
from rai_dash.govern.queue.desk import QueueDesk
from rai_dash.govern.queue.figures import Accuracy
from rai_dash.govern.store import Store
from rai_dash.ui import identity, state
from rai_dash.ui.choices import Choices
from rai_dash.ui.queue import accepting, practising, recorded
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.signing.stating import Said, policy_on_page
from rai_dash.ui.state import View
from tests.app import queue_case
from tests.app.conftest import press_key as press
from tests.app.conftest import texts
from tests.unit.govern.queue_story import rows_kept

pytestmark = pytest.mark.usefixtures("quick_disk")

Look = Callable[..., AppTest]
PAIR = {"data": queue_case.DATA, "model": queue_case.MODEL, "policy": queue_case.POLICY}


@pytest.fixture(autouse=True)
def keeping(own_store, monkeypatch) -> Iterator[None]:
    rows_kept(monkeypatch)
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def case() -> Case:
    return queue_case.story("queue")


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
def look(repo: Path, case: Case) -> Look:
    """Open the page of the case as somebody; "" = nobody said who they are."""

    def run(name: str = "Bea Officer", *, page: str = "queue", **query: str) -> AppTest:
        state.store().put(case)
        at = AppTest.from_file(str(repo / "app.py"), default_timeout=120)
        at.session_state[identity.LOCAL_NAME] = name
        for key, value in ({"case": case.id} | PAIR | query).items():
            at.query_params[key] = value
        at.switch_page(f"pages/{page}.py").run()
        assert not at.exception
        return at

    return run


def step(at: AppTest, name: str) -> AppTest:
    """Press a button of the case that is shown."""
    button = next(b for b in at.button if str(b.key).startswith(f"queue_press_{name}."))
    return press(at, button.key)


def pills(at: AppTest, start: str):
    return next(group for group in at.button_group if str(group.key).startswith(start))


def entries(store: str) -> list[tuple[str, dict]]:
    with sqlite3.connect(store.removeprefix("sqlite:///")) as connection:
        rows = connection.execute(
            "SELECT kind, body FROM ledger WHERE kind LIKE 'queue.%' ORDER BY seq"
        ).fetchall()
    return [(kind.removeprefix("queue."), json.loads(body)) for kind, body in rows]


def test_without_a_policy_the_page_says_so_and_leads_to_sign_off(look: Look) -> None:
    at = look()
    assert "There is no review queue" in texts(at)
    assert "No policy is active" in texts(at)
    assert at.button(key="queue_to_sign_off")


def test_where_rows_are_not_kept_the_setting_is_named(look: Look, monkeypatch) -> None:
    rows_kept(monkeypatch, keep_batch_rows="false")
    assert r"RAI\_DASH\_KEEP\_BATCH\_ROWS" in texts(look())


def test_the_data_that_are_looked_at_are_put_into_a_queue(look: Look, case: Case, store: str) -> None:
    queue_case.active_policy(case, store, title="Loans <b>&amp; *more*")
    at = look()
    next(b for b in at.button if b.label == "Fill the queue").click().run()
    assert not at.exception
    kind, body = entries(store)[-1]
    score = case.judge(queue_case.DATA, queue_case.MODEL).score
    inside = int(((score >= 0.3) & (score < 0.7)).sum())
    assert (kind, body["batch_routes"][1], body["routes"].count("v")) == ("fill", inside, inside)
    assert "The queue is filled" in texts(at)
    assert f"{len(body['routes'])} cases wait for you" in texts(at)


@pytest.fixture
def filled(case: Case, store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    # The key of the store draws who is audited and read twice: the same people in every run.
    monkeypatch.setattr(_filler, "token_bytes", bytes)
    queue_case.active_policy(case, store)
    return queue_case.fill(case, store)


def test_a_case_is_decided_blind_then_shown_then_decided(
    look: Look, case: Case, store: str, filled: str
) -> None:
    at = press(look(), "queue_start")
    before = texts(at)
    assert "What would you decide" in before
    for told in ("score", "threshold", "Another person", "declined", "audit"):
        assert told not in before.replace("without the model's score", "")
    assert "Not shown, since nobody is to decide by it: gender, ethnicity, age" in before
    assert not at.get("vega_lite_chart")

    step(at, "refuse")
    assert "takes a reason" in texts(at)
    pills(at, "sign_queue_codes.blind").set_value(["debts_high"]).run()
    step(at, "refuse")
    kind, body = entries(store)[-1]
    assert (kind, body["decision"], body["codes"]) == ("blind", "refuse", ["debts_high"])
    rows = case.data_of(queue_case.DATA).dataset.frame
    after = texts(at)
    assert "You would **refuse** it" in after
    assert "The model's score is" in after
    assert len(at.get("vega_lite_chart")) == 2
    assert len(rows) == 110

    pills(at, "sign_queue_codes.final").set_value(["model_misses"]).run()
    step(at, "stop")
    kind, body = entries(store)[-1]
    assert (kind, body["decision"], body["codes"], body["changed"]) == (
        "final",
        "refuse",
        ["model_misses"],
        False,
    )
    assert "Recorded" in texts(at)
    assert at.button(key="queue_start")


def test_after_a_case_the_next_one_is_there_at_once(look: Look, store: str, filled: str) -> None:
    at = press(look(), "queue_start")
    step(at, "approve")
    pills(at, "sign_queue_codes.final").set_value(["other"]).run()
    step(at, "keep")
    assert [kind for kind, _ in entries(store)][-4:] == ["take", "blind", "final", "take"]
    assert "What would you decide" in texts(at)
    step(at, "release")
    assert entries(store)[-1][0] == "release"


def test_a_reload_goes_on_where_one_was(look: Look, store: str, filled: str) -> None:
    step(press(look(), "queue_start"), "approve")
    assert "You would **approve** it" in texts(look())
    assert "You would **approve** it" not in texts(look("Cem Officer"))


def test_a_button_of_an_old_window_decides_no_other_case(look: Look, store: str, filled: str) -> None:
    first = press(look(), "queue_start")
    second = look()
    pressed = next(b for b in second.button if str(b.key).startswith("queue_press_refuse."))
    pills(second, "sign_queue_codes.blind").set_value(["debts_high"]).run()
    step(first, "approve")
    pills(first, "sign_queue_codes.final").set_value(["other"]).run()
    step(first, "keep")
    before = entries(store)
    assert before[-1][0] == "take"

    press(second, pressed.key)
    assert entries(store) == before
    assert "Nothing was recorded by it" in texts(second)
    assert "What would you decide" in texts(second)
    assert "Nothing was recorded by it" not in texts(second.run())


def test_a_button_of_a_step_that_is_over_is_told_and_changes_nothing(
    look: Look, store: str, filled: str
) -> None:
    first = press(look(), "queue_start")
    second = look()
    pressed = next(b for b in second.button if str(b.key).startswith("queue_press_approve."))
    pills(first, "sign_queue_codes.blind").set_value(["debts_high"]).run()
    step(first, "refuse")
    before = entries(store)
    press(second, pressed.key)
    assert entries(store) == before
    assert "Nothing was recorded by it" in texts(second)
    assert "You would **refuse** it" in texts(second)


def test_nobody_decides_without_a_name_and_nobody_without_the_right(
    look: Look, filled: str, monkeypatch
) -> None:
    assert "Who are you?" in texts(look(""))
    monkeypatch.setenv("RAI_DASH_LOCAL_SEES_ROWS", "false")
    get_settings.cache_clear()
    at = look()
    assert "You may not see single applications" in texts(at)
    assert not [b for b in at.button if b.key == "queue_start"]


@pytest.fixture
def worked(case: Case, store: str, filled: str) -> str:
    rng = np.random.default_rng(7)
    for name in ("Bea Officer", "Cem Officer"):
        queue_case.work(filled, store, name, [str(d) for d in rng.choice(["approve", "refuse"], 60)])
    return filled


def test_figures_say_what_is_measured_beside_what_was_assumed(look: Look, store: str, worked: str) -> None:
    at = look(queue_view="figures")
    queue, found = room_figures(worked, store)
    said = texts(at)
    counts = found.counts
    assert f"{counts.settled} of {counts.cases} cases are settled" in said
    h1 = found.accuracy.h1
    assert f"{h1.numerator:.0f} of {h1.denominator:.0f} of the good ones" in said
    assert "that the policy assumes" in said
    assert len(at.get("vega_lite_chart")) == 1
    assert at.metric[0].value == str(counts.waiting)
    assert queue.id == worked


def room_figures(queue_id: str, store: str):
    from rai_dash.govern.queue.summary import figures_of

    with Store(store) as opened:
        desk = QueueDesk(opened, queue_case.ANALYST)
        outcomes, rows = desk.facts(queue_id)
        return desk.queue(queue_id), figures_of(desk.queue(queue_id), outcomes, rows.groups)


def test_an_expert_sees_their_own_figures_alone(look: Look, worked: str, store: str, monkeypatch) -> None:
    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "expert")
    get_settings.cache_clear()
    said = texts(look(queue_view="figures"))
    mine = sum(kind == "blind" for kind, _ in entries(store))
    assert "You have decided" in said
    assert "What others decided is shown to analysts" in said
    assert "Cem" not in said
    assert f"{mine} cases" not in said
    assert "You have decided no case" in texts(look("Eva", queue_view="figures"))


def test_outcomes_that_came_later_are_taken_from_data_of_the_case(
    look: Look, case: Case, store: str, worked: str
) -> None:
    data = case.data_of(queue_case.DATA)
    assert data.dataset.roles.id is not None
    at = look("Ana Lyst", queue_view="figures")
    next(s for s in at.selectbox if s.label == "Data with the outcomes").set_value(queue_case.DATA)
    next(b for b in at.button if b.label == "Take the outcomes over").click().run()
    assert not at.exception
    kind, body = entries(store)[-1]
    assert (kind, body["known"]) == ("outcomes", len(room_figures(worked, store)[0].cases))


def test_settled_cases_are_accepted_and_join_a_test_set(
    look: Look, case: Case, store: str, worked: str
) -> None:
    at = look("Ana Lyst", queue_view="figures")
    field = next(f for f in at.text_input if f.label == "Why they can be relied on")
    field.set_value("Two officers agree, files checked")
    next(b for b in at.button if b.label.startswith("Accept ")).click().run()
    assert not at.exception
    kind, body = entries(store)[-1]
    settled = [c.number for c in room_figures(worked, store)[0].cases if c.decision is not None]
    assert (kind, body["cases"]) == ("accept", settled)
    assert "They are accepted" in texts(at)
    before = case.data_of("living").dataset.n_rows
    joins = next(s for s in at.selectbox if s.label == "Test set that they join")
    joins.set_value("living")
    next(b for b in at.button if b.label == "Let them join").click().run()
    assert not at.exception
    grown = state.store().get(case.id).data_of("living").dataset.n_rows
    assert before < grown <= before + len(settled)
    with sqlite3.connect(store.removeprefix("sqlite:///")) as connection:
        body = connection.execute("SELECT body FROM ledger WHERE kind = 'living.grown'").fetchone()[0]
    assert json.loads(body)["source"] == "review"
    state.store().put(case)


def test_too_few_decisions_are_not_used_and_the_page_says_how_many_it_takes(
    look: Look, case: Case, store: str, filled: str
) -> None:
    queue_case.work(filled, store, "Bea Officer", ["approve", "refuse", "refuse", "approve"])
    at = look(page="review_band", human=f"queue:{filled}", recorded="1")
    at.session_state["band_people"] = True
    at.run()
    said = texts(at)
    queue, _ = room_figures(filled, store)
    settled = sum(c.decision is not None for c in queue.cases)
    assert f"It takes 30 before its decisions can be used here: {30 - settled} more" in said
    assert not [b for b in at.button if b.key == f"use_{filled}"]
    view = View(case, Choices(case=case.id, human=f"queue:{filled}", recorded=True, **PAIR))
    with AppTestPerson():
        assert not bench_of(view).reviewer.use_recorded


def test_numbers_measured_on_few_of_one_outcome_do_not_stand_in_for_an_assumption() -> None:
    share = Estimate(0.9, 0.7, 0.95, 27.0, 30.0)
    right = Accuracy(h1=share, h0=share, decided=60, known=60, good=30, bad=30, is_corrected=False)
    assert recorded._missing(right) == ""
    assert "29 good and 30 bad" in recorded._missing(replace(right, good=29))
    assert recorded._missing(replace(right, good=29)).endswith("1 more good.")
    assert recorded._missing(replace(right, bad=10, good=1)).endswith("29 more good and 20 more bad.")


def test_a_draft_says_for_how_many_people_decisions_are_recorded(
    case: Case, store: str, worked: str, monkeypatch
) -> None:
    # How many of the drawn cases wait for a third person is chance.
    monkeypatch.setattr(recorded, "LEAST", 5)
    view = View(case, Choices(case=case.id, human=f"queue:{worked}", recorded=True, **PAIR))
    with AppTestPerson():
        bench = bench_of(view)
        used, inside = bench.recorded_inside()
        policy = policy_on_page(bench, Said.first("Loans"), "loans")
    score, queue = bench.scores(), room_figures(worked, store)[0]
    assert inside == int(((score >= bench.band.lo) & (score < bench.band.hi)).sum() + np.isnan(score).sum())
    settled_review = sum(
        c.decision in {Decision.APPROVE, Decision.REFUSE} for c in queue.cases if not c.is_audit
    )
    assert 0 < used <= settled_review
    assert policy.settings.reviewer.use_recorded
    said = [w.message for w in policy.warnings_shown if w.code == "band_people"]
    assert used < inside
    (text,) = said
    assert f"recorded for {used} of the {inside} applications" in text


def test_compare_models_says_how_many_rows_people_decided(repo: Path, case: Case) -> None:
    data = case.data_of(queue_case.DATA)
    told = data.dataset.frame.assign(outcome_source=["decided by a person"] * 10 + ["observed"] * 100)
    decided = replace(data, dataset=dataset_from_frame(told, without_source(data.dataset.roles)))
    other = replace(case.with_data(decided), id="story.decided")
    state.store().put(other)
    at = AppTest.from_file(str(repo / "app.py"), default_timeout=120)
    for key, value in ({"case": other.id, "tested": queue_case.DATA, "candidates": "living"} | PAIR).items():
        at.query_params[key] = value
    at.switch_page("pages/models.py").run()
    assert not at.exception
    said = texts(at)
    assert "10 of 110 outcomes" in said
    assert "are decisions of people and not what happened" in said
    assert "Figures without the decisions of people" in [box.label for box in at.expander]


def test_accepted_cases_make_the_next_training_set(look: Look, case: Case, store: str, worked: str) -> None:
    with Store(store) as opened:
        desk = QueueDesk(opened, queue_case.ANALYST)
        ready = [
            c.number for c in desk.queue(worked).cases if c.decision in {Decision.APPROVE, Decision.REFUSE}
        ]
        desk.accept(worked, ready, reason="Two officers agree, files checked")
    at = look("Ana Lyst", queue_view="figures")
    sets = next(s for s in at.selectbox if s.label == "Test set that they join")
    assert "Past applications (8,000)" not in sets.options
    next(s for s in at.selectbox if s.label == "Training data that they are added to").set_value("collected")
    next(b for b in at.button if b.label == "Make the next training set").click().run()
    assert not at.exception
    assert "The next training set is in the case" in texts(at)
    kept = state.store().get(case.id)
    made = next(d for d in kept.data if d.key == "reviewed1")
    before = case.data_of("collected").dataset
    assert before.n_rows < made.dataset.n_rows <= before.n_rows + len(ready)
    assert made.dataset.features == before.features
    assert kept.data_of("collected").dataset.n_rows == before.n_rows
    state.store().put(case)


def test_the_review_band_takes_the_measured_numbers_and_the_recorded_decisions(
    look: Look, case: Case, store: str, worked: str, monkeypatch
) -> None:
    monkeypatch.setattr(recorded, "LEAST", 5)
    at = look(page="review_band")
    at.session_state["band_people"] = True
    at.run()
    said = texts(at)
    queue, found = room_figures(worked, store)
    assert "Measured in the review queue November" in said
    press(at, f"use_{worked}")
    chosen = at.session_state["choices"]
    assert chosen.right_yes == round(100 * found.accuracy.h1.value)
    assert chosen.right_no == round(100 * found.accuracy.h0.value)
    assert chosen.defers == round(100 * found.deference.followed.value)

    at = look(page="review_band", human=f"queue:{worked}", recorded="1")
    assert at.session_state["choices"].recorded
    settled = sum(c.decision is not None for c in queue.cases)
    view = View(case, Choices(case=case.id, human=f"queue:{worked}", recorded=True, **PAIR))
    with AppTestPerson():
        bench = bench_of(view)
        assert bench.reviewer.use_recorded
        counted = bench.cube().mass.sum(axis=(0, 1, 3))
        found_decisions = recorded.decisions(view.judgement, f"queue:{worked}")
    assert int((found_decisions != NO_DECISION).sum()) == settled
    standing = [c.decision.value for c in queue.cases if c.decision is not None]
    assert counted[:2].tolist() == [standing.count("refuse"), standing.count("approve")]


class AppTestPerson:
    """Somebody with a name, outside of a page."""

    def __enter__(self) -> None:
        import streamlit as st

        st.session_state[identity.LOCAL_NAME] = "Ana Lyst"

    def __exit__(self, *_: object) -> None:
        import streamlit as st

        st.session_state.pop(identity.LOCAL_NAME, None)


def test_where_nothing_is_signed_the_queue_can_be_practised_and_nothing_is_kept(
    look: Look, tmp_path: Path, monkeypatch
) -> None:
    rows_kept(monkeypatch, keep_batch_rows="false")
    before = set(Path(tempfile.gettempdir()).glob("rai-dash-practice-*"))
    at = press(look(""), "queue_practise")
    (folder,) = set(Path(tempfile.gettempdir()).glob("rai-dash-practice-*")) - before
    assert "nothing here is recorded" in texts(at)
    press(at, "queue_start")
    step(at, "approve")
    assert "You would **approve** it" in texts(at)
    assert len(at.get("vega_lite_chart")) == 2
    pills(at, "sign_queue_codes.final").set_value(["other"]).run()
    step(at, "stop")
    assert "in this practice alone" in texts(at)
    pills(at, "pick_queue_view").set_value("figures").run()
    assert "1 of " in texts(at)
    assert not [b for b in at.button if b.label.startswith("Accept ")]
    press(at, "queue_practise_end")
    assert "There is no review queue" in texts(at)
    assert not folder.exists()
    assert not (tmp_path / "store.sqlite").exists()


def test_rows_of_ones_own_are_not_practised_on_where_none_are_kept(case: Case, monkeypatch) -> None:
    rows_kept(monkeypatch, keep_batch_rows="false")
    data = case.data_of(queue_case.DATA)
    own = replace(data, dataset=dataset_from_frame(data.dataset.frame, data.dataset.roles))
    view = View(replace(case.with_data(own), id="story.own"), Choices(case="story.own", **PAIR))
    assert not practising._may_be_written(view.judgement)
    assert practising._may_be_written(View(case, Choices(case=case.id, **PAIR)).judgement)
    rows_kept(monkeypatch)
    assert practising._may_be_written(view.judgement)


def test_hostile_names_stay_text(repo: Path, case: Case, store: str) -> None:
    """A column, a value and a label with Markdown and HTML in them are shown as they are."""
    data = case.data_of(queue_case.DATA)
    frame = data.dataset.frame.assign(**{"<img src=x onerror=alert(1)>": "[x](javascript:alert(1))"})
    hostile = dataset_from_frame(pd.DataFrame(frame), data.dataset.roles, name="**bold**.csv")
    other = replace(case.with_data(replace(data, dataset=hostile)), id="story.hostile")
    queue_case.active_policy(other, store, title="**bold**")
    queue_case.fill(other, store, label="[click](http://evil.example)")
    state.store().put(other)
    at = AppTest.from_file(str(repo / "app.py"), default_timeout=120)
    at.session_state[identity.LOCAL_NAME] = "Bea"
    for key, value in ({"case": other.id} | PAIR).items():
        at.query_params[key] = value
    at.switch_page("pages/queue.py").run()
    press(at, "queue_start")
    said = texts(at)
    assert "[click](http" not in said
    assert r"\[x\]\(javascript" in said
    assert r"\<img src" in said


def test_what_is_accepted_is_not_given_to_those_who_may_not_see_rows(monkeypatch, worked: str) -> None:
    from rai_dash.core.errors import NotAllowed

    monkeypatch.setenv("RAI_DASH_LOCAL_SEES_ROWS", "false")
    get_settings.cache_clear()
    with pytest.raises(NotAllowed):
        accepting.accepted_rows(worked)
    assert AppRole.EXPERT < AppRole.ANALYST
