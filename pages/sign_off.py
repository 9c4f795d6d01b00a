"""Sign-off: what is decided is stated, reviewed, signed, put into force, and watched until it ends."""

from __future__ import annotations

from collections.abc import Callable

from rai_dash.core.texts import mark, tr
from rai_dash.ui import controls, widgets
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.shell import show
from rai_dash.ui.signing import business, chosen, comparing, desk, downloads, timeline, walk
from rai_dash.ui.state import View

PAGE = {
    "title": "Sign-off",
    "step": "Decide",
    "order": 1,
    "icon": ":material/draw:",
    "question": "Who answers for this band, on what evidence, and is it still in force?",
    "needs": ("scores",),
    "words": ("score", "favourable", "review_band", "target", "stand_in", "held_out", "policy", "ledger",
              "fingerprint", "shadow", "suspended", "breach", "batch", "conformal", "drift", "psi", "gap", "ratio",
              "small_group", "interval", "blind", "accuracy", "boosted_trees"),
}  # fmt: skip
VIEWS = {
    "sign": mark("Sign"),
    "history": mark("Versions"),
    "business": mark("Is it still true?"),
    "questions": mark("Questions of the Institute"),
}


def render(view: View) -> None:
    """Draw the page."""
    which = controls.view(tr("What to see"), "desk", VIEWS)
    _DRAW[which](view)
    widgets.next_step(tr("Is what was signed still true?"), "monitor", label=tr("Go to monitor"))


def _sign(view: View) -> None:
    walk.section(bench_of(view), chosen.policy(view))


def _history(view: View) -> None:
    standing = chosen.policy(view)
    if standing is None:
        widgets.note(chosen.nothing(view))
    else:
        timeline.section(standing)
        comparing.section(standing)
        status = standing.version(desk.version_of(standing, view.choices.version))
        downloads.section(standing, status)
    timeline.old(view)


def _business(view: View) -> None:
    standing = chosen.policy(view)
    if standing is None:
        widgets.notice(chosen.nothing(view))
        return
    business.section(view, standing)


def _questions(view: View) -> None:
    from rai_dash.ui.signing import questions

    questions.draw(view)


_DRAW: dict[str, Callable[[View], None]] = {
    "sign": _sign,
    "history": _history,
    "business": _business,
    "questions": _questions,
}
show(render, __file__)
