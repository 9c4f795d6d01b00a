"""A process that lets rows join a living test set and may be killed at any statement of it.

It is asked as `signer.py` is. The only job is ``["grow", POINT]``; for the points see `recorder.py`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from rai_dash.case import Case, CaseData
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.growing import Growth, grow
from rai_dash.govern.living import LivingSets, NewResult
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.store import Store
from rai_dash.report.models_growth import results_of
from rai_dash.report.reviewed_training import as_file
from tests.drills import signer
from tests.drills.recorder import arm
from tests.unit.report.models_world import ROLES, case_of, data, people

ANA = Person(name="Ana", subject="ana", role=AppRole.ANALYST)


def case() -> Case:
    return case_of(data(people(120, unknown=0.0)))


def prepared() -> tuple[Case, Growth, CaseData, list[NewResult], list[NewResult]]:
    """Read and score once: what is killed is the transaction, as `grow_case` opens it."""
    before = case()
    growth = grow(
        before.data[0].dataset, dataset_from_frame(people(30, seed=1, first=200, unknown=0.0), ROLES)
    )
    after = as_file(before.data[0], growth.dataset)
    now, then = (results_of(c, "living", {})[0] for c in (before, before.with_data(after)))
    return before, growth, after, now, then


def join(store: Store, point: int | str | None, ready: Any) -> None:
    before, growth, after, now, then = ready
    sets = LivingSets(store, ANA)
    first = before.data[0].dataset
    known = sets.start(first, "set")
    arm(point)
    sets.grown(
        known.id, first.fingerprint, growth, after.dataset, source="upload", before=now, after=then,
        content=after.content,
    )  # fmt: skip


if __name__ == "__main__":
    signer.JOBS["grow"] = partial(join, ready=prepared())
    signer.serve()
