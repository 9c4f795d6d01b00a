"""What decided cases become: recorded decisions for the review band, and rows for the next test and training sets."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import APPROVED_BY_HUMAN, NO_DECISION, REFUSED_BY_HUMAN
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN, Roles
from rai_dash.data.labels import label_codes
from rai_dash.data.sources import DECIDED_BY_PEOPLE, OBSERVED, SOURCE, without_source
from rai_dash.govern.queue.reads import APPROVED, REFUSED, settled_codes
from rai_dash.govern.queue.rows import CaseRows
from rai_dash.govern.queue.state import Queue

Codes = NDArray[np.int8]
_CASE: Final = "review_case"


def recorded_decisions(queue: Queue, rows: CaseRows, n: int) -> Codes:
    """Return what people decided on the rows of the batch, as the review band takes it.

    Parameters
    ----------
    queue : Queue
    rows : CaseRows
        Of its cases.
    n : int
        Rows of the batch.

    Returns
    -------
    int8 (n,)
        0 refused, 1 approved, 2 nothing recorded, or nobody could say.
    """
    out = np.full(n, NO_DECISION, dtype=np.int8)
    standing = settled_codes(queue)
    out[rows.row[standing == APPROVED]] = APPROVED_BY_HUMAN
    out[rows.row[standing == REFUSED]] = REFUSED_BY_HUMAN
    return out


def decisions_table(queue: Queue, rows: CaseRows | None, outcome: Codes) -> pd.DataFrame:
    """Return one line a settled case: what it is, what was said, what stands. Names of readers are not in it.

    What is not settled yet is left out: whoever may still read it has to do so blind.

    Parameters
    ----------
    queue : Queue
    rows : CaseRows or None
        None = deleted; the columns of the applications are then left out.
    outcome : int8 (cases,)
    """
    cases = [case for case in queue.cases if case.due is None]
    kept = np.array([case.number for case in cases], dtype=np.intp)
    finals = [case.finals for case in cases]
    columns: dict[str, object] = {
        _CASE: [case.number for case in cases],
        "drawn_for": ["audit" if case.is_audit else "review" for case in cases],
        "read_twice": [case.two_reads for case in cases],
        "probability": [queue.probability(case) for case in cases],
        "route": [{"r": "reject", "v": "review", "a": "approve"}[case.route] for case in cases],
        "reason": [queue.reason(case.number) for case in cases],
        "model_side": [{"1": "approve", "0": "refuse", "-": None}[case.side] for case in cases],
        "decision": [None if case.decision is None else case.decision.value for case in cases],
        "accepted": [case.accepted is not None for case in cases],
        "outcome": [{0: "unfavourable", 1: "favourable"}.get(int(code)) for code in outcome[kept]],
    }
    for place in (1, 2, 3):
        read = [next((r for r in done if r.place == place), None) for done in finals]
        columns[f"blind_{place}"] = [
            None if r is None or r.blind is None else r.blind.decision.value for r in read
        ]
        columns[f"final_{place}"] = [
            None if r is None or r.final is None else r.final.decision.value for r in read
        ]
        columns[f"codes_{place}"] = [
            None if r is None or r.final is None else " ".join(r.final.codes) for r in read
        ]
        columns[f"seconds_{place}"] = pd.array(
            [None if r is None or r.blind is None else r.blind.seconds for r in read], dtype="Int64"
        )
    if rows is None:
        return pd.DataFrame(columns)
    columns["score"] = rows.score[kept]
    values = rows.frame.iloc[kept].reset_index(drop=True)
    names = {c: tr("application {c}", c=c) for c in values.columns if c in columns}
    return pd.concat([pd.DataFrame(columns), values.rename(columns=names)], axis=1)


def accepted_table(queue: Queue, rows: CaseRows, outcome: Codes) -> tuple[pd.DataFrame, Roles]:
    """Return the accepted cases as rows for a living test set and the next training set, with their roles.

    An outcome that was observed stays; where there is none, the decision stands in its place. That is what people
    decided and not what happened, so the column ``outcome_source`` says which it is.

    Raises
    ------
    InvalidChoice
        When nothing was accepted, or the batch has no target to be filled.
    """
    standing = settled_codes(queue)
    chosen = np.array([case.accepted is not None for case in queue.cases], dtype=bool)
    if not chosen.any():
        msg = tr("No case of this queue was accepted yet. Accept settled ones first.")
        raise InvalidChoice(msg)
    target = rows.roles.target or "outcome"
    good, bad = _labels(rows, target)
    decided = np.where(standing == APPROVED, good, bad).astype(object)
    known = outcome != UNKNOWN
    observed = np.where(outcome == FAVOURABLE, good, bad).astype(object)
    frame = rows.frame.copy()
    if SOURCE in frame.columns:
        msg = tr(
            "The batch has a column `{source}` of its own. Rename it before you fill a queue.", source=SOURCE
        )
        raise InvalidChoice(msg)
    frame[target] = pd.Series(np.where(known, observed, decided), dtype="str")
    frame[SOURCE] = np.where(known, OBSERVED, DECIDED_BY_PEOPLE)
    roles = rows.roles.with_(
        target=target,
        favourable=rows.roles.favourable or (good,),
        unfavourable=rows.roles.unfavourable or ((bad,) if not rows.roles.favourable else ()),
    )
    return frame[chosen].reset_index(drop=True), without_source(roles)


def _labels(rows: CaseRows, target: str) -> tuple[str, str]:
    """Return the words for a favourable and an unfavourable outcome in the batch."""
    roles = rows.roles
    if roles.target is None:
        return "approve", "refuse"
    named = {FAVOURABLE: roles.favourable, UNFAVOURABLE: roles.unfavourable}
    _, names = label_codes(rows.frame[target])
    found = {}
    for code, other in ((FAVOURABLE, UNFAVOURABLE), (UNFAVOURABLE, FAVOURABLE)):
        rest = [name for name in names if name not in named[other]]
        found[code] = next(iter(named[code]), None) or next(iter(rest), None)
    if found[FAVOURABLE] is None or found[UNFAVOURABLE] is None:
        msg = tr(
            "How an unfavourable outcome is written in `{target}` is not known. Name both values of the "
            "target in the roles of the batch.",
            target=target,
        )
        raise InvalidChoice(msg)
    return str(found[FAVOURABLE]), str(found[UNFAVOURABLE])
