"""Error slices as JSON without the numbers of few people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from rai_dash.report.small_cells import GroupTable, reason, suppress

_RATE: Final = ("value", "low", "high", "numerator")
_TABLE: Final = GroupTable(people="rows", by=("group",), line=(), shares=(("wrong", "rows"),))
_CELLS: Final = GroupTable(people="rows", by=("first", "second"), line=(), shares=(("wrong", "rows"),))


def without_few(content: Mapping[str, Any], *, fewest: int) -> dict[str, Any]:
    """Hide numbers that rest on few people in what `slices_json` wrote.

    Parameters
    ----------
    content : mapping
        Not changed.
    fewest : int
        Fewest people of a number that is shown; 0 = everything is shown.

    Returns
    -------
    dict
        Hidden numbers are None, and ``suppressed`` says why, where there are any. Of each slice, its rows stay and all
        that tells its wrong decisions goes, those of the rest too; in the tree what a parent less its children would
        tell goes as well, and in the heat map what a row or column less its cells would tell.

    Notes
    -----
    Slices overlap. Two that differ by few rows can be subtracted from each other: each stands with its size only where
    its own cells are large enough, and more is not searched.
    """
    if fewest <= 0:
        return dict(content)
    overall = _wrong(content["overall"])
    few = _few_overall(overall, fewest)
    told: dict[str, Any] = dict(content) | {
        "overall": _hidden(content["overall"]) if few else content["overall"],
        "slices": [_slice(one, overall, fewest) for one in content["slices"]],
        "tree": _node(content["tree"], fewest, is_hidden=few),
        "heat_map": None if content["heat_map"] is None else _heat_map(content["heat_map"], fewest),
    }
    return told | ({"suppressed": reason(fewest)} if told != dict(content) else {})


def _wrong(rate: Mapping[str, Any]) -> tuple[float, float]:
    return float(rate.get("numerator") or 0.0), float(rate.get("denominator") or 0.0)


def _few_overall(overall: tuple[float, float], fewest: int) -> bool:
    wrong, rows = overall
    return any(0 < n < fewest for n in (wrong, rows - wrong, rows))


def _hidden(rate: Mapping[str, Any]) -> dict[str, Any]:
    return dict(rate) | {name: None for name in _RATE if name in rate}


def _slice(one: Mapping[str, Any], overall: tuple[float, float], fewest: int) -> dict[str, Any]:
    inside = _wrong(one["error_rate"])
    rest = overall[0] - inside[0], overall[1] - inside[1]
    lines = pd.DataFrame(
        {"group": ["in it", "elsewhere"], "rows": [inside[1], rest[1]], "wrong": [inside[0], rest[0]]}
    )
    if not _lost(lines, _TABLE, fewest)["wrong"].any():
        return dict(one)
    return dict(one) | {
        "error_rate": _hidden(one["error_rate"]),
        "rest": _hidden(one["rest"]),
        "difference": _hidden(one["difference"]),
        "lift": None,
        "share_of_errors": None,
        # It follows from the counts.
        "adjusted_p": None,
    }


def _lost(lines: pd.DataFrame, table: GroupTable, fewest: int) -> pd.DataFrame:
    """Say which sizes and which wrong decisions are hidden, bool (lines, 2)."""
    shown, _ = suppress(lines, table, fewest=fewest)
    return shown[["rows", "wrong"]].isna()


def _node(node: Mapping[str, Any], fewest: int, *, is_hidden: bool) -> dict[str, Any]:
    """Hide in a node and below it: children of a hidden one would add up to it."""
    told = dict(node)
    if is_hidden:
        told |= {"error_rate": _hidden(node["error_rate"]), "split_p": None}
    children = node["children"]
    if not children:
        return told
    counts = [_wrong(child["error_rate"]) for child in children]
    lines = pd.DataFrame(
        {
            "group": [child["words"] for child in children],
            "rows": [float(child["rows"]) for child in children],
            "wrong": [wrong for wrong, _ in counts],
        }
    )
    lost = _lost(lines, _TABLE, fewest)
    made = []
    for child, size, wrong in zip(children, lost["rows"], lost["wrong"], strict=True):
        one = _node(child, fewest, is_hidden=is_hidden or bool(wrong))
        if size:
            # What is below it would add up to it.
            one |= {"rows": None, "children": [], "error_rate": one["error_rate"] | {"denominator": None}}
        made.append(one)
    return told | {"children": made}


def _heat_map(found: Mapping[str, Any], fewest: int) -> dict[str, Any]:
    first, second = found["rows"]["cells"], found["columns"]["cells"]
    places = [(i, j) for i in range(len(first)) for j in range(len(second))]
    lines = pd.DataFrame(
        {
            # By place: names with a cross in them would be taken apart.
            "first": [str(i) for i, _ in places],
            "second": [str(j) for _, j in places],
            "rows": [float(found["n"][i][j]) for i, j in places],
            "wrong": [float(found["errors"][i][j]) for i, j in places],
        }
    )
    lost = _lost(lines, _CELLS, fewest)
    told: dict[str, Any] = dict(found) | {
        name: [list(line) for line in found[name]]
        for name in ("n", "errors", "rate", "low", "high", "few", "shown")
    }
    for (i, j), size, wrong in zip(places, lost["rows"], lost["wrong"], strict=True):
        if size:
            told["n"][i][j] = None
        if wrong or size:
            for name in ("errors", "rate", "low", "high"):
                told[name][i][j] = None
    return told
