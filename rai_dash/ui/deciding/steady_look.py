"""What the check of one explanation shows: a sentence, shares, reasons under noise, and three comparisons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.charts._base import Chart
from rai_dash.charts.contributions import Space, contribution_order, contributions
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Explanation
from rai_dash.explain._base import LOG_ODDS
from rai_dash.explain.one_stability import OneStability
from rai_dash.explain.reasons import MOST_FACTORS, own_values, shown
from rai_dash.explain.steadiness import Against, Steadiness
from rai_dash.ui import headers, widgets
from rai_dash.ui.deciding import steady_words
from rai_dash.ui.explanations import Applicant
from rai_dash.ui.text import NOTHING, plain

AMONG = mark("among the reasons")
#: Columns with a bar of their own.
_BARS = 6
_SPACE: dict[str, Space] = {LOG_ODDS: "log-odds"}


def draw(applicant: Applicant, found: Steadiness) -> None:
    """Draw it."""
    noise = found.noise
    widgets.finding(steady_words.finding(found), warn=steady_words.is_shaky(found))
    for text in steady_words.sensitive_among(found, applicant.sensitive, applicant.names):
        widgets.notice(text)
    _cards(noise)
    st.dataframe(
        headers.shown(among_frame(applicant, noise)),
        hide_index=True,
        column_config=headers.settings(
            {AMONG: st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)}
        ),
        alt=tr("Columns that are among the reasons in some shaken copies, and in how many."),
    )
    widgets.note(steady_words.noise_note(noise))
    widgets.numbers(lambda: noise_frame(noise), name="reasons_under_noise", key="steady_noise")
    if not found.against:
        widgets.note(tr(steady_words.NO_BASELINES))
        return
    widgets.heading(
        tr("Compared with other people"),
        tr("Whom the applicant is compared with decides which reasons come out"),
    )
    _charts(found.against)
    st.dataframe(
        headers.shown(places_frame(found.against)),
        hide_index=True,
        column_config=headers.settings({"reason": st.column_config.TextColumn(width="small")}),
        alt=tr("The reasons by place, one column a comparison."),
    )
    widgets.numbers(lambda: against_frame(found.against), name="reasons_by_comparison", key="steady_against")


def _cards(noise: OneStability) -> None:
    first, second, third = st.columns(3, gap="medium")
    with first:
        widgets.estimate_card(
            tr("Same reasons"),
            noise.same_set,
            meaning=tr("Shaken copies with exactly these reasons, in whatever order."),
        )
    with second:
        widgets.estimate_card(
            tr("Same first reason"), noise.same_first, meaning=tr("Copies in which the strongest stays the strongest.")
        )  # fmt: skip
    with third:
        widgets.estimate_card(
            tr("Decision flips"), noise.flip, meaning=tr("Copies that end in the other decision at this threshold.")
        )  # fmt: skip


def _charts(against: Sequence[Against]) -> None:
    explained = [one.shap for one in against if one.shap is not None]
    names = list(explained[0].values) if explained else []
    size = {name: float(np.mean([abs(shap.values[name]) for shap in explained])) for name in names}
    order = contribution_order(size, {}, k=_BARS)
    for i, (place, one) in enumerate(zip(st.columns(len(against), gap="medium"), against, strict=True)):
        with place, st.container(border=True, height="stretch"):
            widgets.heading(tr(steady_words.TITLES[one.kind]), steady_words.people(one))
            if one.shap is None:
                widgets.note(tr(steady_words.NOBODY))
            else:
                widgets.draw(_chart(one.shap, order), key=f"against_{i}")
    widgets.how_to_read(tr(steady_words.HOW_TO_READ))


def _chart(shap: Explanation, order: Sequence[str]) -> Chart:
    # Without the applicant's values: three charts side by side have no room for them.
    return contributions(
        shap.values, order=order, space=_SPACE.get(shap.space, "probability"), method=shap.method
    )


def among_frame(applicant: Applicant, noise: OneStability) -> pd.DataFrame:
    """Return one row a column that is a reason of the applicant or of some shaken copy."""
    rows = []
    for name, share in noise.among.items():
        own = ", ".join(shown(value) for value in own_values(name, applicant.own))
        now = (
            tr("reason {index}", index=noise.own.index(name) + 1)
            if name in noise.own
            else tr("no reason now")
        )
        rows.append({"column": plain(name), AMONG: share.value, "now": now, "value": plain(own)})
    return pd.DataFrame(rows, columns=["column", AMONG, "now", "value"])


def noise_frame(noise: OneStability) -> pd.DataFrame:
    """Return one row a column: contribution, the middle 90 % of the copies, and how often it is a reason."""
    rows = []
    for j, name in enumerate(noise.names):
        share = noise.among.get(name)
        rows.append(
            {
                "column": name,
                "reason": noise.own.index(name) + 1 if name in noise.own else None,
                "contribution": noise.values[j],
                "5 % of the copies": noise.low[j],
                "95 % of the copies": noise.high[j],
                AMONG: 0.0 if share is None else share.value,
                f"{AMONG} low": None if share is None else share.low,
                f"{AMONG} high": None if share is None else share.high,
            }
        )
    return pd.DataFrame(rows)


def places_frame(against: Sequence[Against]) -> pd.DataFrame:
    """Return one row a place, one column a comparison."""
    lists = {tr(steady_words.TITLES[one.kind]): one.reasons for one in against}
    return pd.DataFrame(
        {"reason": [str(place) for place in range(1, MOST_FACTORS + 1)]}
        | {
            title: [plain(names[i]) if i < len(names) else NOTHING for i in range(MOST_FACTORS)]
            for title, names in lists.items()
        }
    )


def against_frame(against: Sequence[Against]) -> pd.DataFrame:
    """Return one row a column and comparison: people, contribution, and which reason it is."""
    return pd.DataFrame(
        [
            {
                "compared with": tr(steady_words.TITLES[one.kind]),
                "people": one.people,
                "column": name,
                "contribution": value,
                "space": one.shap.space,
                "starts from": one.shap.base,
                "reason": one.reasons.index(name) + 1 if name in one.reasons else None,
            }
            for one in against
            if one.shap is not None
            for name, value in one.shap.values.items()
        ]
    )
