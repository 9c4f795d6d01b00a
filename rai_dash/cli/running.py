"""Commands whose JSON says how it was made: `Recorded` takes down what was asked, `write_run` writes it beside it.

To record another command, register it with ``app.command(cls=Recorded)`` and end it with ``write_run``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import typer
from typer.core import TyperCommand

from rai_dash.cli.shared import check_place, write_json
from rai_dash.core.errors import InvalidChoice

if TYPE_CHECKING:
    from rai_dash.govern.store import Store
    from rai_dash.report.run_record import LedgerEnd, RunInput

#: What a record leaves out: where something is written, what else is written down, by whom, and places with passwords.
#: None of it is a part of a result, and a run that is repeated must not do it again.
LEFT_OUT: Final = frozenset(
    {
        *("--json", "--out", "--html", "--routes", "--all", "--draft-texts", "--record", "--as", "--store"),
        *("--scores", "--work", "--spark-master", "--spark-remote"),
        *("--pdf", "--few", "--show-small-cells", "--about", "--certificate", "--title", "--made"),
    }
)
#: Options that take a name or a file.
_NAME_OR_FILE: Final = frozenset({"policy"})
#: Size and last change of a file: what it was when its hash was taken.
_Stamp = tuple[int, int]


@dataclass(slots=True)
class _Running:
    """The command that runs: its name, what it was asked, and the files that it reads."""

    job: str
    parameters: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, RunInput] = field(default_factory=dict)
    ledger: LedgerEnd | None = None
    stamps: dict[Path, _Stamp | None] = field(default_factory=dict)


_NOW: ContextVar[_Running] = ContextVar("rai_dash_running")


class Recorded(TyperCommand):
    """A command that takes down its options, and the hashes of the files it is about to read."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command, its record at hand."""
        kept = {name: ctx.params[name] for name in recorded_names(self) if name in ctx.params}
        token = _NOW.set(_running(_job_of(ctx), kept))
        try:
            return super().invoke(ctx)
        finally:
            _NOW.reset(token)


def note_store(store: Store) -> None:
    """Take down how far the ledger of a store went when the command that runs read it; the first time counts.

    Commands without a record may call it too.
    """
    from rai_dash.report.run_record import LedgerEnd

    now = _NOW.get(None)
    if now is not None and now.ledger is None:
        last = store.last()
        now.ledger = LedgerEnd(seq=0, hash="") if last is None else LedgerEnd(seq=last.seq, hash=last.hash)


def write_run(result: Mapping[str, Any], out: Path | None, *, indent: int | None = 2) -> None:
    """Write the result of the command that runs, with its record, to a file, or print it.

    Parameters
    ----------
    result : mapping
        What the JSON holds beside the record.
    out : Path or None
        None and ``-`` = print.
    indent : int or None
        As of `json.dumps`.

    Raises
    ------
    InvalidChoice
        When the file cannot be written, or one that was read has changed since.
    """
    write_json(_recorded(result, indent), out)


def run_of_result(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of the command that runs, for a report about its result.

    Raises
    ------
    InvalidChoice
        When a file that was read has changed since.
    """
    from rai_dash.report.run_record import KEY

    record: dict[str, Any] = json.loads(_recorded(result, None))[KEY]
    return record


def _recorded(result: Mapping[str, Any], indent: int | None) -> str:
    from rai_dash.report.run_record import recorded_json

    now = _NOW.get()
    _check_files(now)
    return recorded_json(
        result, job=now.job, parameters=now.parameters, inputs=now.inputs, ledger=now.ledger, indent=indent
    )


def check_run(out: Path | None) -> None:
    """Refuse now what `write_run` would refuse: for commands that write into a store as well.

    Raises
    ------
    InvalidChoice
        When the file cannot be written, or one that was read has changed since.
    """
    _check_files(_NOW.get())
    check_place(out)


def _check_files(now: _Running) -> None:
    changed = next((path for path, before in now.stamps.items() if _stamp(path) != before), None)
    if changed is not None:
        msg = f"`{changed}` was changed while it was being read, so nothing vouches for the result. Run it again."
        raise InvalidChoice(msg)


def _job_of(ctx: typer.Context) -> str:
    """Name the command as it is typed behind ``rai-dash``."""
    names: list[str] = []
    at: Any = ctx
    while at.parent is not None:
        names.append(str(at.info_name))
        at = at.parent
    return " ".join(reversed(names)) or str(ctx.info_name)


def recorded_names(command: TyperCommand) -> tuple[str, ...]:
    """Return the names of the parameters of a command that belong into a record, sorted."""
    return tuple(sorted(str(p.name) for p in command.params if not LEFT_OUT.intersection(p.opts)))


def takes_file(param: Any) -> bool:
    """Whether a parameter of a command is, or may be, a file."""
    kind = param.type_descriptor.annotation
    return param.name in _NAME_OR_FILE or Path in {kind, *get_args(kind)}


def _running(job: str, given: Mapping[str, Any]) -> _Running:
    from rai_dash.report.run_record import RunInput

    found = _Running(job)
    for name, value in given.items():
        read = _as_file(name, value)
        found.parameters[name] = plain(read)
        for key, path in _files(name, read):
            found.stamps[path] = _stamp(path)
            found.inputs[key] = RunInput.of(path)
    return found


def _as_file(name: str, value: object) -> object:
    """Take what may be a name or a file for the file that is there."""
    is_file = name in _NAME_OR_FILE and isinstance(value, str) and Path(value).is_file()
    return Path(str(value)) if is_file else value


def _files(name: str, value: object) -> Iterator[tuple[str, Path]]:
    """Yield the files of an option that are there; other paths are words, such as none."""
    values = value if isinstance(value, (list, tuple)) else [value]
    for place, one in enumerate(values):
        if isinstance(one, Path) and one.exists():
            yield input_name(name, place), one


def input_name(option: str, place: int) -> str:
    """Return what the file of an option is called in a record; ``place`` counts from 0 where it is repeated.

    Examples
    --------
    >>> input_name("other", 0), input_name("other", 1)
    ('other', 'other.2')
    """
    return option if place == 0 else f"{option}.{place + 1}"


def plain(value: object) -> Any:
    """Write the value of an option as JSON has it; a file by its name without the folder."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return value.name.encode("utf-8", "replace").decode()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def _stamp(path: Path) -> _Stamp | None:
    """Return the size and last change of a file; of a folder those of all files in it."""
    try:
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        found = [file.stat() for file in files] or [path.stat()]
    except OSError:
        return None
    return sum(s.st_size for s in found), max(s.st_mtime_ns for s in found)
