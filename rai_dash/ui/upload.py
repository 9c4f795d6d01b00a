"""Bring your own: files become data sets and models of a case, each through its separate process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from rai_dash.case import Case, CaseData, CaseModel, DataRole, Progress
from rai_dash.core.errors import InvalidChoice, InvalidRoles, RaiError
from rai_dash.core.events import record
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Roles
from rai_dash.data.dataset import Dataset, role_columns
from rai_dash.data.options import ReadOptions
from rai_dash.data.read import read_table
from rai_dash.data.roles import guess_roles
from rai_dash.govern.people import AppRole
from rai_dash.models.client import Model, load_model
from rai_dash.ui import rights, state
from rai_dash.ui.store import new_case_id

_SEEN = "handled_uploads"
_PROBLEMS = "problems_of_uploads"
UPLOADED = "uploaded"
#: What needs a role, as the beginning of a sentence.
UPLOADING, CHANGING_ROLES = mark("Uploading a file"), mark("Saying what the columns are for")
OPENING = mark("Opening a table of this server")
ASKING = mark("Opening a model behind an address")
BEHIND_ADDRESS = mark("listed by the operator")
_MOST_FILES = 500


def is_new(file_id: str) -> bool:
    """Whether this upload has not been handled in this session yet; marks it as handled."""
    seen = st.session_state.setdefault(_SEEN, set())
    if file_id in seen:
        return False
    seen.add(file_id)
    return True


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an uploaded file: the sentence, and its stable code."""

    code: str
    message: str


def note_problem(file_id: str, error: RaiError | None) -> None:
    """Remember what is wrong with an upload; None = nothing any more."""
    problems = st.session_state.setdefault(_PROBLEMS, {})
    problems.pop(file_id, None)
    if error is not None:
        problems[file_id] = Problem(error.code, error.message)


def problem_of(file_id: str) -> Problem | None:
    """Return what is wrong with an upload."""
    found: Problem | None = st.session_state.get(_PROBLEMS, {}).get(file_id)
    return found


def folder_files() -> dict[str, Path]:
    """List the plain files of the operator's folder by name; links are left out, they may lead elsewhere."""
    folder = get_settings().data_folder
    if folder is None:
        return {}
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError:
        return {}
    plain_files = [e for e in entries if e.is_file(follow_symlinks=False) and not e.name.startswith(".")]
    return {e.name: Path(e.path) for e in plain_files[:_MOST_FILES]}


def open_data(content: bytes | Path, name: str, options: ReadOptions | None = None) -> Case:
    """Read an uploaded table, or one of the operator's folder, and open it as a new case with guessed roles."""
    item = _read(content, name, DataRole.TRAINING, "data", options)
    dataset = item.dataset.with_roles(guess_roles(item.dataset.frame).roles)
    case = Case(id=new_case_id(), title=name, data=(replace(item, dataset=dataset),), default_data="data")
    state.open_case(case)
    return case


def _read(
    content: bytes | Path, name: str, role: DataRole, key: str, options: ReadOptions | None
) -> CaseData:
    """Read a table, and keep the bytes of an upload, or the place of a file, so that it can be read another way."""
    rights.require_role(AppRole.ANALYST, UPLOADING)
    try:
        file = read_table(content, name=name, options=options)
    except RaiError as error:
        _record("data_refused", content, code=error.code)
        raise
    _record("data_read", content, rows=file.dataset.n_rows, columns=len(file.dataset.columns))
    return CaseData(
        key=key,
        title=name,
        role=role,
        dataset=file.dataset,
        source=UPLOADED,
        content=content,
        options=options or ReadOptions(),
        parts=file.parts,
    )


def bytes_of(content: bytes | Path) -> bytes:
    """Return what a file holds, wherever it is; its size was checked when it was read."""
    return content if isinstance(content, bytes) else content.read_bytes()


def _record(event: str, content: bytes | Path, **facts: str | float | bool | None) -> None:
    """Write down that a file came: its hash and size, never its name or what is in it."""
    if isinstance(content, bytes):
        facts = {"sha256": fingerprint_bytes(content), "bytes": len(content), **facts}
    record(event, **facts)


def reread(case: Case, key: str, options: ReadOptions) -> Case:
    """Read an uploaded table of a case another way; it keeps the roles that still fit.

    Raises
    ------
    RaiError
        When it cannot be read that way; the case stays as it was.
    """
    item = case.data_of(key)
    if item.content is None:
        msg = f"The file of `{item.title}` is not kept. Upload it again."
        raise InvalidChoice(msg)
    found = _read(item.content, item.title, item.role, item.key, options)
    old = item.dataset
    # Another sheet is another table: what was said of the first says nothing about it.
    is_same = set(role_columns(old.roles)) <= set(found.dataset.columns) and old.roles.target is not None
    roles = old.roles if is_same else guess_roles(found.dataset.frame).roles
    changed = case.with_data(replace(found, dataset=with_fitting_roles(found.dataset, roles)))
    state.save(changed)
    return changed


def with_fitting_roles(dataset: Dataset, roles: Roles) -> Dataset:
    """Give a table the roles of another whose columns it has; where they do not fit, its own are guessed."""
    try:
        return dataset.with_roles(_fitting_roles(roles, dataset))
    except InvalidRoles:
        # A refusal would leave no form in which to state them.
        return dataset.with_roles(guess_roles(dataset.frame).roles)


def add_data(
    case: Case, content: bytes | Path, name: str, role: DataRole, options: ReadOptions | None = None
) -> Case:
    """Read another table of the same case; it takes over the roles whose columns it has.

    Where they do not fit it, for example because its labels are spelled another way, its own are guessed.
    """
    key = new_data_key(case, role)
    item = _read(content, name, role, key, options)
    case = case.with_data(replace(item, dataset=with_fitting_roles(item.dataset, roles_of_case(case))))
    state.save(case)
    state.choose(data=key)
    return case


def new_data_key(case: Case, role: DataRole) -> str:
    """Return a key for another table of a case."""
    taken = {d.key for d in case.data}
    return next(k for k in (f"{role.value}{i or ''}" for i in range(1000)) if k not in taken)


def roles_of_case(case: Case) -> Roles:
    """Return the roles that another table of a case takes over; a new table has its own split."""
    return case.data[0].dataset.roles.with_(split=None, split_train=())


def _fitting_roles(roles: Roles, dataset: Dataset) -> Roles:
    """Keep the roles whose columns the other table has."""
    have = set(dataset.frame.columns)

    def keep(column: str | None) -> str | None:
        return column if column in have else None

    return roles.with_(
        target=keep(roles.target),
        sensitive=tuple(c for c in roles.sensitive if c in have),
        bins={c: b for c, b in roles.bins.items() if c in have},
        features=tuple(c for c in roles.features if c in have),
        ignored=tuple(c for c in roles.ignored if c in have),
        id=keep(roles.id),
        amount=keep(roles.amount),
        time=keep(roles.time),
        weight=keep(roles.weight),
        score=keep(roles.score),
        split=keep(roles.split),
        split_train=roles.split_train if keep(roles.split) else (),
    )


def add_model(
    case: Case,
    content: bytes,
    name: str,
    *,
    model_class: str | None = None,
    feature_names: Sequence[str] | None = None,
    on_progress: Progress | None = None,
) -> Case:
    """Load an uploaded model and add it to the case.

    Raises
    ------
    RaiError
        When the file is refused, lacks columns, does not say which class is favourable, or whoever uses the app may
        not upload.
    """
    rights.require_role(AppRole.ANALYST, UPLOADING)
    roles = case.data_of(state.choices().data).dataset.roles
    try:
        model = load_model(
            content,
            model_class=model_class,
            favourable=roles.favourable or None,
            feature_names=feature_names,
        )
    except RaiError as error:
        _record("model_refused", content, code=error.code)
        raise
    _record("model_opened", content, format=model.info.format, features=len(model.info.features))
    return _with_model(case, model, title=name, note=UPLOADED, on_progress=on_progress)


def add_endpoint(case: Case, url: str, name: str, *, on_progress: Progress | None = None) -> Case:
    """Open a model behind an address of the operator's list and add it to the case.

    Raises
    ------
    RaiError
        When it is not listed, does not answer, lacks columns, or whoever uses the app may not open it.
    """
    rights.require_role(AppRole.ANALYST, tr(ASKING))
    roles = case.data_of(state.choices().data).dataset.roles
    model = load_model(url, favourable=roles.favourable or None)
    return _with_model(case, model, title=name, note=tr(BEHIND_ADDRESS), on_progress=on_progress)


def _with_model(
    case: Case, model: Model, *, title: str, note: str, on_progress: Progress | None = None
) -> Case:
    """Add an opened model to the case and score every row with it; where that fails it is closed."""
    taken = {m.key for m in case.models}
    key = next(k for k in (f"model{i or ''}" for i in range(1000)) if k not in taken)
    model.owner = case.id
    added = CaseModel(key=key, title=title, model=model, note=note)
    bigger = case.with_model(added)
    try:
        bigger.judge(state.choices().data, key, on_progress=on_progress)
    except RaiError:
        model.close()
        raise
    if not case.models:
        bigger = replace(bigger, default_model=key)
    state.save(bigger)
    state.choose(model=key)
    return bigger


def set_roles(case: Case, data_key: str, roles: Roles) -> Case:
    """Give a data set of the case confirmed roles, if whoever uses the app may."""
    rights.require_role(AppRole.ANALYST, CHANGING_ROLES)
    item = case.data_of(data_key)
    changed = case.with_data(replace(item, dataset=item.dataset.with_roles(roles)))
    state.save(changed)
    return changed


def turn_model(case: Case, key: str, model_class: str) -> Case:
    """Say that the other class of a model is the favourable one, if whoever uses the app may."""
    rights.require_role(AppRole.ANALYST, CHANGING_ROLES)
    item = next(m for m in case.models if m.key == key)
    names = item.model.info.feature_names
    turned = load_model(item.model.content, model_class=model_class, feature_names=names)
    turned.owner = case.id
    changed = case.with_model(replace(item, model=turned))
    state.save(changed)
    return changed
