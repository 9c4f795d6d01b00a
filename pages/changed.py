"""What changed: two data sets, models, policies, batches or runs side by side, in words with numbers."""

from __future__ import annotations

from collections.abc import Callable

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
}
KINDS = {
    "models": "Models",
    "data": "Data",
    "policies": "Policies",
    "batches": "Batches",
    "runs": "Runs",
}


def render(view: View) -> None:
    """Draw the page."""
    _DRAW[controls.view("What to compare", "changed", KINDS)](view)
    widgets.next_step(
        "What do people decide where the model may not?", "queue", label="Go to the review queue"
    )


_DRAW: dict[str, Callable[[View], None]] = {
    "models": models.section,
    "data": data.section,
    "policies": policies.section,
    "batches": batches.section,
    "runs": lambda _: runs.section(),
}
show(render, __file__)
