"""Problems: what is known to be wrong, whom it hits, and whether it is mended."""

from __future__ import annotations

from rai_dash.core.texts import mark, tr
from rai_dash.ui import controls, rests_on, widgets
from rai_dash.ui.problems import flag, listing, room
from rai_dash.ui.problems.detail import detail
from rai_dash.ui.problems.finding import finding
from rai_dash.ui.problems.moving import moving
from rai_dash.ui.problems.reporting import reporting
from rai_dash.ui.shell import show
from rai_dash.ui.signing.acting import told
from rai_dash.ui.state import View

PAGE = {
    "title": "Problems",
    "step": "Watch",
    "order": 1,
    "icon": ":material/bug_report:",
    "question": "What is known to be wrong with the model, whom does it hit, and is it mended?",
    "needs": ("data",),
    "of_sample": True,
    "words": ("score", "favourable", "threshold", "target", "stand_in", "held_out", "slice", "lift",
              "living_test_set", "batch", "by_chance", "interval", "small_group", "boosted_trees"),
}  # fmt: skip
VIEWS = {
    "list": mark("Known problems"),
    "find": mark("Find where the error concentrates"),
    "report": mark("Report a problem"),
}


def render(view: View) -> None:
    """Draw the page."""
    told()
    which = controls.view(tr("What to see"), "problems", VIEWS)
    if which != "report":
        flag.forget()
    _DRAW[which](view)


def _list(view: View) -> None:
    found = room.found(view)
    listing.finding(view, found)
    if found.problems:
        rests_on.sample_note(view.judgement.data.dataset, tr("a problem is tried on single rows"))
        problem = listing.listing(view, found)
        if problem is not None:
            detail(view, found, problem)
            moving(view, problem)
    else:
        listing.nothing()
    widgets.next_step(tr("Does another model do better?"), "models", label=tr("Compare models"))


_DRAW = {"list": _list, "find": finding, "report": reporting}
show(render, __file__)
