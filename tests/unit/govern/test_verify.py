from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.govern.checkpoints import Checkpoint, sign
from rai_dash.govern.ledger import GENESIS, Head, Link, Record, next_record, record_hash
from rai_dash.govern.sealed import ERASURE_KIND, Sealed, seal
from rai_dash.govern.verify import Contents, verify, verify_contents


def kinds(records, head=None):
    return [(f.kind.value, f.seq) for f in verify(records, expected=[head] if head else [])]


def head_of(records):
    return Head(records[-1].seq, records[-1].hash)


def rehashed(record, **changes):
    changed = replace(record, **changes)
    told = {name: getattr(changed, name) for name in ("at_utc", "kind", "subject", "actor")}
    digest = record_hash(changed.body, seq=changed.seq, prev_hash=changed.prev_hash, **told)
    return replace(changed, hash=str(digest))


def entry(**changes):
    told = {"at_utc": "2026-11-25T09:30:00Z", "kind": "test", "subject": "s", "actor": "local"}
    given = {"seq": 1, "body": "{}", "prev_hash": GENESIS, "hash": "f" * 64}
    return Record(**{**told, **given, **changes})


def new(last):
    return next_record({"what": "forged"}, kind="test", subject="s", actor="local", last=last)


def renumbered(records):
    return [replace(r, seq=i) for i, r in enumerate(records, start=1)]


def test_an_intact_chain_has_no_findings(chain):
    records = chain(9)

    assert kinds(records) == []
    assert kinds(records, head_of(records)) == []
    assert kinds(records, head_of(records[:4])) == []
    assert kinds([]) == []


@pytest.mark.parametrize("i", [0, 3, 6])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", '{"what":"x"}'),
        ("prev_hash", "f" * 64),
        ("hash", "f" * 64),
        ("at_utc", "2026-11-25T09:30:59Z"),
        ("kind", "policy.revoke"),
        ("subject", "policy:other"),
        ("actor", "somebody else"),
        ("actor", None),
    ],
)
def test_an_edited_field_is_found_at_its_record(chain, i, field, value):
    records = chain(7)
    records[i] = replace(records[i], **{field: value})

    assert ("edit", i + 1) in kinds(records, head_of(chain(7)))
    assert len(kinds(records)) == 1


@pytest.mark.parametrize("i", [0, 3, 5])
def test_an_edit_with_a_new_hash_is_found_by_the_record_after_it(chain, i):
    records = chain(7)
    records[i] = rehashed(records[i], body='{"what":"x"}')

    assert kinds(records, head_of(chain(7))) == [("edit", i + 1)]


def test_an_edit_of_the_last_record_with_a_new_hash_is_found_by_the_head(chain):
    records = chain(7)
    records[6] = rehashed(records[6], body='{"what":"x"}')

    assert kinds(records) == []
    assert kinds(records, head_of(chain(7))) == [("edit", 7)]


def test_a_chain_that_was_written_anew_is_found_by_the_head(chain):
    forged = [new(None)]
    forged += [new(forged[-1])]

    assert kinds(forged, head_of(chain(2))) == [("edit", 2)]


@pytest.mark.parametrize("i", [0, 3, 5])
def test_a_deleted_record_is_found_by_its_number(chain, i):
    records = chain(7)
    del records[i]

    assert kinds(records) == [("deletion", i + 1)]
    assert kinds(renumbered(records)) == [("deletion", i + 1)]


def test_several_deleted_records_are_named_together(chain):
    records = chain(9)
    findings = verify(records[:2] + records[5:])

    assert [(f.kind.value, f.seq, f.message) for f in findings] == [
        ("deletion", 3, "Records 3 to 5 were removed.")
    ]


@pytest.mark.parametrize("i", [0, 3, 7])
@pytest.mark.parametrize("well_hashed", [True, False])
def test_an_inserted_record_is_found_where_it_stands(chain, i, well_hashed):
    records = chain(7)
    forged = entry(seq=i + 1, prev_hash=records[i - 1].hash if i else GENESIS)
    forged = rehashed(forged) if well_hashed else forged
    head = head_of(records)
    records = renumbered([*records[:i], forged, *records[i:]])

    found = kinds(records, head)

    if i == 7 and well_hashed:
        # A well-made next record is what an append is: only signatures could tell.
        assert found == []
    elif i == 7:
        assert found == [("edit", 8)]
    else:
        assert found == [("insertion", i + 1)]


def test_a_record_put_at_the_end_that_does_not_refer_to_the_one_before_is_an_insertion(chain):
    records = chain(4)
    forged = rehashed(entry(seq=5, prev_hash="f" * 64))

    assert kinds([*records, forged], head_of(records)) == [("insertion", 5)]


@pytest.mark.parametrize("seq", [0, -4])
def test_a_record_before_the_first_is_an_insertion(chain, seq):
    forged = rehashed(entry(seq=seq))

    assert kinds([forged, *chain(3)]) == [("insertion", seq)]


def test_a_copied_record_is_an_insertion(chain):
    records = chain(5)

    assert kinds([*records[:3], records[2], *records[3:]]) == [("insertion", 3)]


def test_a_number_far_away_is_found_without_counting_up_to_it(chain):
    records = chain(3)
    records[2] = rehashed(records[2], seq=2**62)

    assert ("deletion", 3) in kinds(records)


@pytest.mark.parametrize(("i", "j"), [(0, 1), (2, 3), (1, 5), (5, 6)])
def test_swapped_records_are_found_whichever_part_was_swapped(chain, i, j):
    rows = chain(7)
    rows[i], rows[j] = replace(rows[j], seq=i + 1), replace(rows[i], seq=j + 1)
    assert kinds(rows) == [("swap", i + 1), ("swap", j + 1)]

    order = chain(7)
    order[i], order[j] = order[j], order[i]
    assert kinds(order) == [("swap", i + 1), ("swap", j + 1)]

    bodies = chain(7)
    bodies[i], bodies[j] = (
        replace(bodies[i], body=bodies[j].body),
        replace(bodies[j], body=bodies[i].body),
    )
    assert kinds(bodies) == [("swap", i + 1)]

    said = chain(7)
    told = [
        {name: getattr(r, name) for name in ("body", "at_utc", "kind", "subject", "actor")}
        for r in (said[i], said[j])
    ]
    said[i], said[j] = replace(said[i], **told[1]), replace(said[j], **told[0])
    assert kinds(said) == [("swap", i + 1)]


@pytest.mark.parametrize("kept", [0, 1, 6])
def test_a_cut_tail_is_found_by_the_remembered_head_only(chain, kept):
    records = chain(7)

    assert kinds(records[:kept]) == []
    assert kinds(records[:kept], head_of(records)) == [("truncation", kept + 1)]


def test_several_manipulations_are_each_named(chain):
    records = chain(12)
    head = head_of(records)
    records[1] = replace(records[1], body="{}")
    records[8], records[9] = replace(records[9], seq=9), replace(records[8], seq=10)
    del records[11], records[4]

    found = set(kinds(records, head))

    assert found == {("edit", 2), ("deletion", 5), ("swap", 9), ("swap", 10), ("truncation", 12)}


def test_a_wrecked_ledger_is_told_record_by_record(chain):
    records = [replace(r, body="{}") for r in chain(300)]

    assert kinds(records) == [("edit", i) for i in range(1, 301)]


def test_of_several_heads_the_first_lost_one_names_the_place(chain):
    good, forged = chain(6), chain(3)
    for _ in range(3):
        forged.append(new(forged[-1]))

    findings = verify(forged, expected=[Head(r.seq, r.hash) for r in (good[5], good[2], good[4])])

    assert [(f.kind.value, f.seq) for f in findings] == [("edit", 5)]
    assert "some earlier record after record 3 on" in findings[0].message


def test_a_text_that_was_written_anew_with_the_same_values_is_not_canonical(chain):
    records = chain(4)
    records[1] = replace(records[1], body='{"what": "record 2"}')
    assert kinds(records) == [("canonical", 2)]

    records = chain(4)
    records[3] = rehashed(records[3], body='{"what": "record 4"}')
    assert ("canonical", 4) in kinds(records)


def test_a_record_of_the_first_version_after_a_later_one_is_a_finding(chain):
    records = chain(2)
    old = Record(seq=3, body="{}", prev_hash=records[1].hash, hash="")
    old = rehashed(old)

    assert old.is_intact
    assert kinds([*records, old]) == [("rule", 3)]
    first = rehashed(Record(seq=1, body="{}", prev_hash=GENESIS, hash=""))
    assert kinds([first, new(first)]) == []


def test_records_of_which_only_the_hashes_are_shown_keep_the_chain_checkable(chain):
    def hide(record):
        return Link(seq=record.seq, body="", prev_hash=record.prev_hash, hash=record.hash)

    records = [r if i in {2, 5} else hide(r) for i, r in enumerate(chain(7))]

    assert kinds(records, head_of(chain(7))) == []
    assert kinds([*records[:3], *records[4:]]) == [("deletion", 4)]
    assert ("edit", 3) in kinds([*records[:2], replace(records[2], actor="x"), *records[3:]])
    assert kinds([*records[:4], replace(records[4], hash="f" * 64), *records[5:]])
    assert kinds([*records[:4], replace(records[4], prev_hash="f" * 64), *records[5:]])


class Ledger:
    """A ledger in memory with sealed texts and checkpoints, made without the store."""

    def __init__(self, seed: int = 1) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32))
        self.records: list[Record] = []
        self.sealed: list[Sealed] = []
        self.checkpoints: list[Checkpoint] = []
        self.now = datetime(2026, 11, 28, 23, 59, 57, tzinfo=UTC)

    def seal(self, kind, text):
        self.sealed.append(seal(kind, text, salt=bytes([len(self.sealed)] * 16)))
        return self.sealed[-1].ref

    def add(self, body, *, actor="local", kind="policy.draft", checkpoint=False):
        last = self.records[-1] if self.records else None
        made = next_record(body, kind=kind, subject="policy:a", actor=actor, last=last, at=self.now)
        self.records.append(made)
        if checkpoint or last is None or last.at_utc[:10] != made.at_utc[:10]:
            self.checkpoints.append(sign(self.key, n=made.seq, head=made.hash, at_utc=made.at_utc))
        self.now += timedelta(seconds=1)
        return made

    def erase(self, ref):
        self.add({"refs": [ref], "reason": "gdpr-17"}, kind=ERASURE_KIND)
        gone = {"text": None, "salt": "", "erased_at": self.records[-1].at_utc}
        self.sealed = [replace(s, **gone) if s.ref == ref else s for s in self.sealed]

    def contents(self, **changes):
        given = {"records": self.records, "sealed": self.sealed, "checkpoints": self.checkpoints}
        return Contents(**{**given, **changes})

    def public_key(self):
        return self.key.public_key().public_bytes_raw().hex()


@pytest.fixture
def ledger():
    made = Ledger()
    zoe, max_ = made.seal("person", "Zoë"), made.seal("person", "Max")
    why, more = made.seal("text", "because"), made.seal("text", "and more")
    made.add({"n": 1}, actor=zoe)
    made.add({"why": {"sealed": why}}, actor=max_)
    made.add({"deep": [{"why": {"sealed": more}}]}, actor=zoe, checkpoint=True)
    made.add({"n": 4})
    made.erase(more)
    made.add({"n": 6}, checkpoint=True)
    return made


def told(findings):
    return [(f.kind.value, f.seq) for f in findings]


def test_an_intact_ledger_has_no_findings(ledger):
    assert [c.n for c in ledger.checkpoints] == [1, 3, 4, 6]
    assert told(verify_contents(ledger.contents())) == []
    assert told(verify_contents(ledger.contents(), keys=[ledger.public_key()])) == []
    assert (
        told(verify_contents(ledger.contents(), expected=ledger.checkpoints, kept=ledger.checkpoints)) == []
    )


def test_a_chain_that_was_computed_anew_is_found_by_the_old_checkpoint(ledger):
    forger = Ledger(seed=2)
    for record in ledger.records[:2]:
        forger.add({"n": record.seq}, actor="local")
    for _ in range(4):
        forger.add({"forged": True}, checkpoint=True)

    assert told(verify_contents(forger.contents())) == []
    assert told(verify_contents(forger.contents(), expected=ledger.checkpoints[:1])) == [("edit", 1)]
    assert told(verify_contents(forger.contents(), expected=[ledger.checkpoints[2]])) == [("edit", 4)]
    by_key = told(verify_contents(forger.contents(), keys=[ledger.public_key()]))
    assert [(kind, n) for kind, n in by_key if kind == "checkpoint"][:2] == [
        ("checkpoint", 1),
        ("checkpoint", 3),
    ]


def test_a_forged_checkpoint_is_named_and_does_not_count(ledger):
    forged = replace(ledger.checkpoints[1], head="ab" * 32)
    checkpoints = [ledger.checkpoints[0], forged, *ledger.checkpoints[2:]]

    assert told(verify_contents(ledger.contents(checkpoints=checkpoints))) == [("checkpoint", 3)]
    assert told(verify_contents(ledger.contents(), expected=[forged])) == [("checkpoint", 3)]


@pytest.mark.parametrize("n", [1, 4])
def test_a_day_without_its_checkpoint_is_named(ledger, n):
    fewer = [c for c in ledger.checkpoints if c.n != n]

    assert told(verify_contents(ledger.contents(checkpoints=fewer))) == [("checkpoint", n)]


def test_a_checkpoint_that_only_the_folder_still_has_is_named(ledger):
    fewer = [c for c in ledger.checkpoints if c.n != 6]

    assert told(verify_contents(ledger.contents(checkpoints=fewer))) == []
    assert told(verify_contents(ledger.contents(checkpoints=fewer), kept=ledger.checkpoints)) == [
        ("checkpoint", 6)
    ]


def test_a_tail_cut_behind_a_checkpoint_is_found_by_it(ledger):
    assert told(verify_contents(ledger.contents(records=ledger.records[:3])))[:1] == [("truncation", 4)]


def test_a_sealed_text_of_another_kind_or_person_is_named(ledger):
    zoe, max_, why, more = ledger.sealed
    swapped = [replace(zoe, text="Max", salt=max_.salt), max_, why, more]
    assert told(verify_contents(ledger.contents(sealed=swapped))) == [("sealed", 1)]

    assert told(verify_contents(ledger.contents(sealed=[zoe, max_, replace(why, text="x"), more]))) == [
        ("sealed", 2)
    ]
    assert told(verify_contents(ledger.contents(sealed=[zoe, max_, more]))) == [("sealed", 2)]
    assert told(verify_contents(ledger.contents(sealed=[zoe, why, more]))) == [("sealed", 2)]


def test_an_erasure_that_nobody_told_of_is_named(ledger):
    zoe, max_, why, more = ledger.sealed
    gone = replace(why, text=None, salt="", erased_at="2026-11-28T23:59:58Z")

    findings = verify_contents(ledger.contents(sealed=[zoe, max_, gone, more]))

    assert told(findings) == [("sealed", 2)]
    assert "no record tells that it was erased" in findings[0].message


def test_an_erased_text_that_is_back_or_of_another_time_is_named(ledger):
    zoe, max_, why, more = ledger.sealed
    back = seal("text", "and more", salt=bytes([3] * 16))
    assert back.ref == more.ref
    assert told(verify_contents(ledger.contents(sealed=[zoe, max_, why, back]))) == [("sealed", 3)]
    later = replace(more, erased_at="2026-11-30T00:00:00Z")
    assert told(verify_contents(ledger.contents(sealed=[zoe, max_, why, later]))) == [("sealed", 3)]


def test_a_text_that_is_there_twice_is_named(ledger):
    false = replace(ledger.sealed[2], text="because they paid")

    for sealed in ([false, *ledger.sealed], [*ledger.sealed, false]):
        assert ("sealed", 2) in told(verify_contents(ledger.contents(sealed=sealed)))


def test_a_person_that_is_kept_as_a_text_is_named():
    made = Ledger()
    made.add({}, actor=made.seal("text", "Zoë"))

    assert told(verify_contents(made.contents())) == [("sealed", 1)]


ROWS = st.integers(0, 5)
HOSTILE = st.sampled_from(
    ["", "x", "0" * 64, "f" * 64, "{}", "null", "2026-11-28T23:59:57Z", "local", "policy.draft", "policy:a"]
) | st.text(max_size=8)


def made_ledger():
    made = Ledger()
    zoe, why = made.seal("person", "Zoë"), made.seal("text", "because")
    for i in range(6):
        made.add({"i": i, "why": {"sealed": why}} if i % 2 else {"i": i}, actor=zoe, checkpoint=i == 5)
    return made


@settings(max_examples=300, deadline=None)
@given(
    ROWS,
    st.sampled_from(["body", "prev_hash", "hash", "at_utc", "kind", "subject", "actor"]),
    st.none() | HOSTILE,
)
def test_any_change_of_any_column_of_any_record_is_found(i, column, value):
    made = made_ledger()
    if column in {"body", "prev_hash", "hash"}:
        value = str(value)
    if getattr(made.records[i], column) == value:
        return
    records = list(made.records)
    records[i] = replace(records[i], **{column: value})

    assert verify_contents(made.contents(records=records))


@settings(max_examples=200, deadline=None)
@given(st.permutations(range(6)))
def test_any_other_order_is_found(order):
    made = made_ledger()
    records = [made.records[i] for i in order]

    assert bool(verify_contents(made.contents(records=records))) == (order != sorted(order))
    renumbered_ = [replace(r, seq=i) for i, r in enumerate(records, start=1)]
    assert bool(verify_contents(made.contents(records=renumbered_))) == (order != sorted(order))


@given(st.sets(ROWS, min_size=1), st.booleans())
def test_any_deletion_is_found(gone, renumber):
    made = made_ledger()
    records = [r for i, r in enumerate(made.records) if i not in gone]

    # The checkpoint at the last record remembers the end.
    assert verify_contents(made.contents(records=renumbered(records) if renumber else records))


@given(st.integers(0, 5), st.booleans())
def test_any_insertion_is_found(i, well_hashed):
    made = made_ledger()
    forged = entry(seq=i + 1, prev_hash=made.records[i].prev_hash)
    forged = rehashed(forged) if well_hashed else forged
    records = [*made.records[:i], forged, *made.records[i:]]

    assert verify_contents(made.contents(records=records))
    assert verify_contents(made.contents(records=renumbered(records)))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 1), st.sampled_from(["ref", "kind", "salt", "text", "erased_at"]), st.none() | HOSTILE)
def test_any_change_of_any_column_of_a_sealed_text_is_found(i, column, value):
    made = made_ledger()
    if column in {"ref", "kind", "salt"}:
        value = str(value)
    if getattr(made.sealed[i], column) == value:
        return
    sealed = list(made.sealed)
    sealed[i] = replace(sealed[i], **{column: value})

    assert verify_contents(made.contents(sealed=sealed))


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 2),
    st.sampled_from(["n", "head", "key_id", "public_key", "signature"]),
    HOSTILE,
    st.integers(0, 9),
)
def test_any_change_of_what_a_checkpoint_signs_is_found(i, column, text, number):
    made = made_ledger()
    value = number if column == "n" else text
    checkpoints = list(made.checkpoints)
    if getattr(checkpoints[i], column) == value:
        return
    checkpoints[i] = replace(checkpoints[i], **{column: value})

    assert verify_contents(made.contents(checkpoints=checkpoints))
