"""The figures of the report, drawn from its JSON; what is hidden there is drawn nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from rai_dash.core.texts import tr
from rai_dash.report.audit_report.blocks import Picture, Pictures, Text
from rai_dash.report.audit_report.say import HIDDEN, Json, is_hidden

if TYPE_CHECKING:
    from rai_dash.charts._base import Chart

#: Pixels of a page between its margins, and of one of two figures side by side.
WIDE, HALF = 656, 322
#: Groups that a figure of rows has room for on one page.
MOST_ROWS: Final = 16
MOST_BARS: Final = 10
_FEWEST_ROWS: Final = 30


def drawn(chart: Chart, title: str, *, width: int = WIDE) -> Picture:
    """Draw a chart as a vector."""
    from rai_dash.charts.picture import svg

    return Picture(svg=svg(chart, width=width), title=title, alt=chart.alt)


def beside(*charts: tuple[Chart | None, str]) -> Pictures | Text:
    """Draw charts with their titles side by side; what cannot be drawn is left out, and that is said if all is."""
    width = HALF if len(charts) > 1 else WIDE
    found = tuple(drawn(chart, title, width=width) for chart, title in charts if chart is not None)
    if found:
        return Pictures(found)
    return Text(
        tr("There is no figure here: what it would show is hidden (few people) or undefined."), "note"
    )


def group_dots(groups: Json, overall: Json | None, metric: str, min_n: int, what: str) -> Chart | None:
    """Draw one share by group; None where there are more groups than a page has room for."""
    from rai_dash.charts.group_dots import group_dots as draw

    ones = [group[metric] for group in groups.values()]
    if len(groups) > MOST_ROWS or not any(one.get("value") is not None for one in ones):
        return None
    sizes = [group.get("n") for group in groups.values()]
    return draw(
        list(groups),
        [one.get("value") for one in ones],
        low=[one.get("low") for one in ones],
        high=[one.get("high") for one in ones],
        n=[int(one.get("denominator") or 0) for one in ones],
        small=[n is None or n < min_n for n in sizes],
        overall=None if overall is None else overall[metric].get("value"),
        what=what,
        reason=[tr(HIDDEN) if is_hidden(one) else tr("undefined") for one in ones],
    )


def base_rates(groups: Json, min_n: int) -> Chart | None:
    """Draw how often the favourable outcome is in each group, with its rows."""
    from rai_dash.charts.imbalance_cells import imbalance_cells

    seen = {name: one for name, one in groups.items() if not is_hidden(one) and one.get("rows") is not None}
    if not 0 < len(seen) <= MOST_ROWS:
        return None
    ones = list(seen.values())
    return imbalance_cells(
        list(seen),
        [one.get("value") for one in ones],
        low=[one.get("low") for one in ones],
        high=[one.get("high") for one in ones],
        n=[one["rows"] for one in ones],
        small=[one["rows"] < min_n for one in ones],
    )


def calibration(curves: Json) -> Chart | None:
    """Draw whether scores mean what they say."""
    from rai_dash.charts.calibration import calibration as draw

    found = curves.get("calibration") or {}
    rows = found.get("rows")
    if not rows or is_hidden(found):
        return None
    kept = [i for i, n in enumerate(rows) if n]
    return (
        draw(
            [*found["left"], found["right"][-1]],
            mean_score=found["mean_score"],
            rate=found["observed"],
            low=found["low"],
            high=found["high"],
            n=[int(n or 0) for n in rows],
            small=[n is None or n < _FEWEST_ROWS for n in rows],
        )
        if kept
        else None
    )


def roc(curves: Json, overall: Json, threshold: float, name: str) -> Chart | None:
    """Draw the ROC curve of everyone, with the threshold as a dot."""
    from rai_dash.charts.curves import Curve
    from rai_dash.charts.curves import roc as draw

    found = curves.get("thresholds") or {}
    if not found.get("fpr") or is_hidden(found) or None in (found["fpr"][0], found["recall"][0]):
        return None
    at = (overall["fpr"].get("value"), overall["recall"].get("value"))
    pairs = [(x, y) for x, y in zip(found["fpr"], found["recall"], strict=True) if None not in (x, y)]
    return draw(
        [Curve(name=name, x=[x for x, _ in pairs], y=[y for _, y in pairs], marker=at)], threshold=threshold
    )


def scores(curves: Json, threshold: float, band: Json | None) -> Chart | None:
    """Draw where the scores of either outcome lie."""
    from rai_dash.charts.score_outcomes import score_outcomes

    found = curves.get("scores") or {}
    if not found.get("left") or is_hidden(found):
        return None
    ends = (band["lo"], band["hi"]) if band else (None, None)
    return score_outcomes(
        [*found["left"], found["right"][-1]],
        favourable=[n or 0.0 for n in found["favourable"]],
        unfavourable=[n or 0.0 for n in found["unfavourable"]],
        unknown=[n or 0.0 for n in found["unknown"]],
        threshold=threshold,
        ends=ends,
    )


def routes(band: Json, column: str | None) -> Chart | None:
    """Draw what a band does with everyone, and with each group of a column."""
    from rai_dash.charts.route_bars import route_bars

    groups: Mapping[str, Any] = band["groups"].get(column, {}) if column else {}
    seen = {name: one for name, one in groups.items() if one.get("reject") is not None}
    is_hidden_whole = bool(groups) and not seen
    if is_hidden_whole or len(seen) > MOST_ROWS or band["overall"].get("reject") is None:
        return None
    lines = [band["overall"], *seen.values()]
    return route_bars(list(seen), [[one["reject"], one["review"], one["approve"]] for one in lines])


def contributions(explanation: Json) -> Chart | None:
    """Draw what pushed one score, the strongest columns first."""
    from rai_dash.charts.contributions import contributions as draw

    values = explanation.get("values") or {}
    if not values or is_hidden(explanation):
        return None
    order = sorted(values, key=lambda name: (-abs(values[name]), name))[:MOST_BARS]
    return draw(values, order=order, space=explanation["space"], method=explanation["method"])
