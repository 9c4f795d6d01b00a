"""What a process of its own uses, with all that it starts: processor time, clock, memory."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

EVERY_S: Final = 0.03
#: Looks between two that find new processes, and between two at shares of memory: both are slow.
SEARCH, SHARES = 5, 15
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
TICKS: Final = os.sysconf("SC_CLK_TCK")
READY: Final = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a process used from the moment it was ready.

    Parameters
    ----------
    cpu, wall : float
        Seconds.
    peak : float
        Most resident memory of the tree at a time, megabytes; pages that processes share count in each of them.
    over : float
        The same without what was there when it was ready.
    shared : float
        Most memory of the tree where shared pages are shared out (PSS), megabytes, looked at twice a second.
    result : dict
        What it said.
    """

    cpu: float
    wall: float
    peak: float
    over: float
    shared: float
    result: dict[str, Any] = field(default_factory=dict)


class Watch:
    """Looks at a process and all that it started until it is told to end."""

    def __init__(self, pid: int) -> None:
        self._pid, self._known, self._looks = pid, [pid], 0
        self.peak = self.shared = self.cpu = 0.0
        self._ended, self._lock = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(EVERY_S):
            self.look()

    def look(self, *, all_of_it: bool = False) -> tuple[float, float]:
        """Take down memory in megabytes and processor seconds, and return both as they are now."""
        with self._lock:
            if all_of_it or self._looks % SEARCH == 0:
                self._known = _family(self._pid)
            if all_of_it or self._looks % SHARES == 0:
                self.shared = max(self.shared, sum(map(_share_mb, self._known)))
            self._looks += 1
            said = [stat for pid in self._known if (stat := _stat(pid)) is not None]
            memory = sum(int(stat[21]) for stat in said) * PAGE / 1e6
            # Of a process that has ended, its parent keeps the time.
            self.cpu = max(self.cpu, sum(int(ticks) for stat in said for ticks in stat[11:15]) / TICKS)
            self.peak = max(self.peak, memory)
            return memory, self.cpu

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()


def _stat(pid: int) -> list[str] | None:
    """Return what the system says of a process (``/proc/PID/stat``) after its name; None = it has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return None


def _share_mb(pid: int) -> float:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000
    return 0.0


def _family(pid: int) -> list[int]:
    """List a process and all that it started."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))) is not None:
            parents[int(entry.name)] = int(stat[1])
    found, left = [], [pid]
    while left:
        at = left.pop()
        found.append(at)
        left += [child for child, parent in parents.items() if parent == at]
    return found


def measured(name: str, *paths: Path) -> Figures:
    """Run a measure of ``work.py`` in a process of its own, from where it says that it is ready to its result.

    It waits after its result, so that what it and its children used can still be looked at.
    """
    program = str(Path(__file__).parents[1] / "scale.py")
    command = [sys.executable, program, "--measure", name, *map(str, paths)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        watch = Watch(process.pid)
        assert process.stdout is not None  # noqa: S101 - asked for above
        first = process.stdout.readline().strip()
        base, before = watch.look(all_of_it=True)
        start = time.perf_counter()
        said = process.stdout.readline()
        wall = time.perf_counter() - start
        _, cpu = watch.look(all_of_it=True)
        watch.end()
        process.communicate("")
    if process.returncode or first != READY or not said:
        sys.exit(f"{name} failed on {', '.join(map(str, paths))}")
    return Figures(
        cpu=cpu - before,
        wall=wall,
        peak=watch.peak,
        over=watch.peak - base,
        shared=watch.shared,
        result=json.loads(said),
    )


def commanded(*arguments: str | Path) -> Figures:
    """Run ``rai-dash`` with some arguments, from its start to its end."""
    command = [str(Path(sys.executable).with_name("rai-dash")), *map(str, arguments)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
    watch = Watch(process.pid)
    assert process.stderr is not None  # noqa: S101 - asked for above
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    watch.end()
    if status:
        sys.exit(f"{' '.join(command)} failed: {said}")
    cpu = max(watch.cpu, usage.ru_utime + usage.ru_stime)
    return Figures(
        cpu=cpu, wall=wall, peak=watch.peak, over=watch.peak, shared=watch.shared, result={"said": said}
    )


def ready() -> None:
    """Say that all is imported and opened."""
    print(READY, flush=True)


def run(measure: Any, paths: Sequence[Path]) -> None:
    """Be the process that is measured."""
    print(json.dumps(measure(*paths)), flush=True)
    sys.stdin.read()
