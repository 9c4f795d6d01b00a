"""Long work in the background: one thread a job, found again by its key, really stopped on cancel."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from rai_dash.core.errors import Cancelled, RaiError, WorkerFailed
from rai_dash.core.faults import describe_fault
from rai_dash.core.settings import get_settings
from rai_dash.core.stopping import stop_if
from rai_dash.core.texts import KEPT, spoken, tr

logger = logging.getLogger(__name__)

MAX_JOBS = 64

#: ``fn(progress, cancelled)``; both are meant to be handed on to ``Child.call``.
Work = Callable[[Callable[[int, int, str], None], Callable[[], bool]], Any]


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job:
    """One piece of long work.

    Attributes
    ----------
    key : str
        Content key; a second start with the same key finds this job.
    state : JobState
        Queued, running, done, failed or cancelled.
    done, total : int
        Progress; ``total`` is 0 until the work reports.
    note : str
        What it does now.
    result : object
        What the work returned, once done.
    error : RaiError or None
        Why it failed.
    """

    def __init__(self, key: str, work: Work) -> None:
        self.key = key
        self.state = JobState.QUEUED
        self.done = 0
        self.total = 0
        self.note = ""
        self.result: Any = None
        self.error: RaiError | None = None
        self._work = work
        self._stop = threading.Event()
        self._ended = threading.Event()

    @property
    def is_active(self) -> bool:
        """Whether the job waits or runs."""
        return not self._ended.is_set()

    @property
    def fraction(self) -> float:
        """Share done, 0 to 1, for a progress bar."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total else 0.0

    def cancel(self) -> None:
        """Stop the job; a child it runs in is killed within a tenth of a second."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it has come."""
        return self._ended.wait(timeout)

    def _progress(self, done: int, total: int, note: str = "") -> None:
        stop_if(self._stop.is_set)
        self.done, self.total, self.note = done, total, note

    def _run(self, slots: threading.Semaphore) -> None:
        try:
            while not slots.acquire(timeout=0.1):
                self._progress(0, 0)
            try:
                self._progress(0, 0)
                self.state = JobState.RUNNING
                # Whoever asks for the result later may read another language.
                with spoken(KEPT):
                    self.result = self._work(self._progress, self._stop.is_set)
                self.state = JobState.DONE
            finally:
                slots.release()
        except Cancelled:
            self.state = JobState.CANCELLED
        except RaiError as e:
            self._fail(e)
        except Exception as e:  # noqa: BLE001 - a job must never take its thread down unseen
            logger.error("job failed: %s", describe_fault(e))  # noqa: TRY400 - an exception's text can quote a row
            self._fail(WorkerFailed(f"This step failed unexpectedly ({type(e).__name__}). Try again."))
        finally:
            self._ended.set()

    def _fail(self, error: RaiError) -> None:
        self.error = error
        self.state = JobState.FAILED


class Jobs:
    """The jobs of this process, the most recent 64.

    Parameters
    ----------
    at_once : int, optional
        How many run at the same time, the rest waits; ``settings.workers`` when omitted.
    """

    def __init__(self, *, at_once: int | None = None) -> None:
        self._slots = threading.Semaphore(at_once or get_settings().workers)
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, key: str, work: Work) -> Job:
        """Start some work, or find the job of that key if it waits, runs or is done.

        Parameters
        ----------
        key : str
            Content key of the work: the same inputs give the same key.
        work : callable
            ``work(progress, cancelled)``, run in a thread; it must not call the page.

        Raises
        ------
        WorkerFailed
            When 64 jobs wait or run already.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is not None and job.state not in (JobState.FAILED, JobState.CANCELLED):
                self._jobs.move_to_end(key)
                return job
            self._make_room()
            job = self._jobs[key] = Job(key, work)
            self._jobs.move_to_end(key)
        threading.Thread(target=job._run, args=(self._slots,), name="rai-dash-job", daemon=True).start()  # noqa: SLF001
        return job

    def _make_room(self) -> None:
        """Forget the job that ended longest ago when the registry is full."""
        if len(self._jobs) < MAX_JOBS:
            return
        for key, job in self._jobs.items():
            if not job.is_active:
                del self._jobs[key]
                return
        msg = tr(
            "{max_jobs} long jobs are waiting or running. Wait for one to end, or stop one.",
            max_jobs=MAX_JOBS,
        )
        raise WorkerFailed(msg, code="too_many_jobs")

    def get(self, key: str) -> Job | None:
        """Find a job by its key."""
        with self._lock:
            return self._jobs.get(key)

    def forget(self, key: str) -> None:
        """Stop a job if it runs, and drop it with its result."""
        with self._lock:
            job = self._jobs.pop(key, None)
        if job is not None:
            job.cancel()

    def __len__(self) -> int:
        """Count the jobs that are remembered."""
        return len(self._jobs)
