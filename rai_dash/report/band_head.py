"""The head of every report on a band: data, model, conditions, and what a reader must know."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from rai_dash.case import Exposure
from rai_dash.core.cells import NO_SCORE
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.whole import Whole
from rai_dash.models.client import Model
from rai_dash.report.band_choices import BandChoices
from rai_dash.report.band_rows import BandRows
from rai_dash.report.rests_on_json import rests_on_json
from rai_dash.review.promise import IGNORES_WEIGHTS
from rai_dash.review.row_rules import held_of_all

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
    times = np.ones(judgement.n_judged, np.int64)
    with_score = int((np.isfinite(judgement.score[judgement.judged]) & held.rows).sum())
    if rows.whole is not None and judgement.whole is not None:
        held, times = held_of_all(held.conditions, judgement.whole)
        with_score = _scored(judgement.whole) - _scored(rows.whole)
    rests_on = rests_on_json(data)
    if rests_on is not None:
        rests_on |= {"of_the_sample": _of_sample(rows, choices)}
    return {
        "schema": SCHEMA,
        "command": command,
        "data": {
            "name": data.name,
            "rows": data.n_all,
            "judged_rows": judgement.n_judged if rows.whole is None else judgement.n_counted,
            "exposure": judgement.exposure.value,
            "fingerprint": data.fingerprint,
            "roles_fingerprint": data.roles_fingerprint,
        },
        "model": None if model is None else _model(model.model),
        "score_column": data.roles.score if model is None else None,
        "conditions": {
            "rows": int(times[held.rows].sum()),
            "with_score": with_score,
            "each": held.to_json(times),
        },
        "notices": _notices(rows, choices),
    } | ({} if rests_on is None else {"rests_on": rests_on})  # fmt: skip


def _scored(whole: Whole) -> int:
    """Count the judged rows with a score that is used."""
    return int(whole.counts().counts[:, :, :NO_SCORE].sum())


def _of_sample(rows: BandRows, choices: BandChoices) -> list[str]:
    """List the parts of the report that are of the sample of a portfolio, though the others are of all rows."""
    if rows.whole is None:
        return ["everything"]
    return {"sgr": ["guarantee"], "split": ["everything but conditions and data"]}.get(
        choices.promise or "", []
    )


def _model(model: Model) -> dict[str, object]:
    """Say which model it was."""
    return {"format": model.info.format, "family": model.info.family, "fingerprint": model.info.fingerprint}


def _notices(rows: BandRows, choices: BandChoices) -> list[dict[str, str]]:
    """Say what a reader of the numbers must know."""
    found = [{"code": n.code, "message": n.message} for n in rows.judgement.notices]
    data = rows.judgement.data.dataset
    if rows.is_sample:
        text = (
            f"All figures are of a sample of {data.n_rows:,} of {data.n_all:,} rows: the model has not scored all "
            "rows yet, or the conditions look at too many columns to be counted."
        )
        found.append({"code": "of_the_sample", "message": text})
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
        found.append({"code": "weights_ignored", "message": tr(IGNORES_WEIGHTS)})
    return found
