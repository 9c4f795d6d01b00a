"""Somebody who has no mouse: what they reach with Tab, whether they see where they are, and what they press."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import driving
from PIL import Image, ImageChops
from playwright.sync_api import Page

#: What has the focus: its name as a screen reader has it, its kind, and where it is on the screen.
_HERE = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const box = e.getBoundingClientRect();
    const own = e.matches('a, button, summary') ? e.innerText : '';
    const name = e.getAttribute('aria-label') || [...(e.labels ?? [])].map(l => l.innerText).join(' ') || own;
    return {name: (name ?? '').trim(), kind: e.getAttribute('role') ?? e.type ?? e.tagName.toLowerCase(),
            x: box.x, y: box.y, width: box.width, height: box.height, tall: innerHeight, wide: innerWidth};
}"""
#: Pixels around what has the focus: its ring, and a switch beside its hidden field.
_ROUND = 60
#: How much a pixel must change, of 255, and how many of them, to be seen. Streamlit tints the links of its navigation
#: by about 10 only; what we draw ourselves has no focus of its own.
_SEEN, _PIXELS = 6, 40


@dataclass
class Keyboard:
    """The keyboard of one page.

    Parameters
    ----------
    page : Page
        What is shown.
    way : list of str
        Names of all that had the focus, for the message of a failure.
    """

    page: Page
    way: list[str] = field(default_factory=list)

    def reach(self, name: str, *, back: bool = False, most: int = 90) -> None:
        """Press Tab until something whose name begins so has the focus."""
        for _ in range(most):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            here = self.page.evaluate(_HERE)
            self.way.append("" if here is None else here["name"])
            # An icon is read as a line of its own.
            if here is not None and any(line.startswith(name) for line in here["name"].splitlines()):
                return
        msg = f"{name!r} cannot be reached with Tab. The way was: {self.way[-most:]}"
        raise AssertionError(msg)

    def press(self, *keys: str) -> None:
        """Press keys, and wait for what they do."""
        for key in keys:
            self.page.keyboard.press(key)
        driving.settle(self.page, timeout_s=120)

    def types(self, text: str) -> None:
        """Type a text where the focus is."""
        self.page.keyboard.type(text)

    def sees_where(self) -> bool:
        """Whether the screen shows what has the focus: it looks different without."""
        here = self.page.evaluate(_HERE)
        assert here is not None, "nothing has the focus"
        assert 0 <= here["y"] < here["tall"], f"{here['name']!r} has the focus and is not on the screen"
        left, top = max(0, here["x"] - _ROUND), max(0, here["y"] - _ROUND)
        clip = {
            "x": left,
            "y": top,
            "width": min(here["width"] + 2 * _ROUND, here["wide"] - left),
            "height": min(here["height"] + 2 * _ROUND, here["tall"] - top),
        }
        self.page.wait_for_timeout(150)
        with_focus = self.page.screenshot(clip=clip)  # type: ignore[arg-type]
        self.page.evaluate("() => { window.had = document.activeElement; window.had.blur(); }")
        self.page.wait_for_timeout(150)
        without = self.page.screenshot(clip=clip)  # type: ignore[arg-type]
        self.page.evaluate("() => window.had.focus({focusVisible: true})")
        one, two = (Image.open(io.BytesIO(shot)).convert("RGB") for shot in (with_focus, without))
        changed = ImageChops.difference(one, two).convert("L").point(lambda shade: 255 * (shade > _SEEN))
        return changed.histogram()[255] >= _PIXELS
