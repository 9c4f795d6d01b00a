# ruff: noqa: S608 - the tests build the statements of the attacker
from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from rai_dash.core.errors import InvalidChoice, InvalidRecord, LedgerBroken, StoreUnavailable
from rai_dash.govern import store as store_module
from rai_dash.govern.head import head_path, read_head, write_head
from rai_dash.govern.ledger import Head, canonical, record_hash
from rai_dash.govern.signoff import read_sign_off, sign_off
from rai_dash.govern.store import SignOffStore, verify_store

N = 6


@pytest.fixture
def filled(store: SignOffStore) -> SignOffStore:
    """Hold six records."""
    for i in range(N):
        store.append({"what": f"record {i + 1}"})
    return store


@pytest.fixture
def raw(filled: SignOffStore, path: Path) -> Callable[..., None]:
    """Change the stored file behind our back, with the triggers out of the way."""

    def run(*statements: str, values: tuple[object, ...] = ()) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement, values)

    return run


def kinds(findings):
    return [(f.kind.value, f.seq) for f in findings]


def test_a_sign_off_is_stored_and_read_back(store, content):
    signed = sign_off(content())

    record = store.append(signed)

    assert store.list() == [record]
    assert store.get(1) == record
    assert read_sign_off(store.get(1)) == signed
    assert record.body == canonical(signed.content())


def test_records_survive_closing_and_opening_again(path, content):
    with SignOffStore(path) as first:
        record = first.append(sign_off(content()))

    with SignOffStore(path) as second:
        assert second.list() == [record]
        assert second.append({"x": 1}).prev_hash == record.hash
        assert second.verify() == []


def test_an_intact_store_has_no_findings(filled, path):
    assert filled.verify() == []
    assert verify_store(path) == []
    assert verify_store(str(path)) == []
    assert verify_store(f"sqlite:///{path}") == []


def test_a_record_that_is_not_there_is_named(filled):
    with pytest.raises(InvalidChoice, match="no record 99"):
        filled.get(99)


@pytest.mark.parametrize("seq", range(1, N + 1))
@pytest.mark.parametrize(
    "change", ['body = \'{"what":"x"}\'', "prev_hash = 'x'", "hash = 'x'", "body = x'00ff'", "body = ''"]
)
def test_every_edit_of_the_file_is_found(filled, raw, path, seq, change):
    raw(f"UPDATE ledger SET {change} WHERE seq = {seq}")

    assert ("edit", seq) in kinds(filled.verify())
    assert ("edit", seq) in kinds(verify_store(path))


@pytest.mark.parametrize("seq", range(1, N + 1))
def test_every_edit_with_a_new_hash_is_found(filled, raw, path, seq):
    prev_hash = filled.get(seq).prev_hash
    body = '{"what":"x"}'

    raw(
        f"UPDATE ledger SET body = ?, hash = ? WHERE seq = {seq}",
        values=(body, record_hash(body, seq=seq, prev_hash=prev_hash)),
    )

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
    prev_hash = filled.get(seq).prev_hash
    digest = record_hash("{}", seq=seq, prev_hash=prev_hash) if well_hashed else "f" * 64
    raw(
        f"UPDATE ledger SET seq = -seq WHERE seq >= {seq}",
        "UPDATE ledger SET seq = 1 - seq WHERE seq < 0",
    )

    raw("INSERT INTO ledger VALUES (?, ?, ?, ?)", values=(seq, "{}", prev_hash, digest))

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
    assert kinds(verify_store(path, expected_head=Head(last.seq, last.hash))) == [("truncation", 3)]
    assert kinds(filled.verify(expected_head=Head(last.seq, last.hash))) == [("truncation", 3)]


def test_an_old_copy_that_was_put_back_is_found_and_nobody_signs_on(store, path):
    store.append({"what": "first"})
    old = path.read_bytes()
    store.append({"what": "second"})
    path.write_bytes(old)

    assert kinds(store.verify()) == [("truncation", 2)]
    with pytest.raises(LedgerBroken, match="Record 2 was signed and is no longer in the store"):
        store.append({"what": "another second"})
    assert len(store.list()) == 1


def test_an_unreadable_head_file_is_a_finding(filled, path):
    head_path(path).write_text("{")

    assert kinds(filled.verify()) == [("truncation", None)]
    with pytest.raises(LedgerBroken, match="cannot be read, so a cut tail cannot be ruled out"):
        filled.append({"x": 1})


@pytest.mark.parametrize("size", [0, 1, 100, 3000, 5000])
def test_a_file_cut_in_its_bytes_is_found(filled, path, size):
    path.write_bytes(path.read_bytes()[:size])

    assert [f.kind.value for f in verify_store(path)] == ["damage"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET body = '{}' WHERE seq = 2",
        "DELETE FROM ledger WHERE seq = 2",
        "DELETE FROM ledger",
        "INSERT INTO ledger VALUES (99, '{}', 'x', 'y')",
        "INSERT OR REPLACE INTO ledger VALUES (2, '{}', 'x', 'y')",
        "REPLACE INTO ledger SELECT seq, '{}', prev_hash, hash FROM ledger WHERE seq = 6",
        "INSERT OR IGNORE INTO ledger VALUES (2, '{}', 'x', 'y')",
    ],
)
def test_the_database_itself_refuses_changes(filled, path, statement):
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)

    assert filled.verify() == []


def test_threads_that_sign_at_once_keep_one_chain(path):
    def sign(worker: int) -> None:
        with SignOffStore(path) as mine:
            for i in range(8):
                mine.append({"worker": worker, "i": i})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(sign, range(6)))

    with SignOffStore(path) as store:
        records = store.list()
        assert [r.seq for r in records] == list(range(1, 49))
        assert {(r.content["worker"], r.content["i"]) for r in records} == {
            (w, i) for w in range(6) for i in range(8)
        }
        assert store.verify() == []
        assert read_head(path) == Head(48, records[-1].hash)


def test_processes_that_sign_at_once_keep_one_chain(path):
    code = (
        "import sys; from rai_dash.govern.store import SignOffStore\n"
        "with SignOffStore(sys.argv[1]) as s:\n"
        "    for i in range(10): s.append({'worker': sys.argv[2], 'i': i})"
    )
    children = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", code, str(path), str(w)]) for w in range(3)
    ]

    assert [child.wait(60) for child in children] == [0, 0, 0]

    with SignOffStore(path) as store:
        assert len(store.list()) == 30
        assert store.verify() == []


def test_a_refused_record_leaves_nothing_behind(filled, path):
    with pytest.raises(InvalidRecord):
        filled.append({"x": float("nan")})

    assert len(filled.list()) == N
    assert filled.append({"x": None}).seq == N + 1


def test_a_head_that_cannot_be_written_does_not_undo_the_signature(filled, path, monkeypatch, caplog):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module, "write_head", full)
    record = filled.append({"x": 1})
    monkeypatch.undo()

    assert filled.get(N + 1) == record
    assert "could not be remembered" in caplog.text
    assert read_head(path).seq == N
    assert filled.verify() == []


def test_half_a_head_is_never_left_behind(path, monkeypatch):
    path.parent.mkdir()
    write_head(path, Head(1, "a"))

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_head(path, Head(2, "b"))

    assert read_head(path) == Head(1, "a")
    assert [p.name for p in path.parent.iterdir()] == [head_path(path).name]


def test_verifying_changes_nothing(filled, path):
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}

    verify_store(path)

    assert {p.name: p.read_bytes() for p in path.parent.iterdir()} == before


def test_a_store_in_a_folder_that_cannot_be_written_is_verified(filled, path, monkeypatch):
    last = filled.get(N)
    monkeypatch.setattr("os.access", lambda *_: False)

    assert verify_store(path, expected_head=Head(last.seq, last.hash)) == []


def test_verifying_a_store_that_does_not_exist_is_refused_and_makes_no_file(tmp_path):
    with pytest.raises(StoreUnavailable, match="could not be read"):
        verify_store(tmp_path / "none.sqlite3")

    assert list(tmp_path.iterdir()) == []


def test_a_path_with_awkward_characters_works(tmp_path):
    path = tmp_path / "a b%20?#&=ü" / "x%.sqlite3"
    with SignOffStore(path) as store:
        store.append({"x": 1})

    assert path.is_file()
    assert verify_store(path) == []
