"""Tables that are opened where they lie: what the operator offers, and how one becomes data of a case."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.errors import RaiError
from rai_dash.core.events import record
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.core.words import written
from rai_dash.data.dataset import Dataset
from rai_dash.data.portfolio.addresses import listed
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.size import is_large
from rai_dash.data.roles import guess_roles
from rai_dash.govern.people import AppRole
from rai_dash.ui import rights, state, upload
from rai_dash.ui.store import new_case_id

#: Told what is being done, while a table is opened.
Told = Callable[[str], None]
_MOST_FOLDERS: Final = 500


@dataclass(frozen=True, slots=True)
class Source:
    """A table that can be opened where it lies: its name, and the file or folder, or an address of the operator."""

    name: str
    place: Path | str


def sources() -> dict[str, Source]:
    """List what can be opened where it lies, by name."""
    return {source.name: source for source in (*_folders(), *_large_files(), *_listed())}


def _folders() -> Iterator[Source]:
    """List the folders of the operator's folder; links are left out, they may lead elsewhere."""
    folder = get_settings().data_folder
    if folder is None:
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError:
        return
    found = [e for e in entries if e.is_dir(follow_symlinks=False) and not e.name.startswith((".", "_"))]
    yield from (Source(e.name, Path(e.path)) for e in found[:_MOST_FOLDERS])


def _large_files() -> Iterator[Source]:
    yield from (Source(name, path) for name, path in upload.folder_files().items() if is_large(path))


def _listed() -> Iterator[Source]:
    yield from (Source(name, address) for name, address in listed().items())


def open_in_place(place: Path | str, name: str, *, told: Told) -> Case:
    """Open a table where it lies as a new case; its roles are guessed from a sample of it.

    Raises
    ------
    RaiError
        When there is no table that can be read, or whoever uses the app may not.
    """
    dataset = _guessed(_opened(place, name, told), told)
    item = _item(dataset, place, name, DataRole.TRAINING, "data")
    case = Case(id=new_case_id(), title=name, data=(item,), default_data="data")
    state.open_case(case)
    return case


def add_in_place(case: Case, place: Path | str, name: str, role: DataRole, *, told: Told) -> Case:
    """Open another table of the same case where it lies; it takes over the roles that fit it.

    Raises
    ------
    RaiError
        As for `open_in_place`.
    """
    portfolio = _opened(place, name, told)
    told(tr("Drawing a sample and looking at the columns"))
    bare = dataset_of(portfolio)
    dataset = upload.with_fitting_roles(bare, upload.roles_of_case(case))
    key = upload.new_data_key(case, role)
    changed = case.with_data(_item(dataset, place, name, role, key))
    state.save(changed)
    state.choose(data=key)
    return changed


def _opened(place: Path | str, name: str, told: Told) -> Portfolio:
    rights.require_role(AppRole.ANALYST, tr(upload.OPENING))
    told(tr("Looking at the table"))

    def reading(done: int, total: int, note: str) -> None:
        share = tr("{done} of ", done=f"{done / total:.0%}") if total else ""
        told(tr("Reading text once, {share}{note}", share=share, note=note))

    try:
        portfolio = open_portfolio(place, name=name, on_progress=reading)
    except RaiError as error:
        record("data_refused", code=error.code)
        raise
    record("data_opened_in_place", rows=portfolio.n_rows, columns=len(portfolio.columns))
    return portfolio


def _guessed(portfolio: Portfolio, told: Told) -> Dataset:
    """Guess the roles from a sample, and draw the sample anew by outcome and groups."""
    told(
        tr(
            "Drawing a sample of {n_rows} rows and looking at the columns",
            n_rows=written(f"{portfolio.n_rows:,}"),
        )
    )
    bare = dataset_of(portfolio)
    roles = guess_roles(bare.frame).roles
    told(tr("Counting the groups of {n_rows} rows", n_rows=written(f"{portfolio.n_rows:,}")))
    return bare.with_roles(roles)


def _item(dataset: Dataset, place: Path | str, name: str, role: DataRole, key: str) -> CaseData:
    # An address of the operator is found again by its name, and may change.
    content = place if isinstance(place, Path) else None
    return CaseData(key=key, title=name, role=role, dataset=dataset, source=upload.UPLOADED, content=content)
