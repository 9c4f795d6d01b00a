"""Policies in a real store, brought into force by four people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rai_dash.govern.desk import Desk
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.policy import Policy
from rai_dash.govern.store import Store
from tests.unit.govern.desk_story import DOMAIN, RISK, WHY

#: Who brings a policy into force.
PEOPLE = [
    Person(name=name, subject=name, role=AppRole.OPERATOR, signs_as=None)
    for name in ("Ana", "Dora", "Rita", "Otto")
]


@contextmanager
def store_in(place: Path) -> Iterator[Store]:
    """A store with everything that belongs to it in one folder."""
    with Store(
        place / "store.sqlite", checkpoints=place / "checkpoints", signing_key=place / "key.pem"
    ) as store:
        yield store


def sign_twice(store: Store, policy: Policy) -> tuple[str, int]:
    """Draft, submit and sign as both roles, every warning ticked; returns its name and version."""
    author, domain, risk, _ = (Desk(store, person) for person in PEOPLE)
    status = author.draft(policy)
    here = (status.policy_id, status.version)
    author.submit(*here)
    for desk, role in ((domain, DOMAIN), (risk, RISK)):
        desk.sign(
            *here, content_hash=status.content_hash, role=role, decision="approve", rationale=WHY,
            ticked=status.warnings,
        )  # fmt: skip
    return here


def bring_into_force(store: Store, policy: Policy, *, stage: str = "all", share: float | None = None) -> str:
    """Draft, submit, sign twice and activate; returns the address."""
    policy_id, version = sign_twice(store, policy)
    Desk(store, PEOPLE[-1]).activate(policy_id, version, stage=stage, share=share)
    return f"{policy_id}@{version}"
