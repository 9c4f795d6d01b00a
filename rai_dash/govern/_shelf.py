"""The policies of a store, as anybody may read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.govern._work import about, drafted, refs_of
from rai_dash.govern.events import PREFIX
from rai_dash.govern.ledger import Record, whole_seconds
from rai_dash.govern.policy import Policy
from rai_dash.govern.standing import Standing, standing
from rai_dash.govern.store import Store
from rai_dash.govern.workflow import VersionStatus


class Shelf:
    """What can be read about policies.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Gives the time with its zone.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime] | None = None) -> None:
        self._store = store
        self._clock = clock or (lambda: datetime.now(UTC))

    def standing(self, policy_id: str) -> Standing:
        """Say how a policy stands now, with everything that was done to it.

        Raises
        ------
        InvalidChoice
            When there is no such policy.
        """
        return self._standing(self._records(policy_id))

    def policies(self) -> list[Standing]:
        """Say how every policy stands, in the order in which they were first drafted."""
        ids = [subject.removeprefix(PREFIX) for subject in self._store.subjects(PREFIX)]
        read = [about(self._store.records(subject=PREFIX + policy_id)) for policy_id in ids]
        return [self._standing(records) for records in read if records]

    def policy(self, policy_id: str, version: int) -> Policy:
        """Read one version of a policy as it was drafted; an erased text reads ``(erased)``.

        Raises
        ------
        InvalidChoice
            When there is no such policy or version.
        """
        records = self._records(policy_id)
        return drafted(records, self._store.texts(refs_of(records)), version)

    def find(self, address: str) -> VersionStatus:
        """Find a version by its address, ``NAME@active`` or ``NAME@3``.

        Raises
        ------
        InvalidChoice
            When there is none, or the address is not written like that.
        """
        policy_id, at, which = address.strip().rpartition("@")
        if not at or not (which == "active" or (which.isascii() and which.isdecimal() and len(which) < 10)):
            msg = tr(
                "`{address}` is no address of a policy. Write its name, @, and active or a version: "
                "loans@active.",
                address=address,
            )
            raise InvalidChoice(msg)
        found = self.standing(policy_id)
        if which != "active":
            return found.version(int(which))
        if found.active is None:
            msg = tr(
                "No version of {policy_id} is active: everything goes to a person. Name a version by its "
                "number.",
                policy_id=policy_id,
            )
            raise InvalidChoice(msg)
        return found.active

    def _time(self) -> datetime:
        return whole_seconds(self._clock())

    def _records(self, policy_id: str) -> list[Record]:
        records = about(self._store.records(subject=PREFIX + policy_id))
        if not records:
            msg = tr("There is no policy {policy_id}. Choose one from the list.", policy_id=policy_id)
            raise InvalidChoice(msg)
        return records

    def _standing(self, records: list[Record]) -> Standing:
        return standing(records, self._store.texts(refs_of(records)), self._time())

    def _now(self, policy_id: str, version: int) -> VersionStatus:
        return self.standing(policy_id).version(version)
