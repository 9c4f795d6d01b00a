"""Whether decisions and explanations hold when the applicants' data is a little off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.charts.fragility import FlipDot, flips_by_score, fragility
from rai_dash.core.types import Estimate
from rai_dash.explain._asking import Watch
from rai_dash.explain._noise import noise_of
from rai_dash.explain.client import shap_matrix
from rai_dash.explain.drivers._bins import spread_rows
from rai_dash.explain.noise import DRAWS, FRAGILE, LEVELS, NEAR, Flips, flips
from rai_dash.explain.stability import Stability, explanation_stability
from rai_dash.explain.table import AttributionTable
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, widgets
from rai_dash.ui.drivers import asked, words
from rai_dash.ui.drivers.explain_all import LONGEST_S, asks_one_by_one
from rai_dash.ui.drivers.look import feature_rows
from rai_dash.ui.frames import optional
from rai_dash.ui.reference import model_of, reference_rows
from rai_dash.ui.state import View
from rai_dash.ui.text import count, percent, plain, points, safe

#: Rows that are shaken; and that are explained again, where that is cheap and where it is not.
MOST_ROWS, MOST_EXPLAINED, FEW_EXPLAINED = 2_000, 200, 20
#: Shaken copies of each explained row.
EXPLAINED_DRAWS = 10
#: The amount of noise that the figures in words are of.
SHOWN = 0.05
_BINS = 20
#: Where the table of groups keeps its people, for downloads.
_OF_GROUPS = GroupTable(line=("noise",))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shaken:
    """Flips by amount of noise, in the order of ``LEVELS``, and how steady explanations are at ``SHOWN``."""

    flips: tuple[Flips, ...]
    stability: Stability

    @property
    def shown(self) -> Flips:
        """Flips at ``SHOWN``."""
        return self.flips[LEVELS.index(SHOWN)]


def under_noise(view: View, *, space: str) -> None:
    """Offer to shake the rows, and draw what that does."""
    sensitive = list(view.judgement.roles.sensitive)
    left, right = st.columns(2, gap="medium")
    with left:
        threshold = controls.threshold_slider()
    by = ""
    if sensitive:
        with right:
            by = controls.pick("Compare by", "by", sensitive)
    found = _job(view, threshold, by, space)
    if found is None:
        return
    _figures(found)
    _charts(found)
    _steadiness(found.stability)
    widgets.numbers(lambda: noise_frame(found), name="noise", key="noise")
    if by:
        widgets.numbers(
            lambda: group_frame(found), name="noise_by_group", key="noise_groups", label="By group", people=_OF_GROUPS
        )  # fmt: skip


def _job(view: View, threshold: float, by: str, space: str) -> Shaken | None:
    n = view.judgement.n_judged
    found: Shaken | None = asked.by_button(
        view, "noise", {"threshold": threshold, "by": by, "space": space}, _work(view, threshold, by, space),
        label="Add noise and count", key="noise",
        idle=(
            f"{count(min(n, MOST_ROWS))} rows are shaken {count(DRAWS)} times at each of {count(len(LEVELS))} "
            "amounts of noise. Nothing is asked until then."
        ),
    )  # fmt: skip
    widgets.note(
        "Noise of 5 %: numbers move by 0.05 standard deviations of the reference rows within their range, a category "
        "is drawn anew with a chance of 5 %; blanks stay. Columns are shaken one by one, sensitive ones too. Real "
        "errors may be larger, smaller, or go together."
    )
    return found


def _work(
    view: View, threshold: float, by: str, space: str
) -> Callable[[Callable[[int, int, str], None], Callable[[], bool]], Shaken]:
    case, judgement = view.case, view.judgement

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Shaken:
        model, rows = model_of(judgement).model, feature_rows(judgement)
        background, watch = reference_rows(case, judgement), Watch(progress, cancelled)
        noise = noise_of(background[list(rows.columns)])
        index = judgement.groups((by,)) if by else None
        found = tuple(
            flips(
                asked.score_of(model, cancelled), rows, noise, eps=eps, threshold=threshold, most_rows=MOST_ROWS,
                codes=None if index is None else index.codes, groups=() if index is None else index.groups,
                watch=watch,
            )
            for eps in LEVELS
        )  # fmt: skip

        def table(frame: pd.DataFrame) -> AttributionTable:
            return shap_matrix(model, frame, background, space=space, timeout=LONGEST_S, cancelled=cancelled)

        few = asks_one_by_one(table(rows.iloc[:1]))
        some = spread_rows(judgement.score[judgement.positions], FEW_EXPLAINED if few else MOST_EXPLAINED)
        explained = rows.iloc[some].reset_index(drop=True)
        steady = explanation_stability(
            lambda frame: table(frame).values, explained, noise, eps=SHOWN, draws=EXPLAINED_DRAWS, watch=watch
        )  # fmt: skip
        return Shaken(flips=found, stability=steady)

    return work


def _figures(found: Shaken) -> None:
    shown = found.shown
    widgets.finding(_finding(shown))
    rate, near, fragile, shift = st.columns(4, gap="medium")
    with rate:
        widgets.estimate_card(
            "Decisions that flip", shown.rate, meaning="Share of shaken copies that end in the other decision."
        )  # fmt: skip
    with near:
        widgets.estimate_card(
            "Near the threshold",
            shown.near,
            meaning=f"The same of applicants whose score is less than {points(NEAR)} from the threshold.",
        )
    with fragile:
        widgets.estimate_card(
            "Fragile applicants",
            shown.fragile,
            meaning=f"Applicants of whom more than {percent(FRAGILE)} of the copies flip.",
        )
    with shift:
        widgets.card(
            "Mean change of a score",
            points(shown.mean_shift.value),
            f"{points(shown.mean_shift.low)} to {points(shown.mean_shift.high)}",
            meaning="Mean absolute change of the score.",
        )


def _finding(shown: Flips) -> str:
    near = count(int((np.abs(shown.score - shown.threshold) < NEAR).sum()))
    text = (
        f"With {percent(shown.eps, digits=0)} noise **{words.estimate_range(shown.rate)}** of the decisions at a "
        f"threshold of {percent(shown.threshold)} flip; near the threshold ({near} applicants) "
        f"{words.estimate_range(shown.near)}. "
        f"A score changes by {points(shown.mean_shift.value)} on average."
    )
    known = [g for g in shown.groups if not g.small and g.rate.value is not None]
    if len(known) < 2:
        return text
    ordered = sorted(known, key=lambda g: g.rate.value or 0.0)
    most, least = ordered[-1], ordered[0]
    unsettled = ""
    if most.rate.low is not None and least.rate.high is not None and most.rate.low <= least.rate.high:
        unsettled = " These intervals overlap: the sample does not settle the difference."
    return (
        f"{text} Most often for **{safe(most.name)}**: {words.estimate_range(most.rate)}; least for "
        f"**{safe(least.name)}**: {words.estimate_range(least.rate)}.{unsettled}"
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
        widgets.heading("By amount of noise and group", "Share of decisions that flip")
        widgets.draw(fragility(_dots(found)), key="fragility")
        widgets.how_to_read("Bars are 95 % intervals over applicants. Grey groups have fewer than 30 rows.")
    shown = found.shown
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    at = np.clip(np.digitize(shown.score, edges) - 1, 0, _BINS - 1)
    n = np.bincount(at, minlength=_BINS)
    mean = np.bincount(at, shown.flip, minlength=_BINS) / np.where(n, n, np.nan)
    with right, st.container(border=True, height="stretch"):
        widgets.heading("By score", f"Share of decisions that flip with {percent(shown.eps, digits=0)} noise")
        chart = flips_by_score(edges, optional(mean), [int(k) for k in n], threshold=shown.threshold)
        widgets.draw(chart, key="flips_by_score")
        widgets.how_to_read(
            "High bars beside the dashed line: decisions there hang on small errors. Send those scores to a "
            "person. Grey bars rest on few applicants."
        )


def _steadiness(found: Stability) -> None:
    widgets.heading("Do explanations hold?")
    widgets.paragraph(
        f"With {percent(found.eps, digits=0)} noise the {count(found.k)} largest contributions of an applicant "
        f"stay the same columns to {words.estimate_range(found.overlap)}; all {count(found.k)} stay in "
        f"{words.estimate_range(found.same_set)} of the copies, and the first stays first in "
        f"{words.estimate_range(found.same_first)}. {count(found.rows)} applicants, {count(found.draws)} copies each."
    )


def noise_frame(found: Shaken) -> pd.DataFrame:
    """Return one row an amount of noise: everyone, those near the threshold, fragile ones, changes of the score."""
    rows = []
    for one in found.flips:
        row: dict[str, object] = {"noise": percent(one.eps, digits=0), "rows": len(one.rows)}
        for name, what in (
            ("flip", one.rate),
            ("flip near the threshold", one.near),
            ("fragile", one.fragile),
            ("mean change of a score", one.mean_shift),
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
