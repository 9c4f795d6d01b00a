"""Keeping a case from the Start page: what is stored and what is not, who finds it again, and when it is gone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.bundled import open_bundled
from rai_dash.case import Case
from rai_dash.casefile import pack, packing, unpack
from rai_dash.core.errors import NotAllowed
from rai_dash.core.memo import Memo
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles, TargetKind
from rai_dash.govern import artifacts
from rai_dash.govern.desk import Desk
from rai_dash.govern.kept import KeptCases
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.store import Store
from rai_dash.samples import bundled_cases
from rai_dash.ui import identity, keeping, state
from rai_dash.ui.choices import Choices
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.signing.stating import policy_on_page
from rai_dash.ui.state import View
from rai_dash.ui.store import new_case_id
from tests.app.conftest import press_key as press
from tests.app.conftest import table_case, uploaded_case, words
from tests.app.test_identity_pages import SECRETS
from tests.app.test_sign_off_page import SAID, WHY
from tests.command import command

ROLES = Roles(
    target="outcome", favourable=("repaid",), unfavourable=("lost",), sensitive=("sex",), score="score",
    target_kind=TargetKind.OBSERVED, split="part", split_train=("train",), ignored=("street", "income"),
)  # fmt: skip
CSV = "outcome,sex,score,part,street,income\n" + "".join(
    f"{'repaid' if (i * 37) % 100 < i % 100 else 'lost'},{'f' if i % 3 else 'm'},{(i % 100) / 100:.2f},"
    f"{'train' if i % 5 == 0 else 'test'},Elmstreet {i},{71_113 + i}.25\n"
    for i in range(400)
)
#: Values of rows that no figure of a policy can hold by chance.
MARKS = (b"Elmstreet", b"71113.25", b"71512.25")
Look = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give every test a data folder of its own, with groups for those who sign in."""
    monkeypatch.setenv("RAI_DASH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RAI_DASH_GROUP_ROLES", '{"model": "analyst", "it": "operator"}')
    get_settings.cache_clear()
    restart()
    yield tmp_path
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def case() -> Case:
    """An uploaded case; its file is at hand."""
    return uploaded_case(CSV, ROLES)


@pytest.fixture
def look(repo: Path) -> Look:
    """Open a page as somebody: ``name`` typed without sign-in, or ``user``, the claims of a token."""

    def run(
        page: str = "start", *, name: str = "", user: dict[str, Any] | None = None, **query: str
    ) -> AppTest:
        at = AppTest.from_file(str(repo / "app.py"), default_timeout=120)
        if user is not None:
            at.secrets = dict(SECRETS)
            at.user = user
        at.session_state[identity.LOCAL_NAME] = name
        for key, value in query.items():
            at.query_params[key] = value
        at.switch_page(f"pages/{page}.py")
        at.run()
        assert not at.exception
        return at

    return run


def claims(name: str, *groups: str, issuer: str = "http://localhost:9400", **more: Any) -> dict[str, Any]:
    return {
        "is_logged_in": True, "iss": issuer, "sub": name.casefold(), "name": name, "exp": int(time.time() + 3600),
        "groups": list(groups), **more,
    }  # fmt: skip


ANN, BOB = claims("Ann Lee", "model"), claims("Bob")
ANN_KEY = "oidc|http://localhost:9400|ann lee"


def restart() -> None:
    """Forget every case in memory, as a restart of the server does."""
    state.store.clear()


def keys(at: AppTest) -> set[str]:
    return {str(b.key) for b in at.button}


def address(at: AppTest, name: str = "case") -> str:
    """Return a parameter of the address."""
    found = at.query_params[name]
    return found if isinstance(found, str) else found[0]


def files(folder: Path) -> list[Path]:
    """Every file below a folder that holds a value of a row."""
    return [f for f in folder.rglob("*") if f.is_file() and any(mark in f.read_bytes() for mark in MARKS)]


def kept_by(case: Case, user: dict[str, Any], look: Look) -> None:
    state.store().put(case, owner=ANN_KEY)
    press(look(user=user, case=case.id), "keep_case")


# --- nothing is stored unless it is chosen ---


def test_nobody_who_opens_uploads_and_signs_stores_a_row_until_they_keep_the_case(
    look: Look, own_data: Path
) -> None:
    at = look(name="Ana")
    at.file_uploader(key="upload_data").set_value(("loans.csv", CSV.encode(), "text/csv")).run()
    opened = state.store().get(address(at))
    assert opened is not None
    assert opened.title == "loans.csv"
    item = opened.data[0]
    ready = opened.with_data(replace(item, dataset=item.dataset.with_roles(ROLES)))
    state.store().put(ready)
    look("data", name="Ana", case=ready.id)
    bench = bench_of(View(ready, Choices(case=ready.id)))
    with Store() as store:

        def at_desk(name: str) -> Desk:
            return Desk(store, Person(name=name, subject=name, role=AppRole.OPERATOR, signs_as=None))

        drafted = at_desk("Ana").draft(policy_on_page(bench, SAID, "small-loans"))
        at_desk("Ana").submit("small-loans", drafted.version)
        for name, role in (("Dom", "domain expert"), ("Rita", "risk owner")):
            status = at_desk(name).standing("small-loans").latest
            at_desk(name).sign(
                "small-loans", status.version, content_hash=status.content_hash, role=role, decision="approve",
                rationale=WHY, ticked=status.warnings,
            )  # fmt: skip
    page = look(name="Ana", case=ready.id)
    assert (own_data / "store.sqlite").exists()
    assert "No row of a case is stored unless you keep it" in words(page)

    assert files(own_data) == []

    press(page, "keep_case")
    with closing(sqlite3.connect(own_data / "store.sqlite")) as connection:
        (content,) = connection.execute("SELECT content FROM kept_case").fetchone()
        bodies = "".join(row[0] for row in connection.execute("SELECT body FROM ledger"))
    assert content[:2] == b"PK"
    assert "Elmstreet" not in bodies


def test_looking_makes_no_database(look: Look, own_data: Path, case: Case) -> None:
    state.store().put(case)
    look(name="Ana", case=case.id)
    look(name="Ana", case="gone-for-good")

    assert not (own_data / "store.sqlite").exists()


# --- without sign-in ---


def test_a_kept_case_is_found_again_by_its_link_after_a_restart(look: Look, case: Case) -> None:
    state.store().put(replace(case, bands=()))
    at = look(name="Ana", case=case.id)
    assert "whoever has the link of this page" in words(at)
    press(at, "keep_case")
    assert "Kept by Ana as it was on" in words(at)
    restart()

    again = look("data", case=case.id, by="sex")

    found = state.store().get(case.id)
    assert found is not None
    assert found is not case
    assert found.data[0].dataset.frame.equals(case.data[0].dataset.frame)
    assert found.data[0].dataset.roles == ROLES
    assert found.judge().counts().n.tolist() == case.judge().counts().n.tolist()
    assert address(again, "by") == "sex"
    assert "no longer in memory" not in words(again)


def test_a_case_that_was_not_kept_is_gone_after_a_restart(look: Look, case: Case) -> None:
    Store().close()
    state.store().put(case)
    restart()

    assert "no longer in memory" in words(look(case=case.id))


def test_keeping_needs_a_name(look: Look, case: Case, own_data: Path) -> None:
    state.store().put(case)
    at = press(look(case=case.id), "keep_case")

    assert "Type your name in the sidebar" in words(at)
    assert not (own_data / "store.sqlite").exists()


def test_what_is_kept_can_be_replaced_and_deleted(look: Look, case: Case, own_data: Path) -> None:
    state.store().put(case)
    at = press(look(name="Ana", case=case.id), "keep_case")
    state.store().put(replace(case, title="Renamed"))
    press(look(name="Ana", case=case.id), "keep_case")
    restart()
    at = look(name="Ana", case=case.id)
    renamed = state.store().get(case.id)
    assert renamed is not None
    assert renamed.title == "Renamed"

    press(at, "kept_delete")

    assert "as it was on" not in words(at)
    with closing(sqlite3.connect(own_data / "store.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM kept_case").fetchone() == (0,)
    restart()
    assert "no longer in memory" in words(look(case=case.id))


def test_a_bundled_case_opens_fresh_where_nobody_kept_it_and_as_kept_where_somebody_did(look: Look) -> None:
    link = f"story.{new_case_id()}"
    at = look(name="Ana", case=link)
    case = state.store().get(link)
    assert case is not None
    state.store().put(replace(case, title="My story"))
    press(look(name="Ana", case=link), "keep_case")
    restart()

    at = look(case=link)
    found = state.store().get(link)

    assert found is not None
    assert found.title == "My story"
    assert found.models[0].model is case.models[0].model
    assert "as it was on" in words(at)
    other = look(case="story.other")
    assert "as it was on" not in words(other)
    assert "no longer" not in words(other)


def test_a_case_under_an_id_that_others_could_guess_is_not_kept(look: Look) -> None:
    for made_up in ("story.abc", "story.", "story.\0'--", "story." + "x" * 21):
        at = press(look(name="Ana", case=made_up), "keep_case")
        assert "others could guess" in words(at)
    long = press(look(name="Ana", case="story.\N{GREEK SMALL LETTER ALPHA}" + "x" * 30), "keep_case")
    assert "no link of ours has" in words(long)
    with Store() as store:
        assert store.records() == []


def test_the_bundled_story_opens_although_the_store_cannot_be_read(
    look: Look, own_data: Path, case: Case
) -> None:
    (own_data / "store.sqlite").write_bytes(b"this is no database at all" * 100)

    story = look("data", case="story.abc")
    uploaded = look("data", case=case.id)

    assert "could not be" not in words(story)
    assert "could not be" in words(uploaded)


# --- with sign-in ---


def test_the_link_opens_a_kept_case_to_its_owner_and_to_nobody_else(look: Look, case: Case) -> None:
    kept_by(case, ANN, look)
    for stranger in (BOB, claims("Eve", "it"), claims("Ann Lee", "model", issuer="http://other.example")):
        restart()
        at = look("data", user=stranger, case=case.id)
        assert "belongs to somebody else" in words(at)
        assert len(state.store()) == 0
        at = look(user=stranger)
        assert "kept_open_0" not in keys(at)

    restart()
    assert "belongs to somebody else" not in words(look("data", user=ANN, case=case.id))
    assert state.store().get(case.id, owner=ANN_KEY) is not None


def test_whom_it_is_shared_with_gets_a_copy_of_their_own(look: Look, case: Case) -> None:
    kept_by(case, ANN, look)
    at = look(user=ANN, case=case.id)
    assert "those you share it with" in words(at)
    at.text_input(key="kept_who").input("bob").run()
    press(at, "kept_share")
    assert "kept_unshare_0" in keys(at)

    # By the link, with the owner's own state in memory.
    linked = look("data", user=BOB, case=case.id, by="sex")
    copy_id = address(linked)
    assert copy_id != case.id
    assert address(linked, "by") == "sex"
    copy = state.store().get(copy_id, owner="oidc|http://localhost:9400|bob")
    assert copy is not None
    assert copy.data[0].dataset.fingerprint == case.data[0].dataset.fingerprint
    assert state.store().get(copy_id, owner=ANN_KEY) is None

    # By the list, after a restart.
    restart()
    at = look(user=BOB)
    assert "Shared by Ann Lee" in words(at)
    press(at, "kept_open_0")
    assert address(at) != case.id
    assert "keep_case" not in keys(at)

    owner = press(look(user=ANN, case=case.id), "kept_unshare_0")
    assert "kept_unshare_0" not in keys(owner)
    assert "kept_open_0" not in keys(look(user=BOB))


@pytest.mark.parametrize(("verified", "opens"), [(True, True), (None, True), (False, False), ("true", False)])
def test_an_address_that_nobody_checked_opens_nothing(
    look: Look, case: Case, verified: object, *, opens: bool
) -> None:
    kept_by(case, ANN, look)
    ann = Person(name="Ann Lee", subject="ann lee", issuer="http://localhost:9400", source="oidc")
    with Store() as store:
        KeptCases(store).share(case.id, "bo@bank.example", ann)
    more = {} if verified is None else {"email_verified": verified}

    at = look(user=claims("Bob", email="Bo@Bank.example", **more))

    assert ("kept_open_0" in keys(at)) is opens


def test_the_owner_opens_their_case_from_the_list(look: Look, case: Case) -> None:
    kept_by(case, ANN, look)
    restart()
    at = press(look(user=ANN), "kept_open_0")

    assert address(at) == case.id
    assert state.store().get(case.id, owner=ANN_KEY) is not None


def test_a_viewer_is_told_what_keeping_needs_and_the_action_refuses_too(
    look: Look, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.store().put(case, owner="oidc|http://localhost:9400|bob")
    at = look(user=BOB, case=case.id)
    assert "Keeping a case needs the role analyst" in words(at)
    assert "keep_case" not in keys(at)

    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "expert")
    get_settings.cache_clear()
    with pytest.raises(NotAllowed, match="needs the role analyst"):
        keeping.keep(case)


# --- the models ---


def test_an_uploaded_model_comes_back_in_a_process_of_its_own_and_scores_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample, shared = bundled_cases()["story"], open_bundled("story", "story.x")
    first = replace(shared.data[0], content=sample.datasets[0].path.read_bytes(), source="uploaded")
    case = replace(shared, data=(first,), models=shared.models[:1], memo=Memo())
    # As if the app did not ship with these files.
    monkeypatch.setattr(packing, "_sample_place", lambda _: {})

    back = unpack(pack(case), "another")

    model = back.models[0].model
    try:
        assert model is not case.models[0].model
        assert (model.owner, model.info) == ("another", case.models[0].model.info)
        np.testing.assert_array_equal(back.judge().score, case.judge().score)
    finally:
        model.close()


# --- what cannot be kept, and what is over ---


def test_what_cannot_be_kept_is_said_before_it_is_kept(look: Look) -> None:
    lost = replace(table_case(CSV, ROLES), id=new_case_id())
    state.store().put(lost)
    at = look(name="Ana", case=lost.id)

    assert "cannot be kept, since their file is not at hand" in words(at)
    assert "no data that can be kept" in words(press(at, "keep_case"))


@pytest.fixture
def over(case: Case) -> str:
    """Keep a case whose time was over yesterday."""
    past = datetime.now(UTC) - timedelta(days=91)
    ann = Person(
        name="Ann Lee", subject="ann lee", issuer="http://localhost:9400", source="oidc", role=AppRole.ANALYST
    )
    with Store() as store:
        KeptCases(store, clock=lambda: past).keep(case.id, "t", b"old " + MARKS[0], ann)
    return case.id


def test_opening_the_start_page_deletes_what_is_over(look: Look, over: str, own_data: Path) -> None:
    assert files(own_data)

    look(user=BOB)

    assert files(own_data) == []
    with closing(sqlite3.connect(own_data / "store.sqlite")) as connection:
        kinds = [row[0] for row in connection.execute("SELECT kind FROM ledger ORDER BY seq")]
    assert kinds == ["case.kept", "case.expired"]


def test_the_command_deletes_what_is_over(over: str, own_data: Path) -> None:
    store = own_data / "store.sqlite"

    first, second = command("cases", "purge"), command("cases", "purge", store)

    assert (first.returncode, first.stdout) == (0, "1 kept case deleted.\n")
    assert second.stdout == "0 kept cases deleted.\n"
    assert files(own_data) == []


def test_the_command_removes_rows_of_batches_whose_time_is_over(own_data: Path) -> None:
    past = datetime.now(UTC) - timedelta(days=91)
    with Store() as store, store.writing() as job:
        artifacts.put(job.connection, "rows", b"old " + MARKS[0], at=past, days=90)
        artifacts.put(job.connection, "report", b"stays", at=past)
    assert files(own_data)

    first, second = command("cases", "purge"), command("cases", "purge")

    assert first.stdout == "0 kept cases deleted.\n1 table of rows of batches deleted.\n"
    assert second.stdout == "0 kept cases deleted.\n"
    assert files(own_data) == []


def test_the_command_makes_no_store_where_there_is_none(own_data: Path) -> None:
    done = command("cases", "purge", own_data / "none.sqlite")

    assert done.returncode == 2
    assert "There is no store" in done.stderr
    assert not (own_data / "none.sqlite").exists()
