"""The app's side of the separate process."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Never, Self

from pydantic import BaseModel, Field, ValidationError

from rai_dash.core import errors
from rai_dash.core.errors import Cancelled, RaiError, WorkerFailed
from rai_dash.core.settings import get_settings
from rai_dash.core.stopping import CancelCheck
from rai_dash.core.texts import tr
from rai_dash.sandbox import frames
from rai_dash.sandbox.frames import BadFrame, Kind
from rai_dash.sandbox.line import Clock, Gone, Line
from rai_dash.sandbox.lock import NOT_LOCKED, Level
from rai_dash.sandbox.processes import Process
from rai_dash.sandbox.spawn import start_child

logger = logging.getLogger(__name__)

ProgressCallback = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Reply:
    """What an entry point returned: plain values and raw bytes."""

    data: dict[str, Any]
    blobs: list[bytes]


class _Result(BaseModel):
    data: dict[str, Any]
    blobs: int = Field(ge=0, le=frames.MAX_BLOBS)


class _Progress(BaseModel):
    done: int
    total: int
    note: str = Field(max_length=500)


class _Error(BaseModel):
    kind: str = Field(alias="class")
    code: str = Field(max_length=100)
    message: str = Field(max_length=frames.MAX_MESSAGE)
    where: str = ""


def _raise(error: _Error, op: str) -> Never:
    """Raise what the child reported, as the same class where it is one of ours."""
    kind = getattr(errors, error.kind, None) if error.kind else None
    if isinstance(kind, type) and issubclass(kind, RaiError):
        raise kind(error.message, code=error.code)
    logger.warning("%s failed in its process: %s at %s", op, error.code, error.where)
    if error.code == "MemoryError" or "Unable to allocate" in error.message:
        msg = tr(
            "This needed more memory than a separate process may use ({worker_mem_gb} GB). Try fewer "
            "rows, or ask the operator to raise RAI_DASH_WORKER_MEM_GB.",
            worker_mem_gb=f"{get_settings().worker_mem_gb:g}",
        )
        raise WorkerFailed(msg, code="worker_memory")
    # Not the text of the error: it may quote a row, and it speaks of our code, not of the file.
    msg = (
        "This step failed in its own process; the app was not affected. Try again, and if it stays, use another file "
        "or report it."
    )
    failed = WorkerFailed(msg, code="worker_error")
    # For a developer's traceback; no page and no log shows it.
    failed.add_note(f"{error.code}: {error.message[:200] or 'no further detail'}")
    raise failed


def _level_here() -> Level:
    """Return how far a process is locked on this machine; the first call runs the self-test."""
    from rai_dash.sandbox.selftest import self_test

    return self_test().level


def _died(status: int | None) -> WorkerFailed:
    """Say how the child ended."""
    if status == NOT_LOCKED:
        msg = "The separate process could not be locked, so no file was opened in it. Restart the app."
        return WorkerFailed(msg, code="not_locked")
    how = "it ended by itself"
    if status is not None and status < 0:
        with suppress(ValueError):
            how = signal.Signals(-status).name
    msg = (
        f"The separate process for this step crashed ({how}); only that process was affected. "
        "The file may be damaged, or the step needed too much memory."
    )
    return WorkerFailed(msg, code="worker_crashed")


def _stop(process: Process, sock: socket.socket) -> None:
    """End a child with everything it started, and collect it."""
    process.kill()
    process.wait()
    sock.close()


class Child:
    """A separate process that runs one call at a time.

    Parameters
    ----------
    mem_gb : float, optional
        Memory limit in gigabytes; ``settings.worker_mem_gb`` when omitted.
    cpu_s : float, optional
        Processor seconds over its whole life; no limit when omitted.
    level : Level, optional
        How far it is locked; as far as this machine can when omitted.
    readable : sequence of Path
        Folders and files of the operator that it may read, and nothing else beside its libraries.
    """

    def __init__(
        self,
        *,
        mem_gb: float | None = None,
        cpu_s: float | None = None,
        level: Level | None = None,
        readable: Sequence[Path] = (),
    ) -> None:
        memory = get_settings().worker_mem_gb if mem_gb is None else mem_gb
        self._process, self._sock = start_child(
            memory_bytes=int(memory * 2**30),
            cpu_s=int(cpu_s or 0),
            level=level or _level_here(),
            readable=readable,
        )
        self._lock = threading.Lock()
        self._killed = False
        self._finish = weakref.finalize(self, _stop, self._process, self._sock)

    @property
    def alive(self) -> bool:
        """Whether the process can still be called."""
        return self._finish.alive and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process number, for tests and logs."""
        return self._process.pid

    @property
    def busy(self) -> bool:
        """Whether a call is running."""
        return self._lock.locked()

    def call(
        self,
        op: str,
        args: Mapping[str, Any] | None = None,
        blobs: Sequence[bytes | memoryview] = (),
        *,
        timeout: float | None = None,
        on_progress: ProgressCallback | None = None,
        cancelled: CancelCheck | None = None,
    ) -> Reply:
        """Run an entry point in the child.

        Parameters
        ----------
        op : str
            ``"rai_dash.module:function"``; called as ``function(state, args, blobs, progress)``.
        args : mapping, optional
            Plain values.
        blobs : sequence of bytes
            Large inputs; the child sees read-only memoryviews.
        timeout : float, optional
            Seconds, waiting for other calls included; ``settings.call_timeout_s`` when omitted.
        on_progress : callable, optional
            ``(done, total, note)``, called in this thread.
        cancelled : callable, optional
            Looked at ten times a second; once it is true, the child is killed.

        Returns
        -------
        Reply
            Plain values and raw bytes.

        Raises
        ------
        RaiError
            The same class and code the entry point raised.
        WorkerFailed
            Crash, time-out, out of memory, any other exception, or an answer outside the protocol.
        Cancelled
            Stopped by ``cancelled`` or ``kill``.
        """
        clock = Clock(get_settings().call_timeout_s if timeout is None else timeout, cancelled)
        with self._turn(clock):
            try:
                outcome = self._converse(Line(self._sock, clock), op, dict(args or {}), blobs, on_progress)
            except Gone:
                raise self._after_death() from None
            except BadFrame as e:
                self.close()
                logger.warning("%s answered outside the protocol: %s", op, e)
                msg = tr("The separate process gave an answer that makes no sense and was ended. Try again.")
                raise WorkerFailed(msg, code="worker_nonsense") from None
            except BaseException:
                # Time-out, cancelled, or an exception of the callback: the line is out of step.
                self.close()
                raise
        if isinstance(outcome, _Error):
            _raise(outcome, op)
        return outcome

    @contextmanager
    def _turn(self, clock: Clock) -> Iterator[None]:
        """Wait until no other thread is in a call."""
        while not self._lock.acquire(timeout=clock.step()):
            pass
        try:
            if not self.alive:
                raise self._after_death()
            yield
        finally:
            self._lock.release()

    def _after_death(self) -> RaiError:
        self.close()
        if self._killed:
            return Cancelled("Stopped.")
        return _died(self._process.returncode)

    def _converse(
        self,
        line: Line,
        op: str,
        args: dict[str, Any],
        blobs: Sequence[bytes | memoryview],
        on_progress: ProgressCallback | None,
    ) -> Reply | _Error:
        """Send one call and read frames until its answer is complete."""
        if len(blobs) > frames.MAX_BLOBS:
            msg = f"{len(blobs)} inputs, at most {frames.MAX_BLOBS} fit in one call"
            raise ValueError(msg)
        call = frames.encode_json({"op": op, "args": args, "blobs": len(blobs)})
        fds: list[int] = []
        try:
            fds.extend(frames.memory_file(blob) for blob in blobs)
            line.send(frames.header(Kind.CALL, len(call)) + call)
            line.send_files(fds)
        finally:
            for fd in fds:
                os.close(fd)
        return _listen(line, on_progress)

    def kill(self) -> None:
        """End the process now; a call that is running in another thread raises ``Cancelled``."""
        self._killed = True
        self._process.kill()

    def close(self) -> None:
        """End and collect the process; may be called twice."""
        self._finish()

    def __enter__(self) -> Self:
        """Return the child."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self.close()


def _listen(line: Line, on_progress: ProgressCallback | None) -> Reply | _Error:
    """Read frames until the answer is complete."""
    while True:
        kind, raw = line.receive_frame(frames.MAX_JSON)
        message = frames.decode_json(raw)
        try:
            if kind is Kind.ERROR:
                return _Error.model_validate(message)
            if kind is Kind.RESULT:
                result = _Result.model_validate(message)
                return Reply(result.data, _receive_blobs(line, result.blobs))
            if kind is not Kind.PROGRESS:
                msg = tr("unexpected {kind}", kind=kind.name)
                raise BadFrame(msg)
            note = _Progress.model_validate(message)
        except ValidationError as e:
            raise BadFrame(str(e.error_count())) from None
        if on_progress is not None:
            on_progress(note.done, note.total, note.note)


def _receive_blobs(line: Line, count: int) -> list[bytes]:
    """Read the raw outputs; all together they may be as large as the largest table."""
    left = get_settings().max_expanded_mb * 2**20
    blobs = []
    for _ in range(count):
        kind, raw = line.receive_frame(left)
        if kind is not Kind.BLOB:
            msg = tr("expected raw bytes, got {kind}", kind=kind.name)
            raise BadFrame(msg)
        left -= len(raw)
        blobs.append(bytes(raw))
    return blobs


def run_once(
    op: str,
    args: Mapping[str, Any] | None = None,
    blobs: Sequence[bytes | memoryview] = (),
    *,
    timeout: float | None = None,
    on_progress: ProgressCallback | None = None,
    cancelled: CancelCheck | None = None,
) -> Reply:
    """Run one entry point in a short-lived child (the "door": parse a table, try a model).

    Parameters are those of ``Child.call``; the default time limit is ``settings.load_timeout_s``.
    """
    limit = get_settings().load_timeout_s if timeout is None else timeout
    # The clock in this process ends it; should that fail, the processor time does.
    with Child(cpu_s=2 * limit + 10) as child:
        return child.call(op, args, blobs, timeout=limit, on_progress=on_progress, cancelled=cancelled)
