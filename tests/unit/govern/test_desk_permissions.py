"""Rights are asked for where something is done, whatever the page shows."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from rai_dash.core.errors import NotAllowed
from rai_dash.govern.desk import Desk
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.store import Store
from tests.unit.govern.desk_story import (
    DOMAIN,
    LOANS,
    REASON,
    RISK,
    START,
    WHY,
    Clock,
    Story,
    banded,
    make_policy,
)

SIGNING = {"content_hash": "0" * 64, "role": DOMAIN, "decision": "approve", "rationale": WHY}
#: Every method of the desk: the least role, and a call of it that would be possible for somebody.
ACTIONS = {
    "draft": (AppRole.ANALYST, lambda desk: desk.draft(banded(0.1))),
    "submit": (AppRole.ANALYST, lambda desk: desk.submit(LOANS, 2)),
    "sign": (AppRole.EXPERT, lambda desk: desk.sign(LOANS, 3, **SIGNING)),
    "activate": (AppRole.OPERATOR, lambda desk: desk.activate(LOANS, 1, stage="all")),
    "stage": (AppRole.OPERATOR, lambda desk: desk.stage(LOANS, 1, stage="all")),
    "revert": (AppRole.OPERATOR, lambda desk: desk.revert(LOANS, 1, reason=REASON)),
    "suspend": (AppRole.EXPERT, lambda desk: desk.suspend(LOANS, 1, reason=REASON)),
    "lift": (AppRole.EXPERT, lambda desk: desk.lift(LOANS, 1, reason=REASON)),
    "revoke": (AppRole.EXPERT, lambda desk: desk.revoke(LOANS, 1, reason=REASON)),
    "standing": (AppRole.VIEWER, lambda desk: desk.standing(LOANS)),
    "policies": (AppRole.VIEWER, lambda desk: desk.policies()),
    "policy": (AppRole.VIEWER, lambda desk: desk.policy(LOANS, 1)),
    "find": (AppRole.VIEWER, lambda desk: desk.find(f"{LOANS}@1")),
}
BELOW = [(name, role) for name, (least, _) in ACTIONS.items() for role in AppRole if role < least]


def everything(path):
    with sqlite3.connect(path) as connection:
        lines = list(connection.iterdump())
    connection.close()
    return lines


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    with Store(
        folder / "s.sqlite3", checkpoints=folder / "checkpoints", signing_key=folder / "key.pem"
    ) as store:
        story = Story(store)
        story.active(stage="shadow")
        story.draft(banded(0.2))
        yield folder, store


def test_the_table_names_every_method_of_the_desk():
    public = {name for name in dir(Desk) if not name.startswith("_")}

    assert public == set(ACTIONS)


@pytest.mark.parametrize(("action", "role"), BELOW)
def test_below_the_role_nothing_is_done_and_nothing_written(world, action, role):
    folder, store = world
    # They may sign as anything: what they lack is the role in the app.
    somebody = Person(name="Mallory", subject="m", role=role, signs_as=None)
    desk = Desk(store, somebody, clock=Clock(START + timedelta(hours=1)))
    least, call = ACTIONS[action]
    before, files = everything(folder / "s.sqlite3"), sorted((folder / "checkpoints").iterdir())

    with pytest.raises(NotAllowed) as caught:
        call(desk)

    assert f"needs the role {least.label}; you are signed in as {role.label}" in caught.value.message
    assert everything(folder / "s.sqlite3") == before
    assert sorted((folder / "checkpoints").iterdir()) == files


@pytest.mark.parametrize("action", [name for name, (least, _) in ACTIONS.items() if least == AppRole.VIEWER])
def test_a_viewer_reads_and_leaves_no_trace(world, action):
    folder, store = world
    before = everything(folder / "s.sqlite3")

    ACTIONS[action][1](Desk(store, Person(name="Vera", subject="v"), clock=Clock()))

    assert everything(folder / "s.sqlite3") == before


@pytest.mark.parametrize("role", [AppRole.EXPERT, AppRole.ANALYST])
@pytest.mark.parametrize("action", ["suspend", "revoke"])
def test_to_stop_a_policy_takes_a_required_role_or_an_operator(world, action, role):
    folder, store = world
    before = everything(folder / "s.sqlite3")
    outsider = Person(name="Bo", subject="b", role=role, signs_as=frozenset({"compliance"}))

    with pytest.raises(NotAllowed, match=f"needs an operator, or somebody who signs as {DOMAIN} or {RISK}"):
        ACTIONS[action][1](Desk(store, outsider, clock=Clock()))

    assert everything(folder / "s.sqlite3") == before


def test_a_role_that_is_not_ones_own_cannot_be_signed_in(tmp_path):
    with Store(tmp_path / "s.sqlite3", checkpoints=tmp_path / "c", signing_key=tmp_path / "k.pem") as store:
        story = Story(store)
        story.submit(story.draft(make_policy()).version)
        before = everything(tmp_path / "s.sqlite3")

        for who in ("risk", "bystander", "operator"):
            with pytest.raises(
                NotAllowed, match="You cannot sign as domain expert; the roles you may sign as: "
            ):
                story.sign(1, who, DOMAIN)
        assert everything(tmp_path / "s.sqlite3") == before
