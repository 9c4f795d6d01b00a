"""Long work in the background."""

from __future__ import annotations

import threading

import pytest

from rai_dash.core.errors import RaiError, RefusedModel, WorkerFailed
from rai_dash.sandbox.client import run_once
from rai_dash.sandbox.jobs import MAX_JOBS, Jobs, JobState

WAIT = "rai_dash.sandbox.probes:wait"


def give(value):
    return lambda _progress, _cancelled: value


def fail(error: BaseException):
    def work(_progress, _cancelled):
        raise error

    return work


@pytest.fixture
def jobs():
    found = Jobs(at_once=2)
    yield found
    for key in list(found._jobs):
        found.forget(key)


class Gate:
    """Work that runs until it is let go."""

    def __init__(self) -> None:
        self.began, self.open = threading.Event(), threading.Event()
        self.runs = 0

    def __call__(self, progress, _cancelled):
        self.runs += 1
        self.began.set()
        assert self.open.wait(20)
        progress(3, 4, "nearly")
        return "result"


def test_a_job_runs_and_keeps_its_result(jobs):
    job = jobs.start("k", give(42))
    assert job.wait(20)
    assert (job.state, job.result, job.error) == (JobState.DONE, 42, None)
    assert not job.is_active


def test_the_same_key_finds_the_job_that_runs_and_the_one_that_is_done(jobs):
    gate = Gate()
    job = jobs.start("k", gate)
    assert jobs.start("k", gate) is job
    gate.open.set()
    assert job.wait(20)
    assert jobs.start("k", gate) is job
    assert jobs.get("k") is job
    assert gate.runs == 1


def test_progress_can_be_read_while_it_runs(jobs):
    gate = Gate()
    job = jobs.start("k", gate)
    assert gate.began.wait(20)
    assert (job.state, job.fraction) == (JobState.RUNNING, 0.0)
    gate.open.set()
    assert job.wait(20)
    assert (job.done, job.total, job.note, job.fraction) == (3, 4, "nearly", 0.75)


def test_a_job_that_failed_keeps_its_error_and_can_be_started_again(jobs):
    job = jobs.start("k", fail(RefusedModel("no", code="c")))
    assert job.wait(20)
    assert job.state is JobState.FAILED
    assert isinstance(job.error, RefusedModel)
    again = jobs.start("k", give(1))
    assert again is not job
    assert again.wait(20)
    assert again.state is JobState.DONE


def test_an_unexpected_error_is_a_plain_message(jobs):
    job = jobs.start("k", fail(KeyError("inner")))
    assert job.wait(20)
    assert isinstance(job.error, RaiError)
    assert "inner" not in job.error.message


def test_a_job_that_runs_in_a_child_is_really_stopped(jobs):
    began = threading.Event()

    def work(progress, cancelled):
        def note(*seen):
            began.set()
            progress(*seen)

        run_once(WAIT, {"seconds": 600, "steps": 60_000}, timeout=600, on_progress=note, cancelled=cancelled)

    job = jobs.start("k", work)
    assert began.wait(20)
    job.cancel()
    assert job.wait(20)
    assert (job.state, job.error) == (JobState.CANCELLED, None)


def test_more_jobs_than_may_run_wait_their_turn_and_can_be_cancelled_there(jobs):
    gates = [Gate(), Gate(), Gate()]
    running = [jobs.start(f"k{i}", gate) for i, gate in enumerate(gates[:2])]
    assert all(gate.began.wait(20) for gate in gates[:2])
    waiting = jobs.start("k2", gates[2])
    assert waiting.state is JobState.QUEUED
    waiting.cancel()
    assert waiting.wait(20)
    assert waiting.state is JobState.CANCELLED
    assert gates[2].runs == 0
    for gate in gates:
        gate.open.set()
    assert all(job.wait(20) for job in running)


def test_the_registry_forgets_the_oldest_job_that_has_ended(jobs):
    for i in range(MAX_JOBS + 1):
        assert jobs.start(f"k{i}", give(i)).wait(20)
    assert len(jobs) == MAX_JOBS
    assert jobs.get("k0") is None
    assert jobs.get("k1") is not None


def test_a_registry_full_of_work_refuses_more(jobs):
    gate = Gate()
    for i in range(MAX_JOBS):
        jobs.start(f"k{i}", gate)
    with pytest.raises(WorkerFailed, match="64 long jobs") as caught:
        jobs.start("one more", gate)
    assert caught.value.code == "too_many_jobs"
    gate.open.set()


def test_a_forgotten_job_is_stopped_and_gone(jobs):
    gate = Gate()
    job = jobs.start("k", gate)
    assert gate.began.wait(20)
    jobs.forget("k")
    assert jobs.get("k") is None
    gate.open.set()
    assert job.wait(20)
    assert job.state is JobState.CANCELLED
