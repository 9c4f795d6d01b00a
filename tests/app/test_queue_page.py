"""The Review queue page: what is missing, deciding blind and then with the model, figures, accepting, the band."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.case import Case
from rai_dash.core.review_cube import NO_DECISION
from rai_dash.core.settings import get_settings
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.govern.people import AppRole
from rai_dash.ui import identity, state
from rai_dash.ui.choices import Choices
from rai_dash.ui.queue import accepting, recorded, room
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.state import View
from tests.app import queue_case
from tests.app.conftest import texts
from tests.unit.govern.queue_story import rows_kept

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


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception
    return at


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
def filled(case: Case, store: str) -> str:
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

    press(at, "queue_blind_refuse")
    assert "takes a reason" in texts(at)
    pills(at, "sign_queue_codes_blind").set_value(["debts_high"]).run()
    press(at, "queue_blind_refuse")
    kind, body = entries(store)[-1]
    assert (kind, body["decision"], body["codes"]) == ("blind", "refuse", ["debts_high"])
    rows = case.data_of(queue_case.DATA).dataset.frame
    after = texts(at)
    assert "You would **refuse** it" in after
    assert "The model's score is" in after
    assert len(at.get("vega_lite_chart")) == 2
    assert len(rows) == 110

    pills(at, "sign_queue_codes_final").set_value(["model_misses"]).run()
    press(at, "queue_stop")
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
    press(at, "queue_blind_approve")
    pills(at, "sign_queue_codes_final").set_value(["other"]).run()
    press(at, "queue_keep")
    assert [kind for kind, _ in entries(store)][-4:] == ["take", "blind", "final", "take"]
    assert "What would you decide" in texts(at)
    press(at, "queue_release")
    assert entries(store)[-1][0] == "release"


def test_a_reload_goes_on_where_one_was(look: Look, store: str, filled: str) -> None:
    press(press(look(), "queue_start"), "queue_blind_approve")
    assert "You would **approve** it" in texts(look())
    assert "You would **approve** it" not in texts(look("Cem Officer"))


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
    from rai_dash.govern.queue.desk import QueueDesk
    from rai_dash.govern.queue.summary import figures_of
    from rai_dash.govern.store import Store

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


def test_the_review_band_takes_the_measured_numbers_and_the_recorded_decisions(
    look: Look, case: Case, store: str, worked: str
) -> None:
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


def test_hostile_names_stay_text(repo: Path, case: Case, store: str) -> None:
    """A column, a value and a label with Markdown and HTML in them are shown as they are."""
    data = case.data_of(queue_case.DATA)
    frame = data.dataset.frame.assign(**{"<img src=x onerror=alert(1)>": "[x](javascript:alert(1))"})
    from dataclasses import replace

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
    assert room.is_there()
