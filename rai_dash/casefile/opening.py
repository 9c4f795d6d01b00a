"""From one file to a case, through the same doors as an upload."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from rai_dash.bundled import open_bundled
from rai_dash.case import Case, CaseData, CaseModel
from rai_dash.casefile._archive import read_archive, refuse
from rai_dash.casefile._manifest import KeptData, KeptModel, Manifest, read_manifest
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.options import ReadOptions
from rai_dash.data.portfolio.addresses import listed_address
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.read import read_table
from rai_dash.data.roles_json import roles_from_json
from rai_dash.govern._policy_conditions import condition_from_plain
from rai_dash.models.client import Model, load_model
from rai_dash.samples import bundled_cases

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a case file held: the case, and what was looked at as parameters of an address."""

    case: Case
    view: Mapping[str, str]


def unpack(content: bytes, case_id: str) -> Case:
    """Open the case of a file; see `open_file`."""
    return open_file(content, case_id).case


def open_file(content: bytes, case_id: str) -> CaseFile:
    """Open what `rai_dash.casefile.pack` wrote.

    The file is trusted in nothing: its tables are read and its models loaded in locked processes, within the same
    limits as an upload, and every one has to be what its fingerprint says.

    Parameters
    ----------
    content : bytes
        The file.
    case_id : str
        Id of the new case; the models are counted as its own.

    Raises
    ------
    UnreadableFile
        When the file is damaged, of another version, or names what is not here any more.
    RaiError
        As for an upload, where a table, its roles, a model or a condition is refused.
    """
    packed, files = read_archive(content)
    manifest = read_manifest(packed)
    if manifest.files != files.keys():
        refuse("the files in it are not those that it lists")
    conditions = tuple(condition_from_plain(c.model_dump(mode="json")) for c in manifest.always)
    # Each file is read in a process of its own: as many at a time as there are processors.
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="rai-dash-case") as readers:
        data = tuple(readers.map(partial(_data, files=files), manifest.data))
    case = Case(
        id=case_id,
        title=manifest.title,
        story=manifest.story,
        data=data,
        models=_models(manifest, files, case_id),
        default_data=manifest.default_data,
        default_model=manifest.default_model,
        bands=tuple(band.candidate() for band in manifest.bands),
        always=conditions,
    )
    return CaseFile(case, manifest.view)


def _data(item: KeptData, files: Files) -> CaseData:
    roles = roles_from_json(item.roles)
    if item.sample is not None:
        found = next((d for d in _bundled(item).data if d.dataset.fingerprint == item.fingerprint), None)
        if found is None:
            _changed(item)
        dataset = found.dataset.with_roles(roles)
        return replace(
            found, key=item.key, title=item.title, role=item.role, source=item.source, dataset=dataset
        )
    if item.in_place:
        return _in_place(item, roles)
    options, source = ReadOptions.from_args(item.options), _source(item, files)
    file = read_table(source, name=item.title, options=options)
    if file.dataset.fingerprint != item.fingerprint:
        _changed(item)
    return CaseData(
        key=item.key,
        title=item.title,
        role=item.role,
        dataset=file.dataset.with_roles(roles),
        source=item.source,
        content=source,
        options=options,
        parts=file.parts,
        grown_from=item.grown_from or "",
    )


def _in_place(item: KeptData, roles: Roles) -> CaseData:
    """Open a table where it lies; the sample is drawn again, and is the same one."""
    place = None if item.folder is None else _in_folder(item.folder, may_be_folder=True)
    portfolio = open_portfolio(place or listed_address(item.listed or ""), name=item.title)
    if portfolio.fingerprint != item.fingerprint:
        portfolio.rest()
        refuse(
            f"the files of `{item.title}` have changed since the case was kept, so its figures would be others"
        )
    return CaseData(
        key=item.key,
        title=item.title,
        role=item.role,
        dataset=dataset_of(portfolio, roles),
        source=item.source,
        content=place,
        grown_from=item.grown_from or "",
    )


def _models(manifest: Manifest, files: Files, case_id: str) -> tuple[CaseModel, ...]:
    """Load the models; where one is refused, the processes of the others end."""
    loaded: list[CaseModel] = []
    try:
        loaded.extend(_model(item, files, case_id) for item in manifest.models)
    except BaseException:
        for kept in loaded:
            if kept.model.owner == case_id:
                kept.model.close()
        raise
    return tuple(loaded)


def _model(item: KeptModel, files: Files, case_id: str) -> CaseModel:
    model = _shared_model(item) if item.sample is not None else None
    if model is None:
        model = load_model(_source(item, files), model_class=item.model_class, feature_names=item.inputs)
        model.owner = case_id
    if model.info.fingerprint != item.fingerprint:
        model.close()
        _changed(item)
    return CaseModel(key=item.key, title=item.title, model=model, trained_on=item.trained_on, note=item.note)


def _shared_model(item: KeptModel) -> Model | None:
    """Return the model of a bundled case; None where another class of it was called favourable."""
    models = (m.model for m in _bundled(item).models)
    found = next((m for m in models if m.info.fingerprint == item.fingerprint), None)
    if found is None:
        _changed(item)
    return found if found.model_class == item.model_class else None


def _bundled(item: KeptData | KeptModel) -> Case:
    """Open the bundled case that a part belongs to; its tables and models are shared by all copies."""
    name = item.sample or ""
    if name not in bundled_cases():
        _changed(item)
    return open_bundled(name, name)


def _changed(item: KeptData | KeptModel) -> NoReturn:
    refuse(f"`{item.title}` is not the same any more as when the case was kept, or is not here")


def _source(item: KeptData | KeptModel, files: Files) -> bytes | Path:
    """Find the bytes of a table or model, or the place of its file."""
    if item.file is not None:
        return files[item.file]
    if item.folder is not None:
        return _in_folder(item.folder)
    parts = [*bundled_cases()[item.sample or ""].datasets, *bundled_cases()[item.sample or ""].models]
    return next(part.path for part in parts if part.sha256 == item.fingerprint)


def _in_folder(name: str, *, may_be_folder: bool = False) -> Path:
    """Return a plain file of the operator's folder, or a folder in it; links are refused, they may lead elsewhere."""
    folder = get_settings().data_folder
    is_plain = name == Path(name).name and not name.startswith(".") and "\0" not in name and "\\" not in name
    path = folder / name if folder is not None and is_plain else None
    is_there = (
        path is not None and not path.is_symlink() and (path.is_file() or (may_be_folder and path.is_dir()))
    )
    if path is None or not is_there:
        refuse(f"`{name}` is not in the folder of data on this server any more")
    return path
