"""What axe finds on a page, without what is provably Streamlit's."""

from __future__ import annotations

from dataclasses import dataclass

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
#: No rules of WCAG, but what makes a page easy to walk through with a screen reader.
ORDER = ("heading-order", "page-has-heading-one", "empty-heading", "landmark-one-main", "empty-table-header")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What axe may find: one rule, on elements of one selector only.

    Parameters
    ----------
    rule, selector : str
        Every element that axe names must match the selector.
    why : str
        Why it is Streamlit's and nothing of ours.
    """

    rule: str
    selector: str
    why: str


ALLOWED = (
    Allowed(
        rule="list",
        selector="ul[data-testid=stSidebarNavItems]",
        why="Streamlit writes the sections of its navigation as <div> between <ul> and <li>.",
    ),
    Allowed(
        rule="listitem",
        selector="ul[data-testid=stSidebarNavItems] li",
        why="The same: the <li> lie in the <div> of their section.",
    ),
    Allowed(
        rule="color-contrast",
        selector="[data-testid=stMultiSelect] span[data-tag] > span[title]",
        why="Streamlit writes what is chosen in white on `primaryColor`, in which it also writes the values of sliders "
        "on the background. On a dark page no colour has 4.5 : 1 to both: white on the background is 18 : 1, less than "
        "4.5 times 4.5.",
    ),
)


#: Rules on colours: the only ones whose answer a theme can change.
COLOURS = ("color-contrast", "link-in-text-block")
#: Elements by what the browser knows them by, and only of what was found: less to carry than all of axe's answer.
_RUN = """async ([context, options]) => (await axe.run(context, options)).violations.flatMap(found => found.nodes.map(
    node => [found.id, node.target[0], node.html.slice(0, 160)]))"""


def findings(page: Page, *, context: str = "html", rules: tuple[str, ...] = ()) -> list[str]:
    """Return what axe finds on a page as it is shown now, as ``rule: element``.

    Parameters
    ----------
    page : Page
        Where it is shown.
    context : str
        Selector of the part that is looked at.
    rules : tuple of str
        Names of the rules; none = those of WCAG 2.2 A and AA, and some on the order of a page.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = (
        {"runOnly": {"type": "rule", "values": [*rules]}}
        if rules
        else {"runOnly": [*WCAG], "rules": {name: {"enabled": True} for name in ORDER}}
    )
    found = page.evaluate(_RUN, [context, options | {"resultTypes": ["violations"]}])
    return [f"{rule}: {html}" for rule, target, html in found if not _is_allowed(page, rule, str(target))]


def _is_allowed(page: Page, rule: str, target: str) -> bool:
    return any(
        rule == one.rule and page.locator(target).first.evaluate("(e, s) => e.matches(s)", one.selector)
        for one in ALLOWED
    )
