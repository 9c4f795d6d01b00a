"""What grids and bootstrap samples need of cubes: that they fit together, and parts of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import ReviewCube


def first_of_same(cubes: Mapping[str, ReviewCube]) -> ReviewCube:
    """Return the first cube, and refuse cubes of different rows or cuts.

    Raises
    ------
    InvalidChoice
        Also when there is none.
    """
    sizes = {column: int(cube.rows.sum()) for column, cube in cubes.items()}
    if not sizes:
        msg = "There are no counts to judge bands by. Count the rows with `review_cube` first."
        raise InvalidChoice(msg)
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"`{column}` {size:,}" for column, size in sizes.items())
        msg = f"The cubes count different rows: {listed}. Count the same rows by every column."
        raise InvalidChoice(msg)
    first = next(iter(cubes.values()))
    if any(not np.array_equal(cube.edges, first.edges) for cube in cubes.values()):
        msg = "The cubes have different cuts. Count the rows by every column with the same edges."
        raise InvalidChoice(msg)
    return first


def only_groups(cube: ReviewCube, groups: Sequence[str]) -> ReviewCube:
    """Keep some groups of a cube, in the order given.

    Raises
    ------
    InvalidChoice
        When the cube has no such group.
    """
    unknown = [group for group in groups if group not in cube.groups]
    if unknown:
        msg = f"`{cube.column}` has no group `{unknown[0]}`. It has: {', '.join(cube.groups)}."
        raise InvalidChoice(msg)
    at = [cube.groups.index(group) for group in groups]
    return replace(
        cube,
        groups=tuple(groups),
        rows=cube.rows[at],
        weight=None if cube.weight is None else cube.weight[at],
        weight_sq=None if cube.weight_sq is None else cube.weight_sq[at],
        amount=None if cube.amount is None else cube.amount[at],
        amount_missing=cube.amount_missing[at],
    )
