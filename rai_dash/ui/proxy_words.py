"""Proxies of a sensitive column in words, and as a table."""

from __future__ import annotations

import pandas as pd

from rai_dash.core.texts import ntr, tr
from rai_dash.core.types import Estimate
from rai_dash.trials.proxy_result import FEWEST, Carrier, Proxies
from rai_dash.ui.text import count, number, percent, plain, safe

#: An AUC up to here is called little, a convention.
LITTLE = 0.6
MOST_NAMED = 3


def auc_text(estimate: Estimate) -> str:
    """Write an AUC with its interval: ``0.93 (0.92 to 0.94)``."""
    if estimate.low is None or estimate.high is None:
        return _decimals(estimate.value)
    return tr(
        "{decimals} ({decimals_low} to {decimals_high})",
        decimals=_decimals(estimate.value),
        decimals_low=_decimals(estimate.low),
        decimals_high=_decimals(estimate.high),
    )


def _decimals(auc: float | None) -> str:
    """Write an AUC; only an exact 1 reads as 1."""
    return tr("over 0.99") if auc is not None and 0.995 <= auc < 1.0 else number(auc)


def finding(found: Proxies) -> str:
    """Say whether the groups can be guessed, and through which columns."""
    name, auc = safe(found.column), auc_text(found.auc)
    if not found.is_shown:
        told = tr(
            "**{name}** cannot be told from the other columns on these rows: AUC {auc}, and 0.5 is guessing.",
            name=name,
            auc=auc,
        )
        return f"{told} {_reach(found.auc)}"
    mean = tr(" on average over the groups") if len(found.groups) > 2 else ""
    text = tr(
        "From the other columns a model can guess **{name}** with AUC {auc}{mean}",
        name=name,
        auc=auc,
        mean=mean,
    )
    if (found.auc.value or 0.0) < LITTLE:
        text = tr(
            "{text}, little better than 0.5, which is guessing: a weak trace is left when {name} is left out.",
            text=text,
            name=name,
        )
    else:
        text = tr("{text}: leaving {name} out does not blind a model.", text=text, name=name)
    carried = _mostly(found.carriers)
    return tr("{text} Mostly through {carried}.", text=text, carried=carried) if carried else text


def _reach(auc: Estimate) -> str:
    """Say what is not ruled out."""
    if auc.high is None or auc.high <= 0.5:
        return tr("That does not prove that no other model could.")
    return tr("An AUC of up to {high} is not ruled out.", high=number(auc.high))


def _mostly(carriers: tuple[Carrier, ...]) -> str:
    """Name the columns that carry most, with their shares."""
    named = [c for c in carriers[:MOST_NAMED] if c.share > 0]
    return ", ".join(f"**{safe(c.name)}** ({percent(c.share)})" for c in named)


def alone(found: Proxies) -> str:
    """Say which columns alone tell the groups apart."""
    shown = sorted((c for c in found.carriers if c.is_shown), key=lambda c: -(c.auc.value or 0.0))
    tried = count(len(found.carriers))
    if not shown:
        return tr(
            "None of the {tried} columns alone is shown to be better than guessing (adjusted for having "
            "tried all).",
            tried=tried,
        )
    best = shown[0]
    return ntr(
        "{shown} of {tried} columns alone is shown to be better than guessing (adjusted for having tried "
        "all); the best is **{best}**, AUC {auc}.",
        "{shown} of {tried} columns alone are shown to be better than guessing (adjusted for having "
        "tried all); the best is **{best}**, AUC {auc}.",
        len(shown),
        shown=count(len(shown)),
        tried=tried,
        best=safe(best.name),
        auc=auc_text(best.auc),
    )


def remarks(found: Proxies, *, is_feature: bool) -> list[str]:
    """Return what limits the figures, a sentence or two each."""
    name = safe(found.column)
    used = tr("All {rows} rows", rows=count(found.rows))
    if found.rows < found.of_rows:
        used = tr("{rows} of {of_rows} rows", rows=count(found.rows), of_rows=count(found.of_rows))
    how = tr(
        "cross-validated in {folds} folds with seed {seed}", folds=count(found.folds), seed=count(found.seed)
    )
    honest = tr("no row is scored by a model that learned from it")
    out = [
        tr(
            "{used}, held out or not, each once, {how}: {honest}. {recipe}",
            used=used,
            how=how,
            honest=honest,
            recipe=safe(found.recipe, limit=400),
        )
    ]
    if is_feature:
        out.append(
            tr(
                "The model itself reads {name}; here it is left out, for the question is what remains "
                "without it.",
                name=name,
            )
        )
    if found.small:
        listed = ", ".join(safe(g) for g in found.small[:8])
        more = tr(" and {small} more", small=count(len(found.small) - 8)) if len(found.small) > 8 else ""
        out.append(
            tr(
                "Left out, with fewer than {fewest} rows used, so undefined: {listed}{more}.",
                fewest=count(FEWEST),
                listed=listed,
                more=more,
            )
        )
    if found.by_id:
        out.append(
            tr(
                "Ids repeat: all rows of one id are kept in one fold. The intervals count rows, so they are "
                "too narrow."
            )
        )
    if found.copies:
        out.append(
            tr(
                "{copies} rows repeat another in every column. If they are copies, the same person is "
                "learned from and scored, and the figures are too good.",
                copies=count(found.copies),
            )
        )
    return out


def proxy_frame(found: Proxies) -> pd.DataFrame:
    """Return one row for all columns together and one a column."""
    lines: list[tuple[str, Estimate, float | None, float | None, bool]] = [
        (tr("all together"), found.auc, None, None, found.is_shown)
    ]
    lines += [(plain(c.name), c.auc, c.share, c.adjusted_p, c.is_shown) for c in found.carriers]
    return pd.DataFrame(
        {
            "columns": name,
            "auc": auc.value,
            "low": auc.low,
            "high": auc.high,
            "share of mean abs SHAP": share,
            "adjusted p": _p_text(p),
            "shown": shown,
        }
        for name, auc, share, p, shown in lines
    )


def _p_text(p: float | None) -> str:
    """Write a p-value; a small one is never written as 0."""
    if p is None:
        return ""
    return tr("under 0.0001") if p < 0.0001 else number(p, digits=4)


def group_frame(found: Proxies) -> pd.DataFrame:
    """Return one row a group: how well it is told from all others."""
    rows: list[dict[str, object]] = [
        {"group": plain(g), "rows": n, "auc": e.value, "low": e.low, "high": e.high, "undefined because": ""}
        for g, n, e in zip(found.groups, found.sizes, found.by_group, strict=True)
    ]
    for g in found.small:
        why = tr("fewer than {fewest} rows", fewest=FEWEST)
        rows.append(
            {
                "group": plain(g),
                "rows": None,
                "auc": None,
                "low": None,
                "high": None,
                "undefined because": why,
            }
        )
    return pd.DataFrame(rows)


def best_group(found: Proxies) -> str:
    """Say which group is told apart best, where there are more than two."""
    best = max(range(len(found.groups)), key=lambda i: found.by_group[i].value or 0.0)
    low = found.by_group[best].low
    if len(found.groups) < 3 or low is None or low <= 0.5:
        return ""
    return tr(
        "Told apart best: **{groups}**, AUC {auc} against all others.",
        groups=safe(found.groups[best]),
        auc=auc_text(found.by_group[best]),
    )
