"""``rai-dash changed``: two of anything side by side, data, models, policies, batches or runs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rai_dash.cli.reading import Reading, options_of
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    ModelClass,
    RolesFile,
    RowId,
    ScoreDirection,
    Sensitive,
    Split,
    Target,
    Weight,
    roles_of,
    with_split,
)
from rai_dash.core.errors import InvalidChoice, RefusedModel, UnreadableFile
from rai_dash.core.types import Roles
from rai_dash.core.words import one_line

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset
    from rai_dash.data.options import ReadOptions

_HELP = "Data, a model, a policy, or a JSON that a command wrote; both of one kind."


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    """How files are opened."""

    roles: Roles
    options: ReadOptions | None
    model_class: str | None


def changed(  # noqa: PLR0917
    first: Annotated[Path, typer.Argument(help=f"Then. {_HELP}")],
    second: Annotated[Path, typer.Argument(help="Now.")],
    data: Annotated[
        Path | None, typer.Option(help="For two models: rows that both score, for the decisions that flip.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="For two models: favourable from this score.")
    ] = 0.5,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    row_id: RowId = None,
    score_column: Annotated[str | None, typer.Option(help="Column with scores.")] = None,
    score_direction: ScoreDirection = None,
    weight: Weight = None,
    split: Split = None,
    roles: RolesFile = None,
    json_out: JsonOut = None,
    model_class: ModelClass = None,
    read: Reading = None,
) -> None:
    """Say what changed from one thing to another: in words first, with --json all numbers."""
    from rai_dash.report.changed import changed as compare
    from rai_dash.report.changed import kind_of

    given = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive,
        direction=score_direction, weight=weight, split=split, id=row_id, score=score_column,
    )  # fmt: skip
    how = _How(roles=given, options=options_of(read), model_class=model_class)
    with ExitStack() as open_models:
        things = [_opened(path, how, open_models) for path in (first, second)]
        rows = None
        if data is not None:
            if kind_of(things[0]) != "model":
                msg = "--data is for two models: rows that both score. Leave it out."
                raise InvalidChoice(msg)
            rows = _table(data, how)
        found = compare(things[0], things[1], data=rows, threshold=threshold, names=(first.name, second.name))
    if json_out is None:
        for line in lines_of(found):
            typer.echo(line)
    else:
        write_run(found.content, json_out)


def lines_of(found: Any) -> list[str]:
    """Write what changed as text, the headline first; names from files may not steer a terminal."""
    from rai_dash.report.changed import AREAS

    said = [found.headline]
    for area in found.areas:
        said += ["", AREAS[area]]
        said += [f"- {item.words}" for item in found.of(area)]
    said += ["", *(f"Note: {note}" for note in found.notes)] if found.notes else []
    return [one_line(line) for line in said]


def _opened(path: Path, how: _How, open_models: ExitStack) -> Any:
    """Open a file as what its content says it is."""
    from rai_dash.core.files import read_limited
    from rai_dash.core.settings import get_settings
    from rai_dash.models.sniff import sniff_model
    from rai_dash.report.changed.files import read_ours

    content = read_limited(path, get_settings().max_file_mb, error=UnreadableFile)
    ours = read_ours(content, f"`{path}`") if content.lstrip()[:1] == b"{" else None
    if ours is not None:
        return ours
    if sniff_model(content) is not None:
        from rai_dash.models.client import load_model

        try:
            model = load_model(path, model_class=how.model_class, favourable=how.roles.favourable or None)
        except RefusedModel as error:
            msg = f"`{path}` is nothing that can be compared. {error.message}"
            raise RefusedModel(msg, code=error.code) from error
        return open_models.enter_context(model)
    return _table(path, how)


def _table(path: Path, how: _How) -> Dataset:
    """Read a table; roles whose column it does not have are left out, as outcomes of new applications may be."""
    from rai_dash.data.read import read_dataset

    dataset = read_dataset(path, options=how.options)
    return with_split(dataset, roles_there(how.roles, dataset.columns))


def roles_there(roles: Roles, columns: tuple[str, ...]) -> Roles:
    """Leave out the roles of columns that a table does not have."""
    there = set(columns)
    single = ("target", "id", "amount", "time", "weight", "split", "score")
    lost: dict[str, Any] = {name: None for name in single if getattr(roles, name) not in there}
    if "target" in lost:
        lost |= {"favourable": (), "unfavourable": ()}
    if "split" in lost:
        lost["split_train"] = ()
    many = {
        name: tuple(c for c in getattr(roles, name) if c in there)
        for name in ("sensitive", "features", "ignored")
    }
    return roles.with_(**lost, **many, bins={c: e for c, e in roles.bins.items() if c in there})
