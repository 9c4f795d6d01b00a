"""Whether cubes are of the same rows, and of the same cuts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import ReviewCube
from rai_dash.core.texts import tr


def check_same_rows(cubes: Mapping[str, ReviewCube]) -> None:
    """Refuse cubes that were not counted from the same rows.

    Raises
    ------
    InvalidChoice
        Also when there is none.
    """
    sizes = {column: int(cube.rows.sum()) for column, cube in cubes.items()}
    if not sizes:
        msg = tr("There are no counts to judge bands by. Count the rows with `review_cube` first.")
        raise InvalidChoice(msg)
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"`{column}` {size:,}" for column, size in sizes.items())
        msg = tr(
            "The cubes count different rows: {listed}. Count the same rows by every column.", listed=listed
        )
        raise InvalidChoice(msg)


def first_of_same(cubes: Mapping[str, ReviewCube]) -> ReviewCube:
    """Return the first cube, and refuse cubes of different rows or cuts.

    Raises
    ------
    InvalidChoice
        As of `check_same_rows`.
    """
    check_same_rows(cubes)
    first = next(iter(cubes.values()))
    if any(not np.array_equal(cube.edges, first.edges) for cube in cubes.values()):
        msg = tr("The cubes have different cuts. Count the rows by every column with the same edges.")
        raise InvalidChoice(msg)
    return first
