"""Names of columns: blank ones, double ones, and ones that look alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.look_alike import alike, difference, shown

#: What a table writer calls its row numbers.
ROW_NUMBER_NAME: Final = re.compile(r"unnamed: \d+( \(\d+\))?|__index_level_\d+__|index|row|rownames|level_0")


def _free(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


def unique_names(header: Sequence[str]) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
    """Give every column its own name.

    Parameters
    ----------
    header : sequence of str
        Names as written; blanks and doubles allowed.

    Returns
    -------
    names : tuple of str
        Trimmed; a blank becomes ``Unnamed: POSITION``, the second ``a`` becomes ``a (2)``.
    notices : tuple of Notice
        ``duplicate_name`` and ``similar_name``, one a column.
    """
    written = [h.strip() or f"Unnamed: {i}" for i, h in enumerate(header)]
    names: list[str] = []
    notices: list[Notice] = []
    taken = set(written)
    seen: dict[str, str] = {}
    for given in written:
        name = given
        if given in names:
            name = _free(given, taken)
            taken.add(name)
            msg = tr(
                "Two columns are called `{given}`. Both are kept; the later one is shown as `{name}`.",
                given=given,
                name=name,
            )
            notices.append(Notice("duplicate_name", msg, column=name))
        elif (twin := seen.setdefault(alike(given), given)) != given:
            msg = tr(
                "The columns `{shown}` and `{shown_given}` look alike but are two: they differ in "
                "{difference}. Check that roles name the right one.",
                shown=shown(twin),
                shown_given=shown(given),
                difference=difference(twin, given),
            )
            notices.append(Notice("similar_name", msg, column=given))
        names.append(name)
    return tuple(names), tuple(notices)
