"""What is said about rows that two data sets share."""

from __future__ import annotations

import pandas as pd

from rai_dash.core.texts import ntr, tr
from rai_dash.data.alike_rows import AlikeRows
from rai_dash.data.shared_rows import SharedRows
from rai_dash.ui.text import count, percent, plain, safe

_NAMED = 4


def is_beyond_chance(found: SharedRows) -> bool:
    """Whether there are more equal rows than twice as many as chance gives, or rows with the same id."""
    return found.equal > 2 * found.by_chance or bool(found.same_id)


def shared_finding(found: SharedRows) -> str:
    """Say how many rows of the second data set were in the first, and what follows."""
    what = tr("every compared column, the outcome too") if found.with_outcome else tr("every compared column")
    if not found.equal:
        return tr(
            "None of {rows_now} rows now equals a row then in {what}.",
            rows_now=count(found.rows_now),
            what=what,
        )
    text = tr(
        "**{equal} of {rows_now} rows now ({share}) were there then**: equal in {what} ({pairs} by "
        "chance if columns had nothing to do with each other, more where they go together).",
        equal=count(found.equal),
        rows_now=count(found.rows_now),
        share=percent(found.share),
        what=what,
        pairs=_pairs(found.by_chance),
    )
    if not is_beyond_chance(found):
        return tr("{text} Chance explains as many in a table of a few coarse columns.", text=text)
    if found.same_id == 0:
        return tr(
            "{text} None of them has the same id, so they may be other people who look alike. A model "
            "that learned the rows then by heart looks better on them than it is.",
            text=text,
        )
    same = tr(" {same_id} of them have the same id.", same_id=count(found.same_id)) if found.same_id else ""
    return tr(
        "{text}{same} Figures of a model trained on the rows then are too good on these: take them out "
        "of one of the two.",
        text=text,
        same=same,
    )


def _pairs(expected: float) -> str:
    return (
        tr("about {expected} pairs", expected=count(round(expected)))
        if expected >= 1
        else tr("fewer than 1 pair")
    )


def shared_more(found: SharedRows) -> list[str]:
    """Say how many more rows are copies with a change."""
    alike, said = found.alike, []
    if alike.reason:
        said.append(
            tr(
                "Rows that differ by rounding or writing alone are not counted: {reason}.",
                reason=safe(alike.reason, limit=200),
            )
        )
    elif alike.rows:
        named = ", ".join(f"**{safe(c)}**" for c, _ in alike.by_column[:_NAMED])
        said.append(
            ntr(
                "{rows} more is a row then but for rounding or writing ({pairs} pairs, {pairs_by_chance} by "
                "chance), in {named}: people who look alike, or the same application written another way.",
                "{rows} more are a row then but for rounding or writing ({pairs} pairs, {pairs_by_chance} by "
                "chance), in {named}: people who look alike, or the same application written another way.",
                alike.rows,
                rows=count(alike.rows),
                pairs=count(alike.pairs),
                pairs_by_chance=_pairs(alike.by_chance),
                named=named,
            )
        )
    else:
        said.append(tr("No other row differs from a row then by rounding or writing alone."))
    if found.one_column:
        said.append(
            tr(
                "{one_column} of the others differ from a row then in exactly one column: people who look "
                "alike, or copies with a correction.",
                one_column=count(found.one_column),
            )
        )
    return said


def shared_note(found: SharedRows) -> str:
    """Name what is compared and when numbers count as rounded."""
    names = ", ".join(safe(c) for c in found.compared[:12])
    more = (
        tr(" and {compared} more", compared=count(len(found.compared) - 12))
        if len(found.compared) > 12
        else ""
    )
    return tr(
        "Compared: {names}{more}; no ids, row numbers, split or score. Rounding: numbers within 0.5 % of "
        "each other, but years, months and whole numbers up to 200 are equal or not. Writing: case, "
        "blanks, look-alike letters. Rows are counted, whatever their weight.",
        names=names,
        more=more,
    )


def alike_frame(found: AlikeRows) -> pd.DataFrame:
    """Return one row a column in which rows that look alike are written another way."""
    return pd.DataFrame([{"column": plain(c), "pairs": n} for c, n in found.by_column])
