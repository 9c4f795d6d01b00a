"""All that is said about the groups of a table, and what it takes for two answers to be the same."""

from __future__ import annotations

import numpy as np

from rai_dash.metrics.against import Other, compare
from rai_dash.metrics.compared import COMPARED
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.impact import impact_ratios
from rai_dash.metrics.parity import parities
from rai_dash.metrics.table import metric_table
from rai_dash.metrics.verdict import gap_verdict

#: Shares of rows.
rates = (
    "selection_rate",
    "base_rate",
    "recall",
    "fnr",
    "fpr",
    "tnr",
    "precision",
    "fdr",
    "npv",
    "for_rate",
    "accuracy",
)


def everything(counts, cut, *, bootstrap=0):
    """All that is said about the groups, by their names."""
    table = metric_table(counts, cut, min_n=2, bootstrap=bootstrap)
    by_name = dict(zip(table.groups, map(table.to_json, range(len(table.groups))), strict=True))
    gaps, verdicts, against = {}, {}, {}
    for metric in COMPARED:
        gaps[metric] = disparity(table, metric).to_json()
        verdicts[metric] = gap_verdict(table, metric).to_json()
        against[metric] = {
            other.value: {a.group: a.to_json() for a in compare(table, metric, other)}
            for other in (Other.REST, Other.OVERALL)
        }
    named = {p.name: p.to_json() for p in parities(table)}
    impact = impact_ratios(counts, cut).to_json()
    return {
        "groups": by_name, "gaps": gaps, "verdicts": verdicts, "against": against, "parities": named, "impact": impact,
    }  # fmt: skip


def values(found):
    """The values alone, by group and metric."""
    return {
        group: {name: entry["value"] for name, entry in numbers.items() if isinstance(entry, dict)}
        for group, numbers in found["groups"].items()
    }


def same(a, b, where=()):
    """Assert equality in all words, and in all numbers but for the order in which they were summed."""
    if isinstance(a, dict) and isinstance(b, dict):
        assert a.keys() == b.keys(), where
        for key in a:
            same(a[key], b[key], (*where, key))
    elif isinstance(a, list) and isinstance(b, list):
        assert len(a) == len(b), where
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            same(x, y, (*where, i))
    elif isinstance(a, float) and isinstance(b, float):
        words = " ".join(map(str, where))
        loose = (
            1e-5 if "calibration" in words else 1e-7 if "brier" in words or "mean_score" in words else 1e-9
        )
        assert np.isclose(a, b, rtol=loose, atol=loose), (where, a, b)
    else:
        assert a == b, (where, a, b)


def unordered(found):
    """Lists of groups as sorted lists; which of several equal groups is named first is no statement."""
    if isinstance(found, dict):
        rest = {k: unordered(v) for k, v in found.items() if k not in {"worst", "best", "groups"}}
        if isinstance(found.get("groups"), dict):
            rest["groups"] = unordered(found["groups"])
        return rest
    if isinstance(found, list):
        return sorted(map(unordered, found), key=str)
    return found


def shuffle(random, n):
    order = list(range(n))
    random.shuffle(order)
    return np.array(order, dtype=np.int64)


def rename(found, names):
    """The same JSON with other names of groups."""
    if isinstance(found, dict):
        return {names.get(k, k): rename(v, names) for k, v in found.items()}
    if isinstance(found, list):
        return [rename(v, names) for v in found]
    return names.get(found, found) if isinstance(found, str) else found
