"""Whole signatures of whole policies, by people at the desk."""

from __future__ import annotations

from collections.abc import Callable

from rai_dash.govern.desk import Desk
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.store import Store
from tests.unit.govern.desk_story import CAST, DOMAIN, RISK, WHY, make_policy

POLICY = "loans-production"
MODEL = {"name": "Stufe 7 – Köln 日本", "format": "xgboost", "sha256": "b" * 64, "favourable_class": "1"}


def put_forward(store: Store, policy_id: str, *, hi: float = 0.7) -> int:
    """Draft a version and submit it: three entries; return its number."""
    desk = Desk(store, CAST["author"])
    band = {"lo": 0.35, "threshold": 0.5, "hi": hi}
    drafted = desk.draft(make_policy(policy_id=policy_id, title="Köln <b>&amp;", model=MODEL, band=band))
    return desk.submit(policy_id, drafted.version).version


def signing(
    store: Store, policy_id: str = POLICY, *, by: Person, role: str, why: str = WHY
) -> Callable[[], str]:
    """Let a person read the newest version; what is returned signs it, and returns the hash of the signature."""
    desk = Desk(store, by)
    shown = desk.standing(policy_id).versions[-1]

    def sign() -> str:
        status = desk.sign(
            policy_id,
            shown.version,
            content_hash=shown.content_hash,
            role=role,
            decision="approve",
            rationale=why,
        )
        mine = [signature for signature in status.signatures if signature.name == by.name]
        return max(mine, key=lambda signature: signature.seq).record_hash

    return sign


def look_on(store: Store, policy_id: str = POLICY, *, name: str = "Bo") -> Callable[[], str]:
    """As `signing`, in a role that is not required, so that it can be done again and again."""
    person = Person(name=name, subject=name, role=AppRole.EXPERT, signs_as=frozenset({"compliance"}))
    return signing(store, policy_id, by=person, role="compliance")


def sign_story(store: Store) -> None:
    """Bring two versions of a policy from the draft to the activation: twelve entries."""
    for hi in (0.7, 0.8):
        version = put_forward(store, POLICY, hi=hi)
        signing(store, by=CAST["domain"], role=DOMAIN)()
        signing(store, by=CAST["risk"], role=RISK)()
        Desk(store, CAST["operator"]).activate(POLICY, version, stage="all")
