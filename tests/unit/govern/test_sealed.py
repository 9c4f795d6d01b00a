from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rai_dash.core.errors import InvalidRecord
from rai_dash.govern.sealed import Sealed, is_sealed_ref, refs_in, seal, unseal

SALT = bytes(range(16))
A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def test_the_reference_is_the_hash_of_salt_kind_and_text():
    sealed = seal("person", "Zoë 日本", salt=SALT)

    by_hand = hashlib.sha256(SALT + b"person" + b"\x00" + "Zoë 日本".encode()).hexdigest()
    assert sealed == Sealed(by_hand, "person", "000102030405060708090a0b0c0d0e0f", "Zoë 日本", None)
    assert sealed.is_intact


def test_the_same_text_gets_another_reference_each_time():
    assert len({seal("text", "yes").ref for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "changes",
    [
        {"ref": A},
        {"ref": "x"},
        {"kind": "person"},
        {"kind": "other"},
        {"salt": "ff" * 16},
        {"salt": ""},
        {"salt": "zz" * 16},
        {"salt": "000102030405060708090A0B0C0D0E0F"},
        {"text": "no"},
        {"text": None},
        {"text": None, "salt": ""},
        {"text": None, "erased_at": "2026-01-01T00:00:00Z"},
        {"erased_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_whatever_is_changed_in_a_sealed_text_shows(changes):
    sealed = seal("text", "yes", salt=SALT)

    assert sealed.is_intact
    assert not replace(sealed, **changes).is_intact


def test_an_erased_text_holds_nothing_and_is_intact():
    assert replace(seal("text", "yes"), text=None, salt="", erased_at="2026-01-01T00:00:00Z").is_intact


@pytest.mark.parametrize("text", ["a\0b", "half \ud800"])
def test_a_text_that_cannot_be_kept_is_refused(text):
    with pytest.raises(InvalidRecord, match="cannot be written down"):
        seal("text", text)


def test_another_kind_and_a_short_salt_are_refused():
    with pytest.raises(InvalidRecord, match="person or text"):
        seal("name", "x")
    with pytest.raises(InvalidRecord, match="16 bytes"):
        seal("text", "x", salt=b"short")


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ({"sealed": A}, True),
        ({"sealed": A.upper()}, False),
        ({"sealed": A[:-1]}, False),
        ({"sealed": A + "\n"}, False),
        ({"sealed": A, "more": 1}, False),
        ({"sealed": 1}, False),
        ({}, False),
        (A, False),
        (None, False),
    ],
)
def test_what_a_reference_is(value, is_one):
    assert is_sealed_ref(value) is is_one


def test_references_are_found_and_replaced_at_any_depth():
    content = {"a": {"sealed": A}, "b": [1, {"c": [{"sealed": B}, None]}], "d": ({"sealed": C},), "e": A}

    assert refs_in(content) == {A, B, C}
    assert unseal(content, {A: "first", B: None}) == {
        "a": "first",
        "b": [1, {"c": ["(erased)", None]}],
        "d": ["(erased)"],
        "e": A,
    }
    assert content["a"] == {"sealed": A}


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    )
)
def test_content_without_references_stays_as_it_is(content):
    assert unseal(content, {}) == content
    assert refs_in(content) == set()
