"""How far each group lies from all others: a dot and its interval around zero, in the order of evidence."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rai_dash.charts._base import TEMPLATES, Chart, FloatLike, Spec, cached_template, fewest_people, tooltips
from rai_dash.charts._dots import around_zero, reach_of, zero_fields
from rai_dash.charts._words import DASH, STAR, count, number, plain_names, points_interval
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import points

ALT = mark(
    "{what}: one dot and its 95 % interval for each group, the difference to all other groups together "
    "in points, left of the line lower and right of it higher; the shaded band is the tolerance. Filled "
    "dots with a star are differences shown by the test, hollow ones are not shown, grey rings have few "
    "rows. The table below has the numbers."
)
MAX_ROWS = 40


@cached_template(TEMPLATES)
def _template(n_rows: int, reach: float) -> Spec:
    facts = tooltips(
        name=tr("Group"),
        value_text=tr("Difference to all others"),
        interval_text=tr("95 % interval"),
        n_text=tr("Rows"),
        finding=tr("Finding"),
    )
    return around_zero(n_rows, reach, title=tr("points below or above all others"), turned=0.75, facts=facts)


def ranked_gaps(
    groups: Sequence[str],
    difference: FloatLike,
    low: FloatLike,
    high: FloatLike,
    *,
    n: Sequence[int],
    starred: Sequence[bool],
    small: Sequence[bool],
    tolerance: float,
    what: str,
    reason: Sequence[str | None] = (),
) -> Chart:
    """Draw the difference of each group to all other groups together.

    The axis is symmetric and ends at 10, 25, 50 or 100 points, whichever holds all dots, the tolerance and the
    intervals of groups that are not small. An arrow marks an interval of a small group that reaches beyond.

    Parameters
    ----------
    groups : sequence of str (G,)
        Names from top to bottom, at most 40: the caller sorts them by evidence and keeps the first.
    difference, low, high : sequence of float or None (G,)
        Rate of the group minus that of all others, in [-1, 1], and its 95 % interval; None or NaN = undefined.
    n : sequence of int (G,)
        Rows that the rate of the group rests on.
    starred : sequence of bool (G,)
        Whether the test shows the difference. A small group enters no test and has no star.
    small : sequence of bool (G,)
        Groups with too few rows; drawn as grey rings.
    tolerance : float
        Half the width of the shaded band, in [0, 1].
    what : str
        Name of the metric in our words; not from a file.
    reason : sequence of str or None (G,), optional
        Why a difference is undefined.

    Raises
    ------
    ValueError
        More than 40 groups.
    """
    if len(groups) > MAX_ROWS:
        msg = f"This chart shows at most {MAX_ROWS} groups, got {len(groups)}. Keep the first by evidence."
        raise ValueError(msg)
    reach = reach_of(difference, low, high, small, tolerance)
    rows = []
    for i, name in enumerate(plain_names(groups)):
        at, few = number(difference[i]), bool(small[i])
        star = bool(starred[i]) and not few and at is not None
        shown, ends, n_text = points(at, signed=True), points_interval(low[i], high[i]), count(n[i])
        why = (reason[i] if i < len(reason) else None) or "undefined"
        finding = _finding(at, few=few, star=star, why=why)
        rows.append(
            {
                "order": i,
                "name": name,
                **zero_fields(at, low[i], high[i], reach=reach, tolerance=tolerance),
                "few": few,
                "starred": star,
                "label": _label(shown, n_text, few=few, star=star) if at is not None else f"{DASH} {why}",
                "value_text": shown,
                "interval_text": ends,
                "n_text": n_text,
                "finding": finding,
                "description": tr(
                    "{name}: {shown}, 95 % interval {ends}, {n} rows, {finding}",
                    name=name,
                    shown=shown,
                    ends=ends,
                    n=n_text,
                    finding=finding,
                ),
            }
        )
    return Chart(_template(len(rows), reach), pd.DataFrame(rows), tr(ALT, what=what), fewest_people(n))


def _label(shown: str, n_text: str, *, few: bool, star: bool) -> str:
    return tr("{shown}, {n} rows", shown=shown, n=n_text) if few else f"{shown} {STAR}" if star else shown


def _finding(at: float | None, *, few: bool, star: bool, why: str) -> str:
    if at is None:
        return why
    if few:
        return tr("few rows: enters no test")
    return tr("shown by the test") if star else tr("not shown by the test")
