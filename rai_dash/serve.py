"""Start the app in the foreground and print its address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
APP = Path(__file__).resolve().parents[1] / "app.py"
#: Shortest secret that cookies of people who signed in are sealed with: who guesses it is whom they like.
SHORTEST_SECRET: Final = 32
#: Where the sign-in service sends people back to.
_CALLBACK: Final = "/oauth2callback"


def check_port(address: str, port: int) -> None:
    """Refuse a port that is taken or not allowed, in one sentence.

    Raises
    ------
    InvalidChoice
        When the app could not listen there.
    """
    if not 0 < port < 65536:
        msg = f"Port {port} does not exist. Choose one from 1 to 65535, for example PORT=8502 make run."
        raise InvalidChoice(msg)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As Streamlit's own server does: a port that only lingers after a close can be taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            msg = (
                f"Port {port} on {address} cannot be used: {error.strerror}. "
                f"Stop what runs there, or choose another: PORT={port + 1} make run."
            )
            raise InvalidChoice(msg) from error


def check_lock(address: str) -> str:
    """Test the lock of the process that opens files, and say what it holds.

    Raises
    ------
    InvalidChoice
        When other machines would be served without a lock, or pickles let in without the full one.
    """
    from rai_dash.models.approval import check_policy
    from rai_dash.sandbox.lock import Level
    from rai_dash.sandbox.selftest import self_test

    check_policy()
    found = self_test()
    if found.level is Level.PROCESS and address not in LOOPBACK and not get_settings().allow_unlocked:
        msg = (
            f"{found.words} So only this machine is served: leave out --address {address}, "
            "or set RAI_DASH_ALLOW_UNLOCKED=1 to serve others all the same."
        )
        raise InvalidChoice(msg)
    return found.words


def check_sign_in(section: Mapping[str, object]) -> None:
    """Refuse a sign-in that would not be safe, in one sentence.

    Parameters
    ----------
    section : mapping
        The part ``[auth]`` of the secrets; its values are in no message.

    Raises
    ------
    InvalidChoice
        Without a long ``cookie_secret``, without a service, or with an address that is not https outside this machine.
    """
    back = section.get("redirect_uri")
    if (
        not isinstance(back, str)
        or not _is_private(back)
        or urlsplit(back).path[-len(_CALLBACK) :] != _CALLBACK
    ):
        msg = (
            f"Sign-in needs a redirect_uri that ends in {_CALLBACK} and begins with https:// (http:// only for "
            "localhost). Set it in [auth] of the secrets: docs/sign_in.md."
        )
        raise InvalidChoice(msg)
    secret = section.get("cookie_secret")
    if not isinstance(secret, str) or len(secret.strip()) < SHORTEST_SECRET:
        msg = (
            f"Sign-in needs a cookie_secret of {SHORTEST_SECRET} characters or more that nobody can guess. Set it in "
            "[auth] of the secrets: docs/sign_in.md."
        )
        raise InvalidChoice(msg)
    services = [
        part for part in (section, *section.values()) if isinstance(part, Mapping) and "client_id" in part
    ]
    if not services or not all(_is_private(str(part.get("server_metadata_url", ""))) for part in services):
        msg = (
            "Sign-in needs a service: client_id, client_secret and a server_metadata_url that begins with https:// "
            "(http:// only for localhost). Set them in [auth] of the secrets: docs/sign_in.md."
        )
        raise InvalidChoice(msg)


def _is_private(address: str) -> bool:
    """Whether nobody between here and an address can read or change what is sent."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def sign_in_section() -> Mapping[str, object] | None:
    """Return the part ``[auth]`` of the secrets that Streamlit will read; None = nobody has to sign in.

    A folder of secrets is left to the app, which refuses every page when it finds something wrong there.

    Raises
    ------
    InvalidChoice
        When a file of secrets cannot be read: Streamlit would go on without sign-in.
    """
    found: object = None
    for path in _secret_files():
        found = _toml(path).get("auth", found)
    if found is None:
        return None
    return found if isinstance(found, Mapping) else {}


def _secret_files() -> Iterator[Path]:
    """List the files of secrets that Streamlit reads, the later ones win."""
    homes = [Path.home() / ".streamlit", APP.parent / ".streamlit"]
    named: object = None
    for home in homes:
        section = _toml(home / "config.toml").get("secrets")
        named = section.get("files", named) if isinstance(section, dict) else named
    # With blanks between them, as Streamlit reads it.
    named = os.environ.get("STREAMLIT_SECRETS_FILES", "").split() or named
    paths = (
        [Path(str(one)) for one in named] if isinstance(named, list) else [h / "secrets.toml" for h in homes]
    )
    # Relative ones are meant from where the app runs.
    yield from (APP.parent / path for path in paths if path.suffix == ".toml")


def _toml(path: Path) -> dict[str, object]:
    """Read a file if it is there."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # The message of the parser may quote a secret.
        msg = f"The file {path} cannot be read as TOML. Mend it, so that it is clear whether people have to sign in."
        raise InvalidChoice(msg) from error


def public_name() -> str | None:
    """Return the name that people type to reach the app from elsewhere; None = nobody listed one, or it is stated.

    Streamlit compares two things: the host that is asked with ``server.allowedHosts``, and where the page came from
    with ``browser.serverAddress``. Both are the first listed host that is not this machine.
    """
    if os.environ.get("STREAMLIT_BROWSER_SERVER_ADDRESS"):
        return None
    names = os.environ.get("STREAMLIT_SERVER_ALLOWED_HOSTS", "").split()
    return next((name for name in names if name not in LOOPBACK and name[0].isalnum()), None)


def serve(*, port: int, address: str) -> None:
    """Run the app until it is stopped.

    Raises
    ------
    InvalidChoice
        When the port cannot be used, the app is not beside the package, files could not be opened safely, or sign-in
        is not set up safely.
    """
    if not APP.is_file():
        msg = f"The app is not at {APP}. Run rai-dash from a checkout of the repository."
        raise InvalidChoice(msg)
    check_port(address, port)
    section = sign_in_section()
    if section is not None:
        check_sign_in(section)
    locked = check_lock(address)
    shown = "localhost" if address in {"127.0.0.1", "0.0.0.0", "::"} else address  # noqa: S104
    entry = "Nobody has to sign in." if section is None else "People have to sign in."
    print(f"RAI Dash is at http://{shown}:{port} (stop it with Ctrl+C). {locked} {entry}", flush=True)  # noqa: T201
    command = [
        sys.executable,
        "-m",
        "rai_dash.ui.launch",
        "run",
        str(APP),
        f"--server.port={port}",
        f"--server.address={address}",
    ]
    if (name := public_name()) is not None:
        command.append(f"--browser.serverAddress={name}")
    # The configuration of Streamlit is read from the folder it starts in.
    os.chdir(APP.parent)
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606
    sys.exit(subprocess.call(command))  # noqa: S603
