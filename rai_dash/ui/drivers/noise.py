"""Whether decisions and explanations hold when the applicants' data is a little off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.charts.fragility import FlipDot, fragility
from rai_dash.charts.fragility import flips_by_score as draw_by_score
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Estimate
from rai_dash.explain._asking import Watch
from rai_dash.explain._base import LOG_ODDS
from rai_dash.explain.noise import DRAWS, FRAGILE, LEVELS, NEAR, Flips
from rai_dash.explain.stability import Stability
from rai_dash.report.drivers_work import SHAKEN_ROWS, Shaken, flips_by_score, shaken
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, widgets
from rai_dash.ui.drivers import asked, words
from rai_dash.ui.frames import optional
from rai_dash.ui.state import View
from rai_dash.ui.text import count, percent, plain, points, safe

IN_LOG_ODDS = mark(
    "In log-odds, since in probability each copy would take this model many answers. The bend between "
    "the two may put columns in another order."
)
#: Where the table of groups keeps its people, for downloads.
_OF_GROUPS = GroupTable(line=("noise",))


def under_noise(view: View, *, space: str) -> None:
    """Offer to shake the rows, and draw what that does."""
    sensitive = list(view.judgement.roles.sensitive)
    left, right = st.columns(2, gap="medium")
    with left:
        threshold = controls.threshold_slider()
    by = ""
    if sensitive:
        with right:
            by = controls.pick(tr("Compare by"), "by", sensitive)
    found = _job(view, threshold, by, space)
    if found is None:
        return
    _figures(found)
    _charts(found)
    _steadiness(found, space)
    widgets.numbers(lambda: noise_frame(found), name="noise", key="noise")
    if by:
        widgets.numbers(
            lambda: group_frame(found),
            name="noise_by_group",
            key="noise_groups",
            label=tr("By group"),
            people=_OF_GROUPS,
        )
    widgets.numbers(
        lambda: score_frame(found.shown), name="noise_by_score", key="noise_scores", label=tr("By score")
    )
    widgets.numbers(
        lambda: steady_frame(found.stability, found.space), name="explanations_under_noise", key="noise_steady",
        label=tr("Do explanations hold"),
    )  # fmt: skip


def _job(view: View, threshold: float, by: str, space: str) -> Shaken | None:
    n = view.judgement.n_judged
    found: Shaken | None = asked.by_button(
        view, "noise", {"threshold": threshold, "by": by, "space": space}, _work(view, threshold, by, space),
        label=tr("Add noise and count"), key="noise",
        idle=(
            tr("{n} rows are shaken {draws} times at each of {levels} amounts of noise. Nothing is asked "
"until then.", n=count(min(n, SHAKEN_ROWS)), draws=count(DRAWS), levels=count(len(LEVELS)))
        ),
    )  # fmt: skip
    widgets.note(
        tr(
            "Noise of 5 %: numbers move by 0.05 standard deviations of the reference rows within their "
            "range, a category is drawn anew with a chance of 5 %; blanks stay. Columns of which one says "
            "the other move together, all others one by one, sensitive ones too. Real errors may be larger, "
            "smaller, or go together."
        )
    )
    return found


def _work(
    view: View, threshold: float, by: str, space: str
) -> Callable[[Callable[[int, int, str], None], Callable[[], bool]], Shaken]:
    case, judgement = view.case, view.judgement

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Shaken:
        watch = Watch(progress, cancelled)
        return shaken(case, judgement, threshold=threshold, by=by, space=space, watch=watch)

    return work


def _figures(found: Shaken) -> None:
    shown = found.shown
    widgets.finding(_finding(shown))
    rate, near, fragile, shift = st.columns(4, gap="medium")
    with rate:
        widgets.estimate_card(
            tr("Decisions that flip"), shown.rate, meaning=tr("Share of shaken copies that end in the other decision.")
        )  # fmt: skip
    with near:
        widgets.estimate_card(
            tr("Near the threshold"),
            shown.near,
            meaning=tr(
                "The same of applicants whose score is less than {near} from the threshold.",
                near=points(NEAR),
            ),
        )
    with fragile:
        widgets.estimate_card(
            tr("Fragile applicants"),
            shown.fragile,
            meaning=tr(
                "Applicants of whom more than {fragile} of the copies flip.", fragile=percent(FRAGILE)
            ),
        )
    with shift:
        widgets.card(
            tr("Mean change"),
            points(shown.mean_shift.value),
            tr("{low} to {high}", low=points(shown.mean_shift.low), high=points(shown.mean_shift.high)),
            meaning=tr("Mean absolute change of the score."),
        )


def _finding(shown: Flips) -> str:
    near = count(int((np.abs(shown.score - shown.threshold) < NEAR).sum()))
    text = tr(
        "With {eps} noise **{estimate_range}** of the decisions at a threshold of {threshold} flip; near "
        "the threshold ({near} applicants) {estimate_range_near}. A score changes by {mean_shift} on "
        "average.",
        eps=percent(shown.eps, digits=0),
        estimate_range=words.estimate_range(shown.rate),
        threshold=percent(shown.threshold),
        near=near,
        estimate_range_near=words.estimate_range(shown.near),
        mean_shift=points(shown.mean_shift.value),
    )
    known = [g for g in shown.groups if not g.small and g.rate.value is not None]
    if len(known) < 2:
        return text
    ordered = sorted(known, key=lambda g: g.rate.value or 0.0)
    most, least = ordered[-1], ordered[0]
    unsettled = ""
    if most.rate.low is not None and least.rate.high is not None and most.rate.low <= least.rate.high:
        unsettled = tr(" These intervals overlap: the sample does not settle the difference.")
    return tr(
        "{text} Most often for **{most}**: {estimate_range}; least for **{least}**: "
        "{estimate_range_rate}.{unsettled}",
        text=text,
        most=safe(most.name),
        estimate_range=words.estimate_range(most.rate),
        least=safe(least.name),
        estimate_range_rate=words.estimate_range(least.rate),
        unsettled=unsettled,
    )


def _dots(found: Shaken) -> list[FlipDot]:
    out = []
    for one in found.flips:
        noise = percent(one.eps, digits=0)
        entries: list[tuple[str | None, int, Estimate, int, bool]] = [
            (None, 0, one.rate, len(one.rows), False)
        ]
        entries += [(g.name, k, g.rate, g.n, g.small) for k, g in enumerate(one.groups) if g.n]
        out += [
            FlipDot(
                noise=noise, group=name, position=k, value=rate.value, low=rate.low, high=rate.high, n=n, small=small
            )
            for name, k, rate, n, small in entries
        ]  # fmt: skip
    return out


def _charts(found: Shaken) -> None:
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        widgets.heading(tr("By amount of noise and group"), tr("Share of decisions that flip"))
        widgets.draw(fragility(_dots(found)), key="fragility")
        widgets.how_to_read(
            tr("Bars are 95 % intervals over applicants. Grey groups have fewer than 30 rows.")
        )
    shown = found.shown
    by_score = flips_by_score(shown)
    with right, st.container(border=True, height="stretch"):
        widgets.heading(
            tr("By score"),
            tr("Share of decisions that flip with {eps} noise", eps=percent(shown.eps, digits=0)),
        )
        rows = [int(n) for n in by_score.rows]
        chart = draw_by_score(by_score.edges, optional(by_score.share), rows, threshold=shown.threshold)
        widgets.draw(chart, key="flips_by_score")
        widgets.how_to_read(
            tr(
                "High bars beside the dashed line: decisions there hang on small errors. Send those scores "
                "to a person. Grey bars rest on few applicants."
            )
        )


def _steadiness(shaken_rows: Shaken, space: str) -> None:
    found = shaken_rows.stability
    widgets.heading(
        tr("Do explanations hold?"), tr("Contributions in {space}", space=safe(shaken_rows.space))
    )
    widgets.paragraph(
        tr(
            "With {eps} noise the {k} largest contributions of an applicant stay the same columns to "
            "{estimate_range}; all {k} stay in {estimate_range_same_set} of the copies, and the first stays "
            "first in {estimate_range_same_first}. {rows} applicants, {draws} copies each.",
            eps=percent(found.eps, digits=0),
            k=count(found.k),
            estimate_range=words.estimate_range(found.overlap),
            estimate_range_same_set=words.estimate_range(found.same_set),
            estimate_range_same_first=words.estimate_range(found.same_first),
            rows=count(found.rows),
            draws=count(found.draws),
        )
    )
    if shaken_rows.space == LOG_ODDS != space:
        widgets.note(tr(IN_LOG_ODDS))


def noise_frame(found: Shaken) -> pd.DataFrame:
    """Return one row an amount of noise: everyone, those near the threshold, fragile ones, changes of the score."""
    rows = []
    for one in found.flips:
        row: dict[str, object] = {"noise": percent(one.eps, digits=0), "rows": len(one.rows)}
        for name, what in (
            ("flip", one.rate),
            (tr("flip near the threshold"), one.near),
            ("fragile", one.fragile),
            (tr("mean change of a score"), one.mean_shift),
        ):
            row |= {name: what.value, f"{name} low": what.low, f"{name} high": what.high}
        rows.append(row | {"95 % of changes are at most": one.p95_shift})
    return pd.DataFrame(rows)


def group_frame(found: Shaken) -> pd.DataFrame:
    """Return one row a group and amount of noise."""
    return pd.DataFrame(
        [
            {
                "group": plain(group.name),
                "noise": percent(one.eps, digits=0),
                "rows": group.n,
                "flip": group.rate.value,
                "flip low": group.rate.low,
                "flip high": group.rate.high,
            }
            for one in found.flips
            for group in one.groups
        ]
    )


def score_frame(shown: Flips) -> pd.DataFrame:
    """Return one row a range of the score: rows, and the share of their copies that flips."""
    found = flips_by_score(shown)
    return pd.DataFrame(
        {
            "noise": percent(shown.eps, digits=0),
            "score from": found.edges[:-1],
            "score to": found.edges[1:],
            "rows": found.rows,
            "flip": found.share,
        }
    )


def steady_frame(found: Stability, space: str) -> pd.DataFrame:
    """Return one row a measure of how steady the largest contributions are."""
    return pd.DataFrame(
        [
            {
                "measure": name,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "noise": percent(found.eps, digits=0),
                "space": space,
                "columns": found.k,
                "rows": found.rows,
                "copies each": found.draws,
            }
            for name, one in (
                (tr("stay among the largest"), found.overlap),
                (tr("all stay"), found.same_set),
                (tr("the first stays first"), found.same_first),
            )
        ]
    )
