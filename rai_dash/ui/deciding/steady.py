"""How steady one applicant's explanation is: offered below it, and asked for in the background."""

from __future__ import annotations

from dataclasses import asdict

from rai_dash.core.errors import UnsupportedModel
from rai_dash.core.texts import tr
from rai_dash.explain._asking import Watch
from rai_dash.explain.question import Question
from rai_dash.explain.steadiness import Steadiness
from rai_dash.govern.people import AppRole
from rai_dash.report.decision_work import steady_of
from rai_dash.sandbox.jobs import Work
from rai_dash.ui import controls, widgets
from rai_dash.ui.deciding.question import asked_question
from rai_dash.ui.deciding.steady_look import draw
from rai_dash.ui.drivers import asked
from rai_dash.ui.explanations import Applicant, shap_of

_KIND = "steady"


def steady(applicant: Applicant) -> None:
    """Offer to check the explanation, and draw what that finds; nothing is asked until then."""
    widgets.heading(
        tr("How steady are the reasons?"), tr("When the data is a little off, and compared with other people")
    )
    if not applicant.has_score or not controls.switch(tr("Check this explanation"), "steady"):
        return
    question = asked_question(applicant.view)
    try:
        shap_of(applicant, question)
    except UnsupportedModel:
        return  # The view above says why there is no explanation.
    found: Steadiness | None = asked.at_once(
        applicant.view,
        _KIND,
        _wanted(applicant, question),
        _work(applicant, question),
        doing=tr("Explaining shaken copies"),
        key="steady",
        role=AppRole.EXPERT,
    )
    if found is not None:
        draw(applicant, found)


def known_steadiness(applicant: Applicant) -> Steadiness | None:
    """Return what the check of this applicant's explanation found, if it was made; nothing is started."""
    found: Steadiness | None = asked.known(
        applicant.view, _KIND, _wanted(applicant, asked_question(applicant.view))
    )
    return found


def _wanted(applicant: Applicant, question: Question) -> dict[str, object]:
    return {"row": applicant.row, "question": asdict(question), "threshold": applicant.threshold}


def _work(applicant: Applicant, question: Question) -> Work:
    return lambda progress, cancelled: steady_of(
        applicant, applicant.threshold, question, Watch(progress, cancelled)
    )
