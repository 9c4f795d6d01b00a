"""Names of columns over the parts of a table: none twice, none lacking, and what only some parts have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.columns import closest_names

_SHOWN: Final = 3


def check_names(part: str, names: Sequence[str]) -> None:
    """Refuse names that the engine takes for one, or for none.

    Raises
    ------
    UnreadableFile
        Code ``same_names`` or ``no_name``.
    """
    seen: dict[str, str] = {}
    for name in names:
        if not name:
            msg = tr("The part `{part}` has a column without a name. Give it one.", part=part)
            raise UnreadableFile(msg, code="no_name")
        twin = seen.get(name.casefold())
        if twin is not None:
            how = "twice" if twin == name else f"and `{twin}`, which differ by their case only"
            msg = tr(
                "The part `{part}` has the column `{name}` {how}. Rename one, so that no role names the "
                "wrong one.",
                part=part,
                name=name,
                how=how,
            )
            raise UnreadableFile(msg, code="same_names")
        seen[name.casefold()] = name


def check_free(part: str, names: Sequence[str], taken: str) -> None:
    """Refuse a column that has a name which the engine needs for itself.

    Raises
    ------
    UnreadableFile
        Code ``taken_name``.
    """
    if hit := next((name for name in names if name.casefold() == taken), None):
        msg = tr(
            "The part `{part}` has a column `{hit}`, a name that the engine gives the place of each row. "
            "Rename it.",
            part=part,
            hit=hit,
        )
        raise UnreadableFile(msg, code="taken_name")


def check_has_all(part: str, names: Sequence[str], first_part: str, wanted: Sequence[str]) -> None:
    """Refuse a part that lacks a column of the first.

    Raises
    ------
    UnreadableFile
        Code ``unlike_parts``; names the part, the column and the closest name there.
    """
    have = set(names)
    lacking = next((name for name in wanted if name not in have), None)
    if lacking is None:
        return
    close = closest_names(lacking, [n for n in names if n not in set(wanted)])
    hint = f" Closest name there: `{close[0]}`." if close else ""
    msg = tr(
        "The part `{part}` has no column `{lacking}`, which `{first_part}` has.{hint} Write all parts "
        "with the same columns, and keep other files out of the folder.",
        part=part,
        lacking=lacking,
        first_part=first_part,
        hint=hint,
    )
    raise UnreadableFile(msg, code="unlike_parts")


def extra_columns(
    parts: Sequence[str], wanted: Sequence[str], names: Sequence[Sequence[str]]
) -> tuple[Notice, ...]:
    """Say which columns only some parts have: they are not read."""
    where: dict[str, str] = {}
    known = set(wanted)
    for part, found in zip(parts, names, strict=True):
        for name in found:
            if name not in known:
                where.setdefault(name, part)
    if not where:
        return ()
    listed = ", ".join(f"`{n}` (in `{part}`)" for n, part in list(where.items())[:_SHOWN])
    more = f" and {len(where) - _SHOWN:,} more" if len(where) > _SHOWN else ""
    msg = tr(
        "Columns that the first part does not have are left out: {listed}{more}.", listed=listed, more=more
    )
    return (Notice("extra_column", msg),)
