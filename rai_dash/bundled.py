"""The bundled cases, read once a process and opened as a private copy for each user."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from rai_dash.case import Case, CaseData, CaseModel, DataRole
from rai_dash.core.errors import InvalidChoice
from rai_dash.data.read import read_dataset
from rai_dash.models.client import load_model
from rai_dash.samples import bundled_cases


@lru_cache(maxsize=8)
def _shared(name: str) -> Case:
    """Read one bundled case; its tables, models and counts are shared by every copy."""
    sample = bundled_cases().get(name)
    if sample is None:
        msg = f"There is no bundled case `{name}`. Bundled are: {', '.join(bundled_cases())}."
        raise InvalidChoice(msg)
    data = tuple(
        CaseData(
            key=d.key,
            title=d.title,
            role=DataRole(d.role),
            dataset=read_dataset(d.path, d.roles, name=d.title),
            source=d.source,
        )
        for d in sample.datasets
    )
    models = tuple(
        CaseModel(
            key=m.key,
            title=m.title,
            model=load_model(m.path, model_class=m.model_class),
            trained_on=m.trained_on,
            note=m.note,
        )
        for m in sample.models
    )
    return Case(
        id=name,
        title=sample.title,
        story=sample.story,
        data=data,
        models=models,
        default_data=sample.default_data,
        default_model=sample.default_model,
    )


def open_bundled(name: str, case_id: str) -> Case:
    """Open a private copy of a bundled case under a new id."""
    return replace(_shared(name), id=case_id)
