"""What changed: two data sets, models, policies, batches or runs side by side, in words with numbers."""

from __future__ import annotations

from collections.abc import Callable

from rai_dash.core.texts import mark, tr
from rai_dash.ui import controls, widgets
from rai_dash.ui.changed import batches, data, models, policies, runs
from rai_dash.ui.shell import show
from rai_dash.ui.state import View

PAGE = {
    "title": "What changed?",
    "step": "Watch",
    "order": 3,
    "icon": ":material/difference:",
    "question": "It behaved differently yesterday: what changed since?",
    "needs": (),
    "own_rows": True,
    "words": ("score", "favourable", "threshold", "review_band", "policy", "batch", "fingerprint", "drift", "psi",
              "by_chance", "interval", "correlation", "spearman", "flip", "seed", "boosted_trees", "conformal"),
}  # fmt: skip
KINDS = {
    "models": mark("Models"),
    "data": mark("Data"),
    "policies": mark("Policies"),
    "batches": mark("Batches"),
    "runs": mark("Runs"),
}


def render(view: View) -> None:
    """Draw the page."""
    _DRAW[controls.view(tr("What to compare"), "changed", KINDS)](view)
    widgets.next_step(
        tr("What do people decide where the model may not?"), "queue", label=tr("Go to the review queue")
    )


_DRAW: dict[str, Callable[[View], None]] = {
    "models": models.section,
    "data": data.section,
    "policies": policies.section,
    "batches": batches.section,
    "runs": lambda _: runs.section(),
}
show(render, __file__)
