"""Review band: what the machine decides alone, and what goes to a person."""

from __future__ import annotations

from rai_dash.core.texts import mark, tr
from rai_dash.report.sample_notice import ROW_BY_ROW
from rai_dash.ui import controls, rests_on, state, widgets
from rai_dash.ui.guard import fragment
from rai_dash.ui.reviewing.analyst import analyst
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.reviewing.expert import expert
from rai_dash.ui.reviewing.stakeholder import stakeholder
from rai_dash.ui.shell import show
from rai_dash.ui.state import View

PAGE = {
    "title": "Review band",
    "step": "Decide",
    "order": 0,
    "icon": ":material/person_search:",
    "question": "Which applications may the machine decide alone, and which does a person look at?",
    "needs": ("scores",),
    "words": ("score", "favourable", "threshold", "target", "stand_in", "held_out", "review_band", "coverage",
              "conformal", "interval", "gap", "noise", "flip", "calibration", "deviation", "block", "correlation",
              "precision", "mean_score", "brier", "policy", "suspended", "batch", "quantile", "aurc", "sgr",
              "fixed_sequence", "clopper_pearson", "boosted_trees"),
}  # fmt: skip
VIEWS = {
    "expert": mark("For the credit officer"),
    "analyst": mark("For the data scientist"),
    "stakeholder": mark("For the business"),
}
_DRAW = {"expert": expert, "analyst": analyst, "stakeholder": stakeholder}


def render(view: View) -> None:
    """Draw the page."""
    panel(view)
    widgets.next_step(tr("Is this the band you want to answer for?"), "sign_off", label=tr("Go to sign-off"))


@fragment
def panel(view: View) -> None:
    """Draw the band and everything it moves."""
    chosen = controls.view(tr("For whom"), "bench", VIEWS)
    # A rerun of the fragment alone still has the view of the last full run.
    case = state.current_case() or view.case
    bench = bench_of(View(case, state.choices()))
    if bench.is_sample_only:
        rests_on.sample_note(bench.judgement.data.dataset, ROW_BY_ROW)
    _DRAW[chosen](bench)


show(render, __file__)
