from __future__ import annotations

import os
import socket

import pytest

from rai_dash.core.errors import RefusedModel, UnreadableFile
from rai_dash.core.files import MEGABYTE, read_limited


def refused(source, limit_mb=1, error=UnreadableFile):
    with pytest.raises(error) as caught:
        read_limited(source, limit_mb, error=error)
    assert type(caught.value) is error
    return caught.value


def test_a_file_and_bytes_come_back_whole(tmp_path):
    content = bytes(range(256)) * 4096
    path = tmp_path / "it"
    path.write_bytes(content)

    assert read_limited(path, 1, error=UnreadableFile) == content
    assert read_limited(str(path), 1, error=UnreadableFile) == content
    assert read_limited(content, 1, error=UnreadableFile) == content


def test_a_link_to_a_file_is_followed(tmp_path):
    (tmp_path / "it").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "it")

    assert read_limited(tmp_path / "link", 1, error=UnreadableFile) == b"x"


def test_one_byte_over_the_limit_is_too_large_in_a_file_and_in_memory(tmp_path):
    content = b"x" * (MEGABYTE + 1)
    path = tmp_path / "it"
    path.write_bytes(content)

    for source, setting in ((path, "MAX_FILE_MB"), (content, "MAX_UPLOAD_MB")):
        error = refused(source)
        assert error.code == "too_large"
        assert "larger than 1 MB" in error.message
        assert f"RAI_DASH_{setting}" in error.message
    assert len(read_limited(path, 2, error=UnreadableFile)) == MEGABYTE + 1


def test_a_file_too_large_is_refused_before_a_byte_is_read(tmp_path):
    path = tmp_path / "hole"
    with path.open("wb") as file:
        file.truncate(2**40)  # takes no room on disk, and would take all memory

    assert refused(path, 200).code == "too_large"


def test_a_file_that_hides_its_size_is_held_to_the_limit_as_well(monkeypatch, tmp_path):
    path = tmp_path / "it"
    path.write_bytes(b"x" * (2 * MEGABYTE))
    real = os.fstat
    # Files of the system's own file systems say 0 bytes.
    monkeypatch.setattr(os, "fstat", lambda fd: os.stat_result([*real(fd)[:6], 0, *real(fd)[7:10]]))

    assert refused(path).code == "too_large"


@pytest.mark.parametrize("error", [UnreadableFile, RefusedModel])
def test_a_folder_a_pipe_a_socket_and_a_device_get_a_sentence_and_never_hang(monkeypatch, tmp_path, error):
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        for source, words in (
            (tmp_path, "a folder"),
            (tmp_path / "pipe", "a pipe"),
            (tmp_path / "socket", "a socket"),
            ("/dev/zero", "a device"),
        ):
            found = refused(source, error=error)
            assert found.code == "unreadable_file"
            assert f"`{source}` is {words}, not a file" in found.message


def test_a_path_that_is_not_there_or_is_none_is_said(tmp_path):
    assert "cannot be read: No such file" in refused(tmp_path / "nowhere").message
    assert "is no path" in refused("a\0b").message
