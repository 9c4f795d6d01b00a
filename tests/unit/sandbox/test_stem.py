"""Forking processes from one that has the libraries."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rai_dash.core.errors import WorkerFailed
from rai_dash.sandbox import forking, spawn
from rai_dash.sandbox.client import Child, run_once
from rai_dash.sandbox.lock import Level
from rai_dash.sandbox.processes import Forked, Started
from rai_dash.sandbox.stem import NOT_ALONE

PROBES = "rai_dash.sandbox.probes:"


pytestmark = pytest.mark.usefixtures("forked")


@pytest.fixture
def own_stem():
    """A stem that a test may end."""
    stem = forking.Stem(spawn.child_environment(), spawn.scratch_folder())
    end = time.monotonic() + 60
    while not stem.ready:
        assert time.monotonic() < end
        time.sleep(0.01)
    yield stem
    stem.close()


def test_processes_are_forked_from_one_parent_that_has_the_libraries(grown_stem):
    with Child() as one, Child() as other:
        assert isinstance(one._process, Forked)
        assert one.pid != other.pid
        parents = [
            int(Path(f"/proc/{c.pid}/stat").read_text().rsplit(")", 1)[1].split()[1]) for c in (one, other)
        ]
        assert parents == [grown_stem._process.pid] * 2


def test_a_fork_has_one_thread_and_no_file_but_its_line():
    with Child() as child:
        found = child.call(PROBES + "surroundings").data["open"]
        status = Path(f"/proc/{child.pid}/status").read_text()
    assert found[:3] == ["/dev/null"] * 3
    assert [name.partition(":")[0] for name in found[3:]] == ["socket"]
    assert "Threads:\t1\n" in status
    assert "Seccomp:\t2\n" in status
    assert "NoNewPrivs:\t1\n" in status


def test_forks_do_not_share_a_state_with_each_other_or_draw_the_same_numbers():
    found = [run_once("rai_dash.sandbox.probes:draw").blobs[0] for _ in range(2)]
    assert found[0] != found[1]
    assert np.frombuffer(found[0]).size == 4
    assert [run_once(PROBES + "echo").data["calls"] for _ in range(2)] == [1, 1]


def test_how_a_fork_ended_is_told_as_of_a_process_of_its_own():
    with pytest.raises(WorkerFailed, match="SIGSEGV"):
        run_once(PROBES + "crash", {"how": "segfault"})
    with Child() as child:
        with pytest.raises(WorkerFailed, match="ended by itself"):
            child.call(PROBES + "crash", {"how": "exit"})
        assert child._process.returncode == 3


def test_forks_end_with_their_stem_and_the_next_process_is_started_afresh(own_stem, monkeypatch):
    process, line = own_stem.fork(memory_bytes=2**31, cpu_s=0, level=Level.FULL)
    own_stem._process.kill()
    own_stem._process.wait()

    assert process.wait() == -signal.SIGKILL
    process.kill()
    line.close()
    with pytest.raises(OSError, match=r"."):
        own_stem.fork(memory_bytes=0, cpu_s=0, level=Level.FULL)
    monkeypatch.setattr(spawn._starts, "_stem", own_stem)
    with Child() as child:
        assert isinstance(child._process, Started)
        assert child.call(PROBES + "echo").data["calls"] == 1


def test_another_environment_is_never_answered_by_a_stem_with_an_older_one(monkeypatch):
    # No machine sets this one, so that it is another environment everywhere.
    monkeypatch.setenv("OPENBLAS_OF_THIS_TEST", "1")
    with Child() as child:
        assert isinstance(child._process, Started)
        found = child.call(PROBES + "surroundings").data["environment"]
    assert found["OPENBLAS_OF_THIS_TEST"] == "1"


def test_a_process_that_cannot_be_locked_is_not_forked():
    with Child(level=Level.PROCESS) as child:
        assert isinstance(child._process, Started)


@pytest.mark.usefixtures("grown_stem")
def test_the_stem_and_its_forks_end_with_the_app():
    program = (
        "import os, signal, sys, time\n"
        "from rai_dash.sandbox import spawn\n"
        "from rai_dash.sandbox.client import Child, run_once\n"
        "spawn.FEW, spawn.LIBRARIES = 0, ()\n"
        f"run_once('{PROBES}echo')\n"
        "while not spawn._starts._stem.ready: time.sleep(0.02)\n"
        "child = Child()\n"
        "print(type(child._process).__name__, spawn._starts._stem._process.pid, child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    name, *pids = done.stdout.split()
    assert name == "Forked"
    end = time.monotonic() + 20
    while any(Path(f"/proc/{pid}/exe").exists() for pid in pids):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_few_processes_are_not_worth_a_stem(monkeypatch):
    starts = spawn._Starts()
    monkeypatch.setattr(spawn, "_starts", starts)
    for _ in range(spawn.FEW):
        run_once(PROBES + "echo")
    assert starts._stem is None


def test_a_stem_can_be_started_before_it_is_needed(monkeypatch):
    starts = spawn._Starts()
    monkeypatch.setattr(spawn, "_starts", starts)
    monkeypatch.setattr(spawn, "LIBRARIES", ())
    monkeypatch.setattr(spawn, "_expected", set())

    spawn.grow(Level.PROCESS)
    assert starts._stem is None
    spawn.grow(Level.FULL)

    stem = starts._stem
    spawn.grow(Level.FULL)
    assert starts._stem is stem
    end = time.monotonic() + 60
    while not stem.ready:
        assert time.monotonic() < end
        time.sleep(0.01)
    with Child() as child:
        assert isinstance(child._process, Forked)
    stem.close()


def test_a_thread_of_a_library_keeps_the_stem_from_forking(tmp_path):
    (tmp_path / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    environment = spawn.child_environment()
    environment["PYTHONPATH"] += os.pathsep + str(tmp_path)
    stem = forking.Stem(environment, spawn.scratch_folder(), ["threaded"])
    try:
        assert stem._process.wait(60) == NOT_ALONE
        assert not stem.ready
    finally:
        stem.close()
