"""Processes that work a review queue and may be killed at any moment; see `signer.py` for how they are asked.

Every line they print is JSON, ``[step, case, decision]``, and was confirmed by then. The jobs:

    ["step", QUEUE, NAME, STEP, POINT]   take a case, decide it blind and finally, accept it; die at the point of a step
    ["work", QUEUE, NAME]                go on until there is no case left
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rai_dash.core.settings import get_settings
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.queue.desk import QueueDesk
from rai_dash.govern.queue.views import BlindCase, Revealed
from rai_dash.govern.store import Store
from tests.drills import signer
from tests.unit.govern.desk_story import LOANS, Clock
from tests.unit.govern.queue_story import batch, policy_in_force

STEPS = ("take", "blind", "final", "accept")


def person(name: str) -> Person:
    return Person(name=name, subject=name, role=AppRole.ANALYST, sees_rows=True)


def say(*parts: object) -> None:
    signer.say(json.dumps(parts))


def step(store: Store, queue: str, name: str, which: str, point: str) -> None:
    """Do every step before ``which``, and die in it."""
    desk = QueueDesk(store, person(name))

    def arm(now: str) -> None:
        if now == which:
            signer.POINTS[point][0]()

    arm("take")
    seen = desk.next_case(queue)
    say("take", seen.case, "")
    arm("blind")
    desk.decide_blind(queue, seen.case, "refuse", codes=["other"], note="seen")
    say("blind", seen.case, "refuse")
    arm("final")
    desk.decide(queue, seen.case, "approve", codes=["other"], note="after all")
    say("final", seen.case, "approve")
    arm("accept")
    desk.accept(queue, [seen.case], reason="Checked against the files.")
    say("accept", seen.case, "")


def work(store: Store, queue: str, name: str) -> None:
    """Decide case after case; what is shown before may hold nothing of anybody else."""
    desk = QueueDesk(store, person(name))
    lots = random.Random(name)
    while (seen := desk.next_case(queue)) is not None:
        if isinstance(seen, BlindCase):
            assert set(seen.values) == {"number", "income", "purpose"}
            said = lots.choice(["approve", "refuse"])
            say("take", seen.case, "")
            seen = desk.decide_blind(queue, seen.case, said, codes=["other"])
            say("blind", seen.case, said)
        assert isinstance(seen, Revealed)
        assert seen.others == ()
        last = lots.choice(["approve", "refuse"])
        desk.decide(queue, seen.case, last, codes=["other"])
        say("final", seen.case, last)


def fill(store: Store, *, n: int = 40, second: float = 0.0) -> str:
    """Bring a policy into force and fill a queue with everybody of a batch; return its name."""
    os.environ["RAI_DASH_KEEP_BATCH_ROWS"] = "true"
    get_settings.cache_clear()
    try:
        clock = Clock(datetime.now(UTC))
        policy_in_force(store, clock)
        dataset, score = batch(n)
        desk = QueueDesk(store, person("Ana"))
        return desk.fill(LOANS, dataset, score, audit_share=1.0, second_share=second).id
    finally:
        del os.environ["RAI_DASH_KEEP_BATCH_ROWS"]
        get_settings.cache_clear()


def warm_up() -> None:
    """Import everything by working one case."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with Store(path / "warm.sqlite3", checkpoints=path, signing_key=path / "key.pem") as store:
            queue = fill(store, n=12)
            desk = QueueDesk(store, person("warm"))
            seen = desk.next_case(queue)
            desk.decide_blind(queue, seen.case, "approve")
            desk.decide(queue, seen.case, codes=["other"])


signer.JOBS.update({"step": step, "work": work})

if __name__ == "__main__":
    warm_up()
    signer.serve()
