"""Fairness: who is approved and refused by group, at any threshold, and how sure that is."""

from __future__ import annotations

from rai_dash.core.texts import mark, tr
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.ui import controls, widgets
from rai_dash.ui.group_words import chance_note, excluded_note, gap_finding, worse_off_first
from rai_dash.ui.groups.crossing import crossing
from rai_dash.ui.groups.curves import score_curves
from rai_dash.ui.groups.heat import heat
from rai_dash.ui.groups.look import Look, controls_box, words_of
from rai_dash.ui.groups.measures import measures
from rai_dash.ui.groups.overview import overview
from rai_dash.ui.groups.within import within
from rai_dash.ui.guard import fragment
from rai_dash.ui.problems import flagging
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.tour.spots import spot
from rai_dash.ui.why import why_panel

PAGE = {
    "title": "Fairness by group",
    "step": "Judge",
    "order": 1,
    "icon": ":material/balance:",
    "question": "Who is approved and who is refused, group by group, and how sure can we be of the differences?",
    "needs": ("outcome", "scores", "groups"),
    "words": ("score", "favourable", "threshold", "target", "stand_in", "held_out", "sensitive", "gap", "ratio",
              "tolerance", "disparity", "equivalence", "not_enough", "by_chance", "max_z", "holm", "p_value",
              "interval", "wilson", "small_group", "intersection", "conditional", "selection_rate", "recall",
              "precision", "fpr", "fnr", "for_rate", "npv", "accuracy", "balanced_accuracy", "f1", "base_rate",
              "mean_score", "auc", "roc", "brier", "calibration", "odds", "adverse_impact", "demographic_parity",
              "equal_opportunity", "equalized_odds", "differential_fairness"),
}  # fmt: skip
LENSES = {
    "groups": mark("Group by group"),
    "heat": mark("All metrics"),
    "crossing": mark("Intersections"),
    "within": mark("Like with like"),
    "scores": mark("Scores"),
    "why": mark("Where it may come from"),
    "measures": mark("Named measures"),
}
DRAW = {
    "groups": overview,
    "heat": heat,
    "crossing": crossing,
    "within": within,
    "scores": score_curves,
    "why": lambda look: why_panel(look.view, look.columns, look.threshold, tolerance=look.tolerance),
    "measures": measures,
}


def render(view: View) -> None:
    """Draw the page."""
    panel(view)


@fragment
def panel(view: View) -> None:
    """Draw the controls and everything they move."""
    look = controls_box(view)
    _finding(look)
    DRAW[controls.view(tr("View"), "lens", LENSES)](look)


@spot("gap")
def _finding(look: Look) -> None:
    table = look.rates((look.metric,))
    gap = disparity(table, look.metric)
    verdict = gap_verdict(table, look.metric, tolerance=look.tolerance)
    text = gap_finding(table, gap, verdict, look.metric, words_of(look))
    widgets.finding(text, warn=verdict is not None and bool(verdict.starred))
    for remark in (chance_note(verdict, gap), excluded_note(table, gap), words_of(look).caution):
        if remark:
            widgets.note(remark)
    if verdict is not None and verdict.starred and len(look.columns) == 1:
        flagging.group(look.columns[0], worse_off_first(table, verdict, look.metric)[0], look.metric)


show(render, __file__)
