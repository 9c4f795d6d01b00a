"""What one case may ask of a model behind an address, what it has asked, and the answers it was given."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rai_dash.core.endpoints import Endpoint
from rai_dash.core.errors import ModelUnreachable
from rai_dash.core.texts import tr

#: Answers that are kept; about 30 MB.
MOST_ANSWERS: Final = 200_000
#: Accounts that are kept: far more than cases are held in memory, so that none is forgotten while its case lives.
_MOST_ACCOUNTS: Final = 4_096


@dataclass(slots=True, eq=False)
class Account:
    """Calls and rows of one case, and the probability of class 1 of each row that was asked, by its hash.

    The answers belong to one state of the model: ``fingerprint``. Another one forgets them.
    """

    endpoint: Endpoint
    calls: int = 0
    rows: int = 0
    fingerprint: str = ""
    _answers: OrderedDict[bytes, float] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def rows_left(self) -> int:
        """Rows that may still be asked."""
        return max(self.endpoint.most_rows - self.rows, 0)

    @property
    def calls_left(self) -> int:
        """Calls that may still be made."""
        return max(self.endpoint.most_calls - self.calls, 0)

    def require(self, rows: int) -> None:
        """Refuse a question that the rest does not cover, before any of it is asked.

        Raises
        ------
        ModelUnreachable
            Saying what is left.
        """
        batches = -(-rows // self.endpoint.batch_rows)
        if rows <= self.rows_left and batches <= self.calls_left:
            return
        msg = tr(
            "This needs {rows} more rows of the model `{endpoint}` in {batches} calls; this case may "
            "still ask {rows_left} rows in {calls_left} calls. Choose fewer rows, or ask the operator to "
            "raise most_rows or most_calls.",
            rows=f"{rows:,}",
            endpoint=self.endpoint.name,
            batches=f"{batches:,}",
            rows_left=f"{self.rows_left:,}",
            calls_left=f"{self.calls_left:,}",
        )
        raise ModelUnreachable(msg, code="endpoint_budget")

    def spend(self, rows: int) -> None:
        """Count one call, refused where none is left.

        Raises
        ------
        ModelUnreachable
            When all calls or rows are used up.
        """
        with self._lock:
            if rows <= self.rows_left and self.calls_left:
                self.calls += 1
                self.rows += rows
                return
        self.require(max(rows, 1))

    def belongs_to(self, fingerprint: str) -> bool:
        """Note the state of the model; False where it was another one before, whose answers are forgotten."""
        with self._lock:
            is_same = self.fingerprint in {"", fingerprint}
            if not is_same:
                self._answers.clear()
            self.fingerprint = fingerprint
        return is_same

    def known(self, fingerprint: str, keys: Sequence[bytes]) -> dict[bytes, float]:
        """Return the answers that this state of the model gave before."""
        with self._lock:
            if fingerprint != self.fingerprint:
                return {}
            found = {key: self._answers[key] for key in keys if key in self._answers}
            for key in found:
                self._answers.move_to_end(key)
        return found

    def keep(self, fingerprint: str, answers: dict[bytes, float]) -> None:
        """Keep answers of a state of the model; the ones unused for longest go first."""
        with self._lock:
            if fingerprint != self.fingerprint:
                return
            self._answers.update(answers)
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)


class Accounts:
    """The accounts of all cases, so that opening a model again gives no new budget."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Account] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, owner: str, own: Account) -> Account:
        """Return the account of a case; what ``own`` spent before it had an owner is added."""
        key = (owner, own.endpoint.url)
        with self._lock:
            found = self._kept.setdefault(key, own)
            self._kept.move_to_end(key)
            if found is not own:
                found.calls += own.calls
                found.rows += own.rows
            while len(self._kept) > _MOST_ACCOUNTS:
                self._kept.popitem(last=False)
        return found


ACCOUNTS: Final = Accounts()
