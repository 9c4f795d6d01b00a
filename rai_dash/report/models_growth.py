"""The living test set of a case grows: new rows, a new version on record, every candidate judged on it again."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from rai_dash.case import Case, CaseData, CaseModel
from rai_dash.core.errors import InvalidChoice, RaiError
from rai_dash.data.dataset import Dataset
from rai_dash.data.growing import Growth, grow
from rai_dash.data.options import ReadOptions
from rai_dash.data.read import read_dataset
from rai_dash.govern.chosen_model import ModelAsked
from rai_dash.govern.living import Figure, LivingSet, LivingSets, NewResult, Source
from rai_dash.metrics._base import MetricTable
from rai_dash.metrics.table import metric_table
from rai_dash.report.models_found import Candidate, ModelComparison

#: Figures that are put on record for each model and version.
HEADLINE: Final = (
    "selection_rate", "accuracy", "balanced_accuracy", "recall", "fpr", "precision", "auc", "brier",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grown:
    """A case whose test set grew.

    Parameters
    ----------
    case : Case
        With the new version in the place of the one before.
    growth : Growth
        How many rows joined, and how many did not.
    living : LivingSet
        As it is on record.
    refused : mapping of str to str
        Models that cannot score the rows, and why, by key.
    """

    case: Case
    growth: Growth
    living: LivingSet
    refused: Mapping[str, str]


def grow_case(
    case: Case,
    data_key: str,
    offered: Dataset,
    sets: LivingSets,
    *,
    source: Source = "upload",
    note: str = "",
    thresholds: Mapping[str, float] | None = None,
    from_older: bool = False,
) -> Grown:
    """Let rows join the test set of a case, and judge every model on it before and after.

    Parameters
    ----------
    case : Case
    data_key : str
        Of the test set; it becomes a living one if it is none yet.
    offered : Dataset
        More rows with the same columns.
    sets : LivingSets
        Of whoever does it: an analyst.
    source : str
        ``"upload"``, or ``"review"`` for decisions that were accepted.
    note : str
        Where the rows come from.
    thresholds : mapping of str to float, optional
        By key of a model; 0.5 where none is named.
    from_older : bool
        Whether the test set of the case may be a version that is not the newest; see `LivingSets.grown`.

    Raises
    ------
    NotAllowed
        For less than an analyst.
    InvalidChoice
        When no row is new, the columns do not fit, or the set has grown meanwhile.
    """
    data = case.data_of(data_key)
    growth = grow(data.dataset, offered)
    after = _kept(data, growth.dataset)
    living = sets.start(data.dataset, data.title)
    after_case = case.with_data(after)
    cuts = dict(thresholds or {})
    first, _ = results_of(case, data.key, cuts)
    second, refused = results_of(after_case, data.key, cuts)
    known = living.version_of(data.dataset.fingerprint)
    living = sets.grown(
        living.id,
        data.dataset.fingerprint,
        growth,
        after.dataset,
        source=source,
        note=note,
        from_older=from_older,
    )
    if known is not None:
        sets.record(living.id, known.number, first)
    living = sets.record(living.id, living.latest.number, second)
    return Grown(case=after_case, growth=growth, living=living, refused=refused)


def _kept(data: CaseData, grown: Dataset) -> CaseData:
    """Write the new version as a file, so that the case can be kept, and read it back.

    Raises
    ------
    InvalidChoice
        When it does not come back as it went.
    """
    out = io.BytesIO()
    grown.frame.to_parquet(out, index=False)
    content = out.getvalue()
    dataset = read_dataset(content, data.dataset.roles, name=data.dataset.name)
    if not dataset.frame.equals(grown.frame):
        msg = (
            "The grown test set does not come back from a file as it went in. Report it, with the two files."
        )
        raise InvalidChoice(msg)
    return replace(data, dataset=dataset, content=content, options=ReadOptions(), parts=())


def results_of(
    case: Case, data_key: str, thresholds: Mapping[str, float]
) -> tuple[list[NewResult], dict[str, str]]:
    """Judge every model of a case on a data set.

    Returns
    -------
    results : list of NewResult
    refused : dict of str to str
        Models that cannot score the rows, and why, by key.
    """
    results, refused = [], {}
    for model in case.models:
        threshold = thresholds.get(model.key, 0.5)
        try:
            counts = case.judge(data_key, model.key).counts()
        except RaiError as error:
            refused[model.key] = error.message
            continue
        results.append(_result(model, threshold, metric_table(counts, threshold, metrics=HEADLINE)))
    return results, refused


def _result(model: CaseModel, threshold: float, table: MetricTable) -> NewResult:
    return NewResult(
        model=model.model.info.fingerprint,
        model_class=str(model.model.model_class),
        threshold=threshold,
        figures=figures_of(table),
    )


def figures_of(table: MetricTable) -> tuple[Figure, ...]:
    """Return the headline figures of everyone, with what they rest on where they are shares of rows."""
    found = []
    for metric in HEADLINE:
        one = table.estimate(metric, 0)
        is_share = metric not in {"auc", "brier"} and one.denominator is not None
        found.append(
            Figure(
                metric=metric,
                value=one.value,
                low=one.low,
                high=one.high,
                k=one.numerator if is_share else None,
                n=one.denominator if is_share else None,
            )
        )
    return tuple(found)


def asked_of(found: ModelComparison, chosen: Candidate, living: LivingSet | None) -> ModelAsked:
    """Say what is put on record when a candidate of a comparison is chosen.

    Raises
    ------
    InvalidChoice
        When another candidate is the very same model.
    """
    own = chosen.model.model.info.fingerprint
    others = tuple(c.model.model.info.fingerprint for c in found.candidates if c.key != chosen.key)
    if own in others:
        msg = f"`{chosen.model.title}` is in the case twice, so that choosing it against itself says nothing. Drop one."
        raise InvalidChoice(msg)
    data = found.data.dataset
    version = None if living is None else living.version_of(data.fingerprint)
    return ModelAsked(
        data=data.fingerprint, rows=found.n, living=None if living is None or version is None else living.id,
        version=None if version is None else version.number, model=own,
        model_class=str(chosen.model.model.model_class), title=chosen.model.title, threshold=chosen.threshold,
        others=others, figures=figures_of(chosen.everyone),
    )  # fmt: skip
