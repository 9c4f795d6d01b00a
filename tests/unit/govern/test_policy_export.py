"""An exported policy: what it says, who it can be told to, and that nothing in it can be changed unseen."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, LedgerBroken, RaiError
from rai_dash.core.types import Direction, ReviewBand
from rai_dash.govern._policy_conditions import PolicyCondition
from rai_dash.govern.desk import Desk
from rai_dash.govern.events import PREFIX
from rai_dash.govern.policy_export import (
    PolicyStanding,
    exported_from,
    exported_policy,
    read_policy_file,
)
from rai_dash.govern.store import Store
from rai_dash.govern.workflow import State
from rai_dash.review.conditions import Condition
from tests.policies import PEOPLE, bring_into_force, store_in
from tests.unit.govern.desk_story import LOANS, REASON, WHY, make_policy

AMOUNT = Condition(kind="number", columns=("amount",), operator=">", value=50_000.0)
NOW = datetime.now(UTC)
ROWS = pd.DataFrame({"amount": [1.0, 1.0, 1.0, 90_000.0]})
SCORES = [0.1, 0.5, 0.9, 0.9]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    with store_in(tmp_path_factory.mktemp("export")) as opened:
        bring_into_force(opened, make_policy(conditions=[PolicyCondition.of(AMOUNT)]))
        bring_into_force(opened, make_policy(policy_id="other-loans", title="Somebody else's policy"))
        yield opened


@pytest.fixture(scope="module")
def exported(store: Store) -> dict[str, Any]:
    return exported_from(store.export(subject=PREFIX + LOANS), LOANS, 1, now=datetime.now(UTC))


def bytes_of(content: object) -> bytes:
    return json.dumps(content).encode()


def test_the_file_says_what_it_is_and_how_to_use_it(exported: dict[str, Any]) -> None:
    about = " ".join(exported["about"])
    for key in ("policy", "standing", "ledger", "test_vectors"):
        assert f"`{key}" in about
        assert exported[key]
    assert "that none of them is about this policy, such as a later suspension" in about
    assert list(exported) == ["schema", "about", "policy", "standing", "ledger", "test_vectors"]
    assert exported["schema"] == "rai-dash/policy-export/1"
    # What the text says about scores is what the vectors do.
    for vector in exported["test_vectors"]:
        if vector["reason"] == "below_lo":
            assert float(vector["score"]) < exported["policy"]["band"]["lo"]
        if vector["route"] == "approve":
            assert float(vector["score"]) >= exported["policy"]["band"]["hi"]
    assert "Somebody else's policy" not in json.dumps(exported)


def test_the_standing_shows_who_signed_and_until_when(exported: dict[str, Any]) -> None:
    standing = exported["standing"]

    assert (standing["state"], standing["stage"], standing["share"]) == ("active", "all", None)
    begin, end = (datetime.fromisoformat(standing[k]) for k in ("valid_from", "expires_at"))
    assert (end.year - begin.year, end.month) == (1, begin.month)
    told = [
        (s["name"], s["role"], s["meaning"], s["decision"], s["identity"]) for s in standing["signatures"]
    ]
    assert told == [
        ("Ana", "author", "authorship", "approve", "local-unverified"),
        ("Dora", "domain expert", "approval", "approve", "local-unverified"),
        ("Rita", "risk owner", "approval", "approve", "local-unverified"),
    ]
    assert standing["signatures"][1]["rationale"] == WHY
    hashes = {entry["seq"]: entry["hash"] for entry in exported["ledger"]["entries"]}
    assert all(hashes[s["seq"]] == s["record_hash"] for s in standing["signatures"])


def test_what_is_read_back_routes_as_it_says(exported: dict[str, Any]) -> None:
    found = read_policy_file(bytes_of(exported))

    at = datetime.fromisoformat(exported["standing"]["as_of"])
    routes = found.routes(SCORES, ROWS, at=at)
    assert routes.route_names.tolist() == ["reject", "review", "approve", "review"]
    assert routes.reason_names.tolist() == ["below_lo", "in_band", "at_or_above_hi", "amount > 50000"]
    assert (found.has_ledger, found.columns) == (True, ("amount",))
    assert found.vectors() == exported["test_vectors"]
    late = found.routes(SCORES, ROWS, at=datetime.fromisoformat(exported["standing"]["expires_at"]))
    assert set(late.reason_names) == {"policy_expired"}
    assert set(late.route_names) == {"review"}


def changed(exported: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> bytes:
    content = copy.deepcopy(exported)
    change(content)
    assert content != exported
    return bytes_of(content)


def entry(content: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(e for e in content["ledger"]["entries"] if e.get("kind") == kind)


def sealed(content: dict[str, Any], text: str) -> dict[str, Any]:
    return next(s for s in content["ledger"]["sealed"] if text in s["text"])


FORGERIES = {
    "the band": (lambda c: c["policy"]["band"].update(lo=0.3), "the policy is not the one"),
    "a harm": (lambda c: c["policy"]["harm"].update(answerable="Nobody"), "the policy is not the one"),
    "the expiry": (
        lambda c: c["standing"].update(expires_at="2099-01-01T00:00:00Z"),
        r"`standing.expires_at` is not what",
    ),
    "the state": (lambda c: c["standing"].update(suspended="for now"), "`standing.suspended` is not what"),
    "a signature": (lambda c: c["standing"]["signatures"][1].update(name="Eve"), "`standing.signatures`"),
    "no signature": (lambda c: c["standing"]["signatures"].pop(), "`standing.signatures`"),
    "no standing": (lambda c: c.update(standing=None), "the file does not say it"),
    "another version": (lambda c: c["policy"].update(version=2), "version 2 of consumer-loans is not in it"),
    "another name": (lambda c: c["policy"].update(policy_id="my-loans"), "version 1 of my-loans is not in it"),
    "the ledger's band": (
        lambda c: entry(c, "policy.draft")["body"]["policy"]["band"].update(lo=0.3),
        "The ledger in .* is broken: Record 1 was changed",
    ),
    "a removed record": (lambda c: c["ledger"]["entries"].pop(3), "The ledger in .* is broken: Record 4 was removed"),
    "a signer": (
        lambda c: entry(c, "policy.signature").update(actor=c["ledger"]["entries"][3]["actor"]),
        "The ledger in .* is broken: Record 3",
    ),
    "a sealed name": (lambda c: sealed(c, "Dora").update(text=sealed(c, "Ana")["text"]), "is broken"),
    "a ledger that is none": (lambda c: c.update(ledger=[]), "The ledger in .* is broken"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_change_anywhere_is_refused(exported: dict[str, Any], name: str) -> None:
    change, says = FORGERIES[name]

    with pytest.raises(LedgerBroken, match=says):
        read_policy_file(changed(exported, change))


def test_a_suspended_policy_sends_everything_to_a_person(store: Store) -> None:
    desk = Desk(store, PEOPLE[3])
    desk.suspend("other-loans", 1, reason=REASON)
    content = exported_from(
        store.export(subject=f"{PREFIX}other-loans"), "other-loans", 1, now=datetime.now(UTC)
    )

    found = read_policy_file(bytes_of(content))

    routes = found.routes([0.9], ROWS.head(1), at=datetime.now(UTC))
    assert routes.reason_names.tolist() == ["policy_not_in_force"]
    assert content["standing"]["suspended"]
    space: dict[str, Any] = {}
    exec(found.python(), space)  # noqa: S102 - what we export ourselves
    assert space["route"](0.9) == ("review", "policy_not_in_force")


@pytest.mark.parametrize("state", State)
def test_only_an_active_version_decides(state: State) -> None:
    times = {"valid_from": NOW - timedelta(days=400), "expires_at": NOW - timedelta(days=35)}
    if state is State.ACTIVE:
        times["expires_at"] = NOW + timedelta(days=35)
    standing = PolicyStanding(
        state=state, stage="all", share=None, suspended=None, as_of=NOW, signatures=(), **times
    )

    assert (standing.terms("loans").outside(NOW) is None) == (state is State.ACTIVE)


def test_a_draft_in_no_store_is_exported_without_terms() -> None:
    content = exported_policy(make_policy(), None, now=NOW)

    found = read_policy_file(bytes_of(content))

    assert content["standing"] is content["ledger"] is found.terms is None
    assert {"at", "key"}.isdisjoint(content["test_vectors"][0])
    assert found.routes([0.9], ROWS.head(1), at=NOW).route_names.tolist() == ["approve"]


def test_policy_and_standing_of_two_versions_are_refused(store: Store) -> None:
    status = Desk(store, PEOPLE[0]).standing(LOANS).latest

    with pytest.raises(InvalidChoice, match="Take both of the same version"):
        exported_policy(make_policy(version=7), status, now=NOW)


def test_a_policy_alone_is_read(tmp_path: Path) -> None:
    score = {"source": "column", "column": "points", "direction": "lower", "low": 300.0, "high": 850.0}
    path = tmp_path / "policy.json"
    path.write_bytes(bytes_of(make_policy(score=score).content()))

    found = read_policy_file(path)

    assert (found.terms, found.score_column, found.scale.direction) == (None, "points", Direction.LOWER)
    # 300 points of 300 to 850 are the best there is.
    routes = found.routes([300.0, 850.0, 299.9], ROWS.head(3), at=NOW)
    assert routes.route_names.tolist() == ["approve", "reject", "review"]


LEAST = {"band": {"lo": 0.35, "threshold": 0.5, "hi": None}}


@pytest.mark.parametrize(
    ("content", "conditions"),
    [
        (LEAST, []),
        ({"band": {"lo": 0.35, "t": 0.5, "hi": None}, "conditions": None}, []),
        (LEAST | {"conditions": [AMOUNT.to_json()]}, ["amount > 50000"]),
        (LEAST | {"conditions": ["amount > 50,000", '"a, b" in c, d']}, ["amount > 50000", '"a, b" in c, d']),
        (LEAST | {"conditions": ["blank in x, y"]}, ["blank input in x, y"]),
        (LEAST | {"conditions": [PolicyCondition.of(AMOUNT).model_dump(mode="json")]}, ["amount > 50000"]),
        (LEAST | {"conditions": {"rows": 3, "each": [AMOUNT.to_json() | {"rows": 3}]}}, ["amount > 50000"]),
    ],
)  # fmt: skip
def test_a_band_and_its_conditions_are_enough(content: dict[str, Any], conditions: list[str]) -> None:
    found = read_policy_file(bytes_of(content))

    assert found.band == ReviewBand(0.35, 0.5, None)
    assert [c.words() for c in found.conditions] == conditions
    assert found.standing is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"nothing", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[]", "is not a JSON object"),
        (b'{"band": {"lo": NaN, "threshold": 0.5, "hi": 0.7}}', "NaN is no number"),
        (b'{"band": {"lo": 0.1, "lo": 0.2, "threshold": 0.5, "hi": 0.7}}', "'lo' stands in one object twice"),
        (b"{}", "holds no policy"),
        (LEAST | {"conditon": ["amount > 50000"]}, "has `conditon`, which is not read"),
        (LEAST | {"scores": {"direction": "lower"}}, "Write `score`"),
        (b'{"a": "\\ud800"}', "is not JSON that can be read: .*surrogates"),
        (b'{"schema": "rai-dash/ledger/1"}', "holds no policy"),
        (b'{"schema": "rai-dash/policy-export/1"}', "lacks `policy`"),
        (b'{"schema": "rai-dash/policy-export/1", "policy": 3, "standing": null, "ledger": null}', "is not a policy"),
        (b'{"schema": "rai-dash/policy/1"}', "holds no whole policy: .*policy_id"),
        (b'{"band": 3}', "`band` of the file is not an object"),
        (b'{"band": {"lo": 0.1, "hi": 0.7}}', r"`band.threshold` of .* is missing"),
        (b'{"band": {"threshold": 0.5, "hi": 0.7}}', r"`band.lo` of .* is missing or is not a number, or null"),
        (b'{"band": {"lo": "0.1", "threshold": 0.5, "hi": 0.7}}', r"`band.lo` of"),
        (b'{"band": {"lo": true, "threshold": 0.5, "hi": 0.7}}', r"`band.lo` of"),
        (b'{"band": {"lo": 0.9, "threshold": 0.5, "hi": 0.7}}', "makes no sense: The band needs"),
        (b'{"band": {"lo": 1e999, "threshold": 0.5, "hi": 0.7}}', "makes no sense"),
        (b'{"band": {"lo": 0.1, "threshold": 0.5, "hi": 0.7}, "conditions": 5}', "is not a list"),
        (b'{"band": {"lo": 0.1, "threshold": 0.5, "hi": 0.7}, "conditions": [5]}', "Condition 1 of .* cannot be read"),
        (b'{"band": {"lo": 0.1, "threshold": 0.5, "hi": 0.7}, "conditions": ["be nice"]}', "Condition 1 of"),
        (b'{"band": {"lo": 0.1, "threshold": 0.5, "hi": 0.7}, "conditions": ["unseen category"]}', "training rows"),
        (b'{"band": {"lo": 0.1, "threshold": 0.5, "hi": 0.7}, "score": "lower"}', "`score` of"),
        (b'{"band": {"lo": 0.1, "threshold": 0.5, "hi": 0.7}, "score": {"direction": "up"}}', "`score` of .*direction"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_in_one_line(content: bytes | dict[str, Any], says: str) -> None:
    with pytest.raises(RaiError, match=says) as refused:
        read_policy_file(content if isinstance(content, bytes) else bytes_of(content))

    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 400


def test_what_nothing_vouches_for_is_refused(exported: dict[str, Any]) -> None:
    with pytest.raises(InvalidChoice, match="holds `approved_by`, which no exported policy has"):
        read_policy_file(bytes_of(exported | {"approved_by": "the board"}))


def test_a_standing_that_makes_no_sense_is_refused(exported: dict[str, Any]) -> None:
    for wrong in ({"state": "eternal"}, {"expires_at": None}, {"share": 0.5}, {"colour": "red"}):
        content = exported | {"standing": exported["standing"] | wrong, "ledger": None}
        with pytest.raises(InvalidChoice, match="`standing` of the file cannot be read"):
            read_policy_file(bytes_of(content))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidChoice, match=r"`/nowhere/policy.json` cannot be read"):
        read_policy_file("/nowhere/policy.json")


def test_an_erased_signer_stays_erased_and_the_file_stays_whole(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        bring_into_force(store, make_policy())
        person = next(s for s in store.export()["sealed"] if "Dora" in s["text"])
        store.erase([person["ref"]], reason="gdpr-17", actor="operator")
        content = exported_from(store.export(subject=PREFIX + LOANS), LOANS, 1, now=datetime.now(UTC))

    assert "Dora" not in json.dumps(content)
    assert content["standing"]["signatures"][1]["name"] is None
    assert read_policy_file(bytes_of(content)).has_ledger
