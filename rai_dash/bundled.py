"""The bundled cases, read once a process and opened as a private copy for each user."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache

from rai_dash.case import Case, CaseData, CaseModel, DataRole
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.once import Once
from rai_dash.core.texts import KEPT, spoken, tr
from rai_dash.data.read import read_dataset
from rai_dash.models.client import load_model
from rai_dash.samples import BundledDataset, BundledModel, bundled_cases
from rai_dash.sandbox.client import Child


@lru_cache(maxsize=8)
def _shared(name: str) -> Once[Case]:
    """Return where one bundled case is kept: its tables, models and counts are shared by every copy."""
    return Once(lambda: _read(name))


@spoken(KEPT)
def _read(name: str) -> Case:
    sample = bundled_cases().get(name)
    if sample is None:
        msg = tr(
            "There is no bundled case `{name}`. Bundled are: {bundled_cases}.",
            name=name,
            bundled_cases=", ".join(bundled_cases()),
        )
        raise InvalidChoice(msg)
    # A process takes a second to start: one for each model, which stays, and one for all the tables.
    with ThreadPoolExecutor(len(sample.models) + 1, thread_name_prefix="rai-dash-bundled") as readers:
        models, data = readers.map(_model, sample.models), readers.submit(_tables, sample.datasets)
        parts = data.result(), tuple(models)
    return Case(
        id=name,
        title=sample.title,
        story=sample.story,
        data=parts[0],
        models=parts[1],
        default_data=sample.default_data,
        default_model=sample.default_model,
    )


def _tables(samples: Sequence[BundledDataset]) -> tuple[CaseData, ...]:
    with Child() as reader:
        return tuple(_data(sample, reader) for sample in samples)


def _data(sample: BundledDataset, reader: Child) -> CaseData:
    return CaseData(
        key=sample.key,
        title=sample.title,
        role=DataRole(sample.role),
        dataset=read_dataset(sample.path, sample.roles, name=sample.title, reader=reader),
        source=sample.source,
    )


def _model(sample: BundledModel) -> CaseModel:
    return CaseModel(
        key=sample.key,
        title=sample.title,
        model=load_model(sample.path, model_class=sample.model_class),
        trained_on=sample.trained_on,
        note=sample.note,
    )


def open_bundled(name: str, case_id: str) -> Case:
    """Open a private copy of a bundled case under a new id."""
    return replace(_shared(name)(), id=case_id)
