"""The living test set of a case grows: new rows, a new version on record, every candidate judged on it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from rai_dash.case import Case, CaseModel
from rai_dash.core.errors import InvalidChoice, RaiError
from rai_dash.core.texts import tr
from rai_dash.data.all_rows import require_all_rows
from rai_dash.data.dataset import Dataset
from rai_dash.data.growing import Growth, grow
from rai_dash.data.options import ReadOptions
from rai_dash.data.read import read_dataset
from rai_dash.data.sources import tells_source, without_source
from rai_dash.govern.chosen_model import ModelAsked
from rai_dash.govern.living import Figure, LivingSet, LivingSets, NewResult, Source
from rai_dash.metrics._base import MetricTable
from rai_dash.metrics.table import metric_table
from rai_dash.report.models_found import Candidate, ModelComparison
from rai_dash.report.reviewed_training import as_file

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
    for dataset in (data.dataset, offered):
        require_all_rows(dataset, "Letting applications join a test set")
    growth = grow(data.dataset, offered)
    after = as_file(data, growth.dataset)
    living = sets.start(data.dataset, data.title)
    after_case = case.with_data(after)
    cuts = dict(thresholds or {})
    first, _ = results_of(case, data.key, cuts)
    second, refused = results_of(after_case, data.key, cuts)
    living = sets.grown(
        living.id,
        data.dataset.fingerprint,
        growth,
        after.dataset,
        source=source,
        note=note,
        from_older=from_older,
        before=first,
        after=second,
        content=after.content if isinstance(after.content, bytes) else None,
    )
    return Grown(case=after_case, growth=growth, living=living, refused=refused)


def taken_up(case: Case, data_key: str, sets: LivingSets) -> Case:
    """Return a case with the newest version of its test set, whose rows did not reach it, in the place of the older.

    Parameters
    ----------
    case : Case
    data_key : str
        Of the test set, an older version.
    sets : LivingSets
        Of whoever let the rows in.

    Raises
    ------
    NotAllowed
        For anybody else.
    InvalidChoice
        When these data are no version of a living test set, or the rows are not in the store any more.
    """
    data = case.data_of(data_key)
    living = sets.find([data.dataset.fingerprint])
    if living is None:
        msg = tr("`{data}` is no living test set. Choose the one that grew.", data=data.title)
        raise InvalidChoice(msg)
    content = sets.take_up(living.latest)
    dataset = read_dataset(content, data.dataset.roles, name=data.dataset.name)
    if tells_source(dataset.frame):
        dataset = dataset.with_roles(without_source(dataset.roles))
    return case.with_data(replace(data, dataset=dataset, content=content, options=ReadOptions(), parts=()))


def record_missing(
    case: Case, data_key: str, sets: LivingSets, thresholds: Mapping[str, float]
) -> LivingSet | None:
    """Put the figures of models on record that joined the case after its test set grew; None = it is no living one.

    A model that has figures on this version has them once, whatever threshold is looked at now.

    Parameters
    ----------
    case : Case
    data_key : str
    sets : LivingSets
        Of an analyst.
    thresholds : mapping of str to float
        By key of a model.

    Raises
    ------
    NotAllowed
        For less than an analyst.
    """
    fingerprint = case.data_of(data_key).dataset.fingerprint
    living = sets.find([fingerprint])
    version = None if living is None else living.version_of(fingerprint)
    if living is None or version is None:
        return None
    done = {(r.model, r.model_class) for r in living.results if r.version == version.number}
    found = [r for r in results_of(case, data_key, thresholds)[0] if (r.model, r.model_class) not in done]
    return sets.record(living.id, version.number, found) if found else living


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
        msg = tr(
            "`{model}` is in the case twice, so that choosing it against itself says nothing. Drop one.",
            model=chosen.model.title,
        )
        raise InvalidChoice(msg)
    data = found.data.dataset
    version = None if living is None else living.version_of(data.fingerprint)
    return ModelAsked(
        data=data.fingerprint, rows=found.n, living=None if living is None or version is None else living.id,
        version=None if version is None else version.number, model=own,
        model_class=str(chosen.model.model.model_class), title=chosen.model.title, threshold=chosen.threshold,
        others=others, figures=figures_of(chosen.everyone),
    )  # fmt: skip
