"""Read-only links: what whoever opens one sees, what they cannot do on any page, and when a link opens nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.bundled import open_bundled
from rai_dash.case import BandCandidate, Case
from rai_dash.casefile import pack
from rai_dash.core.errors import NotAllowed
from rai_dash.core.settings import get_settings
from rai_dash.core.types import ReviewBand
from rai_dash.govern.kept import KeptCases
from rai_dash.govern.links import Links
from rai_dash.govern.people import AppRole
from rai_dash.govern.store import Store
from rai_dash.ui import (
    case_file,
    identity,
    keeping,
    links,
    read_only,
    rights,
    sharing,
    state,
    training,
    upload,
)
from rai_dash.ui.choices import Choices
from rai_dash.ui.store import new_case_id
from tests.app.conftest import press_key, uploaded_case, words
from tests.app.shared_view import ANA, ANN, linked, seen
from tests.app.test_keeping import ANN_KEY, CSV, ROLES, claims

Look = Callable[..., AppTest]
NOTHING = "This link opens nothing"


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give every test a data folder of its own, with groups for those who sign in."""
    monkeypatch.setenv("RAI_DASH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RAI_DASH_GROUP_ROLES", '{"model": "analyst", "it": "operator"}')
    monkeypatch.setenv("RAI_DASH_GROUPS_SEE_ROWS", '["model"]')
    get_settings.cache_clear()
    state.store.clear()
    yield tmp_path / "store.sqlite"
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def case() -> Case:
    """An uploaded case; its file is at hand."""
    return uploaded_case(CSV, ROLES)


@pytest.fixture
def look(repo: Path) -> Look:
    """Open a page, as somebody who signed in (``user`` are the claims) or without sign-in; ``signs_in``: as a guest."""

    def run(page: str = "performance", **how: Any) -> AppTest:
        user, signs_in = how.pop("user", None), how.pop("signs_in", False)
        return seen(repo, page, how, user=user, signs_in=signs_in)

    return run


def address(at: AppTest) -> dict[str, str]:
    found = {name: at.query_params[name] for name in at.query_params}
    return {name: value if isinstance(value, str) else value[0] for name, value in found.items()}


def right(threshold: int) -> str:
    """How many decisions at a threshold in percent agree with the outcome, counted from the rule that made the CSV."""
    rows = [i for i in range(400) if i % 5]
    n = sum(((i % 100) >= threshold) == ((i * 37) % 100 < i % 100) for i in rows)
    return f"{n} of {len(rows)}"


# --- what a link opens ---


def test_a_link_opens_the_case_as_it_was_kept_in_its_state_on_a_cold_server(look: Look, case: Case) -> None:
    key = linked(case)
    # What the owner does afterwards is not what was kept.
    state.store().put(case.with_band(BandCandidate(name="later", band=ReviewBand(0.1, 0.5, 0.9))))
    state.store.clear()

    at = look(link=key, by="sex", threshold="0.6")

    assert "Read only, as kept on" in words(at)
    assert "by Ana" in words(at)
    assert at.slider(key="pick_threshold").value == 60.0
    assert address(at) == {"link": key, "by": "sex", "threshold": "0.6"}
    assert case.id not in str(at)
    assert right(60) in words(at)


def test_who_looks_moves_the_controls_and_the_address_follows(look: Look, case: Case) -> None:
    key = linked(case)
    at = look(link=key)

    at.slider(key="pick_threshold").set_value(70.0).run()

    assert address(at) == {"link": key, "threshold": "0.7"}
    again = look("fairness", **address(at))
    assert again.session_state[read_only.CHOICES].threshold == 0.7
    assert "Read only" in words(again)


def test_an_address_with_both_keys_does_the_less(look: Look, case: Case) -> None:
    state.store().put(case)
    key = linked(case)

    at = look(link=key, case=case.id)

    assert address(at) == {"link": key}
    assert "Read only" in words(at)


def test_all_who_look_share_one_case_that_no_id_opens(look: Look, case: Case) -> None:
    first, second = linked(case), linked(case)
    for key in (first, second, first):
        look(link=key)

    (shared,) = state.store()._cases
    assert shared != case.id
    for stranger in (shared, f"story.{shared}"):
        at = look(case=stranger)
        assert "Read only" not in words(at)
        assert "of 320" not in words(at)


@pytest.mark.parametrize("rows", [True, False])
def test_single_applications_are_shown_where_the_link_says_so(look: Look, case: Case, rows: bool) -> None:  # noqa: FBT001
    at = look(link=linked(case, shows_rows=rows))

    assert at.session_state[read_only.CHOICES].link
    hidden = look("explain", link=linked(open_bundled("story", f"story.{new_case_id()}"), shows_rows=rows))
    assert ("This link does not show single applications" in words(hidden)) is not rows


def test_leaving_a_link_leads_to_a_case_of_ones_own(look: Look, case: Case) -> None:
    at = press_key(look("start", link=linked(case)), "leave_link")

    assert "Read only" not in words(at)
    assert address(at)["case"].startswith("story.")
    assert "link" not in address(at)


# --- when it opens nothing ---


def test_guessed_revoked_ended_and_deleted_links_say_the_same(look: Look, case: Case) -> None:
    said = set()
    keys = {what: linked(case) for what in ("revoked", "deleted")} | {"guessed": "A" * 32, "nonsense": "x"}
    with Store() as store:
        revoked = Links(store).find(keys["revoked"], ANA)
        assert revoked is not None
        Links(store).revoke(case.id, revoked.name, ANA)
    open_one = look(link=keys["deleted"])
    assert "Read only" in words(open_one)
    with Store() as store:
        KeptCases(store).delete(case.id, ANA)
    for key in keys.values():
        at = look(link=key)
        assert [b.key for b in at.button] == ["leave_link"]
        said.add(words(at))

    assert len(said) == 1
    assert NOTHING in said.pop()
    # The copy in memory opens to nobody, not even in the tab that had it open.
    assert NOTHING in words(open_one.run())


def test_a_link_opens_nothing_where_there_is_no_store_and_none_is_made(look: Look, own_data: Path) -> None:
    assert NOTHING in words(look(link="A" * 32))
    assert not own_data.exists()


def test_a_store_that_cannot_be_read_is_said_and_not_taken_for_a_wrong_link(
    look: Look, own_data: Path
) -> None:
    own_data.write_bytes(b"this is no database at all" * 100)

    at = look(link="A" * 32)

    assert "could not be" in words(at)
    assert NOTHING not in words(at)


def test_a_link_that_was_revoked_ends_with_the_next_step_of_a_control(look: Look, case: Case) -> None:
    key = linked(case)
    at = look(link=key)
    with Store() as store:
        (link,) = Links(store).listed(case.id, ANA)
        Links(store).revoke(case.id, link.name, ANA)

    at.slider(key="pick_threshold").set_value(70.0).run()

    assert NOTHING in words(at)
    assert "of 320" not in words(at)


# --- nothing that lasts ---


def test_every_door_of_what_lasts_refuses_in_the_same_sentence(look: Look, case: Case) -> None:
    """The doors themselves, for a page that forgets to ask."""
    state.store().put(case)
    at = look(link=linked(case))
    doors = {
        "save": lambda: state.save(case),
        "open": lambda: state.open_case(case),
        "sample": lambda: state.open_sample("story"),
        "name": identity.who,
        "role": lambda: rights.require_role(AppRole.EXPERT, "Signing"),
        "keep": lambda: keeping.keep(case),
        "share": lambda: keeping.share(case.id, "Bob"),
        "delete": lambda: keeping.delete(case.id),
        "link": lambda: sharing.make(case, days=1, shows_rows=False, is_public=False),
        "revoke": lambda: sharing.revoke(case.id, "0" * 16),
        "upload": lambda: upload.open_data(CSV.encode(), "x.csv"),
        "roles": lambda: upload.set_roles(case, "data", ROLES),
        "file": lambda: case_file.opened(pack(case)),
        "job": lambda: training.start("key", lambda _: None),  # type: ignore[arg-type, return-value]
    }
    refused = {}
    with at_session(at):
        for name, act in doors.items():
            with pytest.raises(NotAllowed) as caught:
                act()
            refused[name] = caught.value.message
        person = identity.visitor()

    assert set(refused.values()) == {read_only.REFUSAL}
    assert (person.role, person.signs_as, person.sees_rows) == (AppRole.VIEWER, frozenset(), False)


class at_session:  # noqa: N801
    """Act as the tab of an AppTest would, outside a run."""

    def __init__(self, at: AppTest) -> None:
        self._at = at

    def __enter__(self) -> None:
        self._patch = pytest.MonkeyPatch()
        found = {read_only.CHOICES: self._at.session_state[read_only.CHOICES]}
        self._patch.setattr("streamlit.session_state", found)

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


# --- where people sign in ---


def test_with_sign_in_a_link_opens_to_those_who_signed_in_alone(look: Look, case: Case) -> None:
    state.store().put(case, owner=ANN_KEY)
    key = linked(case, ANN)

    outside = look(signs_in=True, link=key)
    inside = look(user=claims("Bob"), link=key)

    assert "Sign in to go on" in words(outside)
    assert "of 320" not in words(outside)
    assert "Read only" in words(inside)
    assert right(60) in words(look(user=claims("Bob"), link=key, threshold="0.6"))
    assert case.id not in str(inside)
    assert "belongs to somebody else" in words(look(user=claims("Bob"), case=case.id))


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAI_DASH_PUBLIC_LINKS", "true")
    get_settings.cache_clear()


@pytest.mark.usefixtures("public")
def test_a_guest_who_leaves_or_changes_the_address_has_to_sign_in(look: Look, case: Case) -> None:
    state.store().put(case, owner=ANN_KEY)
    key = linked(case, ANN, is_public=True)
    at = look(signs_in=True, link=key)
    assert "Read only" in words(at)

    left = press_key(at, "leave_link")
    other = look(signs_in=True, case=case.id)
    shared = next(i for i in state.store()._cases if i != case.id)
    guessed = look(signs_in=True, case=shared)

    for found in (left, other, guessed):
        assert "Sign in to go on" in words(found)
        assert "of 320" not in words(found)


# --- making one on a page ---


def test_the_button_of_a_page_keeps_the_case_makes_a_link_to_the_view_and_revokes_it(
    look: Look, case: Case
) -> None:
    state.store().put(case)
    at = press_key(look("fairness", case=case.id, by="sex", threshold="0.6"), "share_view")
    assert "not kept yet" in words(at)
    press_key(press_key(at, "share_keep"), "share_view")
    at.number_input(key="share_days").set_value(7)
    press_key(press_key(at, "share_make"), "share_view")

    (code,) = at.code
    query = {name: values[0] for name, values in parse_qs(urlsplit(code.value).query).items()}
    assert {**query, "link": ""} == {"link": "", "by": "sex", "threshold": "0.6"}
    assert case.id not in code.value
    with Store() as store:
        (link,) = Links(store).listed(case.id, ANA)
        assert Links(store).find(query["link"], ANA) == link
    assert (link.expires_at - link.made_at).days == 7
    assert "1 link is open" in words(at)
    seen = look("fairness", **query)
    assert "Read only" in words(seen)

    # Another view: the address that is shown would not lead to it.
    at.slider(key="pick_threshold").set_value(70.0).run()
    press_key(at, "share_view")
    assert not at.code
    press_key(press_key(at, f"share_revoke_{link.name}"), "share_view")

    assert "link is open" not in words(at)
    assert NOTHING in words(seen.run())


def test_a_link_to_something_else_than_the_page_shows_is_not_made(look: Look, case: Case) -> None:
    state.store().put(case)
    linked(case)
    state.store().put(case.with_band(BandCandidate(name="later", band=ReviewBand(0.1, 0.5, 0.9))))
    at = press_key(press_key(look("start", case=case.id), "kept_link"), "share_make")

    # On Start a refusal stands in the card as well; elsewhere in the window alone.
    assert "changed since it was kept" in words(at)
    with Store() as store:
        assert len(Links(store).listed(case.id, ANA)) == 1
    press_key(press_key(press_key(at, "keep_case"), "share_view"), "share_make")
    press_key(at, "share_view")

    assert len(at.code) == 1
    assert "2 links are open" in words(at)


def test_a_case_that_was_kept_again_says_so_to_those_who_look(look: Look, case: Case) -> None:
    key = linked(case)
    with Store() as store:
        KeptCases(store).keep(case.id, "Newer", pack(replace(case, title="Newer")), ANA)

    assert "kept again after this link was made" in words(look(link=key))


def test_choices_of_a_link_are_no_case_and_survive_the_address() -> None:
    chosen = Choices(link="A" * 32, by="sex")

    assert Choices.from_query(chosen.to_query()) == chosen
    assert links.NO_LINK
