"""From a case to one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rai_dash.case import Case, CaseData, CaseModel
from rai_dash.casefile._archive import write_archive
from rai_dash.casefile._manifest import write_manifest
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.addresses import listed
from rai_dash.data.roles_json import roles_to_json
from rai_dash.govern._policy_conditions import condition_to_plain
from rai_dash.samples import bundled_cases


def left_out(case: Case) -> tuple[str, ...]:
    """Say which parts of a case cannot be kept; empty = all can."""
    return tuple(
        f"The data `{item.title}` cannot be kept, since their file is not at hand. Upload it again to keep them."
        for item in case.data
        if not _data_place(item)
    )


def holds(case: Case, key: str) -> bool:
    """Whether the data of a key are in what `pack` writes, or named there."""
    return bool(_data_place(case.data_of(key)))


def named_only(case: Case) -> tuple[str, ...]:
    """Say which data `pack` names and does not copy, so that the file opens only where they lie; empty = none."""
    return tuple(
        tr(
            "The data `{title}` lie on this server and are only named in the file: it opens only where they lie, "
            "unchanged.",
            title=item.title,
        )
        for item in case.data
        if _data_place(item).keys() & {"folder", "listed"}
    )


def pack(case: Case, *, view: Mapping[str, str] | None = None) -> bytes:
    """Write a case as one file: a zip archive with the uploaded files as they came and a manifest.

    Bundled files and those of the operator's folder, among them tables that are counted where they lie, are named with
    their fingerprint and not copied. What `left_out`
    names is not in it. Neither are scores: they are computed anew.

    Parameters
    ----------
    case : Case
    view : mapping of str to str, optional
        What is looked at, as parameters of an address: the file opens there.

    Returns
    -------
    bytes
        The same for equal cases.

    Raises
    ------
    InvalidChoice
        When none of its data can be kept, or it is too large to be opened again.
    """
    files: dict[str, bytes] = {}
    data = [_data(item, files) for item in case.data if _data_place(item)]
    if not data:
        msg = tr("This case has no data that can be kept. Upload a file first.")
        raise InvalidChoice(msg)
    models = [_model(item, files) for item in case.models]
    keys, model_keys = ({item["key"] for item in items} for items in (data, models))
    manifest = write_manifest(
        title=case.title,
        story=case.story,
        default_data=case.default_data if case.default_data in keys else "",
        default_model=case.default_model if case.default_model in model_keys else "",
        data=data,
        models=models,
        bands=[
            {"name": c.name, "lo": c.band.lo, "threshold": c.band.threshold, "hi": c.band.hi}
            for c in case.bands
        ],
        always=[condition_to_plain(condition) for condition in case.always],
        view=dict(sorted((view or {}).items())),
    )
    return write_archive(manifest, files)


def _data_place(item: CaseData) -> dict[str, str]:
    """Say where the bytes of data can be had; empty = nowhere."""
    if isinstance(item.content, bytes):
        return {"file": fingerprint_bytes(item.content)}
    if item.dataset.portfolio is not None and item.content is None:
        return {"listed": item.title} if item.title in listed() else {}
    if isinstance(item.content, Path):
        is_there = item.content.parent == get_settings().data_folder
        return {"folder": item.content.name} if is_there else {}
    return _sample_place(item.dataset.fingerprint)


def _sample_place(fingerprint: str) -> dict[str, str]:
    """Name the bundled case that a file belongs to."""
    for sample in bundled_cases().values():
        if any(part.sha256 == fingerprint for part in (*sample.datasets, *sample.models)):
            return {"sample": sample.id}
    return {}


def _data(item: CaseData, files: dict[str, bytes]) -> dict[str, Any]:
    """Describe a data set, and add its file where there is one."""
    place = _data_place(item)
    if isinstance(item.content, bytes):
        files[place["file"]] = item.content
    roles, options = roles_to_json(item.dataset.roles), item.options.to_args()
    if "bins" in roles:
        # Equal roles and options can be built in another order, and have to give the same bytes.
        roles["bins"] = dict(sorted(roles["bins"].items()))
    options["missing"] = dict(sorted(options["missing"].items()))
    return {
        "key": item.key,
        "title": item.title,
        "role": item.role,
        "source": item.source,
        "fingerprint": item.dataset.fingerprint,
        "options": options,
        "roles": roles,
        # Left out where there is none, so that files of before have the same bytes.
        **({"grown_from": item.grown_from} if item.grown_from else {}),
        **({"in_place": True} if item.dataset.portfolio is not None else {}),
        **place,
    }


def _model(item: CaseModel, files: dict[str, bytes]) -> dict[str, Any]:
    """Describe a model, and add its file unless it ships with the app."""
    fingerprint = fingerprint_bytes(item.model.content)
    place = _sample_place(fingerprint)
    if not place:
        files[fingerprint] = item.model.content
    return {
        "key": item.key,
        "title": item.title,
        "trained_on": item.trained_on,
        "note": item.note,
        "fingerprint": fingerprint,
        "model_class": item.model.model_class,
        "inputs": item.model.info.feature_names,
        **(place or {"file": fingerprint}),
    }
