"""The bundled story with a policy in force, and a queue of its living test set: for tests of the page."""

from __future__ import annotations

from pathlib import Path

from rai_dash.bundled import open_bundled
from rai_dash.case import Case
from rai_dash.core.types import ReviewBand
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.queue.desk import QueueDesk
from rai_dash.govern.store import Store
from tests.policies import bring_into_force
from tests.unit.govern.desk_story import make_policy

DATA, MODEL = "production", "repaired"
POLICY = "story-loans"
BAND = ReviewBand(0.3, 0.5, 0.7)
ANALYST = Person(name="Ana Lyst", subject="Ana Lyst", role=AppRole.ANALYST, sees_rows=True)


def story(name: str) -> Case:
    return open_bundled("story", f"story.{name}")


def policy_for(case: Case, *, title: str = "Story loans"):
    """A policy that rests on the data of the case and on its model."""
    dataset = case.data_of(DATA).dataset
    data = {
        "name": dataset.name, "sha256": dataset.fingerprint, "rows": dataset.n_rows, "columns": len(dataset.columns),
        "role": "production", "rows_judged": dataset.n_rows, "favourable": ("Approved",), "target": "loan",
        "target_kind": "observed_outcome",
    }  # fmt: skip
    info = case.model_of(MODEL).model.info
    model = {"name": "repaired", "format": "xgboost", "sha256": info.fingerprint, "favourable_class": "1"}
    band = {"lo": BAND.lo, "threshold": BAND.threshold, "hi": BAND.hi}
    return make_policy(policy_id=POLICY, title=title, data=data, model=model, band=band)


def active_policy(case: Case, target: str | Path, **changes: str) -> None:
    with Store(target) as store:
        bring_into_force(store, policy_for(case, **changes))


def fill(
    case: Case, target: str | Path, *, audit: float = 0.2, second: float = 0.3, label: str = "November"
) -> str:
    """Fill a queue as the page would; return its name."""
    judgement = case.judge(DATA, MODEL)
    with Store(target) as store:
        queue = QueueDesk(store, ANALYST).fill(
            POLICY, judgement.data.dataset, judgement.score, label=label,
            model=judgement.model.model.info.fingerprint, audit_share=audit, second_share=second,
        )  # fmt: skip
    return queue.id


def work(
    queue_id: str, target: str | Path, name: str, decisions: list[str], *, role: AppRole = AppRole.EXPERT
) -> int:
    """Let somebody decide cases one after the other, as far as there are any; return how many."""
    person = Person(name=name, subject=name, role=role, sees_rows=True)
    with Store(target) as store:
        desk = QueueDesk(store, person)
        for i, decision in enumerate(decisions):
            seen = desk.next_case(queue_id)
            if seen is None:
                return i
            shown = desk.decide_blind(queue_id, seen.case, decision, codes=["debts_high"])
            follow = shown.side is not None and i % 4 == 0
            final = None if not follow else "approve" if shown.side else "refuse"
            desk.decide(queue_id, seen.case, final, codes=["model_misses"])
    return len(decisions)
