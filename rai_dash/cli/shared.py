"""What several commands share: options, roles, the split, and where the JSON goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rai_dash.cli.reading import BROKEN, MODEL_HELP, TABLE_HELP, read_bytes
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Direction, Roles, ScoreScale

if TYPE_CHECKING:
    import pandas as pd

    from rai_dash.data.dataset import Dataset
    from rai_dash.models.client import Model


Table = Annotated[Path, typer.Argument(help=TABLE_HELP)]
TableOrFolder = Annotated[
    Path, typer.Argument(help=f"{TABLE_HELP} A folder of Parquet or CSV files is one table.")
]
ModelFile = Annotated[Path, typer.Option(help=MODEL_HELP)]
MaybeModel = Annotated[Path | None, typer.Option(help=MODEL_HELP)]
Target = Annotated[str | None, typer.Option(help="Column with the outcome.")]
Favourable = Annotated[
    list[str] | None, typer.Option(help="Value of the target that is good for the applicant.")
]
Sensitive = Annotated[
    list[str] | None, typer.Option(help="Column to compare people by; age:25,35,50 bins a number.")
]
Tolerance = Annotated[float, typer.Option(help="A difference between groups that does not matter.")]
JsonOut = Annotated[Path | None, typer.Option("--json", help="Write the JSON here; - = print it.")]
RolesFile = Annotated[Path | None, typer.Option(help="JSON with all roles, for awkward names.")]
Weight = Annotated[str | None, typer.Option(help="Column with the weight of a row.")]
Split = Annotated[str | None, typer.Option(help="Column that marks the training rows.")]
ModelClass = Annotated[str | None, typer.Option(help="Class of the model that is favourable.")]
MinRows = Annotated[int, typer.Option(min=1, help="Groups with fewer rows enter no gap.")]
ScoreDirection = Annotated[
    Direction | None, typer.Option(help="Which end is good; higher when nothing says otherwise.")
]
ScoreColumn = Annotated[str | None, typer.Option(help="Column with scores, instead of a model.")]
RowId = Annotated[str | None, typer.Option("--id", help="Column that names the row.")]


def roles_of(
    path: Path | None,
    *,
    favourable: Sequence[str] | None = None,
    sensitive: Sequence[str] | None = None,
    direction: Direction | None = None,
    **single: Any,
) -> Roles:
    """Build the roles from the options, over those of a file; what is not said stays as it is there."""
    from rai_dash.data.roles_json import roles_from_json

    base = Roles() if path is None else roles_from_json(read_bytes(path))
    names, bins = [], dict(base.bins)
    for item in sensitive or ():
        column, edges = _bins(item)
        names.append(column)
        if edges:
            bins[column] = edges
    changes: dict[str, Any] = {k: v for k, v in single.items() if v}
    if favourable:
        changes["favourable"] = tuple(favourable)
    if names:
        changes["sensitive"] = tuple(dict.fromkeys(names))
    # A file's scale belongs to the file's score column.
    scale = base.scale if changes.get("score") in {None, base.score} else ScoreScale()
    changes["scale"] = scale if direction is None else replace(scale, direction=direction)
    return base.with_(bins=bins, **changes)


def _bins(item: str) -> tuple[str, tuple[float, ...]]:
    """Read ``age:25,35,50``; a column whose name has a colon and no edges behind it is left alone."""
    column, colon, edges = item.rpartition(":")
    if not colon:
        return item, ()
    try:
        return column, tuple(float(e) for e in edges.split(","))
    except ValueError:
        return item, ()


#: Labels of a split column that mean "the model was trained on this row", in the usual spellings.
_TRAIN_WORDS = frozenset({"train", "training", "fit", "development", "dev"})


def with_split(dataset: Dataset, roles: Roles) -> Dataset:
    """Give a table its roles; find which labels of the split column mean training, where nobody said."""

    def values(column: str) -> pd.Series | None:
        return dataset.frame[column] if column in dataset.columns else None

    return dataset.with_roles(known_split(roles, values))


def known_split(roles: Roles, values: Callable[[str], pd.Series | None]) -> Roles:
    """Say which labels of the split column mean training, where nobody said.

    Parameters
    ----------
    roles : Roles
    values : callable
        Gives the values of a column; None = there is no such column, which another door refuses.

    Raises
    ------
    InvalidChoice
        When no label means training by its name.
    """
    if roles.split is None or roles.split_train:
        return roles
    found = values(roles.split)
    if found is None:
        return roles
    from rai_dash.data.labels import labels

    names = [str(v) for v in labels(found).dropna().unique()]
    train = tuple(v for v in names if v.casefold() in _TRAIN_WORDS)
    if not train:
        msg = (
            f"Which values of `{roles.split}` mean training is not clear: {', '.join(names[:10])}. "
            'Say so in a file for --roles: {"split": ..., "split_train": [...]}.'
        )
        raise InvalidChoice(msg)
    return roles.with_(split_train=train)


def opened(model: Path | None, **how: Any) -> AbstractContextManager[Model | None]:
    """Open a model, to be closed behind it; without a file there is none. ``how``: as for `load_model`."""
    from rai_dash.models.client import load_model

    return nullcontext() if model is None else load_model(model, **how)


def tell_notices(model: Model, dataset: Dataset) -> None:
    """Say on stderr what does not quite fit between a model and a table."""
    for notice in model.match(dataset):
        typer.echo(f"Note: {notice.message}", err=True)


@contextmanager
def written(out: Path) -> Iterator[None]:
    """Tell that a file cannot be written.

    Raises
    ------
    InvalidChoice
        Naming the file.
    """
    try:
        yield
    except OSError as error:
        # pyarrow puts the reason into the text and leaves strerror empty.
        msg = f"`{out}` cannot be written: {error.strerror or error}. Choose another place."
        raise InvalidChoice(msg) from error


def check_place(out: Path | None) -> None:
    """Refuse a file that cannot be written, before anything else is; None and ``-`` = nothing to check.

    Raises
    ------
    InvalidChoice
        Naming the file.
    """
    # Neither a pipe nor a device is opened only to look: somebody may wait at its other end.
    if out is None or str(out) == "-" or (out.exists() and not out.is_file() and not out.is_dir()):
        return
    with written(out):
        place = out.resolve()
        is_new = not place.exists()
        place.open("ab").close()
        if is_new:
            place.unlink()


def write_json(text: str, out: Path | None) -> None:
    """Write a JSON text to a file, or print it; None and ``-`` = print.

    Raises
    ------
    InvalidChoice
        When the file cannot be written.
    """
    if out is None or str(out) == "-":
        typer.echo(text)
        return
    with written(out):
        out.write_text(text + "\n", encoding="utf-8")


def end_with(failures: Sequence[str]) -> None:
    """Say which limits are broken, and end with the status for it; without any, go on."""
    for text in failures:
        typer.echo(f"Limit broken: {text}", err=True)
    if failures:
        raise typer.Exit(BROKEN)


def listed(text: str) -> tuple[str, ...]:
    """Read names with commas between them, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def band_end(text: str) -> float | None:
    """Read an end of a review band; None = open.

    Raises
    ------
    InvalidChoice
        When it is neither a number nor ``none``.
    """
    if text.casefold() == "none":
        return None
    try:
        return float(text)
    except ValueError as error:
        msg = f"`{text}` is not an end of a band. Write a score from 0 to 1, or none."
        raise InvalidChoice(msg) from error


# --- tables of any size: `rai_dash.cli.tables` opens them by these options ---

SparkMaster = Annotated[
    str | None, typer.Option(help="Master of the Spark session, such as local[2]; all cores here by default.")
]
SparkRemote = Annotated[str | None, typer.Option(help="Address of a Spark Connect server: sc://HOST:15002.")]
WhereItLies = Annotated[
    bool,
    typer.Option(
        "--portfolio", help="Count the table where it lies, however small; folders and large files always."
    ),
]
ScoresFolder = Annotated[
    Path | None, typer.Option("--scores", help="Folder that rai-dash score wrote for this table.")
]
WorkFolder = Annotated[
    Path | None,
    typer.Option(
        "--work", help="Folder for finished parts of the work: a run that was ended goes on from them."
    ),
]
