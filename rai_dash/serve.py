"""Start the app in the foreground and print its address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
APP = Path(__file__).resolve().parents[1] / "app.py"


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


def serve(*, port: int, address: str) -> None:
    """Run the app until it is stopped.

    Raises
    ------
    InvalidChoice
        When the port cannot be used, the app is not beside the package, or files could not be opened safely.
    """
    if not APP.is_file():
        msg = f"The app is not at {APP}. Run rai-dash from a checkout of the repository."
        raise InvalidChoice(msg)
    check_port(address, port)
    locked = check_lock(address)
    shown = "localhost" if address in {"127.0.0.1", "0.0.0.0", "::"} else address  # noqa: S104
    print(f"RAI Dash is at http://{shown}:{port} (stop it with Ctrl+C). {locked}", flush=True)  # noqa: T201
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(APP),
        f"--server.port={port}",
        f"--server.address={address}",
    ]
    # The configuration of Streamlit is read from the folder it starts in.
    os.chdir(APP.parent)
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606
    sys.exit(subprocess.call(command))  # noqa: S603
