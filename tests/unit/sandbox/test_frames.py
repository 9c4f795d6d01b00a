"""What the app believes of the bytes that come out of the separate process: nothing that was not checked."""

from __future__ import annotations

import json
import mmap
import os
import socket
import sys

import numpy as np
import pytest

from rai_dash.sandbox import frames
from rai_dash.sandbox.client import Reply, _Error, _listen
from rai_dash.sandbox.frames import BadFrame, Kind
from rai_dash.sandbox.line import Clock, Gone, Line


def hear(*sent: bytes, on_progress=None):
    """Let a child say some bytes and hang up, and listen."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(b"".join(sent))
        return _listen(Line(ours, Clock(10, None)), on_progress)


def frame(kind: int, payload: bytes | dict, *, length: int | None = None) -> bytes:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return frames.HEADER.pack(kind, len(raw) if length is None else length) + raw


def test_a_result_with_its_blobs_is_understood():
    heard = hear(
        frame(Kind.RESULT, {"data": {"a": 1}, "blobs": 2}), frame(Kind.BLOB, b"x"), frame(Kind.BLOB, b"")
    )
    assert heard == Reply({"a": 1}, [b"x", b""])


def test_an_error_is_understood():
    heard = hear(frame(Kind.ERROR, {"class": "RefusedModel", "code": "c", "message": "m"}))
    assert isinstance(heard, _Error)
    assert (heard.kind, heard.code, heard.message) == ("RefusedModel", "c", "m")


def test_progress_before_the_result_is_passed_on():
    seen = []
    hear(
        frame(Kind.PROGRESS, {"done": 1, "total": 2, "note": "half"}),
        frame(Kind.RESULT, {"data": {}, "blobs": 0}),
        on_progress=lambda *note: seen.append(note),
    )
    assert seen == [(1, 2, "half")]


RESULT = frame(Kind.RESULT, {"data": {}, "blobs": 1})
NONSENSE = {
    "an unknown kind": frame(9, b"{}"),
    "a call": frame(Kind.CALL, {"op": "x"}),
    "raw bytes first": frame(Kind.BLOB, b"\x00\x01"),
    "a JSON text over the limit": frame(Kind.RESULT, b"", length=frames.MAX_JSON + 1),
    "a length of 2^63": frame(Kind.RESULT, b"", length=2**63),
    "no JSON": frame(Kind.RESULT, b"\x80\x04."),
    "a JSON list": frame(Kind.RESULT, b"[]"),
    "NaN": frame(Kind.RESULT, b'{"data": {"a": NaN}, "blobs": 0}'),
    "endless nesting": frame(Kind.RESULT, b'{"data": {"a": ' + b"[" * 200_000),
    "no data": frame(Kind.RESULT, {"blobs": 0}),
    "data of another form": frame(Kind.RESULT, {"data": [1], "blobs": 0}),
    "a negative number of blobs": frame(Kind.RESULT, {"data": {}, "blobs": -1}),
    "too many blobs": frame(Kind.RESULT, {"data": {}, "blobs": 10**9}),
    "a result where a blob is due": RESULT + RESULT,
    "a blob over the limit": RESULT + frame(Kind.BLOB, b"", length=2**40),
    "progress without numbers": frame(Kind.PROGRESS, {"done": "a", "total": 1, "note": ""}),
    "a very long note": frame(Kind.PROGRESS, {"done": 1, "total": 1, "note": "x" * 10_000}),
    "a very long error": frame(Kind.ERROR, {"class": "", "code": "", "message": "x" * 10_000}),
    "an error without text": frame(Kind.ERROR, {"class": "RefusedModel"}),
}


@pytest.mark.parametrize("sent", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_from_the_child_is_refused(sent):
    with pytest.raises(BadFrame):
        hear(sent)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x03",
        frame(Kind.RESULT, b'{"da', length=500),
        RESULT,
        RESULT + frame(Kind.BLOB, b"x", length=9),
    ],
)
def test_a_child_that_stops_in_the_middle_is_gone(sent):
    with pytest.raises(Gone):
        hear(sent)


def test_numpy_numbers_are_written_as_json_and_arrays_are_not():
    assert (
        frames.encode_json({"a": np.int64(3), "b": np.float64(0.5), "c": np.bool_(1)})
        == b'{"a":3,"b":0.5,"c":true}'
    )
    with pytest.raises(TypeError, match="ndarray"):
        frames.encode_json({"a": np.zeros(2)})


def test_infinity_is_not_written():
    with pytest.raises(ValueError, match="JSON"):
        frames.encode_json({"a": float("inf")})


def test_half_a_surrogate_pair_survives_the_way():
    assert frames.decode_json(frames.encode_json({"name": "\ud800"})) == {"name": "\ud800"}


def test_a_memory_file_holds_the_bytes():
    (view,) = frames.map_files([frames.memory_file(b"abc")])
    assert bytes(view) == b"abc"
    assert view.readonly


def test_an_empty_memory_file_is_empty():
    (view,) = frames.map_files([frames.memory_file(b"")])
    assert bytes(view) == b""


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux can seal.")
def test_a_memory_file_is_sealed():
    fd = frames.memory_file(b"abc")
    try:
        with pytest.raises(PermissionError):
            os.write(fd, b"x")
        with pytest.raises(PermissionError):
            os.ftruncate(fd, 1)
        with pytest.raises(PermissionError):
            mmap.mmap(fd, 3, access=mmap.ACCESS_WRITE)
    finally:
        os.close(fd)


def test_where_there_are_no_memory_files_a_temporary_file_takes_their_place(monkeypatch):
    monkeypatch.setattr(frames.sys, "platform", "darwin")
    (view,) = frames.map_files([frames.memory_file(b"abc")])
    assert bytes(view) == b"abc"
