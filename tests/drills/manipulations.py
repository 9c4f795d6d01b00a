# ruff: noqa: S608 - these are the statements of the attacker
"""What somebody with full rights does to a signed store.

Each returns the names under which it may be reported, and the record that the report has to name.
"""

from __future__ import annotations

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rai_dash.govern.people import AppRole
from tests.drills.places import entry_hash, rechained
from tests.unit.govern.desk_story import person

COLUMNS = ("seq", "body", "prev_hash", "hash", "at_utc", "kind", "subject", "actor")
VALUES = ", ".join(f":{name}" for name in COLUMNS)
NAMES = ", ".join(COLUMNS)
INSERT = f"INSERT INTO ledger ({NAMES}) VALUES ({VALUES})"
#: What somebody who does not compute hashes would write, but for its number.
FORGED = "'{}', 'x', 'y', '2026-11-29T00:00:00Z', 'policy.revoke', 'policy:x', 'z'"
WORD = '"decision":"approve"', '"decision":"abstain"'


def signatures(place):
    """Numbers of the signatures, the first one first."""
    return [row["seq"] for row in place.rows() if row["kind"] == "policy.signature"]


def row_of(place, seq):
    return next(row for row in place.rows() if row["seq"] == seq)


def replace_ledger(place, rows):
    """Put other rows in the place of all."""
    place.attack("DELETE FROM ledger")
    for row in rows:
        place.attempt(INSERT, **{name: row[name] for name in COLUMNS})


def renumber_from(seq):
    """Make room for one more row."""
    return f"UPDATE ledger SET seq = -seq WHERE seq >= {seq}", "UPDATE ledger SET seq = 1 - seq WHERE seq < 0"


def edit_a_body(place):
    seq = signatures(place)[1]
    body = row_of(place, seq)["body"]
    assert WORD[0] in body
    place.attack("UPDATE ledger SET body = :body WHERE seq = :seq", body=body.replace(*WORD), seq=seq)
    return {"edit"}, seq


def edit_a_body_and_its_hash(place):
    seq = signatures(place)[1]
    row = row_of(place, seq)
    row["body"] = row["body"].replace(*WORD)
    place.attack(
        "UPDATE ledger SET body = :body, hash = :hash WHERE seq = :seq",
        body=row["body"],
        seq=seq,
        hash=entry_hash(row),
    )
    return {"edit"}, seq


def write_a_body_in_another_form(place):
    """The same JSON value with a blank in it, and a hash over the text as it stands."""
    seq = signatures(place)[1]
    body = row_of(place, seq)["body"].replace(",", ", ", 1)
    place.attack("UPDATE ledger SET body = :body WHERE seq = :seq", body=body, seq=seq)
    return {"canonical", "edit"}, seq


def edit_the_time(place):
    seq = signatures(place)[2]
    place.attack("UPDATE ledger SET at_utc = '2020-01-01T00:00:00Z' WHERE seq = :seq", seq=seq)
    return {"edit"}, seq


def edit_the_subject(place):
    seq = signatures(place)[2]
    place.attack("UPDATE ledger SET subject = 'policy:another' WHERE seq = :seq", seq=seq)
    return {"edit"}, seq


def edit_the_kind(place):
    seq = signatures(place)[2]
    place.attack("UPDATE ledger SET kind = 'policy.revoke' WHERE seq = :seq", seq=seq)
    return {"edit"}, seq


def blank_the_new_columns(place):
    """Make a row look as if it were from before there were such columns."""
    seq = signatures(place)[2]
    place.attack(
        "UPDATE ledger SET kind = NULL, subject = NULL, actor = NULL, at_utc = NULL WHERE seq = :seq", seq=seq
    )
    return {"edit"}, seq


def delete_a_row(place):
    seq = signatures(place)[1]
    place.attack("DELETE FROM ledger WHERE seq = :seq", seq=seq)
    return {"deletion"}, seq


def delete_a_row_and_close_the_gap(place):
    seq = signatures(place)[1]
    place.attack(
        f"DELETE FROM ledger WHERE seq = {seq}",
        f"UPDATE ledger SET seq = -seq WHERE seq > {seq}",
        "UPDATE ledger SET seq = -seq - 1 WHERE seq < 0",
    )
    return {"deletion"}, seq


def insert_a_row(place):
    seq = signatures(place)[1]
    row = row_of(place, seq)
    row["body"] = row["body"].replace(*WORD)
    row["hash"] = entry_hash(row)
    place.attack(*renumber_from(seq))
    place.attempt(INSERT, **{name: row[name] for name in COLUMNS})
    return {"insertion"}, seq


def swap_two_rows(place):
    one, other = signatures(place)[1], signatures(place)[4]
    place.attack(
        f"UPDATE ledger SET seq = -1 WHERE seq = {one}",
        f"UPDATE ledger SET seq = {one} WHERE seq = {other}",
        f"UPDATE ledger SET seq = {other} WHERE seq = -1",
    )
    return {"swap"}, one


def swap_the_contents_of_two_rows(place):
    one, other = signatures(place)[1], signatures(place)[4]
    bodies = row_of(place, one)["body"], row_of(place, other)["body"]
    assert bodies[0] != bodies[1]
    place.attack(
        f"UPDATE ledger SET body = CASE seq WHEN {one} THEN :other ELSE :one END WHERE seq IN ({one}, {other})",
        one=bodies[0],
        other=bodies[1],
    )
    return {"swap", "edit"}, one


def swap_the_signer(place):
    seq, other = signatures(place)[1:3]
    actor = row_of(place, other)["actor"]
    place.attack("UPDATE ledger SET actor = :actor WHERE seq = :seq", actor=actor, seq=seq)
    return {"edit"}, seq


def swap_the_signer_and_the_hash(place):
    seq, other = signatures(place)[1:3]
    row = {**row_of(place, seq), "actor": row_of(place, other)["actor"]}
    place.attack(
        "UPDATE ledger SET actor = :actor, hash = :hash WHERE seq = :seq",
        actor=row["actor"],
        seq=seq,
        hash=entry_hash(row),
    )
    return {"edit"}, seq


def swap_the_name_of_the_signer(place):
    seq = signatures(place)[1]
    place.attack(
        "UPDATE sealed SET text = :text WHERE ref = :ref",
        text=person("Mallory", AppRole.EXPERT).text,
        ref=row_of(place, seq)["actor"],
    )
    return {"sealed"}, seq


def swap_the_reason(place):
    seq = signatures(place)[1]
    ref = json.loads(row_of(place, seq)["body"])["rationale"]["sealed"]
    place.attack("UPDATE sealed SET text = 'I was against it.' WHERE ref = :ref", ref=ref)
    return {"sealed"}, seq


def delete_a_sealed_text(place):
    seq = signatures(place)[1]
    place.attack("DELETE FROM sealed WHERE ref = :ref", ref=row_of(place, seq)["actor"])
    return {"sealed"}, seq


def erase_a_text_without_an_entry(place):
    """The triggers let an erasure through: the law asks for it. The entry is what is missing."""
    seq = signatures(place)[1]
    ref = json.loads(row_of(place, seq)["body"])["rationale"]["sealed"]
    place.attempt(
        "UPDATE sealed SET text = NULL, salt = '', erased_at = '2026-11-29T00:00:00Z' WHERE ref = :ref",
        ref=ref,
    )
    return {"sealed"}, seq


def recompute_the_chain(place):
    """From a signature on; the first checkpoint behind it no longer fits."""
    seq = signatures(place)[1]
    rows = place.rows()
    rows[seq - 1]["body"] = rows[seq - 1]["body"].replace(*WORD)
    replace_ledger(place, rechained(rows))
    return {"checkpoint", "edit"}, seq


def recompute_the_chain_and_the_checkpoints(place):
    seq = recompute_the_chain(place)[1]
    heads = {row["seq"]: row["hash"] for row in place.rows()}
    for kept in place.rows("checkpoint", "n"):
        place.attempt("UPDATE checkpoint SET head = :head WHERE n = :n", head=heads[kept["n"]], n=kept["n"])
    return {"checkpoint"}, seq


def forge_the_signature_of_a_checkpoint(place):
    kept = place.rows("checkpoint", "n")[-1]
    forged = Ed25519PrivateKey.generate().sign(b"anything").hex()
    place.attack("UPDATE checkpoint SET signature = :forged WHERE n = :n", forged=forged, n=kept["n"])
    return {"checkpoint"}, kept["n"]


MANIPULATIONS = [
    edit_a_body,
    edit_a_body_and_its_hash,
    write_a_body_in_another_form,
    edit_the_time,
    edit_the_subject,
    edit_the_kind,
    blank_the_new_columns,
    delete_a_row,
    delete_a_row_and_close_the_gap,
    insert_a_row,
    swap_two_rows,
    swap_the_contents_of_two_rows,
    swap_the_signer,
    swap_the_signer_and_the_hash,
    swap_the_name_of_the_signer,
    swap_the_reason,
    delete_a_sealed_text,
    erase_a_text_without_an_entry,
    recompute_the_chain,
    recompute_the_chain_and_the_checkpoints,
    forge_the_signature_of_a_checkpoint,
]
