"""Which list of categories belongs to which column.

LightGBM stores one list for each category column of the table it was trained on, without the name of the
column. Columns it split by category are known; a category column with an order, or one that never varied, is
described as a number or not at all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.data.labels import label_text
from rai_dash.models._lightgbm.review import CATEGORY, UNSAID, Reviewed
from rai_dash.models._lightgbm.text import Category, refuse_damaged

_PLACES = re.compile(r"[0-9]+(?:,[0-9]+)*")
#: Steps of work up to which lists are matched to columns.
MAX_STEPS = 1_000_000
_RANGE = re.compile(r"\[(-?[0-9]+):(-?[0-9]+)\]")


def category_columns(found: Reviewed) -> frozenset[int]:
    """Return the places of the columns that are split by category, also of those that never were."""
    given = found.parts.parameters.get("categorical_feature", "")
    listed = set(given.split(",")) if _PLACES.fullmatch(given) else set()
    kinds = enumerate(found.kinds)
    return frozenset(i for i, kind in kinds if kind == CATEGORY or (kind == UNSAID and str(i) in listed))


def _largest_code(info: str) -> float:
    """Return the largest code a column had, -1 where the file does not say, infinite for other numbers."""
    if info == "none":
        return -1
    if not info.startswith("["):
        return max(int(code) for code in info.split(":"))
    ends = _RANGE.fullmatch(info)
    return int(ends[2]) if ends is not None and int(ends[1]) >= 0 else float("inf")


def _places(codes: Sequence[float], expected: frozenset[int], sizes: Sequence[int]) -> list[int] | None:
    """Give the lists to columns in order, at the least cost; None where two ways are as good.

    A list for a column that was not split by category, and such a column without a list, cost 1 each.
    ``best[k]`` is the cost, the number of ways and the last way to give the first k lists to the columns so far.
    """
    if len(codes) * len(sizes) > MAX_STEPS:
        return None
    none: tuple[float, int, list[int]] = (float("inf"), 0, [])
    best = [(0.0, 1, []), *([none] * len(sizes))]
    for place, largest in enumerate(codes):
        left_out = 1 if place in expected else 0
        step = [(cost + left_out, ways, way) for cost, ways, way in best]
        for k, size in enumerate(sizes):
            cost, ways, way = best[k]
            if not ways or largest >= size:
                continue
            taken = (cost + (0 if place in expected else 1), ways, [*way, place])
            now = step[k + 1]
            if taken[0] == now[0]:
                step[k + 1] = (now[0], now[1] + ways, now[2])
            elif taken[0] < now[0]:
                step[k + 1] = taken
        best = step
    _, ways, way = best[-1]
    return way if ways == 1 else None


def _labels(values: Sequence[Category], name: str) -> tuple[str, ...]:
    labels = tuple(label_text(value) for value in values)
    if len(set(labels)) == len(labels):
        return labels
    if len(set(values)) != len(values):
        refuse_damaged(f"`{name[:80]}` has the same category twice")
    twice = Counter(labels).most_common(1)[0][0]
    msg = tr(
        "Two categories of `{name}` read the same in a table (`{twice}`). Make them one before training.",
        name=name[:80],
        twice=twice[:80],
    )
    raise RefusedModel(msg, code="look_alike_categories")


def stored_categories(found: Reviewed) -> Mapping[int, tuple[str, ...]]:
    """Return the labels of each column that has a list, by its place, in the order of the codes.

    Raises
    ------
    RefusedModel
        When it cannot be told which list belongs to which column.
    """
    lists = found.parts.categories
    if not lists:
        return {}
    expected = category_columns(found)
    codes, sizes = [_largest_code(info) for info in found.infos], [len(values) for values in lists]
    places: list[int] | None = sorted(expected)
    is_plain = len(expected) == len(lists)
    if not is_plain or any(codes[i] >= size for i, size in zip(sorted(expected), sizes, strict=True)):
        places = _places(codes, expected, sizes)
    if places is None:
        msg = tr(
            "The file stores {lists} lists of categories for {expected} columns split by category, and "
            "which belongs to which cannot be told. Train with category columns without an order, or "
            "upload a table with a score column.",
            lists=f"{len(lists):,}",
            expected=f"{len(expected):,}",
        )
        raise RefusedModel(msg, code="unclear_categories")
    return {place: _labels(values, found.names[place]) for place, values in zip(places, lists, strict=True)}
