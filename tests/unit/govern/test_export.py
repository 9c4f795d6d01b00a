from __future__ import annotations

import copy
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rai_dash.core.errors import LedgerBroken, UnreadableFile
from rai_dash.govern.checkpoints import Checkpoint
from rai_dash.govern.examining import export_of
from rai_dash.govern.export import read_export, verify_export
from rai_dash.govern.ledger import Head
from rai_dash.govern.store import Store

AT = datetime(2026, 11, 28, 23, 59, 57, tzinfo=UTC)


@pytest.fixture
def filled(store):
    """Two policies with names and texts; one text is erased."""
    with store.writing() as job:
        zoe, max_ = job.person('{"name":"Zoë"}'), job.person('{"name":"Max"}')
        texts = [job.seal(f"because {i}") for i in range(6)]
        for i in range(6):
            body = {"i": i, "x": [0.1 + 0.2, 1e16, 1e-7, None], "why": {"sealed": texts[i]}}
            at = AT + timedelta(seconds=i)
            actor, policy = (zoe, "policy:a") if i % 2 else (max_, "policy:b")
            job.append("policy.draft", policy, actor, body, at=at, checkpoint=i == 4)
    store.erase([texts[3]], reason="gdpr-17", actor="operator", at=AT + timedelta(seconds=9))
    return store


@pytest.fixture
def exported(filled):
    """The export after a trip through a file."""
    return json.loads(json.dumps(filled.export()))


def told(findings):
    return [(f.kind.value, f.seq) for f in findings]


def test_an_export_can_be_checked_by_hand(exported):
    prev_hash = "0" * 64
    for seq, entry in enumerate(exported["entries"], start=1):
        said = {k: entry[k] for k in ("seq", "at_utc", "kind", "subject", "actor", "body")}
        assert (entry["seq"], entry["prev_hash"]) == (seq, prev_hash)
        whole = bytes.fromhex(prev_hash) + rfc8785.dumps(said)
        assert hashlib.sha256(whole).hexdigest() == entry["hash"]
        prev_hash = entry["hash"]
    for sealed in exported["sealed"]:
        if "text" in sealed:
            whole = bytes.fromhex(sealed["salt"]) + sealed["kind"].encode() + b"\0" + sealed["text"].encode()
            assert hashlib.sha256(whole).hexdigest() == sealed["ref"]
    for checkpoint in exported["checkpoints"]:
        raw = bytes.fromhex(exported["public_keys"][checkpoint["key_id"]])
        assert hashlib.sha256(raw).hexdigest()[:16] == checkpoint["key_id"]
        message = json.dumps(
            {"head": checkpoint["head"], "n": checkpoint["n"]}, sort_keys=True, separators=(",", ":")
        )
        Ed25519PublicKey.from_public_bytes(raw).verify(
            bytes.fromhex(checkpoint["signature"]), message.encode()
        )
        assert exported["entries"][checkpoint["n"] - 1]["hash"] == checkpoint["head"]


def test_an_export_is_whole_and_says_what_it_is(exported, filled):
    assert exported["schema"] == "rai-dash/ledger/1"
    assert exported["store"] == filled.name
    assert datetime.fromisoformat(exported["exported_at"]).tzinfo is not None
    assert all(isinstance(s, str) and s.endswith(".") for s in exported["about"])
    assert len(exported["entries"]) == 7
    assert [c["n"] for c in exported["checkpoints"]] == [1, 4, 5, 7]
    assert sorted(s.get("text", "") for s in exported["sealed"]) == sorted(
        ["", '{"name":"Max"}', '{"name":"Zoë"}', *(f"because {i}" for i in (0, 1, 2, 4, 5))]
    )
    erased = [s for s in exported["sealed"] if "text" not in s]
    assert [set(s) for s in erased] == [{"ref", "kind", "erased_at"}]
    assert verify_export(exported) == []


def test_what_was_kept_elsewhere_is_compared(exported, filled):
    last = filled.get(7)
    kept = filled.checkpoints()[-1]
    [key] = exported["public_keys"].values()

    assert verify_export(exported, expected=[Head(7, last.hash), kept], public_key=key) == []
    assert told(verify_export(exported, expected=[Head(8, "f" * 64)])) == [("truncation", 8)]
    assert told(verify_export(exported, expected=[Head(6, "f" * 64)])) == [("edit", 6)]
    assert told(verify_export(exported, public_key="00" * 32)) == [("checkpoint", n) for n in (1, 4, 5, 7)]
    assert verify_export(exported, public_key=["00" * 32, key]) == []


def test_an_export_of_one_policy_shows_nobody_elses_decisions(filled):
    content = filled.export(subject="policy:a")
    text = json.dumps(content, ensure_ascii=False)

    assert [e["seq"] for e in content["entries"] if "body" in e] == [2, 4, 6, 7]
    assert all(set(e) == {"seq", "prev_hash", "hash"} for e in content["entries"] if "body" not in e)
    assert "because 1" in text
    assert "Zoë" in text
    assert not any(hidden in text for hidden in ("Max", "because 0", "because 2", "because 4", "policy:b"))
    assert len(content["sealed"]) == 4
    assert verify_export(content) == []
    # Nothing ties the hashes that follow record 2 to it, so no checkpoint vouches for it; 4, 6 and 7 have their own.
    assert told(verify_export(content, expected=filled.checkpoints())) == [("checkpoint", 2)]
    # The erasure of a text of another policy is that policy's business.
    assert [e["seq"] for e in filled.export(subject="policy:b")["entries"] if "body" in e] == [1, 3, 5]


def test_an_export_of_one_policy_is_checked_as_well(filled):
    whole = filled.export(subject="policy:a")
    for change in (
        lambda c: c["entries"][1]["body"].update(i=9),
        lambda c: c["entries"][1].update(actor="somebody"),
        lambda c: c["entries"].pop(2),
        lambda c: c["entries"].pop(1),
        lambda c: c["entries"][2].update(hash="f" * 64),
        lambda c: c["entries"][2].update(prev_hash="f" * 64),
        lambda c: c["sealed"].remove(next(s for s in c["sealed"] if "text" in s)),
        lambda c: c["entries"].__setitem__(slice(0, 2), c["entries"][1::-1]),
        lambda c: c["entries"].__delitem__(slice(3, None)),
    ):
        content = copy.deepcopy(whole)
        change(content)
        assert verify_export(content), change


def places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Every leaf of nested plain values."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from places(inner, (*path, i))
    else:
        yield path


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_what_is_vouched_for_is_found(exported, data):
    content = copy.deepcopy(exported)
    vouched = [
        path
        for part in ("entries", "sealed", "checkpoints", "public_keys")
        for path in places(content[part], (part,))
        # The time of a checkpoint is told and not signed.
        if path[0] != "checkpoints" or path[-1] != "at_utc"
    ]
    *way, last = data.draw(st.sampled_from(vouched))
    place = content
    for key in way:
        place = place[key]
    before = place[last]
    others = st.sampled_from(["", "x", "f" * 64, 0, 1.5, None, [], {}, True]) | st.text(max_size=5)
    place[last] = data.draw(others.filter(lambda v: type(v) is not type(before) or v != before))

    assert verify_export(content)


@pytest.mark.parametrize("part", ["entries", "sealed", "checkpoints", "public_keys"])
def test_an_export_that_lacks_a_part_or_has_another_one_is_damaged(exported, part):
    for wrong in (None, 1, "x", [1], {"a": 1}):
        assert verify_export({**exported, part: wrong}), wrong
    fewer = {k: v for k, v in exported.items() if k != part}
    assert told(verify_export(fewer)) == [("damage", None)]


def test_a_field_that_nothing_vouches_for_is_refused(exported):
    content = copy.deepcopy(exported)
    content["entries"][2]["decision"] = "approve"
    assert told(verify_export(content)) == [("damage", None)]
    content = copy.deepcopy(exported)
    content["sealed"][0]["name"] = "Zoë"
    assert told(verify_export(content)) == [("damage", None)]


def test_a_store_of_the_first_version_is_exported_without_being_changed(old_store):
    before = {p.name: p.read_bytes() for p in old_store.path.parent.iterdir()}

    content = json.loads(json.dumps(export_of(old_store.path)))

    assert {p.name: p.read_bytes() for p in old_store.path.parent.iterdir()} == before
    assert content["entries"][1] == {
        "seq": 2,
        "body": {"n": 2, "what": "Zoë signs 2"},
        "prev_hash": old_store.rows[1][2],
        "hash": old_store.rows[1][3],
    }
    assert verify_export(content) == []
    content["entries"][1]["body"]["what"] = "Max signs 2"
    assert told(verify_export(content)) == [("edit", 2)]


def test_old_records_are_links_in_the_export_of_a_policy(old_store):
    with Store(old_store.path) as store:
        store.append("policy.draft", "policy:a", "local", {})
        content = store.export(subject="policy:a")

    assert [set(e) for e in content["entries"][:4]] == [{"seq", "prev_hash", "hash"}] * 4
    assert verify_export(content) == []


def test_a_body_that_is_no_json_any_more_is_exported_and_found(filled, raw):
    raw("UPDATE ledger SET body = '{' WHERE seq = 2")

    assert ("edit", 2) in told(verify_export(filled.export()))


def test_a_damaged_store_is_not_exported(filled, path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE sealed")

    with pytest.raises(LedgerBroken, match="damaged"):
        filled.export()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"schema": "other"}', b"\xff", b"[" * 99_999])
def test_a_file_that_is_no_export_is_named(tmp_path, content):
    (tmp_path / "x.json").write_bytes(content)

    with pytest.raises(UnreadableFile, match=r"x\.json"):
        read_export(tmp_path / "x.json")


def test_a_checkpoint_of_the_export_can_be_kept_elsewhere(exported):
    kept = exported["checkpoints"][1]
    public_key = exported["public_keys"][kept["key_id"]]

    assert Checkpoint.of({**kept, "public_key": public_key}).is_valid
