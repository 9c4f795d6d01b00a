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


@pytest.mark.parametrize(
    ("hosts", "stated", "passed"),
    [
        ("", "", []),
        ("localhost 127.0.0.1", "", []),
        ("localhost rai.bank.example other.example", "", ["--browser.serverAddress=rai.bank.example"]),
        ("*.bank.example rai.bank.example", "", ["--browser.serverAddress=rai.bank.example"]),
        ("rai.bank.example", "other.example", []),
    ],
)
def test_pages_of_the_public_name_may_connect(monkeypatch, hosts, stated, passed):
    """Without it Streamlit takes them for pages of somebody else, and they stay empty."""
    started = []
    monkeypatch.setenv("STREAMLIT_SERVER_ALLOWED_HOSTS", hosts)
    monkeypatch.setenv("STREAMLIT_BROWSER_SERVER_ADDRESS", stated)
    monkeypatch.setattr(room.os, "execv", lambda *args: started.append(args[1]))
    monkeypatch.setattr(room.os, "chdir", lambda _: None)
    monkeypatch.setattr(room.subprocess, "call", lambda _: 0)
    monkeypatch.setattr(room, "check_port", lambda *_: None)

    with pytest.raises(SystemExit):
        serve(port=8599, address="127.0.0.1")

    assert [a for a in started[0] if a.startswith("--browser")] == passed


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


# --- sign-in ---

SERVICE = {
    "client_id": "app",
    "client_secret": "x",
    "server_metadata_url": "https://id.bank.example/.well-known/x",
}
SAFE = {"redirect_uri": "https://rai.bank.example/oauth2callback", "cookie_secret": "s" * 32, **SERVICE}


@pytest.mark.parametrize(
    "back",
    [
        "https://rai.bank.example/oauth2callback",
        "https://bank.example/tools/rai/oauth2callback",
        "http://localhost:8501/oauth2callback",
        "http://127.0.0.1:8501/oauth2callback",
        "http://[::1]:8501/oauth2callback",
    ],
)
def test_sign_in_may_come_back_over_https_or_to_this_machine(back):
    room.check_sign_in(SAFE | {"redirect_uri": back})


@pytest.mark.parametrize(
    "back",
    [
        None,
        "",
        7,
        "/oauth2callback",
        "http://rai.bank.example/oauth2callback",
        "http://localhost.evil.example/oauth2callback",
        "http://localhost@evil.example/oauth2callback",
        "http://10.0.0.7:8501/oauth2callback",
        "ftp://localhost/oauth2callback",
        "https:///oauth2callback",
        "https://[::1/oauth2callback",
        "https://rai.bank.example/",
        "https://rai.bank.example/?to=/oauth2callback",
    ],
)
def test_any_other_way_back_is_refused(back):
    with pytest.raises(
        InvalidChoice, match="redirect_uri that ends in /oauth2callback and begins with https://"
    ):
        room.check_sign_in(SAFE | {"redirect_uri": back})


@pytest.mark.parametrize("secret", [None, "", " " * 40, "s" * 31, 12345678901234567890123456789012])
def test_a_missing_or_short_cookie_secret_is_refused_and_never_quoted(secret):
    with pytest.raises(InvalidChoice, match="cookie_secret of 32 characters") as caught:
        room.check_sign_in(SAFE | {"cookie_secret": secret})

    assert secret in (None, "") or str(secret) not in caught.value.message


def test_each_named_service_is_checked():
    shared = {k: SAFE[k] for k in ("redirect_uri", "cookie_secret")}
    room.check_sign_in(shared | {"bank": SERVICE})

    for broken in (
        {},
        {"bank": SERVICE | {"server_metadata_url": "http://id.bank.example/x"}},
        {"bank": {"client_id": "a"}},
    ):
        with pytest.raises(InvalidChoice, match="server_metadata_url that begins with https"):
            room.check_sign_in(shared | broken)


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A home and an app folder of the test's own."""
    home, app = tmp_path / "home", tmp_path / "app"
    for folder in (home, app):
        (folder / ".streamlit").mkdir(parents=True)
    (app / "app.py").touch()
    monkeypatch.setattr(room, "APP", app / "app.py")
    monkeypatch.setattr(room.Path, "home", lambda: home)
    monkeypatch.delenv("STREAMLIT_SECRETS_FILES", raising=False)
    return home / ".streamlit", app / ".streamlit"


def _secret(mark):
    return f'[auth]\nclient_id = "{mark}"\n'


def test_without_secrets_nobody_has_to_sign_in(places):
    assert room.sign_in_section() is None
    (places[1] / "secrets.toml").write_text('[database]\npassword = "x"\n')
    assert room.sign_in_section() is None


def test_the_secrets_are_read_where_streamlit_reads_them(places, tmp_path, monkeypatch):
    from streamlit import config
    from streamlit.runtime.secrets import Secrets

    home, app = places

    def streamlits(files):
        monkeypatch.setattr(Secrets, "_maybe_install_file_watchers", lambda _: None)
        monkeypatch.setattr(config, "get_option", lambda _: [str(f) for f in files])
        return Secrets().to_dict()["auth"]

    (home / "secrets.toml").write_text(_secret("home"))
    assert room.sign_in_section() == streamlits([home / "secrets.toml"]) == {"client_id": "home"}
    (app / "secrets.toml").write_text(_secret("app"))
    both = [home / "secrets.toml", app / "secrets.toml"]
    assert room.sign_in_section() == streamlits(both) == {"client_id": "app"}
    (app / "config.toml").write_text('[secrets]\nfiles = [".streamlit/third.toml"]\n')
    (app / "third.toml").write_text(_secret("third"))
    assert room.sign_in_section() == streamlits([app / "third.toml"]) == {"client_id": "third"}
    fourth, fifth = tmp_path / "fourth.toml", tmp_path / "fifth.toml"
    fourth.write_text(_secret("fourth"))
    fifth.write_text(_secret("fifth"))
    monkeypatch.setenv("STREAMLIT_SECRETS_FILES", f"{fourth} {fifth} {tmp_path / 'none.toml'}")
    assert room.sign_in_section() == streamlits([fourth, fifth]) == {"client_id": "fifth"}


@pytest.mark.parametrize("content", [b'[auth]\ncookie_secret = "half', b"\xff\xfe\x00"])
def test_secrets_that_cannot_be_read_stop_the_start(places, content):
    (places[1] / "secrets.toml").write_bytes(content)

    with pytest.raises(InvalidChoice, match=r"secrets\.toml cannot be read as TOML") as caught:
        room.sign_in_section()
    assert "half" not in caught.value.message


def test_nothing_is_started_with_an_unsafe_sign_in(places, monkeypatch, capsys):
    (places[1] / "secrets.toml").write_text(
        _secret("a") + 'redirect_uri = "http://rai.bank.example/oauth2callback"\n'
    )
    started = []
    monkeypatch.setattr(room.os, "execv", lambda *args: started.append(args))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(InvalidChoice, match="redirect_uri"):
        serve(port=port, address="127.0.0.1")

    assert started == []
    assert capsys.readouterr().out == ""
