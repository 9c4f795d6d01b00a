"""What the view of the rows says."""

from __future__ import annotations

import math

import pandas as pd

from rai_dash.core.texts import ntr, tr
from rai_dash.data.alike_rows import AlikeRows
from rai_dash.data.conflicts import Conflicts
from rai_dash.data.near_duplicates import NearDuplicates
from rai_dash.data.time_order import TimeOrder
from rai_dash.report.small_cells import GroupTable
from rai_dash.stats.tests import Verdict
from rai_dash.ui.text import count, percent, plain, points, safe

OF_PERIODS = GroupTable(by=("period",), shares=(("favourable", "labelled"), ("labelled", "rows")))
_NAMED = 12


def _rows(n: int) -> str:
    return ntr("{n} row", "{n} rows", n, n=count(n))


def conflicts_finding(found: Conflicts) -> str:
    """Say how many rows contradict each other, and what follows for the accuracy of any rule."""
    if not found.rows:
        known = count(found.labelled)
        return tr(
            "None of {known} rows with an outcome shares all features with one of the other outcome.",
            known=known,
        )
    # Rounded up: rounded down it would be no bound.
    bound = math.ceil(found.most_right / found.labelled * 10_000) / 10_000
    return ntr(
        "**{rows}** of {labelled} with an outcome ({rows_labelled}) share every feature with a row of "
        "the other outcome, in {patterns} combination. On these rows no rule that reads only these "
        "features can get more than {most_right} right: an accuracy of at most **{bound}**.",
        "**{rows}** of {labelled} with an outcome ({rows_labelled}) share every feature with a row of "
        "the other outcome, in {patterns} combinations. On these rows no rule that reads only these "
        "features can get more than {most_right} right: an accuracy of at most **{bound}**.",
        found.patterns,
        rows=_rows(found.rows),
        labelled=count(found.labelled),
        rows_labelled=percent(found.rows / found.labelled),
        patterns=count(found.patterns),
        most_right=count(found.most_right),
        bound=percent(bound, digits=2),
    )


def compared_note(found: Conflicts) -> str:
    """Name the features that were compared."""
    names = ", ".join(safe(c) for c in found.features[:_NAMED])
    more = (
        tr(" and {features} more", features=count(len(found.features) - _NAMED))
        if len(found.features) > _NAMED
        else ""
    )
    return tr(
        "Compared: {names}{more}. The bound does not hold for a model that reads other columns too, such as "
        "an id.",
        names=names,
        more=more,
    )


def near_finding(found: NearDuplicates) -> str:
    """Say how many rows have a near-copy, beside what chance explains, and in which column they differ."""
    if not found.pairs:
        return tr(
            "No two rows agree in all but one of {compared} compared columns.", compared=count(found.compared)
        )
    text = tr(
        "**{rows}** differ from another one in exactly one of {compared} compared columns ({pairs} "
        "pairs; {chance} if the columns had nothing to do with each other, and more where they go "
        "together). Most often they differ in **{by_column}** ({by_column_2} pairs).",
        rows=_rows(found.rows),
        compared=count(found.compared),
        pairs=count(found.pairs),
        chance=_chance(found.by_chance),
        by_column=safe(found.by_column[0][0]),
        by_column_2=count(found.by_column[0][1]),
    )
    if found.test is not None and found.test_rows is not None:
        text += tr(
            " {test_rows} of {test} rows outside training differ in one column from a training row: "
            "people who look alike, or copies with a correction.",
            test_rows=count(found.test_rows),
            test=count(found.test),
        )
    return text


def alike_sentence(found: AlikeRows) -> str:
    """Say how many rows are copies but for rounding and writing, and in which column."""
    if found.reason:
        return tr(
            "Rows that differ by rounding or writing alone are not counted: {reason}.",
            reason=safe(found.reason, limit=200),
        )
    if not found.pairs:
        return tr(
            "No row differs from another by rounding (numbers within 0.5 %) or writing (case, blanks) alone."
        )
    named = ", ".join(
        ntr("**{c}** ({n} pair)", "**{c}** ({n} pairs)", n, c=safe(c), n=count(n))
        for c, n in found.by_column[:4]
    )
    text = tr(
        "**{rows}** differ from another one by rounding (numbers within 0.5 %) or writing (case, blanks) "
        "alone ({pairs} pairs, {chance}), in {named}: people who look alike, or one application written "
        "down twice.",
        rows=_rows(found.rows),
        pairs=count(found.pairs),
        chance=_chance(found.by_chance),
        named=named,
    )
    if found.test is not None and found.test_rows:
        copies = tr("{test_rows} of {test}", test_rows=count(found.test_rows), test=count(found.test))
        text += tr(" {copies} rows outside training are such copies of training rows.", copies=copies)
    return text


def _chance(pairs: float) -> str:
    return (
        tr("about {pairs} expected", pairs=count(round(pairs))) if pairs >= 1 else tr("fewer than 1 expected")
    )


def near_frame(found: NearDuplicates) -> pd.DataFrame:
    """Return one row a column in which near-duplicates differ."""
    return pd.DataFrame([{"they differ in": plain(c), "pairs": n} for c, n in found.by_column])


def has_drift(found: TimeOrder) -> bool:
    """Whether the share is shown to differ between periods."""
    return found.drift is not None and found.drift.verdict == Verdict.SHOWN


def time_finding(found: TimeOrder) -> str:
    """Say whether the share of favourable outcomes moves over time, no louder than the test allows."""
    places = [i for i in range(len(found.periods)) if found.compared[i]]
    if found.drift is None or len(places) < 2:
        return tr("Drift cannot be tested: fewer than two periods have 30 rows or more with a known outcome.")
    low, high = min(places, key=lambda i: found.share[i]), max(places, key=lambda i: found.share[i])
    start = tr(
        "The share with the favourable outcome lies between **{of}** and **{of_high}**, by {column}",
        of=_of(found, low),
        of_high=_of(found, high),
        column=safe(found.column),
    )
    if found.drift.verdict == Verdict.SHOWN:
        return tr(
            "{start}: it moves by more than chance. A model and its threshold fitted to the whole time "
            "may not fit the latest; judge it on the latest rows too.",
            start=start,
        )
    if found.drift.verdict == Verdict.EQUIVALENT:
        return tr(
            "{start}: every period is shown to be within {points} of all others.",
            start=start,
            points=points(0.05),
        )
    return tr("{start}: this sample does not settle whether it moves.", start=start)


def _of(found: TimeOrder, i: int) -> str:
    if found.is_weighted:
        rows = count(float(found.labelled[i]))
        return tr(
            "{share} in {periods} (weighted, {rows} rows)",
            share=percent(float(found.share[i])),
            periods=safe(found.periods[i]),
            rows=rows,
        )
    share, good, n = (
        percent(float(found.share[i])),
        count(float(found.favourable[i])),
        count(float(found.labelled[i])),
    )
    return tr(
        "{share} in {periods} ({good} of {n})", share=share, periods=safe(found.periods[i]), good=good, n=n
    )


def split_note(found: TimeOrder) -> str:
    """Say whether the split follows the calendar."""
    if found.is_split_in_order is None or found.test is None or found.test_before is None:
        return ""
    if found.is_split_in_order:
        return tr("The split is in time order: no training row is later than any other row.")
    return tr(
        "The split is not in time order: {test_before} of {test} rows outside training are not later "
        "than the last training row. Tests on them say less about the future.",
        test_before=count(found.test_before),
        test=count(found.test),
    )


def unread_note(found: TimeOrder) -> str:
    """Say how many rows have no time."""
    return (
        tr("{rows} without a time that can be read are left out.", rows=_rows(found.unread))
        if found.unread
        else ""
    )


def time_frame(found: TimeOrder) -> pd.DataFrame:
    """Return one row a period."""
    return pd.DataFrame(
        {
            "period": [plain(p) for p in found.periods],
            "rows": found.n,
            "labelled": found.labelled,
            "favourable": found.favourable,
            "share": found.share,
            "low": found.low,
            "high": found.high,
        }
    )
