"""The separate process, played in this one: for tests of what is asked of it, where its start would take the time."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from rai_dash.core.errors import Cancelled
from rai_dash.sandbox import frames
from rai_dash.sandbox.client import Child, Reply


def play(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every call of a child run here; arguments and answers pass through the wire format all the same."""

    def start(self, **_):
        self._here = {}

    def call(self, op, args=None, blobs=(), *, cancelled=None, **_):
        if cancelled is not None and cancelled():
            msg = "Stopped."
            raise Cancelled(msg)
        module, name = op.split(":")
        given = frames.decode_json(frames.encode_json(dict(args or {})))
        views = [memoryview(bytes(blob)) for blob in blobs]
        data, out = getattr(importlib.import_module(module), name)(self._here, given, views, lambda *_: None)
        return Reply(frames.decode_json(frames.encode_json(data)), [bytes(blob) for blob in out])

    monkeypatch.setattr(Child, "__init__", start)
    monkeypatch.setattr(Child, "call", call)
    monkeypatch.setattr(Child, "close", lambda self: self._here.clear())
    monkeypatch.setattr(Child, "alive", property(lambda _: True))


@pytest.fixture(scope="module")
def played() -> Iterator[None]:
    """Let a whole file of tests start no process, also for what its fixtures open."""
    with pytest.MonkeyPatch.context() as patch:
        play(patch)
        yield
