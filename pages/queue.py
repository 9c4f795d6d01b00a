"""Review queue: people decide what the machine may not, blind first; and how well they do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rai_dash.core.texts import mark, tr
from rai_dash.ui import controls, keeping, widgets
from rai_dash.ui.queue import practising, room, words
from rai_dash.ui.queue.deciding import deciding
from rai_dash.ui.queue.figures import figures
from rai_dash.ui.queue.filling import filling
from rai_dash.ui.shell import show
from rai_dash.ui.signing import acting
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain

if TYPE_CHECKING:
    from rai_dash.govern.queue.practice import Practice

PAGE = {
    "title": "Review queue",
    "step": "Watch",
    "order": 4,
    "icon": ":material/fact_check:",
    "question": "What do people decide where the model may not, and how good are they?",
    "needs": (),
    "own_rows": True,
    "words": ("score", "favourable", "review_band", "threshold", "target", "stand_in", "held_out", "policy", "blind",
              "audit_sample", "kappa", "interval", "median", "shap", "lime", "boosted_trees"),
}  # fmt: skip
PRACTICE = {"decide": mark("Decide"), "figures": mark("Figures")}
VIEWS = PRACTICE | {"fill": mark("Fill a queue")}
_DRAW = {"decide": deciding, "figures": figures}


def render(view: View) -> None:
    """Draw the page."""
    acting.told()
    keeping.forget_rows()
    practice = practising.of(view)
    if practice is not None:
        _practise(view, practice)
        return
    lines = room.on_offer(view)
    if not lines:
        widgets.finding(tr("There is no review queue for this case yet."))
        filling(view)
        return
    which = controls.view(tr("What to see"), "queue_view", VIEWS)
    if which == "fill":
        filling(view)
        return
    line = room.chosen(view, lines)
    if line is None:
        return
    if len(lines) > 1:
        names = {
            one.id: plain(
                tr(
                    "{one}, {filled_at} ({waiting} waiting)",
                    one=one.label,
                    filled_at=f"{one.filled_at:%d %B %Y}",
                    waiting=count(one.waiting),
                )
            )
            for one in lines
        }
        controls.pick(tr("Queue"), "queue", list(names), names, current=line.id)
    widgets.note(words.about_words(line))
    _DRAW[which](view, line)
    if which == "figures":
        widgets.next_step(
            tr("Do people hold what the band assumes?"), "review_band", label=tr("Go to the review band")
        )


def _practise(view: View, practice: Practice) -> None:
    """Draw a practice: deciding and its figures, and nothing that would go on record."""
    practising.told(practice)
    which = controls.view(tr("What to see"), "queue_view", PRACTICE)
    with room.seated(practice):
        _DRAW[which](view, practising.line_of(practice))


show(render, __file__)
