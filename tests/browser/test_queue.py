"""Two browsers, two names: both work one queue at once, blind, and every decision is in the ledger."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import driving
import pytest
from playwright.sync_api import Browser, Page, expect

from rai_dash.core.settings import get_settings
from tests.app import queue_case

CASES_EACH = 3


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A store with a policy in force and a queue in which everybody is read twice."""
    folder = tmp_path_factory.mktemp("queue")
    patch = pytest.MonkeyPatch()
    for name, value in {"KEEP_BATCH_ROWS": "true", "DATA_DIR": str(folder)}.items():
        patch.setenv(f"RAI_DASH_{name}", value)
    get_settings.cache_clear()
    case, target = queue_case.story("browser"), f"sqlite:///{folder / 'store.sqlite'}"
    queue_case.active_policy(case, target)
    queue = queue_case.fill(case, target, audit=0.3, second=1.0)
    yield folder / "store.sqlite", queue
    patch.undo()
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def served(filled: tuple[Path, str]) -> Iterator[str]:
    store, _ = filled
    with driving.serving(store, store.parent / "log", env={"RAI_DASH_KEEP_BATCH_ROWS": "true"}) as found:
        yield found


def open_as(browser: Browser, address: str, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce").new_page()
    page.goto(f"{address}/queue?case=story.queue&data=production&model=repaired&policy={queue_case.POLICY}")
    driving.settle(page, timeout_s=120)
    field = page.locator("[data-testid=stSidebar]").get_by_label("Your name")
    field.fill(name)
    field.press("Enter")
    driving.settle(page)
    return page


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=re.compile(rf"^{label}")).click()
    driving.settle(page, timeout_s=120)


def shown(page: Page) -> str:
    return page.locator("[data-testid=stMain]").inner_text()


def case_of(page: Page) -> int:
    return int(re.search(r"Case (\d+)", shown(page)).group(1)) - 1


def entries(store: Path) -> list[tuple[str, str, dict]]:
    with sqlite3.connect(store) as connection:
        rows = connection.execute(
            "SELECT kind, actor, body FROM ledger WHERE kind LIKE 'queue.%' ORDER BY seq"
        )
        return [(kind.removeprefix("queue."), actor, json.loads(body)) for kind, actor, body in rows]


def test_two_reviewers_work_one_queue_at_once_without_seeing_each_other(
    browser: Browser, served: str, filled: tuple[Path, str]
) -> None:
    store, _ = filled
    pages = {name: open_as(browser, served, name) for name in ("Bea Officer", "Cem Officer")}
    for page in pages.values():
        press(page, "Start deciding")
        expect(page.get_by_text("What would you decide, knowing this?")).to_be_visible()
    begun = {name: case_of(page) for name, page in pages.items()}
    assert len(set(begun.values())) == 2
    for _ in range(CASES_EACH):
        for page in pages.values():
            expect(page.get_by_text("What would you decide, knowing this?")).to_be_visible()
            text = shown(page)
            assert "score" not in text
            assert "Officer" not in text
            assert page.get_by_test_id("stVegaLiteChart").count() == 0
        # By the keyboard alone, as somebody who decides a hundred a day.
        for page in pages.values():
            page.keyboard.press("1")
            driving.settle(page, timeout_s=120)
            expect(page.get_by_text("You have decided blind")).to_be_visible()
        for page in pages.values():
            assert "Another person" not in shown(page)
            page.get_by_role("button", name="Something matters that the model does not know").last.click()
            driving.settle(page)
            press(page, "Keep it and go on")
    written = entries(store)
    finals = [(actor, body["case"], body["decision"]) for kind, actor, body in written if kind == "final"]
    assert len(finals) == 2 * CASES_EACH
    assert {decision for _, _, decision in finals} == {"approve"}
    firsts = [body["case"] for kind, _, body in written if kind == "final" and body["place"] == 1]
    assert len(firsts) == len(set(firsts))
    for page in pages.values():
        page.context.close()


def test_a_reload_and_another_browser_find_what_was_decided(
    browser: Browser, served: str, filled: tuple[Path, str]
) -> None:
    store, _ = filled
    page = open_as(browser, served, "Dan Officer")
    press(page, "Start deciding")
    case = case_of(page)
    page.keyboard.press("3")
    driving.settle(page, timeout_s=120)
    page.context.close()
    assert entries(store)[-1][0] == "blind"
    again = open_as(browser, served, "Dan Officer")
    assert case_of(again) == case
    expect(again.get_by_text("could not say")).to_be_visible()
    again.context.close()
