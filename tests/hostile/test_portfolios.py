"""Damaged and hostile parts of a table hurt only the process that counts it, and that process reads nothing else."""

from __future__ import annotations

import io
import os
import socket
import threading
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai_dash.core.errors import Cancelled, RaiError, UnreadableFile, WorkerFailed
from rai_dash.core.settings import get_settings
from rai_dash.data.portfolio.opened import connect
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.data.portfolio.questions import Factor, Tally, Value
from rai_dash.sandbox.attempts import ATTEMPTS
from rai_dash.sandbox.client import Child
from rai_dash.sandbox.lock import Level
from rai_dash.sandbox.selftest import self_test

N = 4_000
QUESTION = Tally(keys=(Value(column="sex"), Value(column="town")), sums=((Factor(column="x"),),))


def good_table():
    rng = np.random.default_rng(2)
    return pa.table(
        {
            "sex": rng.choice(["f", "m", None], N),
            "town": pa.array(rng.choice(["Köln", "Nîmes"], N)).dictionary_encode(),
            "x": rng.normal(size=N),
            "k": rng.integers(0, 50, N),
        }
    )


def written(table, rows=1_500, **options):
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=rows, **options)
    return out.getvalue()


def changed(content, at, new):
    return content[:at] + new + content[at + len(new) :]


def flipped(content, seed):
    rng = np.random.default_rng(seed)
    damaged = bytearray(content)
    first = 4 if seed % 2 else len(content) - 2_500
    for at in rng.integers(first, len(content) - 8, 4):
        damaged[at] = rng.integers(0, 256)
    return bytes(damaged)


def bomb():
    """Some hundred kilobytes that are 120 GB once every cell is written out."""
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(30_000, np.int32)), pa.array(["x" * 4_000_000]))
    return written(pa.table({"sex": text, "town": ["a"] * 30_000, "x": np.zeros(30_000)}), compression="zstd")


GOOD = written(good_table())
PLAIN = written(good_table(), compression=None, use_dictionary=False)
DAMAGE = {
    "cut off": GOOD[: len(GOOD) // 2],
    "cut in the middle": GOOD[:5_000] + GOOD[9_000:],
    "a footer of four gigabytes": changed(GOOD, len(GOOD) - 8, b"\xff\xff\xff\x7f"),
    "a footer of no bytes": changed(GOOD, len(GOOD) - 8, b"\0\0\0\0"),
    "a footer of noise": changed(GOOD, len(GOOD) - 1_500, os.urandom(1_200)),
    "a page header of noise": changed(GOOD, 4, b"\xff" * 40),
    "a page of noise": changed(GOOD, 600, bytes(range(256)) * 4),
    "lengths of text beyond the page": changed(PLAIN, 60, b"\xff\xff\xff\x7f" * 8),
    "text that is not UTF-8": PLAIN.replace("Köln".encode(), b"K\xff\xfeln"),
    "the end alone": b"PAR1" + GOOD[-8:],
    "only its marks": b"PAR1PAR1",
    "rows that no bytes hold": written(
        pa.table({name: pa.nulls(20_000_000, pa.int8()) for name in ("sex", "town", "x", "k")}), 10**8
    ),
}
BLAMED = r"(The part|The parts) .*(damaged|encrypted)|does not begin like|footer of the part"


@pytest.fixture
def place(tmp_path):
    """Write bytes as the second part of a table whose first part is good."""

    def run(content):
        (tmp_path / "a.parquet").write_bytes(GOOD)
        (tmp_path / "b.parquet").write_bytes(content)
        return tmp_path

    return run


def ask(path):
    """Open a table, count it and read rows of it."""
    portfolio = open_portfolio(path)
    try:
        counted = portfolio.tally(QUESTION)
        portfolio.first_rows(("sex", "x"))
        portfolio.pick(np.array([0, portfolio.n_rows - 1]))
        return portfolio.n_rows, int(counted.n.sum())
    finally:
        portfolio.engine.close()


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_a_damaged_part_is_named_and_the_app_lives(place, damage):
    with pytest.raises(UnreadableFile, match=BLAMED) as caught:
        ask(place(DAMAGE[damage]))

    assert "b.parquet" in caught.value.message or "The parts" in caught.value.message
    assert "/" not in caught.value.message


def test_random_damage_is_refused_or_read_whole(place):
    for seed in range(8):
        try:
            rows, counted = ask(place(flipped(GOOD, seed)))
        except RaiError:
            continue
        assert rows == counted

    assert ask(place(GOOD)) == (2 * N, 2 * N)


def test_a_bomb_is_refused_within_the_limits_of_its_process(tmp_path, monkeypatch):
    (tmp_path / "bomb.parquet").write_bytes(bomb())
    monkeypatch.setenv("RAI_DASH_PORTFOLIO_MEM_GB", "3")
    get_settings.cache_clear()
    try:
        with pytest.raises(RaiError, match=r"memory|crashed|limit"):
            ask(tmp_path / "bomb.parquet")
    finally:
        get_settings.cache_clear()


def test_a_count_that_takes_too_long_ends_with_its_process(place, monkeypatch):
    portfolio = open_portfolio(place(GOOD))
    child = portfolio.engine._child
    monkeypatch.setenv("RAI_DASH_PORTFOLIO_TIMEOUT_S", "0.01")
    get_settings.cache_clear()
    try:
        with pytest.raises(WorkerFailed):
            portfolio.tally(QUESTION)
    finally:
        get_settings.cache_clear()
    assert not child.alive
    monkeypatch.undo()
    get_settings.cache_clear()

    assert int(portfolio.tally(QUESTION).n.sum()) == 2 * N, "the next count starts a new process"
    portfolio.engine.close()


def test_a_count_that_is_killed_says_so(place):
    portfolio = open_portfolio(place(GOOD))
    threading.Timer(0.0, portfolio.engine._child.kill).start()
    try:
        for i in range(2_000):
            portfolio.engine.tally(Tally(keys=(Value(column="k"),), most=10_000 + i))
            if i > 1_990:
                break
    except (Cancelled, WorkerFailed):
        pass
    assert int(portfolio.tally(QUESTION).n.sum()) == 2 * N
    portfolio.engine.close()


@pytest.mark.skipif(self_test().level is not Level.FULL, reason="this machine cannot lock a process")
def test_the_process_that_counts_reads_its_folder_and_nothing_else(place, tmp_path_factory):
    @dataclass
    class Elsewhere:
        folder = tmp_path_factory.mktemp("elsewhere")
        file = folder / "secret.parquet"

    Elsewhere.file.write_bytes(GOOD)
    portfolio = open_portfolio(place(GOOD))
    child: Child = portfolio.engine._child
    with socket.create_server(("127.0.0.1", 0)) as server:
        given = {
            "file": str(Elsewhere.file),
            "folder": str(Elsewhere.folder),
            "spare": str(Elsewhere.file),
            "program": "/bin/true",
            "port": server.getsockname()[1],
            "parent": os.getpid(),
            "bytes": 64 * 2**30,
        }
        attempted = [name for name in ATTEMPTS if name != "become another program"]
        through = [
            name
            for name in attempted
            if not child.call("rai_dash.sandbox.attempts:attempt", given | {"name": name}).data["blocked"]
        ]
        own = {
            "folder": str(place(GOOD)),
            "file": str(place(GOOD) / "a.parquet"),
            "spare": str(place(GOOD) / "a.parquet"),
        }
        link = place(GOOD) / "link.parquet"
        link.symlink_to(Elsewhere.file)
        by_link = given | {"file": str(link), "name": "read a foreign file"}
        assert child.call("rai_dash.sandbox.attempts:attempt", by_link).data["blocked"]
        inside = {
            name: child.call("rai_dash.sandbox.attempts:attempt", given | own | {"name": name}).data["blocked"]
            for name in ("read a foreign file", "list a foreign folder", "write a file", "overwrite a file",
                         "delete a file", "make a folder", "change the rights of a file")
        }  # fmt: skip
    portfolio.engine.close()

    assert through == []
    assert [name for name, blocked in inside.items() if not blocked] == [
        "read a foreign file",
        "list a foreign folder",
    ]


GUARDED = {
    "another file": "SELECT * FROM read_parquet('{other}')",
    "a way up": "SELECT * FROM read_parquet('{folder}/../elsewhere/secret.parquet')",
    "text of the system": "SELECT * FROM read_text('/etc/passwd')",
    "a folder of the system": "SELECT * FROM glob('/etc/*')",
    "writing": "COPY (SELECT 1) TO '{other}.csv'",
    "a database": "ATTACH '{other}.db' AS other",
    "an extension": "INSTALL httpfs",
    "loading an extension": "LOAD httpfs",
    "an address": "SELECT * FROM read_parquet('https://example.com/a.parquet')",
    "opening the guard": "SET enable_external_access = true",
    "more folders": "SET allowed_directories = ['/']",
    "unlocking": "SET lock_configuration = false",
    "the whole database out": "EXPORT DATABASE '{other}.out'",
}


@pytest.mark.parametrize("attempt", list(GUARDED))
def test_the_engine_guards_its_folder_by_itself_too(tmp_path, attempt):
    for name in ("inside", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "inside" / "a.parquet").write_bytes(GOOD)
    (tmp_path / "elsewhere" / "secret.parquet").write_bytes(GOOD)
    connection = connect([tmp_path / "inside"])
    sql = GUARDED[attempt].format(folder=tmp_path / "inside", other=tmp_path / "elsewhere" / "secret.parquet")
    own = str(tmp_path / "inside" / "a.parquet")
    assert connection.execute("SELECT count(*) FROM read_parquet(?)", [own]).fetchall() == [(N,)]

    with pytest.raises(duckdb.Error):
        connection.execute(sql).fetchall()

    assert {p.name for p in (tmp_path / "elsewhere").iterdir()} == {"secret.parquet"}
