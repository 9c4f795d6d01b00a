"""Explanations as JSON and as a table: single applicants, or everyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Explanation
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import label_text
from rai_dash.explain._base import INTERVENTIONAL, LOG_ODDS, Progress
from rai_dash.explain._lime import LimeResult
from rai_dash.explain._players import Blocks
from rai_dash.explain.agreement import agreement
from rai_dash.explain.client import lime_values, shap_matrix, shap_values
from rai_dash.explain.lime_blocks import joined_lime
from rai_dash.explain.question import Question
from rai_dash.explain.table import AttributionTable
from rai_dash.models.client import Model
from rai_dash.report.applicant import applicant_at, pair_of
from rai_dash.report.decision_json import DecisionOptions, decision_json
from rai_dash.report.reference import reference_of
from rai_dash.report.shared_json import heading, notice_json

SCHEMA = "rai-dash/explain/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainOptions:
    """How to explain.

    Parameters
    ----------
    space : str
        ``"log-odds"`` or ``"probability"``.
    perturbation : str
        ``"interventional"`` or ``"path-dependent"``.
    blocks : sequence of sequences of str
        Columns that count as one.
    background_rows : int or None
        Use at most so many reference rows; None = as many as the route takes.
    seed : int
        For what is drawn.
    """

    space: str = LOG_ODDS
    perturbation: str = INTERVENTIONAL
    blocks: Blocks = ()
    background_rows: int | None = None
    seed: int = 0

    @property
    def question(self) -> Question:
        """How SHAP is asked, without what is drawn."""
        blocks = tuple(tuple(block) for block in self.blocks)
        return Question(space=self.space, perturbation=self.perturbation, blocks=blocks)


def explanation_json(explanation: Explanation) -> dict[str, object]:
    """Write one explanation by the keys of the public contract."""
    return {
        "row": explanation.row,
        "space": explanation.space,
        "base": explanation.base,
        "values": dict(explanation.values),
        "output": explanation.output,
        "additivity_error": explanation.additivity_error,
        "method": explanation.method,
        "background_rows": explanation.background_rows,
        "exact": explanation.exact,
        "errors": dict(explanation.errors),
        "notices": [notice_json(notice) for notice in explanation.notices],
    }


def lime_json(row: int, found: LimeResult) -> dict[str, object]:
    """Write one explanation by LIME: raw and centred weights, their spread, and how far the line can be trusted."""
    content: dict[str, object] = {"row": row, **asdict(found), "distance": found.distance}
    content["notices"] = [notice_json(notice) for notice in found.notices]
    return content


def agreement_json(shap: Explanation, lime: LimeResult, blocks: Blocks) -> dict[str, object]:
    """Compare SHAP with LIME's centred weights; those of a block are added up.

    Only in probability are both in the same units; in log-odds order and sign compare.
    """
    centred = joined_lime(lime, blocks).centred
    same_units = shap.space == "probability"
    return {
        "row": shap.row, "space": shap.space, "same_units": same_units, **asdict(agreement(shap.values, centred))
    }  # fmt: skip


def positions_of(dataset: Dataset, *, rows: str = "", ids: Sequence[str] = ()) -> list[int]:
    """Find the rows that are asked for, by position (``"0,5,10-19"``) and by the text of the id column.

    Raises
    ------
    InvalidChoice
        When a position lies outside the table, is no number, or an id is not there.
    """
    found: list[int] = []
    for part in filter(None, (p.strip() for p in rows.split(","))):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            msg = tr(
                "`{part}` names no rows. Write positions from 0 with commas between, for example 0,5,10-19.",
                part=part,
            )
            raise InvalidChoice(msg)
        low, high = int(first), int(last or first)
        if low > high or high >= dataset.n_rows:
            msg = tr(
                "The table has the rows 0 to {n_rows}; `{part}` is not among them.",
                n_rows=f"{dataset.n_rows - 1:,}",
                part=part,
            )
            raise InvalidChoice(msg)
        found += range(low, high + 1)
    return list(dict.fromkeys([*found, *_by_id(dataset, ids)]))


def _by_id(dataset: Dataset, ids: Sequence[str]) -> list[int]:
    if not ids:
        return []
    column = dataset.roles.id
    if column is None:
        msg = tr(
            "No column is named as the id of a row, so nobody can be found by it. Name it with --id-column."
        )
        raise InvalidChoice(msg)
    places: dict[str, int] = {}
    for i, value in enumerate(dataset.frame[column]):
        places.setdefault(label_text(value) or "", i)
    missing = [one for one in ids if one not in places]
    if missing:
        msg = tr(
            "`{column}` has no {missing}. Check the spelling, or give positions with --rows.",
            column=column,
            missing=f"{missing[0]!r}",
        )
        raise InvalidChoice(msg)
    return [places[one] for one in ids]


def explain_dataset(
    dataset: Dataset,
    model: Model,
    *,
    rows: Sequence[int],
    background: Dataset | None = None,
    options: ExplainOptions | None = None,
    lime: bool = False,
    decision: DecisionOptions | None = None,
) -> dict[str, object]:
    """Explain applicants; what ``rai-dash explain --json`` writes.

    Parameters
    ----------
    dataset : Dataset
        The applicants' table.
    model : Model
        The model.
    rows : sequence of int
        Positions of the applicants, from 0.
    background : Dataset or None
        Reference rows; None = those of ``dataset``. Where its roles name a split, the training rows; of more than
        100,000 rows evenly some, as on the page.
    options : ExplainOptions or None
        How to explain; None = as by default.
    lime : bool
        Explain by LIME too, and say how far the two agree.
    decision : DecisionOptions or None
        What else to say about each decision; None = nothing.

    Raises
    ------
    RaiError
        When rows, columns or choices do not fit.
    """
    how = options or ExplainOptions()
    if not rows:
        msg = tr(
            "No row is named, so there is nobody to explain. Give positions with --rows, or an id with "
            "--find."
        )
        raise InvalidChoice(msg)
    source = background or dataset
    reference = reference_of(source)
    frame = dataset.frame.iloc[list(rows)].reset_index(drop=True)
    found = shap_values(model, frame, reference, row_ids=list(rows), **asdict(how))
    told = (
        [lime_values(model, frame.iloc[[i]], reference, seed=how.seed) for i in range(len(rows))]
        if lime
        else []
    )
    content = heading(SCHEMA, dataset, model, source, len(reference)) | {
        "perturbation": how.perturbation,
        "explanations": [explanation_json(explanation) for explanation in found],
        "lime": [lime_json(row, one) for row, one in zip(rows, told, strict=False)],
        "agreement": [agreement_json(shap, one, how.blocks) for shap, one in zip(found, told, strict=False)],
    }
    if decision is not None and decision.asks:
        case, judgement = pair_of(dataset, model, background)
        content["decisions"] = [
            decision_json(applicant_at(case, judgement, row), decision, how.question) for row in rows
        ]
    return content


def explain_everyone(
    dataset: Dataset,
    model: Model,
    *,
    background: Dataset | None = None,
    options: ExplainOptions | None = None,
    on_progress: Progress | None = None,
) -> AttributionTable:
    """Explain every row of a table; see ``shap_matrix`` for the result and the errors."""
    reference = reference_of(background or dataset)
    return shap_matrix(
        model, dataset.frame, reference, on_progress=on_progress, **asdict(options or ExplainOptions())
    )


def attribution_frame(found: AttributionTable, ids: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """Lay a table of attributions out in columns: row, ids, base, output, one ``shap: NAME`` a column.

    Parameters
    ----------
    found : AttributionTable
        Of n rows.
    ids : mapping of str to sequence
        Columns that name the rows, n long; empty = positions alone.
    """
    n = len(found.base)
    columns: dict[str, object] = {"row": range(n), **ids}
    columns |= {"base": found.base, "output": found.output, "additivity_error": found.additivity_error}
    columns["exact"] = found.exact
    columns |= {f"shap: {name}": found.values[:, j] for j, name in enumerate(found.names)}
    if found.errors is not None:
        columns |= {f"standard error: {name}": found.errors[:, j] for j, name in enumerate(found.names)}
    return pd.DataFrame(columns)
