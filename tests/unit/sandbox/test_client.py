"""The separate process: calls, progress, cancelling, and everything that can go wrong in it."""

from __future__ import annotations

import gc
import inspect
import os
import select
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rai_dash.core import errors
from rai_dash.core.errors import Cancelled, RaiError, WorkerFailed
from rai_dash.sandbox.client import Child, run_once

pytestmark = pytest.mark.usefixtures("kind")
PROBES = "rai_dash.sandbox.probes:"
ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, RaiError)]


@pytest.fixture(scope="module")
def child():
    with Child() as one:
        yield one


def wait_for_end(pid: int) -> bool:
    """Wait for a process that is not ours to end."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ready, _, _ = select.select([fd], [], [], 20)
        return bool(ready)
    finally:
        os.close(fd)


def test_a_call_carries_plain_values_and_bytes_both_ways(child):
    args = {"text": "Köln", "list": [1, 2.5, None, True], "nested": {"a": "\u202e"}}
    reply = child.call(PROBES + "echo", args, [b"one", b"", memoryview(b"two")])
    assert reply.data["args"] == args
    assert reply.blobs == [b"one", b"", b"two"]


def test_fifty_megabytes_pass_in_both_directions(child):
    big = os.urandom(2**20) * 50
    assert child.call(PROBES + "echo", {}, [big]).blobs == [big]


def test_what_is_kept_in_state_is_there_at_the_next_call():
    with Child() as child:
        assert [child.call(PROBES + "echo").data["calls"] for _ in range(3)] == [1, 2, 3]


def test_the_process_is_another_one(child):
    assert child.call(PROBES + "echo").data["pid"] == child.pid != os.getpid()


def test_progress_arrives_in_order_and_ends_at_the_total(child):
    seen = []
    child.call(PROBES + "wait", {"seconds": 0.01, "steps": 5}, on_progress=lambda *note: seen.append(note))
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert seen[-1] == (5, 5, "waiting")


def test_a_call_that_is_cancelled_raises_and_ends_the_process():
    child, stop = Child(), threading.Event()
    with pytest.raises(Cancelled):
        child.call(
            PROBES + "wait",
            {"seconds": 60, "steps": 6_000},
            on_progress=lambda *_: stop.set(),
            cancelled=stop.is_set,
        )
    assert not child.alive
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def test_a_call_that_is_killed_from_another_thread_raises_cancelled():
    child = Child()
    with pytest.raises(Cancelled):
        child.call(
            PROBES + "wait",
            {"seconds": 60, "steps": 6_000},
            on_progress=lambda *_: threading.Thread(target=child.kill).start(),
        )
    assert not child.alive


def test_killing_a_process_that_has_ended_does_nothing():
    child = Child()
    child.close()
    child.kill()
    assert not child.alive


def test_a_call_over_its_time_ends_the_process_and_says_the_limit():
    child = Child()
    with pytest.raises(WorkerFailed, match=r"longer than 0\.3 s") as caught:
        child.call(PROBES + "wait", {"seconds": 60, "steps": 1}, timeout=0.3)
    assert caught.value.code == "worker_timeout"
    assert not child.alive


def test_an_exception_of_the_progress_callback_ends_the_process_and_is_not_swallowed():
    child = Child()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        child.call(PROBES + "wait", {"seconds": 60, "steps": 6_000}, on_progress=stop)
    assert not child.alive


@pytest.mark.parametrize(("how", "word"), [("exit", "ended by itself"), ("segfault", "SIGSEGV")])
def test_a_crash_is_a_plain_message_and_the_process_is_collected(how, word):
    child = Child()
    with pytest.raises(WorkerFailed, match=word) as caught:
        child.call(PROBES + "crash", {"how": how})
    assert caught.value.code == "worker_crashed"
    assert not child.alive
    with pytest.raises(WorkerFailed, match=word):
        child.call(PROBES + "echo")


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux enforces the limit.")
def test_memory_over_the_limit_is_refused_and_the_process_lives_on():
    with Child(mem_gb=1) as child:
        with pytest.raises(WorkerFailed, match="RAI_DASH_WORKER_MEM_GB") as caught:
            child.call(PROBES + "allocate", {"gigabytes": 2})
        assert caught.value.code == "worker_memory"
        assert child.call(PROBES + "echo").data["calls"] == 1


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_of_ours_arrives_as_the_same_class_with_code_and_message(child, kind):
    with pytest.raises(RaiError) as caught:
        child.call(
            PROBES + "fail", {"kind": kind.__name__, "message": "What, where, what to do.", "code": "own"}
        )
    assert type(caught.value) is kind
    assert (caught.value.message, caught.value.code) == ("What, where, what to do.", "own")


def test_any_other_exception_is_a_short_message_without_traceback(child, caplog):
    with pytest.raises(WorkerFailed) as caught:
        child.call(PROBES + "fail", {"kind": "none of ours", "message": "first line\n" + "x" * 5_000})
    text = caught.value.message
    assert caught.value.code == "worker_error"
    assert caught.value.__notes__[0].startswith("ValueError: first line xxx")
    assert "first line" not in text, "what an exception says may quote a row"
    assert "ValueError" not in text
    assert "\n" not in text
    assert len(text) < 400
    assert "first line" not in caplog.text, "logs hold the place, not the values"
    assert "probes.py" in caplog.text


def test_an_answer_that_is_not_json_is_refused_in_the_process_itself(child):
    with pytest.raises(WorkerFailed) as caught:
        child.call(PROBES + "nonsense")
    assert "JSON" in caught.value.__notes__[0]
    assert child.alive


@pytest.mark.parametrize(
    "op",
    ["os:system", "rai_dash.sandbox.child:_find", "rai_dash.sandbox.probes:not there", "rai_dashy.x:y"],
)
def test_only_public_functions_of_the_product_can_be_called(child, op):
    with pytest.raises(WorkerFailed) as caught:
        child.call(op)
    assert "not an entry point" in caught.value.__notes__[0]


def test_more_inputs_than_fit_in_one_call_are_refused_before_anything_is_sent():
    with Child() as child, pytest.raises(ValueError, match="at most 64"):
        child.call(PROBES + "echo", {}, [b"x"] * 65)


def test_calls_from_many_threads_take_turns_and_each_gets_its_own_answer(child):
    before = child.call(PROBES + "echo").data["calls"]
    with ThreadPoolExecutor(8) as pool:
        replies = list(
            pool.map(lambda i: child.call(PROBES + "echo", {"i": i}, [bytes([i]) * 100_000]), range(24))
        )
    assert [r.data["args"]["i"] for r in replies] == list(range(24))
    assert [r.blobs[0] for r in replies] == [bytes([i]) * 100_000 for i in range(24)]
    assert sorted(r.data["calls"] for r in replies) == list(range(before + 1, before + 25))


def test_waiting_for_a_turn_counts_towards_the_time_limit():
    with Child() as child, ThreadPoolExecutor(1) as pool:
        busy = threading.Event()
        long = pool.submit(
            child.call,
            PROBES + "wait",
            {"seconds": 60, "steps": 6_000},
            on_progress=lambda *_: busy.set(),
        )
        assert busy.wait(20)
        with pytest.raises(WorkerFailed, match="longer than"):
            child.call(PROBES + "echo", timeout=0.2)
        assert child.alive, "the call that ran is not disturbed"
        child.kill()
        with pytest.raises(Cancelled):
            long.result()


def test_a_child_outlives_the_thread_that_started_it():
    with ThreadPoolExecutor(1) as pool:
        child = pool.submit(Child).result()
    with child:
        assert child.call(PROBES + "echo").data["calls"] == 1


def test_close_collects_the_process_and_may_be_called_twice():
    child = Child()
    child.close()
    child.close()
    assert not child.alive
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)
    with pytest.raises(WorkerFailed):
        child.call(PROBES + "echo")


def test_a_child_that_is_forgotten_is_collected():
    child = Child()
    pid = child.pid
    del child
    gc.collect()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux can end a child with its parent.")
def test_a_busy_child_dies_with_the_app():
    program = (
        "import os, signal, sys\n"
        "from rai_dash.sandbox.client import Child\n"
        "child = Child()\n"
        "def die(*_):\n"
        "    sys.stdout.write(str(child.pid)); sys.stdout.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
        f"child.call('{PROBES}wait', {{'seconds': 600, 'steps': 60000}}, on_progress=die)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert wait_for_end(int(done.stdout))


def test_the_child_sees_no_secret_no_foreign_file_and_no_core_dump(monkeypatch):
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    found = run_once(PROBES + "surroundings").data
    assert "secret" not in found["environment"].values()
    assert found["environment"]["OMP_NUM_THREADS"] == "1"
    assert found["environment"]["JOBLIB_MULTIPROCESSING"] == "0"
    assert found["limits"] == {"RLIMIT_CORE": 0, "RLIMIT_NOFILE": 256}
    streams, others = found["open"][:3], found["open"][3:]
    assert streams == ["/dev/null"] * 3
    assert [name.partition(":")[0] for name in others] == ["socket"], "nothing but its own line"


def test_arithmetic_kernels_are_chosen_as_in_the_app(monkeypatch):
    # Not CORETYPE: a machine may set it itself, and then nothing would be shown.
    monkeypatch.setenv("OPENBLAS_OF_THIS_TEST", "1")
    assert run_once(PROBES + "surroundings").data["environment"]["OPENBLAS_OF_THIS_TEST"] == "1"


def test_run_once_leaves_no_process_behind():
    pid = run_once(PROBES + "echo").data["pid"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_after_a_crash_the_next_child_works():
    with pytest.raises(WorkerFailed):
        run_once(PROBES + "crash", {"how": "segfault"})
    assert run_once(PROBES + "echo").data["calls"] == 1


def test_a_cancelled_call_that_has_not_begun_is_not_sent(child):
    calls = child.call(PROBES + "echo").data["calls"]
    with pytest.raises(Cancelled):
        child.call(PROBES + "echo", cancelled=lambda: True)
    assert child.alive
    assert child.call(PROBES + "echo").data["calls"] == calls + 1


def test_the_default_limit_of_time_is_the_setting(child, monkeypatch):
    monkeypatch.setattr(
        "rai_dash.sandbox.client.get_settings", lambda: type("S", (), {"call_timeout_s": 0.0})
    )
    with pytest.raises(WorkerFailed, match="longer than 0 s"):
        child.call(PROBES + "echo")
