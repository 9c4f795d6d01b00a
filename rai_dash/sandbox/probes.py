"""Entry points that misbehave on purpose: the self-test and the tests of the separate process call them."""

from __future__ import annotations

import ctypes
import os
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rai_dash.core import errors

if TYPE_CHECKING:
    from rai_dash.sandbox.child import Progress

Out = tuple[dict[str, Any], list[bytes]]


def echo(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Out:
    """Return what came in, and how many calls there were before."""
    state["calls"] = state.get("calls", 0) + 1
    progress(1, 1, "echo")
    return {"args": args, "calls": state["calls"], "pid": os.getpid()}, [bytes(b) for b in blobs]


def draw(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Out:
    """Draw four numbers from NumPy's global generator."""
    del state, args, blobs, progress
    import numpy as np

    return {}, [np.random.random(4).tobytes()]  # noqa: NPY002 - what a library would draw


def wait(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Out:
    """Stay busy for ``seconds``, reporting each step."""
    del state, blobs
    steps = int(args["steps"])
    for step in range(steps):
        time.sleep(args["seconds"] / steps)
        progress(step + 1, steps, "waiting")
    return {}, []


def crash(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Out:
    """End the process without an answer: ``how`` is ``exit`` or ``segfault``."""
    del state, blobs, progress
    if args["how"] == "exit":
        os._exit(3)
    ctypes.string_at(0)
    return {}, []


def allocate(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Out:
    """Ask for ``gigabytes`` of memory."""
    del state, blobs, progress
    return {"bytes": len(bytearray(int(args["gigabytes"] * 2**30)))}, []


def fail(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Out:
    """Raise the error class of ours called ``kind``, or a ValueError where there is none of that name."""
    del state, blobs, progress
    kind = getattr(errors, args["kind"], None)
    if kind is None:
        raise ValueError(args["message"])
    raise kind(args["message"], code=args.get("code"))


def nonsense(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Out:
    """Answer with a value that is not JSON."""
    del state, args, blobs, progress
    return {"value": float("nan")}, []


def surroundings(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Out:
    """Tell the environment, the limits and the open descriptors."""
    del state, args, blobs, progress
    limits = {
        name: resource.getrlimit(getattr(resource, name))[0] for name in ("RLIMIT_CORE", "RLIMIT_NOFILE")
    }
    open_files = [
        str(Path(f"/dev/fd/{fd}").readlink()) for fd in range(64) if os.path.lexists(f"/dev/fd/{fd}")
    ]
    return {"environment": dict(os.environ), "limits": limits, "open": open_files}, []


def status(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Out:
    """Tell what the kernel says of this process."""
    del state, args, blobs, progress
    return {"status": Path("/proc/self/status").read_text(encoding="utf-8")}, []
