"""Many damaged files through the public doors, but in one process, which starts again when one of them ends it."""

from __future__ import annotations

import sys
from collections import Counter

from rai_dash.core.errors import RaiError, WorkerFailed
from rai_dash.sandbox.client import Child
from tests.hostile.hostile_file import flaws

#: What the end of a process is called; any other failure was an error that nobody foresaw.
_DEATHS = frozenset({"worker_crashed", "worker_timeout", "worker_nonsense", "worker_memory"})
_MOST = 0.02


class Keeper:
    """Stands in for the separate process of one file, and notes what goes wrong in it."""

    alive = True

    def __init__(self):
        self._child = None
        self.failures = []

    def call(self, op, args=None, blobs=(), **more):
        """Run an entry point in the process, in a new one where the last file ended it."""
        if self._child is None or not self._child.alive:
            self._child = Child()
        try:
            return self._child.call(op, args, blobs, **more)
        except WorkerFailed as error:
            self.failures.append(error)
            raise

    def close(self):
        """Do nothing: the process stays for the next file."""

    def end(self):
        """End the process."""
        if self._child is not None:
            self._child.close()


class Tally:
    """What became of the mutants of one format: outcomes, processes that ended or ran into an error, poor wording."""

    def __init__(self):
        self.codes = Counter()
        self.ends = Counter()
        self.strays = Counter()
        self.wording = Counter()

    def report(self, name, capsys):
        """Print the tally, past the capture of the test."""
        with capsys.disabled():
            counts = ", ".join(f"{code} {n}" for code, n in self.codes.most_common())
            deaths, strays = (f"{found.total()} {dict(found) or ''}" for found in (self.ends, self.strays))
            sys.stdout.write(f"\n{name}: deaths {deaths}, unforeseen {strays}; {counts}\n")

    def note(self, shown, failures):
        """Count what the door showed (None = accepted) and what went wrong behind it."""
        self.codes["accepted" if shown is None else shown.code] += 1
        for failure in failures:
            found = self.ends if failure.code in _DEATHS else self.strays
            found[f"{failure.code} {failure.message[:160]}"] += 1
        for flaw in flaws(shown.message) if shown is not None else ():
            self.wording[f"{flaw}: {shown.message[:160]}"] += 1

    def check(self):
        """Few mutants may end their process or run into an error that nobody foresaw, and every refusal is plain."""
        assert self.ends.total() <= _MOST * self.codes.total(), dict(self.ends)
        assert self.strays.total() <= _MOST * self.codes.total(), dict(self.strays)
        assert not self.wording, dict(self.wording)


def fuzz(mutants, keeper, attempt, refusal):
    """Give each mutant to ``attempt``, a public door; what it does not accept it has to refuse.

    Parameters
    ----------
    mutants : iterable of bytes
        Damaged files.
    keeper : Keeper
        In whose process they are opened.
    attempt : callable
        Opens one.
    refusal : type of RaiError
        What the door has to raise where the process failed.

    Returns
    -------
    Tally
    """
    tally = Tally()
    for content in mutants:
        keeper.failures.clear()
        shown = _shown(attempt, content)
        tally.note(shown, keeper.failures)
        assert not keeper.failures or isinstance(shown, refusal), (shown, keeper.failures)
    return tally


def _shown(attempt, content):
    try:
        attempt(content)
    except RaiError as error:
        return error
    return None
