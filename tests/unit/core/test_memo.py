from __future__ import annotations

import threading

import pytest

from rai_dash.core.memo import Memo


def test_one_key_is_computed_once_also_when_threads_ask_together():
    memo, calls, gate = Memo(), [], threading.Barrier(8)

    def ask():
        gate.wait()
        memo.get("k", lambda: calls.append(1) or "v")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()

    assert calls == [1]


def test_a_computation_that_failed_is_tried_again():
    memo = Memo()

    with pytest.raises(ZeroDivisionError):
        memo.get("k", lambda: 1 / 0)

    assert memo.get("k", lambda: "now") == "now"


def test_other_keys_do_not_wait_for_a_slow_one():
    memo, inside, go_on = Memo(), threading.Event(), threading.Event()

    def slow():
        inside.set()
        assert go_on.wait(10)
        return "slow"

    thread = threading.Thread(target=lambda: memo.get("slow", slow))
    thread.start()
    assert inside.wait(10)
    assert memo.get("quick", lambda: "quick") == "quick"
    go_on.set()
    thread.join()

    assert memo.get("slow", lambda: "again") == "slow"
