from __future__ import annotations

import json

import pytest

from rai_dash.core.errors import InvalidChoice, LedgerBroken, NotAllowed
from rai_dash.core.settings import APP_ROLES
from rai_dash.govern.people import AppRole, Person, require, require_rows


def local(name: str, **changes: object) -> Person:
    return Person(name=name, subject=name, **changes)


def signed_in(**changes: object) -> Person:
    facts = {"name": "Ada", "subject": "u-1", "issuer": "https://id.bank.example", "source": "oidc"}
    return Person(**(facts | changes))


def test_roles_are_those_of_the_settings_in_order():
    assert [role.label for role in sorted(AppRole)] == list(APP_ROLES)
    assert [AppRole.named(name) for name in APP_ROLES] == sorted(AppRole)


def test_a_role_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(InvalidChoice, match=r"`king` is no role .* viewer, expert, analyst, operator\."):
        AppRole.named("king")


@pytest.mark.parametrize(
    "other",
    [
        "ada lovelace",
        "  Ada \t Lovelace\n",
        "ADA LOVELACE",
        "Ada\u00a0Lovelace",
        "A\u200bda Lovelace",
        "Ada Love\u00adlace\u202e",
        "\uff21da Lovelace",
        "Ada\ufe0f Lovelace",
    ],
)
def test_a_typed_name_is_the_same_person_however_it_is_written(other):
    assert local(other).key == local("Ada Lovelace").key == "local|ada lovelace"


def test_folding_and_composing_do_not_undo_each_other():
    assert local("STRASSE").key == local("Straße").key
    assert local("Zoe\u0308").key == local("Zo\u00cb").key
    assert local("\u0345\u03b1").key == local("\u0345\u03b1".upper()).key


def test_other_names_are_other_people():
    assert local("Ada").key != local("Ida").key
    assert local("AdaLovelace").key != local("Ada Lovelace").key


def test_the_sign_in_and_not_the_name_makes_a_verified_person():
    assert signed_in(name="Other").key == signed_in().key == "oidc|https://id.bank.example|u-1"
    assert signed_in(subject="U-1").key != signed_in().key
    assert signed_in(issuer="https://other.example").key != signed_in().key


def test_nobody_passes_for_a_verified_person_by_typing_a_name():
    assert local("oidc|https://id.bank.example|u-1").key != signed_in().key
    with pytest.raises(InvalidChoice, match="did not say who"):
        signed_in(issuer="https://id.bank.example|u", subject="1")


@pytest.mark.parametrize("lacking", ["issuer", "subject"])
def test_a_sign_in_without_issuer_or_subject_is_nobody(lacking):
    with pytest.raises(InvalidChoice, match="did not say who the person is"):
        signed_in(**{lacking: ""})


@pytest.mark.parametrize("name", ["", "  \n", "\u200b\u200d", "\u3164"])
def test_a_name_that_cannot_be_seen_is_missing(name):
    with pytest.raises(InvalidChoice, match="name of the person is missing"):
        local(name)


@pytest.mark.parametrize(("name", "says"), [("A\ud83d", "half a character"), ("x" * 501, "at most 500")])
def test_a_name_that_cannot_be_kept_is_refused(name, says):
    with pytest.raises(InvalidChoice, match=says):
        local(name)


def test_what_is_sealed_is_canonical_and_holds_no_right():
    person = signed_in(name="Zoë", role=AppRole.OPERATOR, sees_rows=True)

    assert person.text == (
        '{"issuer":"https://id.bank.example","name":"Zoë","source":"oidc","subject":"u-1"}'
    )
    back = Person.of_text(person.text)
    assert (back.key, back.name, back.is_verified) == (person.key, "Zoë", True)
    assert (back.role, back.signs_as, back.sees_rows) == (AppRole.VIEWER, frozenset(), False)


@pytest.mark.parametrize("text", ["(erased)", "[]", "{}", json.dumps({"name": "Ada"})])
def test_a_person_that_was_never_sealed_here_cannot_be_read(text):
    with pytest.raises(LedgerBroken, match="cannot be read"):
        Person.of_text(text)


def test_a_person_of_an_unknown_source_cannot_be_read():
    with pytest.raises(LedgerBroken, match="cannot be read"):
        Person.of_text(local("Ada").text.replace("local-unverified", "verified"))


@pytest.mark.parametrize("has", AppRole)
@pytest.mark.parametrize("needs", AppRole)
def test_a_role_may_what_lesser_roles_may(has, needs):
    person = local("Ada", role=has)

    if has >= needs:
        require(person, needs, "Signing")
        return
    with pytest.raises(NotAllowed) as caught:
        require(person, needs, "Signing")
    assert caught.value.code == "not_allowed"
    assert caught.value.message == (
        f"Signing needs the role {needs.label}; you are signed in as {has.label}. Ask your operator."
    )


def test_rows_are_a_right_of_their_own():
    require_rows(local("Ada", sees_rows=True))
    with pytest.raises(NotAllowed, match="a right of its own"):
        require_rows(local("Ada", role=AppRole.OPERATOR))


def test_roles_to_sign_as():
    assert local("Ada", signs_as=None).may_sign_as("anything")
    assert not local("Ada").may_sign_as("risk owner")
    owner = local("Ada", signs_as=frozenset({"Risk owner"}))
    assert owner.may_sign_as(" risk  OWNER")
    assert not owner.may_sign_as("domain expert")


def test_a_typed_name_could_be_that_of_anybody_who_signed_in():
    verified = signed_in()

    assert local("ADA\u200b").could_be(verified)
    assert verified.could_be(local(" ada"))
    assert not local("Bo").could_be(verified)
    assert not verified.could_be(signed_in(subject="u-2"))
    assert verified.could_be(signed_in(name="Ada King"))
