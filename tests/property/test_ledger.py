from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rai_dash.govern.ledger import Head, Record, canonical, next_record, parse, record_hash
from rai_dash.govern.verify import verify

plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def chain(n: int) -> list[Record]:
    records: list[Record] = []
    for i in range(n):
        last = records[-1] if records else None
        records.append(next_record({"i": i}, kind="test", subject="s", actor="local", last=last))
    return records


def rehash(record: Record) -> Record:
    told = {name: getattr(record, name) for name in ("at_utc", "kind", "subject", "actor")}
    return replace(
        record, hash=str(record_hash(record.body, seq=record.seq, prev_hash=record.prev_hash, **told))
    )


def renumber(records: list[Record]) -> list[Record]:
    return [replace(r, seq=i) for i, r in enumerate(records, start=1)]


@st.composite
def tampered(draw: st.DrawFn) -> tuple[list[Record], list[Record]]:
    """An intact chain, and the same after up to four manipulations."""
    original = chain(draw(st.integers(1, 8)))
    records = list(original)
    for _ in range(draw(st.integers(1, 4))):
        i, j = draw(st.integers(0, 7)), draw(st.integers(0, 7))
        kind = draw(st.sampled_from(["edit", "delete", "swap", "insert", "cut", "renumber", "rehash"]))
        if kind == "insert":
            records.insert(i, Record(seq=i + 1, body="{}", prev_hash="0" * 64, hash="f" * 64))
        elif kind == "cut":
            del records[i:]
        elif kind == "renumber":
            records = renumber(records)
        elif max(i, j) < len(records):
            if kind == "edit":
                field = draw(st.sampled_from(["body", "prev_hash", "hash", "actor"]))
                records[i] = replace(records[i], **{field: "{}"})
            elif kind == "delete":
                del records[i]
            elif kind == "swap":
                records[i], records[j] = records[j], records[i]
            else:
                records[i] = rehash(records[i])
    return original, records


@given(tampered())
def test_whatever_was_done_to_a_ledger_is_found_with_its_remembered_head(pair):
    original, records = pair
    head = Head(original[-1].seq, original[-1].hash)

    findings = verify(records, expected=[head])

    assert bool(findings) == (records != original)
    assert all(f.message for f in findings)


@given(plain_values)
def test_canonical_json_is_a_fixed_point(value):
    body = canonical(value)

    assert canonical(parse(body)) == body
    assert parse(body) == value
