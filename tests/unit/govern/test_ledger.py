from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from rai_dash.core.errors import InvalidRecord, LedgerBroken
from rai_dash.govern.ledger import (
    GENESIS,
    Link,
    Record,
    canonical,
    canonical_form,
    next_record,
    parse,
    record_hash,
    utc_seconds,
)

AT = datetime(2026, 11, 29, 14, 5, 6, 999_999, tzinfo=UTC)


def make(body: dict[str, object], last: Record | None = None, **changes: str) -> Record:
    told = {"kind": "policy.signature", "subject": "policy:cards", "actor": 'Zoë "Z" \\ 日本 \x1f'} | changes
    return next_record(body, last=last, at=AT, **told)


@pytest.mark.parametrize(
    ("bits", "text"),
    # Appendix B of RFC 8785: the double with these bits is written like this.
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555555", "333333333.3333333"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
    ],
)
def test_numbers_are_written_as_the_standard_says(bits, text):
    number = struct.unpack(">d", bytes.fromhex(bits))[0]

    assert canonical([number]) == f"[{text}]"


def test_keys_are_sorted_by_utf_16_and_blanks_are_left_out():
    # Section 3.2.3 of RFC 8785: the emoji (a surrogate pair) comes before U+FB33.
    value = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7}

    assert list(json.loads(canonical(value))) == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]
    assert " " not in canonical({"a": [1, 2], "b": {}})


def test_text_is_escaped_only_where_it_must_be():
    assert canonical('€$\x0f\nA\'B"\\\\"/') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e16, 1e21, 5e-324, 0.35, -0.0, 2**53 - 1, True, None, "日本"])
def test_values_have_the_same_canonical_form_after_a_round_trip(value):
    body = canonical({"x": value})

    assert canonical(parse(body)) == body
    assert parse(body) == {"x": value}


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, "\ud800", {1: "a"}, {"\udfff": 1}, object()]
)
def test_a_value_without_an_exact_form_is_refused(value):
    with pytest.raises(InvalidRecord, match="no exact form in JSON"):
        canonical({"x": value})


def test_the_hash_covers_the_link_and_everything_that_is_said():
    first = make({"b": 1, "a": "ü"})
    second = make({"x": None}, last=first)

    for record, prev_hash, body in ((first, "0" * 64, {"a": "ü", "b": 1}), (second, first.hash, {"x": None})):
        whole = {
            "actor": 'Zoë "Z" \\ 日本 \x1f',
            "at_utc": "2026-11-29T14:05:06Z",
            "body": body,
            "kind": "policy.signature",
            "seq": record.seq,
            "subject": "policy:cards",
        }
        text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert record.hash == hashlib.sha256(bytes.fromhex(prev_hash) + text.encode()).hexdigest()
        assert record.hash == hashlib.sha256(bytes.fromhex(prev_hash) + rfc8785.dumps(whole)).hexdigest()
        assert record.is_intact
    assert (first.seq, first.prev_hash, second.seq, second.prev_hash) == (1, GENESIS, 2, first.hash)


def test_a_hash_worked_out_by_hand_is_kept():
    # printf '%064d{"actor":"a","at_utc":"2026-01-01T00:00:00Z","body":{},"kind":"k","seq":1,"subject":"s"}'
    # with the zeros as bytes, through sha256sum.
    whole = b'{"actor":"a","at_utc":"2026-01-01T00:00:00Z","body":{},"kind":"k","seq":1,"subject":"s"}'
    record = next_record({}, kind="k", subject="s", actor="a", last=None, at=datetime(2026, 1, 1, tzinfo=UTC))

    assert record.hash == hashlib.sha256(bytes(32) + whole).hexdigest()


def test_a_record_of_the_first_version_keeps_its_own_rule():
    body = '{"a":"ü","b":1}'
    text = json.dumps(
        {"content": {"a": "ü", "b": 1}, "prev_hash": "0" * 64, "seq": 1},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    record = Record(seq=1, body=body, prev_hash=GENESIS, hash=hashlib.sha256(text.encode()).hexdigest())

    assert record.is_intact
    assert record.is_of_first_version
    assert not make({}).is_of_first_version


@pytest.mark.parametrize("field", ["at_utc", "kind", "subject", "actor"])
def test_half_of_an_entry_is_never_intact(field):
    old = Record(seq=1, body="{}", prev_hash=GENESIS, hash=record_hash("{}", seq=1, prev_hash=GENESIS))

    assert old.is_intact
    assert not replace(old, **{field: "x"}).is_intact
    assert not replace(make({}), **{field: None}).is_intact
    assert not replace(make({}), hash="", **{field: None}).is_intact


@pytest.mark.parametrize("prev_hash", ["", "0" * 63, "0" * 62 + "0 ", "g" * 64, "AB" * 32])
def test_a_link_that_is_no_hash_fits_nothing(prev_hash):
    record = make({})

    assert not replace(record, prev_hash=prev_hash).is_intact


def test_a_link_only_vouches_for_its_number():
    link = Link(seq=3, body="", prev_hash=GENESIS, hash="f" * 64)

    assert link.is_intact
    assert not link.fits(4)


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (datetime(2026, 11, 29, 14, 5, 6, 999_999, tzinfo=UTC), "2026-11-29T14:05:06Z"),
        (datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))), "2025-12-31T22:30:00Z"),
    ],
)
def test_times_are_whole_seconds_in_utc(when, text):
    assert utc_seconds(when) == text


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(InvalidRecord, match="does not say its time zone"):
        utc_seconds(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the mistake


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", ""),
        ("kind", "Policy Signature"),
        ("kind", "a\n"),
        ("subject", " "),
        ("subject", "a\0b"),
        ("actor", ""),
        ("actor", "\ud800"),
    ],
)
def test_an_entry_that_does_not_say_what_or_who_is_refused(field, value):
    with pytest.raises(InvalidRecord):
        make({}, **{field: value})


@pytest.mark.parametrize("body", ["", "{", "[1]", "1" * 5000])
def test_content_that_is_no_object_is_named_as_changed(body):
    record = Record(seq=3, body=body, prev_hash=GENESIS, hash=record_hash(body, seq=3, prev_hash=GENESIS))

    with pytest.raises(LedgerBroken, match="Record 3 is not readable"):
        _ = record.content


NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES)
def test_a_canonical_text_is_its_own_canonical_form(value):
    body = rfc8785.dumps({"x": value}).decode()

    assert canonical_form(body) == body


@given(VALUES)
def test_the_form_of_pythons_writer_is_brought_to_the_canonical_one(value):
    for text in (
        json.dumps({"x": value}, ensure_ascii=False, separators=(",", ":")),
        json.dumps({"x": value}),
        json.dumps({"x": value}, indent=1, sort_keys=True),
    ):
        assert canonical_form(text) == rfc8785.dumps({"x": value}).decode()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('{"x":1.0}', '{"x":1}'),
        ('{"x":-0}', '{"x":0}'),
        ('{"x":[1e3]}', '{"x":[1000]}'),
        ('{"x":1e+16}', '{"x":10000000000000000}'),
        ('{"x":1e-05}', '{"x":0.00001}'),
        ('{"x":9007199254740993}', '{"x":9007199254740992}'),
        ('{"a":1,"a":2}', '{"a":2}'),
        ('{"\ufb33":1,"\U0001f600":2}', '{"\U0001f600":2,"\ufb33":1}'),
        ('{"x":"\\u00fc"}', '{"x":"ü"}'),
        ("1.0", "1"),
        ('{"x":NaN}', None),
        ('{"x":"\\ud800"}', None),
        ("{", None),
        ("[" * 100_000, None),
    ],
)
def test_what_python_would_write_otherwise_is_found(text, form):
    assert canonical_form(text) == form
