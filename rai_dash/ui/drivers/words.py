"""What the page on the model's drivers says in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rai_dash.core.types import Estimate
from rai_dash.data.blocks import BLOCK_AT
from rai_dash.explain._base import LOG_ODDS
from rai_dash.explain.drivers.by_group import group_means
from rai_dash.explain.drivers.importance import AUC, BRIER, COST, LOG_LOSS, Importance
from rai_dash.ui.drivers.look import Look
from rai_dash.ui.text import count, number, percent, percent_range, points, safe

#: A sensitive column among so many is named as a warning.
TOP = 5
#: Groups of a sensitive column that are named in one sentence.
_MOST_GROUPS = 4
DISAGREE = (
    "The measures answer different questions and need not agree: contributions say how far a column moves scores, "
    "right or wrong; shuffling says how much the scores' quality rests on it; cost says how much the decisions at one "
    "threshold do."
)
NO_BLOCKS = (
    f"No two of the model's columns go together at {number(BLOCK_AT)} or more, so each counts on its own."
)
#: What gets worse when a column is shuffled: title, unit on the chart, and the words under it.
LOSSES = {
    AUC: ("Loss of AUC", "How much worse the order of the scores becomes, in points of AUC"),
    COST: ("Rise in cost", "How much dearer an application becomes at the threshold"),
    LOG_LOSS: ("Rise in log loss", "How much worse the scores are as probabilities"),
    BRIER: ("Rise in Brier score", "How much worse the scores are as probabilities, squared"),
}


def amount(x: float, space: str, *, signed: bool = False) -> str:
    """Write a contribution in its unit."""
    if space != LOG_ODDS:
        return points(x, signed=signed)
    plus = "+" if signed and x > 0 else ""
    return f"{plus}{number(x)} log-odds"


def between(low: float, high: float, space: str, *, signed: bool = False) -> str:
    """Write a 95 % interval of a contribution."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return "no interval"
    return f"{amount(low, space, signed=signed)} to {amount(high, space, signed=signed)}"


def explained_line(look: Look) -> str:
    """Say who was explained, how, against whom and how exactly."""
    table, n = look.table, len(look.everyone.at)
    who = f"{count(n)} of {count(look.everyone.of)} rows, evenly over their scores" if look.everyone.is_sample else (
        f"all {count(n)} rows"
    )  # fmt: skip
    exact = "" if table.exact.all() else f" {count(int((~table.exact).sum()))} rows are estimates."
    alike = "" if look.judgement.roles.weight is None else " Weights are not used: every row counts alike."
    return (
        f"Contributions (SHAP) of {who}, in {safe(table.space)}: {safe(table.method, limit=300)}. Largest additivity "
        f"error {safe(f'{table.largest_error:.1e}')}.{exact}{alike}"
    )


def space_note(look: Look, wanted: str) -> str:
    """Say why the contributions are in another unit than was asked for."""
    if look.table.space == wanted:
        return ""
    return f"This model cannot be explained in {safe(wanted)}, so it is shown in {safe(look.table.space)}."


def top_sentence(found: Importance, space: str, rows: int) -> str:
    """Name the columns that move the scores most."""
    order = [int(i) for i in found.order if found.value[i] > 0]
    if not order:
        return "No column moves the scores: the model gives everybody the same score."
    i = order[0]
    text = (
        f"**{safe(found.names[i])}** moves the scores most: by {amount(found.value[i], space)} on average over "
        f"{count(rows)} applicants ({between(found.low[i], found.high[i], space)})"
    )
    rest = ", ".join(f"**{safe(found.names[j])}** ({amount(found.value[j], space)})" for j in order[1:4])
    return f"{text}; then {rest}." if rest else f"{text}; no other column moves them."


def sensitive_among_top(look: Look) -> str:
    """Say which sensitive columns are among the columns that move the scores most; empty = none."""
    top = {name for name in look.ranked[:TOP] if look.moves(name)}
    named = [c for c in look.judgement.roles.sensitive if look.player_of(c) in top]
    if not named:
        return ""
    names = " and ".join(f"**{safe(c)}**" for c in named)
    verb = "is a sensitive column" if len(named) == 1 else "are sensitive columns"
    return f"{names} {verb} and among the {count(TOP)} that move the scores most."


def sensitive_sentences(look: Look) -> list[str]:
    """Say of each sensitive column whether the model uses it, and whom it moves which way."""
    said, unused = [], []
    for column in look.judgement.roles.sensitive:
        player = look.player_of(column)
        if player is None:
            unused.append(f"**{safe(column)}**")
        elif not look.moves(player):
            said.append(f"**{safe(column)}** is an input of the model and moves no score.")
        else:
            inside = "" if player == column else f" with its block, {safe(player)},"
            said.append(
                f"**{safe(column)}**{inside} is number {count(look.ranked.index(player) + 1)} of "
                f"{count(len(look.ranked))}: on average {_by_own_groups(look, column, player)}."
            )
    if unused:
        said.append(
            f"The model does not take {', '.join(unused)}; other columns may stand in for what it does not see."
        )
    return said


def _by_own_groups(look: Look, column: str, player: str) -> str:
    """Say what a sensitive column does to the scores of its own groups, the extremes first."""
    groups, codes = look.groups(column)
    j = look.table.names.index(player)
    found = group_means(look.table.values[:, [j]], [player], codes, groups)
    shown = [g for g in range(len(groups)) if found.n[g] > 0 and not found.small[g]]
    if not shown:
        return "it cannot be said for whom, since no group has enough rows"
    ordered = sorted(shown, key=lambda g: found.value[g, 0])
    if len(ordered) > _MOST_GROUPS:
        ordered = [ordered[0], ordered[-1]]
    parts = [f"{safe(groups[g])} {amount(found.value[g, 0], look.space, signed=True)}" for g in ordered]
    return ", ".join(parts)


def loss_sentence(found: Importance) -> str:
    """Name what the quality of the scores, or their cost, rests on."""
    if found.reason is not None:
        return f"{LOSSES[found.measure][0]} is undefined: {safe(found.reason, limit=200)}."
    shown = [int(i) for i in found.order if found.low[i] > 0]
    if not shown:
        return "No column's loss can be told from 0 in these rows."
    names = ", ".join(
        f"**{safe(found.names[i])}** ({loss(found.value[i], found.measure)})" for i in shown[:3]
    )
    more = f" and {count(len(shown) - 3)} more" if len(shown) > 3 else ""
    return f"Above 0 with the whole interval: {names}{more}. Each interval stands alone: one in twenty errs."


def loss(x: float, measure: str) -> str:
    """Write a loss in its unit."""
    if measure == AUC:
        return points(x)
    return number(x, digits=3) if abs(x) < 1 else number(x)


def estimate_range(found: Estimate) -> str:
    """Write a share with its interval."""
    if found.value is None:
        return f"– ({safe(found.reason or 'undefined', limit=200)})"
    return f"{percent(found.value)} ({percent_range(found.low, found.high)})"


def blocks_note(found: Sequence[Sequence[str]]) -> str:
    """Name the correlated blocks."""
    named = "; ".join(" + ".join(safe(name) for name in block) for block in found)
    return f"Go together at {number(BLOCK_AT)} or more: {named}. Which column of a block gets the credit is arbitrary."
