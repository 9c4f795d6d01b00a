"""Targets of cells as they travel in the address: places of outcome and group, never a name or a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rai_dash.core.fingerprint import fingerprint_value

#: Outcome (0, 1), place of the group, target in thousandths of the largest cell.
_CODE: Final = re.compile(r"([01])\.([0-9]{1,3})\.([0-9]{1,4})")
MOST: Final = 1000
#: A cell is named by whether it is favourable and by the place of its group.
Place = tuple[bool, int]


def _mark(column: str, groups: Sequence[str]) -> str:
    """Mark which groups the places count: with other groups they would mean other people."""
    return fingerprint_value([column, list(groups)])[:6]


def write_cells(column: str, groups: Sequence[str], targets: Mapping[Place, int]) -> str:
    """Write targets in thousandths of the largest cell: ``3fa2c1-1.0.500-0.2.80``; empty without any."""
    if not targets:
        return ""
    codes = (f"{int(good)}.{group}.{target}" for (good, group), target in sorted(targets.items()))
    return "-".join([_mark(column, groups), *codes])


def read_cells(text: str, column: str, groups: Sequence[str]) -> dict[Place, int]:
    """Read targets back; what was written for other groups, is out of range or is nonsense is left out."""
    mark, *codes = text.split("-")
    if mark != _mark(column, groups):
        return {}
    found: dict[Place, int] = {}
    for code in codes:
        match = _CODE.fullmatch(code)
        if match is None:
            continue
        good, group, target = (int(part) for part in match.groups())
        if group < len(groups) and target <= MOST:
            found[bool(good), group] = target
    return found
