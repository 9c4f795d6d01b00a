# ruff: noqa: S608 - the tests build the statements of the attacker
from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import astuple, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rai_dash.core.errors import InvalidChoice, InvalidRecord, LedgerBroken, StoreUnavailable
from rai_dash.govern import database
from rai_dash.govern.checkpoints import read_checkpoint
from rai_dash.govern.examining import examine_store
from rai_dash.govern.head import head_path, read_head, write_head
from rai_dash.govern.ledger import Head, Record, canonical
from rai_dash.govern.signoff import read_sign_off, sign_off
from rai_dash.govern.store import Store, verify_store

N = 6
AT = datetime(2026, 11, 25, 9, 30, 15, tzinfo=UTC)


@pytest.fixture
def filled(store: Store) -> Store:
    """Hold six records."""
    with store.writing() as job:
        for i in range(N):
            job.append("test", f"s:{i % 2}", "local", {"what": f"record {i + 1}"}, at=AT)
    return store


def put(store: Store, **body: object):
    """Append something small."""
    return store.append("test", "subject", "local", body)


def rehashed(record: Record) -> Record:
    """Compute the hash anew, by hand."""
    whole = {name: getattr(record, name) for name in ("seq", "at_utc", "kind", "subject", "actor")}
    text = rfc8785.dumps({**whole, "body": json.loads(record.body)})
    return replace(record, hash=hashlib.sha256(bytes.fromhex(record.prev_hash) + text).hexdigest())


def kinds(findings):
    return [(f.kind.value, f.seq) for f in findings]


def test_a_sign_off_is_stored_and_read_back(store, content):
    signed = sign_off(content())

    record = store.append("sign_off", "sign-off", "local", signed.content())

    assert store.records() == [record]
    assert store.get(1) == record
    assert read_sign_off(store.get(1)) == signed
    assert record.body == canonical(signed.content())


def test_records_survive_closing_and_opening_again(path, content):
    with Store(path) as first:
        record = first.append("sign_off", "sign-off", "local", sign_off(content()).content())

    with Store(path) as second:
        assert second.records() == [record]
        assert put(second, x=1).prev_hash == record.hash
        assert second.verify() == []


def test_an_intact_store_has_no_findings(filled, path):
    assert filled.verify() == []
    assert verify_store(path) == []
    assert verify_store(str(path)) == []
    assert verify_store(f"sqlite:///{path}") == []


def test_a_record_that_is_not_there_is_named(filled):
    with pytest.raises(InvalidChoice, match="no record 99"):
        filled.get(99)


@pytest.mark.parametrize("seq", [1, 4, N])
@pytest.mark.parametrize(
    "change",
    [
        'body = \'{"what":"x"}\'',
        "prev_hash = 'x'",
        "hash = 'x'",
        "body = x'00ff'",
        "body = ''",
        "body = cast(body AS BLOB)",
        "body = cast(x'ff' AS TEXT)",
        "at_utc = '2026-11-25T09:30:16Z'",
        "kind = 'policy.revoke'",
        "subject = 's:2'",
        "actor = 'somebody else'",
        "actor = NULL",
        "kind = NULL, at_utc = NULL, subject = NULL, actor = NULL",
    ],
)
def test_every_edit_of_the_file_is_found(filled, raw, path, seq, change):
    raw(f"UPDATE ledger SET {change} WHERE seq = {seq}")

    assert ("edit", seq) in kinds(filled.verify())
    assert ("edit", seq) in kinds(verify_store(path))


@pytest.mark.parametrize("seq", range(1, N + 1))
def test_every_edit_with_a_new_hash_is_found(filled, raw, path, seq):
    changed = rehashed(replace(filled.get(seq), body='{"what":"x"}'))

    raw(f"UPDATE ledger SET body = ?, hash = ? WHERE seq = {seq}", values=(changed.body, changed.hash))

    assert kinds(filled.verify()) == [("edit", seq)]


@pytest.mark.parametrize("seq", range(1, N))
@pytest.mark.parametrize("renumber", [True, False])
def test_every_deletion_is_found(filled, raw, seq, renumber):
    raw(f"DELETE FROM ledger WHERE seq = {seq}")
    if renumber:
        raw(f"UPDATE ledger SET seq = seq - 1 WHERE seq > {seq}")

    assert kinds(filled.verify()) == [("deletion", seq)]


@pytest.mark.parametrize("seq", range(1, N + 1))
@pytest.mark.parametrize("well_hashed", [True, False])
def test_every_insertion_is_found(filled, raw, seq, well_hashed):
    forged = replace(filled.get(seq), body="{}", hash="f" * 64)
    forged = rehashed(forged) if well_hashed else forged
    raw(
        f"UPDATE ledger SET seq = -seq WHERE seq >= {seq}",
        "UPDATE ledger SET seq = 1 - seq WHERE seq < 0",
    )

    names = [f.name for f in fields(Record)]
    raw(
        f"INSERT INTO ledger ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})",
        values=tuple(getattr(forged, name) for name in names),
    )

    assert kinds(filled.verify()) == [("insertion", seq)]


@pytest.mark.parametrize(("a", "b"), [(1, 2), (2, 5), (5, 6)])
def test_every_swap_is_found(filled, raw, a, b):
    raw(
        f"UPDATE ledger SET seq = -1 WHERE seq = {a}",
        f"UPDATE ledger SET seq = {a} WHERE seq = {b}",
        f"UPDATE ledger SET seq = {b} WHERE seq = -1",
    )

    assert kinds(filled.verify()) == [("swap", a), ("swap", b)]


def test_swapped_contents_are_found(filled, raw):
    two, five = filled.get(2).body, filled.get(5).body
    raw("UPDATE ledger SET body = CASE seq WHEN 2 THEN ? ELSE ? END WHERE seq IN (2, 5)", values=(five, two))

    assert kinds(filled.verify()) == [("swap", 2)]


@pytest.mark.parametrize("kept", range(N))
def test_every_cut_tail_is_found(filled, raw, path, kept):
    raw(f"DELETE FROM ledger WHERE seq > {kept}")

    assert kinds(filled.verify()) == [("truncation", kept + 1)]
    assert kinds(verify_store(path)) == [("truncation", kept + 1)]


def test_a_cut_tail_without_its_head_file_is_found_by_a_head_kept_elsewhere(filled, raw, path):
    last = filled.get(N)
    raw("DELETE FROM ledger WHERE seq > 2")
    head_path(path).unlink()

    assert verify_store(path) == []
    assert kinds(verify_store(path, expected=[Head(last.seq, last.hash)])) == [("truncation", 3)]
    assert kinds(filled.verify(expected=[Head(last.seq, last.hash)])) == [("truncation", 3)]


def test_an_old_copy_that_was_put_back_is_found_and_nobody_signs_on(store, path):
    put(store, what="first")
    old = path.read_bytes()
    put(store, what="second")
    path.write_bytes(old)

    assert kinds(store.verify()) == [("truncation", 2)]
    with pytest.raises(LedgerBroken, match="Record 2 was signed and is no longer in the store"):
        put(store, what="another second")
    assert len(store.records()) == 1


def test_an_unreadable_head_file_is_a_finding(filled, path):
    head_path(path).write_text("{")

    assert kinds(filled.verify()) == [("truncation", None)]
    with pytest.raises(LedgerBroken, match="cannot be read, so a cut tail cannot be ruled out"):
        put(filled, x=1)


@pytest.mark.parametrize("size", [0, 1, 100, 3000, 5000])
def test_a_file_cut_in_its_bytes_is_found(filled, path, size):
    path.write_bytes(path.read_bytes()[:size])

    assert [f.kind.value for f in verify_store(path)] == ["damage"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET body = '{}' WHERE seq = 2",
        "UPDATE ledger SET actor = 'x' WHERE seq = 2",
        "DELETE FROM ledger WHERE seq = 2",
        "DELETE FROM ledger",
        "INSERT INTO ledger VALUES (99, '{}', 'x', 'y', 'a', 'k', 's', 'a')",
        "INSERT INTO ledger VALUES (7, '{}', 'x', 'y', NULL, NULL, NULL, NULL)",
        "INSERT INTO ledger VALUES (7, '{}', 'x', 'y', 'a', 'k', 's', NULL)",
        "INSERT OR REPLACE INTO ledger VALUES (2, '{}', 'x', 'y', 'a', 'k', 's', 'a')",
        "REPLACE INTO ledger SELECT seq, '{}', prev_hash, hash, 'a', 'k', 's', 'a' FROM ledger WHERE seq = 6",
        "REPLACE INTO ledger SELECT 7, '{}', prev_hash, hash, 'a', 'k', 's', 'a' FROM ledger WHERE seq = 6",
        "INSERT OR IGNORE INTO ledger VALUES (2, '{}', 'x', 'y', 'a', 'k', 's', 'a')",
        "UPDATE checkpoint SET head = 'x'",
        "UPDATE checkpoint SET at_utc = 'x'",
        "DELETE FROM checkpoint",
        "REPLACE INTO checkpoint SELECT n, head, at_utc, key_id, public_key, 'x' FROM checkpoint",
        "INSERT INTO checkpoint SELECT seq, 'not its hash', 'a', 'b', 'c', 'd' FROM ledger WHERE seq = 5",
        "INSERT INTO checkpoint SELECT 99, hash, 'a', 'b', 'c', 'd' FROM ledger WHERE seq = 6",
    ],
)
def test_the_database_itself_refuses_changes(filled, path, statement):
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)

    assert filled.verify() == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sealed",
        "UPDATE sealed SET text = 'other'",
        "UPDATE sealed SET text = NULL",
        "UPDATE sealed SET text = NULL, salt = ''",
        "UPDATE sealed SET text = NULL, erased_at = 'now'",
        "UPDATE sealed SET text = NULL, salt = '', erased_at = 'now', kind = 'person'",
        "UPDATE sealed SET text = NULL, salt = '', erased_at = 'now', ref = 'x'",
        "UPDATE sealed SET kind = 'person'",
        "UPDATE sealed SET salt = ''",
        "UPDATE sealed SET erased_at = 'now'",
        "REPLACE INTO sealed SELECT ref, kind, salt, 'other', NULL FROM sealed",
        "INSERT INTO sealed VALUES ('r', 'text', 's', NULL, NULL)",
        "INSERT INTO sealed VALUES ('r', 'text', 's', 't', 'now')",
    ],
)
def test_the_database_itself_lets_a_sealed_text_only_be_erased_once(store, path, statement):
    with store.writing() as job:
        ref = job.seal("because")

    def refused(what):
        with (
            closing(sqlite3.connect(path)) as connection,
            pytest.raises(sqlite3.IntegrityError, match="only be erased, once"),
        ):
            connection.execute(what)

    refused(statement)
    assert store.texts([ref]) == {ref: "because"}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE sealed SET text = NULL, salt = '', erased_at = 'now'")
    refused("UPDATE sealed SET erased_at = 'later'")
    refused("UPDATE sealed SET text = 'back', salt = 'x', erased_at = NULL")


def test_threads_that_sign_at_once_keep_one_chain(path):
    def sign(worker: int) -> None:
        with Store(path) as mine:
            for i in range(8):
                put(mine, worker=worker, i=i)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(sign, range(6)))

    with Store(path) as store:
        records = store.records()
        assert [r.seq for r in records] == list(range(1, 49))
        assert {(r.content["worker"], r.content["i"]) for r in records} == {
            (w, i) for w in range(6) for i in range(8)
        }
        assert store.verify() == []
        assert read_head(head_path(path)) == Head(48, records[-1].hash)


def test_processes_that_sign_at_once_keep_one_chain(path):
    code = (
        "import sys; from rai_dash.govern.store import Store\n"
        "with Store(sys.argv[1]) as s:\n"
        "    for i in range(10): s.append('test', 's', 'local', {'worker': sys.argv[2], 'i': i})"
    )
    children = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", code, str(path), str(w)]) for w in range(3)
    ]

    assert [child.wait(60) for child in children] == [0, 0, 0]

    with Store(path) as store:
        assert len(store.records()) == 30
        assert store.verify() == []


def test_a_refused_record_leaves_nothing_behind(filled, path):
    with pytest.raises(InvalidRecord):
        put(filled, x=float("nan"))

    assert len(filled.records()) == N
    assert put(filled, x=None).seq == N + 1


def test_a_head_that_cannot_be_written_does_not_undo_the_signature(filled, path, monkeypatch, caplog):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rai_dash.govern._memory.write_head", full)
    record = put(filled, x=1)
    monkeypatch.undo()

    assert filled.get(N + 1) == record
    assert "could not be remembered" in caplog.text
    assert read_head(head_path(path)).seq == N
    assert filled.verify() == []


def test_half_a_head_is_never_left_behind(path, monkeypatch):
    path.parent.mkdir()
    write_head(head_path(path), Head(1, "a"))

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_head(head_path(path), Head(2, "b"))

    assert read_head(head_path(path)) == Head(1, "a")
    assert [p.name for p in path.parent.iterdir()] == [head_path(path).name]


def test_verifying_changes_nothing(filled, path):
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}

    verify_store(path)

    assert {p.name: p.read_bytes() for p in path.parent.iterdir()} == before


def test_verifying_a_store_that_others_write_or_were_killed_at_moves_nothing(filled, path):
    with closing(sqlite3.connect(path)) as other:
        # While somebody looks, what was written ahead stays in its own file, as after a kill.
        other.execute("SELECT count(*) FROM ledger").fetchall()
        put(filled, x=1)
        files = [path, path.with_name(f"{path.name}-wal"), head_path(path)]
        before = [p.read_bytes() for p in files]

        assert verify_store(path) == []
        assert examine_store(path).n_records == N + 1

        assert [p.read_bytes() for p in files] == before


def test_a_store_left_by_a_killed_process_is_verified_and_not_changed(path):
    code = (
        "import os, sys\nfrom rai_dash.govern.store import Store\nstore = Store(sys.argv[1])\n"
        "keeps_the_log = store._engine.connect()\nkeeps_the_log.exec_driver_sql('SELECT 1').fetchall()\n"
        "keeps_the_log.exec_driver_sql('SELECT count(*) FROM ledger').fetchall()\n"
        "for i in range(3): store.append('a', 's', 'local', {'i': i})\nos._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 9
    files = [path, path.with_name(f"{path.name}-wal"), head_path(path)]
    before = [p.read_bytes() for p in files]

    assert verify_store(path) == []
    assert examine_store(path).n_records == 3

    assert [p.read_bytes() for p in files] == before
    with Store(path) as store:
        assert put(store, x=1).seq == 4


def test_a_store_in_a_folder_that_cannot_be_written_is_verified(filled, path, monkeypatch):
    last = filled.get(N)
    monkeypatch.setattr("os.access", lambda *_: False)

    assert verify_store(path, expected=[Head(last.seq, last.hash)]) == []


def test_verifying_a_store_that_does_not_exist_is_refused_and_makes_no_file(tmp_path):
    with pytest.raises(StoreUnavailable, match="could not be read"):
        verify_store(tmp_path / "none.sqlite3")

    assert list(tmp_path.iterdir()) == []


def test_a_path_with_awkward_characters_works(tmp_path):
    path = tmp_path / "a b%20?#&=ü" / "x%.sqlite3"
    with Store(path) as store:
        put(store, x=1)

    assert path.is_file()
    assert verify_store(path) == []


def test_records_are_chosen_by_subject_and_kind(store):
    for kind, subject in (("a.b", "policy:x"), ("c", "policy:y"), ("a.b", "case:1"), ("c", "policy:x")):
        store.append(kind, subject, "local", {})

    assert [r.seq for r in store.records(subject="policy:x")] == [1, 4]
    assert [r.seq for r in store.records(kinds={"c"})] == [2, 4]
    assert [r.seq for r in store.records(subject="policy:x", kinds=["c", "z"])] == [4]
    assert store.records(kinds=[]) == []
    assert store.subjects("policy:") == ["policy:x", "policy:y"]
    assert store.subjects("") == ["policy:x", "policy:y", "case:1"]
    assert store.subjects("policy%") == store.subjects("POLICY:") == []


def test_what_is_stored_is_what_the_columns_hold(store, path):
    record = store.append("policy.draft", "policy:x", "local", {"b": 1, "a": "ü"}, at=AT)

    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute(
            "SELECT seq, at_utc, kind, subject, actor, body, prev_hash, hash FROM ledger"
        ).fetchone()
    assert row[:7] == (
        1,
        "2026-11-25T09:30:15Z",
        "policy.draft",
        "policy:x",
        "local",
        '{"a":"ü","b":1}',
        "0" * 64,
    )
    whole = {"actor": row[4], "at_utc": row[1], "body": {"a": "ü", "b": 1}, "kind": row[2], "seq": 1}
    text = rfc8785.dumps({**whole, "subject": row[3]})
    assert row[7] == record.hash == hashlib.sha256(bytes(32) + text).hexdigest()


def test_a_transaction_is_written_whole(store):
    with store.writing() as job:
        zoe, why = job.person("Zoë"), job.seal("because")
        first = job.append("a", "s", zoe, {"why": {"sealed": why}})
        assert job.records() == [first]
        assert job.last == first
        assert job.texts([zoe, why, "0" * 64]) == {zoe: "Zoë", why: "because"}
        job.append("b", "s", zoe, {}, checkpoint=True)

    assert [r.kind for r in store.records()] == ["a", "b"]
    assert [c.n for c in store.checkpoints()] == [1, 2]
    assert store.texts([zoe, why]) == {zoe: "Zoë", why: "because"}
    assert store.verify() == []


def test_a_transaction_that_fails_writes_nothing(filled, path, folder):
    before = sorted(p.name for p in folder.iterdir())

    def fails() -> None:
        with filled.writing() as job:
            job.seal("because")
            job.append("a", "s", "local", {}, checkpoint=True)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()

    assert len(filled.records()) == N
    assert sealed_rows(path) == 0
    assert [c.n for c in filled.checkpoints()] == [1]
    assert read_head(head_path(path)).seq == N
    assert sorted(p.name for p in folder.iterdir()) == before
    assert filled.verify() == []


def test_a_person_keeps_one_reference_until_erased(store):
    with store.writing() as job:
        zoe = job.person("Zoë")
        assert job.person("Zoë") == zoe
        assert job.person("Max") != zoe
        assert job.seal("Zoë") != zoe
    assert store.person_ref("Zoë") == zoe
    assert store.person_ref("zoë") is None
    put(store, x=1)

    store.erase([zoe], reason="gdpr-17", actor="operator")

    assert store.person_ref("Zoë") is None
    with store.writing() as job:
        assert job.person("Zoë") != zoe


def test_an_erased_text_is_gone_from_the_files_and_the_chain_is_whole(store, path):
    with store.writing() as job:
        zoe, why = job.person("Zoraida Unmistakable"), job.seal("a reason never to be seen again")
        job.append("a", "s", zoe, {"why": {"sealed": why}}, at=AT)
    whole = b"".join(p.read_bytes() for p in path.parent.iterdir())
    assert b"Zoraida" in whole
    assert b"never to be seen" in whole

    with closing(sqlite3.connect(path)) as other:
        # Somebody else is looking, so that closing does not tidy up by itself.
        other.execute("SELECT count(*) FROM ledger").fetchall()
        record = store.erase([zoe, why, zoe], reason="gdpr-17", actor="operator", at=AT)
        whole = b"".join(p.read_bytes() for p in path.parent.iterdir())

    assert b"Zoraida" not in whole
    assert b"never to be seen" not in whole
    assert (record.kind, record.actor) == ("erasure", "operator")
    assert record.content == {"refs": [zoe, why], "reason": "gdpr-17"}
    assert store.texts([zoe, why]) == {zoe: None, why: None}
    assert store.verify() == []
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT salt, text, erased_at FROM sealed").fetchall()
    assert rows == [("", None, "2026-11-25T09:30:15Z")] * 2


@pytest.mark.parametrize("reason", ["", "because Zoë asked", "x" * 41, "-", "gdpr\n"])
def test_an_erasure_needs_a_short_code(store, reason):
    with store.writing() as job:
        ref = job.seal("x")

    with pytest.raises(InvalidChoice, match="short code"):
        store.erase([ref], reason=reason, actor="operator")
    assert store.texts([ref]) == {ref: "x"}


def test_an_erasure_of_something_unknown_or_erased_erases_nothing(store):
    with store.writing() as job:
        ref, other = job.seal("x"), job.seal("y")
    store.erase([ref], reason="gdpr-17", actor="operator")

    with pytest.raises(InvalidChoice, match=f"{ref} was erased before"):
        store.erase([other, ref], reason="gdpr-17", actor="operator")
    with pytest.raises(InvalidChoice, match=r"f{64} is not in this store"):
        store.erase([other, "f" * 64], reason="gdpr-17", actor="operator")
    with pytest.raises(InvalidChoice, match="Name what to erase"):
        store.erase([], reason="gdpr-17", actor="operator")
    assert store.texts([other]) == {other: "y"}


def test_checkpoints_are_made_for_the_first_record_of_a_day_and_when_asked_for(store, folder):
    times = [AT, AT + timedelta(hours=14), AT + timedelta(hours=15), AT + timedelta(days=2)]
    for at in times:
        store.append("a", "s", "local", {}, at=at)
    store.append("a", "s", "local", {}, at=times[-1], checkpoint=True)

    made = store.checkpoints()

    assert [c.n for c in made] == [1, 3, 4, 5]
    assert [c.at_utc[:10] for c in made] == ["2026-11-25", "2026-11-26", "2026-11-27", "2026-11-27"]
    for checkpoint in made:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.public_key))
        message = f'{{"head":"{store.get(checkpoint.n).hash}","n":{checkpoint.n}}}'
        key.verify(bytes.fromhex(checkpoint.signature), message.encode())
    names = {f"{store.name}-{n}.json" for n in (1, 3, 4, 5)}
    assert {p.name for p in folder.iterdir()} == names
    assert store.verify() == []


def test_a_checkpoint_can_be_made_at_any_time(filled, folder, store):
    made = filled.checkpoint(at=AT)

    assert (made.n, made.head, made.at_utc) == (N, filled.get(N).hash, "2026-11-25T09:30:15Z")
    assert filled.checkpoint() == made
    assert filled.checkpoints()[-1] == made
    assert read_checkpoint(folder / f"{filled.name}-{N}.json") == made


def test_an_empty_ledger_has_nothing_to_sign(store):
    with pytest.raises(InvalidChoice, match="The ledger is empty"):
        store.checkpoint()
    assert store.verify() == []


def test_a_key_that_cannot_be_had_refuses_the_record(path, tmp_path):
    (tmp_path / "key.pem").write_text("no key")
    with Store(path, signing_key=tmp_path / "key.pem") as store:
        with pytest.raises(StoreUnavailable, match="is not an Ed25519 private key"):
            put(store, x=1)
        assert store.records() == []


def computed_anew(filled: Store, raw) -> None:
    """What somebody does who wants another second record and knows the rule."""
    last, changed = None, []
    for record in filled.records():
        body = '{"forged":true}' if record.seq == 2 else record.body
        prev_hash = last.hash if last else record.prev_hash
        last = rehashed(replace(record, body=body, prev_hash=prev_hash))
        changed.append(last)
    for record in changed:
        raw(
            f"UPDATE ledger SET body = ?, prev_hash = ?, hash = ? WHERE seq = {record.seq}",
            values=(record.body, record.prev_hash, record.hash),
        )
    write_head(head_path(Path(filled._url.database)), Head(last.seq, last.hash))


def test_a_chain_computed_anew_is_found_by_the_checkpoint_in_the_table(filled, raw, path, folder):
    filled.checkpoint()
    shutil.rmtree(folder)
    computed_anew(filled, raw)

    assert kinds(filled.verify()) == kinds(verify_store(path)) == [("edit", N)]


def test_a_chain_computed_anew_is_found_by_the_checkpoint_in_the_folder(filled, raw, path, folder):
    filled.checkpoint()
    computed_anew(filled, raw)
    raw(f"DELETE FROM checkpoint WHERE n = {N}")

    assert ("edit", N) in kinds(filled.verify())
    assert ("edit", N) in kinds(verify_store(path))


def test_a_chain_computed_anew_is_found_by_the_checkpoint_kept_elsewhere(filled, raw, path, folder):
    kept = filled.checkpoint()
    computed_anew(filled, raw)
    raw(f"DELETE FROM checkpoint WHERE n = {N}")
    shutil.rmtree(folder)

    assert verify_store(path) == []
    assert kinds(verify_store(path, expected=[kept])) == [("edit", N)]
    assert kinds(filled.verify(expected=[kept])) == [("edit", N)]


def test_checkpoints_signed_anew_are_found_by_the_key(filled, raw, path, folder):
    from rai_dash.govern.checkpoints import sign

    kept = filled.checkpoint()
    computed_anew(filled, raw)
    shutil.rmtree(folder)
    forger = Ed25519PrivateKey.generate()
    raw("DELETE FROM checkpoint")
    for n in (1, N):
        made = sign(forger, n=n, head=filled.get(n).hash, at_utc="2026-11-25T09:30:15Z")
        raw("INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?, ?)", values=astuple(made))

    assert verify_store(path) == []
    assert kinds(filled.verify()) == [("checkpoint", 1), ("checkpoint", N)]
    assert kinds(verify_store(path, keys=[kept.public_key])) == [("checkpoint", 1), ("checkpoint", N)]


def test_a_forged_signature_a_removed_and_an_unreadable_checkpoint_are_found(filled, raw, folder):
    filled.checkpoint()
    raw(f"UPDATE checkpoint SET signature = '{'00' * 64}' WHERE n = {N}")
    assert kinds(filled.verify()) == [("checkpoint", N)]

    raw(f"DELETE FROM checkpoint WHERE n = {N}")
    assert kinds(filled.verify()) == [("checkpoint", N)]

    (folder / f"{filled.name}-{N}.json").write_text("{")
    assert kinds(filled.verify()) == [("checkpoint", None)]


def test_a_new_key_keeps_the_old_checkpoints_good(path, tmp_path):
    for name in ("old", "new"):
        with Store(path, signing_key=tmp_path / f"{name}.pem") as store:
            store.append("a", "s", "local", {}, checkpoint=True)
            assert store.verify() == []
    assert len({c.key_id for c in store.checkpoints()}) == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sealed SET text = 'Max' WHERE text = 'Zoë'",
        "UPDATE sealed SET text = 'other' WHERE text = 'because'",
        "UPDATE sealed SET salt = '00' WHERE text = 'because'",
        "UPDATE sealed SET kind = 'text' WHERE text = 'Zoë'",
        "DELETE FROM sealed WHERE text = 'Zoë'",
        "DELETE FROM sealed",
        "UPDATE sealed SET text = NULL, salt = '', erased_at = '2026-11-25T09:30:15Z' WHERE text = 'Zoë'",
        "UPDATE sealed SET ref = (SELECT ref FROM sealed WHERE text = 'because') || 'x' WHERE text = 'Zoë'",
    ],
)
def test_every_change_of_a_name_or_text_beside_the_chain_is_found(store, raw, path, change):
    with store.writing() as job:
        job.append("a", "s", job.person("Zoë"), {"why": {"sealed": job.seal("because")}})
    raw(change)

    found = kinds(verify_store(path))

    assert found
    assert {kind for kind, _ in found} == {"sealed"}
    assert 1 in {seq for _, seq in found}


@pytest.mark.parametrize("table", ["ledger", "sealed", "checkpoint"])
def test_a_table_that_is_gone_is_found(filled, raw, path, table):
    raw(f"DROP TABLE {table}")

    assert kinds(verify_store(path)) == [("damage", None)]


def test_a_number_that_is_none_is_damage(filled, path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE checkpoint")
        connection.execute("CREATE TABLE checkpoint (n, head, at_utc, key_id, public_key, signature)")
        connection.execute("INSERT INTO checkpoint VALUES ('x', '', '', '', '', '')")

    assert kinds(verify_store(path)) == [("damage", None)]


def test_a_record_written_while_it_is_verified_is_no_finding(filled, path, monkeypatch):
    from rai_dash.govern import examining

    real = examining.read_contents

    def late(url, **options):
        contents = real(url, **options)
        put(filled, late=True)
        return contents

    monkeypatch.setattr(examining, "read_contents", late)

    assert verify_store(path) == []


def sealed_rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM sealed").fetchone()[0])


def limited(monkeypatch, pages: int) -> None:
    """Let the database file grow no further, as on a full disk."""
    real = database._prepare_sqlite

    def full(connection: sqlite3.Connection, record: object) -> None:
        real(connection, record)
        connection.execute(f"PRAGMA max_page_count = {pages}").close()

    monkeypatch.setattr(database, "_prepare_sqlite", full)


@pytest.mark.parametrize("size", [1_000, 100_000])
def test_a_full_disk_leaves_the_chain_whole_and_says_so_in_one_sentence(
    filled, path, folder, size, monkeypatch
):
    limited(monkeypatch, 1)

    def sign(store: Store) -> None:
        for _ in range(9):
            with store.writing() as job:
                job.seal("because")
                job.append("a", "s", "local", {"x": "y" * size}, checkpoint=True)

    with (
        Store(path) as full,
        pytest.raises(StoreUnavailable, match="could not be written: database or disk is full") as caught,
    ):
        sign(full)
    monkeypatch.undo()

    assert "\n" not in caught.value.message
    kept = len(filled.records()) - N
    assert sealed_rows(path) == kept
    assert len(list(folder.iterdir())) == 1 + kept
    assert verify_store(path) == []
    assert put(filled, x=1).seq == N + kept + 1


def test_a_process_that_may_write_no_more_bytes_leaves_the_chain_whole(filled, path):
    code = (
        "import resource, signal, sys\n"
        "from rai_dash.core.errors import StoreUnavailable\n"
        "from rai_dash.govern.store import Store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "with Store(sys.argv[1]) as store:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "    try:\n"
        "        for i in range(99):\n"
        "            print(store.append('a', 's', 'local', {'x': 'y' * 20_000}).seq)\n"
        "    except StoreUnavailable as error:\n"
        "        print(error.message)\n"
    )

    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)

    *confirmed, sentence = done.stdout.splitlines()
    assert "could not be written" in sentence
    assert 1 <= len(confirmed) < 99
    assert [r.seq for r in filled.records()][N:] == [int(seq) for seq in confirmed]
    assert verify_store(path) == []


def test_checkpoints_that_cannot_be_kept_do_not_undo_the_record(store, folder, caplog):
    folder.write_text("in the way")

    record = put(store, x=1)

    assert store.get(1) == record
    assert "could not be remembered" in caplog.text
    folder.unlink()
    put(store, x=2)
    assert {p.name for p in folder.iterdir()} == {f"{store.name}-1.json"}
    assert store.verify() == []
