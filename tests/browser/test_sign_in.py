"""Signing in through a real OpenID provider: who one is, what one may do, when it ends, and whose a case is."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import driving
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

#: Two services of one server: tokens of the first outlive a test, those of the second do not.
LASTING, SHORT = "bank", "brief"
SHORT_S = 15
PEOPLE = {
    "vera": {"name": "Vera Viewer", "groups": ["branch"]},
    "emil": {"preferred_username": "Emil Expert", "groups": "credit"},
    "anna": {"name": "Anna Analyst", "groups": ["branch", "model"]},
    "otto": {"name": "Otto Operator", "groups": ["it", "credit"]},
}
RIGHTS = {
    "RAI_DASH_GROUP_ROLES": '{"credit": "expert", "model": "analyst", "it": "operator"}',
    "RAI_DASH_GROUP_SIGNS": '{"credit": "domain expert"}',
    "RAI_DASH_GROUPS_SEE_ROWS": '["credit"]',
}
SignIn = Callable[..., Page]


@contextmanager
def providing(log: Path, *, seconds: int) -> Iterator[str]:
    """Run an OpenID provider in a process of its own until the block ends; yields its address."""
    port = driving.free_port()
    command = [
        *(sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"),
        *("--token-max-age", str(seconds)),
    ]
    for subject, claims in PEOPLE.items():
        command += [
            "--user-claims",
            json.dumps({"sub": subject, "email": f"{subject}@bank.example", **claims}),
        ]
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            address = f"http://127.0.0.1:{port}"
            end = time.monotonic() + 60
            while not _answers(address):
                if server.poll() is not None or time.monotonic() > end:
                    msg = f"The provider did not start:\n{log.read_text(errors='replace')}"
                    raise RuntimeError(msg)
                time.sleep(0.1)
            yield address
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(10)


def _answers(address: str) -> bool:
    with (
        suppress(OSError),
        urllib.request.urlopen(f"{address}/jwks", timeout=2) as reply,  # noqa: S310
    ):
        return bool(reply.status == 200)
    return False


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an app where people sign in."""
    folder = tmp_path_factory.mktemp("sign_in")
    port = driving.free_port()
    with ExitStack() as stack:
        secrets = [
            "[auth]",
            f'redirect_uri = "http://localhost:{port}/oauth2callback"',
            f'cookie_secret = "{os.urandom(32).hex()}"',
        ]
        for name, seconds in ((LASTING, 3600), (SHORT, SHORT_S)):
            provider = stack.enter_context(providing(folder / f"{name}.log", seconds=seconds))
            secrets += [
                f"[auth.{name}]",
                'client_id = "rai-dash"',
                'client_secret = "of the tests"',
                f'server_metadata_url = "{provider}/.well-known/openid-configuration"',
            ]
        path = folder / "secrets.toml"
        path.write_text("\n".join(secrets), encoding="utf-8")
        env = RIGHTS | {"STREAMLIT_SECRETS_FILES": str(path)}
        store, log = folder / "store.sqlite", folder / "server.log"
        yield stack.enter_context(driving.serving(store, log, host="localhost", port=port, env=env))


@pytest.fixture
def profiles(browser: Browser, guarded: str) -> Iterator[Callable[[], BrowserContext]]:
    """Make fresh profiles; whatever a page of the app asks of another machine fails the test."""
    made: list[BrowserContext] = []
    foreign: list[str] = []

    def stay_here(route: Route) -> None:
        if urlsplit(route.request.url).hostname in {"localhost", "127.0.0.1"}:
            route.continue_()
            return
        # The pages of the provider ask for a style sheet.
        if route.request.frame.url.startswith(guarded):
            foreign.append(route.request.url)
        route.abort()

    def make() -> BrowserContext:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900},
            locale="en-GB",
            timezone_id="UTC",
            reduced_motion="reduce",
        )
        context.route("**/*", stay_here)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert foreign == []


@pytest.fixture
def sign_in(profiles: Callable[[], BrowserContext], guarded: str) -> SignIn:
    """Sign somebody in, in a profile of their own."""

    def run(who: str, service: str = LASTING) -> Page:
        page = profiles().new_page()
        page.goto(guarded)
        driving.settle(page, timeout_s=120)
        page.get_by_role("button", name=f"Sign in with {service}").click()
        page.get_by_role("button", name=who, exact=True).click()
        page.wait_for_url(re.compile(re.escape(guarded)))
        return page

    return run


def _go(page: Page, address: str) -> Page:
    page.goto(address)
    driving.settle(page, timeout_s=120)
    return page


def _main(page: Page) -> str:
    assert page.locator("[data-testid=stException]").count() == 0
    return page.locator("[data-testid=stMain]").inner_text().replace("\N{WORD JOINER}", "")


def _account(page: Page) -> str:
    return page.locator("[data-testid=stSidebar] .st-key-account").inner_text()


@pytest.mark.parametrize("path", ["", "fairness", "sign_off?case=story.abc"])
def test_nothing_of_the_app_is_shown_before_signing_in(
    profiles: Callable[[], BrowserContext], guarded: str, path: str
) -> None:
    page = _go(profiles().new_page(), f"{guarded}/{path}")

    assert "Sign in to go on" in _main(page)
    names = [b.inner_text().splitlines()[-1] for b in page.locator("[data-testid=stMain] button").all()]
    assert names == [f"Sign in with {LASTING}", f"Sign in with {SHORT}"]
    assert page.locator("[data-testid=stSidebarNav]").count() == 0
    assert not page.locator("[data-testid=stSidebar]").is_visible()


def test_a_viewer_may_neither_upload_nor_see_single_applications(sign_in: SignIn, guarded: str) -> None:
    page = sign_in("vera")
    driving.settle(page, timeout_s=120)

    account = _account(page)
    assert "Vera Viewer" in account
    assert "Signed in. Role: viewer; may not see single applications." in account
    assert "Uploading a file needs the role analyst" in _main(page)
    for box in page.locator("[data-testid=stFileUploader] input[type=file]").all():
        assert box.is_disabled()
    assert page.get_by_role("button", name="Confirm roles").count() == 0
    _go(page, f"{guarded}/explain")
    assert "You may not see single applications" in _main(page)
    assert page.locator("[data-testid=stMain] [data-testid=stDataFrame]").count() == 0


def test_an_expert_by_group_sees_single_applications_and_still_may_not_upload(
    sign_in: SignIn, guarded: str
) -> None:
    page = sign_in("emil")
    driving.settle(page, timeout_s=120)

    account = _account(page)
    assert "Emil Expert" in account
    assert "Signed in. Role: expert; may see single applications." in account
    assert page.locator("[data-testid=stFileUploader] input[type=file]").first.is_disabled()
    _go(page, f"{guarded}/explain")
    assert "You may not see single applications" not in _main(page)
    assert page.locator("[data-testid=stMain] [data-testid=stDataFrame]").count() > 0


def test_an_uploaded_case_opens_by_its_link_for_its_owner_only(
    sign_in: SignIn, guarded: str, tmp_path: Path
) -> None:
    table = tmp_path / "loans.csv"
    rows = "".join(f"{'yes' if i % 2 else 'no'},{'f' if i % 3 else 'm'},0.{i % 9 + 1}\n" for i in range(60))
    table.write_text("approved,gender,score\n" + rows, encoding="utf-8")
    page = sign_in("anna")
    driving.settle(page, timeout_s=120)
    box = page.locator("[data-testid=stFileUploader]").filter(has_text="Data file")
    box.locator("input[type=file]").set_input_files(str(table))
    expect(page.locator("[data-testid=stMain]")).to_contain_text(
        "loans.csv, training or test data", timeout=60_000
    )
    driving.settle(page)
    query = page.url.partition("?")[2]
    assert "case=" in query

    for who in ("otto", "vera"):
        other = sign_in(who)
        driving.settle(other, timeout_s=120)
        _go(other, f"{guarded}/data?{query}")
        assert "This case belongs to somebody else" in _main(other)
        assert "loans.csv" not in other.locator("body").inner_text()
        other.get_by_role("button", name="Open the bundled story").click()
        driving.settle(other, timeout_s=120)
        assert "belongs to somebody else" not in _main(other)
    _go(page, f"{guarded}/data?{query}")
    assert "belongs to somebody else" not in _main(page)
    assert "loans.csv" in page.locator("[data-testid=stSidebar]").inner_text()


def test_signing_out_ends_the_session_here_and_a_new_tab_does_not_bring_it_back(
    sign_in: SignIn, guarded: str
) -> None:
    page = sign_in("otto")
    driving.settle(page, timeout_s=120)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    page.wait_for_url(re.compile(re.escape(guarded)))
    driving.settle(page, timeout_s=120)

    assert "Sign in to go on" in _main(page)
    assert "Otto" not in page.locator("body").inner_text()
    assert "Sign in to go on" in _main(_go(page.context.new_page(), f"{guarded}/data"))


def test_an_expired_token_is_refused_at_the_next_click_and_on_a_reload(sign_in: SignIn, guarded: str) -> None:
    page = sign_in("otto", SHORT)
    started = time.monotonic()
    driving.settle(page, timeout_s=120)
    # Inside a fragment: a click there runs the fragment alone.
    page.locator("[data-testid=stSidebarNav]").get_by_text("Data", exact=True).click()
    expect(page.get_by_text("What to look at first").first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(max(0.0, started + SHORT_S + 1 - time.monotonic()) * 1000)
    assert "Otto Operator" in _account(page)

    page.locator("[data-testid=stMain]").get_by_text("Column by column", exact=True).first.click()

    expect(page.locator("[data-testid=stMain]")).to_contain_text("Your sign-in has ended", timeout=30_000)
    driving.settle(page)
    assert page.locator("[data-testid=stSidebarNav]").count() == 0
    assert "Otto" not in page.locator("body").inner_text()
    _go(page, f"{guarded}/data")
    assert "Your sign-in has ended" in _main(page)
