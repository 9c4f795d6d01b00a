"""The commands on kept cases and on cases as files: export one, look into one, import one, delete what is over."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

import typer

from rai_dash.cli.shared import check_place, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rai_dash.casefile import CaseFile
    from rai_dash.govern.people import Person
    from rai_dash.govern.store import Store

cases_app = typer.Typer(no_args_is_help=True, help="The kept cases, and cases as files.")
_STORE: Final = "SQLite file or database URL; empty = the configured store."
As = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Recorded under this name, which nobody vouches for.")
]
StoreOption = Annotated[str, typer.Option("--store", help=_STORE)]


@cases_app.callback()
def cases() -> None:
    """Work on the cases that somebody chose to keep, and on cases as files."""


@cases_app.command()
def purge(store: Annotated[str, typer.Argument(help=_STORE)] = "") -> None:
    """Delete the kept cases and the rows of batches whose time is over.

    Their times are RAI_DASH_RETENTION_DAYS and RAI_DASH_BATCH_DAYS. The ledger tells of each case; of rows it keeps the
    hash and every count.
    """
    from rai_dash.core.words import count
    from rai_dash.govern.kept import KeptCases
    from rai_dash.govern.retention import remove_expired_rows

    with _opened(store) as opened:
        n = KeptCases(opened).purge()
        tables = remove_expired_rows(opened)
    typer.echo(f"{count(n)} kept {'case' if n == 1 else 'cases'} deleted.")
    if tables:
        typer.echo(f"{count(tables)} {'table' if tables == 1 else 'tables'} of rows of batches deleted.")


@cases_app.command()
def export(
    case_id: Annotated[str, typer.Argument(metavar="ID", help="What stands behind case= in its address.")],
    out: Annotated[Path, typer.Argument(help="The case file to write.")],
    name: As = "",
    store: StoreOption = "",
) -> None:
    """Write a kept case as one file, with every row in it; the ledger tells that it was exported, and by whom."""
    from rai_dash.govern.kept import KeptCases

    person = _person(name)
    check_place(out)
    with _opened(store) as opened:
        content = KeptCases(opened).export(case_id, person)
    with written(out):
        out.write_bytes(content)
    typer.echo(f"{out}: {len(content):,} bytes, with every row of the case. Protect it like the data.")


@cases_app.command(name="open")
def open_(
    file: Annotated[Path, typer.Argument(help="A case file.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it in the store, under a new id.")] = False,
    name: As = "",
    store: StoreOption = "",
) -> None:
    """Say what is in a case file; everything in it is checked like an upload. With --keep it goes into the store.

    Kept so, it opens where nobody signs in. Where people do, they open the file on Start, and keep it as their own.
    """
    from rai_dash.casefile import open_file

    person = _person(name) if keep else None
    case_id = secrets.token_urlsafe(16)
    content = _content(file)
    found = open_file(content, case_id)
    try:
        told = _plain(found)
        if person is not None:
            told["kept_as"] = case_id
            _keep(found, case_id, person, store)
    finally:
        for item in found.case.models:
            item.model.close()
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(told)))


def _keep(found: CaseFile, case_id: str, person: Person, store: str) -> None:
    from rai_dash.casefile import pack
    from rai_dash.govern.kept import KeptCases
    from rai_dash.govern.store import Store

    with Store(store or None) as opened:
        KeptCases(opened).keep(case_id, found.case.title, pack(found.case), person)


def _content(path: Path) -> bytes:
    """Read a case file that is not larger than files may be."""
    from rai_dash.core.errors import UnreadableFile
    from rai_dash.core.files import MEGABYTE
    from rai_dash.core.settings import get_settings

    most = get_settings().max_file_mb
    try:
        if path.stat().st_size > most * MEGABYTE:
            msg = f"`{path}` has more than {most:,} MB. Raise RAI_DASH_MAX_FILE_MB to open it."
            raise UnreadableFile(msg, code="too_large")
        return path.read_bytes()
    except OSError as error:
        msg = f"`{path}` cannot be read: {error.strerror}. Check the path."
        raise UnreadableFile(msg) from error


def _plain(found: CaseFile) -> dict[str, Any]:
    case = found.case
    return {
        "schema": "rai-dash/case-file/1",
        "title": case.title,
        "data": [
            {
                "key": d.key,
                "title": d.title,
                "role": d.role.value,
                "rows": d.dataset.n_rows,
                "columns": len(d.dataset.columns),
                "fingerprint": d.dataset.fingerprint,
                "target": d.dataset.roles.target,
                "sensitive": list(d.dataset.roles.sensitive),
            }
            for d in case.data
        ],
        "models": [
            {
                "key": m.key,
                "title": m.title,
                "format": m.model.info.format,
                "fingerprint": m.model.info.fingerprint,
                "features": len(m.model.info.features),
            }
            for m in case.models
        ],
        "bands": [
            {"name": b.name, "lo": b.band.lo, "threshold": b.band.threshold, "hi": b.band.hi}
            for b in case.bands
        ],
        "conditions": len(case.always),
        "view": dict(found.view),
    }


def _lines(told: dict[str, Any]) -> Iterator[str]:
    from rai_dash.core.words import many, one_line

    yield f"{one_line(told['title'])}: a case file that opens here."
    for item in told["data"]:
        size = f"{many(item['rows'], 'row')}, {many(item['columns'], 'column')}"
        yield f"- data {one_line(item['title'])} ({item['role']}): {size}"
    for item in told["models"]:
        yield f"- model {one_line(item['title'])} ({item['format']}): {many(item['features'], 'column')}"
    yield f"- {many(len(told['bands']), 'band')}, {many(told['conditions'], 'condition')}"
    if "kept_as" in told:
        # What was looked at goes along; a file can hold any words there, and an address takes them.
        yield "Kept. Open it at ?" + urlencode({**told["view"], "case": told["kept_as"]})


def _person(name: str) -> Person:
    """Return who asks on the operator's own machine."""
    from rai_dash.core.errors import InvalidChoice
    from rai_dash.core.settings import get_settings
    from rai_dash.govern.people import AppRole, Person

    if not name.strip():
        msg = "This is recorded under a name. Give it by --as NAME."
        raise InvalidChoice(msg)
    return Person(name=name, subject=name, role=AppRole.named(get_settings().local_role))


@contextmanager
def _opened(name: str) -> Iterator[Store]:
    """Open a store that is there; none is made."""
    from rai_dash.core.errors import InvalidChoice
    from rai_dash.govern.database import sqlite_path, store_url
    from rai_dash.govern.store import Store

    path = sqlite_path(store_url(name))
    if path is not None and not path.exists():
        msg = f"There is no store {path}. Name the file, or set RAI_DASH_DATA_DIR."
        raise InvalidChoice(msg)
    with Store(name) as found:
        yield found
