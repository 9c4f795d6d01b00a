"""The head of every report on a band: data, model, conditions, and what a reader must know."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from rai_dash.case import Exposure
from rai_dash.models.client import Model
from rai_dash.report.band_choices import BandChoices
from rai_dash.report.band_rows import BandRows
from rai_dash.review.promise import IGNORES_WEIGHTS

SCHEMA: Final = "rai-dash/band/1"


def head_of(command: str, rows: BandRows, choices: BandChoices) -> dict[str, Any]:
    """Say what was judged.

    Returns
    -------
    dict
        ``schema, command, data, model, score_column, conditions, notices``. ``conditions.rows`` counts the judged rows
        that are held, ``with_score`` those of them that the machine could have decided.
    """
    judgement, held = rows.judgement, rows.held_judged
    data, model = judgement.data.dataset, judgement.model
    with_score = np.isfinite(judgement.score[judgement.judged]) & held.rows
    return {
        "schema": SCHEMA,
        "command": command,
        "data": {
            "name": data.name,
            "rows": data.n_rows,
            "judged_rows": judgement.n_judged,
            "exposure": judgement.exposure.value,
            "fingerprint": data.fingerprint,
            "roles_fingerprint": data.roles_fingerprint,
        },
        "model": None if model is None else _model(model.model),
        "score_column": data.roles.score if model is None else None,
        "conditions": {
            "rows": int(held.rows.sum()),
            "with_score": int(with_score.sum()),
            "each": held.to_json(),
        },
        "notices": _notices(rows, choices),
    }  # fmt: skip


def _model(model: Model) -> dict[str, object]:
    """Say which model it was."""
    return {"format": model.info.format, "family": model.info.family, "fingerprint": model.info.fingerprint}


def _notices(rows: BandRows, choices: BandChoices) -> list[dict[str, str]]:
    """Say what a reader of the numbers must know."""
    found = [{"code": n.code, "message": n.message} for n in rows.judgement.notices]
    if rows.judgement.exposure is Exposure.UNKNOWN:
        text = "Which rows the model was trained on is not stated; if it was these, every figure is too good."
        found.append({"code": "in_sample_unknown", "message": text})
    if not any(choices.costs.to_json().values()):
        text = "No costs are given: every band costs 0, and of two bands the one with less review counts as better."
        found.append({"code": "no_costs", "message": text})
    if rows.held.conditions:
        text = "Rows held by a condition are counted like rows without a score: the person decides without the model."
        found.append({"code": "held_as_no_score", "message": text})
    if rows.weight is not None:
        found.append({"code": "weights_ignored", "message": IGNORES_WEIGHTS})
    return found
