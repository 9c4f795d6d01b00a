"""What is said about shares of groups beside a stated population: who is missing, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from rai_dash.core.texts import tr
from rai_dash.data.population import FEW_EXPECTED, GroupShare, PopulationFit
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui.text import count, number, percent, percent_range, plain, safe

_NAMED = 4
#: The number of compared rows is no secret: it is on the page, and every share is a share of it.
OF_GROUPS = GroupTable(shares=(("rows", "compared"),))


def population_finding(fit: PopulationFit) -> str:
    """Say who is missing from the data, no louder than the tests allow."""
    if fit.n == 0:
        return tr("No row has one of the stated groups, so nothing can be compared.")
    if len(fit.groups) < 2:
        return tr(
            "Only one group has a stated share, so there is nothing to compare. State a share for each group."
        )
    short, over = missing_groups(fit), _crowded(fit)
    if not short and not over:
        return tr(
            "No group is shown to be missing: these {fit} rows do not tell the shares from the stated "
            "ones. That does not show that they are the same.",
            fit=count(fit.n),
        )
    return " ".join(
        [_short(g) for g in short[:_NAMED]] + [_over(g) for g in over[:_NAMED]] + [_more(short, over)]
    ).strip()


def missing_groups(fit: PopulationFit) -> list[GroupShare]:
    """List the groups shown to fall short of their stated share, the most missing rows first."""
    return sorted((g for g in fit.groups if g.is_shown and g.lacking > 0), key=lambda g: -g.lacking)


def _crowded(fit: PopulationFit) -> list[GroupShare]:
    return sorted((g for g in fit.groups if g.is_shown and g.lacking < 0), key=lambda g: g.lacking)


def _short(group: GroupShare) -> str:
    return tr(
        "**{group}** {shares}: about **{lacking}** rows are missing, counted on a table of this size.",
        group=safe(group.group),
        shares=_shares(group),
        lacking=count(round(group.lacking)),
    )


def _over(group: GroupShare) -> str:
    return tr(
        "**{group}** {shares}: about {lacking} rows more than its share.",
        group=safe(group.group),
        shares=_shares(group),
        lacking=count(round(-group.lacking)),
    )


def _shares(group: GroupShare) -> str:
    ends = percent_range(group.observed.low, group.observed.high)
    rows = tr("{observed} of the rows ({ends})", observed=percent(group.observed.value), ends=ends)
    return tr("is {rows} and {stated} of the population", rows=rows, stated=percent(group.stated))


def _more(short: Sequence[GroupShare], over: Sequence[GroupShare]) -> str:
    rest = max(len(short) - _NAMED, 0) + max(len(over) - _NAMED, 0)
    return tr("{rest} more groups are in the table below.", rest=count(rest)) if rest else ""


def population_notes(fit: PopulationFit) -> tuple[str, ...]:
    """Say which groups no row has, what was left out, and what the tests are."""
    texts = (_absent(fit), _blank(fit), _tests(fit))
    return tuple(text for text in texts if text)


def _absent(fit: PopulationFit) -> str:
    if not fit.absent:
        return ""
    names = ", ".join(safe(g) for g in fit.absent[:_NAMED])
    more = (
        tr(" and {absent} more", absent=count(len(fit.absent) - _NAMED)) if len(fit.absent) > _NAMED else ""
    )
    return tr(
        "Stated, but not one row in {column}: {names}{more}. Look whether the names are spelled alike.",
        column=safe(fit.column),
        names=names,
        more=more,
    )


def _blank(fit: PopulationFit) -> str:
    if not fit.blank:
        return ""
    share = percent(fit.blank / (fit.n + fit.blank))
    return tr(
        "{blank} rows ({share}) are blank in {column} and left out. If one group leaves it blank more "
        "often than others, the shares are off by that.",
        blank=count(fit.blank),
        share=share,
        column=safe(fit.column),
    )


def _tests(fit: PopulationFit) -> str:
    if math.isnan(fit.p_value):
        return ""
    p_value = tr("under 0.001") if fit.p_value < 0.001 else number(fit.p_value, digits=3)
    rough = (
        tr(
            " Some group is expected to have fewer than {few_expected} rows, so that this one is rough.",
            few_expected=FEW_EXPECTED,
        )
        if fit.is_approximate
        else ""
    )
    freedom = count(len(fit.groups) - 1)
    return tr(
        "All groups together: chi-square {statistic}, degrees of freedom {freedom}, p {p_value}.{rough} "
        "Each group: exact binomial test, paid for all groups (Holm). Both take rows as drawn one by "
        "one; nothing here says why somebody is missing.",
        statistic=number(fit.statistic, digits=1),
        freedom=freedom,
        p_value=p_value,
        rough=rough,
    )


def population_frame(fit: PopulationFit) -> pd.DataFrame:
    """Return one row a group."""
    return pd.DataFrame(
        [
            {
                "group": plain(g.group),
                "rows": g.n,
                "compared": fit.n,
                "share": g.observed.value,
                "low": g.observed.low,
                "high": g.observed.high,
                "stated share": g.stated,
                "expected rows": g.expected,
                "rows missing": g.lacking,
                "standardised residual": g.residual,
                "adjusted p": g.p_value,
                "shown": g.is_shown,
            }
            for g in fit.groups
        ]
    )
