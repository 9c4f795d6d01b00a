from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rai_dash.govern.database import MIGRATIONS
from rai_dash.govern.ledger import Record, next_record
from rai_dash.govern.store import Store

Content = dict[str, object]
Raw = Callable[..., None]


@dataclass(frozen=True)
class OldStore:
    """A store as the first version of the app left it."""

    path: Path
    rows: tuple[tuple[int, str, str, str], ...]


def make_content(**changes: object) -> Content:
    figures = {
        "n": 1000,
        "approve": 412,
        "reject": 355,
        "review": 233,
        "no_score": 12,
        "rates": {
            "review_rate": {
                "value": 0.233,
                "low": 0.208,
                "high": 0.26,
                "numerator": 233,
                "denominator": 1000,
            },
            "auto_error_rate": {
                "value": 0.1 + 0.2,
                "low": 0.25,
                "high": 0.35,
                "numerator": 230,
                "denominator": 767,
            },
        },
    }
    undefined = {"value": None, "reason": "nobody was decided automatically"}
    group = {**figures, "column": "sex", "group": "Frauen <ü>", "rates": {"auto_error_rate": undefined}}
    content: Content = {
        "signed_at": datetime(2026, 11, 25, 9, 30, 15, 999_999, tzinfo=UTC),
        "case": "Loans in Köln",
        "band": {"lo": 0.35, "threshold": 0.5, "hi": 0.7},
        "figures": {"overall": figures, "groups": [group]},
        "data": {"name": "loans.csv", "fingerprint": "a" * 64, "rows": 1000, "role": "production"},
        "model": {"name": "step 7", "format": "xgboost", "fingerprint": "b" * 64, "favourable_class": "1"},
        "code": {"version": "0.1.0"},
        "warnings_shown": [{"code": "in_sample", "message": "Trained on these rows?"}],
        "signer": {
            "name": "Zoë Müller-日本",
            "role": "domain expert",
            "meaning": "approval",
            "decision": "approve",
            "reason": "The error is what our officers reach, and the unsure cases go to them.",
        },
    }
    return content | changes


@pytest.fixture
def content() -> Callable[..., Content]:
    """Make the content of a sign-off, with some fields changed."""
    return make_content


@pytest.fixture
def chain() -> Callable[[int], list[Record]]:
    """Make an intact chain of small records."""

    def make(n: int) -> list[Record]:
        records: list[Record] = []
        for i in range(n):
            last = records[-1] if records else None
            what = {"what": f"record {i + 1}"}
            at = datetime(2026, 11, 25, 9, 30, i % 60, tzinfo=UTC)
            records.append(
                next_record(what, kind="test", subject=f"s:{i % 3}", actor="local", last=last, at=at)
            )
        return records

    return make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "sign-offs.sqlite3"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where checkpoints are kept."""
    return tmp_path / "checkpoints"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give every test a key and a folder of checkpoints of its own."""
    from rai_dash.core.settings import get_settings

    monkeypatch.setenv("RAI_DASH_CHECKPOINT_DIR", str(folder))
    monkeypatch.setenv("RAI_DASH_SIGNING_KEY", str(tmp_path / "key" / "signing-key.pem"))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Migrate one store for all tests: it takes longer than most of them."""
    made = tmp_path_factory.mktemp("empty") / "x.sqlite3"
    Store(made).close()
    return made.read_bytes()


@pytest.fixture
def store(path: Path, empty_store: bytes) -> Iterator[Store]:
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(empty_store)
    with Store(path) as opened:
        yield opened


@pytest.fixture
def raw(path: Path) -> Raw:
    """Change the stored file behind our back, with the triggers out of the way."""

    def run(*statements: str, values: tuple[object, ...] = ()) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement, values)

    return run


def first_rule(seq: int, body: str, prev_hash: str) -> str:
    """The hash of the first version of the store, by hand."""
    whole = {"content": json.loads(body), "prev_hash": prev_hash, "seq": seq}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def old_store(path: Path) -> OldStore:
    """Make a store of the first version: its migration alone, four records by its rule, its head file."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    path.parent.mkdir(parents=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    rows, prev_hash = [], "0" * 64
    for seq in range(1, 5):
        body = json.dumps({"n": seq, "what": f"Zoë signs {seq}"}, ensure_ascii=False, separators=(",", ":"))
        digest = first_rule(seq, body, prev_hash)
        rows.append((seq, body, prev_hash, digest))
        prev_hash = digest
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO ledger VALUES (?, ?, ?, ?)", rows)
    path.with_name(f"{path.name}.head").write_text(json.dumps({"seq": 4, "hash": prev_hash}))
    return OldStore(path, tuple(rows))


@pytest.fixture(params=["sqlite", "postgresql"])
def each_store(request, tmp_path, empty_store):
    """A store in each database."""
    target = tmp_path / "kept.sqlite3"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        target = server.url(server.new_database())
    else:
        target.write_bytes(empty_store)
    with Store(target) as opened:
        yield opened
