"""A small cast, a clock, a policy, and a store in memory that the real one can be swapped for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from rai_dash.govern.desk import Desk
from rai_dash.govern.ledger import Record, next_record
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.policy import Policy, checked_policy
from rai_dash.govern.sealed import seal

START = datetime(2026, 11, 29, 14, 0, 0, tzinfo=UTC)
LOANS = "consumer-loans"
DOMAIN, RISK = "domain expert", "risk owner"
WHY = (
    "I compared the figures with the files of last year, asked two colleagues, and find the lines in the "
    "right place for all groups."
)
REASON = "The figures of last week do not fit."


def person(name: str, role: AppRole, *signs_as: str) -> Person:
    return Person(name=name, subject=name, role=role, signs_as=frozenset(signs_as))


CAST = {
    "viewer": person("Vera", AppRole.VIEWER, DOMAIN, RISK),
    "domain": person("Dom", AppRole.EXPERT, DOMAIN),
    "risk": person("Rita", AppRole.EXPERT, RISK),
    "bystander": person("Bo", AppRole.EXPERT, "compliance"),
    "author": person("Ana", AppRole.ANALYST, DOMAIN, RISK),
    "colleague": person("Carl", AppRole.ANALYST),
    "operator": person("Otto", AppRole.OPERATOR),
}


def make_policy(**changes: object) -> Policy:
    rate = {"value": 0.25, "low": 0.2, "high": 0.3, "numerator": 25.0, "denominator": 100.0}
    content = {
        "policy_id": LOANS,
        "title": "Consumer loans",
        "environment": "QA",
        "created_at": START,
        "data": {
            "name": "loans.csv", "sha256": "a" * 64, "rows": 120, "columns": 9, "role": "test",
            "rows_judged": 100, "favourable": ("repaid",), "target": "outcome", "target_kind": "observed_outcome",
        },
        "model": {"name": "step 7", "format": "xgboost", "sha256": "b" * 64, "favourable_class": "1"},
        "score": {"source": "model"},
        "code": {"version": "0.1.0", "python": "3.11.7", "libraries": {}},
        "band": {"lo": 0.35, "threshold": 0.5, "hi": 0.7},
        "settings": {
            "costs": {}, "reviewer": {"h1": 0.9, "h0": 0.8, "deference": 0.1}, "workload": None, "min_n": 30,
        },
        "metrics": {
            "overall": {
                "n": 100, "approve": 40.0, "reject": 35.0, "review": 25.0, "no_score": 0.0,
                "rates": {"review_rate": rate},
            }
        },
        "harm": {
            "wrong_approval": "Debts that cannot be paid back.",
            "wrong_refusal": "A home that is not bought.",
            "answerable": "Rita Berg",
        },
        "people_before": "Two officers decided every case; they now see the unsure ones.",
    }  # fmt: skip
    return checked_policy(content | changes)


def banded(lo: float, **changes: object) -> Policy:
    """The same policy with another band: another version."""
    return make_policy(band={"lo": lo, "threshold": 0.5, "hi": 0.7}, **changes)


class Clock:
    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def on(self, **delta: float) -> None:
        self.at += timedelta(**delta)


class MemoryStore:
    """The part of the store that the desk uses, without a disk; a failed transaction leaves nothing."""

    def __init__(self) -> None:
        self.rows: list[Record] = []
        self.kept: dict[str, tuple[str, str | None]] = {}

    def copy(self) -> MemoryStore:
        made = MemoryStore()
        made.rows, made.kept = list(self.rows), dict(self.kept)
        return made

    @contextmanager
    def writing(self) -> Iterator[MemoryStore]:
        rows, kept = list(self.rows), dict(self.kept)
        try:
            yield self
        except BaseException:
            self.rows, self.kept = rows, kept
            raise

    def records(self, *, subject=None, kinds=None):
        return [r for r in self.rows if subject in {None, r.subject} and (kinds is None or r.kind in kinds)]

    def subjects(self, prefix):
        return list(dict.fromkeys(r.subject for r in self.rows if r.subject.startswith(prefix)))

    def texts(self, refs):
        return {ref: self.kept[ref][1] for ref in refs if ref in self.kept}

    def append(self, kind, subject, actor, body, *, at=None, checkpoint=False):
        assert isinstance(checkpoint, bool)
        last = self.rows[-1] if self.rows else None
        self.rows.append(next_record(body, kind=kind, subject=subject, actor=actor, last=last, at=at))
        return self.rows[-1]

    def seal(self, text):
        return self._keep("text", text)

    def person(self, text):
        known = (ref for ref, (kind, kept) in self.kept.items() if (kind, kept) == ("person", text))
        return next(known, None) or self._keep("person", text)

    def erase(self, refs):
        for ref in refs:
            self.kept[ref] = (self.kept[ref][0], None)

    def _keep(self, kind, text):
        made = seal(kind, text)
        self.kept[made.ref] = (kind, text)
        return made.ref


class Story:
    """The cast at one store; the steps that most tests begin with."""

    def __init__(self, store: object) -> None:
        self.store = store
        self.clock = Clock()

    def desk(self, who: str | Person) -> Desk:
        return Desk(self.store, CAST[who] if isinstance(who, str) else who, clock=self.clock)

    def draft(self, policy: Policy | None = None, *, who: str = "author"):
        return self.desk(who).draft(policy or make_policy())

    def submit(self, version: int, *, who: str = "author"):
        return self.desk(who).submit(LOANS, version)

    def sign(self, version: int, who: str | Person, role: str, decision: str = "approve", **more: object):
        shown = self.desk("viewer").standing(LOANS).version(version).content_hash
        given = {"content_hash": shown, "role": role, "decision": decision, "rationale": WHY} | more
        return self.desk(who).sign(LOANS, version, **given)

    def signed(self, policy: Policy | None = None) -> int:
        """Bring a policy to the state signed and return its version."""
        version = self.draft(policy).version
        self.submit(version)
        self.sign(version, "domain", DOMAIN)
        self.sign(version, "risk", RISK)
        return version

    def active(self, policy: Policy | None = None, *, stage: str = "all", share: float | None = None) -> int:
        version = self.signed(policy)
        self.desk("operator").activate(LOANS, version, stage=stage, share=share)
        return version

    def now(self):
        return self.desk("viewer").standing(LOANS)
