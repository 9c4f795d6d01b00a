from __future__ import annotations

from dataclasses import replace

import pytest

from rai_dash.govern.ledger import GENESIS, Head, Record, next_record, record_hash
from rai_dash.govern.verify import verify


def kinds(records, head=None):
    return [(f.kind.value, f.seq) for f in verify(records, expected_head=head)]


def head_of(records):
    return Head(records[-1].seq, records[-1].hash)


def rehashed(record, **changes):
    changed = replace(record, **changes)
    return replace(changed, hash=record_hash(changed.body, seq=changed.seq, prev_hash=changed.prev_hash))


def renumbered(records):
    return [replace(r, seq=i) for i, r in enumerate(records, start=1)]


def test_an_intact_chain_has_no_findings(chain):
    records = chain(9)

    assert kinds(records) == []
    assert kinds(records, head_of(records)) == []
    assert kinds(records, head_of(records[:4])) == []
    assert kinds([]) == []


@pytest.mark.parametrize("i", [0, 3, 6])
@pytest.mark.parametrize("field", ["body", "prev_hash", "hash"])
def test_an_edited_field_is_found_at_its_record(chain, i, field):
    records = chain(7)
    changed = {"body": '{"what":"x"}', "prev_hash": "f" * 64, "hash": "f" * 64}
    records[i] = replace(records[i], **{field: changed[field]})

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
    forged = [next_record({"what": "forged"}, last=None)]
    forged += [next_record({"what": "forged"}, last=forged[-1])]

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
    forged = Record(
        seq=i + 1, body='{"what":"x"}', prev_hash=records[i - 1].hash if i else GENESIS, hash="f" * 64
    )
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
    forged = rehashed(Record(seq=5, body="{}", prev_hash="f" * 64, hash=""))

    assert kinds([*records, forged], head_of(records)) == [("insertion", 5)]


@pytest.mark.parametrize("seq", [0, -4])
def test_a_record_before_the_first_is_an_insertion(chain, seq):
    forged = rehashed(Record(seq=seq, body="{}", prev_hash=GENESIS, hash=""))

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
