"""Candidates compared without a browser: tables and models in, a comparison out."""

from __future__ import annotations

from collections.abc import Mapping

from rai_dash.case import Case, CaseData, CaseModel, DataRole
from rai_dash.core.types import Roles
from rai_dash.data.dataset import Dataset
from rai_dash.models.client import Model
from rai_dash.report.models_found import CompareOptions, ModelComparison
from rai_dash.report.models_work import compare_models

DATA = "data"


def compare_candidates(
    dataset: Dataset,
    models: Mapping[str, Model],
    options: CompareOptions | None = None,
    *,
    training: Mapping[str, Dataset] | None = None,
) -> ModelComparison:
    """Judge models on the same rows; see `compare_models`.

    Parameters
    ----------
    dataset : Dataset
        The test set, with its roles.
    models : mapping of str to Model
        By name; the first is the one that is used now.
    options : CompareOptions, optional
    training : mapping of str to Dataset, optional
        What models were trained on, by name: rows of the test set that equal one are counted.

    Raises
    ------
    InvalidChoice
        As of `compare_models`.
    """
    case = case_of_models(dataset, models, training or {})
    return compare_models(case, DATA, list(models), options)


def case_of_models(dataset: Dataset, models: Mapping[str, Model], training: Mapping[str, Dataset]) -> Case:
    """Put a test set, models and what they were trained on into a case; the test set itself may be that too."""
    keys = {
        name: DATA if own.fingerprint == dataset.fingerprint else f"training of {name}"
        for name, own in training.items()
    }
    tables = [CaseData(key=DATA, title=dataset.name, role=DataRole.LIVING, dataset=dataset)]
    tables += [
        CaseData(key=keys[name], title=own.name, role=DataRole.TRAINING, dataset=_fitting(own, dataset.roles))
        for name, own in training.items()
        if keys[name] != DATA
    ]
    entries = [
        CaseModel(key=name, title=name, model=model, trained_on=keys.get(name))
        for name, model in models.items()
    ]
    return Case(
        id="models", title=dataset.name, data=tuple(tables), models=tuple(entries), default_data=DATA,
        default_model=next(iter(models), ""),
    )  # fmt: skip


def _fitting(training: Dataset, roles: Roles) -> Dataset:
    """Give a training table the roles of the test set whose columns it has: it is only looked through for equal rows.

    Its own split stays: it says which of its rows were trained on.
    """
    there, own = set(training.columns), training.roles

    def keep(column: str | None) -> str | None:
        return column if column in there else None

    target = keep(roles.target)
    return training.with_roles(
        Roles(
            target=target,
            favourable=roles.favourable if target else (),
            unfavourable=roles.unfavourable if target else (),
            id=keep(roles.id),
            weight=keep(roles.weight),
            score=keep(roles.score),
            split=own.split,
            split_train=own.split_train,
            ignored=tuple(c for c in roles.ignored if c in there and c != own.split),
        )
    )
