"""The rows of the cases of a queue as bytes beside the chain, and back; they have an end."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.core.types import Roles
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex, group_index
from rai_dash.data.roles_json import roles_from_json, roles_to_json

_ABOUT = b"rai-dash"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseRows:
    """What is kept of the cases, in the order of their numbers.

    Parameters
    ----------
    frame : DataFrame (cases, columns)
        As they were in the batch.
    roles : Roles
        Of the batch.
    row : int64 (cases,)
        Position in the batch.
    score : float64 (cases,)
        NaN = no score.
    outcome : int8 (cases,)
        0 unfavourable, 1 favourable, 2 not known when the queue was filled.
    groups : mapping of str to GroupIndex
        By sensitive column, as the batch was divided.
    """

    frame: pd.DataFrame
    roles: Roles
    row: NDArray[np.int64]
    score: NDArray[np.float64]
    outcome: NDArray[np.int8]
    groups: dict[str, GroupIndex]

    @property
    def shown(self) -> tuple[str, ...]:
        """Columns that a reviewer may see before deciding, see `hidden`."""
        out = hidden(self.roles)
        return tuple(c for c in self.frame.columns if c not in out)

    def without_values(self) -> CaseRows:
        """Return what is counted by, roles, groups and outcomes, without the applications and their scores."""
        nothing = np.full(self.score.shape, np.nan)
        return replace(self, frame=pd.DataFrame(index=self.frame.index), score=nothing)


def hidden(roles: Roles) -> frozenset[str]:
    """Name the columns that a reviewer does not see.

    They are what gives the answer away (outcome, score, split, weight), and what nobody may decide by (the sensitive
    columns).
    """
    named = {roles.target, roles.score, roles.split, roles.weight, *roles.sensitive}
    return frozenset(name for name in named if name is not None)


def rows_of(dataset: Dataset, score: NDArray[np.float64], positions: NDArray[np.intp]) -> CaseRows:
    """Take the rows of some cases out of a batch.

    Parameters
    ----------
    dataset : Dataset
        The batch, n rows.
    score : float64 (n,)
    positions : int (cases,)
        In the order of the case numbers.
    """
    roles, groups = dataset.roles, {}
    for column in roles.sensitive:
        whole = group_index(dataset.frame, column, bins=roles.bins.get(column))
        groups[column] = GroupIndex(column, whole.groups, whole.codes[positions])
    return CaseRows(
        frame=dataset.frame.iloc[positions].reset_index(drop=True),
        roles=roles,
        row=positions.astype(np.int64),
        score=np.asarray(score, dtype=np.float64)[positions],
        outcome=dataset.outcome[positions],
        groups=groups,
    )


def packed(rows: CaseRows) -> bytes:
    """Write rows as Parquet. Columns are numbered, so that no name of a file can meet one of ours."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {f"v{i}": rows.frame.iloc[:, i] for i in range(rows.frame.shape[1])}
    columns |= {f"g{i}": pd.Series(index.codes) for i, index in enumerate(rows.groups.values())}
    own = {"row": rows.row, "score": rows.score, "outcome": rows.outcome}
    about = {
        "columns": list(rows.frame.columns),
        "roles": roles_to_json(rows.roles),
        "groups": {name: list(index.groups) for name, index in rows.groups.items()},
    }
    table = pa.Table.from_pandas(pd.DataFrame({**columns, **own}), preserve_index=False)
    table = table.replace_schema_metadata(
        {**(table.schema.metadata or {}), _ABOUT: json.dumps(about).encode()}
    )
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def unpacked(content: bytes) -> CaseRows:
    """Read rows back.

    Raises
    ------
    LedgerBroken
        When it is nothing that `packed` wrote.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content))
        about = json.loads((table.schema.metadata or {})[_ABOUT])
        frame = table.to_pandas()
        columns = list(about["columns"])
        values = pd.DataFrame({name: frame[f"v{i}"] for i, name in enumerate(columns)}, index=frame.index)
        groups = {
            name: GroupIndex(name, tuple(names), frame[f"g{i}"].to_numpy(np.int32))
            for i, (name, names) in enumerate(about["groups"].items())
        }
        return CaseRows(
            frame=values,
            roles=roles_from_json(about["roles"]),
            row=frame["row"].to_numpy(np.int64),
            score=frame["score"].to_numpy(np.float64),
            outcome=frame["outcome"].to_numpy(np.int8),
            groups=groups,
        )
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        msg = tr("The kept rows of a review queue cannot be read: the store was changed. Verify it.")
        raise LedgerBroken(msg) from error
