"""The comparison of strategies as tables and as dots of the chart."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rai_dash.core.texts import mark, tr
from rai_dash.report.small_cells import GroupTable
from rai_dash.trials.rebalancing.figures import GAPS, OF_DECISIONS, Decided, Line, Spread
from rai_dash.trials.rebalancing.results import Compared, Variant
from rai_dash.ui.rebalance_words import spread_text
from rai_dash.ui.text import plain

#: Where the table of training cells keeps its people, for downloads.
OF_CELLS = GroupTable(people=mark("training rows as they are"), by=("cell",), shares=())
#: Where the table of groups keeps its people.
OF_GROUPS = GroupTable(line=("strategy", "seed", "at", "figure"))
_CHARTED = ("recall", "precision")
_AT = (("runs", mark("the threshold")), ("matched_runs", mark("the same share approved")))


def summary(lines: tuple[Line, ...], *, corrected: bool) -> pd.DataFrame:
    """Return one row a strategy as text: mean and range over the seeds."""
    rows = []
    for one in lines:
        if not one.variant.runs:
            continue
        row = {
            "strategy": tr(one.variant.strategy.title),
            "AUC": spread_text(one.scores["auc"], as_percent=False),
            "Brier": spread_text(one.scores["brier"], as_percent=False),
            "scores overstate ×": spread_text(one.scores["overstated"], as_percent=False),
        }
        if corrected:
            row["Brier, corrected"] = spread_text(one.corrected.get("brier"), as_percent=False)
            row["overstate ×, corrected"] = spread_text(one.corrected.get("overstated"), as_percent=False)
        row |= {
            "accuracy at the threshold": spread_text(one.decisions["accuracy"], as_percent=True),
            "recall at the threshold": spread_text(one.decisions["recall"], as_percent=True),
            "approved at the threshold": spread_text(one.decisions["selection_rate"], as_percent=True),
            "recall at the same share": spread_text(one.matched["recall"], as_percent=True),
        }
        if one.matched_gaps:
            row["recall gap at the same share"] = spread_text(one.matched_gaps["recall"], as_percent=True)
        rows.append(row)
    return pd.DataFrame(rows)


def full_frame(lines: tuple[Line, ...]) -> pd.DataFrame:
    """Return one row a strategy and figure: mean, smallest and largest over the seeds."""
    rows: list[dict[str, Any]] = []
    for one in lines:
        parts: tuple[tuple[str, dict[str, Spread]], ...] = (
            (tr("any threshold"), one.scores),
            (tr("any threshold, prior-corrected scores"), one.corrected),
            (tr("the threshold"), one.decisions),
            (tr("the same share approved"), one.matched),
            (tr("the threshold"), {tr("{k} gap", k=k): v for k, v in one.gaps.items()}),
            (tr("the same share approved"), {tr("{k} gap", k=k): v for k, v in one.matched_gaps.items()}),
        )
        rows += [
            {
                "strategy": tr(one.variant.strategy.title),
                "at": at,
                "figure": "mean_score / base_rate" if name == "overstated" else name,
                "mean": found.mean,
                "smallest": found.low,
                "largest": found.high,
            }
            for at, figures in parts
            for name, found in figures.items()
        ]
    return pd.DataFrame(rows)


def gap_frame(lines: tuple[Line, ...]) -> pd.DataFrame:
    """Return one row a strategy, seed, operating point and rate: the gap between groups with its interval."""
    rows: list[dict[str, Any]] = []
    for one in lines:
        for part, at in _AT:
            for run, decided in zip(one.variant.runs, getattr(one, part), strict=True):
                rows += [
                    {
                        "strategy": tr(one.variant.strategy.title), "seed": run.seed, "at": tr(at), "rate": name,
                        "gap": gap.difference, "low": gap.low, "high": gap.high,
                        "worst": plain(gap.worst or ""), "best": plain(gap.best or ""),
                        "undefined because": gap.reason or "",
                    }
                    for name in GAPS
                    if (gap := decided.gap(name)) is not None
                ]  # fmt: skip
    return pd.DataFrame(rows)


def group_frame(lines: tuple[Line, ...]) -> pd.DataFrame:
    """Return one row a strategy, seed, operating point, group and rate with its interval and counts."""
    rows: list[dict[str, Any]] = []
    for one in lines:
        for part, at in _AT:
            for run, decided in zip(one.variant.runs, getattr(one, part), strict=True):
                head = {"strategy": tr(one.variant.strategy.title), "seed": run.seed, "at": tr(at)}
                rows += [head | row for row in _rates(decided)]
    return pd.DataFrame(rows)


def _rates(decided: Decided) -> list[dict[str, Any]]:
    rows = []
    for table in (decided.everyone, decided.by_group):
        if table is None:
            continue
        for i, group in enumerate(table.groups):
            for name in OF_DECISIONS:
                e = table.estimate(name, i)
                rows.append(
                    {
                        "group": plain(group), "rows": int(table.n[i]), "figure": name, "value": e.value,
                        "low": e.low, "high": e.high, "numerator": e.numerator, "denominator": e.denominator,
                        "undefined because": e.reason or "",
                    }
                )  # fmt: skip
    return rows


def cells_frame(compared: Compared, variant: Variant) -> pd.DataFrame:
    """Return the training rows a cell of the first seed, as they are and under a strategy."""
    before, after = compared.variant("none").runs[0].cells, variant.runs[0].cells
    names = list(dict.fromkeys([*before, *after]))
    return pd.DataFrame(
        {
            "cell": [plain(n) for n in names],
            "training rows as they are": [before.get(n, 0) for n in names],
            "trained on": [after.get(n, 0) for n in names],
        }
    )


def dots(
    base: Line, shown: Line, *, matched: bool
) -> tuple[list[str], list[float | None], list[float | None], list[float | None], list[float | None]]:
    """Return names, the model as it is, the strategy and its interval under the first seed, for the chart."""
    part = "matched_runs" if matched else "runs"
    before, after = getattr(base, part)[0], getattr(shown, part)[0]
    names: list[str] = []
    was: list[float | None] = []
    now: list[float | None] = []
    low: list[float | None] = []
    high: list[float | None] = []
    pairs = [(before.everyone, after.everyone)]
    if before.by_group is not None and after.by_group is not None:
        pairs.append((before.by_group, after.by_group))
    for metric in _CHARTED:
        for first, second in pairs:
            for i, group in enumerate(first.groups):
                e = second.estimate(metric, i)
                names.append(f"{metric}, {group}")
                was.append(first.estimate(metric, i).value)
                now.append(e.value)
                low.append(e.low)
                high.append(e.high)
    return names, was, now, low, high
