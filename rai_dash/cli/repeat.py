"""``rai-dash repeat``: make a run again from the record in its JSON, and say whether it gives the same."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rai_dash.cli.running import Recorded, input_name, recorded_names, takes_file
from rai_dash.cli.shared import written
from rai_dash.core.errors import InvalidChoice, InvalidRecord

if TYPE_CHECKING:
    from rai_dash.report.run_record import Run, RunInput

_DIFFERENT = 1


def repeat(
    run: Annotated[Path, typer.Argument(help="JSON that a command wrote.")],
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="NAME=FILE",
            help="Where an input is now; else beside the JSON, or here. Repeat it.",
        ),
    ] = None,
    store: Annotated[
        str, typer.Option(help="For a run on a store: SQLite file or database URL; else the configured one.")
    ] = "",
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Write the new JSON here; - = print it.")
    ] = None,
) -> None:
    """Make a run again from its record; exit status 0: identical, 1: different, 2: refused."""
    from rai_dash.report.changed.repeated import repeated
    from rai_dash.report.run_record import read_run

    before = read_run(run)
    text = _again(before, _found(before, run.parent, _places(given or ())), store)
    if str(json_out) == "-":
        typer.echo(text, nl=False)
    elif json_out is not None:
        with written(json_out):
            json_out.write_text(text, encoding="utf-8")
    same_bytes = run.read_bytes() == text.encode()
    found = repeated(
        before, read_run(text.encode()), same_bytes=same_bytes, is_continued=_is_continued(before, store)
    )
    for sentence in found.sentences():
        typer.echo(" ".join(sentence.split()), err=str(json_out) == "-")
    if not found.is_identical:
        raise typer.Exit(_DIFFERENT)


def _is_continued(run: Run, store: str) -> bool | None:
    """Whether the store of now has the record that was the last one then; None where the run read no store."""
    from rai_dash.core.errors import RaiError
    from rai_dash.govern.store import Store

    if run.ledger is None:
        return None
    if run.ledger.seq == 0:
        return True
    with Store(store or None) as opened:
        try:
            return opened.get(run.ledger.seq).hash == run.ledger.hash
        except RaiError:
            return False


def _places(items: Sequence[str]) -> dict[str, Path]:
    found = {}
    for item in items:
        name, sign, path = item.partition("=")
        if not sign or not name or not path:
            msg = f"--input {item} is not NAME=FILE. Write for example --input data=loans.csv."
            raise InvalidChoice(msg)
        found[name] = Path(path)
    return found


def _found(run: Run, beside: Path, given: Mapping[str, Path]) -> dict[str, Path]:
    """Find every input with the bytes that it had."""
    unknown = sorted(given.keys() - run.inputs.keys())
    if unknown:
        names = ", ".join(run.inputs) or "none"
        msg = f"--input {unknown[0]} is no input of this run. Its inputs are: {names}."
        raise InvalidChoice(msg)
    return {name: _same_file(name, one, beside, given.get(name)) for name, one in run.inputs.items()}


def _same_file(name: str, one: RunInput, beside: Path, given: Path | None) -> Path:
    from rai_dash.report.run_record import input_sha256

    if one.sha256 is None:
        msg = f"The record holds no hash of the input `{name}` ({one.file}), so that the run cannot be made again."
        raise InvalidRecord(msg)
    # A record may come from somebody else: only the name of a file is taken from it, never a folder.
    own = Path(one.file).name
    places = [given] if given is not None else [beside / own, Path(own)]
    there = [place for place in places if place.is_file() or place.is_dir()]
    if not there:
        msg = f"The input `{name}` is not there: no file `{places[0]}`. Say where it is: --input {name}=FILE."
        raise InvalidChoice(msg)
    same = next((place for place in there if input_sha256(place) == one.sha256), None)
    if same is None:
        msg = (
            f"The input `{name}` is another file than in the run: `{there[0]}` does not have the hash "
            f"{one.sha256[:12]}… of the record. Give the file of then: --input {name}=FILE."
        )
        raise InvalidChoice(msg)
    return same


def _again(run: Run, files: Mapping[str, Path], store: str) -> str:
    """Run the same command with the same options, and return what it writes."""
    from rai_dash.cli.app import app

    group: Any = typer.main.get_command(app)
    command = group
    for name in run.job.split(" "):
        command = getattr(command, "commands", {}).get(name)
    if not isinstance(command, Recorded):
        msg = f"The record names the command `{run.job}`, which this version does not have or cannot repeat."
        raise InvalidRecord(msg)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "again.json"
        into = ["--json"] if _prints(command) else ["--json", str(out)]
        there = ["--store", store] if store else []
        options = _arguments(command, run, _renamed(run, files, folder))
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            group.main(
                args=[*run.job.split(" "), *into, *there, *options],
                prog_name="rai-dash",
                standalone_mode=False,
            )
        return printed.getvalue() if _prints(command) else out.read_text(encoding="utf-8")


def _prints(command: Recorded) -> bool:
    """Whether ``--json`` of a command only says that JSON is to be printed, and names no file."""
    return any("--json" in p.opts and getattr(p, "is_flag", False) for p in command.params)


def _renamed(run: Run, files: Mapping[str, Path], folder: str) -> dict[str, str]:
    """Call every input as it was called then: its name is a part of what is written."""
    found = {}
    for place, (name, path) in enumerate(files.items()):
        own = Path(run.inputs[name].file).name
        if path.name != own:
            link = Path(folder) / str(place) / own
            link.parent.mkdir()
            link.symlink_to(path.resolve())
            path = link  # noqa: PLW2901 - the file under its old name
        found[name] = str(path)
    return found


def _arguments(command: Any, run: Run, files: Mapping[str, str]) -> list[str]:
    """Write the options of a record as they are typed; positional ones last, so that none is taken for an option."""
    options: list[str] = []
    positional: list[str] = []
    names = recorded_names(command)
    unknown = sorted(run.parameters.keys() - set(names))
    if unknown:
        msg = f"The record names the option `{unknown[0]}`, which this version of `{run.job}` does not have."
        raise InvalidRecord(msg)
    for param in command.params:
        if param.name not in names or param.name not in run.parameters:
            continue
        value = _with_files(param.name, run.parameters[param.name], files)
        if takes_file(param):
            _refuse_others(param.name, value, set(files.values()))
        if param.param_type_name == "argument":
            positional += [_word(one) for one in _many(value)]
        else:
            options += _option(param, value)
    return [*options, "--", *positional]


def _with_files(name: str, value: object, files: Mapping[str, str]) -> object:
    """Put the places of files where the record has their names."""
    if isinstance(value, list):
        return [files.get(input_name(name, place), one) for place, one in enumerate(value)]
    return files.get(name, value)


def _refuse_others(name: str, value: object, files: Collection[str]) -> None:
    """Refuse a file that is none of the inputs: whoever wrote the record would have any file of this machine read."""
    for one in _many(value):
        if not isinstance(one, str) or one in files:
            continue
        if Path(one).name != one or Path(one).exists():
            msg = (
                f"The record names the file `{one}` for `{name}`, and has no hash of it among its inputs. Make the run "
                "again by hand."
            )
            raise InvalidRecord(msg)


def _option(param: Any, value: object) -> Iterator[str] | list[str]:
    flag = max(param.opts, key=len)
    if isinstance(value, bool):
        off = max(param.secondary_opts, key=len, default=None)
        return [flag] if value else [off] if off is not None else []
    if param.nargs != 1:
        return [] if value is None else [flag, *(_word(one) for one in _many(value))]
    return [f"{flag}={_word(one)}" for one in _many(value)]


def _many(value: object) -> Sequence[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _word(value: object) -> str:
    """Write one value so that it is read back the same."""
    if isinstance(value, (str, int, float)):
        return repr(value) if isinstance(value, float) else str(value)
    msg = "The record holds an option that is neither text nor number. Make the run again by hand."
    raise InvalidRecord(msg)
