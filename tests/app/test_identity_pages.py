"""Who one is on the pages: the page for signing in, the sidebar, what each role may do, whose a case is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.case import Case
from rai_dash.core.errors import NotAllowed
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.ui import identity, rights, shell, state, training, upload
from rai_dash.ui.store import new_case_id
from tests.app.conftest import settled, stops, table_case, texts

SECRETS = {
    "auth": {
        "redirect_uri": "http://localhost:8501/oauth2callback",
        "cookie_secret": "0123456789abcdef0123456789abcdef",
        "client_id": "app",
        "client_secret": "not used here",
        "server_metadata_url": "http://localhost:9400/.well-known/openid-configuration",
    }
}
GROUPS = {
    "RAI_DASH_GROUP_ROLES": '{"credit": "expert", "model": "analyst", "it": "operator"}',
    "RAI_DASH_GROUPS_SEE_ROWS": '["credit"]',
}
OTHER_ISSUER = "https://other.example"
CSV = "approved,gender,score,email\n" + "".join(
    f"{'yes' if i % 2 else 'no'},{'f' if i % 3 else 'm'},0.{i % 9 + 1},ann{i}@mail.example\n"
    for i in range(80)
)
Arrive = Callable[..., AppTest]


def claims(
    name: str, *groups: str, ends: float = 3600, issuer: str = "http://localhost:9400"
) -> dict[str, Any]:
    return {
        "is_logged_in": True,
        "iss": issuer,
        "sub": name.casefold(),
        "name": name,
        "exp": int(time.time() + ends),
        "groups": list(groups),
    }


@pytest.fixture
def arrive(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Arrive]:
    """Open a page where sign-in is on; ``user`` are the claims of whoever is signed in."""
    for name, value in GROUPS.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()

    def run(page: str = "start", user: dict[str, Any] | None = None, **query: str) -> AppTest:
        at = AppTest.from_file(str(repo / "app.py"), default_timeout=120)
        at.secrets = dict(SECRETS)
        at.user = user if user is not None else {"is_logged_in": False}
        for name, value in query.items():
            at.query_params[name] = value
        at.run()
        if page != "start":
            at.switch_page(f"pages/{page}.py")
            at.run()
        return at

    yield run
    monkeypatch.undo()
    get_settings.cache_clear()


def everything(at: AppTest) -> str:
    """All that is written, in the sidebar too."""
    return (
        texts(at)
        + "\n".join(str(t.value) for t in at.text)
        + "\n".join(str(c.value) for c in at.sidebar.caption)
    )


def keys(at: AppTest) -> set[str]:
    """Keys of all buttons."""
    return {str(b.key) for b in at.button}


# --- the page for signing in ---


@pytest.mark.parametrize("page", [p.path.stem for p in shell.pages()])
def test_nobody_sees_anything_of_the_app_before_signing_in(arrive: Arrive, page: str) -> None:
    at = arrive(page, case="story.abc")

    assert keys(at) == {"sign_in_default"}
    assert [t.value for t in at.title] == ["RAI Dash"]
    assert not at.exception
    for kind in ("selectbox", "dataframe", "metric", "text_input", "slider", "text"):
        assert not at.get(kind), kind
    assert not at.sidebar.children
    assert len(texts(at)) < 200


def test_whoever_opens_a_link_is_told_to_open_it_again_after_signing_in(arrive: Arrive) -> None:
    assert "open your link again" in texts(arrive("sign_off", policy="small-loans-0a1b2c"))
    assert "open your link again" not in texts(arrive())


@pytest.mark.parametrize("ends", [0, -1, -(10**6)])
def test_whoever_comes_with_a_token_that_ended_is_signed_out_with_a_sentence(
    arrive: Arrive, ends: float
) -> None:
    at = arrive("fairness", claims("Ada", "it", ends=ends))

    assert "Your sign-in has ended" in texts(at)
    assert keys(at) == {"sign_in_default"}
    assert not at.sidebar.children


def test_a_token_that_ends_between_two_runs_ends_the_next_run(
    arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = arrive("data", claims("Ada", "it"))
    assert "sign_out" in keys(at)
    monkeypatch.setattr(identity, "_now", lambda: time.time() + 3600)

    at.run()

    assert "Your sign-in has ended" in texts(at)
    assert keys(at) == {"sign_in_default"}


def test_a_token_that_does_not_say_who_it_is_lets_nobody_in(arrive: Arrive) -> None:
    at = arrive("start", claims("Ada", "it") | {"sub": ""})

    assert "did not say who the person is" in texts(at)
    assert keys(at) == {"sign_out"}


def test_a_sign_in_that_is_not_safe_opens_no_page(arrive: Arrive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        SECRETS, "auth", SECRETS["auth"] | {"redirect_uri": "http://rai.example/oauth2callback"}
    )

    at = arrive("start", claims("Ada", "it"))

    assert r"needs a redirect\_uri that ends in" in texts(at)
    assert keys(at) == set()
    assert not at.sidebar.children


# --- the sidebar ---


def test_the_sidebar_says_who_is_signed_in_and_has_the_way_out(arrive: Arrive) -> None:
    at = arrive("start", claims("Ada :red[x] **b**", "credit"))

    assert "Ada :red[x] **b**" in [t.value for t in at.sidebar.text]
    assert "Signed in. Role: expert; may see single applications." in everything(at)
    assert "sign_out" in keys(at)
    at.button(key="sign_out").click().run()
    assert not at.error
    at.run()
    assert keys(at) == {"sign_in_default"}


def test_without_sign_in_a_name_is_typed_and_said_to_be_unverified(open_page: Arrive) -> None:
    at = open_page("start")
    field = at.sidebar.text_input[0]
    assert field.label == "Your name"
    assert "Recorded as unverified" in everything(at)
    assert "sign_out" not in keys(at)

    field.set_value("  Ada   Lovelace ").run()
    at.switch_page("pages/data.py").run()
    at.switch_page("pages/fairness.py").run()

    assert at.sidebar.text_input[0].value.split() == ["Ada", "Lovelace"]
    assert at.session_state[identity.LOCAL_NAME].split() == ["Ada", "Lovelace"]


# --- what each role may do ---


@pytest.mark.parametrize(
    ("group", "may"), [("nobody", False), ("credit", False), ("model", True), ("it", True)]
)
def test_the_doors_for_files_are_open_to_analysts_only(arrive: Arrive, group: str, *, may: bool) -> None:
    at = arrive("start", claims("Ada", group))

    assert [u.proto.disabled for u in at.get("file_uploader")] == [not may] * 3
    assert ("Uploading a file needs the role analyst" in texts(at)) is not may
    assert ("confirm_roles" in keys(at)) is may
    assert "open_story" in keys(at)


ACTIONS = {
    "open data": lambda _: upload.open_data(CSV.encode(), "t.csv"),
    "add data": lambda case: upload.add_data(case, CSV.encode(), "t.csv", case.data[0].role),
    "read again": lambda case: upload.reread(case, case.data[0].key, case.data[0].options),
    "add a model": lambda case: upload.add_model(case, b"x", "m.skops"),
    "roles": lambda case: upload.set_roles(case, case.data[0].key, case.data[0].dataset.roles),
    "turn a model": lambda case: upload.turn_model(case, "m", "1"),
    "train": lambda _: training.start("never", print),
}


@pytest.mark.parametrize("action", list(ACTIONS))
@pytest.mark.parametrize("group", ["nobody", "credit"])
def test_what_changes_things_is_refused_where_it_is_done(
    arrive: Arrive, monkeypatch: pytest.MonkeyPatch, action: str, group: str
) -> None:
    """As if the button were pressed that is not offered."""
    user, case = claims("Ada", group), table_case(CSV, Roles())
    case = case.with_data(replace(case.data[0], content=CSV.encode()))
    monkeypatch.setattr(identity, "sign_in_section", lambda: SECRETS["auth"])
    monkeypatch.setattr(identity, "_claims", lambda: user)
    held = len(state.store())

    with pytest.raises(NotAllowed, match="needs the role analyst"):
        ACTIONS[action](case)

    assert len(state.store()) == held
    assert training.jobs().get("never") is None


@pytest.mark.parametrize("page", ["rebalance", "mitigation", "correlations"])
def test_those_who_may_not_train_are_told_and_nothing_is_started(arrive: Arrive, page: str) -> None:
    at = arrive(page, claims("Ada", "credit"))

    assert not at.exception
    assert "Starting this work needs the role analyst" in texts(at)
    assert stops(at) == []
    starters = [b for b in at.button if b.key in {"reb_go", "mit_go", "proxies_go"}]
    assert [b.disabled for b in starters] == [True]


def test_what_a_page_asks_the_model_by_itself_is_for_everybody_who_may_read_it(arrive: Arrive) -> None:
    at = settled(arrive("drivers", claims("Ada")))

    assert not at.exception
    assert at.get("vega_lite_chart")


def test_a_viewer_still_opens_the_bundled_cases_and_moves_the_threshold(arrive: Arrive) -> None:
    at = arrive("start", claims("Ada"))
    at.button(key="open_story").click().run()
    at.switch_page("pages/performance.py").run()
    before = texts(at)

    at.slider(key="pick_threshold").set_value(80.0).run()

    assert not at.exception
    assert not at.error
    assert texts(at) != before


# --- who sees rows ---


def test_those_without_the_right_see_no_single_applicant(arrive: Arrive) -> None:
    at = arrive("explain", claims("Ada", "it"))

    assert rights.NO_ROWS in texts(at)
    assert not at.get("dataframe")
    assert not at.get("vega_lite_chart")
    assert "find_next" not in keys(at)


def test_those_with_the_right_see_them(arrive: Arrive) -> None:
    at = arrive("explain", claims("Ada", "credit"))

    assert rights.NO_ROWS not in texts(at)
    assert "find_next" in keys(at)


def test_rows_are_refused_where_they_are_fetched(arrive: Arrive, monkeypatch: pytest.MonkeyPatch) -> None:
    from rai_dash.ui import applicant_picker, explanations
    from rai_dash.ui.choices import Choices
    from rai_dash.ui.reviewing import cases
    from rai_dash.ui.state import View

    user = claims("Ada", "it")
    monkeypatch.setattr(identity, "sign_in_section", lambda: SECRETS["auth"])
    monkeypatch.setattr(identity, "_claims", lambda: user)
    view = View(table_case(CSV, Roles(score="score")), Choices())

    for fetch in (
        lambda: explanations.applicant_of(view, 0),
        lambda: applicant_picker.find_applicant(view),
        lambda: cases.nearest(None, 0.5),  # type: ignore[arg-type]
    ):
        with pytest.raises(NotAllowed, match="right of its own"):
            fetch()


def _with_mail(owner: str = "") -> Case:
    roles = Roles(
        target="approved", favourable=("yes",), unfavourable=("no",), sensitive=("gender",), score="score"
    )
    case = replace(table_case(CSV, roles), id=new_case_id())
    state.store().put(case, owner=owner)
    return case


@pytest.mark.parametrize(("group", "sees"), [("it", False), ("credit", True)])
def test_columns_that_name_people_need_the_same_right(arrive: Arrive, group: str, *, sees: bool) -> None:
    user = claims("Ada " + group, group)
    case = _with_mail(identity.person_of(user, get_settings()).key)

    at = arrive("start", user, case=case.id)
    at.switch_page("pages/data.py")
    at.query_params["case"], at.query_params["lens"] = case.id, "columns"
    at.run()

    offered = at.selectbox(key="pick_column").options
    assert ("email" in offered) is sees
    assert ("names people is not shown to you" in texts(at)) is not sees
    at.query_params["lens"] = "imbalance"
    at.run()
    assert ("email" in at.multiselect(key="pick_cells").options) is sees


# --- whose a case is ---


def test_somebody_elses_link_opens_nothing_but_says_so_calmly(arrive: Arrive) -> None:
    first = arrive("start", claims("Ada", "model"))
    link = first.session_state["choices"].case
    assert link.startswith("story.")

    for user in (claims("Bob", "it"), claims("Ada", "it", issuer=OTHER_ISSUER)):
        for page in ("start", "fairness"):
            at = arrive(page, user, case=link)
            assert "This case belongs to somebody else" in texts(at)
            assert "Looking at" not in everything(at)
            assert not at.error
            assert not at.get("dataframe")
    again = arrive("fairness", claims("Ada", "model"), case=link)
    assert "belongs to somebody else" not in texts(again)
    assert again.session_state["choices"].case == link


def test_from_somebody_elses_case_one_gets_to_a_case_of_ones_own(arrive: Arrive) -> None:
    link = arrive("start", claims("Ada")).session_state["choices"].case
    at = arrive("start", claims("Bob"), case=link)

    next(b for b in at.button if b.label == "Open the bundled story").click().run()

    own = at.session_state["choices"].case
    assert own != link
    assert "belongs to somebody else" not in texts(at)
    assert re.search("Looking at", everything(at))


def test_without_sign_in_a_link_opens_the_case_for_everybody(open_page: Arrive) -> None:
    case = _with_mail()

    for _ in range(2):
        at = open_page("data", case=case)
        assert "belongs to somebody else" not in texts(at)
        assert not at.error
