"""Fairness: who is approved and refused by group, at any threshold, and how sure that is."""

from __future__ import annotations

from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.ui import controls, widgets
from rai_dash.ui.choices import Choices
from rai_dash.ui.group_words import chance_note, excluded_note, gap_finding
from rai_dash.ui.groups.crossing import crossing
from rai_dash.ui.groups.curves import score_curves
from rai_dash.ui.groups.heat import heat
from rai_dash.ui.groups.look import Look, controls_box, words_of
from rai_dash.ui.groups.measures import measures
from rai_dash.ui.groups.overview import overview
from rai_dash.ui.groups.within import within
from rai_dash.ui.guard import fragment
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.why import why_panel

PAGE = {
    "title": "Fairness by group",
    "step": "Judge",
    "order": 1,
    "icon": ":material/balance:",
    "question": "Who is approved and who is refused, group by group, and how sure can we be of the differences?",
    "needs": ("outcome", "scores", "groups"),
}
PICKED_HERE = (
    "A threshold that is picked while looking at these rows flatters them, gaps included: choose it on one half of the "
    "rows on the Performance page, or fix it beforehand."
)
LENSES = {
    "groups": "Group by group",
    "heat": "All metrics",
    "crossing": "Intersections",
    "within": "Like with like",
    "scores": "Scores",
    "why": "Where it may come from",
    "measures": "Named measures",
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
    DRAW[controls.view("View", "lens", LENSES)](look)


def _finding(look: Look) -> None:
    table = look.rates((look.metric,))
    gap = disparity(table, look.metric)
    verdict = gap_verdict(table, look.metric, tolerance=look.tolerance)
    text = gap_finding(table, gap, verdict, look.metric, words_of(look))
    widgets.finding(text, warn=verdict is not None and bool(verdict.starred))
    picked = "" if look.threshold == Choices().threshold else PICKED_HERE
    for remark in (chance_note(verdict, gap), excluded_note(gap), picked, words_of(look).caution):
        if remark:
            widgets.note(remark)


show(render, __file__)
