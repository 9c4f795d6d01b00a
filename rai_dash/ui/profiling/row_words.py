"""What the view of the rows says."""

from __future__ import annotations

import math

import pandas as pd

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
    return f"{count(n)} {'row' if n == 1 else 'rows'}"


def conflicts_finding(found: Conflicts) -> str:
    """Say how many rows contradict each other, and what follows for the accuracy of any rule."""
    if not found.rows:
        known = count(found.labelled)
        return f"None of {known} rows with an outcome shares all features with one of the other outcome."
    # Rounded up: rounded down it would be no bound.
    bound = math.ceil(found.most_right / found.labelled * 10_000) / 10_000
    return (
        f"**{_rows(found.rows)}** of {count(found.labelled)} with an outcome ({percent(found.rows / found.labelled)}) "
        f"share every feature with a row of the other outcome, in {count(found.patterns)} "
        f"{'combination' if found.patterns == 1 else 'combinations'}. On these rows no rule that reads only these "
        f"features can get more than {count(found.most_right)} right: an accuracy of at most "
        f"**{percent(bound, digits=2)}**."
    )


def compared_note(found: Conflicts) -> str:
    """Name the features that were compared."""
    names = ", ".join(safe(c) for c in found.features[:_NAMED])
    more = f" and {count(len(found.features) - _NAMED)} more" if len(found.features) > _NAMED else ""
    return f"Compared: {names}{more}. The bound does not hold for a model that reads other columns too, such as an id."


def near_finding(found: NearDuplicates) -> str:
    """Say how many rows have a near-copy, beside what chance explains, and in which column they differ."""
    if not found.pairs:
        return f"No two rows agree in all but one of {count(found.compared)} compared columns."
    text = (
        f"**{_rows(found.rows)}** differ from another one in exactly one of {count(found.compared)} compared columns "
        f"({count(found.pairs)} pairs; {_chance(found.by_chance)} if the columns had nothing to do with each other, "
        f"and more where they go together). Most often they differ in **{safe(found.by_column[0][0])}** "
        f"({count(found.by_column[0][1])} pairs)."
    )
    if found.test is not None and found.test_rows is not None:
        text += (
            f" {count(found.test_rows)} of {count(found.test)} rows outside training differ in one column from a "
            "training row: people who look alike, or copies with a correction."
        )
    return text


def alike_sentence(found: AlikeRows) -> str:
    """Say how many rows are copies but for rounding and writing, and in which column."""
    if found.reason:
        return (
            f"Rows that differ by rounding or writing alone are not counted: {safe(found.reason, limit=200)}."
        )
    if not found.pairs:
        return (
            "No row differs from another by rounding (numbers within 0.5 %) or writing (case, blanks) alone."
        )
    named = ", ".join(
        f"**{safe(c)}** ({count(n)} {'pair' if n == 1 else 'pairs'})" for c, n in found.by_column[:4]
    )
    text = (
        f"**{_rows(found.rows)}** differ from another one by rounding (numbers within 0.5 %) or writing (case, blanks) "
        f"alone ({count(found.pairs)} pairs, {_chance(found.by_chance)}), in "
        f"{named}: people who look alike, or one application written down twice."
    )
    if found.test is not None and found.test_rows:
        copies = f"{count(found.test_rows)} of {count(found.test)}"
        text += f" {copies} rows outside training are such copies of training rows."
    return text


def _chance(pairs: float) -> str:
    return f"about {count(round(pairs))} expected" if pairs >= 1 else "fewer than 1 expected"


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
        return "Drift cannot be tested: fewer than two periods have 30 rows or more with a known outcome."
    low, high = min(places, key=lambda i: found.share[i]), max(places, key=lambda i: found.share[i])
    start = (
        f"The share with the favourable outcome lies between **{_of(found, low)}** and **{_of(found, high)}**, by "
        f"{safe(found.column)}"
    )
    if found.drift.verdict == Verdict.SHOWN:
        return (
            f"{start}: it moves by more than chance. A model and its threshold fitted to the whole time may not fit "
            "the latest; judge it on the latest rows too."
        )
    if found.drift.verdict == Verdict.EQUIVALENT:
        return f"{start}: every period is shown to be within {points(0.05)} of all others."
    return f"{start}: this sample does not settle whether it moves."


def _of(found: TimeOrder, i: int) -> str:
    if found.is_weighted:
        rows = count(float(found.labelled[i]))
        return f"{percent(float(found.share[i]))} in {safe(found.periods[i])} (weighted, {rows} rows)"
    share, good, n = (
        percent(float(found.share[i])),
        count(float(found.favourable[i])),
        count(float(found.labelled[i])),
    )
    return f"{share} in {safe(found.periods[i])} ({good} of {n})"


def split_note(found: TimeOrder) -> str:
    """Say whether the split follows the calendar."""
    if found.is_split_in_order is None or found.test is None or found.test_before is None:
        return ""
    if found.is_split_in_order:
        return "The split is in time order: no training row is later than any other row."
    return (
        f"The split is not in time order: {count(found.test_before)} of {count(found.test)} rows outside training are "
        "not later than the last training row. Tests on them say less about the future."
    )


def unread_note(found: TimeOrder) -> str:
    """Say how many rows have no time."""
    return f"{_rows(found.unread)} without a time that can be read are left out." if found.unread else ""


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
