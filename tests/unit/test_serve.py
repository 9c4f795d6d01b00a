from __future__ import annotations

import socket

import pytest

from rai_dash import serve as room
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings
from rai_dash.sandbox.lock import Level
from rai_dash.serve import check_port, serve


@pytest.fixture
def taken():
    """Listen on a port of the system's choice."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_is_refused_with_another_one_to_try(taken):
    with pytest.raises(InvalidChoice, match=rf"Port {taken} .* cannot be used: .*PORT={taken + 1} make run"):
        check_port("127.0.0.1", taken)


def test_a_port_that_was_let_go_is_accepted(taken):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    check_port("127.0.0.1", port)


@pytest.mark.parametrize("port", [-1, 0, 65536, 99999])
def test_a_port_that_does_not_exist_is_refused(port):
    with pytest.raises(InvalidChoice, match="1 to 65535"):
        check_port("127.0.0.1", port)


def test_an_address_that_is_not_of_this_machine_is_refused():
    with pytest.raises(InvalidChoice, match=r"192\.0\.2\.1 cannot be used"):
        check_port("192.0.2.1", 8599)


def test_nothing_is_started_on_a_taken_port(taken, monkeypatch, capsys):
    started = []
    monkeypatch.setattr(room.os, "execv", lambda *args: started.append(args))

    with pytest.raises(InvalidChoice):
        serve(port=taken, address="127.0.0.1")

    assert started == []
    assert capsys.readouterr().out == ""


def test_the_app_is_started_on_the_port_and_its_address_is_printed(monkeypatch, capsys):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = []
    monkeypatch.setattr(room.os, "execv", lambda *args: started.append(args))
    monkeypatch.setattr(room.os, "chdir", lambda _: None)
    monkeypatch.setattr(room.os, "name", "posix")

    # `execv` never comes back; after the stand-in for it the other way of starting follows.
    monkeypatch.setattr(room.subprocess, "call", lambda _: 0)
    with pytest.raises(SystemExit):
        serve(port=port, address="127.0.0.1")

    assert f"--server.port={port}" in started[0][1]
    assert "--server.address=127.0.0.1" in started[0][1]
    assert f"http://localhost:{port}" in capsys.readouterr().out


def test_without_the_app_beside_the_package_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "APP", tmp_path / "app.py")

    with pytest.raises(InvalidChoice, match="checkout"):
        serve(port=8599, address="127.0.0.1")


@pytest.fixture
def level(monkeypatch):
    """Pretend what the self-test finds."""
    from rai_dash.sandbox import selftest
    from rai_dash.sandbox.selftest import SelfTest

    def pretend(found):
        monkeypatch.setattr(selftest, "_found", [SelfTest(found, ())])

    return pretend


@pytest.fixture
def setting(monkeypatch):
    """Set an operator's variable for one test."""

    def put(name, value):
        monkeypatch.setenv(name, value)
        get_settings.cache_clear()

    yield put
    monkeypatch.undo()
    get_settings.cache_clear()


def test_without_a_lock_only_this_machine_is_served_until_the_operator_says_otherwise(level, setting):
    level(Level.PROCESS)

    assert "Open only files that you trust" in room.check_lock("127.0.0.1")
    with pytest.raises(InvalidChoice, match="RAI_DASH_ALLOW_UNLOCKED"):
        room.check_lock("risk.bank.example")
    setting("RAI_DASH_ALLOW_UNLOCKED", "1")
    assert room.check_lock("risk.bank.example")


@pytest.mark.parametrize("found", [Level.SECCOMP, Level.PROCESS])
def test_with_pickles_let_in_the_app_does_not_start_below_the_full_lock(level, setting, found):
    level(found)
    setting("RAI_DASH_ALLOW_PICKLE", "1")

    with pytest.raises(InvalidChoice, match="Take the setting back"):
        room.check_lock("127.0.0.1")
    level(Level.FULL)
    assert "locked process" in room.check_lock("127.0.0.1")
