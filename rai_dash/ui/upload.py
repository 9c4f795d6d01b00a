"""Bring your own: files become data sets and models of a case, each through its separate process."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rai_dash.case import Case, CaseData, CaseModel, DataRole, Progress
from rai_dash.core.errors import InvalidRoles, RaiError
from rai_dash.core.types import Roles
from rai_dash.data.dataset import Dataset
from rai_dash.data.read import read_dataset
from rai_dash.data.roles import guess_roles
from rai_dash.models.client import load_model
from rai_dash.ui import state
from rai_dash.ui.store import new_case_id

_SEEN = "handled_uploads"


def is_new(file_id: str) -> bool:
    """Whether this upload has not been handled in this session yet; marks it as handled."""
    seen = st.session_state.setdefault(_SEEN, set())
    if file_id in seen:
        return False
    seen.add(file_id)
    return True


def open_data(content: bytes, name: str) -> Case:
    """Read an uploaded table and open it as a new case with guessed roles."""
    dataset = read_dataset(content, name=name)
    dataset = dataset.with_roles(guess_roles(dataset.frame).roles)
    data = CaseData(key="data", title=name, role=DataRole.TRAINING, dataset=dataset, source="uploaded")
    case = Case(id=new_case_id(), title=name, data=(data,), default_data="data")
    state.open_case(case)
    return case


def add_data(case: Case, content: bytes, name: str, role: DataRole) -> Case:
    """Read another table of the same case; it takes over the roles whose columns it has.

    Where they do not fit it, for example because its labels are spelled another way, its own are guessed.
    """
    first = case.data[0].dataset
    dataset = read_dataset(content, name=name)
    try:
        dataset = dataset.with_roles(_fitting_roles(first.roles, dataset))
    except InvalidRoles:
        # A refusal would leave no form in which to state them.
        dataset = dataset.with_roles(guess_roles(dataset.frame).roles)
    taken = {d.key for d in case.data}
    key = next(k for k in (f"{role.value}{i or ''}" for i in range(1000)) if k not in taken)
    case = case.with_data(CaseData(key=key, title=name, role=role, dataset=dataset, source="uploaded"))
    state.save(case)
    state.choose(data=key)
    return case


def _fitting_roles(roles: Roles, dataset: Dataset) -> Roles:
    """Keep the roles whose columns the other table has; a new table has its own split, so that goes."""
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
        split=None,
        split_train=(),
    )


def add_model(
    case: Case,
    content: bytes,
    name: str,
    *,
    model_class: str | None = None,
    on_progress: Progress | None = None,
) -> Case:
    """Load an uploaded model and add it to the case.

    Raises
    ------
    RaiError
        When the file is refused, lacks columns, or does not say which class is favourable.
    """
    roles = case.data_of(state.choices().data).dataset.roles
    model = load_model(content, model_class=model_class, favourable=roles.favourable or None)
    taken = {m.key for m in case.models}
    key = next(k for k in (f"model{i or ''}" for i in range(1000)) if k not in taken)
    added = CaseModel(key=key, title=name, model=model, note="uploaded")
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
    """Give a data set of the case confirmed roles."""
    item = case.data_of(data_key)
    changed = case.with_data(replace(item, dataset=item.dataset.with_roles(roles)))
    state.save(changed)
    return changed


def turn_model(case: Case, key: str, model_class: str) -> Case:
    """Say that the other class of a model is the favourable one."""
    item = next(m for m in case.models if m.key == key)
    names = item.model.info.feature_names
    turned = load_model(item.model.content, model_class=model_class, feature_names=names)
    changed = case.with_model(replace(item, model=turned))
    state.save(changed)
    return changed
