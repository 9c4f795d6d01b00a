"""The recipe of a rebalancing: what the cells of outcome and group are to become, and how one says it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.core.words import count, percent
from rai_dash.data.cell_plan import CellTarget
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex, group_index
from rai_dash.data.labels import label_codes, label_text

_NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the training fold is resampled.

    Parameters
    ----------
    by : str or None
        Sensitive column whose groups are crossed with the outcome; None = by outcome alone.
    up, down : float
        Shares of the largest cell, ``up <= down``: smaller cells are topped up to ``up``, larger ones cut to
        ``down``. 0 and 1 = no change, 1 and 1 = all cells as large as the largest.
    seed : int
        Of the draw.
    cells : tuple of CellTarget
        Cells with a target of their own, which goes before ``up`` and ``down``.
    column : str or None
        Column that says which rows, or with which weight, the strategy ``own`` trains on.
    """

    by: str | None
    up: float
    down: float
    seed: int = 0
    cells: tuple[CellTarget, ...] = ()
    column: str | None = None

    @property
    def words(self) -> str:
        """The recipe without its seed, as one says it; names are as in the file."""
        cells = "outcome" if self.by is None else tr("outcome × {by}", by=self.by)
        quick = tr("{cells}, up {up}, down {down}", cells=cells, up=percent(self.up), down=percent(self.down))
        told = [tr("{c} to {amount}", c=c.name, amount=_amount(c)) for c in self.cells[:_NAMED]]
        if len(self.cells) > _NAMED:
            told.append(tr("{cells} more cells of their own", cells=len(self.cells) - _NAMED))
        return ", ".join([quick, *told])

    def to_json(self) -> dict[str, Any]:
        """Return plain values, which `cells_from_json` reads again."""
        cells = [
            {"group": c.group, "label": _OUTCOMES[c.favourable]}
            | ({"rows": c.rows} if c.share is None else {"share": c.share})
            for c in self.cells
        ]
        return {
            "by": self.by, "up": self.up, "down": self.down, "seed": self.seed, "cells": cells, "column": self.column,
        }  # fmt: skip


_OUTCOMES: Final = ("unfavourable", "favourable")


def _amount(cell: CellTarget) -> str:
    return tr("{rows} rows", rows=count(cell.rows or 0)) if cell.share is None else percent(cell.share)


def groups_of(dataset: Dataset, column: str | None) -> GroupIndex | None:
    """Divide the rows of a table by a column as everywhere else; None = no column."""
    return None if column is None else group_index(dataset.frame, column, bins=dataset.roles.bins.get(column))


def is_favourable(dataset: Dataset, label: str) -> bool:
    """Tell the outcome that a label means: a value of the target, else the word favourable or unfavourable.

    Raises
    ------
    InvalidChoice
        When it is neither, or a value that is on neither side.
    """
    target, wanted = dataset.roles.target, label_text(label)
    codes, names = label_codes(dataset.frame[target]) if target else ((), ())
    if target and wanted in names:
        outcome = int(dataset.outcome[codes == names.index(wanted)][0])
        if outcome != UNKNOWN:
            return outcome == FAVOURABLE
    if wanted in _OUTCOMES:
        return wanted == _OUTCOMES[1]
    shown = ", ".join(f"`{n}`" for n in (*names[:10], *_OUTCOMES))
    msg = tr(
        "A cell names the outcome `{label}`, which `{target}` does not have. Choose from: {shown}.",
        label=label,
        target=target,
        shown=shown,
    )
    raise InvalidChoice(msg, code="unknown_cell")


def cell_from_text(dataset: Dataset, text: str) -> CellTarget:
    """Read ``Female|Approved=500`` (rows), ``Female|Approved=80%`` (of the largest cell) or ``Approved=500``.

    Raises
    ------
    InvalidChoice
        When it cannot be read so.
    """
    left, equals, amount = text.rpartition("=")
    group, bar, label = left.rpartition("|")
    shared = amount.strip().endswith("%")
    try:
        number = float(amount.strip().removesuffix("%"))
    except ValueError:
        number = math.nan
    if not equals or not math.isfinite(number) or (not shared and number != int(number)):
        msg = tr(
            "`{text}` is no cell. Write GROUP|LABEL=ROWS or GROUP|LABEL=SHARE%, such as "
            "Female|Approved=500; put awkward names into a JSON file.",
            text=text,
        )
        raise InvalidChoice(msg, code="cell_target")
    given = {"share": number / 100} if shared else {"rows": int(number)}
    return CellTarget(group=group if bar else None, favourable=is_favourable(dataset, label), **given)


def cells_from_json(dataset: Dataset, content: bytes) -> tuple[CellTarget, ...]:
    """Read ``[{"group": ..., "label": ..., "share": ... or "rows": ...}]``; no group = the outcome alone.

    Raises
    ------
    InvalidChoice
        Naming the first entry that cannot be read.
    """
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list):
        msg = 'The cells must be a JSON list such as [{"group": "Female", "label": "Approved", "rows": 500}].'
        raise InvalidChoice(msg, code="cell_target")
    return tuple(_cell_from_json(dataset, entry, place) for place, entry in enumerate(entries, start=1))


def _cell_from_json(dataset: Dataset, entry: object, place: int) -> CellTarget:
    if isinstance(entry, dict) and entry.keys() <= {"group", "label", "share", "rows"} and "label" in entry:
        group, share, rows = (entry.get(k) for k in ("group", "share", "rows"))
        if (
            _is_amount(share, (int, float))
            and _is_amount(rows, (int,))
            and not isinstance(group, (list, dict))
        ):
            label = is_favourable(dataset, label_text(entry["label"]))
            name = None if group is None else label_text(group)
            return CellTarget(group=name, favourable=label, share=share, rows=rows)
    msg = f"Entry {place} of the cells is none: it needs a label, a group, and share or rows (a number)."
    raise InvalidChoice(msg, code="cell_target")


def _is_amount(value: object, kinds: tuple[type, ...]) -> bool:
    return value is None or (isinstance(value, kinds) and not isinstance(value, bool))


def named_cells(dataset: Dataset, texts: Sequence[str], content: bytes | None) -> tuple[CellTarget, ...]:
    """Read cells from a JSON file and from texts; see `cells_from_json` and `cell_from_text`."""
    listed = () if content is None else cells_from_json(dataset, content)
    return (*listed, *(cell_from_text(dataset, text) for text in texts))
