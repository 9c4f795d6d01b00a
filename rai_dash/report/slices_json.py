"""Error slices as JSON: what ``rai-dash slices --json`` writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rai_dash.case import Case, CaseData, CaseModel, DataRole, Judgement
from rai_dash.core.estimates import plain_table
from rai_dash.core.types import Estimate
from rai_dash.data.dataset import Dataset
from rai_dash.data.slices import slice_words
from rai_dash.models.client import Model
from rai_dash.report.slices_work import JudgedSlices, slices_of
from rai_dash.trials.slices.finder import SliceOptions
from rai_dash.trials.slices.findings import POWER, WORTH_FINDING, SliceFindings, SliceFound
from rai_dash.trials.slices.heatmap import ErrorHeatMap
from rai_dash.trials.slices.tree import TreeNode

SCHEMA = "rai-dash/slices/1"
INTERVALS = (
    "error_rate and difference of a slice hold for all slices looked at together; all other intervals are ordinary "
    "95 % intervals"
)


def slices_json(judgement: Judgement, found: JudgedSlices) -> dict[str, object]:
    """Write what was found as plain values; undefined = None.

    Parameters
    ----------
    judgement : Judgement
        The pair of data and model.
    found : JudgedSlices
        Of it, from `slices_of`.
    """
    dataset, model, findings = judgement.data.dataset, judgement.model, found.findings
    pair = findings.pair
    return {
        "schema": SCHEMA,
        "data": {"name": dataset.name, "rows": dataset.n_rows, "fingerprint": dataset.fingerprint},
        "model": None if model is None else {
            "format": model.model.info.format,
            "fingerprint": model.model.info.fingerprint,
            "favourable_class": model.model.model_class,
        },
        "score_column": dataset.roles.score if model is None else None,
        "exposure": str(judgement.exposure),
        "threshold": found.threshold,
        "rows": {
            "judged": judgement.n_judged, "no_outcome": found.no_outcome, "no_score": found.no_score,
            "looked_at": findings.rows, "searched": findings.searched,
        },
        "columns": list(findings.columns),
        "columns_left_out": found.left_out | dict.fromkeys(findings.constant, "it does not divide the rows"),
        "overall": _estimate(findings.overall),
        "test": _test_json(findings),
        "slices": [_slice_json(one) for one in findings.found],
        "tree": _node_json(findings.tree),
        "heat_map": None if pair is None else heat_map_json(findings.heat_map(*pair)),
    }  # fmt: skip


def _test_json(findings: SliceFindings) -> dict[str, object]:
    return {
        "compared": findings.looked_at,
        "min_rows": findings.min_rows,
        "rows_needed": findings.rows_needed,
        "rows_needed_for": {"excess": WORTH_FINDING, "power": POWER},
        "false_alarms": findings.alpha,
        "p_value": findings.p_value,
        "permutations": findings.draws,
        "seed": findings.seed,
        "intervals": INTERVALS,
        "reason": findings.reason,
    }


def _estimate(one: Estimate) -> dict[str, object]:
    out: dict[str, object] = {"value": one.value, "low": one.low, "high": one.high}
    if one.numerator is not None:
        out |= {"numerator": one.numerator, "denominator": one.denominator}
    return out if one.reason is None else out | {"reason": one.reason}


def _slice_json(one: SliceFound) -> dict[str, object]:
    return {
        "words": slice_words(one.slice),
        "slice": one.slice.to_json(),
        "rows": one.rows,
        "error_rate": _estimate(one.rate),
        "rest": _estimate(one.rest),
        "difference": _estimate(one.difference),
        "lift": one.lift,
        "share_of_errors": one.share_of_errors,
        "adjusted_p": one.adjusted_p,
        "also": [slice_words(other) for other in one.also],
    }


def _node_json(node: TreeNode) -> dict[str, object]:
    return {
        "words": slice_words(node.slice),
        "rows": node.rows,
        "error_rate": _estimate(node.rate),
        "split_p": node.p_value,
        "children": [_node_json(child) for child in node.children],
    }


def heat_map_json(found: ErrorHeatMap) -> dict[str, object]:
    """Write a heat map as nested lists, a list a row."""
    return {
        "rows": {"column": found.first, "cells": list(found.rows)},
        "columns": {"column": found.second, "cells": list(found.columns)},
        "n": found.n.tolist(),
        "errors": found.errors.tolist(),
        "rate": plain_table(found.rate),
        "low": plain_table(found.low),
        "high": plain_table(found.high),
        "few": found.few.tolist(),
        "shown": found.shown.tolist(),
    }


def find_dataset_slices(
    dataset: Dataset,
    model: Model | None,
    *,
    threshold: float = 0.5,
    columns: Sequence[str] = (),
    options: SliceOptions | None = None,
) -> dict[str, object]:
    """Find the error slices of a table under a model, or its score column.

    Parameters
    ----------
    dataset : Dataset
        The rows; where its roles name a split, those that the model was not trained on are judged.
    model : Model or None
        None = the score column.
    threshold, columns, options
        As of `slices_of`.

    Raises
    ------
    RaiError
        When rows, columns or choices do not fit.
    """
    data = CaseData(key="data", title=dataset.name, role=DataRole.PRODUCTION, dataset=dataset)
    models = () if model is None else (CaseModel(key="model", title="", model=model),)
    case = Case(id="slices", title=dataset.name, data=(data,), models=models)
    judgement = case.judge("data", "model")
    return slices_json(judgement, slices_of(judgement, threshold=threshold, columns=columns, options=options))


def limits_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange findings so that limits of a gate can be put on them.

    Returns
    -------
    dict
        ``overall``: ``slices`` (how many stand out; undefined where nothing could be compared), ``error_rate`` of
        everyone, ``worst_rate`` and ``worst_difference`` of the slices (0 where there is none).
    """
    compared = content["test"]["reason"] is None
    found = content["slices"]
    worst = {
        key: max((one[key]["value"] for one in found), default=0.0) if compared else None
        for key in ("error_rate", "difference")
    }
    overall = {
        "slices": len(found) if compared else None,
        "error_rate": content["overall"]["value"],
        "worst_rate": worst["error_rate"],
        "worst_difference": worst["difference"],
    }
    return {"overall": {k: {"value": v} for k, v in overall.items()}, "of": {}, "disparities": {}}
