"""Start the real app on a free port and drive it in Chromium: for browser tests, screenshots, benchmarks."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPO = Path(__file__).resolve().parents[1]
LAUNCH_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--force-device-scale-factor=1",
    "--font-render-hinting=none",
)
#: True once the script has run, nothing is stale and no placeholder is left.
_SETTLED = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    if (!app || app.getAttribute('data-test-script-state') !== 'notRunning') return false;
    const busy = '[data-stale=true],[data-testid=stSkeleton],[data-testid=stAppSkeleton],[data-testid=stSpinner]';
    if (document.querySelector(busy)) return false;
    const main = document.querySelector('[data-testid=stMain]');
    return !!main && main.innerText.trim().length > 20;
}"""


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as reply:  # noqa: S310
        return bool(reply.status == 200)
    return False


@contextmanager
def serving(
    store: Path,
    log: Path,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run ``rai-dash run`` until the block ends; yields its address.

    Parameters
    ----------
    store : Path
        SQLite file of the sign-offs.
    log : Path
        Where the server's output goes, for the message of a failure.
    host : str
        Name of this machine that stands in the address.
    port : int, optional
        Where it listens; None = a free one.
    env : mapping of str to str, optional
        Further variables of its environment.
    """
    port = free_port() if port is None else port
    own = {"RAI_DASH_DATABASE_URL": f"sqlite:///{store}", "RAI_DASH_DATA_DIR": str(store.parent)}
    start = "from rai_dash.cli import main; main()"
    command = [sys.executable, "-c", start, "run", "--port", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(
            command,
            cwd=REPO,
            env=os.environ | own | dict(env or {}),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://{host}:{port}"
            end = time.monotonic() + 60
            while not _answers(address):
                if server.poll() is not None or time.monotonic() > end:
                    msg = f"The app did not start:\n{log.read_text(errors='replace')}"
                    raise RuntimeError(msg)
                time.sleep(0.1)
            yield address
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(10)


@contextmanager
def chromium(path: str | None = None) -> Iterator[Browser]:
    """Run a headless Chromium with a fresh profile until the block ends."""
    from playwright.sync_api import sync_playwright

    found = path or shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=list(LAUNCH_ARGS), downloads_path=folder)
        try:
            yield browser
        finally:
            browser.close()


def settle(page: Page, *, timeout_s: float = 60, pause_ms: float = 300) -> None:
    """Wait until the page has finished running and drawing; a pause lets it begin to run again, if it is about to."""
    page.wait_for_function(_SETTLED, timeout=timeout_s * 1000)
    page.wait_for_timeout(pause_ms)
    page.wait_for_function(_SETTLED, timeout=timeout_s * 1000)
    page.evaluate("() => document.fonts.ready.then(() => true)")
