"""The whole job as one function: score, count, compare, route, explain. Its JSON is a public contract."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import Exposure, Judgement
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import SOURCE, spoken
from rai_dash.core.types import Notice, ReviewBand
from rai_dash.data.dataset import Dataset
from rai_dash.data.findings import findings
from rai_dash.data.roles_json import roles_to_json
from rai_dash.explain.client import shap_values
from rai_dash.metrics.compared import check_references
from rai_dash.metrics.curves_json import curves_json
from rai_dash.metrics.table import Costs
from rai_dash.metrics.verdict import DEFAULT_TOLERANCE
from rai_dash.models.client import Model
from rai_dash.report.costs_json import costs_json
from rai_dash.report.explain_json import explanation_json
from rai_dash.report.groups_json import Comparing, groups_json, intersections_json
from rai_dash.report.judged_with import judged_with
from rai_dash.report.people_json import people_json
from rai_dash.report.rests_on_json import rests_on_json, scores_json
from rai_dash.review.band import route

SCHEMA = "rai-dash/audit/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Everything that was found; ``content`` is the JSON of the public contract."""

    content: Mapping[str, object]

    def to_json(self, *, indent: int | None = 2) -> str:
        """Write the audit as JSON; undefined numbers are null."""
        return json.dumps(self.content, indent=indent, ensure_ascii=False, allow_nan=False)

    def report(self, *, fewest: int | None = None, **parts: Any) -> dict[str, Any]:
        """Put the document of a report together, from which HTML and PDF are written.

        Parameters
        ----------
        fewest : int, optional
            Numbers of fewer people are hidden, and what would give them away; 0 = nothing is. The operator's
            `smallest_export_cell` when omitted.
        **parts
            Title, date, profile, policy, what was stated: see `rai_dash.report.audit_report.document.report_document`.
        """
        from rai_dash.report.audit_report.document import report_document

        limit = get_settings().smallest_export_cell if fewest is None else fewest
        return report_document(self.content, fewest=limit, **parts)

    def to_html(self, *, fewest: int | None = None, **parts: Any) -> str:
        """Write the audit as one HTML file that loads nothing; the arguments are those of `report`."""
        from rai_dash.report.audit_report.page import report_html

        return report_html(self.report(fewest=fewest, **parts))

    def to_pdf(self, *, fewest: int | None = None, **parts: Any) -> bytes:
        """Write the audit as a PDF on A4; the arguments are those of `report`.

        Raises
        ------
        NoPdf
            When the system lacks the libraries that lay text out.
        """
        from rai_dash.report.audit_report.paper import report_pdf

        return report_pdf(self.report(fewest=fewest, **parts))


@spoken(SOURCE)
def audit(
    dataset: Dataset,
    model_or_scores: Model | NDArray[np.float64] | Sequence[float] | None = None,
    *,
    threshold: float = 0.5,
    crosses: Sequence[tuple[str, ...]] = (),
    band: ReviewBand | None = None,
    explain: int = 0,
    background: Dataset | None = None,
    min_n: int = 30,
    costs: Costs | None = None,
    references: Mapping[str, str] | None = None,
    controls: Sequence[str] = (),
    tolerance: float = DEFAULT_TOLERANCE,
    scores: Path | None = None,
    work: Path | None = None,
) -> Audit:
    """Judge a data set with a model or with scores.

    Parameters
    ----------
    dataset : Dataset
        The rows; its roles name target, favourable value and sensitive columns. Where they name a split,
        figures are on the rows that the model was not trained on. Where it rests on a portfolio, all counts are of all
        of its rows, and explanations are of rows of its sample; ``rests_on`` says so.
    model_or_scores : Model, float (n,) or None
        A model, scores in [0, 1] (NaN = none), or None to take the score column of the roles. A model scores all
        rows of a portfolio first, unless their scores by it stand beside them.
    threshold : float
        In [0, 1]; favourable when ``score >= threshold``.
    crosses : sequence of tuple of str
        Columns to cross, for example ``[("gender", "age")]``.
    band : ReviewBand, optional
        A human-review band to report on.
    explain : int
        How many of the judged rows are explained, from the first; needs a model. Of a portfolio: of the sample, each
        by its place in the whole table where the engine knows one.
    background : Dataset, optional
        Reference rows of the explanations; the judged rows when omitted.
    min_n : int
        Groups with fewer rows enter no gap.
    costs : Costs, optional
        What a wrong approval and a wrong refusal cost; without them ``expected_cost`` is undefined.
    references : mapping of str to str, optional
        Reference group of a sensitive column, by column: every group is compared with it as well.
    controls : sequence of str
        Columns within whose levels groups are compared as well, like with like.
    tolerance : float
        A difference between groups that does not matter, in (0, 1): that of the equivalence test.
    scores : path, optional
        Folder with the scores of the model for a portfolio, which ``rai-dash score`` wrote; they are checked to be
        of this model and these rows.
    work : path, optional
        Folder in which a model scores a portfolio: a second run goes on from the finished parts. A temporary one when
        omitted.

    Returns
    -------
    Audit

    Raises
    ------
    RaiError
        When roles, columns or choices do not fit.
    """
    judgement = judged_with(dataset, model_or_scores, scores=scores, work=work)
    return audit_of(
        judgement,
        threshold=threshold,
        crosses=crosses,
        band=band,
        explain=explain,
        background=background,
        min_n=min_n,
        costs=costs,
        references=references,
        controls=controls,
        tolerance=tolerance,
    )


@spoken(SOURCE)
def audit_of(
    judgement: Judgement,
    *,
    threshold: float = 0.5,
    crosses: Sequence[tuple[str, ...]] = (),
    band: ReviewBand | None = None,
    explain: int = 0,
    background: Dataset | None = None,
    min_n: int = 30,
    costs: Costs | None = None,
    references: Mapping[str, str] | None = None,
    controls: Sequence[str] = (),
    tolerance: float = DEFAULT_TOLERANCE,
) -> Audit:
    """Judge a pair of data and model that is scored already; the other arguments are those of `audit`.

    Parameters
    ----------
    judgement : Judgement
        The rows, with their scores.
    threshold, crosses, band, explain, background, min_n, costs, references, controls, tolerance
        See `audit`.

    Raises
    ------
    RaiError
        When choices do not fit.
    """
    dataset = judgement.data.dataset
    check_references(references or {}, dataset.roles.sensitive)
    if not 0.0 < tolerance < 1.0:
        msg = f"A tolerance of {tolerance:g} is no difference of two shares. Give a number between 0 and 1, like 0.05."
        raise InvalidChoice(msg)
    how = Comparing(
        threshold=threshold,
        min_n=min_n,
        costs=costs,
        tolerance=tolerance,
        references=references or {},
        controls=tuple(dict.fromkeys(controls)),
    )
    everyone = judgement.counts()
    content: dict[str, object] = {
        "schema": SCHEMA,
        "data": _data_json(judgement),
        **_rests_on(dataset),
        "model": _model_json(judgement, threshold),
        "scores": scores_json(judgement),
        "threshold": threshold,
        "min_n": min_n,
        "tolerance": tolerance,
        "overall": how.table(everyone).to_json(0),
        "overall_curves": curves_json(everyone)[everyone.groups[0]],
        **groups_json(judgement, how, crosses),
        "intersections": intersections_json(judgement, how, crosses),
        "costs": costs_json(judgement, costs, threshold) if costs else None,
        "band": _band_json(judgement, band) if band else None,
        "explanations": _explanations(judgement, explain, background),
    }
    if judgement.roles.weight is not None:
        content["people"] = people_json(
            judgement, threshold=threshold, crosses=crosses, controls=how.controls, band=band
        )
    return Audit(content=content)


def _rests_on(dataset: Dataset) -> dict[str, object]:
    found = rests_on_json(dataset)
    return {} if found is None else {"rests_on": found}


def _notice_json(notice: Notice) -> dict[str, object]:
    return {k: v for k, v in asdict(notice).items() if v is not None}


def _data_json(judgement: Judgement) -> dict[str, object]:
    dataset = judgement.data.dataset
    notices = [_notice_json(n) for n in (*findings(dataset), *dataset.warnings)]
    if judgement.exposure is Exposure.UNKNOWN and judgement.has_scores:
        text = "Which rows the model was trained on is not stated; if it was these, every figure is too good."
        notices.append({"code": "in_sample_unknown", "message": text})
    return {
        "name": dataset.name,
        "rows": dataset.n_all,
        "judged_rows": judgement.n_counted,
        "exposure": judgement.exposure.value,
        "columns": len(dataset.columns),
        "fingerprint": dataset.fingerprint,
        "roles": roles_to_json(dataset.roles),
        "warnings": notices,
    }


def _model_json(judgement: Judgement, threshold: float) -> dict[str, object] | None:
    if judgement.model is None:
        return None
    model = judgement.model.model
    return {
        "format": model.info.format,
        "family": model.info.family,
        "fingerprint": model.info.fingerprint,
        "features": list(model.info.feature_names),
        "classes": list(model.info.classes),
        "favourable_class": model.model_class,
        "fidelity": _fidelity_json(judgement, threshold),
        "warnings": [_notice_json(n) for n in (*model.info.warnings, *judgement.notices)],
    }


def _fidelity_json(judgement: Judgement, threshold: float) -> dict[str, object] | None:
    """Describe how the model's scores compare with the score column; None where there is none."""
    found = judgement.fidelity
    if found is None:
        return None
    return {
        "column": judgement.roles.score,
        "rows": found.rows,
        "largest_difference": found.largest,
        "flips": found.flips(threshold),
    }


def _band_json(judgement: Judgement, band: ReviewBand) -> dict[str, object]:
    groups: dict[str, object] = {}
    for column in judgement.roles.sensitive:
        by = route(judgement.counts((column,)), band).by_group
        groups[column] = {name: by.to_json(i) for i, name in enumerate(by.groups)}
    return {
        "lo": band.lo,
        "threshold": band.threshold,
        "hi": band.hi,
        "overall": route(judgement.counts(), band).overall.to_json(0),
        "groups": groups,
    }


def _explanations(judgement: Judgement, n: int, background: Dataset | None) -> list[dict[str, object]]:
    if n <= 0:
        return []
    if judgement.model is None:
        msg = "Explanations ask the model about changed rows, so they need a model file. Add --model."
        raise InvalidChoice(msg)
    positions = judgement.positions[:n]
    dataset = judgement.data.dataset
    frame, places = dataset.frame, dataset.places
    reference = frame.iloc[judgement.positions] if background is None else background.frame
    found = shap_values(
        judgement.model.model,
        frame.iloc[positions].reset_index(drop=True),
        reference.reset_index(drop=True),
        row_ids=(positions if places is None else places[positions]).tolist(),
    )
    return [explanation_json(e) for e in found]


class _CallableModule(ModuleType):
    """``rai_dash.audit`` is this file and the public function: importing the file must not hide the function."""

    def __call__(self, *args: Any, **options: Any) -> Audit:
        return audit(*args, **options)


sys.modules[__name__].__class__ = _CallableModule
