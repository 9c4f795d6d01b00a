"""The mitigation trials as tables."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rai_dash.core.texts import mark, tr
from rai_dash.report.small_cells import GroupTable
from rai_dash.trials.mitigation import Judged, Mitigated, Trial
from rai_dash.ui.frames import metric_frame
from rai_dash.ui.text import plain

BASE = mark("the model as it is")
_OVERALL = ("accuracy", "balanced_accuracy", "selection_rate")
#: Where the table of changed decisions keeps its people, for downloads.
OF_MOVES = GroupTable(
    shares=(
        (mark("newly approved"), "rows"),
        (mark("newly approved with a favourable outcome"), mark("newly approved")),
        (mark("newly refused"), "rows"),
        (mark("newly refused with a favourable outcome"), mark("newly refused")),
    )
)
_BY_GROUP = ("selection_rate", "recall", "fpr", "accuracy")


def _all(result: Mitigated) -> Iterator[tuple[str, Judged, Trial | None]]:
    yield tr(BASE), result.base, None
    for trial in result.trials:
        if trial.judged is not None:
            yield trial.method.title, trial.judged, trial


def method_frame(result: Mitigated) -> pd.DataFrame:
    """Return one row a method: figures of everyone, the gap, the changes and what the method asks for."""
    rows = []
    for name, judged, trial in _all(result):
        row: dict[str, object] = {"method": plain(name)}
        for metric in _OVERALL:
            e = judged.everyone.estimate(metric, 0)
            row |= {metric: e.value, f"{metric} low": e.low, f"{metric} high": e.high}
        gap = judged.gap
        row |= {
            "gap": gap.value,
            "gap low": gap.low,
            "gap high": gap.high,
            "gap undefined because": gap.reason or "",
        }
        rows.append(row | _compared(result, trial))
    rows += [
        {"method": plain(t.method.title), "not tried because": plain(t.failed, 600)}
        for t in result.trials
        if t.failed is not None
    ]
    return pd.DataFrame(rows)


def _compared(result: Mitigated, trial: Trial | None) -> dict[str, object]:
    if trial is None or trial.change is None or trial.matched is None:
        return {}
    change, flips, matched = trial.change, trial.flips, trial.matched
    return {
        "change of accuracy": change.accuracy,
        "change of accuracy low": change.accuracy_low,
        "change of accuracy high": change.accuracy_high,
        "change of gap": change.gap,
        "change of gap low": change.gap_low,
        "change of gap high": change.gap_high,
        "decisions that flip": 0.0 if flips is None else flips.share,
        "gap over seeds low": None if flips is None else flips.gap_low,
        "gap over seeds high": None if flips is None else flips.gap_high,
        "at the same share approved": matched.after.everyone.estimate("selection_rate", 0).value,
        "gap there, the model": matched.before.gap.value,
        "gap there, the method": matched.after.gap.value,
        "needs the group": result.knows_group(trial),
        "decides by a coin": trial.method.is_random,
        "gives a score": trial.method.has_score,
        "for study only": bool(trial.method.study),
    }


def group_frame(result: Mitigated) -> pd.DataFrame:
    """Return one row a method, group and rate, with intervals and counts."""
    parts = []
    for name, judged, trial in _all(result):
        part = metric_frame(judged.by_group, _BY_GROUP)
        part.insert(0, "method", plain(name))
        cuts = {} if trial is None else {plain(group): cut for group, cut in trial.cuts.items()}
        part["threshold of the group"] = [cuts.get(group) for group in part["group"]]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def gap_frame(result: Mitigated) -> pd.DataFrame:
    """Return one row a method and rate of the goal: the gap, what chance alone gives, and the verdict."""
    rows = []
    for name, judged, _ in _all(result):
        for rate, found in judged.gap.rates.items():
            test = judged.gap.verdicts[rate]
            rows.append(
                {
                    "method": plain(name),
                    "rate": rate,
                    "gap": found.difference,
                    "low": found.low,
                    "high": found.high,
                    "worst": plain(found.worst or ""),
                    "best": plain(found.best or ""),
                    "expected by chance": None if test is None else test.expected_by_chance,
                    "verdict": "" if test is None else test.verdict,
                    "undefined because": found.reason or "",
                }
            )
    return pd.DataFrame(rows)


def moves_frame(result: Mitigated) -> pd.DataFrame:
    """Return one row a method and group: who is newly approved, who newly refused, whose decision flips."""
    rows = []
    for trial in result.trials:
        moves = trial.moves
        if moves is None:
            continue
        for i, group in enumerate(moves.groups):
            rows.append(
                {
                    "method": plain(trial.method.title),
                    "group": plain(group),
                    "rows": int(moves.n[i]),
                    "newly approved": int(moves.approved[i]),
                    "newly approved with a favourable outcome": int(moves.approved_good[i]),
                    "newly refused": int(moves.refused[i]),
                    "newly refused with a favourable outcome": int(moves.refused_good[i]),
                    "decisions that flip": 0.0 if trial.flips is None else trial.flips.by_group[group],
                }
            )
    return pd.DataFrame(rows)
