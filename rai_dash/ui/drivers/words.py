"""What the page on the model's drivers says in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rai_dash.core.texts import mark, tr
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
DISAGREE = mark(
    "The measures answer different questions and need not agree: contributions say how far a column "
    "moves scores, right or wrong; shuffling says how much the scores' quality rests on it; cost says "
    "how much the decisions at one threshold do."
)
#: What gets worse when a column is shuffled: title, unit on the chart, and the words under it.
LOSSES = {
    AUC: (mark("Loss of AUC"), mark("How much worse the order of the scores becomes")),
    COST: (mark("Rise in cost"), mark("How much dearer an application becomes at the threshold")),
    LOG_LOSS: (mark("Rise in log loss"), mark("How much worse the scores are as probabilities")),
    BRIER: (mark("Rise in Brier score"), mark("How much worse the scores are as probabilities, squared")),
}


def amount(x: float, space: str, *, signed: bool = False) -> str:
    """Write a contribution in its unit."""
    if space != LOG_ODDS:
        return points(x, signed=signed)
    plus = "+" if signed and x > 0 else ""
    return tr("{plus}{x} log-odds", plus=plus, x=number(x))


def between(low: float, high: float, space: str, *, signed: bool = False) -> str:
    """Write a 95 % interval of a contribution."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return tr("no interval")
    if space == LOG_ODDS:
        pluses = ["+" if signed and x > 0 else "" for x in (low, high)]
        return tr("{low} to {high} log-odds", low=pluses[0] + number(low), high=pluses[1] + number(high))
    return tr(
        "{amount} to {amount_space}",
        amount=amount(low, space, signed=signed),
        amount_space=amount(high, space, signed=signed),
    )


def explained_line(look: Look) -> str:
    """Say who was explained, how, against whom and how exactly."""
    table, n = look.table, len(look.everyone.at)
    who = (
        tr("{n} of {of} rows, evenly over their scores", n=count(n), of=count(look.everyone.of))
        if look.everyone.is_sample
        else (tr("all {n} rows", n=count(n)))
    )
    exact = (
        "" if table.exact.all() else tr(" {sum} rows are estimates.", sum=count(int((~table.exact).sum())))
    )
    alike = (
        "" if look.judgement.roles.weight is None else tr(" Weights are not used: every row counts alike.")
    )
    return tr(
        "Contributions (SHAP) of {who}, in {space}: {method}. Largest additivity error "
        "{largest_error}.{exact}{alike}",
        who=who,
        space=safe(table.space),
        method=safe(table.method, limit=300),
        largest_error=safe(f"{table.largest_error:.1e}"),
        exact=exact,
        alike=alike,
    )


def space_note(look: Look, wanted: str) -> str:
    """Say why the contributions are in another unit than was asked for."""
    if look.table.space == wanted:
        return ""
    return tr(
        "This model cannot be explained in {wanted}, so it is shown in {space}.",
        wanted=safe(wanted),
        space=safe(look.table.space),
    )


def top_sentence(found: Importance, space: str, rows: int) -> str:
    """Name the columns that move the scores most."""
    order = [int(i) for i in found.order if found.value[i] > 0]
    if not order:
        return tr("No column moves the scores: the model gives everybody the same score.")
    i = order[0]
    text = tr(
        "**{names}** moves the scores most: by {amount} on average over {rows} applicants ({between})",
        names=safe(found.names[i]),
        amount=amount(found.value[i], space),
        rows=count(rows),
        between=between(found.low[i], found.high[i], space),
    )
    rest = ", ".join(f"**{safe(found.names[j])}** ({amount(found.value[j], space)})" for j in order[1:4])
    if not rest:
        return tr("{text}; no other column moves them.", text=text)
    return tr("{text}; then {rest}.", text=text, rest=rest) + _close(found, order)


def _close(found: Importance, order: Sequence[int]) -> str:
    """Say that the order of the first two is open where their intervals overlap."""
    first, second = order[:2]
    if not found.low[first] <= found.high[second]:
        return ""
    return tr(
        " The intervals of **{first}** and **{second}** overlap: which of them comes first may be chance.",
        first=safe(found.names[first]),
        second=safe(found.names[second]),
    )


def sensitive_among_top(look: Look) -> str:
    """Say which sensitive columns are among the columns that move the scores most; empty = none."""
    top = {name for name in look.ranked[:TOP] if look.moves(name)}
    named = [c for c in look.judgement.roles.sensitive if look.player_of(c) in top]
    if not named:
        return ""
    names = " and ".join(f"**{safe(c)}**" for c in named)
    verb = tr("is a sensitive column") if len(named) == 1 else tr("are sensitive columns")
    return tr(
        "{names} {verb} and among the {top} that move the scores most.",
        names=names,
        verb=verb,
        top=count(TOP),
    )


def sensitive_sentences(look: Look) -> list[str]:
    """Say of each sensitive column whether the model uses it, and whom it moves which way."""
    said, unused = [], []
    for column in look.judgement.roles.sensitive:
        player = look.player_of(column)
        if player is None:
            unused.append(f"**{safe(column)}**")
        elif not look.moves(player):
            said.append(tr("**{column}** is an input of the model and moves no score.", column=safe(column)))
        else:
            inside = "" if player == column else tr(" with its block, {player},", player=safe(player))
            said.append(
                tr(
                    "**{column}**{inside} is number {index} of {ranked}: on average {by_own_groups}.",
                    column=safe(column),
                    inside=inside,
                    index=count(look.ranked.index(player) + 1),
                    ranked=count(len(look.ranked)),
                    by_own_groups=_by_own_groups(look, column, player),
                )
            )
    if unused:
        said.append(
            tr(
                "The model does not take {unused}; other columns may stand in for what it does not see.",
                unused=", ".join(unused),
            )
        )
    return said


def _by_own_groups(look: Look, column: str, player: str) -> str:
    """Say what a sensitive column does to the scores of its own groups, the extremes first."""
    groups, codes = look.groups(column)
    j = look.table.names.index(player)
    found = group_means(look.table.values[:, [j]], [player], codes, groups)
    shown = [g for g in range(len(groups)) if found.n[g] > 0 and not found.small[g]]
    if not shown:
        return tr("it cannot be said for whom, since no group has enough rows")
    ordered = sorted(shown, key=lambda g: found.value[g, 0])
    if len(ordered) > _MOST_GROUPS:
        ordered = [ordered[0], ordered[-1]]
    parts = [f"{safe(groups[g])} {amount(found.value[g, 0], look.space, signed=True)}" for g in ordered]
    return ", ".join(parts)


def loss_sentence(found: Importance) -> str:
    """Name what the quality of the scores, or their cost, rests on."""
    if found.reason is not None:
        return tr(
            "{measure} is undefined: {reason}.",
            measure=LOSSES[found.measure][0],
            reason=safe(found.reason, limit=200),
        )
    shown = [int(i) for i in found.order if found.low[i] > 0]
    if not shown:
        return tr("No column's loss can be told from 0 in these rows.")
    names = ", ".join(f"**{safe(found.names[i])}** ({loss(found.value[i])})" for i in shown[:3])
    more = tr(" and {shown} more", shown=count(len(shown) - 3)) if len(shown) > 3 else ""
    return tr(
        "Above 0 with the whole interval: {names}{more}. Each interval stands alone: one in twenty errs.",
        names=names,
        more=more,
    )


def loss(x: float) -> str:
    """Write a loss, which is no share: with the decimals of an AUC where it is small."""
    return number(x, digits=3) if abs(x) < 1 else number(x)


def estimate_range(found: Estimate) -> str:
    """Write a share with its interval."""
    if found.value is None:
        return f"– ({safe(found.reason or tr('undefined'), limit=200)})"
    return f"{percent(found.value)} ({percent_range(found.low, found.high)})"


def blocks_note(found: Sequence[Sequence[str]]) -> str:
    """Name the correlated blocks, or say that there are none."""
    if not found:
        return tr(
            "No two of the model's columns go together at {block_at} or more, so each counts on its own.",
            block_at=number(BLOCK_AT),
        )
    named = "; ".join(" + ".join(safe(name) for name in block) for block in found)
    return tr(
        "Go together at {block_at} or more: {named}. Which column of a block gets the credit is arbitrary.",
        block_at=number(BLOCK_AT),
        named=named,
    )
