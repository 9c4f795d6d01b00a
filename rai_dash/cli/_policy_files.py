"""Tables of scores that a policy routes, and the files that it is written to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from rai_dash.cli.band_files import write_table
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.words import count

if TYPE_CHECKING:
    import pandas as pd

    from rai_dash.core.types import Notice
    from rai_dash.govern.policy_export import PolicyFile
    from rai_dash.review.exported import RowRoutes

_SHADOW: Final = "shadow"


def moment_of(text: str | None) -> datetime:
    """Read a moment; None = now, and one without a zone is in UTC.

    Raises
    ------
    InvalidChoice
        When it is none.
    """
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        msg = f"--at {text} is not a moment. Write it like 2026-11-29T14:05:06Z."
        raise InvalidChoice(msg) from error


def score_column(frame: pd.DataFrame, policy: PolicyFile, *, named: str | None, key: str | None) -> str:
    """Find the column with the scores: the one named, that of the policy, ``score``, else the only one of numbers.

    Parameters
    ----------
    frame : DataFrame
        The table.
    policy : PolicyFile
        Its conditions' columns are no scores.
    named, key : str or None
        What the user says it is, and the column of names, which it is not.

    Raises
    ------
    MissingColumn
        When the named column is not there.
    InvalidChoice
        When none stands out, or it holds texts.
    """
    from rai_dash.data.columns import is_number, require_columns

    candidates = (named,) if named is not None else (policy.score_column, "score")
    found = next((c for c in candidates if c is not None and (named is not None or c in frame.columns)), None)
    if found is None:
        taken = {key, *policy.columns}
        of_numbers = [str(c) for c in frame.columns if is_number(frame[c]) and c not in taken]
        if len(of_numbers) != 1:
            which = f"{len(of_numbers) or 'no'} columns of numbers"
            msg = f"Which column holds the scores? None is called `score`, and there are {which}. Say --score-column."
            raise InvalidChoice(msg)
        found = of_numbers[0]
    require_columns(frame, [found])
    series = frame[found]
    if not is_number(series) and not series.isna().all():
        msg = (
            f"The column `{found}` holds texts, so there are no scores in it. Name another by --score-column."
        )
        raise InvalidChoice(msg)
    return found


def check_names(notices: Iterable[Notice], used: Container[str | None]) -> None:
    """Refuse a table in which a name that routes are made by belongs to two columns.

    Raises
    ------
    InvalidChoice
        Naming the column.
    """
    for notice in notices:
        name = str(notice.column).rpartition(" (")[0]
        if notice.code == "duplicate_name" and name in used:
            msg = f"Two columns are called `{name}`, and the routes hang on which one is meant. Rename one of them."
            raise InvalidChoice(msg)


def routed_table(
    frame: pd.DataFrame, policy: PolicyFile, *, score: str, key: str | None, at: datetime
) -> pd.DataFrame:
    """Route the rows of a table.

    Returns
    -------
    DataFrame
        ``id`` where there is a column of names, ``row`` (from 0), ``score`` as float64, ``route``, ``reason``; in the
        shadow also ``shadow_route, shadow_reason``: what the band would have done.
    """
    import numpy as np
    import pandas as pd

    from rai_dash.data.columns import require_columns

    require_columns(frame, [*policy.columns, *([] if key is None else [key])])
    values = frame[score].to_numpy(dtype=np.float64, na_value=np.nan)
    keys = None if key is None else frame[key].tolist()
    routes = policy.routes(values, frame, at=at, keys=keys)
    columns: dict[str, object] = {} if key is None else {"id": frame[key].reset_index(drop=True)}
    columns |= {"row": np.arange(len(frame)), "score": values, **_named(routes)}
    if _SHADOW in routes.reason_names:
        columns |= {f"{_SHADOW}_{n}": told for n, told in _named(policy.computed(values, frame)).items()}
    return pd.DataFrame(columns)


def _named(routes: RowRoutes) -> dict[str, pd.Series]:
    import pandas as pd

    return {
        "route": pd.Series(routes.route_names, dtype="str"),
        "reason": pd.Series(routes.reason_names, dtype="str"),
    }


def write_routed(table: pd.DataFrame, out: Path | None) -> None:
    """Write routes as CSV or Parquet, or print them as CSV."""
    if out is not None:
        write_table(table, out)
        return
    from rai_dash.report.tables import csv_bytes

    typer.echo(csv_bytes(table).decode("utf-8-sig"), nl=False)


def told(policy: PolicyFile, table: pd.DataFrame, *, at: datetime) -> Iterator[str]:
    """Say how many rows go where, and what a reader must know, a sentence each."""
    found = Counter(table["route"])
    reasons = Counter(table.loc[table["route"] == "review", "reason"])
    routes = ", ".join(f"{route} {count(found[route])}" for route in ("approve", "reject", "review"))
    why = ", ".join(f"{reason} {count(n)}" for reason, n in reasons.most_common())
    yield f"{count(len(table))} rows: {routes}{f' ({why})' if why else ''}."
    standing, terms = policy.standing, policy.terms
    if standing is None or terms is None:
        yield "This policy is not signed: nobody has approved these routes."
        return
    if not policy.has_ledger:
        yield "The file holds no signed records, so nothing in it shows that it was signed as it says."
    reason = terms.outside(at)
    yield from [_OUTSIDE[reason]] if reason is not None else []
    if terms.stage == "share" and reason is None:
        others = standing.in_force_beside
        yield (
            f"The policy decides about {100 * float(terms.share or 0.0):g} % of the applications; "
            + ("the others go to a person." if others is None else f"route the others by version {others}.")
        )


_OUTSIDE: Final = {
    "policy_not_in_force": "The policy is not in force: everything goes to a person.",
    "policy_expired": "The policy has expired: everything goes to a person.",
    "shadow": "The policy runs in the shadow: everything goes to a person, and what it would do stands beside it.",
}
