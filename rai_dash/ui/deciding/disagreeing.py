"""Applicants whose explanations disagree: SHAP and LIME near the threshold, two ways of SHAP for everyone."""

from __future__ import annotations

from dataclasses import asdict

from rai_dash.core.texts import tr
from rai_dash.explain._asking import IntArray, Watch
from rai_dash.explain._base import PATH_DEPENDENT
from rai_dash.explain.question import Question
from rai_dash.govern.people import AppRole
from rai_dash.report import finder_work
from rai_dash.report.finder_work import Disagreement, disagreeing_first, nearest_rows
from rai_dash.sandbox.jobs import Work
from rai_dash.ui import controls
from rai_dash.ui.applicants import Ranked
from rai_dash.ui.deciding.question import asked_question
from rai_dash.ui.drivers import asked
from rai_dash.ui.state import View
from rai_dash.ui.text import count

#: Fewest and most applicants that LIME is asked about, at up to half a second each.
FEWEST_LIME, MOST_LIME = 10, 1_000


def shap_and_lime(view: View) -> Ranked | None:
    """List applicants near the threshold by how far SHAP and LIME agree on them, the least first."""
    most = controls.whole_number(
        tr("Applicants nearest to the threshold"),
        "nearest",
        least=FEWEST_LIME,
        most=MOST_LIME,
        meaning=tr("LIME takes up to about half a second an applicant."),
    )
    question, at = asked_question(view), nearest_rows(view.judgement, view.choices.threshold, most)
    found: Disagreement | None = asked.by_button(
        view,
        "lime_nearest",
        {"question": asdict(question), "threshold": view.choices.threshold, "rows": at.size},
        _lime_work(view, question, at),
        label=tr("Compare SHAP with LIME for {size} applicants", size=count(at.size)),
        idle=(
            tr(
                "LIME is too slow for everyone, so the {size} applicants nearest to the threshold are asked "
                "about, in the background; until then they are listed by their distance to it.",
                size=count(at.size),
            )
        ),
        doing=tr("Explaining with SHAP and LIME"),
        key="lime_nearest",
        role=AppRole.EXPERT,
    )
    if found is None:
        return None
    who = tr("The {size} applicants nearest to the threshold", size=count(at.size))
    way = "path-dependent" if question.perturbation == PATH_DEPENDENT else tr("against the reference rows")
    return _ranked(
        view,
        found,
        tr("{who}. SHAP in {space}, {way}; LIME's centred weights.", who=who, space=question.space, way=way),
    )


def two_ways(view: View) -> Ranked | None:
    """List everyone by how far SHAP against the reference rows agrees with path-dependent SHAP, the least first."""
    question = asked_question(view)
    found: Disagreement | None = asked.by_button(
        view,
        "shap_ways",
        {"blocks": question.blocks},
        _ways_work(view, question),
        label=tr("Compare both ways for {n_judged} applicants", n_judged=count(view.judgement.n_judged)),
        idle=(
            tr(
                "Of tree ensembles only: an unknown column takes the values of the reference rows in one "
                "way, the branches of the trees in the other. Cheap, so everyone is compared. It says "
                "nothing about LIME; until then those nearest to the threshold are listed."
            )
        ),
        doing=tr("Explaining everyone in both ways"),
        key="shap_ways",
        role=AppRole.EXPERT,
    )
    if found is None:
        return None
    who = tr("All {size} applicants", size=count(found.at.size))
    return _ranked(
        view, found, tr("{who}. SHAP against the reference rows and path-dependent SHAP, not LIME.", who=who)
    )


def _lime_work(view: View, question: Question, at: IntArray) -> Work:
    case, judgement = view.case, view.judgement
    return lambda progress, cancelled: finder_work.shap_and_lime(
        case,
        judgement,
        at,
        question=question,
        watch=Watch(progress, cancelled),
    )


def _ways_work(view: View, question: Question) -> Work:
    case, judgement = view.case, view.judgement
    return lambda progress, cancelled: finder_work.two_ways(
        case, judgement, blocks=question.blocks, watch=Watch(progress, cancelled)
    )


def _ranked(view: View, found: Disagreement, who: str) -> Ranked:
    order, same = disagreeing_first(view.judgement, found, view.choices.threshold), found.same
    numbers = {
        f"shared of {count(same.k)} largest": same.overlap,
        "and the same way": same.sign,
        "same place": same.rank,
    }
    return Ranked(
        rows=view.judgement.positions[found.at[order]],
        numbers={title: values[order] for title, values in numbers.items()},
        note=tr("{who} The least agreement stands first.", who=who),
    )
