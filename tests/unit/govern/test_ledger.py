from __future__ import annotations

import hashlib
import json
import struct

import pytest

from rai_dash.core.errors import InvalidRecord, LedgerBroken
from rai_dash.govern.ledger import GENESIS, Record, canonical, next_record, parse, record_hash


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


def test_the_hash_is_that_of_the_canonical_whole():
    record = next_record({"b": 1, "a": "ü"}, last=None)

    whole = {"content": {"a": "ü", "b": 1}, "prev_hash": "0" * 64, "seq": 1}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert record.hash == hashlib.sha256(text.encode()).hexdigest()
    assert (record.seq, record.prev_hash, record.is_intact) == (1, GENESIS, True)


def test_a_record_carries_the_hash_of_the_one_before_it():
    first = next_record({"a": 1}, last=None)
    second = next_record({"a": 1}, last=first)

    assert (second.seq, second.prev_hash) == (2, first.hash)
    assert second.hash != first.hash


@pytest.mark.parametrize("body", ["", "{", "[1]", "1" * 5000])
def test_content_that_is_no_object_is_named_as_changed(body):
    record = Record(seq=3, body=body, prev_hash=GENESIS, hash=record_hash(body, seq=3, prev_hash=GENESIS))

    with pytest.raises(LedgerBroken, match="Record 3 is not readable"):
        _ = record.content
