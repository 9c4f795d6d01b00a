"""Whom to look at first, as JSON: the most fragile applicants, and those whose explanations disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rai_dash.case import Case, Judgement
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.dataset import Dataset
from rai_dash.explain._asking import FloatArray, IntArray
from rai_dash.explain.noise import DRAWS
from rai_dash.explain.question import Question
from rai_dash.models.client import Model
from rai_dash.report.applicant import pair_of
from rai_dash.report.drivers_work import SHOWN_NOISE
from rai_dash.report.explain_json import ExplainOptions
from rai_dash.report.finder_work import (
    Disagreement,
    disagreeing_first,
    fragile_first,
    nearest_rows,
    shaken_rows,
    shap_and_lime,
    two_ways,
)
from rai_dash.report.reference import reference_rows
from rai_dash.report.shared_json import check_threshold, heading, id_of

SCHEMA = "rai-dash/applicants/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinderOptions:
    """Which lists are wanted; the numbers are those of the page.

    Parameters
    ----------
    threshold : float
        In [0, 1]; favourable at or above.
    fragile : int or None
        So many of those whose decisions flip most often under noise.
    disagreeing : int or None
        SHAP is compared with LIME for so many nearest to the threshold.
    two_ways : int or None
        So many of those on whom SHAP against the reference rows and path-dependent SHAP agree least.
    """

    threshold: float = 0.5
    fragile: int | None = None
    disagreeing: int | None = None
    two_ways: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no threshold and no number of applicants.

        Raises
        ------
        InvalidChoice
            With what to do.
        """
        check_threshold(self.threshold)
        few = [n for n in (self.fragile, self.disagreeing, self.two_ways) if n is not None and n < 1]
        if few:
            msg = tr("A list has at least one applicant, got {few}. Give for example 20.", few=few[0])
            raise InvalidChoice(msg)

    @property
    def asks(self) -> bool:
        """Whether any list is wanted."""
        return any((self.fragile, self.disagreeing, self.two_ways))


def find_dataset(
    dataset: Dataset,
    model: Model,
    *,
    background: Dataset | None = None,
    options: FinderOptions,
    how: ExplainOptions | None = None,
) -> dict[str, object]:
    """List the applicants to look at first; ``lists`` of ``rai-dash explain``.

    Parameters
    ----------
    dataset, model, background
        As of `explain_dataset`; where the roles name a split, those the model was not trained on are listed.
    options : FinderOptions
        Which lists.
    how : ExplainOptions or None
        Space, perturbation and blocks of SHAP where it is compared with LIME; blocks of the two ways.

    Raises
    ------
    RaiError
        When columns or choices do not fit.
    """
    question, source = (how or ExplainOptions()).question, background or dataset
    case, judgement = pair_of(dataset, model, background)
    lists: dict[str, object] = {}
    if options.fragile is not None:
        lists["fragile"] = _fragile(case, judgement, options.threshold, options.fragile)
    if options.disagreeing is not None:
        lists["shap_and_lime"] = _shap_and_lime(case, judgement, options, question)
    if options.two_ways is not None:
        found = two_ways(case, judgement, blocks=question.blocks)
        lists["two_ways"] = _agreeing(judgement, found, options.threshold, options.two_ways)
    content = heading(SCHEMA, dataset, model, source, len(reference_rows(case, judgement)))
    return content | {"judged_rows": judgement.n_judged, "threshold": options.threshold, "lists": lists}


def _fragile(case: Case, judgement: Judgement, threshold: float, most: int) -> dict[str, object]:
    known = shaken_rows(case, judgement, threshold)
    order = fragile_first(judgement, known, threshold)
    some = order[:most]
    return {
        "noise": SHOWN_NOISE,
        "copies_each": DRAWS,
        "shaken": known.at.size,
        "flip_at_least_once": order.size,
        "applicants": _people(judgement, known.at[some], {"flip": known.flip[some]}),
    }


def _shap_and_lime(
    case: Case, judgement: Judgement, options: FinderOptions, question: Question
) -> dict[str, object]:
    at = nearest_rows(judgement, options.threshold, options.disagreeing or 0)
    found = shap_and_lime(case, judgement, at, question=question)
    asked = {"space": question.space, "perturbation": question.perturbation}
    return asked | _agreeing(judgement, found, options.threshold, at.size)


def _agreeing(judgement: Judgement, found: Disagreement, threshold: float, most: int) -> dict[str, object]:
    some, same = disagreeing_first(judgement, found, threshold)[:most], found.same
    measures = {"overlap": same.overlap[some], "sign": same.sign[some], "rank": same.rank[some]}
    return {
        "largest_columns": same.k,
        "compared": found.at.size,
        "applicants": _people(judgement, found.at[some], measures),
    }


def _people(
    judgement: Judgement, at: IntArray, measures: Mapping[str, FloatArray]
) -> list[dict[str, object]]:
    return [
        {"row": row, "id": id_of(judgement.data.dataset, row), "score": float(judgement.score[row])}
        | {measure: float(values[i]) for measure, values in measures.items()}
        for i, row in enumerate(judgement.positions[at].tolist())
    ]
