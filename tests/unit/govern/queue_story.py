"""A small batch, a policy in force, and a queue in a real store: what the tests of the queue begin with."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.dataset import Dataset, dataset_from_frame
from rai_dash.govern.desk import Desk
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.queue.book import QueueBook
from rai_dash.govern.queue.desk import QueueDesk
from rai_dash.govern.store import Store
from tests.unit.govern.desk_story import CAST, DOMAIN, LOANS, RISK, WHY, Clock, make_policy

ROLES = Roles(target="repaid", favourable=("yes",), unfavourable=("no",), sensitive=("gender",), id="number")


def reader(name: str, role: AppRole = AppRole.EXPERT, *, sees_rows: bool = True) -> Person:
    return Person(name=name, subject=name, role=role, sees_rows=sees_rows)


ANA = reader("Ana Lyst", AppRole.ANALYST)


def batch(n: int = 60, *, seed: int = 5, roles: Roles = ROLES) -> tuple[Dataset, np.ndarray]:
    """Applications with scores on a grid; outcomes are unknown for every third."""
    rng = np.random.default_rng(seed)
    score = np.round(rng.permutation(n) / n, 6)
    frame = pd.DataFrame(
        {
            "number": [f"L-{seed}-{i:05d}" for i in range(n)],
            "income": rng.integers(900, 9000, n),
            "purpose": rng.choice(["car", "home", "=cmd|' /C calc'!A0"], n),
            "gender": rng.choice(["f", "m"], n),
            "repaid": np.where(np.arange(n) % 3 == 2, None, np.where(rng.random(n) < score, "yes", "no")),
        }
    )
    return dataset_from_frame(frame, roles, name="October.csv"), score


def rows_kept(monkeypatch, **settings: str) -> None:
    monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", "true")
    for name, value in settings.items():
        monkeypatch.setenv(f"RAI_DASH_{name.upper()}", value)
    get_settings.cache_clear()


def policy_in_force(
    store: Store, clock: Clock, *, stage: str = "all", share: float | None = None, **changes: object
) -> str:
    """Bring a policy with the band 0.35 to 0.7 into force; return its name."""
    model = {"name": "step 7", "format": "xgboost", "sha256": "b" * 64, "favourable_class": "1"}
    policy = make_policy(**{"model": model} | changes)
    author = Desk(store, CAST["author"], clock=clock)
    version = author.draft(policy).version
    shown = author.submit(LOANS, version).content_hash
    for who, role in (("domain", DOMAIN), ("risk", RISK)):
        Desk(store, CAST[who], clock=clock).sign(
            LOANS, version, content_hash=shown, role=role, decision="approve", rationale=WHY
        )
    Desk(store, CAST["operator"], clock=clock).activate(LOANS, version, stage=stage, share=share)
    return LOANS


class QueueStory:
    """A queue that is filled, and desks at it."""

    def __init__(
        self, store: Store, *, n: int = 20, audit: float = 0.4, second: float = 0.4, seed: int = 5
    ) -> None:
        self.store, self.clock = store, Clock()
        self.book = QueueBook(store, clock=self.clock)
        policy_in_force(store, self.clock)
        self.dataset, self.score = batch(n, seed=seed)
        self.filled = self.at(ANA).fill(
            LOANS, self.dataset, self.score, audit_share=audit, second_share=second, label="October"
        )
        self.id = self.filled.id

    def at(self, person: Person | str) -> QueueDesk:
        who = reader(person) if isinstance(person, str) else person
        return QueueDesk(self.store, who, clock=self.clock, book=self.book)

    def now(self):
        return self.at(ANA).queue(self.id)

    def decide(
        self,
        who: str,
        blind: str = "approve",
        final: str | None = None,
        *,
        seconds: float = 60,
        pause: float = 10,
    ):
        """Take the next case and decide it; return its number, or None where there is none."""
        desk = self.at(who)
        found = desk.next_case(self.id)
        if found is None:
            return None
        self.clock.on(seconds=seconds)
        desk.decide_blind(self.id, found.case, blind, codes=["debts_high"])
        self.clock.on(seconds=pause)
        desk.decide(self.id, found.case, final, codes=["model_misses"])
        return found.case

    def work_off(self, who: str, blind: str = "approve") -> list[int]:
        return list(iter(lambda: self.decide(who, blind), None))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
