"""How far a candidate lies from the present model: a dot and its paired interval around zero, one a line."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rai_dash.charts._base import TEMPLATES, Chart, FloatLike, Spec, cached_template, tooltips
from rai_dash.charts._dots import around_zero, reach_of, zero_fields
from rai_dash.charts._words import DASH, STAR, number, plain_names, points_interval
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import percent, points

ALT = mark(
    "One dot and its paired 95 % interval a line, the candidate less the present model in points: left "
    "of the line lower and right of it higher; the shaded band is the tolerance. Filled dots with a star "
    "are differences shown by the test, hollow ones are not shown, grey rings rest on too few "
    "applications. The table below has the numbers."
)
MAX_ROWS = 40


@cached_template(TEMPLATES)
def _template(n_rows: int, reach: float) -> Spec:
    facts = tooltips(
        name=tr("Number"), change=tr("Now, and the candidate"), value_text=tr("Difference"),
        interval_text=tr("Paired 95 % interval"), finding=tr("Finding"),
    )  # fmt: skip
    return around_zero(n_rows, reach, title=tr("points lower or higher than now"), turned=0.55, facts=facts)


def model_metrics(
    names: Sequence[str],
    now: FloatLike,
    candidate: FloatLike,
    *,
    low: FloatLike,
    high: FloatLike,
    shown: Sequence[bool],
    few: Sequence[bool],
    finding: Sequence[str],
    tolerance: float,
    written: Sequence[tuple[str, str]] = (),
) -> Chart:
    """Draw what a candidate changes.

    The axis is symmetric and ends at 10, 25, 50 or 100 points, whichever holds all dots, the tolerance and the
    intervals of lines that rest on enough. An arrow marks an interval that reaches beyond.

    Parameters
    ----------
    names : sequence of str (K,)
        Numbers or groups from top to bottom, at most 40.
    now, candidate : sequence of float or None (K,)
        Numbers in [0, 1] of the present model and of the candidate; None or NaN = undefined.
    low, high : sequence of float or None (K,)
        Paired 95 % interval of candidate less now.
    shown, few : sequence of bool (K,)
        Whether a difference is shown, and whether there is too little to say anything.
    finding : sequence of str (K,)
        The verdict in our words; for an undefined number the reason.
    tolerance : float
        Half the width of the shaded band, in [0, 1].
    written : sequence of (str, str) (K,), optional
        How the numbers of both models are written beside the dot; as percentages when omitted.

    Raises
    ------
    ValueError
        More than 40 lines.
    """
    if len(names) > MAX_ROWS:
        msg = f"This chart shows at most {MAX_ROWS} lines, got {len(names)}. Keep the most important."
        raise ValueError(msg)
    difference = [_difference(a, b) for a, b in zip(now, candidate, strict=True)]
    reach = reach_of(difference, low, high, few, tolerance)
    rows = []
    for i, name in enumerate(plain_names(names)):
        at = difference[i]
        both = written[i] if written else (percent(number(now[i])), percent(number(candidate[i])))
        change, shown_text = " → ".join(both), points(at, signed=True)
        ends = points_interval(low[i], high[i])
        star = f" {STAR}" if shown[i] else ""
        rows.append(
            {
                "order": i,
                "name": name,
                **zero_fields(at, low[i], high[i], reach=reach, tolerance=tolerance),
                "few": bool(few[i]),
                "starred": bool(shown[i]),
                "label": f"{DASH} {finding[i]}" if at is None else f"{change}{star}",
                "change": change,
                "value_text": shown_text,
                "interval_text": ends,
                "finding": finding[i],
                "description": tr(
                    "{name}: {change}, {shown}, 95 % interval {ends}, {finding}",
                    name=name,
                    change=change,
                    shown=shown_text,
                    ends=ends,
                    finding=finding[i],
                ),
            }
        )
    return Chart(_template(len(rows), reach), pd.DataFrame(rows), tr(ALT))


def _difference(now: float | None, candidate: float | None) -> float | None:
    first, second = number(now), number(candidate)
    return None if first is None or second is None else second - first
