from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from rai_dash.core.once import Once, OncePer


def test_value_is_made_on_the_first_call_and_kept():
    made = []
    once = Once(lambda: made.append(1) or len(made))

    assert made == []
    assert (once(), once(), made) == (1, 1, [1])


def test_threads_that_ask_at_once_get_one_value():
    made = []
    once = Once(lambda: made.append(object()) or made[-1])
    start = Barrier(8)

    def ask(_):
        start.wait()
        return once()

    with ThreadPoolExecutor(8) as pool:
        values = set(pool.map(ask, range(8)))

    assert len(values) == len(made) == 1


def test_a_failure_is_raised_and_tried_again():
    answers = iter([ZeroDivisionError(), 5])

    def make():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    once = Once(make)
    with pytest.raises(ZeroDivisionError):
        once()

    assert once() == 5


class Table:
    """Something that cannot be a key by content."""


def test_a_value_of_an_object_is_made_once_and_goes_with_it() -> None:
    made: list[Table] = []
    size_of = OncePer(lambda table: made.append(table) or len(made))  # type: ignore[func-returns-value]
    first, second = Table(), Table()

    assert [size_of(first), size_of(second), size_of(first)] == [1, 2, 1]
    made.clear()
    del first
    gc.collect()
    assert len(size_of._kept) == 1


def test_a_new_object_in_the_place_of_a_dead_one_has_its_own_value() -> None:
    name_of = OncePer(lambda table: table.name)
    for i in range(50):
        table = Table()
        table.name = i
        assert name_of(table) == i
        del table
