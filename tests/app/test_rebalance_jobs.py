"""A training job can be stopped, survives a change of page, and does not make another user wait."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rai_dash.core.types import Roles
from rai_dash.sandbox.jobs import Job, Jobs, JobState
from rai_dash.trials.rebalancing.comparing import compare_strategies
from rai_dash.trials.rebalancing.recipe import Recipe
from rai_dash.ui import training
from tests.app.conftest import Open, stops, table_case, texts

# Models are trained here: a busy machine may need longer than the others' limit.
pytestmark = pytest.mark.timeout(400)

QUICK = {"seeds": "1", "tried": "threshold"}


def case_of(seed: int):
    rng = np.random.default_rng(seed)
    lines = ["y,g,a,b"]
    for _ in range(400):
        group, (a, b) = rng.integers(2), rng.normal(size=2)
        lines.append(f"{int(a + b + rng.normal() > 1.5)},{'fm'[group]},{a:.3f},{b:.3f}")
    return table_case("\n".join(lines), Roles(target="y", favourable=("1",), sensitive=("g",)))


def running(known: set[str]) -> Job:
    """Find the job that is new."""
    (key,) = set(training.jobs()._jobs) - known
    return training.jobs()._jobs[key]


def children() -> set[int]:
    """List the live processes below this one."""
    parents: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = place.read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if state != "Z":
            parents[int(place.parent.name)] = int(parent)
    found, layer = set(), {os.getpid()}
    while layer:
        layer = {pid for pid, parent in parents.items() if parent in layer}
        found |= layer
    return found


def soon(is_so, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)
    return is_so()


def test_a_job_stops_when_it_is_cancelled_and_leaves_nothing_running(open_page: Open) -> None:
    known = set(training.jobs()._jobs)
    at = open_page("rebalance", case=case_of(1), seeds="8")
    before = children()
    at.button(key="reb_go").click()
    at.run()
    job = running(known)
    assert soon(lambda: job.state is JobState.RUNNING and bool(children() - before))
    at.run()

    (stop,) = stops(at)
    at.button(key=stop).click()
    at.run()

    assert job.wait(60)
    assert job.state is JobState.CANCELLED
    assert job.result is None
    assert soon(lambda: not children() - before)
    at.run()
    assert "Stopped. Start again when you like." in texts(at)
    assert at.button(key="reb_go").disabled is False


def test_a_job_goes_on_when_the_page_is_left_and_its_result_is_there_on_return(open_page: Open) -> None:
    known = set(training.jobs()._jobs)
    at = open_page("rebalance", case=case_of(2), **QUICK)
    at.button(key="reb_go").click()
    at.run()
    job = running(known)

    at.switch_page("pages/data.py")
    at.run()
    assert at.title[0].value != "Rebalance"
    assert job.wait(110)
    at.switch_page("pages/rebalance.py")
    at.run()

    assert not at.exception
    assert "All strategies on the same" in texts(at)
    assert job.state is JobState.DONE


def test_two_users_train_at_the_same_time_and_a_third_waits_for_a_free_worker() -> None:
    """Each of two jobs waits for the other one to be under way: one after the other they would never end."""
    jobs, arrived = Jobs(at_once=2), threading.Barrier(2, timeout=60)
    go_on = threading.Event()

    def work_on(seed: int):
        dataset = case_of(seed).data[0].dataset

        def work(progress, cancelled):
            def met(done: int, total: int, note: str) -> None:
                progress(done, total, note)
                if done == 1:
                    arrived.wait()
                    assert go_on.wait(60)

            return compare_strategies(
                dataset,
                None,
                recipe=Recipe(by="g", up=1, down=1),
                strategies=(),
                seeds=1,
                progress=met,
                cancelled=cancelled,
            )

        return work

    first, second = jobs.start("first user", work_on(3)), jobs.start("second user", work_on(4))
    assert soon(lambda: first.done == second.done == 1)
    third = jobs.start("third user", lambda *_: "done")
    assert third.state is JobState.QUEUED
    go_on.set()

    assert all(job.wait(110) for job in (first, second, third))
    assert [job.state for job in (first, second, third)] == [JobState.DONE] * 3
    assert first.result is not second.result
    assert third.result == "done"


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_a_job_that_waits_can_be_stopped_and_never_starts(is_cancelled):
    jobs, hold, started = Jobs(at_once=1), threading.Event(), threading.Event()
    first = jobs.start("a", lambda *_: hold.wait(60))
    assert soon(lambda: first.state is JobState.RUNNING)
    second = jobs.start("b", lambda *_: started.set())

    if is_cancelled:
        second.cancel()
        assert second.wait(30)
    hold.set()

    assert first.wait(30)
    assert second.wait(30)
    assert started.is_set() is not is_cancelled
