"""People who use the app as they find it: they read, click on what they read, type, and every act is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import driving
from playwright.sync_api import Locator, Page


@dataclass
class Person:
    """Somebody in front of a page; finds everything by the text that can be seen."""

    page: Page
    actions: int = 0

    def reads(self) -> str:
        """Return all that can be read in the main part of the page."""
        driving.settle(self.page, timeout_s=120)
        text = self.page.locator("[data-testid=stMain]").inner_text()
        return re.sub(r"\s+", " ", text.replace("\N{WORD JOINER}", ""))

    def clicks(self, words: str) -> None:
        """Click on some words in the main part of the page."""
        self._clicks(self.page.locator("[data-testid=stMain]"), words)

    def pushes(self, words: str) -> None:
        """Push the button that bears some words, where other things bear them too."""
        self.actions += 1
        self.page.get_by_role("button", name=words, exact=True).filter(visible=True).first.click()
        self._waits()

    def goes_to(self, title: str) -> None:
        """Click on the title of a page in the navigation."""
        self._clicks(self.page.locator("[data-testid=stSidebar]"), title)

    def types(self, words: str, into: str) -> None:
        """Write into the box under some words, and leave it."""
        self.actions += 1
        box = self.page.get_by_role("textbox", name=into).filter(visible=True).first
        box.fill(words)
        box.press("Tab")
        self._waits()

    def chooses(self, option: str, of: str) -> None:
        """Open the list under some words and click on one of its lines."""
        self.actions += 1
        field = self.page.get_by_role("combobox", name=of).filter(visible=True).first
        # Typed, not clicked: on a busy machine the list can move under the pointer.
        field.click()
        field.fill(option)
        self.page.get_by_role("option", name=option, exact=True).first.wait_for()
        self.page.wait_for_timeout(300)
        field.press("Enter")
        self._waits()

    def uploads(self, file: Path, into: str) -> None:
        """Drop a file into the box under some words."""
        self.actions += 1
        box = self.page.get_by_test_id("stFileUploader").filter(has_text=into)
        box.locator("input[type=file]").set_input_files(str(file))
        self._waits()

    def presses(self, key: str) -> None:
        """Press one key."""
        self.actions += 1
        self.page.keyboard.press(key)
        self._waits()

    def _clicks(self, where: Locator, words: str) -> None:
        self.actions += 1
        where.get_by_text(words, exact=True).filter(visible=True).first.click()
        self._waits()

    def _waits(self) -> None:
        self.page.wait_for_timeout(400)
        driving.settle(self.page, timeout_s=120)
