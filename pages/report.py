"""Report: everything that was found, as one document that can be filed."""

from __future__ import annotations

from rai_dash.core.texts import tr
from rai_dash.govern.people import AppRole
from rai_dash.ui import training, widgets
from rai_dash.ui.reporting import making
from rai_dash.ui.reporting.asked import asked
from rai_dash.ui.reporting.files import files
from rai_dash.ui.shell import show
from rai_dash.ui.state import View

PAGE = {
    "title": "Report",
    "step": "Decide",
    "order": 2,
    "icon": ":material/summarize:",
    "question": "What can be filed: all that was found, who signed it, and how to check it?",
    "needs": ("scores",),
    "words": ("score", "favourable", "interval", "gap", "review_band", "policy", "fingerprint", "small_group",
              "held_out", "stand_in", "target", "threshold", "slice", "living_test_set", "shap", "calibration",
              "boosted_trees", "conformal"),
}  # fmt: skip


def render(view: View) -> None:
    """Draw the page."""
    wanted = asked(view)
    key = making.key_of(view, wanted)
    if training.start_button(
        tr("Make the report"), icon=":material/summarize:", key="report_make", role=AppRole.VIEWER
    ):
        training.start(key, making.work_of(view, wanted), role=AppRole.VIEWER)
    job = training.finished(
        key,
        idle=tr(
            "A summary of one page, then data, performance, groups, explanations, review band, certificate, model "
            "card, data sheet, methods, tables and fingerprints: one HTML file and one PDF that need nothing else."
        ),
        doing=tr(making.DOING),
    )
    if job is not None:
        files(job.result)
    widgets.next_step(tr("Is what was filed still true?"), "monitor", label=tr("Go to monitor"))


show(render, __file__)
