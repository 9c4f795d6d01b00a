"""Who somebody is by a token or a typed name, and when a token has ended."""

from __future__ import annotations

import math

import pytest
import streamlit as st

from rai_dash.core.errors import InvalidChoice, NotAllowed
from rai_dash.core.settings import Settings, get_settings
from rai_dash.govern.people import AppRole
from rai_dash.ui import identity, rights, signing_in

CLAIMS = {
    "is_logged_in": True,
    "iss": "https://id.bank.example",
    "sub": "00u1",
    "exp": 1_000.0,
    "name": "Ada  Lovelace",
    "preferred_username": "ada",
    "email": "ada@bank.example",
    "groups": ["risk", "staff"],
}


def settings(**given):
    return Settings(
        group_roles={"risk": "expert", "model": "analyst", "it": "operator"},
        group_signs={"risk": ("risk owner",), "credit": ("domain expert", "risk owner")},
        groups_see_rows=frozenset({"credit", "it"}),
        **given,
    )


@pytest.fixture
def secrets(monkeypatch):
    """Put secrets where Streamlit would have read them from files."""

    def put(content):
        monkeypatch.setattr(st, "secrets", type("Secrets", (), {"to_dict": lambda _: content})())

    return put


@pytest.fixture
def signed_in(secrets, monkeypatch):
    """Sign somebody in at a time of the test's own."""
    now = [999.0]
    found = dict(CLAIMS)
    secrets({"auth": {"client_id": "app"}})
    monkeypatch.setattr(identity, "_claims", lambda: found)
    monkeypatch.setattr(identity, "_now", lambda: now[0])
    return now, found


# --- when a token has ended ---


@pytest.mark.parametrize(
    ("now", "is_in"), [(0.0, True), (999.999, True), (1_000.0, False), (1_000.001, False), (9e9, False)]
)
def test_a_token_ends_at_the_very_second_it_says_without_leeway(now, is_in):
    assert identity.is_signed_in(CLAIMS, now) is is_in


@pytest.mark.parametrize("exp", [None, "9999999999", True, math.nan, -1, [9e9]])
def test_a_token_that_does_not_say_when_it_ends_has_ended(exp):
    assert not identity.is_signed_in({**CLAIMS, "exp": exp}, 0.0)
    assert not identity.is_signed_in({k: v for k, v in CLAIMS.items() if k != "exp"}, 0.0)


@pytest.mark.parametrize("flag", [None, False, "true", 1])
def test_only_streamlits_own_flag_says_that_somebody_is_signed_in(flag):
    """A header that a proxy hands on is a text."""
    assert not identity.is_signed_in({**CLAIMS, "is_logged_in": flag}, 0.0)


def test_whoever_was_signed_in_is_nobody_from_the_end_of_the_token_on(signed_in):
    now, _ = signed_in
    assert identity.visitor().subject == "00u1"
    assert (identity.is_in(), identity.has_ended()) == (True, False)

    now[0] = 1_000.0

    assert (identity.is_in(), identity.has_ended()) == (False, True)
    for ask in (identity.visitor, identity.who, identity.owner):
        with pytest.raises(NotAllowed, match="sign-in has ended"):
            ask()
    assert not rights.may(AppRole.VIEWER)
    assert not rights.may_see_rows()


def test_a_download_that_is_written_on_a_click_looks_at_the_clock_of_the_click(signed_in):
    now, _ = signed_in
    written = identity.while_signed_in(lambda: b"rows")
    assert written() == b"rows"

    now[0] = 1_000.0

    with pytest.raises(NotAllowed, match="sign-in has ended"):
        written()


def test_without_sign_in_a_download_has_no_end(secrets, monkeypatch):
    secrets({})
    written = identity.while_signed_in(lambda: b"rows")
    monkeypatch.setattr(identity, "_now", lambda: 9e12)

    assert written() == b"rows"


# --- who it is ---


def test_a_token_becomes_a_person_whose_sign_in_vouches_for_them():
    person = identity.person_of(CLAIMS, settings())

    assert (person.name, person.subject, person.issuer) == ("Ada Lovelace", "00u1", "https://id.bank.example")
    assert person.is_verified
    assert person.role is AppRole.EXPERT
    assert person.signs_as == frozenset({"risk owner"})
    assert not person.sees_rows


@pytest.mark.parametrize(
    ("left_out", "name"),
    [
        ((), "Ada Lovelace"),
        (("name",), "ada"),
        (("name", "preferred_username"), "ada@bank.example"),
        (("name", "preferred_username", "email"), "00u1"),
    ],
)
def test_the_name_is_the_first_that_the_token_has(left_out, name):
    claims = {k: v for k, v in CLAIMS.items() if k not in left_out}

    assert identity.person_of(claims, settings()).name == name


@pytest.mark.parametrize("blank", ["", "   ", "\u200b\u200b", "\x00", 7, None, ["Ada"]])
def test_a_name_with_nothing_to_see_is_passed_over(blank):
    assert identity.person_of({**CLAIMS, "name": blank}, settings()).name == "ada"


@pytest.mark.parametrize("claim", ["iss", "sub"])
@pytest.mark.parametrize("value", ["", None, 12, ["a"]])
def test_a_token_that_does_not_say_who_it_is_is_nobody(claim, value):
    with pytest.raises(InvalidChoice):
        identity.person_of({**CLAIMS, claim: value}, settings())


def test_the_same_subject_at_another_issuer_is_somebody_else():
    here = identity.person_of(CLAIMS, settings())
    there = identity.person_of({**CLAIMS, "iss": "https://other.example"}, settings())
    renamed = identity.person_of({**CLAIMS, "name": "Someone"}, settings())

    assert here.key != there.key
    assert here.key == renamed.key


# --- what the groups say ---


@pytest.mark.parametrize(
    ("groups", "role", "signs", "sees"),
    [
        ([], AppRole.VIEWER, set(), False),
        (["nobody knows this one"], AppRole.VIEWER, set(), False),
        (["risk"], AppRole.EXPERT, {"risk owner"}, False),
        (["model", "risk"], AppRole.ANALYST, {"risk owner"}, False),
        (["risk", "it", "model"], AppRole.OPERATOR, {"risk owner"}, True),
        (["credit"], AppRole.VIEWER, {"domain expert", "risk owner"}, True),
        ("risk", AppRole.EXPERT, {"risk owner"}, False),
        ("Risk", AppRole.VIEWER, set(), False),
        ("risk,it", AppRole.VIEWER, set(), False),
        (["risk", 7, None, ["it"]], AppRole.EXPERT, {"risk owner"}, False),
        ({"it": True}, AppRole.VIEWER, set(), False),
        (None, AppRole.VIEWER, set(), False),
    ],
)
def test_the_highest_role_of_the_groups_counts_and_none_is_a_viewer(groups, role, signs, sees):
    person = identity.person_of({**CLAIMS, "groups": groups}, settings())

    assert (person.role, person.signs_as, person.sees_rows) == (role, frozenset(signs), sees)


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["it"]}}),
        ("https://bank.example/groups", {"https://bank.example/groups": ["it"]}),
        ("a.b.c", {"a": {"b": {"c": "it"}}}),
        ("a.b", {"a.b": ["it"], "a": {"b": ["risk"]}}),
    ],
)
def test_a_claim_is_found_by_its_whole_name_or_by_a_path(claim, claims):
    bare = {k: v for k, v in CLAIMS.items() if k != "groups"}

    assert identity.person_of(bare | claims, settings(group_claim=claim)).role is AppRole.OPERATOR


@pytest.mark.parametrize(
    "claims", [{}, {"a": "text"}, {"a": {"b": None}}, {"a": {"c": ["it"]}}, {"a": [{"b": "it"}]}]
)
def test_a_path_that_leads_nowhere_is_no_group(claims):
    assert identity.groups_of(claims, "a.b") == frozenset()


# --- without sign-in ---


@pytest.fixture
def typed(secrets):
    """Type a name where there is no sign-in."""
    secrets({})

    def put(name):
        st.session_state[identity.LOCAL_NAME] = name

    yield put
    st.session_state.pop(identity.LOCAL_NAME, None)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("Ada\x00\n\u202eevil", "Adaevil"),
        ("\u0645\u06cc\u200c\u0645", "\u0645\u06cc\u200c\u0645"),
        ("\u200c\u200d", ""),
        ("x" * 500, "x" * 80),
        ("", ""),
    ],
)
def test_a_typed_name_is_tidied(typed, written, name):
    typed(written)

    assert identity.typed_name() == name


def test_a_typed_name_is_never_verified_and_may_sign_as_anybody(typed):
    typed("Ada Lovelace")

    person = identity.who()

    assert (person.name, person.source, person.issuer) == ("Ada Lovelace", "local-unverified", "")
    assert person.role is AppRole.OPERATOR
    assert person.signs_as is None
    assert person.sees_rows
    assert identity.owner() == ""


def test_without_a_name_one_may_look_and_do_but_nothing_is_recorded(typed):
    typed("")

    rights.require_role(AppRole.OPERATOR, "Looking")
    with pytest.raises(InvalidChoice, match="Type your name"):
        identity.who()


def test_the_operator_says_what_people_may_do_without_sign_in(typed, monkeypatch):
    typed("Ada")
    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "expert")
    monkeypatch.setenv("RAI_DASH_LOCAL_SEES_ROWS", "0")
    get_settings.cache_clear()
    try:
        assert identity.who().role is AppRole.EXPERT
        assert not rights.may_see_rows()
        with pytest.raises(NotAllowed):
            rights.require_rows()
        with pytest.raises(NotAllowed, match="Uploading a file needs the role analyst"):
            rights.require_role(AppRole.ANALYST, "Uploading a file")
        rights.require_role(AppRole.EXPERT, "Signing")
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


# --- what is set up ---


def test_secrets_without_sign_in_let_everybody_in(secrets):
    secrets({"database": {"password": "x"}})
    assert not identity.sign_in_is_on()
    assert identity.is_in()


@pytest.mark.parametrize("section", [{}, "a text", ["a"]])
def test_a_sign_in_that_is_set_up_badly_is_still_on(secrets, section):
    secrets({"auth": section})

    assert identity.sign_in_is_on()
    assert not identity.is_in()


def test_secrets_that_cannot_be_read_let_nobody_in(tmp_path, monkeypatch):
    from streamlit import config
    from streamlit.runtime.secrets import Secrets

    broken = tmp_path / "secrets.toml"
    broken.write_text('[auth]\ncookie_secret = "half', encoding="utf-8")
    monkeypatch.setattr(st, "secrets", Secrets())
    monkeypatch.setattr(config, "get_option", lambda _: [str(broken)])

    with pytest.raises(InvalidChoice, match="nobody is let in") as caught:
        identity.sign_in_is_on()
    assert "half" not in caught.value.message

    broken.unlink()
    assert not identity.sign_in_is_on()


def test_each_service_that_is_set_up_has_its_button():
    part = {"client_id": "app", "client_secret": "x", "server_metadata_url": "https://id.example"}

    assert signing_in.services({"cookie_secret": "x", **part}) == [None]
    assert signing_in.services({"cookie_secret": "x", "bank": part, "partners": part}) == ["bank", "partners"]
    assert signing_in.services({"client_id": "app", "bank": part}) == [None, "bank"]
    assert signing_in.services({"cookie_secret": "x", "client_kwargs": {"prompt": "login"}}) == []
