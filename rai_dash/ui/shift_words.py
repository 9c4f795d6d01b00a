"""What is said about two data sets, and their tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rai_dash.core.types import Estimate
from rai_dash.data.column_drift import ColumnDrift, Shift
from rai_dash.data.drift import Drift
from rai_dash.trials.two_sample import TwoSample
from rai_dash.ui.text import count, estimate_text, number, percent, percent_range, plain, points, safe

_NAMED = 4
CONVENTION = "from 0.25 on a shift is called large, from 0.10 on worth a look: conventions, not tests"


def prior_sentence(found: Drift) -> str:
    """Say whether the share of favourable outcomes has moved."""
    prior = found.prior
    if prior is None:
        return (
            "The outcome is known of fewer than 30 rows in one of the data sets, so nothing can be said about the "
            "share of favourable outcomes."
        )
    then, now = (_share_text(e, weighted=prior.is_weighted) for e in (prior.then, prior.now))
    shares = f"{then} then, {now} now"
    if not prior.is_shown:
        return (
            f"Favourable outcomes: {shares}. The data show no difference; it may lie between "
            f"{points(prior.low, signed=True)} and {points(prior.high, signed=True)}."
        )
    return (
        f"**A prior shift:** favourable outcomes are {shares} ({points(prior.low, signed=True)} to "
        f"{points(prior.high, signed=True)})."
    )


def _share_text(estimate: Estimate, *, weighted: bool) -> str:
    if not weighted:
        return estimate_text(estimate)
    return f"{percent(estimate.value)} ({percent_range(estimate.low, estimate.high)}, weighted)"


def column_sentences(found: Drift) -> list[str]:
    """Say which columns have moved, which categories are new, and where blanks differ."""
    moved = [c for c in found.columns if c.shift in {Shift.LARGE, Shift.MODERATE}]
    unsure = [c for c in found.columns if c.shift is Shift.UNSURE]
    small = [c for c in found.columns if c.shift is Shift.SMALL]
    few = [c for c in found.columns if c.shift is Shift.TOO_FEW]
    said = []
    if moved:
        named = ", ".join(f"**{safe(c.name)}** (PSI {number(c.psi)})" for c in moved[:_NAMED])
        more = f" and {count(len(moved) - _NAMED)} more" if len(moved) > _NAMED else ""
        said.append(f"{named}{more} {_has(len(moved))} shifted; {CONVENTION}.")
    if unsure:
        named = ", ".join(
            f"**{safe(c.name)}** (PSI {number(c.psi)}, {number(c.psi_by_chance)} by chance alone)"
            for c in unsure[:_NAMED]
        )
        more = f" and {count(len(unsure) - _NAMED)} more" if len(unsure) > _NAMED else ""
        said.append(
            f"{named}{more} {_has(len(unsure))} shifted, but {count(found.rows_now)} rows are too few to say how far: "
            "PSI is too large in small samples."
        )
    if small:
        said.append(f"{_columns(len(small))} moved by more than chance and by little (PSI under 0.10).")
    if not moved and not small and not unsure:
        said.append("No column is shown to have moved.")
    if few:
        said.append(
            f"For {_columns(len(few))} nothing is shown and the rows are too few to rule a shift out"
            f"{_needed(few, found.rows_now)}."
        )
    return [*said, *_new(found), *_blanks(found), *_only(found)]


def _has(n: int) -> str:
    return "has" if n == 1 else "have"


def _columns(n: int) -> str:
    return f"{count(n)} {'column' if n == 1 else 'columns'}"


def _needed(few: list[ColumnDrift], rows: int) -> str:
    needs = [c.rows_needed for c in few]
    known = [n for n in needs if n is not None]
    if len(known) < len(needs):
        return f" ({count(rows)} rows now; the first data set is too small as well)"
    return f" ({count(rows)} rows now, up to {count(max(known))} are needed to find a PSI of 0.10)"


def _new(found: Drift) -> list[str]:
    with_new = [c for c in found.columns if c.new]
    total = sum(len(c.new) for c in with_new)
    if not total:
        return []
    named = "; ".join(
        f"{', '.join(safe(v, limit=30) for v, _ in c.new[:3])} in **{safe(c.name)}**"
        for c in with_new[:_NAMED]
    )
    was = "category was" if total == 1 else "categories were"
    return [f"{count(total)} {was} never seen then: {named}."]


def _blanks(found: Drift) -> list[str]:
    moved = [c for c in found.columns if c.blanks_moved]
    named = "; ".join(
        f"**{safe(c.name)}** {percent(c.blank_then / c.rows_then)} then, {percent(c.blank_now / c.rows_now)} now"
        for c in moved[:_NAMED]
    )
    more = f" and {_columns(len(moved) - _NAMED)} more" if len(moved) > _NAMED else ""
    return [f"Cells are blank at another rate: {named}{more}."] if moved else []


def _only(found: Drift) -> list[str]:
    sides = (("now", found.only_then), ("then", found.only_now))
    return [
        f"Not there {safe(side)}: {', '.join(safe(c) for c in columns[:8])}"
        f"{f' and {count(len(columns) - 8)} more' if len(columns) > 8 else ''}."
        for side, columns in sides
        if columns
    ]


def column_sentence(one: ColumnDrift) -> str:
    """Say what is known about one column."""
    size = f"PSI {number(one.psi)}, {number(one.psi_by_chance)} by chance alone"
    parts = [f"**{safe(one.name)}**: {safe(one.shift.value)}; {size}."]
    if one.test.method:
        parts.append(f"Test: {safe(one.test.method)}, {p_text(one.q_value)} after allowing for all columns.")
    else:
        parts.append(f"Values are not tested: {safe(one.test.reason)}.")
    if one.test.merged:
        parts.append(f"{count(one.test.merged)} rare values were tested as one.")
    if one.mean_then is not None and one.mean_now is not None:
        parts.append(
            f"Mean {number(one.mean_then)} then, {number(one.mean_now)} now; median {number(one.median_then)} and "
            f"{number(one.median_now)}."
        )
    if one.changed_kind:
        parts.append("It holds numbers in one data set and text in the other, so it is compared as text.")
    if one.gone:
        parts.append(f"Gone now: {', '.join(safe(v, limit=30) for v, _ in one.gone[:5])}.")
    return " ".join(parts)


def p_text(p: float) -> str:
    """Write a p-value."""
    return "p under 0.001" if p < 0.001 else f"p {number(p, digits=3)}"


def told_apart(found: TwoSample) -> str:
    """Say whether a classifier can tell the data sets apart, and by what."""
    ends = "" if np.isnan(found.low) else f", {number(found.low)} to {number(found.high)}"
    area = f"AUC {number(found.auc)}{ends}; 0.5 is a coin"
    if not found.is_shown:
        return f"It is not shown that a classifier can tell the data sets apart ({area}). A shift may still be there."
    named = [f"{safe(name)} ({number(drop)})" for name, drop in found.columns[:_NAMED] if drop > 0.005]
    by = f" What gives it away, with the AUC lost when it is shuffled: {', '.join(named)}." if named else ""
    return f"**A classifier can tell them apart** ({area}).{by}"


def columns_frame(found: Drift) -> pd.DataFrame:
    """Return one row a column."""
    return pd.DataFrame(
        [
            {
                "column": plain(c.name),
                "kind": c.kind,
                "finding": c.shift.value,
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
