"""What a JSON of ours rests on: data, model, parameters, program and settings, so that it can be made again.

Nothing in a record says when, where or by whom something was counted, so that equal inputs give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from rai_dash.core.errors import InvalidRecord, UnreadableFile
from rai_dash.core.files import read_limited
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern._strict_json import strict_json
from rai_dash.govern.program import Program

SCHEMA: Final = "rai-dash/run/1"
#: Where a JSON keeps its record.
KEY: Final = "run"
#: Settings of the operator that can change what comes out; places, people and dates are no part of a result.
SETTINGS: Final = (
    "audit_sample_rate",
    "call_timeout_s",
    "keep_batch_rows",
    "most_sample_rows",
    "sample_rows",
    "second_read_rate",
    "smallest_export_cell",
    "worker_mem_gb",
)
_SEEDS: Final = ("seed", "seeds")
_PARTS: Final = ("parameters", "inputs", "program", "settings", "seeds")
_TEXTS: Final = ("job", "result_sha256")
_DEEPEST: Final = 64
_MAKE_AGAIN: Final = "Write it again with a command of rai-dash and --json."


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """A file that a run read, or a folder that is one table.

    Parameters
    ----------
    file : str
        Its name without the folder that it lies in.
    sha256 : str or None
        Of its bytes, of a folder see `input_sha256`; None = neither, so that nothing vouches for what was read.
    size : int or None
        Bytes.
    """

    file: str
    sha256: str | None
    size: int | None

    @classmethod
    def of(cls, path: Path) -> Self:
        """Describe a file; what is none, or larger than any file that is read, has no hash."""
        name = path.name.encode("utf-8", "replace").decode()
        if path.is_dir():
            return cls(file=name, sha256=input_sha256(path), size=None)
        size = path.stat().st_size if path.is_file() else None
        if size is None or size > get_settings().max_file_mb * 2**20:
            return cls(file=name, sha256=None, size=None)
        return cls(file=name, sha256=file_sha256(path), size=size)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEnd:
    """How far the ledger of a store went when a run read it.

    Parameters
    ----------
    seq : int
        Number of its last record; 0 = it was empty.
    hash : str
        Of that record; it stands for all before it.
    """

    seq: int
    hash: str


def input_sha256(path: Path) -> str | None:
    """Return what vouches for an input: of a file the sha256 of its bytes, of a folder that of a table of its files.

    Returns
    -------
    str or None
        Of a folder `rai_dash.data.portfolio.opening.fingerprint_place`; None where it holds no table.
    """
    if path.is_file():
        return file_sha256(path)
    from rai_dash.data.portfolio.opening import fingerprint_place
    from rai_dash.data.portfolio.places import find_place

    try:
        return fingerprint_place(find_place(path))
    except UnreadableFile:
        return None


def file_sha256(path: Path) -> str:
    """Return the sha256 of the bytes of a file in hex.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a command, as its JSON tells it.

    Parameters
    ----------
    job : str
        The command, for example ``audit``.
    parameters : mapping
        Every option, given or by default, as plain values; files by their name.
    inputs : mapping of str to RunInput
        The files that were read, by option; the second file of an option that was repeated is ``NAME.2``.
    program : mapping
        See `rai_dash.govern.program.Program`.
    settings : mapping
        The `SETTINGS` of the operator.
    seeds : mapping
        What was drawn from; empty where the command draws nothing or takes no seed.
    ledger : LedgerEnd or None
        What was read of a store; None = the run read none.
    result_sha256 : str
        Of the result, without the record, in sorted JSON.
    result : mapping
        The JSON without the record.
    """

    job: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, RunInput]
    program: Mapping[str, Any]
    settings: Mapping[str, Any]
    seeds: Mapping[str, Any]
    result_sha256: str
    result: Mapping[str, Any]
    ledger: LedgerEnd | None = None

    @property
    def is_untouched(self) -> bool:
        """Whether the result is the one that the record was written for."""
        return fingerprint_value(self.result) == self.result_sha256

    @property
    def schema(self) -> str:
        """What kind of result it is; empty where it does not say."""
        return str(self.result.get("schema", ""))


def recorded_json(
    result: Mapping[str, Any],
    *,
    job: str,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, RunInput],
    ledger: LedgerEnd | None = None,
    indent: int | None = 2,
) -> str:
    """Write a result with the record of its run under ``run``.

    Parameters
    ----------
    result : mapping
        Values that JSON can write; undefined numbers are None.
    job, parameters, inputs, ledger
        See `Run`.
    indent : int or None
        As of `json.dumps`.

    Raises
    ------
    ValueError
        For NaN and infinity.
    """
    # As it will be read back: tuples are lists by then, and keys texts.
    plain = json.loads(json.dumps(dict(result), ensure_ascii=False, allow_nan=False))
    settings = get_settings()
    record = {
        "schema": SCHEMA,
        "job": job,
        "parameters": dict(parameters),
        "inputs": {name: asdict(one) for name, one in inputs.items()},
        "program": Program.here().model_dump(mode="json"),
        "settings": {name: getattr(settings, name) for name in SETTINGS},
        "seeds": {name: parameters[name] for name in _SEEDS if name in parameters},
        "result_sha256": fingerprint_value(plain),
    }
    if ledger is not None:
        record["ledger"] = asdict(ledger)
    return json.dumps({**plain, KEY: record}, ensure_ascii=False, indent=indent, allow_nan=False)


def read_run(source: str | Path | bytes) -> Run:
    """Read a JSON of ours and its record.

    Parameters
    ----------
    source : path or bytes
        What a command wrote with ``--json``.

    Raises
    ------
    InvalidRecord
        When it is no JSON, holds no record, or one that lacks something.
    """
    name = "The file" if isinstance(source, bytes) else f"`{source}`"
    raw = read_limited(source, get_settings().max_file_mb, error=InvalidRecord)
    try:
        content = strict_json(raw)
    except (ValueError, RecursionError) as error:
        msg = tr(
            "{name} is not JSON that can be read: {split}. {make_again}",
            name=name,
            split=" ".join(str(error).split())[:200],
            make_again=_MAKE_AGAIN,
        )
        raise InvalidRecord(msg) from error
    require_shallow(content, name)
    return run_of(content, name)


def require_shallow(content: object, name: str) -> None:
    """Refuse JSON that is nested deeper than any of ours, which could exhaust whoever walks through it.

    Raises
    ------
    InvalidRecord
        With ``name`` as what the file is called.
    """
    level = _inside(content)
    for _ in range(_DEEPEST):
        if not level:
            return
        level = [child for one in level for child in _inside(one)]
    msg = tr(
        "{name} is nested more than {deepest} levels deep, which no JSON of ours is. {make_again}",
        name=name,
        deepest=_DEEPEST,
        make_again=_MAKE_AGAIN,
    )
    raise InvalidRecord(msg)


def _inside(content: object) -> list[object]:
    """Return the objects and lists that stand directly in a JSON value."""
    found: Iterable[object] = ()
    if isinstance(content, Mapping):
        found = content.values()
    elif isinstance(content, list):
        found = content
    return [one for one in found if isinstance(one, (Mapping, list))]


def is_recorded(content: object) -> bool:
    """Whether a JSON value holds the record of a run."""
    return isinstance(content, Mapping) and isinstance(content.get(KEY), Mapping)


def run_of(content: object, name: str = "The file") -> Run:
    """Read the record of a JSON value; ``name`` is how a refusal calls it.

    Raises
    ------
    InvalidRecord
        When there is no record, or it lacks something.
    """
    if not isinstance(content, Mapping) or not is_recorded(content):
        msg = tr(
            "{name} holds no record of a run (`{key}`), so nothing says how it was made. {make_again}",
            name=name,
            key=KEY,
            make_again=_MAKE_AGAIN,
        )
        raise InvalidRecord(msg)
    record = content[KEY]
    if record.get("schema") != SCHEMA:
        msg = tr(
            "{name} holds a record of another form than {schema}. Use the version of rai-dash that wrote it.",
            name=name,
            schema=SCHEMA,
        )
        raise InvalidRecord(msg)
    wrong = [key for key in _PARTS if not isinstance(record.get(key), Mapping)]
    wrong += [key for key in _TEXTS if not isinstance(record.get(key), str) or not record[key]]
    if wrong:
        msg = tr(
            "The record in {name} lacks `{wrong}`, so that the run cannot be made again. {make_again}",
            name=name,
            wrong=wrong[0],
            make_again=_MAKE_AGAIN,
        )
        raise InvalidRecord(msg)
    return Run(
        job=record["job"],
        parameters=record["parameters"],
        inputs={str(key): _input(value, name) for key, value in record["inputs"].items()},
        program=record["program"],
        settings=record["settings"],
        seeds=record["seeds"],
        result_sha256=record["result_sha256"],
        result={key: value for key, value in content.items() if key != KEY},
        ledger=_ledger(record.get("ledger"), name),
    )


def _ledger(given: object, name: str) -> LedgerEnd | None:
    if given is None:
        return None
    found = given if isinstance(given, Mapping) else {}
    seq, at = found.get("seq"), found.get("hash")
    if not isinstance(seq, int) or isinstance(seq, bool) or seq < 0 or not isinstance(at, str):
        msg = tr(
            "The record in {name} says of a store what makes no sense. {make_again}",
            name=name,
            make_again=_MAKE_AGAIN,
        )
        raise InvalidRecord(msg)
    return LedgerEnd(seq=seq, hash=at)


def _input(given: object, name: str) -> RunInput:
    found = given if isinstance(given, Mapping) else {}
    file, sha256, size = (found.get(key) for key in ("file", "sha256", "size"))
    is_text = isinstance(file, str) and bool(file)
    if not is_text or not isinstance(sha256, str | None) or not isinstance(size, int | None):
        msg = tr(
            "The record in {name} names an input that makes no sense. {make_again}",
            name=name,
            make_again=_MAKE_AGAIN,
        )
        raise InvalidRecord(msg)
    return RunInput(file=str(file), sha256=sha256, size=size)
