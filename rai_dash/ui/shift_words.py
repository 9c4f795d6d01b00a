"""What is said about two data sets, and their tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.types import Estimate
from rai_dash.data.column_drift import ColumnDrift, Shift
from rai_dash.data.drift import Drift
from rai_dash.trials.two_sample import TwoSample
from rai_dash.ui.text import count, estimate_text, number, percent, percent_range, plain, points, safe

_NAMED = 4
CONVENTION = mark("from 0.25 on a shift is called large, from 0.10 on worth a look: conventions, not tests")
HOW_TO_READ = mark(
    "A bar is how far a column has moved (population stability index, PSI), the tick what chance alone gives for "
    "so many rows, the dashed lines are conventions (0.10, 0.25). A star is a shift that a test shows. With many "
    "rows even a tiny shift has a star: look at the size."
)
HOW_COUNTED = mark(
    "PSI is over tenths of the first data set, or over categories; blanks are a cell too, and a cell without rows "
    "counts as 0.01 %. The tests allow for all columns (Benjamini-Hochberg): Kolmogorov-Smirnov for numbers, where "
    "ties make it miss shifts rather than invent them, chi-square for categories (rare ones merged), Fisher for "
    "blanks."
)


def prior_sentence(found: Drift) -> str:
    """Say whether the share of favourable outcomes has moved."""
    prior = found.prior
    if prior is None:
        return tr(
            "The outcome is known of fewer than 30 rows in one of the data sets, so nothing can be said "
            "about the share of favourable outcomes."
        )
    then, now = (_share_text(e, weighted=prior.is_weighted) for e in (prior.then, prior.now))
    shares = tr("{then} then; {now} now", then=then, now=now)
    if not prior.is_shown:
        return tr(
            "Favourable outcomes: {shares}. The data show no difference; it may lie between {low} and "
            "{high}.",
            shares=shares,
            low=points(prior.low, signed=True),
            high=points(prior.high, signed=True),
        )
    return tr(
        "**The share of favourable outcomes has moved (a prior shift):** {shares}. The change lies between {low} "
        "and {high} (95 % interval).",
        shares=shares,
        low=points(prior.low, signed=True),
        high=points(prior.high, signed=True),
    )


def _share_text(estimate: Estimate, *, weighted: bool) -> str:
    if not weighted:
        return estimate_text(estimate)
    return tr(
        "{estimate} ({low}, weighted)",
        estimate=percent(estimate.value),
        low=percent_range(estimate.low, estimate.high),
    )


def column_sentences(found: Drift) -> list[str]:
    """Say which columns have moved, which categories are new, and where blanks differ."""
    moved = [c for c in found.columns if c.shift in {Shift.LARGE, Shift.MODERATE}]
    unsure = [c for c in found.columns if c.shift is Shift.UNSURE]
    small = [c for c in found.columns if c.shift is Shift.SMALL]
    few = [c for c in found.columns if c.shift is Shift.TOO_FEW]
    said = []
    if moved:
        named = ", ".join(
            tr("**{c}** (PSI {psi})", c=safe(c.name), psi=number(c.psi)) for c in moved[:_NAMED]
        )
        more = tr(" and {moved} more", moved=count(len(moved) - _NAMED)) if len(moved) > _NAMED else ""
        said.append(
            tr(
                "{named}{more} {has} shifted; {convention}.",
                named=named,
                more=more,
                has=_has(len(moved)),
                convention=tr(CONVENTION),
            )
        )
    if unsure:
        named = ", ".join(
            tr(
                "**{c}** (PSI {psi}, {psi_by_chance} by chance alone)",
                c=safe(c.name),
                psi=number(c.psi),
                psi_by_chance=number(c.psi_by_chance),
            )
            for c in unsure[:_NAMED]
        )
        more = tr(" and {unsure} more", unsure=count(len(unsure) - _NAMED)) if len(unsure) > _NAMED else ""
        said.append(
            tr(
                "{named}{more} {has} shifted, but {rows_now} rows are too few to say how far: PSI is too "
                "large in small samples.",
                named=named,
                more=more,
                has=_has(len(unsure)),
                rows_now=count(found.rows_now),
            )
        )
    if small:
        said.append(
            tr(
                "{columns} moved by more than chance and by little (PSI under 0.10).",
                columns=_columns(len(small)),
            )
        )
    if not moved and not small and not unsure:
        said.append(tr("No column is shown to have moved."))
    if few:
        said.append(
            tr(
                "For {columns} nothing is shown and the rows are too few to rule a shift out{needed}.",
                columns=_columns(len(few)),
                needed=_needed(few, found.rows_now),
            )
        )
    return [*said, *_new(found), *_blanks(found), *_only(found)]


def _has(n: int) -> str:
    return "has" if n == 1 else "have"


def _columns(n: int) -> str:
    return ntr("{n} column", "{n} columns", n, n=count(n))


def _needed(few: list[ColumnDrift], rows: int) -> str:
    needs = [c.rows_needed for c in few]
    known = [n for n in needs if n is not None]
    if len(known) < len(needs):
        return tr(" ({rows} rows now; the first data set is too small as well)", rows=count(rows))
    return tr(
        " ({rows} rows now, up to {known} are needed to find a PSI of 0.10)",
        rows=count(rows),
        known=count(max(known)),
    )


def _new(found: Drift) -> list[str]:
    with_new = [c for c in found.columns if c.new]
    total = sum(len(c.new) for c in with_new)
    if not total:
        return []
    named = "; ".join(
        tr("{new} in **{c}**", new=", ".join((safe(v, limit=30) for v, _ in c.new[:3])), c=safe(c.name))
        for c in with_new[:_NAMED]
    )
    was = tr("category was") if total == 1 else tr("categories were")
    return [tr("{total} {was} never seen then: {named}.", total=count(total), was=was, named=named)]


def _blanks(found: Drift) -> list[str]:
    moved = [c for c in found.columns if c.blanks_moved]
    named = "; ".join(
        tr(
            "**{c}** {blank_then} then, {blank_now} now",
            c=safe(c.name),
            blank_then=percent(c.blank_then / c.rows_then),
            blank_now=percent(c.blank_now / c.rows_now),
        )
        for c in moved[:_NAMED]
    )
    more = tr(" and {columns} more", columns=_columns(len(moved) - _NAMED)) if len(moved) > _NAMED else ""
    return [tr("Cells are blank at another rate: {named}{more}.", named=named, more=more)] if moved else []


def _only(found: Drift) -> list[str]:
    sides = (("now", found.only_then), ("then", found.only_now))
    return [
        tr(
            "Not there {side}: {columns}{tr}.",
            side=safe(side),
            columns=", ".join(safe(c) for c in columns[:8]),
            tr=tr(" and {columns} more", columns=count(len(columns) - 8)) if len(columns) > 8 else "",
        )
        for side, columns in sides
        if columns
    ]


def column_sentence(one: ColumnDrift) -> str:
    """Say what is known about one column."""
    size = tr(
        "PSI {psi}, {psi_by_chance} by chance alone",
        psi=number(one.psi),
        psi_by_chance=number(one.psi_by_chance),
    )
    parts = [f"**{safe(one.name)}**: {safe(tr(one.shift.value))}; {size}."]
    if one.test.method:
        parts.append(
            tr(
                "Test: {method}, {p} after allowing for all columns.",
                method=safe(one.test.method),
                p=p_text(one.q_value),
            )
        )
    else:
        parts.append(tr("Values are not tested: {reason}.", reason=safe(one.test.reason)))
    if one.test.merged:
        parts.append(tr("{merged} rare values were tested as one.", merged=count(one.test.merged)))
    if one.mean_then is not None and one.mean_now is not None:
        parts.append(
            tr(
                "Mean {mean_then} then, {mean_now} now; median {median_then} and {median_now}.",
                mean_then=number(one.mean_then),
                mean_now=number(one.mean_now),
                median_then=number(one.median_then),
                median_now=number(one.median_now),
            )
        )
    if one.changed_kind:
        parts.append(tr("It holds numbers in one data set and text in the other, so it is compared as text."))
    if one.gone:
        parts.append(tr("Gone now: {gone}.", gone=", ".join((safe(v, limit=30) for v, _ in one.gone[:5]))))
    return " ".join(parts)


def p_text(p: float) -> str:
    """Write a p-value."""
    return tr("p under 0.001") if p < 0.001 else f"p {number(p, digits=3)}"


def told_apart(found: TwoSample) -> str:
    """Say whether a classifier can tell the data sets apart, and by what."""
    ends = (
        "" if np.isnan(found.low) else tr(", {low} to {high}", low=number(found.low), high=number(found.high))
    )
    area = tr("AUC {auc}{ends}; 0.5 is a coin", auc=number(found.auc), ends=ends)
    if not found.is_shown:
        return tr(
            "It is not shown that a classifier can tell the data sets apart ({area}). A shift may still be "
            "there.",
            area=area,
        )
    named = [f"{safe(name)} ({number(drop)})" for name, drop in found.columns[:_NAMED] if drop > 0.005]
    by = (
        tr(" What gives it away, with the AUC lost when it is shuffled: {named}.", named=", ".join(named))
        if named
        else ""
    )
    return tr("**A classifier can tell them apart** ({area}).{by}", area=area, by=by)


def columns_frame(found: Drift) -> pd.DataFrame:
    """Return one row a column."""
    return pd.DataFrame(
        [
            {
                "column": plain(c.name),
                "kind": c.kind,
                "finding": tr(c.shift.value),
                "psi": _known(c.psi),
                "psi by chance": _known(c.psi_by_chance),
                "test": c.test.method or c.test.reason,
                "statistic": _known(c.test.statistic),
                "p": _known(c.test.p_value),
                "q": _known(c.q_value),
                "blank then": c.blank_then / c.rows_then if c.rows_then else None,
                "blank now": c.blank_now / c.rows_now if c.rows_now else None,
                "blank q": _known(c.blank_q),
                "new values": len(c.new),
                "values gone": len(c.gone),
                "mean then": c.mean_then,
                "mean now": c.mean_now,
                "median then": c.median_then,
                "median now": c.median_now,
                "rows needed": c.rows_needed,
            }
            for c in found.columns
        ]
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def cells_frame(one: ColumnDrift) -> pd.DataFrame:
    """Return one row a cell and data set."""
    rows = []
    for side, counts in (("then", one.then), ("now", one.now)):
        total = max(int(counts.sum()), 1)
        for name, n in zip(one.cells, counts.tolist(), strict=True):
            rows.append({"value": plain(name), "data": side, "rows": n, "share": n / total})
    return pd.DataFrame(rows)


def two_sample_frame(found: TwoSample) -> pd.DataFrame:
    """Return one row a column."""
    return pd.DataFrame(
        [{"column": plain(name), "AUC lost when shuffled": drop} for name, drop in found.columns]
    )
