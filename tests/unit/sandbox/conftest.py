"""Tests of the separate process are run twice: with processes of their own interpreter, and with forks."""

from __future__ import annotations

import sys
import time

import pytest

from rai_dash.core.settings import get_settings
from rai_dash.sandbox import spawn
from rai_dash.sandbox.client import run_once
from rai_dash.sandbox.lock import Level
from rai_dash.sandbox.selftest import self_test


@pytest.fixture(scope="session")
def grown_stem():
    """The stem of this process, ready to fork."""
    get_settings()
    if sys.platform != "linux" or self_test().level is Level.PROCESS:
        pytest.skip("Processes are forked from a stem only where they can be locked.")
    for _ in range(spawn.FEW + 1):
        run_once("rai_dash.sandbox.probes:echo")
    stem = spawn._starts._stem
    end = time.monotonic() + 100
    while not stem.ready:
        assert stem.alive, f"the stem ended with status {stem._process.returncode}"
        assert time.monotonic() < end
        time.sleep(0.05)
    return stem


@pytest.fixture(scope="module")
def forked(grown_stem):
    """Every process is a fork."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spawn._starts, "_stem", grown_stem)
        patch.setattr(spawn._starts, "_asked", 10**6)
        yield


@pytest.fixture(params=["afresh", "forked"], scope="module")
def kind(request):
    """How processes are started."""
    if request.param == "forked":
        request.getfixturevalue("forked")
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spawn, "FEW", 10**9)
        yield
