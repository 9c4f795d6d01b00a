"""How SHAP is asked on this page, read from the choices; for what is drawn away from the controls themselves."""

from __future__ import annotations

from rai_dash.explain._base import INTERVENTIONAL, LOG_ODDS
from rai_dash.explain.question import Question
from rai_dash.ui.deciding.shap_and_lime import SPACES, UNKNOWN
from rai_dash.ui.drivers.look import correlated_blocks
from rai_dash.ui.state import View


def asked_question(view: View) -> Question:
    """Return the question of the view Why; nonsense in the address becomes what the controls make of it."""
    chosen = view.choices
    return Question(
        space=chosen.space if chosen.space in SPACES else LOG_ODDS,
        perturbation=chosen.unknown if chosen.unknown in UNKNOWN else INTERVENTIONAL,
        blocks=correlated_blocks(view) if chosen.linked else (),
    )
