"""Two data sets against each other as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from rai_dash.core.estimates import plain
from rai_dash.data.column_drift import ColumnDrift
from rai_dash.data.drift import Drift, PriorShift
from rai_dash.trials.two_sample import TwoSample

SCHEMA: Final = "rai-dash/compare/1"


def drift_json(drift: Drift, told: TwoSample | None = None) -> dict[str, object]:
    """Describe how a second data set differs from the first.

    Parameters
    ----------
    drift : Drift
        From `rai_dash.data.drift.data_drift`.
    told : TwoSample, optional
        Whether a classifier can tell the two apart.

    Returns
    -------
    dict
        ``{"schema", "rows": {then, now}, "prior_shift", "columns": {NAME: {...}}, "only_then", "only_now",
        "classifier"}``; undefined = None.
    """
    return {
        "schema": SCHEMA,
        "rows": {"then": drift.rows_then, "now": drift.rows_now},
        "prior_shift": None if drift.prior is None else _prior(drift.prior),
        "columns": {column.name: _column(column) for column in drift.columns},
        "only_then": list(drift.only_then),
        "only_now": list(drift.only_now),
        "classifier": None if told is None else _told(told),
    }


def _prior(prior: PriorShift) -> dict[str, object]:
    return {
        "then": asdict(prior.then),
        "now": asdict(prior.now),
        "low": prior.low,
        "high": prior.high,
        "p_value": prior.p_value,
        "shown": prior.is_shown,
    }


def _column(one: ColumnDrift) -> dict[str, object]:
    cells = zip(one.cells, one.then.tolist(), one.now.tolist(), strict=True)
    return {
        "kind": one.kind,
        "verdict": str(one.shift),
        "psi": plain(one.psi),
        "psi_by_chance": plain(one.psi_by_chance),
        "statistic": plain(one.test.statistic),
        "p_value": plain(one.test.p_value),
        "q_value": plain(one.q_value),
        "rows_needed": one.rows_needed,
        "missing_then": one.blank_then,
        "missing_now": one.blank_now,
        "missing_p_value": plain(one.blank_p),
        "missing_q_value": plain(one.blank_q),
        "new": [{"value": value, "rows": rows} for value, rows in one.new],
        "gone": [{"value": value, "rows": rows} for value, rows in one.gone],
        "mean_then": one.mean_then,
        "mean_now": one.mean_now,
        "median_then": one.median_then,
        "median_now": one.median_now,
        "changed_kind": one.changed_kind,
        "cells": [{"cell": cell, "then": then, "now": now} for cell, then, now in cells],
    }


def _told(told: TwoSample) -> dict[str, object]:
    return {
        "auc": plain(told.auc),
        "low": plain(told.low),
        "high": plain(told.high),
        "p_value": plain(told.p_value),
        "shown": told.is_shown,
        "columns": dict(told.columns),
        "rows_then": told.rows_then,
        "rows_now": told.rows_now,
    }


def limits_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange a comparison so that limits of a gate can be put on its numbers.

    Returns
    -------
    dict
        ``overall`` (``prior_shift``: now less then; ``classifier_auc``; ``shifted``: columns shown to have moved),
        ``of``: ``psi``, ``missing`` (now less then, in shares) and ``new`` (rows of unseen categories) by column.
    """
    prior, columns, rows = content["prior_shift"], content["columns"], content["rows"]
    moved = None if prior is None else prior["now"]["value"] - prior["then"]["value"]
    told = content["classifier"]
    shown = sum("shift" in c["verdict"] and c["verdict"] != "no shift shown" for c in columns.values())
    overall = {"prior_shift": moved, "classifier_auc": told and told["auc"], "shifted": shown}
    return {
        "overall": {k: {"value": v} for k, v in overall.items()},
        "of": {
            "psi": {name: c["psi"] for name, c in columns.items()},
            "missing": {
                name: c["missing_now"] / max(rows["now"], 1) - c["missing_then"] / max(rows["then"], 1)
                for name, c in columns.items()
            },
            "new": {name: sum(v["rows"] for v in c["new"]) for name, c in columns.items()},
        },
        "disparities": {},
    }
