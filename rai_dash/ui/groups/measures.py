"""The named measures of the field and of the law, for those who must report them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from rai_dash.core.texts import mark, tr
from rai_dash.metrics.impact import impact_ratios
from rai_dash.metrics.parity import NEEDED, parities
from rai_dash.metrics.score_gap import score_gaps
from rai_dash.metrics.table import Costs, metric_table
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, state, widgets
from rai_dash.ui.frames import against_frame, metric_frame, parity_frame
from rai_dash.ui.groups.look import SHARES, Look
from rai_dash.ui.meanings import label, meaning
from rai_dash.ui.text import count, number, percent, plain, points, safe

_OF_IMPACT = GroupTable(
    shares=(("selected", mark("with a score")), (mark("above the median"), mark("with a score")))
)
_OF_SCORES = GroupTable(shares=())
_COMPOSITES = ("f1", "balanced_accuracy", "expected_cost")
#: Measures of the cards, and their words in the glossary.
_CARDS = {
    "demographic_parity_ratio": "adverse_impact",
    "demographic_parity_difference": "demographic_parity",
    "equal_opportunity_difference": "equal_opportunity",
    "equalized_odds_max": "equalized_odds",
}


def measures(look: Look) -> None:
    """Show the named parity measures, and offer impact ratios and score gaps."""
    found = {p.name: p for p in parities(look.rates(NEEDED), at=(look.counts, look.threshold))}
    widgets.paragraph(
        tr(
            "These are sizes of gaps, not verdicts: with many groups large ones arise by chance. None of "
            "them settles whether a model is fair, and they cannot all be small at once when base rates "
            "differ."
        )
    )
    for place, (name, word) in zip(st.columns(len(_CARDS)), _CARDS.items(), strict=True):
        with place:
            one = found[name]
            value = number(one.value) if name.endswith("_ratio") else points(one.value)
            under = _pair(one.groups) or safe(one.reason or "", limit=80)
            widgets.card(label(word), value, under, meaning=meaning(word))
    widgets.numbers(
        lambda: parity_frame(tuple(found.values())),
        name="parity",
        key="parity",
        label=tr("All named parity measures"),
    )
    _reference(look)
    widgets.numbers(
        lambda: _composites(look),
        name="composites",
        key="composites",
        label=tr("F1, balanced accuracy and cost by group"),
        more=tr(
            "With bootstrap intervals where there are 120 people of each outcome. The costs are those of the "
            "Performance page."
        ),
        people=look.few(_OF_SCORES),
    )
    widgets.numbers(
        lambda: impact_frame(look),
        name="impact_ratios",
        key="impact",
        label=tr("Impact ratios as in New York City's Local Law 144"),
        more=_median(look),
        people=look.few(_OF_IMPACT),
    )
    widgets.numbers(
        lambda: score_frame(look),
        name="score_gaps",
        key="score_gaps",
        label=tr("Mean score of each group against all others"),
        more=tr("The standardised difference: how many standard deviations the mean scores lie apart."),
        people=look.few(_OF_SCORES),
    )


def _reference(look: Look) -> None:
    """Let the user name a reference group, and offer each group against it."""
    groups = list(look.counts.groups)
    reference = controls.pick(tr("Reference group"), "reference", ["", *groups], {"": "none"})
    if reference:
        widgets.numbers(
            lambda: against_frame(look.rates(SHARES), SHARES, reference=reference),
            name="against_the_reference",
            key="reference",
            label=tr("Each group against the reference group"),
            more=tr("The group less the reference (Newcombe's interval), and over the reference (Katz)."),
            people="rows",
        )


def _composites(look: Look) -> pd.DataFrame:
    chosen = state.choices()
    costs = Costs(cost_fp=max(chosen.cost_fp, 0), cost_fn=max(chosen.cost_fn, 0))
    table = metric_table(look.counts, look.threshold, costs=costs, metrics=_COMPOSITES)
    return metric_frame(table, _COMPOSITES)


def _pair(groups: tuple[str, ...]) -> str:
    return " and ".join(safe(g, limit=30) for g in groups)


def _median(look: Look) -> str:
    found = impact_ratios(look.counts, look.threshold)
    return tr(
        "Scoring rate: the share of a group above the median score of the sample ({median}). {unknown} "
        "people whose group is not known are left out.",
        median=percent(found.median),
        unknown=count(found.unknown),
    )


def impact_frame(look: Look) -> pd.DataFrame:
    """Return one row a group: selection and scoring rates and their impact ratios."""
    found = impact_ratios(look.counts, look.threshold)
    return pd.DataFrame(
        {
            "group": [plain(g) for g in found.groups],
            "rows": found.n,
            "with a score": found.scored,
            "selected": found.selected,
            "selection rate": found.selection_rate,
            "selection impact ratio": found.selection_ratio,
            "above the median": found.above,
            "scoring rate": found.scoring_rate,
            "scoring impact ratio": found.scoring_ratio,
        }
    )


def score_frame(look: Look) -> pd.DataFrame:
    """Return one row a group: its mean score beside that of all others."""
    rows = [gap.to_json() for gap in score_gaps(look.counts)]
    frame = pd.DataFrame(rows)
    frame.insert(1, "rows", look.counts.n)
    return frame
