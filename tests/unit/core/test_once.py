from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from rai_dash.core.once import Once


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
