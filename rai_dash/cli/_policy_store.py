"""Policies of a store, for whoever asks on the operator's own machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rai_dash.cli.running import note_store
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.words import one_line

if TYPE_CHECKING:
    from rai_dash.govern.desk import Desk
    from rai_dash.govern.monitor.subject import Subject
    from rai_dash.govern.policy import Policy
    from rai_dash.govern.standing import Standing
    from rai_dash.govern.store import Store
    from rai_dash.govern.workflow import VersionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """How every policy of a store stands.

    Parameters
    ----------
    standings : tuple of Standing
    reminders : tuple of str
        One sentence for each version that runs out soon, or has.
    """

    standings: tuple[Standing, ...]
    reminders: tuple[str, ...]

    @property
    def has_expired(self) -> bool:
        """Whether the last version in use of any policy has run out, so that a person decides everything."""
        from rai_dash.govern.workflow import State

        return any(
            s.active is None and any(v.state is State.EXPIRED for v in s.versions) for s in self.standings
        )

    def plain(self) -> dict[str, Any]:
        """Return the list as plain values."""
        versions = [_plain(v) for s in self.standings for v in s.versions]
        return {
            "schema": "rai-dash/policy-list/1",
            "policies": versions,
            "reminders": list(self.reminders),
        }

    def lines(self) -> Iterator[str]:
        """Return the list as text, one line a version, and the reminders."""
        for standing in self.standings:
            for status in standing.versions:
                yield _line(status)
        yield from self.reminders
        if not self.standings:
            yield "There are no policies in this store."


def _plain(status: VersionStatus) -> dict[str, Any]:
    from rai_dash.review.terms import utc_text

    times = {"valid_from": status.valid_from, "expires_at": status.expires_at}
    return {
        "policy_id": status.policy_id,
        "version": status.version,
        "title": status.title,
        "environment": status.environment,
        "state": status.state.value,
        "stage": None if status.stage is None else status.stage.value,
        "share": status.share,
        "suspended": status.suspended,
        **{name: None if at is None else utc_text(at) for name, at in times.items()},
        "missing_roles": list(status.missing_roles),
    }


def _line(status: VersionStatus) -> str:
    told = _plain(status)
    parts = [f"{told['policy_id']}@{told['version']}", told["state"].replace("_", " ")]
    if told["stage"] is not None:
        share = "" if status.share is None else f" {100 * status.share:g} %"
        parts.append(f"stage {told['stage']}{share}")
    if status.suspended is not None:
        parts.append("suspended")
    if told["expires_at"] is not None:
        parts.append(f"until {told['expires_at']}")
    return "  ".join([*parts, f"{one_line(status.title)} ({status.environment})"])


@contextmanager
def _desk(store: str) -> Iterator[tuple[Store, Desk]]:
    """Open a store that is there, to be read."""
    from rai_dash.govern.database import sqlite_path, store_url
    from rai_dash.govern.desk import Desk
    from rai_dash.govern.people import Person
    from rai_dash.govern.store import Store

    path = sqlite_path(store_url(store or None))
    # Opening one that is not there would make it.
    if path is not None and not Path(path).is_file():
        msg = f"There is no store at {path}. Check --store."
        raise InvalidChoice(msg)
    with Store(store or None) as opened:
        note_store(opened)
        yield opened, Desk(opened, Person(name="command line", subject="command line"))


def listed(store: str) -> Listed:
    """Look at every policy of a store.

    Raises
    ------
    RaiError
        When the store is not there, cannot be read, or was manipulated.
    """
    from rai_dash.core.settings import get_settings
    from rai_dash.govern.standing import reminders

    with _desk(store) as (_, desk):
        found = desk.policies()
    now, days = datetime.now(UTC), get_settings().remind_days
    return Listed(
        standings=tuple(found),
        reminders=tuple(text for standing in found for text in reminders(standing, now, days)),
    )


def _status(desk: Desk, address: str) -> VersionStatus:
    return desk.find(address if "@" in address else f"{address}@active")


def shown(address: str, store: str) -> dict[str, Any]:
    """Return a version as an exported policy.

    Raises
    ------
    RaiError
        When there is none, or the store was manipulated.
    """
    from rai_dash.govern.events import PREFIX
    from rai_dash.govern.policy_export import exported_from

    with _desk(store) as (opened, desk):
        status = _status(desk, address)
        ledger = opened.export(subject=PREFIX + status.policy_id)
    return exported_from(ledger, status.policy_id, status.version, now=datetime.now(UTC))


def policy_of(named: str, store: str) -> Policy:
    """Return the policy of a file, or of an address in a store; see `standing_of`."""
    return standing_of(named, store)[0]


def standing_of(named: str, store: str) -> tuple[Policy, Subject]:
    """Return the policy of a file, or of an address in a store, and how it stands.

    Raises
    ------
    RaiError
        When there is none.
    """
    from rai_dash.govern.monitor.subject import Subject

    path = Path(named)
    if path.is_file():
        from rai_dash.govern.policy_export import read_policy_file

        file = read_policy_file(path)
        if file.policy is None:
            msg = f"`{named}` holds a band and no whole policy, so there is little to compare. Draft a policy of it."
            raise InvalidChoice(msg)
        return file.policy, Subject.of_file(file.policy, file.standing, now=datetime.now(UTC))
    if path.suffix == ".json":
        msg = f"There is no file `{named}`. Check the path."
        raise InvalidChoice(msg)
    with _desk(store) as (_, desk):
        status = _status(desk, named)
        return desk.policy(status.policy_id, status.version), Subject.of(status)


def facts_for_report(address: str, store: str, audit: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a report about an audit says of a version.

    Raises
    ------
    RaiError
        When there is none, or the store was manipulated.
    """
    from rai_dash.govern.events import PREFIX
    from rai_dash.report.audit_report.signed import policy_facts

    with _desk(store) as (opened, desk):
        status = _status(desk, address)
        return policy_facts(
            desk.policy(status.policy_id, status.version),
            desk.standing(status.policy_id),
            opened.export(subject=f"{PREFIX}{status.policy_id}"),
            audit,
        )


def certified(address: str, store: str) -> str:
    """Return the certificate of a version as a page.

    Raises
    ------
    RaiError
        When there is none, or the store was manipulated.
    """
    from rai_dash.govern.events import PREFIX
    from rai_dash.govern.policy_changes import compare
    from rai_dash.report.certificate_page import certificate_page

    with _desk(store) as (opened, desk):
        status = _status(desk, address)
        standing = desk.standing(status.policy_id)
        policy = desk.policy(status.policy_id, status.version)
        before = desk.policy(status.policy_id, status.version - 1) if status.version > 1 else None
        ledger = opened.export(subject=f"{PREFIX}{status.policy_id}")
    changes = () if before is None else compare(before, policy)
    return certificate_page(policy, standing, ledger, as_of=standing.as_of, changes=changes)
