"""The view with the questions of the Institute, drawn as Streamlit runs it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.slices import parse_slice
from rai_dash.govern.desk import Desk
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.problems import ProblemDesk, ProblemScope
from rai_dash.govern.questions import QUESTIONS
from rai_dash.govern.store import Store
from tests.app.conftest import table_case, texts
from tests.certificates import make_policy

ANA = Person(name="Ana", subject="Ana", role=AppRole.OPERATOR, signs_as=None)
WHY = " ".join(["I compared these lines with the files of last year and find them right."] * 2)
SCORED = Roles(target="y", favourable=("1",), sensitive=("g",), score="s")


def script() -> None:
    from rai_dash.ui import state
    from rai_dash.ui.signing.questions import draw
    from rai_dash.ui.state import View

    state.begin_run()
    case = state.current_case()
    assert case is not None
    draw(View(case, state.choices()))


def drawn(case_id: str = "") -> AppTest:
    at = AppTest.from_function(script, default_timeout=120)
    if case_id:
        at.query_params["case"] = case_id
    return at.run()


def scored_case(name: str = "g") -> str:
    from rai_dash.ui import state

    case = table_case(f"y,{name},s\n" + "1,a,0.4\n0,b,0.8\n" * 20, SCORED)
    state.store().put(case)
    return case.id


def fingerprint_of(case_id: str) -> str:
    from rai_dash.ui import state

    case = state.store().get(case_id)
    assert case is not None
    return case.data[0].dataset.fingerprint


def sign_for(case_id: str, *, title: str = "Consumer loans", data: str = "loans.csv") -> None:
    """Bring a policy that rests on the data of a case into force, signed by three people."""
    policy = make_policy(data__sha256=fingerprint_of(case_id), data__name=data, title=title)
    dora, rita = (Person(name=n, subject=n, role=AppRole.EXPERT, signs_as=None) for n in ("Dora", "Rita"))
    with Store() as store:
        status = Desk(store, ANA).draft(policy)
        Desk(store, ANA).submit(policy.policy_id, 1)
        for person, role in ((dora, "domain expert"), (rita, "risk owner")):
            Desk(store, person).sign(
                policy.policy_id, 1, content_hash=status.content_hash, role=role, decision="approve",
                rationale=WHY, ticked=("selective_labels",),
            )  # fmt: skip
        Desk(store, ANA).activate(policy.policy_id, 1, stage="all")


def test_every_question_is_there_with_its_state_in_a_word() -> None:
    at = drawn()

    assert not at.exception
    assert not at.error
    words = texts(at).replace("\\", "")
    assert "The app names the reasons for a single decision" in words
    assert [q.code for q in QUESTIONS if f"**{q.code} {q.title}.** {q.ask}" not in words] == []
    assert [q.code for q in QUESTIONS if f"**Not answered here:** {q.beyond}" not in words] == []
    assert sum("-badge[" in str(m.value) for m in at.markdown) == len(QUESTIONS)


def test_without_a_policy_it_says_so() -> None:
    words = texts(drawn(scored_case()))

    assert "No policy rests on these data yet" in words
    assert "record 1" not in words


def test_the_answers_rest_on_the_records_of_the_policy_of_these_data() -> None:
    case_id = scored_case()
    sign_for(case_id)
    with Store() as store:
        first = store.records()[0]

    words = texts(drawn(case_id)).replace("\\", "")

    assert "About version 1 of Consumer loans." in words
    assert f"Version 1 drafted: record 1, sha256 {first.hash[:12]}…" in words
    assert "Approved as risk owner (under a name that nobody checked): record 5" in words
    assert "16 questions: 6 answered" in words


def test_what_happened_since_the_signature_is_told() -> None:
    case_id = scored_case()
    sign_for(case_id)
    before = texts(drawn(case_id)).replace("\\", "")
    with Store() as store:
        policy = Desk(store, ANA).policies()[0].policy_id
        ProblemDesk(store, ANA).open(
            "Half of b is refused", parse_slice("g is b"), scope=ProblemScope(policy_id=policy)
        )
        newest = store.records()[-1]

    after = texts(drawn(case_id)).replace("\\", "")

    assert "No batch has been recorded yet, so nothing is known from its use." in before
    assert "No problem has been recorded yet." in before
    assert "1 problem is on record" in after
    assert f"Newest entry about a problem: record {newest.seq}, sha256 {newest.hash[:12]}…" in after


def test_a_policy_whose_time_is_over_is_said_to_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = scored_case()
    sign_for(case_id)
    monkeypatch.setattr("rai_dash.ui.signing.desk.now", lambda: datetime.now(UTC) + timedelta(days=400))

    words = texts(drawn(case_id)).replace("\\", "")

    assert "Version 1 is expired and decides nothing any more." in words
    assert "16 questions: 0 answered" in words


def test_a_policy_of_other_data_answers_nothing_here() -> None:
    sign_for(scored_case())
    other = table_case("y,g,s\n" + "1,a,0.3\n0,b,0.7\n" * 20, SCORED)
    from rai_dash.ui import state

    state.store().put(other)

    assert "No policy rests on these data yet" in texts(drawn(other.id))


def test_hostile_names_are_shown_as_they_are() -> None:
    case_id = scored_case()
    sign_for(case_id, title="![x](https://evil.example/a.png)", data="**bold**.csv")

    words = texts(drawn(case_id))

    assert "![x](" not in words
    assert "**bold**" not in words
    assert "\\*\\*bold" in words


def test_a_record_that_was_changed_is_said_and_answers_nothing(tmp_path: Path) -> None:
    case_id = scored_case()
    sign_for(case_id)
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        body = json.loads(connection.execute("SELECT body FROM ledger WHERE seq = 5").fetchone()[0])
        body["rationale"] = None
        text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        connection.execute("UPDATE ledger SET body = ? WHERE seq = 5", (text,))

    at = drawn(case_id)

    assert not at.exception
    assert at.error
    assert "The records cannot be relied on" in texts(at).replace("\\", "")
    assert "Record 5" in str(at.error[0].value)
    assert "16 questions: 0 answered" in texts(at).replace("\\", "")


def test_whoever_may_not_see_rows_is_told_that_it_is_a_right(monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = scored_case()
    before = texts(drawn(case_id)).replace("\\", "")
    monkeypatch.setenv("RAI_DASH_LOCAL_SEES_ROWS", "false")
    get_settings.cache_clear()

    after = texts(drawn(case_id)).replace("\\", "")

    assert "everybody who reaches the app may see single applications" in before
    assert "Nobody may see single applications here" in after


def test_the_answers_can_be_taken_along_as_a_table() -> None:
    from rai_dash.govern.questions import Facts, answers
    from rai_dash.ui.signing.questions import table

    frame = table(answers(Facts()))

    assert list(frame["question"]) == [q.code for q in QUESTIONS]
    assert list(frame["state"].value_counts().sort_index().items()) == [("Open", 15), ("Outside this app", 1)]
    assert (
        hashlib.sha256(frame.to_csv().encode()).hexdigest()
        == hashlib.sha256(table(answers(Facts())).to_csv().encode()).hexdigest()
    )
